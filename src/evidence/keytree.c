/* SPDX-License-Identifier: Apache-2.0 */
#include "keytree.h"

#include "base/str.h"
#include "evidence/fields.h"
#include "text/decimal.h"
#include "text/hex.h"

#include <stdlib.h>

enum {
    DEPTH = 32
};

#define MAGIC "onus/keytree/v1\n"

static void child(const struct onus_digest *key, bool right, struct onus_digest *out)
{
    struct onus_str bit = right ? ONUS_STR("1") : ONUS_STR("0");
    struct onus_digest from = *key;
    onus_hmac_sha256(onus_digest_view(&from), &bit, 1, out);
    explicit_bzero(&from, sizeof(from));
}

/* Seqs below a node: 2^(32 - depth). */
static uint64_t width(const struct onus_keynode *node)
{
    return UINT64_C(1) << (DEPTH - node->depth);
}

static bool covers(const struct onus_keynode *node, uint64_t seq)
{
    return seq >= node->prefix && seq - node->prefix < width(node);
}

/* The last node that begins at or below seq; SIZE_MAX when none covers it. */
static size_t find(const struct onus_keytree *tree, uint64_t seq)
{
    size_t low = 0;
    size_t high = tree->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree->nodes[middle].prefix <= seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && covers(&tree->nodes[low - 1], seq) ? low - 1 : SIZE_MAX;
}

static enum onus_code reserve(struct onus_keytree *tree, size_t count, struct onus_error *err)
{
    if (count <= tree->size) {
        return ONUS_OK;
    }
    if (count > ONUS_KEYTREE_NODES_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a key tree has more than %d pieces",
                ONUS_KEYTREE_NODES_MAX);
    }
    size_t size = count < 32 ? 64 : count * 2;
    /* Not realloc(): it would leave a copy of the keys behind. */
    struct onus_keynode *nodes = calloc(size, sizeof(*nodes));
    if (!nodes) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory");
    }
    if (tree->count > 0) {
        memcpy(nodes, tree->nodes, tree->count * sizeof(*nodes));
        explicit_bzero(tree->nodes, tree->count * sizeof(*nodes));
    }
    free(tree->nodes);
    tree->nodes = nodes;
    tree->size = size;
    return ONUS_OK;
}

enum onus_code onus_keytree_init(struct onus_keytree *tree, const struct onus_digest *k_source,
        struct onus_error *err)
{
    struct onus_keytree made = {.count = 0};
    enum onus_code code = reserve(&made, 1, err);
    if (code != ONUS_OK) {
        return code;
    }
    made.nodes[0] = (struct onus_keynode){.prefix = 0, .depth = 0, .key = *k_source};
    made.count = 1;
    uint8_t named[8 + 32] = "onus/src";
    memcpy(named + 8, k_source->bytes, 32);
    struct onus_digest digest;
    onus_sha256((struct onus_str){(const char *)named, sizeof(named)}, &digest);
    memcpy(made.tag.bytes, digest.bytes, sizeof(made.tag.bytes));
    struct onus_str words = ONUS_STR("onus/rollups");
    onus_hmac_sha256(onus_digest_view(k_source), &words, 1, &made.rollups);
    words = ONUS_STR("onus/source");
    onus_hmac_sha256(onus_digest_view(k_source), &words, 1, &made.source_n);
    explicit_bzero(named, sizeof(named));
    *tree = made;
    return ONUS_OK;
}

void onus_keytree_clear(struct onus_keytree *tree)
{
    if (tree->nodes) {
        explicit_bzero(tree->nodes, tree->size * sizeof(*tree->nodes));
        free(tree->nodes);
    }
    explicit_bzero(tree, sizeof(*tree));
}

enum onus_code onus_keytree_batch(const struct onus_keytree *tree, uint64_t seq,
        struct onus_digest *out, struct onus_error *err)
{
    size_t at = seq <= ONUS_SEQ_MAX ? find(tree, seq) : SIZE_MAX;
    if (at == SIZE_MAX) {
        return onus_fail(err, ONUS_E_MISSING, "the key of batch %llu is not there",
                (unsigned long long)seq);
    }
    const struct onus_keynode *node = &tree->nodes[at];
    struct onus_digest key = node->key;
    for (int bit = DEPTH - 1 - node->depth; bit >= 0; bit--) {
        child(&key, (seq >> bit & 1) != 0, &key);
    }
    *out = key;
    explicit_bzero(&key, sizeof(key));
    return ONUS_OK;
}

