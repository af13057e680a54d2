/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a bundle is accepted as it was made and in no other form, what is said about it is
 * the text of docs/formats/bundle.md, and nothing is said about one that does not hold.
 * Oracles: the two samples beside the design, which another program made and checks; a writer of the
 * tests (bundle_scene.c); the words of docs/formats/bundle.md, written out by hand.
 */
#include "bundle_probe.h"
#include "proof/tlog_proof.h"

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Which bits of each byte are tried: one of them, or all. */
enum thoroughness {
    ONE_BIT,
    ALL_BITS,
};

/* A whole bundle in all bits takes minutes: ONUS_ALL_BITS=1 asks for them. */
static enum thoroughness thoroughness(void)
{
    return getenv("ONUS_ALL_BITS") ? ALL_BITS : ONE_BIT;
}

static void every_flip_is_refused(struct probe *p, const struct onus_policy *policy,
        struct onus_str bytes, enum thoroughness how)
{
    char *copy = malloc(bytes.len);
    assert_non_null(copy);
    memcpy(copy, bytes.ptr, bytes.len);
    size_t undetected = 0;
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        if (how == ONE_BIT && bit % 8 != (bit / 8 * 5 + 1) % 8) {
            continue;
        }
        copy[bit / 8] = (char)(copy[bit / 8] ^ (char)(1u << bit % 8));
        if (probe_check(p, policy, (struct onus_str){copy, bytes.len}) == ONUS_OK) {
            (void)fprintf(stderr, "byte %zu bit %zu can change unseen\n", bit / 8, bit % 8);
            undetected++;
        }
        copy[bit / 8] = (char)(copy[bit / 8] ^ (char)(1u << bit % 8));
    }
    free(copy);
    assert_int_equal(undetected, 0);
}

static void every_cut_is_refused(struct probe *p, const struct onus_policy *policy,
        struct onus_str bytes)
{
    for (size_t length = 0; length < bytes.len; length++) {
        enum onus_code code = probe_check(p, policy, onus_str_sub(bytes, 0, length));
        enum onus_code wanted = length < ONUS_BUNDLE_MAGIC.len ? ONUS_E_MISSING : ONUS_E_MISMATCH;
        if (code != wanted) {
            fail_msg("cut at %zu: %s", length, onus_code_name(code));
        }
    }
}

/* ---- the samples beside the design ----------------------------------------------------------- */

static char *read_shared(const char *name, size_t *size)
{
    char path[1024];
    const char *root = getenv("SOURCE_ROOT");
    (void)snprintf(path, sizeof(path), "%s/../shared/reference/%s", root ? root : ".", name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    char *bytes = malloc((size_t)1 << 16);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (size_t)1 << 16, file);
    (void)fclose(file);
    return bytes;
}

static char *sample_or_skip(const char *name, size_t *size)
{
    char *bytes = read_shared(name, size);
    if (!bytes) {
        (void)printf("skipped: no ../shared/reference/%s beside the project\n", name);
        skip();
    }
    return bytes;
}

static const char sample_policy[] =
        "log acme.example/evidence+96a1f0d8+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n"
        "witness w1 w1.example+c244f014+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU\n"
        "quorum w1\n";

static void sample_holds(struct probe *p, const char *name, const char *text)
{
    size_t size = 0;
    char *bytes = sample_or_skip(name, &size);
    struct onus_policy policy;
    probe_parse_policy(onus_str_of(sample_policy), &p->arena, &policy);
    struct onus_str view = {bytes, size};
    assert_int_equal(probe_check(p, &policy, view), ONUS_OK);
    onus_buffer_add_char(&p->text, '\0');
    assert_string_equal(p->text.ptr, text);
    every_flip_is_refused(p, &policy, view, ALL_BITS);
    every_cut_is_refused(p, &policy, view);
    free(bytes);
}

