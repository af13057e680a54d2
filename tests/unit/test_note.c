/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: notes, keys, checkpoints, policies and tlog proofs are read and checked as the C2SP
 * pages say.
 * Oracles: the public vectors of signed-note, tlog-cosignature, tlog-policy and tlog-proof in
 * ../shared/standards/vectors/signed_note.json, read with jansson; the pages, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "proof/tlog_proof.h"
#include "text/base64.h"
#include "text/decimal.h"
#include "text/hex.h"

/* ---- spellings ------------------------------------------------------------------------------- */

static void base64_has_one_spelling(void **state)
{
    (void)state;
    uint8_t bytes[8];
    size_t size = 0;
    static const struct {
        const char *text;
        int size; /* negative: refused */
    } all[] = {{"", 0}, {"AA==", 1}, {"AAA=", 2}, {"AAAA", 3}, {"/+8=", 2}, {"AB==", -1},
            {"AAB=", -1}, {"A===", -1}, {"====", -1}, {"AA=A", -1}, {"AA", -1}, {"AA= ", -1},
            {"AAA\n", -1}, {"A-_A", -1}, {"AAAA=", -1}, {"AAAAAAAAAAAAAAAA", -1}};
    for (size_t i = 0; i < ONUS_COUNT(all); i++) {
        bool good = onus_base64_decode(onus_str_of(all[i].text), bytes, sizeof(bytes), &size);
        assert_int_equal(good, all[i].size >= 0);
        if (good) {
            assert_int_equal(size, all[i].size);
            struct onus_buffer back = {.limit = 0};
            onus_base64_add(&back, (struct onus_str){(const char *)bytes, size});
            assert_true(onus_str_eq(onus_buffer_view(&back), onus_str_of(all[i].text)));
            onus_buffer_clear(&back);
        }
    }
}

static void hexadecimal_and_decimal_have_one_spelling(void **state)
{
    (void)state;
    uint8_t bytes[2];
    uint64_t number = 0;
    assert_true(onus_hex_exact(ONUS_STR("0aff"), bytes, 2));
    assert_int_equal(bytes[0], 0x0a);
    assert_false(onus_hex_exact(ONUS_STR("0AFF"), bytes, 2));
    assert_false(onus_hex_exact(ONUS_STR("0af"), bytes, 2));
    assert_false(onus_hex_exact(ONUS_STR("0aff0"), bytes, 2));
    assert_false(onus_hex_exact(ONUS_STR("0x0a"), bytes, 2));
    assert_true(onus_decimal_parse(ONUS_STR("0"), &number));
    assert_true(onus_decimal_parse(ONUS_STR("999999999999999999"), &number));
    assert_int_equal(number, ONUS_DECIMAL_MAX);
    assert_false(onus_decimal_parse(ONUS_STR("1000000000000000000"), &number));
    assert_false(onus_decimal_parse(ONUS_STR("00"), &number));
    assert_false(onus_decimal_parse(ONUS_STR("01"), &number));
    assert_false(onus_decimal_parse(ONUS_STR(""), &number));
    assert_false(onus_decimal_parse(ONUS_STR("-1"), &number));
    assert_false(onus_decimal_parse(ONUS_STR("1 "), &number));
}

/* ---- the public vectors ---------------------------------------------------------------------- */

static json_t *vectors(void)
{
    char path[1024];
    const char *root = getenv("SOURCE_ROOT");
    (void)snprintf(path, sizeof(path), "%s/../shared/standards/vectors/signed_note.json",
            root ? root : ".");
    json_t *tree = json_load_file(path, 0, NULL);
    if (!tree) {
        (void)printf("skipped: no ../shared/standards/vectors beside the project\n");
        skip();
    }
    return tree;
}

static struct onus_str text_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    return (struct onus_str){json_string_value(value), json_string_length(value)};
}

