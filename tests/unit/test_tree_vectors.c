/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: roots, proofs, tiles and checks agree with public vectors: those of Certificate
 * Transparency, 518 probes of transparency-dev with proofs that must and must not hold, the tiles of a
 * public log.
 * Oracle: the files under ../shared/standards; without them the tests are skipped and say so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <fts.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/str.h"
#include "merkle/tiles.h"

#include "crypto_help.h"

#define SHARED "/../shared/standards/"

static void shared_path(const char *name, char out[512])
{
    const char *root = getenv("SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe): one thread */
    assert_in_range(snprintf(out, 512, "%s" SHARED "%s", root ? root : ".", name), 1, 511);
}

/* The path, or the test ends here. */
static void need_shared(const char *name, char out[512])
{
    shared_path(name, out);
    if (access(out, R_OK) != 0) {
        print_message("skipped: '%s' is not there\n", out);
        skip();
    }
}

/*
 * A JSON file. Numbers of 19 and more digits become text: the reader cannot hold 2^64 - 1, which is
 * where some of the probes are.
 */
static json_t *load(const char *path)
{
    static char text[1 << 20];
    static char quoted[1 << 21];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = file >= 0 ? read(file, text, sizeof(text) - 1) : -1;
    assert_in_range(len, 1, (ssize_t)sizeof(text) - 2);
    assert_int_equal(close(file), 0);
    text[len] = '\0';
    size_t out = 0;
    for (const char *at = text; *at != '\0';) {
        size_t digits = at > text && at[-1] == ' ' ? strspn(at, "0123456789") : 0;
        const char *mark = digits >= 19 ? "\"" : "";
        digits = digits > 0 ? digits : 1;
        out += (size_t)snprintf(quoted + out, sizeof(quoted) - out, "%s%.*s%s", mark, (int)digits,
                at, mark);
        at += digits;
    }
    json_error_t why;
    json_t *tree = json_loadb(quoted, out, 0, &why);
    if (!tree) {
        fail_msg("%s: %s", path, why.text);
    }
    return tree;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static uint64_t number_of(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    uint64_t large = 0;
    if (json_is_string(number)) {
        assert_true(onus_str_to_u64(onus_str_of(json_string_value(number)), UINT64_MAX, &large));
        return large;
    }
    assert_true(json_is_integer(number));
    return (uint64_t)json_integer_value(number);
}

static struct onus_digest digest_of(const char *hex)
{
    struct onus_digest digest;
    assert_int_equal(unhex(hex, digest.bytes, sizeof(digest.bytes)), sizeof(digest.bytes));
    return digest;
}

static void proof_of(const json_t *list, struct onus_proof *out)
{
    size_t i = 0;
    json_t *value = NULL;
    assert_in_range(json_array_size(list), 0, ONUS_PROOF_MAX);
    out->count = json_array_size(list);
    json_array_foreach(list, i, value)
    {
        out->hashes[i] = digest_of(json_string_value(value));
    }
}

static void assert_same_proof(const struct onus_proof *got, const struct onus_proof *wanted)
{
    assert_int_equal(got->count, wanted->count);
    assert_memory_equal(got->hashes, wanted->hashes, wanted->count * sizeof(wanted->hashes[0]));
}

/* ---- rfc6962.json ----------------------------------------------------------------------------- */

static struct onus_digest leaves[8];
static struct onus_digest roots[9];

static void work_on(struct onus_digest work[8])
{
    memcpy(work, leaves, sizeof(leaves));
}

static void check_hashes(const json_t *vectors)
{
    size_t i = 0;
    json_t *value = NULL;
    struct onus_digest work[8];
    json_array_foreach(json_object_get(vectors, "leaves"), i, value)
    {
        char bytes[64];
        size_t len = unhex(json_string_value(value), bytes, sizeof(bytes));
        onus_leaf_hash((struct onus_str){bytes, len}, &leaves[i]);
        struct onus_digest wanted = digest_of(
                json_string_value(json_array_get(json_object_get(vectors, "leaf_hashes"), i)));
        assert_memory_equal(leaves[i].bytes, wanted.bytes, 32);
    }
    assert_int_equal(i, 8);
    for (i = 0; i <= 8; i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "%zu", i);
        work_on(work);
        onus_tree_root(NULL, work, i, &roots[i]);
        struct onus_digest wanted = digest_of(text_of(json_object_get(vectors, "roots"), key));
        assert_memory_equal(roots[i].bytes, wanted.bytes, 32);
    }
}

static void check_proofs(const json_t *vectors)
{
    size_t i = 0;
    json_t *value = NULL;
    struct onus_digest work[8];
    struct onus_proof wanted;
    struct onus_proof got;
    json_array_foreach(json_object_get(vectors, "inclusion"), i, value)
    {
        uint64_t index = number_of(value, "index");
        uint64_t size = number_of(value, "size");
        proof_of(json_object_get(value, "proof"), &wanted);
        work_on(work);
        assert_int_equal(onus_inclusion_prove(NULL, work, size, index, &got, NULL), ONUS_OK);
        assert_same_proof(&got, &wanted);
        assert_int_equal(onus_inclusion_verify(&leaves[index], index, size, onus_proof_view(&got),
                                 &roots[size], NULL),
                ONUS_OK);
    }
    assert_in_range(i, 36, 100);
    json_array_foreach(json_object_get(vectors, "consistency"), i, value)
    {
        uint64_t old_size = number_of(value, "size1");
        uint64_t size = number_of(value, "size2");
        proof_of(json_object_get(value, "proof"), &wanted);
        work_on(work);
        assert_int_equal(onus_consistency_prove(NULL, work, size, old_size, &got, NULL), ONUS_OK);
        assert_same_proof(&got, &wanted);
        assert_int_equal(onus_consistency_verify(old_size, &roots[old_size], size, &roots[size],
                                 onus_proof_view(&got), NULL),
                old_size == 0 && size > 0 ? ONUS_E_MISSING : ONUS_OK);
    }
    assert_in_range(i, 36, 100);
}

static void certificate_transparency_has_the_same_roots_and_proofs(void **state)
{
    (void)state;
    char path[512];
    need_shared("vectors/rfc6962.json", path);
    json_t *vectors = load(path);
    check_hashes(vectors);
    check_proofs(vectors);
    json_decref(vectors);
}

/* ---- tlog_tiles.json -------------------------------------------------------------------------- */

static void *numbered_leaves(size_t count)
{
    struct onus_digest *hashes = calloc(count, sizeof(*hashes));
    assert_non_null(hashes);
    for (size_t i = 0; i < count; i++) {
        char entry[4] = {(char)(i >> 24), (char)(i >> 16), (char)(i >> 8), (char)i};
        onus_leaf_hash((struct onus_str){entry, sizeof(entry)}, &hashes[i]);
    }
    return hashes;
}

static void check_tile(const struct onus_digest *hashes, size_t width, const json_t *hex)
{
    if (json_is_null(hex)) {
        return;
    }
    struct onus_digest wanted = digest_of(json_string_value(hex));
    struct onus_digest got;
    onus_sha256((struct onus_str){(const char *)hashes, width * sizeof(*hashes)}, &got);
    assert_memory_equal(got.bytes, wanted.bytes, 32);
}

/* Level by level: the hashes of one level are the roots of the tiles below. */
static void check_levels(uint64_t size, const json_t *levels)
{
    struct onus_digest *hashes = numbered_leaves((size_t)size);
    size_t count = (size_t)size;
    size_t level = 0;
    json_t *value = NULL;
    json_array_foreach(levels, level, value)
    {
        uint64_t full = number_of(value, "full");
        uint64_t partial = number_of(value, "partial");
        assert_int_equal(onus_tile_width((unsigned)level, full, size), partial);
        assert_int_equal(onus_tile_width((unsigned)level, full + 1, size), 0);
        assert_true(full == 0 || onus_tile_width((unsigned)level, full - 1, size) == 256);
        check_tile(hashes, 256, json_object_get(value, "tile0_sha256"));
        check_tile(hashes + full * 256, partial, json_object_get(value, "partial_sha256"));
        count /= 256;
        for (size_t i = 0; i < count; i++) {
            struct onus_digest tile[256];
            memcpy(tile, hashes + i * 256, sizeof(tile));
            onus_tree_root(NULL, tile, 256, &hashes[i]);
        }
    }
    free(hashes);
}

static void tiles_have_the_same_hashes_and_names(void **state)
{
    (void)state;
    char path[512];
    need_shared("vectors/tlog_tiles.json", path);
    json_t *vectors = load(path);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(json_object_get(vectors, "roots"), key, value)
    {
        uint64_t size = strtoull(key, NULL, 10);
        struct onus_digest *hashes = numbered_leaves((size_t)size);
        struct onus_digest wanted = digest_of(json_string_value(value));
        struct onus_digest got;
        onus_tree_root(NULL, hashes, (size_t)size, &got);
        assert_memory_equal(got.bytes, wanted.bytes, 32);
        free(hashes);
    }
    json_object_foreach(json_object_get(vectors, "tiles"), key, value)
    {
        check_levels(strtoull(key, NULL, 10), value);
    }
    json_object_foreach(json_object_get(vectors, "tile_index_paths"), key, value)
    {
        char name[ONUS_TILE_PATH_MAX];
        struct onus_tile tile = {.width = 256, .index = strtoull(key, NULL, 10)};
        (void)onus_tile_path(tile, name);
        assert_string_equal(name + strlen("tile/0/"), json_string_value(value));
    }
    json_decref(vectors);
}

/* ---- the probes ------------------------------------------------------------------------------- */

/* False when the text is no hash of 32 bytes: whoever reads the proof refuses it there. */
static bool base64_digest(const json_t *value, struct onus_digest *out)
{
    uint8_t bytes[256];
    const char *text = json_string_value(value);
    if (!text || strlen(text) != 44 || text[43] != '=') {
        return false;
    }
    if (EVP_DecodeBlock(bytes, (const uint8_t *)text, 44) != 33) {
        return false;
    }
    memcpy(out->bytes, bytes, 32);
    return true;
}

/*
 * Some probes write words where it does not matter which root stands there, only whether it is the same
 * one: any text that is not a hash becomes one of its own.
 */
static struct onus_digest root_from(const json_t *probe, const char *key)
{
    struct onus_digest root;
    const char *text = text_of(probe, key);
    if (!base64_digest(json_object_get(probe, key), &root)) {
        onus_sha256(onus_str_of(text), &root);
    }
    return root;
}

static bool proof_from(const json_t *probe, struct onus_proof *out)
{
    const json_t *list = json_object_get(probe, "proof");
    out->count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (out->count == ONUS_PROOF_MAX ||
                !base64_digest(json_array_get(list, i), &out->hashes[out->count++])) {
            return false;
        }
    }
    return true;
}