static void the_sample_of_a_line_holds_and_no_bit_of_it_can_change(void **state)
{
    sample_holds(*state, "sample.bundle",
            "log acme.example/evidence: 4 entries, signed by a key of the policy\n"
            "seen by w1: not later than 2016-06-27T03:13:20Z\n"
            "batch 412 of source c3608e8836240fef574d2acc695af90f, entry 2\n"
            "  4 lines\n"
            "  line 1: Jun 27 03:12:09 gw1 sshd[811]: Failed password for root from 203.0.113.7 "
            "port 40112 ssh2\n"
            "Committed by that time; this says nothing on who wrote the lines or whether they are "
            "true.\n"
            "Times on lines are claims of the party.\n"
            "The collector may still have missed events; other sources of this party are not "
            "shown.\n"
            "holds\n");
}

static void the_sample_of_counts_holds_and_no_bit_of_it_can_change(void **state)
{
    sample_holds(*state, "sample-count.bundle",
            "log acme.example/evidence: 4 entries, signed by a key of the policy\n"
            "seen by w1: not later than 2016-06-27T03:13:20Z\n"
            "batch 412 of source c3608e8836240fef574d2acc695af90f, entry 2\n"
            "  4 lines\n"
            "  203.0.113.7: 2 lines, 2 attempts\n"
            "  203.0.113.0 up to, without, 203.0.114.0: 3 lines, 3 attempts\n"
            "Committed by that time; this says nothing on who wrote the lines or whether they are "
            "true.\n"
            "Counts are relative to the sealer's index; audit level: none.\n"
            "The collector may still have missed events; other sources of this party are not "
            "shown.\n"
            "holds\n");
}

/* ---- our own --------------------------------------------------------------------------------- */

/* Two parties show lines with the same bytes: one of each log. */
static void write_side(struct onus_buffer *out, const struct scene *scene, struct onus_str note)
{
    onus_buffer_add_text(out, "onus/bundle/v1\n");
    scene_note(out, "checkpoint", note);
    scene_head(out, scene, SCENE_FIRST, 0x180);
    scene_record(out, scene, SCENE_FIRST, 0, 0x3);
    onus_buffer_add_text(out, "total matching 11:203.0.113.7\n");
    scene_end(out, 2);
}

static void write_ours(struct onus_buffer *out, const struct scene *scene)
{
    write_side(out, scene, scene->checkpoint);
}

static void write_theirs(struct onus_buffer *out, const struct scene *scene)
{
    write_side(out, scene, scene->other_checkpoint);
}

static void write_policy(struct onus_buffer *out, const struct scene *scene)
{
    onus_buffer_add_str(out, scene->policy);
}

static void write_note(struct onus_buffer *out, const struct scene *scene)
{
    onus_buffer_add_str(out, scene->checkpoint);
}

static void write_proof(struct onus_buffer *out, const struct scene *scene)
{
    struct onus_digest hashes[SCENE_ENTRIES];
    struct onus_proof proof;
    for (size_t i = 0; i < SCENE_ENTRIES; i++) {
        hashes[i] = scene->groups[i].head.hash;
    }
    assert_int_equal(onus_inclusion_prove(NULL, hashes, SCENE_ENTRIES, 1, &proof, NULL), ONUS_OK);
    onus_tlog_proof_add(out, ONUS_STR("extra"), 1, onus_proof_view(&proof), scene->checkpoint);
}

/* What the scene writes lies in the repository too: seeds of the fuzzers, files of the cases. */
static const struct {
    const char *path;
    void (*write)(struct onus_buffer *out, const struct scene *scene);
} golden_files[] = {
        {"fuzz/corpus/bundle/golden.onus", scene_golden},
        {"fuzz/corpus/bundle/bare.onus", scene_golden_bare},
        {"fuzz/corpus/bundle/ours.onus", write_ours},
        {"fuzz/corpus/note/checkpoint", write_note},
        {"fuzz/corpus/policy/policy", write_policy},
        {"fuzz/corpus/tlog_proof/proof", write_proof},
        {"tests/cases/verify-holds/answer.onus", scene_golden},
        {"tests/cases/verify-holds/keys.policy", write_policy},
        {"tests/cases/verify-answers/ours.onus", write_ours},
        {"tests/cases/verify-answers/keys.policy", write_policy},
        {"tests/cases/verify-files/folder/policy", write_policy},
        {"tests/cases/verify-files/ours.onus", write_ours},
        {"tests/cases/verify-files/theirs.onus", write_theirs},
};

