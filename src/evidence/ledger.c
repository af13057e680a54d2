/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "evidence/fields.h"
#include "evidence/release.h"
#include "sys/durable.h"
#include "text/hex.h"
#include "text/timestamp.h"

static const char magic[] = "onus/ledger/v1";

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
    struct onus_fields fields;
    struct onus_ledger_entry *entries;
    struct onus_ledger_opening *openings;
    size_t entry_count, opening_count;
    struct onus_digest sum; /* before the entry in hand */
    const char *begin;      /* of the entry in hand */
};

static bool take_tag(struct onus_fields *fields, struct onus_tag *out)
{
    return onus_fields_hex(fields, out->bytes, sizeof(out->bytes));
}

static bool take_mask(struct onus_fields *fields, uint32_t *out)
{
    uint64_t mask = 0;
    if (!onus_fields_number(fields, &mask) || mask == 0 || mask >> ONUS_SLOTS_MAX != 0) {
        return false;
    }
    *out = (uint32_t)mask;
    return true;
}

static bool take_opening(struct reading *reading, struct onus_ledger_opening *out)
{
    struct onus_fields *fields = &reading->fields;
    uint64_t count = 0;
    *out = (struct onus_ledger_opening){.bundle = reading->entry_count};
    if (onus_fields_line(fields, "head")) {
        out->kind = ONUS_LEDGER_HEAD;
        return take_tag(fields, &out->tag) && onus_fields_number(fields, &out->first) &&
               onus_fields_number(fields, &out->last) && out->first <= out->last &&
               take_mask(fields, &out->mask) && onus_fields_done(fields);
    }
    if (onus_fields_line(fields, "lines")) {
        out->kind = ONUS_LEDGER_LINES;
        return take_tag(fields, &out->tag) && onus_fields_number(fields, &out->seq) &&
               onus_fields_number(fields, &out->first) && onus_fields_number(fields, &out->last) &&
               out->first <= out->last && onus_fields_done(fields);
    }
    if (onus_fields_line(fields, "parts")) {
        out->kind = ONUS_LEDGER_PARTS;
        bool good = take_tag(fields, &out->tag) && onus_fields_number(fields, &out->seq) &&
                    onus_fields_number(fields, &out->first) && onus_fields_number(fields, &count) &&
                    count >= 1 && count <= ONUS_PARTS_MAX && take_mask(fields, &out->mask) &&
                    out->mask >> count == 0 && onus_fields_done(fields);
        out->last = out->first;
        out->count = (uint32_t)count;
        return good;
    }
    out->kind = ONUS_LEDGER_KEY;
    return onus_fields_line(fields, "key") && take_tag(fields, &out->tag) &&
           onus_fields_number(fields, &out->first) && onus_fields_number(fields, &out->last) &&
           out->first <= out->last &&
           onus_fields_hex(fields, out->key.bytes, sizeof(out->key.bytes)) &&
           onus_fields_done(fields);
}

static bool take_entry(struct reading *reading, struct onus_ledger_entry *out)
{
    struct onus_fields *fields = &reading->fields;
    bool good = onus_fields_line(fields, "bundle") && onus_fields_number(fields, &out->number) &&
                out->number == reading->entry_count + 1 &&
                onus_fields_hex(fields, out->bundle.bytes, sizeof(out->bundle.bytes)) &&
                onus_fields_number(fields, &out->time) && onus_fields_number(fields, &out->size);
    if (good && !onus_fields_done(fields)) {
        good = onus_fields_rest(fields, &out->to) && out->to.len > 0;
    }
    out->has_custody = good && onus_fields_line(fields, "custody");
    if (out->has_custody) {
        good = onus_fields_hex(fields, out->custody.bytes, sizeof(out->custody.bytes)) &&
               onus_fields_done(fields);
    }
    return good;
}

/* Chain: SHA-256 of the sum before and the bytes of the entry up to its own. */
static void chain(const struct onus_digest *before, struct onus_str lines, struct onus_digest *out)
{
    struct onus_sha256 hash;
    onus_sha256_init(&hash);
    onus_sha256_add(&hash, onus_digest_view(before));
    onus_sha256_add(&hash, lines);
    onus_sha256_end(&hash, out);
}

