/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

#include <inttypes.h>
#include <stdlib.h>

#include "index_parts.h"

uint64_t onus_index_lines(const struct onus_index *index)
{
    return index->count > 0 ? index->rows[index->count - 1].lines : 0;
}

uint64_t onus_index_attempts(const struct onus_index *index)
{
    return index->count > 0 ? index->rows[index->count - 1].attempts : 0;
}

size_t onus_index_find(const struct onus_index *index, const struct onus_key *key, bool *found)
{
    size_t low = 0;
    size_t high = index->count;
    size_t best = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t known = middle;
        while (known < high && index->rows[known].key_gone) {
            known++;
        }
        if (known < high && onus_key_compare(&index->rows[known].key, key) < 0) {
            low = known + 1;
        } else {
            best = known < high ? known : best;
            high = middle;
        }
    }
    *found = best < index->count && onus_key_compare(&index->rows[best].key, key) == 0;
    return best;
}

bool onus_index_sums(struct onus_index_row *rows, size_t count)
{
    uint64_t lines = 0;
    uint64_t attempts = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].own_lines > (uint64_t)INT64_MAX - lines ||
                rows[i].own_attempts > (uint64_t)INT64_MAX - attempts) {
            return false;
        }
        lines += rows[i].own_lines;
        attempts += rows[i].own_attempts;
        rows[i].lines = lines;
        rows[i].attempts = attempts;
    }
    return true;
}

/* ---- line numbers ---------------------------------------------------------------------------- */

struct onus_postings onus_postings_of(const struct onus_index *index, size_t row)
{
    const struct onus_index_row *at = &index->rows[row];
    struct onus_postings postings = {.left = index->has_postings ? at->own_lines : 0};
    if (postings.left > 0) {
        postings.rest = (struct onus_str){index->postings.ptr + at->postings_at,
                index->postings.len - at->postings_at};
    }
    return postings;
}

bool onus_postings_next(struct onus_postings *postings)
{
    uint64_t step = 0;
    if (postings->left == 0 || !onus_varint_take(&postings->rest, &step)) {
        return false;
    }
    postings->line += step; /* the first is counted from 0 */
    postings->left--;
    return true;
}

enum {
    MESSAGES = 1024, /* how many are hashed at once */
    NUMBER = 8,
    GATHERED = 1 << 16, /* leaf hashes whose roots are computed together */
};

/* Leaf hashes of line numbers: SHA-256(00 || be64). */
struct numbers {
    const struct onus_sha256_kernel *kernel;
    size_t waiting, done; /* messages not yet hashed; hashes in `out` */
    struct onus_digest *out;
    struct onus_message messages[MESSAGES];
};

static void numbers_flush(struct numbers *numbers)
{
    onus_sha256_many(numbers->kernel, numbers->messages, numbers->waiting,
            numbers->out + numbers->done);
    numbers->done += numbers->waiting;
    numbers->waiting = 0;
}

static void numbers_add(struct numbers *numbers, uint64_t line)
{
    if (numbers->waiting == MESSAGES) {
        numbers_flush(numbers);
    }
    struct onus_message *message = &numbers->messages[numbers->waiting++];
    message->head[0] = 0; /* a leaf */
    onus_be64_put(message->head + 1, line);
    message->head_length = 1 + NUMBER;
    message->body = ONUS_STR("");
}

/*
 * Trees of many rows at once, level by level, so that small ones share the lanes: `counts` leaf hashes
 * lie one tree after the other in `hashes`; their roots come to the places where the trees began.
 */