static enum onus_code verify(struct onus_str note, struct onus_str vkey)
{
    struct onus_note parsed;
    struct onus_vkey key;
    size_t by = 0;
    enum onus_code code = onus_vkey_parse(vkey, &key, NULL);
    assert_int_equal(code, ONUS_OK);
    code = onus_note_parse(note, &parsed, NULL);
    return code == ONUS_OK ? onus_note_verify(&parsed, &key, 1, &by, NULL) : code;
}

static void valid_notes_hold(void **state)
{
    (void)state;
    json_t *tree = vectors();
    json_t *valid = json_object_get(tree, "valid");
    assert_int_equal(json_array_size(valid), 3);
    for (size_t i = 0; i < json_array_size(valid); i++) {
        const json_t *one = json_array_get(valid, i);
        struct onus_str note = text_at(one, "note");
        assert_int_equal(verify(note, text_at(one, "vkey")), ONUS_OK);
        char *copy = malloc(note.len);
        assert_non_null(copy);
        for (size_t bit = 0; bit < note.len * 8; bit++) {
            memcpy(copy, note.ptr, note.len);
            copy[bit / 8] = (char)(copy[bit / 8] ^ (char)(1u << bit % 8));
            struct onus_str flipped = {copy, note.len};
            bool holds = verify(flipped, text_at(one, "vkey")) == ONUS_OK;
            /* Only the line of the other signer, which we do not know, may change. */
            size_t other = onus_str_find(note, ONUS_STR("\n\xe2\x80\x94 PeterNeumann")) + 1;
            size_t end = other + onus_str_find_char(onus_str_from(note, other), '\n');
            bool unknown = i == 2 && bit / 8 >= other && bit / 8 < end;
            assert_int_equal(holds && !unknown, false);
        }
        free(copy);
    }
    json_decref(tree);
}

static void malformed_notes_are_refused(void **state)
{
    (void)state;
    json_t *tree = vectors();
    json_t *malformed = json_object_get(tree, "malformed");
    assert_int_equal(json_array_size(malformed), 8);
    for (size_t i = 0; i < json_array_size(malformed); i++) {
        struct onus_str encoded = text_at(json_array_get(malformed, i), "note_b64");
        char bytes[2048];
        size_t size = 0;
        struct onus_note parsed;
        assert_true(onus_base64_decode(encoded, bytes, sizeof(bytes), &size));
        assert_int_equal(onus_note_parse((struct onus_str){bytes, size}, &parsed, NULL),
                ONUS_E_FORMAT);
    }
    json_decref(tree);
}

static void bad_keys_and_signatures_are_refused(void **state)
{
    (void)state;
    json_t *tree = vectors();
    json_t *keys = json_object_get(tree, "vkey_invalid");
    assert_int_equal(json_array_size(keys), 3);
    for (size_t i = 0; i < json_array_size(keys); i++) {
        struct onus_vkey key;
        assert_int_equal(onus_vkey_parse(text_at(json_array_get(keys, i), "vkey"), &key, NULL),
                ONUS_E_FORMAT);
    }
    const json_t *bad = json_object_get(tree, "bad_signature");
    assert_int_equal(verify(text_at(bad, "note"), text_at(bad, "vkey")), ONUS_E_MISMATCH);
    json_decref(tree);
}