void onus_keytree_rollup(const struct onus_keytree *tree, uint64_t first, uint64_t last,
        struct onus_digest *out)
{
    uint8_t range[16];
    onus_be64_put(range, first);
    onus_be64_put(range + 8, last);
    struct onus_str part = {(const char *)range, sizeof(range)};
    onus_hmac_sha256(onus_digest_view(&tree->rollups), &part, 1, out);
}

/*
 * The nodes beside the path from `node` to seq, in ascending order; left or right of it only when
 * asked for. Returns how many.
 */
static size_t split(const struct onus_keynode *node, uint64_t seq, bool keep_left,
        struct onus_keynode out[static DEPTH])
{
    struct onus_keynode left[DEPTH];
    struct onus_keynode right[DEPTH];
    size_t lefts = 0;
    size_t rights = 0;
    struct onus_keynode at = *node;
    while (at.depth < DEPTH) {
        struct onus_keynode sides[2] = {at, at};
        uint32_t half = UINT32_C(1) << (DEPTH - 1 - at.depth);
        for (unsigned b = 0; b < 2; b++) {
            sides[b].depth = (uint8_t)(at.depth + 1);
            child(&at.key, b == 1, &sides[b].key);
        }
        sides[1].prefix = at.prefix | half;
        bool goes_right = (seq & half) != 0;
        if (!goes_right) {
            right[rights++] = sides[1];
        } else if (keep_left) {
            left[lefts++] = sides[0];
        }
        at = sides[goes_right ? 1 : 0];
    }
    size_t count = 0;
    for (size_t i = 0; i < lefts; i++) {
        out[count++] = left[i];
    }
    for (size_t i = rights; i > 0; i--) {
        out[count++] = right[i - 1];
    }
    explicit_bzero(left, sizeof(left));
    explicit_bzero(right, sizeof(right));
    explicit_bzero(&at, sizeof(at));
    return count;
}

/* Replace nodes [from, to) by others. */
static enum onus_code replace(struct onus_keytree *tree, size_t from, size_t to,
        const struct onus_keynode *by, size_t count, struct onus_error *err)
{
    size_t total = tree->count - (to - from) + count;
    enum onus_code code = reserve(tree, total, err);
    if (code != ONUS_OK) {
        return code;
    }
    memmove(tree->nodes + from + count, tree->nodes + to,
            (tree->count - to) * sizeof(*tree->nodes));
    if (count > 0) {
        memcpy(tree->nodes + from, by, count * sizeof(*by));
    }
    if (tree->count > total) {
        explicit_bzero(tree->nodes + total, (tree->count - total) * sizeof(*tree->nodes));
    }
    tree->count = total;
    return ONUS_OK;
}

enum onus_code onus_keytree_puncture(struct onus_keytree *tree, uint64_t seq,
        struct onus_error *err)
{
    if (seq > ONUS_SEQ_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "no batch has the number %llu",
                (unsigned long long)seq);
    }
    size_t at = find(tree, seq);
    if (at == SIZE_MAX) {
        return ONUS_OK;
    }
    struct onus_keynode beside[DEPTH];
    size_t count = split(&tree->nodes[at], seq, true, beside);
    enum onus_code code = replace(tree, at, at + 1, beside, count, err);
    explicit_bzero(beside, sizeof(beside));
    return code;
}

enum onus_code onus_keytree_advance(struct onus_keytree *tree, uint64_t seq, struct onus_error *err)
{
    if (seq == 0) {
        return ONUS_OK;
    }
    if (seq > ONUS_SEQ_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "no batch has the number %llu",
                (unsigned long long)seq);
    }
    size_t gone = 0;
    while (gone < tree->count && tree->nodes[gone].prefix + width(&tree->nodes[gone]) <= seq) {
        gone++;
    }
    struct onus_keynode beside[DEPTH];
    size_t count = 0;
    size_t end = gone;
    if (gone < tree->count && tree->nodes[gone].prefix < seq) {
        count = split(&tree->nodes[gone], seq - 1, false, beside);
        end = gone + 1;
    }
    enum onus_code code = replace(tree, 0, end, beside, count, err);
    explicit_bzero(beside, sizeof(beside));
    return code;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void add_hex_line(struct onus_buffer *out, const char *word, const void *bytes, size_t size)
{
    onus_buffer_add_text(out, word);
    onus_buffer_add_char(out, ' ');
    onus_hex_add(out, (struct onus_str){bytes, size});
    onus_buffer_add_char(out, '\n');
}