static void many_roots(const struct onus_sha256_kernel *kernel, struct onus_digest *hashes,
        size_t *counts, size_t trees, struct onus_digest *pairs, struct onus_digest *roots)
{
    bool again = true;
    while (again) {
        size_t used = 0;
        size_t at = 0;
        for (size_t i = 0; i < trees; at += counts[i], i++) {
            memcpy(pairs + used, hashes + at, (counts[i] & ~(size_t)1) * sizeof(*pairs));
            used += counts[i] & ~(size_t)1;
        }
        onus_sha256_nodes(kernel, pairs, used / 2, pairs);
        size_t from = 0;
        size_t to = 0;
        at = 0;
        again = false;
        for (size_t i = 0; i < trees; i++) { /* what is odd goes up as it is */
            size_t count = counts[i];
            memcpy(hashes + to, pairs + from, count / 2 * sizeof(*pairs));
            from += count / 2;
            if (count % 2 == 1) {
                hashes[to + count / 2] = hashes[at + count - 1];
            }
            at += count;
            counts[i] = count / 2 + count % 2;
            to += counts[i];
            again = again || counts[i] > 1;
        }
    }
    memcpy(roots, hashes, trees * sizeof(*roots));
}

/* Room for the trees of some rows, used again and again. */
struct gathering {
    struct numbers numbers;
    struct onus_digest hashes[GATHERED];
    struct onus_digest pairs[GATHERED];
    struct onus_digest roots[GATHERED];
    size_t counts[GATHERED];
    size_t rows[GATHERED];
    size_t row_count;
};

static void gathered_roots(struct gathering *gathering, struct onus_index *index)
{
    numbers_flush(&gathering->numbers);
    many_roots(gathering->numbers.kernel, gathering->hashes, gathering->counts,
            gathering->row_count, gathering->pairs, gathering->roots);
    for (size_t i = 0; i < gathering->row_count; i++) {
        index->rows[gathering->rows[i]].postings = gathering->roots[i];
    }
    gathering->row_count = 0;
    gathering->numbers.done = 0;
}

/*
 * The tree of one row that does not fit: roots of its full pieces are the leaves of a tree of their
 * own, since a piece is a power of two and the last one may be shorter (RFC 6962, 2.1).
 */
static enum onus_code large_root(struct gathering *gathering, struct onus_index *index, size_t row,
        struct onus_error *err)
{
    size_t pieces = (size_t)((index->rows[row].own_lines + GATHERED - 1) / GATHERED);
    struct onus_digest *tops = malloc(pieces * sizeof(*tops));
    if (!tops) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    struct onus_postings postings = onus_postings_of(index, row);
    for (size_t i = 0; i < pieces; i++) {
        gathering->numbers.done = 0;
        for (size_t j = 0; j < GATHERED && onus_postings_next(&postings); j++) {
            numbers_add(&gathering->numbers, postings.line);
        }
        numbers_flush(&gathering->numbers);
        onus_tree_root(gathering->numbers.kernel, gathering->hashes, gathering->numbers.done,
                &tops[i]);
    }
    gathering->numbers.done = 0;
    onus_tree_root(gathering->numbers.kernel, tops, pieces, &index->rows[row].postings);
    free(tops);
    return ONUS_OK;
}

enum onus_code onus_index_postings_roots(struct onus_index *index,
        const struct onus_sha256_kernel *kernel, struct onus_error *err)
{
    struct gathering *gathering = malloc(sizeof(*gathering));
    if (!gathering) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    gathering->row_count = 0;
    gathering->numbers.kernel = kernel;
    gathering->numbers.waiting = 0;
    gathering->numbers.done = 0;
    gathering->numbers.out = gathering->hashes;
    size_t held = 0;
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; code == ONUS_OK && i < index->count; i++) {
        uint64_t own = index->rows[i].own_lines;
        if (own == 0) {
            onus_tree_empty_root(&index->rows[i].postings);
            continue;
        }
        if (held + own > GATHERED) {
            gathered_roots(gathering, index);
            held = 0;
        }
        if (own > GATHERED) {
            code = large_root(gathering, index, i, err);
            continue;
        }
        struct onus_postings postings = onus_postings_of(index, i);
        while (onus_postings_next(&postings)) {
            numbers_add(&gathering->numbers, postings.line);
        }
        gathering->rows[gathering->row_count] = i;
        gathering->counts[gathering->row_count++] = (size_t)own;
        held += (size_t)own;
    }
    if (code == ONUS_OK) {
        gathered_roots(gathering, index);
    }
    free(gathering);
    return code;
}