static void cosigned_checkpoints_are_written_as_the_vector_has_them(void **state)
{
    (void)state;
    json_t *tree = vectors();
    const json_t *whole = json_object_get(tree, "cosigned_checkpoint");
    struct onus_str wanted = text_at(whole, "note");
    struct onus_buffer made = {.limit = 0};
    struct onus_buffer message = {.limit = 0};
    struct onus_str body = onus_str_sub(wanted, 0, onus_str_find(wanted, ONUS_STR("\n\n")) + 1);
    struct onus_vkey key;
    struct onus_ed25519_seed seed;
    struct onus_ed25519_signature signature;
    assert_int_equal(onus_vkey_parse(text_at(whole, "log_vkey"), &key, NULL), ONUS_OK);
    assert_true(onus_hex_exact(text_at(whole, "log_seed_hex"), seed.bytes, 32));
    assert_int_equal(onus_ed25519_sign(&seed, body, &signature, NULL), ONUS_OK);
    onus_note_begin(&made, body);
    onus_note_add_signature(&made, &key, &signature);
    json_t *witnesses = json_object_get(whole, "witnesses");
    for (size_t i = 0; i < json_array_size(witnesses); i++) {
        const json_t *one = json_array_get(witnesses, i);
        uint64_t time = (uint64_t)json_integer_value(json_object_get(one, "time"));
        message.len = 0;
        onus_cosignature_message(&message, time, body);
        if (i == 0) {
            assert_true(
                    onus_str_eq(onus_buffer_view(&message), text_at(whole, "cosigned_message_1")));
        }
        assert_int_equal(onus_vkey_parse(text_at(one, "vkey"), &key, NULL), ONUS_OK);
        assert_true(onus_hex_exact(text_at(one, "seed_hex"), seed.bytes, 32));
        assert_int_equal(onus_ed25519_sign(&seed, onus_buffer_view(&message), &signature, NULL),
                ONUS_OK);
        onus_note_add_cosignature(&made, &key, time, &signature);
        struct onus_buffer again = {.limit = 0};
        onus_vkey_add(&again, &key);
        assert_true(onus_str_eq(onus_buffer_view(&again), text_at(one, "vkey")));
        onus_buffer_clear(&again);
    }
    assert_true(onus_str_eq(onus_buffer_view(&made), wanted));
    onus_buffer_clear(&made);
    onus_buffer_clear(&message);
    json_decref(tree);
}

static void a_tlog_proof_holds_by_its_policy(void **state)
{
    (void)state;
    json_t *tree = vectors();
    const json_t *whole = json_object_get(tree, "tlog_proof");
    struct onus_arena arena;
    struct onus_policy policy;
    struct onus_tlog_proof proof;
    struct onus_seen_checkpoint seen;
    struct onus_digest leaf;
    uint8_t entry[4];
    onus_arena_init(&arena, (size_t)1 << 20);
    assert_true(onus_hex_exact(text_at(whole, "entry_hex"), entry, sizeof(entry)));
    onus_leaf_hash((struct onus_str){(const char *)entry, sizeof(entry)}, &leaf);
    assert_int_equal(onus_policy_parse(text_at(whole, "policy"), &arena, &policy, NULL), ONUS_OK);
    assert_int_equal(onus_tlog_proof_parse(text_at(whole, "proof"), &proof, NULL), ONUS_OK);
    assert_int_equal(onus_tlog_proof_check(&policy, &proof, &leaf, &seen, NULL), ONUS_OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.not_after, 1767225660);
    assert_int_equal(seen.not_before, 1767225600);
    assert_true(onus_str_eq(seen.cosigners[0].witness->name, ONUS_STR("B")));

    struct onus_buffer again = {.limit = 0};
    onus_tlog_proof_add(&again, ONUS_STR("demarche"), proof.index, onus_proof_view(&proof.path),
            proof.note);
    assert_true(onus_str_eq(onus_buffer_view(&again), text_at(whole, "proof")));
    onus_buffer_clear(&again);

    leaf.bytes[0] ^= 1;
    assert_int_equal(onus_tlog_proof_check(&policy, &proof, &leaf, &seen, NULL), ONUS_E_MISMATCH);
    leaf.bytes[0] ^= 1;
    proof.index = 4;
    assert_int_equal(onus_tlog_proof_check(&policy, &proof, &leaf, &seen, NULL), ONUS_E_MISMATCH);
    proof.index = 8;
    assert_int_equal(onus_tlog_proof_check(&policy, &proof, &leaf, &seen, NULL), ONUS_E_MISMATCH);
    proof.index = 5;
    proof.path.count--;
    assert_int_equal(onus_tlog_proof_check(&policy, &proof, &leaf, &seen, NULL), ONUS_E_MISMATCH);
    onus_arena_clear(&arena);
    json_decref(tree);
}