static void the_bundles_in_the_repository_are_those_of_the_scene(void **state)
{
    struct probe *p = *state;
    const char *root = getenv("SOURCE_ROOT");
    for (size_t i = 0; i < ONUS_COUNT(golden_files); i++) {
        char path[1024];
        p->bundle.len = 0;
        golden_files[i].write(&p->bundle, &p->scene);
        (void)snprintf(path, sizeof(path), "%s/%s", root ? root : ".", golden_files[i].path);
        if (getenv("UPDATE")) {
            FILE *made = fopen(path, "wb");
            assert_non_null(made);
            (void)fwrite(p->bundle.ptr, 1, p->bundle.len, made);
            (void)fclose(made);
        }
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        char *bytes = malloc(p->bundle.len + 1);
        assert_non_null(bytes);
        assert_int_equal(fread(bytes, 1, p->bundle.len + 1, file), p->bundle.len);
        assert_memory_equal(bytes, p->bundle.ptr, p->bundle.len);
        (void)fclose(file);
        free(bytes);
    }
}

static const char golden_text[] =
        "log acme.example/evidence: 9 entries, signed by a key of the policy\n"
        "seen by one, two: not later than 2026-01-01T00:01:00Z\n"
        "anchor: checkpoint of other.example/log, 40 entries, seen not before "
        "2025-12-31T00:00:00Z\n"
        "beacon: checkpoint of other.example/log, 41 entries, seen not before "
        "2026-01-02T00:00:00Z\n"
        "1 time-stamp tokens are present, NOT checked here\n"
        "source a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 is introduced, entry 0\n"
        "  source name: gw1:/var/log/auth.log\n"
        "batch 0 of source a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1, entry 1\n"
        "  source name: gw1:/var/log/auth.log\n"
        "  20 lines\n"
        "  times on its lines: 2025-12-31T23:58:00Z to 2025-12-31T23:58:19Z, as written in them\n"
        "  sealed 161 s after its last line at most: class A, within 10 minutes\n";

static void the_golden_bundle_says_what_it_shows(void **state)
{
    struct probe *p = *state;
    p->bundle.len = 0;
    scene_golden(&p->bundle, &p->scene);
    must_hold(p);
    assert_true(onus_str_begins(onus_buffer_view(&p->text), onus_str_of(golden_text)));
    static const char *const lines[] = {
            "\n  sample 0: line ",
            "\n  203.0.113.7: 11 lines, 30 attempts\n",
            "\n  203.0.113.0 up to, without, 203.0.114.0: 13 lines, 32 attempts\n",
            "\n  all: 20 lines, 34 attempts\n",
            "\n  sealed after 2025-12-31T00:00:00Z\n",
            "\n  sealed 86,457 s after its last line at most: class C before an accusation, class "
            "D after it\n",
            "\n  line 2: Jan  1 00:00:03 gw1 sshd[900]: closed by 203.0.113.7\n",
            "\n  203.0.113.7: no line\n",
            "\n  part of line 1, time: 23:59:01\n  part of line 1, source address: 192.0.2.11\n",
            "\ntotal 203.0.113.7: 13 lines, 31 attempts, in batches 0 to 2 of source "
            "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n"
            "total 203.0.113.0 up to, without, 203.0.114.0: 15 lines, 33 attempts, in batches 0 to "
            "1 of source a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n"
            "total AS64501 (Example Hosting): 15 lines, 33 attempts, by 1 rows of table invented "
            "2026-01, in batches 0 to 1 of source a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n"
            "  = 62.5 % of the lines, 94.2 % of the attempts\n"
            "1 of 1 addresses are registered in AS64501 by table invented 2026-01, 0 elsewhere, 0 "
            "not shown\n"
            "total: 24 lines, 35 attempts, in batches 0 to 1 of source "
            "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\nat least ",
            " lines contain: 203.\n"
            "no batch is missing: batches 0 to 2 of source a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n"
            "audit: 5 of 20 lines, drawn after sealing, stand in the index (a lie in 1 % of the "
            "lines stays unseen with probability 95.1 %)\n"
            "Committed by that time; this says nothing on who wrote the lines or whether they are "
            "true.\n"
            "Times on lines are claims of the party.\n"
            "The rest of a line is not disclosed.\n"
            "At least: a lower bound, more may exist.\n"
            "Counts are relative to the sealer's index; audit level: sampled.\n"
            "The collector may still have missed events; other sources of this party are not "
            "shown.\n"
            "A network is where an address was registered by that table, not who used it.\n"
            "The addresses are those disclosed, not necessarily all.\n"
            "holds\n",
    };
    for (size_t i = 0; i < ONUS_COUNT(lines); i++) {
        must_say(p, lines[i]);
    }
}