void onus_keytree_format(const struct onus_keytree *tree, struct onus_buffer *out)
{
    size_t start = out->len;
    onus_buffer_add_text(out, MAGIC);
    add_hex_line(out, "tag", tree->tag.bytes, sizeof(tree->tag.bytes));
    add_hex_line(out, "rollups", tree->rollups.bytes, 32);
    add_hex_line(out, "source", tree->source_n.bytes, 32);
    for (size_t i = 0; i < tree->count; i++) {
        const struct onus_keynode *node = &tree->nodes[i];
        onus_buffer_add_text(out, "node ");
        onus_buffer_add_u64(out, node->depth);
        onus_buffer_add_char(out, ' ');
        onus_buffer_add_u64(out, node->prefix);
        onus_buffer_add_char(out, ' ');
        onus_hex_add(out, onus_digest_view(&node->key));
        onus_buffer_add_char(out, '\n');
    }
    onus_fields_put_sum(out, start);
}

static bool take_hex(struct onus_str *text, struct onus_str word, void *out, size_t size)
{
    struct onus_str line;
    return onus_str_skip(text, word) && onus_str_cut(text, '\n', &line) &&
           onus_hex_exact(line, out, size);
}

static bool parse_node(struct onus_str line, struct onus_keynode *out)
{
    struct onus_str depth_text;
    struct onus_str prefix_text;
    uint64_t depth = 0;
    uint64_t prefix = 0;
    if (!onus_str_cut(&line, ' ', &depth_text) || !onus_str_cut(&line, ' ', &prefix_text) ||
            !onus_decimal_parse(depth_text, &depth) || !onus_decimal_parse(prefix_text, &prefix) ||
            depth > DEPTH || prefix > ONUS_SEQ_MAX ||
            !onus_hex_exact(line, out->key.bytes, sizeof(out->key.bytes))) {
        return false;
    }
    out->depth = (uint8_t)depth;
    out->prefix = (uint32_t)prefix;
    return (prefix & (width(out) - 1)) == 0;
}

static enum onus_code parse_nodes(struct onus_str *text, struct onus_keytree *tree,
        const char *start, struct onus_error *err)
{
    uint64_t free_from = 0;
    while (onus_str_skip(text, ONUS_STR("node "))) {
        struct onus_keynode node = {.depth = 0};
        struct onus_str line;
        uint64_t offset = (uint64_t)(text->ptr - start);
        if (!onus_str_cut(text, '\n', &line) || !parse_node(line, &node)) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset, "a node of a key tree is malformed");
        }
        if (node.prefix < free_from) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset,
                    "nodes of a key tree overlap or do not ascend");
        }
        free_from = node.prefix + width(&node);
        enum onus_code code = reserve(tree, tree->count + 1, err);
        if (code != ONUS_OK) {
            return code;
        }
        tree->nodes[tree->count++] = node;
    }
    return ONUS_OK;
}

enum onus_code onus_keytree_parse(struct onus_str text, struct onus_keytree *out,
        struct onus_error *err)
{
    const char *start = text.ptr;
    struct onus_keytree tree = {.count = 0};
    if (!onus_str_skip(&text, ONUS_STR(MAGIC)) ||
            !take_hex(&text, ONUS_STR("tag "), tree.tag.bytes, sizeof(tree.tag.bytes)) ||
            !take_hex(&text, ONUS_STR("rollups "), tree.rollups.bytes, 32) ||
            !take_hex(&text, ONUS_STR("source "), tree.source_n.bytes, 32)) {
        onus_keytree_clear(&tree);
        return onus_fail_at(err, ONUS_E_FORMAT, start ? (uint64_t)(text.ptr - start) : 0,
                "no key tree of version 1");
    }
    enum onus_code code = parse_nodes(&text, &tree, start, err);
    struct onus_fields fields;
    onus_fields_init(&fields, (struct onus_str){start, (size_t)(text.ptr - start) + text.len},
            "key tree");
    fields.rest = text;
    if (code == ONUS_OK && !onus_fields_sum(&fields)) {
        code = onus_fail_at(err, ONUS_E_FORMAT, (uint64_t)(text.ptr - start),
                "a key tree does not end as it should");
    }
    if (code != ONUS_OK) {
        onus_keytree_clear(&tree);
        return code;
    }
    *out = tree;
    return ONUS_OK;
}

void onus_salt_of(const struct onus_digest *batch_key, uint64_t slot, struct onus_salt *out)
{
    uint8_t message[9 + 32 + 8] = "onus/salt";
    memcpy(message + 9, batch_key->bytes, 32);
    onus_be64_put(message + 41, slot / 2);
    struct onus_digest pair;
    onus_sha256((struct onus_str){(const char *)message, sizeof(message)}, &pair);
    memcpy(out->bytes, pair.bytes + (slot % 2 == 1 ? 16 : 0), sizeof(out->bytes));
    explicit_bzero(message, sizeof(message));
    explicit_bzero(&pair, sizeof(pair));
}