static void malformed_tlog_proofs_are_refused(void **state)
{
    (void)state;
    json_t *tree = vectors();
    json_t *malformed = json_object_get(tree, "tlog_proof_malformed");
    assert_int_equal(json_array_size(malformed), 8);
    for (size_t i = 0; i < json_array_size(malformed); i++) {
        struct onus_tlog_proof proof;
        assert_int_equal(onus_tlog_proof_parse(text_at(json_array_get(malformed, i), "proof"),
                                 &proof, NULL),
                ONUS_E_FORMAT);
    }
    struct onus_str good = text_at(json_object_get(tree, "tlog_proof"), "proof");
    for (size_t length = 0; length < good.len; length++) {
        struct onus_tlog_proof proof;
        struct onus_str cut = onus_str_sub(good, 0, length);
        bool whole_lines = length > 0 && good.ptr[length - 1] == '\n' &&
                           onus_str_has(cut, ONUS_STR("\n\xe2\x80\x94 "));
        assert_int_equal(onus_tlog_proof_parse(cut, &proof, NULL),
                whole_lines ? ONUS_OK : ONUS_E_FORMAT);
    }
    json_decref(tree);
}

/* ---- notes by hand --------------------------------------------------------------------------- */

#define DASH "\xe2\x80\x94 "
#define LINE DASH "a.example AAAAAAA=\n"

static void a_note_is_split_at_its_last_blank_line(void **state)
{
    (void)state;
    struct onus_note note;
    assert_int_equal(onus_note_parse(ONUS_STR("a\n\nb\n\n" LINE), &note, NULL), ONUS_OK);
    assert_true(onus_str_eq(note.text, ONUS_STR("a\n\nb\n")));
    assert_int_equal(note.count, 1);
    assert_true(onus_str_eq(note.signatures[0].name, ONUS_STR("a.example")));
}

static void signature_lines_have_one_form(void **state)
{
    (void)state;
    static const char *const bad[] = {
            "text\n\n" DASH "a AAAAAA==\n",   /* no byte behind the id */
            "text\n\n" DASH "a  AAAAAAA=\n",  /* two blanks */
            "text\n\n" DASH "a AAAAAAA= \n",  /* a blank behind */
            "text\n\n" DASH "a+b AAAAAAA=\n", /* plus */
            "text\n\n" DASH "a\xc2\xa0"
            "b AAAAAAA=\n",                      /* a blank of Unicode */
            "text\n\n" DASH " AAAAAAA=\n",       /* no name */
            "text\n\n" DASH "a AAAAAAB=\n",      /* unused bits */
            "text\n\n" DASH "a AAAAAAA\n",       /* no padding */
            "text\n\n\xe2\x80\x93 a AAAAAAA=\n", /* another dash */
            "text\n\n" LINE "\n",                /* a second blank line */
            "text\n\n",
            "text\n" LINE,
            "text\r\n\n" LINE,
            "t\x80xt\n\n" LINE,
            "",
    };
    struct onus_note note;
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        if (onus_note_parse(onus_str_of(bad[i]), &note, NULL) != ONUS_E_FORMAT) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    struct onus_buffer many = {.limit = 0};
    onus_buffer_add_text(&many, "text\n\n");
    for (int i = 0; i < ONUS_NOTE_SIGNATURES_MAX; i++) {
        onus_buffer_add_text(&many, LINE);
    }
    assert_int_equal(onus_note_parse(onus_buffer_view(&many), &note, NULL), ONUS_OK);
    onus_buffer_add_text(&many, LINE);
    assert_int_equal(onus_note_parse(onus_buffer_view(&many), &note, NULL), ONUS_E_FORMAT);
    onus_buffer_clear(&many);
}