static enum onus_code judge(const json_t *probe)
{
    struct onus_proof proof;
    if (!proof_from(probe, &proof)) {
        return ONUS_E_FORMAT;
    }
    struct onus_digests view = onus_proof_view(&proof);
    bool part = json_object_get(probe, "start") != NULL;
    if (json_object_get(probe, "leafIdx")) {
        struct onus_digest leaf;
        if (!base64_digest(json_object_get(probe, "leafHash"), &leaf)) {
            return ONUS_E_FORMAT;
        }
        struct onus_digest root = root_from(probe, "root");
        uint64_t index = number_of(probe, "leafIdx");
        return part ? onus_subtree_inclusion_verify(&leaf, index, number_of(probe, "start"),
                              number_of(probe, "end"), view, &root, NULL)
                    : onus_inclusion_verify(&leaf, index, number_of(probe, "treeSize"), view, &root,
                              NULL);
    }
    struct onus_digest root1 = root_from(probe, "root1");
    struct onus_digest root2 = root_from(probe, "root2");
    return part ? onus_subtree_consistency_verify(number_of(probe, "start"),
                          number_of(probe, "end"), &root1, number_of(probe, "size"), &root2, view,
                          NULL)
                : onus_consistency_verify(number_of(probe, "size1"), &root1,
                          number_of(probe, "size2"), &root2, view, NULL);
}