static enum onus_code take_sum(struct reading *reading, struct onus_str lines,
        struct onus_digest *out, struct onus_error *err)
{
    struct onus_digest want;
    chain(&reading->sum, lines, &want);
    if (!onus_fields_hex(&reading->fields, out->bytes, sizeof(out->bytes)) ||
            !onus_fields_done(&reading->fields)) {
        return onus_fields_fail(&reading->fields, err);
    }
    if (!onus_digest_eq(&want, out)) {
        return onus_fail(err, ONUS_E_MISMATCH, "the ledger was changed in entry %zu",
                reading->entry_count + 1);
    }
    return ONUS_OK;
}

static enum onus_code read_entry(struct reading *reading, struct onus_error *err)
{
    const char *begin = reading->fields.rest.ptr;
    struct onus_ledger_entry *entry = &reading->entries[reading->entry_count];
    if (!take_entry(reading, entry)) {
        return onus_fields_fail(&reading->fields, err);
    }
    for (;;) {
        struct onus_str lines = {begin, (size_t)(reading->fields.rest.ptr - begin)};
        if (onus_fields_line(&reading->fields, "sum")) {
            enum onus_code code = take_sum(reading, lines, &entry->sum, err);
            reading->sum = entry->sum;
            reading->entry_count += code == ONUS_OK;
            return code;
        }
        if (!take_opening(reading, &reading->openings[reading->opening_count++])) {
            return onus_fields_fail(&reading->fields, err);
        }
    }
}

/* Up to the line feed of the last line "sum ...". */
static size_t whole_length(struct onus_str text)
{
    size_t end = text.len;
    while (end > 0) {
        struct onus_str before = onus_str_sub(text, 0, end);
        size_t feed = onus_str_rfind_char(before, '\n');
        if (feed == ONUS_STR_NPOS) {
            return 0;
        }
        size_t start = onus_str_rfind_char(onus_str_sub(text, 0, feed), '\n');
        start = start == ONUS_STR_NPOS ? 0 : start + 1;
        if (onus_str_begins(onus_str_from(text, start), ONUS_STR("sum ")) && feed - start == 68) {
            return feed + 1;
        }
        end = feed;
    }
    return 0;
}