static void a_key_of_small_order_is_none(void **state)
{
    (void)state;
    struct onus_ed25519_public key = {{1}};
    struct onus_vkey made;
    struct onus_buffer text = {.limit = 0};
    assert_int_equal(onus_vkey_make(ONUS_STR("a.example"), ONUS_VKEY_ED25519, &key, &made, NULL),
            ONUS_OK);
    onus_vkey_add(&text, &made);
    assert_int_equal(onus_vkey_parse(onus_buffer_view(&text), &made, NULL), ONUS_E_FORMAT);
    text.len = 0;
    key.bytes[0] = 2; /* not on the curve */
    assert_int_equal(onus_vkey_make(ONUS_STR("a.example"), ONUS_VKEY_ED25519, &key, &made, NULL),
            ONUS_OK);
    onus_vkey_add(&text, &made);
    assert_int_equal(onus_vkey_parse(onus_buffer_view(&text), &made, NULL), ONUS_E_FORMAT);
    onus_buffer_clear(&text);
}

/* ---- policies by hand ------------------------------------------------------------------------ */

#define K1 "acme.example/evidence+96a1f0d8+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
#define K2 "w1.example+c244f014+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
#define K3 "witness.party-b.example+b5f3f440+BIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"

static enum onus_code policy(const char *text, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_policy out;
    onus_arena_init(&arena, (size_t)1 << 20);
    *err = (struct onus_error)ONUS_ERROR_INIT;
    enum onus_code code = onus_policy_parse(onus_str_of(text), &arena, &out, err);
    onus_arena_clear(&arena);
    return code;
}

static void a_policy_that_is_none_is_named_by_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says;
    } bad[] = {
            {"", "no quorum line"},
            {"log " K1 "\n", "no quorum line"},
            {"quorum none\nquorum none\n", "line 2: a second quorum"},
            {"quorum none", "line 1: the last line has no line feed"},
            {"quorum\n", "line 1: 'quorum' needs one name"},
            {"quorum none x\n", "line 1: 'quorum' needs one name"},
            {"quorum a\nwitness a " K2 "\n", "line 1: nothing above has this name: 'a'"},
            {"witness a " K2 "\ngroup g all a b\n", "line 2: nothing above has this name: 'b'"},
            {"witness a " K2 "\ngroup g all a a\n", "line 2: this member stands in a group"},
            {"witness a " K2 "\ngroup g all a\ngroup h any a\n", "line 3: this member stands in"},
            {"witness a " K2 "\ngroup g 2 a\n", "line 2: neither 'all' nor 'any' nor a number"},
            {"witness a " K2 "\ngroup g 0 a\n", "line 2: neither 'all' nor 'any' nor a number"},
            {"witness a " K2 "\ngroup g 01 a\n", "line 2: neither 'all' nor 'any' nor a number"},
            {"witness a " K2 "\ngroup g all\n", "line 2: a group needs members"},
            {"witness a " K2 "\ngroup g all g\n", "line 2: nothing above has this name: 'g'"},
            {"witness a " K2 "\ngroup a all a\n", "line 2: this name stands above already: 'a'"},
            {"witness none " K2 "\n", "line 1: nothing can have this name: 'none'"},
            {"group g all none\n", "line 1: nothing above has this name: 'none'"},
            {"witness a " K2 "\nwitness b " K2 "\n", "line 2: this key stands above already"},
            {"log " K1 "\nlog " K1 "\n", "line 2: this key stands above already"},
            {"log " K1 "\nwitness b " K3 "\n", "line 2: this key stands above already"},
            {"log " K2 "\n", "line 1: the key of a log is of type 01"},
            {"witness a " K1 "\n", "line 1: the key of a witness is of type 04"},
            {"log " K1 " http://a b\n", "line 1: a word too many 'b'"},
            {"log\n", "line 1: 'log' needs a key"},
            {"log x\n", "line 1: a key has the form"},
            {"witness a\n", "line 1: 'witness' needs"},
            {"# fine\n\nlogs\n", "line 3: neither log, witness, group nor quorum: 'logs'"},
            {"log " K1 " # no comment\n", "line 1: a word too many"},
            {"quorum none\r\n", "line 1: a control character"},
            {"quorum \x7fnone\n", "line 1: a control character"},
    };
    for (size_t i = 0; i < ONUS_COUNT(bad); i++) {
        struct onus_error err;
        enum onus_code code = policy(bad[i].text, &err);
        if (code != ONUS_E_FORMAT || !strstr(err.text, bad[i].says)) {
            fail_msg("%s: %s (wanted: %s)", bad[i].text, err.text, bad[i].says);
        }
    }
}