/*
 * What somebody asks for is not signed: another key in `claim absent`, another network, other bytes to
 * look for make another sentence, which must then be true (test_bundle_mutate.c). So these pieces have
 * none of them.
 */
static void no_bit_of_notes_can_change(void **state)
{
    struct probe *p = *state;
    begin_with(p, p->scene.exact); /* a cosignature that is not needed may be dropped */
    scene_note(&p->bundle, "older-checkpoint", p->scene.older);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_SOURCE, 0);
    end(p, 0);
    every_flip_is_refused(p, &p->policy, onus_buffer_view(&p->bundle), thoroughness());
}

static void write_counts(struct probe *p)
{
    begin_with(p, p->scene.bare); /* quick: one signature */
    head(p, SCENE_FIRST, SCENE_ALL);
    record(p, SCENE_FIRST, 0, 0x11);
    record(p, SCENE_FIRST, 2, SCENE_ALL);
    scene_count(&p->bundle, &p->scene, SCENE_FIRST, "203.0.113.7");
    scene_range(&p->bundle, &p->scene, SCENE_FIRST, scene_key("203.0.113.0", 0),
            scene_key("203.0.114.0", 0));
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    head(p, SCENE_SECOND, SCENE_ALL);
    head(p, SCENE_PARTS, 0x180);
    record(p, SCENE_PARTS, 1, 0x5);
    put(p, "total address ");
    put_key(p, scene_key("203.0.113.7", 1));
    put(p, "\ntotal all\ntotal unbroken a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n");
    end(p, 9);
    must_hold_by(p, &p->policy_none);
}

static void no_bit_of_lines_counts_and_totals_can_change(void **state)
{
    struct probe *p = *state;
    write_counts(p);
    every_flip_is_refused(p, &p->policy_none, onus_buffer_view(&p->bundle), thoroughness());
}

static void no_bit_of_an_audit_can_change(void **state)
{
    struct probe *p = *state;
    begin_with(p, p->scene.exact); /* a cosignature that is not needed may be dropped */
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_PARTS, SCENE_ALL);
    size_t shown = scene_samples(&p->bundle, &p->scene, SCENE_PARTS, 2);
    put(p, "total audit 2\n");
    end(p, (unsigned)shown + 1);
    must_hold(p);
    every_flip_is_refused(p, &p->policy, onus_buffer_view(&p->bundle), ONE_BIT);
}

static void no_bit_of_a_roll_up_can_change(void **state)
{
    struct probe *p = *state;
    begin_with(p, p->scene.bare); /* quick: one signature */
    head(p, SCENE_ROLLUP, SCENE_ALL);
    scene_count(&p->bundle, &p->scene, SCENE_ROLLUP, "203.0.113.7");
    end(p, 1);
    must_hold_by(p, &p->policy_none);
    assert_true(onus_str_has(onus_buffer_view(&p->text),
            ONUS_STR(
                    "batches 0 to 1 of source a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1, rolled up, entry 6\n")));
    every_flip_is_refused(p, &p->policy_none, onus_buffer_view(&p->bundle), thoroughness());
}

static void no_beginning_of_a_bundle_holds(void **state)
{
    struct probe *p = *state;
    write_counts(p);
    every_cut_is_refused(p, &p->policy_none, onus_buffer_view(&p->bundle));
}