enum onus_code onus_ledger_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_ledger *out, struct onus_error *err)
{
    struct onus_str whole = onus_str_sub(text, 0, whole_length(text));
    struct reading reading = {.entry_count = 0};
    size_t lines = 1;
    for (size_t i = 0; i < whole.len; i++) {
        lines += whole.ptr[i] == '\n';
    }
    reading.entries = onus_arena_alloc(arena, lines * sizeof(*reading.entries));
    reading.openings = onus_arena_alloc(arena, lines * sizeof(*reading.openings));
    if (!reading.entries || !reading.openings) {
        return onus_arena_reason(arena, err);
    }
    onus_fields_init(&reading.fields, whole, "ledger");
    if (whole.len > 0 && !onus_fields_exact(&reading.fields, magic)) {
        return onus_fields_fail(&reading.fields, err);
    }
    while (!onus_fields_end(&reading.fields)) {
        enum onus_code code = read_entry(&reading, err);
        if (code != ONUS_OK) {
            return code;
        }
    }
    *out = (struct onus_ledger){reading.entries, reading.entry_count, reading.openings,
            reading.opening_count, whole.len};
    return ONUS_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Lines of one entry; whole lines that follow one another are gathered. */
struct entering {
    struct onus_buffer *out;
    const struct onus_group *head_of;
    uint32_t head_mask;
    const struct onus_item *item;
    uint32_t part_mask;
    const struct onus_group *lines_of;
    uint64_t first, last;
};

static void put_tag(struct onus_buffer *out, const char *word, const struct onus_tag *tag)
{
    onus_buffer_add_text(out, word);
    onus_fields_put_hex(out, tag->bytes, sizeof(tag->bytes));
}

static void flush(struct entering *entering)
{
    struct onus_buffer *out = entering->out;
    if (entering->head_mask != 0) {
        put_tag(out, "head", &entering->head_of->tag);
        onus_fields_put_number(out, entering->head_of->first);
        onus_fields_put_number(out, entering->head_of->last);
        onus_fields_put_number(out, entering->head_mask);
        onus_buffer_add_char(out, '\n');
        entering->head_mask = 0;
    }
    if (entering->lines_of) {
        put_tag(out, "lines", &entering->lines_of->tag);
        onus_fields_put_number(out, entering->lines_of->first);
        onus_fields_put_number(out, entering->first);
        onus_fields_put_number(out, entering->last);
        onus_buffer_add_char(out, '\n');
        entering->lines_of = NULL;
    }
    if (entering->part_mask != 0) {
        put_tag(out, "parts", &entering->head_of->tag);
        onus_fields_put_number(out, entering->head_of->first);
        onus_fields_put_number(out, entering->item->record.index);
        onus_fields_put_number(out, entering->item->record.slot_count);
        onus_fields_put_number(out, entering->part_mask);
        onus_buffer_add_char(out, '\n');
        entering->part_mask = 0;
    }
}

static void enter_line(struct entering *entering, const struct onus_released *released)
{
    if (entering->lines_of == released->group && released->line == entering->last + 1) {
        entering->last = released->line;
        return;
    }
    flush(entering);
    entering->lines_of = released->group;
    entering->first = released->line;
    entering->last = released->line;
}

static void enter_one(void *data, const struct onus_released *released)
{
    struct entering *entering = data;
    if (released->has_line && released->slot->kind == ONUS_SLOT_LINE) {
        entering->item = released->item;
        enter_line(entering, released);
        return;
    }
    if (entering->head_of != released->group || entering->item != released->item) {
        flush(entering);
    }
    entering->head_of = released->group;
    entering->item = released->item;
    if (!released->item) {
        entering->head_mask |= 1u << released->place;
    } else if (released->has_line) {
        entering->part_mask |= 1u << released->place;
    } else if (released->slot->kind == ONUS_SLOT_ROW_KEY) {
        put_tag(entering->out, "key", &released->group->tag);
        onus_fields_put_number(entering->out, released->group->first);
        onus_fields_put_number(entering->out, released->group->last);
        onus_fields_put_hex(entering->out, released->slot->value.ptr, released->slot->value.len);
        onus_buffer_add_char(entering->out, '\n');
    }
}

enum onus_code onus_ledger_add(const struct onus_ledger *ledger, const struct onus_ledger_new *what,
        struct onus_buffer *out, struct onus_error *err)
{
    for (size_t i = 0; i < what->to.len; i++) {
        if ((unsigned char)what->to.ptr[i] < 0x20 || what->to.ptr[i] == 0x7f) {
            return onus_fail(err, ONUS_E_ARGUMENT,
                    "a name in the ledger has no control characters");
        }
    }
    struct onus_digest digest;
    struct onus_digest sum = {{0}};
    onus_sha256(what->bytes, &digest);
    if (ledger->entry_count == 0) {
        onus_buffer_add_text(out, magic);
        onus_buffer_add_char(out, '\n');
    } else {
        sum = ledger->entries[ledger->entry_count - 1].sum;
    }
    size_t begin = out->len;
    onus_buffer_add_text(out, "bundle");
    onus_fields_put_number(out, ledger->entry_count + 1);
    onus_fields_put_hex(out, digest.bytes, sizeof(digest.bytes));
    onus_fields_put_number(out, what->time);
    onus_fields_put_number(out, what->bytes.len);
    if (what->to.len > 0) {
        onus_buffer_add_char(out, ' ');
        onus_buffer_add_str(out, what->to);
    }
    onus_buffer_add_char(out, '\n');
    if (what->custody) {
        onus_buffer_add_text(out, "custody");
        onus_fields_put_hex(out, what->custody->bytes, sizeof(what->custody->bytes));
        onus_buffer_add_char(out, '\n');
    }
    struct entering entering = {.out = out};
    onus_release_walk(what->bundle, enter_one, &entering);
    flush(&entering);
    enum onus_code code = onus_buffer_status(out, err);
    if (code == ONUS_OK) {
        chain(&sum, onus_str_from(onus_buffer_view(out), begin), &digest);
        onus_buffer_add_text(out, "sum");
        onus_fields_put_hex(out, digest.bytes, sizeof(digest.bytes));
        onus_buffer_add_char(out, '\n');
        code = onus_buffer_status(out, err);
    }
    return code;
}

/* ---- together -------------------------------------------------------------------------------- */

static int compare_openings(const void *a, const void *b)
{
    const struct onus_ledger_opening *x = a;
    const struct onus_ledger_opening *y = b;
    int order = memcmp(x->tag.bytes, y->tag.bytes, sizeof(x->tag.bytes));
    order = order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
    order = order != 0 ? order : (x->kind > y->kind) - (x->kind < y->kind);
    order = order != 0 ? order : (x->first > y->first) - (x->first < y->first);
    return order != 0 ? order : (x->bundle > y->bundle) - (x->bundle < y->bundle);
}

/* A copy by source, batch, kind and line; NULL when there is no memory. */
static struct onus_ledger_opening *sorted_openings(const struct onus_ledger *ledger)
{
    struct onus_ledger_opening *sorted = malloc((ledger->opening_count + 1) * sizeof(*sorted));
    if (sorted && ledger->opening_count > 0) {
        memcpy(sorted, ledger->openings, ledger->opening_count * sizeof(*sorted));
        qsort(sorted, ledger->opening_count, sizeof(*sorted), compare_openings);
    }
    return sorted;
}

/* Parts of one line over all bundles before, and the last bundle that opened one of them. */
struct before {
    uint32_t mask;
    size_t bundle;
    bool any;
};

static struct before opened_before(const struct onus_ledger_opening *sorted, size_t count,
        const struct onus_tag *tag, uint64_t seq, uint64_t line)
{
    struct before before = {.mask = 0};
    struct onus_ledger_opening wanted = {.kind = ONUS_LEDGER_PARTS,
            .tag = *tag,
            .seq = seq,
            .first = line};
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_openings(&sorted[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < count; low++) {
        wanted.bundle = sorted[low].bundle;
        if (compare_openings(&sorted[low], &wanted) != 0) {
            break;
        }
        before.bundle = wanted.bundle;
        before.any = true;
        before.mask |= sorted[low].mask;
    }
    return before;
}

static void say_union(const struct onus_ledger *ledger, const struct onus_group *group,
        uint64_t line, size_t bundle, struct onus_buffer *out)
{
    char time[ONUS_TIME_TEXT];
    const struct onus_ledger_entry *entry = &ledger->entries[bundle];
    (void)onus_time_format((int64_t)entry->time * ONUS_USEC, time);
    onus_buffer_printf(out, "together with bundle %" PRIu64 " of %.10s", entry->number, time);
    if (entry->to.len > 0) {
        onus_buffer_add_text(out, " (to ");
        onus_buffer_add_str(out, entry->to);
        onus_buffer_add_char(out, ')');
    }
    onus_buffer_printf(out, " this opens the whole of line %" PRIu64 " of batch %" PRIu64 "\n",
            line, group->first);
}

/* The line of this record becomes whole: 1, else 0. */
static size_t unite(const struct onus_ledger *ledger, const struct onus_ledger_opening *sorted,
        const struct onus_group *group, const struct onus_leaf *record, struct onus_buffer *out)
{
    uint32_t own = 0;
    uint32_t all = (1u << record->slot_count) - 1;
    for (size_t i = 0; i < record->slot_count; i++) {
        own |= (uint32_t)record->slots[i].open << i;
    }
    struct before before =
            opened_before(sorted, ledger->opening_count, &group->tag, group->first, record->index);
    if (!before.any || own == all || before.mask == all || (own | before.mask) != all) {
        return 0;
    }
    say_union(ledger, group, record->index, before.bundle, out);
    return 1;
}

enum onus_code onus_ledger_union(const struct onus_ledger *ledger, const struct onus_bundle *bundle,
        struct onus_buffer *out, size_t *said, struct onus_error *err)
{
    struct onus_ledger_opening *sorted = sorted_openings(ledger);
    if (!sorted) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    *said = 0;
    for (const struct onus_group *group = bundle->groups; group; group = group->next) {
        for (const struct onus_item *item = group->items; item; item = item->next) {
            if (item->kind == ONUS_ITEM_RECORD && item->profile == ONUS_PROFILE_PARTS) {
                *said += unite(ledger, sorted, group, &item->record, out);
            }
        }
    }
    free(sorted);
    return ONUS_OK;
}

/* Ranges of whole lines may overlap between bundles; a part is counted once by its bit. */
static void count_sorted(const struct onus_ledger_opening *sorted, size_t count,
        struct onus_ledger_sum *out)
{
    uint64_t end = 0; /* first line of this batch that was not counted yet */
    uint32_t mask = 0;
    for (size_t i = 0; i < count; i++) {
        const struct onus_ledger_opening *at = &sorted[i];
        bool same = i > 0 && at->kind == at[-1].kind && at->seq == at[-1].seq &&
                    onus_tag_eq(&at->tag, &at[-1].tag);
        end = same ? end : 0;
        if (at->kind == ONUS_LEDGER_LINES && at->last + 1 > end) {
            out->lines += at->last + 1 - (at->first > end ? at->first : end);
            end = at->last + 1;
        } else if (at->kind == ONUS_LEDGER_PARTS) {
            mask = same && at->first == at[-1].first ? mask : 0;
            out->parts += (uint64_t)__builtin_popcount(at->mask & ~mask);
            mask |= at->mask;
        }
    }
}

enum onus_code onus_ledger_count(const struct onus_ledger *ledger, struct onus_ledger_sum *out,
        struct onus_error *err)
{
    struct onus_ledger_opening *sorted = sorted_openings(ledger);
    if (!sorted) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    *out = (struct onus_ledger_sum){.bundles = ledger->entry_count};
    count_sorted(sorted, ledger->opening_count, out);
    free(sorted);
    return ONUS_OK;
}

/* ---- on a disk ------------------------------------------------------------------------------- */

enum onus_code onus_ledger_read(int at, struct onus_arena *arena, struct onus_ledger *out,
        struct onus_error *err)
{
    struct onus_str text;
    enum onus_code code =
            onus_durable_read(at, ONUS_LEDGER_PATH, ONUS_LEDGER_MAX, arena, &text, err);
    if (code == ONUS_E_MISSING) {
        text = ONUS_STR("");
        code = ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = onus_ledger_parse(text, arena, out, err);
        if (code != ONUS_OK) {
            onus_context(err, "'" ONUS_LEDGER_PATH "'");
        }
    }
    return code;
}

static enum onus_code append(int at, const struct onus_ledger *ledger, struct onus_str text,
        struct onus_error *err)
{
    struct onus_durable_append file;
    enum onus_code code = onus_append_open(&file, at, ONUS_LEDGER_PATH, ledger->used, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = onus_append_add(&file, text, err);
    if (code == ONUS_OK) {
        code = onus_append_sync(&file, err);
    }
    onus_append_close(&file);
    return code;
}

enum onus_code onus_ledger_enter(int at, const struct onus_ledger *ledger,
        const struct onus_ledger_new *what, struct onus_error *err)
{
    struct onus_buffer text = {.limit = 0};
    struct onus_arena arena;
    struct onus_ledger now = {.entry_count = 0};
    int lock = -1;
    onus_arena_init(&arena, ONUS_LEDGER_MAX * 4);
    enum onus_code code = onus_ledger_add(ledger, what, &text, err);
    if (code == ONUS_OK) {
        code = onus_lock_take(at, ONUS_LEDGER_PATH ".lock", &lock, err);
    }
    if (code == ONUS_OK) {
        code = onus_ledger_read(at, &arena, &now, err);
        if (code == ONUS_OK &&
                (now.entry_count != ledger->entry_count || now.used != ledger->used)) {
            code = onus_fail(err, ONUS_E_MISMATCH,
                    "the ledger has grown meanwhile; what is opened together must be looked at again");
        }
        if (code == ONUS_OK) {
            code = append(at, ledger, onus_buffer_view(&text), err);
        }
        onus_lock_release(lock);
    }
    onus_arena_clear(&arena);
    onus_buffer_clear(&text);
    return code;
}