static void a_policy_may_have_blanks_comments_and_urls(void **state)
{
    (void)state;
    struct onus_arena arena;
    struct onus_policy out;
    onus_arena_init(&arena, (size_t)1 << 20);
    assert_int_equal(onus_policy_parse(ONUS_STR(" # a comment \n\n\tlog  " K1
                                                " https://log.example/ \nwitness\tw\xc3\xa9 " K2
                                                "\ngroup g any w\xc3\xa9\nquorum g\n"),
                             &arena, &out, NULL),
            ONUS_OK);
    assert_int_equal(out.log_count, 1);
    assert_true(onus_str_eq(out.logs[0].url, ONUS_STR("https://log.example/")));
    assert_int_equal(out.node_count, 2);
    assert_true(out.nodes[0].counts && out.nodes[1].counts);
    assert_int_equal(out.quorum, 1);
    onus_arena_clear(&arena);
}

static void a_quorum_is_met_by_the_right_witnesses(void **state)
{
    (void)state;
    /* 2 of (0, 1, 2) and any of (4, 5); 3, 6 and 7 are groups, 8 stands outside. */
    static const size_t first[] = {0, 1, 2};
    static const size_t second[] = {4, 5};
    static const size_t both[] = {3, 6};
    const struct onus_policy_node nodes[] = {
            {.threshold = 1},
            {.threshold = 1},
            {.threshold = 1},
            {.is_group = true, .threshold = 2, .members = first, .member_count = 3},
            {.threshold = 1},
            {.threshold = 1},
            {.is_group = true, .threshold = 1, .members = second, .member_count = 2},
            {.is_group = true, .threshold = 2, .members = both, .member_count = 2},
            {.threshold = 1},
    };
    const struct onus_policy all = {.nodes = nodes, .node_count = 9, .quorum = 7};
    for (unsigned set = 0; set < 1u << 9; set++) {
        bool seen[9];
        for (unsigned i = 0; i < 9; i++) {
            seen[i] = set >> i & 1;
        }
        bool wanted = seen[0] + seen[1] + seen[2] >= 2 && (seen[4] || seen[5]);
        assert_int_equal(onus_policy_met(&all, seen), wanted);
    }
}

static void a_policy_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct onus_error err;
    char *text = malloc(ONUS_POLICY_SIZE_MAX + 2);
    assert_non_null(text);
    memset(text, '\n', ONUS_POLICY_SIZE_MAX + 1);
    text[ONUS_POLICY_SIZE_MAX + 1] = '\0';
    assert_int_equal(policy(text, &err), ONUS_E_LIMIT);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(base64_has_one_spelling),
            cmocka_unit_test(hexadecimal_and_decimal_have_one_spelling),
            cmocka_unit_test(valid_notes_hold),
            cmocka_unit_test(malformed_notes_are_refused),
            cmocka_unit_test(bad_keys_and_signatures_are_refused),
            cmocka_unit_test(cosigned_checkpoints_are_written_as_the_vector_has_them),
            cmocka_unit_test(a_tlog_proof_holds_by_its_policy),
            cmocka_unit_test(malformed_tlog_proofs_are_refused),
            cmocka_unit_test(a_note_is_split_at_its_last_blank_line),
            cmocka_unit_test(signature_lines_have_one_form),
            cmocka_unit_test(a_key_of_small_order_is_none),
            cmocka_unit_test(a_policy_that_is_none_is_named_by_its_line),
            cmocka_unit_test(a_policy_may_have_blanks_comments_and_urls),
            cmocka_unit_test(a_quorum_is_met_by_the_right_witnesses),
            cmocka_unit_test(a_policy_that_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