static void all_probes_of_transparency_dev_are_judged_alike(void **state)
{
    (void)state;
    static const char *const kinds[] = {"inclusion", "consistency", "subtreeinclusion",
            "subtreeconsistency"};
    size_t count = 0;
    size_t held = 0;
    for (size_t k = 0; k < ONUS_COUNT(kinds); k++) {
        char name[64];
        char path[512];
        (void)snprintf(name, sizeof(name), "tlog/testdata/%s", kinds[k]);
        need_shared(name, path);
        char *const roots_of_walk[] = {path, NULL};
        FTS *walk = fts_open(roots_of_walk, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        assert_non_null(walk);
        for (FTSENT *entry = NULL; (entry = fts_read(walk)) != NULL;) {
            if (entry->fts_info != FTS_F ||
                    !onus_str_ends(onus_str_of(entry->fts_name), ONUS_STR(".json"))) {
                continue;
            }
            json_t *probe = load(entry->fts_path);
            bool wanted = !json_is_true(json_object_get(probe, "wantErr"));
            if ((judge(probe) == ONUS_OK) != wanted) {
                fail_msg("%s: judged otherwise", entry->fts_path);
            }
            held += wanted;
            count++;
            json_decref(probe);
        }
        assert_int_equal(fts_close(walk), 0);
    }
    print_message("probes: %zu, of which %zu hold\n", count, held);
    assert_int_equal(count, 518);
    assert_in_range(held, 20, 100);
}

/* ---- a public log ----------------------------------------------------------------------------- */

static enum onus_code read_file(void *data, struct onus_tile tile, struct onus_digest *out,
        struct onus_error *err)
{
    char path[1024];
    char name[ONUS_TILE_PATH_MAX];
    (void)onus_tile_path(tile, name);
    (void)snprintf(path, sizeof(path), "%s/%s", (const char *)data, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t want = (ssize_t)tile.width * (ssize_t)sizeof(*out);
    ssize_t got = file >= 0 ? read(file, out, (size_t)want) : -1;
    if (file >= 0) {
        (void)close(file);
    }
    return got == want ? ONUS_OK : onus_fail(err, ONUS_E_MISSING, "no such tile");
}

static struct onus_tiled tree;

static struct onus_digest base64_root(const char *text)
{
    struct onus_digest root;
    json_t *value = json_string(text);
    assert_true(base64_digest(value, &root));
    json_decref(value);
    return root;
}

/* Only tiles of level 0 are kept of this one: 778 leaves of navigli2025h2. */
static void the_tiles_of_a_public_log_lead_to_its_root(void **state)
{
    (void)state;
    static struct onus_digest hashes[1024];
    char path[512];
    struct onus_digest got;
    struct onus_digest wanted = base64_root("+WnHOMRZl/LG1669oeskbdK9bcO4nkrY1cfVyknC52U=");
    need_shared("tlog/testdata/navigli2025h2", path);
    for (uint64_t i = 0; i < 4; i++) {
        struct onus_tile tile = {0, (uint16_t)onus_tile_width(0, i, 778), i};
        assert_int_equal(read_file(path, tile, hashes + i * 256, NULL), ONUS_OK);
    }
    onus_tree_root(NULL, hashes, 778, &got);
    assert_memory_equal(got.bytes, wanted.bytes, 32);
}

/* A mirror of 300 leaves with both levels, and the checkpoint that was signed over it. */
static void a_mirror_proves_each_of_its_leaves(void **state)
{
    (void)state;
    char path[512];
    char name[600];
    char line[3][200] = {"", "", ""};
    need_shared("tlog/cmd/skylight/testdata/witness/mirror/"
                "000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706",
            path);
    (void)snprintf(name, sizeof(name), "%s/checkpoint", path);
    FILE *file = fopen(name, "re");
    assert_non_null(file);
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(fgets(line[i], sizeof(line[i]), file));
        line[i][strcspn(line[i], "\n")] = '\0';
    }
    assert_int_equal(fclose(file), 0);
    uint64_t size = 0;
    assert_true(onus_str_to_u64(onus_str_of(line[1]), 65536, &size));
    struct onus_digest root = base64_root(line[2]);
    struct onus_digest got;
    onus_tiled_init(&tree, (struct onus_tile_reader){read_file, path}, size);
    assert_int_equal(onus_tiled_root(&tree, &got, NULL), ONUS_OK);
    assert_memory_equal(got.bytes, root.bytes, 32);
    for (uint64_t i = 0; i < size; i++) {
        struct onus_digest leaf;
        struct onus_proof proof;
        assert_int_equal(onus_tiled_hash(&tree, 0, i, &leaf, NULL), ONUS_OK);
        assert_int_equal(onus_tiled_inclusion(&tree, i, &proof, NULL), ONUS_OK);
        assert_int_equal(onus_inclusion_verify(&leaf, i, size, onus_proof_view(&proof), &root,
                                 NULL),
                ONUS_OK);
    }
    assert_int_equal(onus_tiled_hash(&tree, 0, size, &got, NULL), ONUS_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(certificate_transparency_has_the_same_roots_and_proofs),
            cmocka_unit_test(tiles_have_the_same_hashes_and_names),
            cmocka_unit_test(all_probes_of_transparency_dev_are_judged_alike),
            cmocka_unit_test(the_tiles_of_a_public_log_lead_to_its_root),
            cmocka_unit_test(a_mirror_proves_each_of_its_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