static void no_whole_lines_of_the_golden_bundle_hold_alone(void **state)
{
    struct probe *p = *state;
    p->bundle.len = 0;
    scene_golden(&p->bundle, &p->scene);
    struct onus_str bytes = onus_buffer_view(&p->bundle);
    for (size_t at = ONUS_BUNDLE_MAGIC.len; at < bytes.len; at++) {
        if (bytes.ptr[at - 1] == '\n') {
            assert_int_equal(probe_check(p, &p->policy, onus_str_sub(bytes, 0, at)),
                    ONUS_E_MISMATCH);
        }
    }
}

static void lines_of_unknown_signers_change_nothing(void **state)
{
    struct probe *p = *state;
    struct onus_buffer note = {.limit = 0};
    begin(p);
    head(p, SCENE_FIRST, 0x40);
    end(p, 0);
    must_hold(p);
    struct onus_buffer before = {.limit = 0};
    onus_buffer_add_str(&before, onus_buffer_view(&p->text));
    onus_buffer_add_str(&note, p->scene.checkpoint);
    onus_buffer_add_text(&note, "\xe2\x80\x94 stranger.example AAAAAAECAwQF\n");
    p->bundle.len = 0;
    put(p, "onus/bundle/v1\n");
    scene_note(&p->bundle, "checkpoint", onus_buffer_view(&note));
    head(p, SCENE_FIRST, 0x40);
    end(p, 0);
    must_hold(p);
    assert_int_equal(p->text.len, before.len);
    assert_memory_equal(p->text.ptr, before.ptr, before.len);
    onus_buffer_clear(&note);
    onus_buffer_clear(&before);
}

static void bytes_of_lines_cannot_act_on_a_terminal(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 1, 0x80);
    end(p, 1);
    must_say(p, "  line 15: 203.0.113.7 \\x1b[31mred\\\\\\xff\\x09\n");
    for (size_t i = 0; i < p->text.len; i++) {
        assert_true(p->text.ptr[i] == '\n' || (p->text.ptr[i] >= 0x20 && p->text.ptr[i] <= 0x7e));
    }
}

static void without_witnesses_the_time_is_the_word_of_the_party(void **state)
{
    struct probe *p = *state;
    begin(p);
    scene_note(&p->bundle, "older-checkpoint", p->scene.older);
    head(p, SCENE_SECOND, SCENE_ALL);
    end(p, 0);
    assert_int_equal(probe_check(p, &p->policy_none, onus_buffer_view(&p->bundle)), ONUS_OK);
    struct onus_str text = onus_buffer_view(&p->text);
    assert_true(onus_str_has(text, ONUS_STR("no witness is asked for by the policy: when this was "
                                            "sealed is the party's word\n")));
    assert_false(onus_str_has(text, ONUS_STR("anchor")));
    assert_false(onus_str_has(text, ONUS_STR("sealed after")));
    assert_false(onus_str_has(text, ONUS_STR("class")));
}

static void another_first_line_is_not_told_to_be_wrong(void **state)
{
    struct probe *p = *state;
    static const char *const others[] = {"", "onus/bundle/v2\n", "onus/bundle/v1",
            "onus/bundle/v1 \n", "Onus/bundle/v1\n", " onus/bundle/v1\n", "onus/bundle/v1\r\n"};
    for (size_t i = 0; i < ONUS_COUNT(others); i++) {
        assert_int_equal(probe_check(p, &p->policy, onus_str_of(others[i])), ONUS_E_MISSING);
    }
}

static void a_log_that_the_policy_does_not_know_is_not_told_to_be_wrong(void **state)
{
    struct probe *p = *state;
    struct onus_policy policy;
    probe_parse_policy(onus_str_of(sample_policy), &p->arena, &policy);
    begin(p);
    put(p, "what stands behind that note is not looked at");
    swap(p, "acme.example/evidence\n9", "acme.example/evidencf\n9");
    assert_int_equal(probe_check(p, &p->policy, onus_buffer_view(&p->bundle)), ONUS_E_MISMATCH);
    begin(p);
    scene_note(&p->bundle, "older-checkpoint", p->scene.older);
    put(p, "what stands behind that note is not looked at");
    struct onus_buffer only = {.limit = 0};
    onus_buffer_add_str(&only, p->scene.policy);
    struct onus_str text = onus_buffer_view(&only);
    size_t second = onus_str_find(text, ONUS_STR("log other"));
    memcpy(only.ptr + second, "#og", 3);
    struct onus_policy without;
    probe_parse_policy(onus_buffer_view(&only), &p->arena, &without);
    assert_int_equal(probe_check(p, &without, onus_buffer_view(&p->bundle)), ONUS_E_MISSING);
    assert_non_null(strstr(p->err.text, "other.example/log"));
    onus_buffer_clear(&only);
}