/* The tree of one row as far as it is needed for one path. */
enum onus_code onus_index_posting_prove(const struct onus_index *index, size_t row, uint64_t line,
        uint64_t *place, struct onus_proof *out, struct onus_error *err)
{
    if (!index->has_postings) {
        return onus_fail(err, ONUS_E_MISSING, "this index has no line numbers");
    }
    size_t count = (size_t)index->rows[row].own_lines;
    struct numbers *numbers = malloc(sizeof(*numbers));
    struct onus_digest *hashes = malloc((count + 1) * sizeof(*hashes));
    enum onus_code code = ONUS_OK;
    if (numbers && hashes) {
        numbers->kernel = NULL;
        numbers->waiting = 0;
        numbers->done = 0;
        numbers->out = hashes;
        struct onus_postings postings = onus_postings_of(index, row);
        uint64_t found = UINT64_MAX;
        for (uint64_t i = 0; onus_postings_next(&postings); i++) {
            numbers_add(numbers, postings.line);
            found = postings.line == line ? i : found;
        }
        numbers_flush(numbers);
        if (found == UINT64_MAX) {
            code = onus_fail(err, ONUS_E_ARGUMENT, "line %" PRIu64 " is not one of this row", line);
        } else {
            code = onus_inclusion_prove(NULL, hashes, count, found, out, err);
        }
        if (code == ONUS_OK) {
            *place = found;
        }
    } else {
        code = onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    free(hashes);
    free(numbers);
    return code;
}

/* ---- slots and leaves ------------------------------------------------------------------------ */

struct onus_str onus_index_value(const struct onus_index_row *row, unsigned j,
        uint8_t room[static ONUS_INDEX_VALUE_MAX])
{
    switch (j) {
    case 0:
        return (struct onus_str){(const char *)row->key.bytes, sizeof(row->key.bytes)};
    case 1:
        onus_be64_put(room, row->lines);
        return (struct onus_str){(const char *)room, NUMBER};
    case 2:
        return onus_digest_view(&row->postings);
    default:
        onus_be64_put(room, row->attempts);
        return (struct onus_str){(const char *)room, NUMBER};
    }
}

/* Salts of `count` slots from number `first` on. */
static void draw_salts(const struct onus_index_salts *from, size_t row, size_t rows,
        struct onus_digest *scratch, struct onus_salt *out)
{
    size_t count = rows * ONUS_ROW_SLOTS;
    if (!from->key) {
        memcpy(out, from->salts + row * ONUS_ROW_SLOTS, count * sizeof(*out));
        return;
    }
    uint64_t first = from->first_slot + (uint64_t)row * ONUS_ROW_SLOTS;
    onus_sha256_salts(NULL, from->key, first / 2, (first + count + 1) / 2, scratch);
    memcpy(out, (const uint8_t *)scratch + first % 2 * sizeof(*out), count * sizeof(*out));
}

enum {
    ROWS_AT_ONCE = 256,
    SLOTS_AT_ONCE = ROWS_AT_ONCE * ONUS_ROW_SLOTS,
    ROW_ENTRY = 2 + ONUS_ROW_SLOTS * 32, /* 'I' || 04 || C_1 .. C_4 */
};

/* Working space for the hashes of some rows. */
struct row_hashing {
    struct onus_digest salt_pairs[SLOTS_AT_ONCE / 2 + 1];
    struct onus_salt salts[SLOTS_AT_ONCE];
    uint8_t numbers[SLOTS_AT_ONCE][ONUS_INDEX_VALUE_MAX];
    struct onus_message messages[SLOTS_AT_ONCE];
    struct onus_digest commits[SLOTS_AT_ONCE];
    uint8_t entries[ROWS_AT_ONCE][ROW_ENTRY];
};

/* Commitments of all slots of `rows` rows from `row` on; *gone counts erased keys so far. */
static void commit_rows(struct row_hashing *work, const struct onus_index *index,
        const struct onus_index_salts *salts, size_t row, size_t rows, size_t *gone,
        const struct onus_sha256_kernel *kernel)
{
    draw_salts(salts, row, rows, work->salt_pairs, work->salts);
    for (size_t i = 0; i < rows * ONUS_ROW_SLOTS; i++) {
        unsigned j = (unsigned)(i % ONUS_ROW_SLOTS);
        struct onus_message *message = &work->messages[i];
        message->head[0] = 0x02;
        message->head[1] = (uint8_t)(ONUS_SLOT_ROW_KEY + j);
        memcpy(message->head + 2, work->salts[i].bytes, sizeof(work->salts[i].bytes));
        message->head_length = 2 + sizeof(work->salts[i].bytes);
        message->body =
                onus_index_value(&index->rows[row + i / ONUS_ROW_SLOTS], j, work->numbers[i]);
    }
    onus_sha256_many(kernel, work->messages, rows * ONUS_ROW_SLOTS, work->commits);
    for (size_t i = 0; i < rows; i++) {
        if (index->rows[row + i].key_gone) {
            work->commits[i * ONUS_ROW_SLOTS] = salts->gone[(*gone)++];
        }
    }
}

void onus_index_row_slots(const struct onus_index *index, size_t row,
        const struct onus_index_salts *salts, struct onus_index_slots *out)
{
    struct onus_digest pairs[ONUS_ROW_SLOTS / 2 + 1];
    draw_salts(salts, row, 1, pairs, out->salts);
    for (unsigned j = 0; j < ONUS_ROW_SLOTS; j++) {
        uint8_t room[ONUS_INDEX_VALUE_MAX];
        onus_slot_commit((uint8_t)(ONUS_SLOT_ROW_KEY + j), &out->salts[j],
                onus_index_value(&index->rows[row], j, room), &out->commits[j]);
    }
    if (index->rows[row].key_gone) {
        size_t before = 0;
        for (size_t i = 0; i < row; i++) {
            before += index->rows[i].key_gone;
        }
        out->commits[0] = salts->gone[before];
    }
}

enum onus_code onus_index_leaves(const struct onus_index *index,
        const struct onus_index_salts *salts, const struct onus_sha256_kernel *kernel,
        struct onus_digest *out, struct onus_error *err)
{
    struct row_hashing *work = malloc(sizeof(*work));
    if (!work) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    size_t gone = 0;
    for (size_t row = 0; row < index->count; row += ROWS_AT_ONCE) {
        size_t rows = index->count - row < ROWS_AT_ONCE ? index->count - row : ROWS_AT_ONCE;
        commit_rows(work, index, salts, row, rows, &gone, kernel);
        for (size_t i = 0; i < rows; i++) {
            uint8_t *entry = work->entries[i];
            entry[0] = ONUS_PROFILE_ROW;
            entry[1] = ONUS_ROW_SLOTS;
            memcpy(entry + 2, &work->commits[i * ONUS_ROW_SLOTS], ROW_ENTRY - 2);
            work->messages[i] = (struct onus_message){.head = {0},
                    .head_length = 1,
                    .body = {(const char *)entry, ROW_ENTRY}};
        }
        onus_sha256_many(kernel, work->messages, rows, out + row);
    }
    free(work);
    return ONUS_OK;
}

enum onus_code onus_index_root(const struct onus_index *index, const struct onus_index_salts *salts,
        const struct onus_sha256_kernel *kernel, struct onus_digest *out, struct onus_error *err)
{
    struct onus_digest *leaves = malloc((index->count + 1) * sizeof(*leaves));
    if (!leaves) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    enum onus_code code = onus_index_leaves(index, salts, kernel, leaves, err);
    if (code == ONUS_OK) {
        onus_tree_root(kernel, leaves, index->count, out);
    }
    free(leaves);
    return code;
}

void onus_index_slot49(size_t rows, const struct onus_digest *root,
        uint8_t out[static ONUS_INDEX_SLOT49])
{
    onus_be64_put(out, rows);
    memcpy(out + NUMBER, root->bytes, sizeof(root->bytes));
}