static void a_failing_allocation_is_no_verdict(void **state)
{
    struct probe *p = *state;
    p->bundle.len = 0;
    scene_golden(&p->bundle, &p->scene);
    bool held = false;
    for (long n = 0; n < 1000 && !held; n++) {
        onus_arena_fail_after(n);
        enum onus_code code = probe_check(p, &p->policy, onus_buffer_view(&p->bundle));
        onus_arena_fail_after(-1);
        held = code == ONUS_OK;
        assert_true(held || code == ONUS_E_MEMORY);
        assert_true(held || p->err.code == ONUS_E_MEMORY);
    }
    assert_true(held);
}

static void a_small_arena_is_no_verdict(void **state)
{
    struct probe *p = *state;
    p->bundle.len = 0;
    scene_golden(&p->bundle, &p->scene);
    for (size_t limit = 0; limit < 40000; limit += 500) {
        struct onus_arena arena;
        struct onus_bundle_facts facts;
        onus_arena_init(&arena, limit);
        enum onus_code code =
                onus_bundle_check(&p->policy, onus_buffer_view(&p->bundle), &arena, &facts, NULL);
        assert_true(code == ONUS_E_LIMIT || code == ONUS_OK);
        onus_arena_clear(&arena);
    }
}

static void a_bundle_over_64_mib_is_refused(void **state)
{
    struct probe *p = *state;
    size_t size = ONUS_BUNDLE_SIZE_MAX + 1;
    char *bytes = calloc(1, size);
    assert_non_null(bytes);
    memcpy(bytes, ONUS_BUNDLE_MAGIC.ptr, ONUS_BUNDLE_MAGIC.len);
    struct onus_arena arena;
    struct onus_bundle_facts facts;
    onus_arena_init(&arena, 4096);
    struct onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_bundle_check(&p->policy, (struct onus_str){bytes, size}, &arena, &facts,
                             &err),
            ONUS_E_MISMATCH);
    assert_non_null(strstr(err.text, "64 MiB"));
    onus_arena_clear(&arena);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_bundles_in_the_repository_are_those_of_the_scene),
            cmocka_unit_test(the_sample_of_a_line_holds_and_no_bit_of_it_can_change),
            cmocka_unit_test(the_sample_of_counts_holds_and_no_bit_of_it_can_change),
            cmocka_unit_test(the_golden_bundle_says_what_it_shows),
            cmocka_unit_test(no_bit_of_notes_can_change),
            cmocka_unit_test(no_bit_of_lines_counts_and_totals_can_change),
            cmocka_unit_test(no_bit_of_an_audit_can_change),
            cmocka_unit_test(no_bit_of_a_roll_up_can_change),
            cmocka_unit_test(no_beginning_of_a_bundle_holds),
            cmocka_unit_test(no_whole_lines_of_the_golden_bundle_hold_alone),
            cmocka_unit_test(lines_of_unknown_signers_change_nothing),
            cmocka_unit_test(bytes_of_lines_cannot_act_on_a_terminal),
            cmocka_unit_test(without_witnesses_the_time_is_the_word_of_the_party),
            cmocka_unit_test(another_first_line_is_not_told_to_be_wrong),
            cmocka_unit_test(a_log_that_the_policy_does_not_know_is_not_told_to_be_wrong),
            cmocka_unit_test(a_failing_allocation_is_no_verdict),
            cmocka_unit_test(a_small_arena_is_no_verdict),
            cmocka_unit_test(a_bundle_over_64_mib_is_refused),
    };
    return cmocka_run_group_tests(tests, probe_setup, probe_teardown);
}
