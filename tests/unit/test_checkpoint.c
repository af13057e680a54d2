/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a log's head is signed after its witnesses were asked, and their cosignatures are
 * taken over when they check; a restored copy signs nothing under the old origin, and goes on under
 * another with a record of it; no answer, no crash and no planted file makes a log show two histories.
 * Oracles: witnesses that run the real rules (test_witness), the policy check of the reader, and the
 * list of everything that was ever submitted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "case_scene.h"
#include "evidence/supersede.h"
#include "proof/policy.h"
#include "sys/durable.h"
#include "witness_scene.h"

#define ONE_OF_TWO "witness W1\nwitness W2\ngroup g any w1 w2\nquorum g\n"
#define TWO_OF_TWO "witness W1\nwitness W2\ngroup g all w1 w2\nquorum g\n"
#define TWO_OF_3   "witness W1\nwitness W2\nwitness W3\ngroup g 2 w1 w2 w3\nquorum g\n"
#define NO_URL     "quorum none\n"

static struct case_scene scene;
static struct onus_arena arena;
static struct onus_checkpoint_report report;
static struct onus_error err;

static void begin(const char *policy)
{
    case_scene_make(&scene, policy);
    onus_arena_init(&arena, (size_t)64 << 20);
}

static int tear_down(void **state)
{
    (void)state;
    onus_arena_clear(&arena);
    case_scene_remove(&scene);
    return 0;
}

static enum onus_code checkpoint(const char *which)
{
    err = (struct onus_error)ONUS_ERROR_INIT;
    enum onus_code code = case_scene_checkpoint(&scene, which, NULL, &arena, &report, &err);
    if (code == ONUS_E_IO || code == ONUS_E_ARGUMENT) {
        print_message("%s\n", err.text);
    }
    return code;
}

static struct onus_str stored(const char *which)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/vault/log/checkpoint", which);
    return case_scene_read(&scene, path, &arena);
}

/* As a reader sees it: the note under the policy of the case. */
static enum onus_code read_it(const char *which, struct onus_seen_checkpoint *out)
{
    char path[64];
    struct onus_policy policy;
    (void)snprintf(path, sizeof(path), "%s/policy", which);
    struct onus_str text = case_scene_read(&scene, path, &arena);
    assert_int_equal(onus_policy_parse(text, &arena, &policy, NULL), ONUS_OK);
    return onus_policy_check(&policy, stored(which), out, NULL);
}

/* ---- the ordinary way ------------------------------------------------------------------------ */

static void witnesses_that_answer_meet_the_quorum(void **state)
{
    (void)state;
    struct onus_seen_checkpoint seen;
    begin(TWO_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(stored("case").len, 0);
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_true(report.signed_anew && report.has_quorum && report.quorum_met);
    assert_int_equal(report.size, 1);
    assert_int_equal(report.asked_count, 2);
    assert_true(report.asked[0].counted && report.asked[1].counted);
    assert_int_equal(read_it("case", &seen), ONUS_OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.not_after, report.not_after);
    assert_int_equal(seen.checkpoint.size, 1);
}

static void asking_again_changes_nothing(void **state)
{
    (void)state;
    begin(TWO_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    struct onus_str before = stored("case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_false(report.signed_anew);
    assert_true(report.quorum_met);
    assert_true(onus_str_eq(before, stored("case")));
}

static void each_batch_of_entries_gets_its_checkpoint(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    for (uint64_t size = 1; size <= 5; size++) {
        case_scene_grow(&scene, "case");
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_int_equal(report.size, size);
        assert_true(report.signed_anew && report.quorum_met);
    }
    assert_true(case_scene_one_history(&scene));
}

static void a_witness_that_was_away_is_brought_up_to_date(void **state)
{
    (void)state;
    struct onus_seen_checkpoint seen;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    scene.lines[1] = LINE_DOWN;
    for (int i = 0; i < 4; i++) {
        case_scene_grow(&scene, "case");
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_int_equal(report.asked[1].reply.said, ONUS_WITNESS_SILENT);
        assert_false(report.asked[1].counted);
    }
    scene.lines[1] = LINE_UP;
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_false(report.signed_anew);
    assert_true(report.asked[0].counted && report.asked[1].counted);
    assert_int_equal(read_it("case", &seen), ONUS_OK);
}

static void a_policy_without_urls_needs_nobody(void **state)
{
    (void)state;
    begin(NO_URL);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_int_equal(report.asked_count, 0);
    assert_false(report.has_quorum);
    assert_int_equal(report.size, 1);
}

/* ---- not knowing ----------------------------------------------------------------------------- */

static void nothing_is_signed_while_too_few_witnesses_answer(void **state)
{
    (void)state;
    begin(TWO_OF_3);
    case_scene_grow(&scene, "case");
    scene.lines[0] = LINE_DOWN;
    scene.lines[1] = LINE_FAILS;
    assert_int_equal(checkpoint("case"), ONUS_E_PEER);
    assert_int_equal(stored("case").len, 0);
    scene.lines[1] = LINE_UP;
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_true(report.quorum_met);
    struct onus_str before = stored("case");
    case_scene_grow(&scene, "case");
    scene.lines[2] = LINE_DOWN;
    assert_int_equal(checkpoint("case"), ONUS_E_PEER);
    assert_true(onus_str_eq(before, stored("case")));
}

static void answers_that_make_no_sense_are_no_answers(void **state)
{
    (void)state;
    const enum line_state states[] = {LINE_DOWN, LINE_FAILS, LINE_FORGETFUL, LINE_GARBAGE,
            LINE_EMPTY};
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_grow(&scene, "case");
    struct onus_str before = stored("case");
    for (size_t i = 0; i < ONUS_COUNT(states); i++) {
        scene.lines[0] = states[i];
        scene.lines[1] = LINE_DOWN;
        assert_int_equal(checkpoint("case"), ONUS_E_PEER);
        assert_int_equal(report.asked[0].reply.said, ONUS_WITNESS_SILENT);
        assert_true(onus_str_eq(before, stored("case")));
    }
}

/* The other witness signs, so the checkpoint is made; what this one says adds nothing to it. */
static void what_is_no_cosignature_is_never_stored(void **state)
{
    (void)state;
    const enum line_state states[] = {LINE_GARBAGE, LINE_EMPTY};
    begin(ONE_OF_TWO);
    for (size_t i = 0; i < ONUS_COUNT(states); i++) {
        case_scene_grow(&scene, "case");
        scene.lines[1] = states[i];
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_true(report.quorum_met && report.asked[0].counted && !report.asked[1].counted);
        struct onus_str before = stored("case");
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_true(onus_str_eq(before, stored("case")));
    }
}

static void no_bit_of_a_cosignature_can_change_and_still_be_taken(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    scene.lines[1] = LINE_EMPTY;
    assert_int_equal(checkpoint("case"), ONUS_OK);
    struct onus_str before = stored("case");
    scene.lines[0] = LINE_DOWN;
    scene.lines[1] = LINE_CHANGED;
    size_t taken = 0;
    /* A line: em dash (3), blank, name (10), blank, 104 characters of base64, line feed. */
    for (scene.bit = 0; scene.bit < 120 * (size_t)8; scene.bit += 7) { /* all: test_cosign */
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_int_equal(report.asked[1].reply.said, ONUS_WITNESS_SILENT);
        taken += !onus_str_eq(before, stored("case"));
        if (arena.used > (size_t)32 << 20) {
            onus_arena_clear(&arena);
            before = stored("case");
        }
    }
    assert_int_equal(taken, 0);
    scene.lines[1] = LINE_UP;
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_true(report.asked[1].counted);
}

/* ---- restored copies ------------------------------------------------------------------------- */

static void a_restored_copy_signs_nothing(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_copy(&scene, "case", "copy");
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_grow(&scene, "copy"); /* something else */
    struct onus_str before = stored("copy");
    assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);
    assert_int_equal(report.asked[0].reply.said, ONUS_WITNESS_AHEAD);
    assert_non_null(strstr(err.text, "--new-origin"));
    assert_true(onus_str_eq(before, stored("copy")));
    case_scene_grow(&scene, "copy"); /* longer than what the witness knows */
    case_scene_grow(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);
    assert_true(onus_str_eq(before, stored("copy")));
    assert_true(case_scene_one_history(&scene));
    assert_int_equal(checkpoint("case"), ONUS_OK); /* the newest copy goes on */
}

static void a_copy_from_before_the_first_checkpoint_signs_nothing(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_copy(&scene, "case", "copy");
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_grow(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);
    assert_int_equal(stored("copy").len, 0);
    assert_true(case_scene_one_history(&scene));
}

/* The copy signed where nobody could tell it: the witness still refuses, and so does the program. */
static void a_copy_that_signed_another_history_alone_is_found_out(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_copy(&scene, "case", "copy");
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_policy(&scene, "copy", NO_URL);
    case_scene_grow(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_OK);
    case_scene_policy(&scene, "copy", ONE_OF_TWO);
    assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);
    assert_int_equal(report.asked[0].reply.said, ONUS_WITNESS_DISAGREES);
    case_scene_grow(&scene, "copy");
    struct onus_str before = stored("copy");
    assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);
    assert_true(onus_str_eq(before, stored("copy")));
}

/* With 2 of 3, two sets that meet the quorum share a witness, and that one tells. */
static void the_copy_is_found_out_when_the_witness_ahead_is_among_those_that_answer(void **state)
{
    (void)state;
    begin(TWO_OF_3);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_copy(&scene, "case", "copy");
    case_scene_grow(&scene, "case");
    scene.lines[2] = LINE_DOWN;
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_grow(&scene, "copy");
    scene.lines[2] = LINE_UP;
    for (size_t away = 0; away < 2; away++) {
        scene.lines[0] = away == 0 ? LINE_DOWN : LINE_UP;
        scene.lines[1] = away == 1 ? LINE_DOWN : LINE_UP;
        assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);
    }
    scene.lines[0] = LINE_DOWN;
    assert_int_equal(checkpoint("copy"), ONUS_E_PEER); /* only the one that lags */
    assert_true(case_scene_one_history(&scene));
}

/* ---- another origin -------------------------------------------------------------------------- */

static void check_the_record(const char *which, uint64_t index)
{
    char path[128];
    struct onus_vault *vault = NULL;
    struct onus_str entry;
    struct onus_digest name;
    char hex[65];
    (void)snprintf(path, sizeof(path), "%s/%s", scene.folder, which);
    assert_int_equal(onus_vault_open(path, case_scene_options(), &vault, NULL), ONUS_OK);
    assert_int_equal(onus_log_entry(onus_vault_log(vault), index, &arena, &entry, NULL), ONUS_OK);
    assert_int_equal(entry.ptr[0], 'O');
    assert_int_equal(entry.len, 2 + 4 * 32);
    onus_sha256(entry, &name);
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", name.bytes[i]);
    }
    (void)snprintf(path, sizeof(path), "%s/vault/origin/%.64s", which, hex);
    struct onus_str opening = case_scene_read(&scene, path, &arena);
    assert_true(onus_str_begins(opening, ONUS_STR("onus/origin/v1\nslot 78 ")));
    /* hex of the old origin and of the reason */
    assert_true(onus_str_has(opening, ONUS_STR(" 636173652e6578616d706c652f65766964656e6365\n")));
    assert_true(onus_str_has(opening, ONUS_STR(" 6469736b206c6f7374\n")));
    onus_vault_close(vault);
}

static void a_restored_copy_goes_on_under_another_origin(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_copy(&scene, "case", "copy");
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_grow(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_E_REFUSED);

    assert_int_equal(case_scene_checkpoint(&scene, "copy", "disk lost", &arena, &report, &err),
            ONUS_OK);
    assert_true(onus_str_eq(report.old_origin, ONUS_STR(CASE_ORIGIN)));
    assert_true(onus_str_eq(report.origin, ONUS_STR(CASE_ORIGIN "/2")));
    assert_int_equal(report.size, 3);
    assert_false(report.quorum_met);
    assert_int_equal(report.asked[0].reply.said, ONUS_WITNESS_DECLINED); /* it must be told */
    check_the_record("copy", 2);

    case_scene_introduce(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_OK);
    assert_true(report.quorum_met);
    case_scene_grow(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_OK);
    assert_int_equal(report.size, 4);
    assert_true(report.quorum_met);
    assert_true(case_scene_one_history(&scene));
}

static void a_second_copy_does_not_take_the_origin_of_the_first(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_copy(&scene, "case", "copy");
    case_scene_copy(&scene, "case", "third");
    assert_int_equal(case_scene_checkpoint(&scene, "copy", "disk lost", &arena, &report, &err),
            ONUS_OK);
    case_scene_introduce(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_OK);
    assert_int_equal(case_scene_checkpoint(&scene, "third", "disk lost", &arena, &report, &err),
            ONUS_OK);
    assert_true(onus_str_eq(report.origin, ONUS_STR(CASE_ORIGIN "/3")));
}

static void names_of_further_origins_count_up(void **state)
{
    (void)state;
    const struct {
        const char *from;
        const char *to;
    } rows[] = {{"a.example/e", "a.example/e/2"}, {"a.example/e/2", "a.example/e/3"},
            {"a.example/e/9", "a.example/e/10"}, {"a.example/1", "a.example/1/2"},
            {"a.example/02", "a.example/02/2"}, {"a", "a/2"}, {"a/", "a//2"}};
    begin(NO_URL);
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct onus_buffer out;
        onus_buffer_init(&out, 0);
        assert_int_equal(onus_origin_next(onus_str_of(rows[i].from), &out, NULL), ONUS_OK);
        assert_true(onus_str_eq(onus_buffer_view(&out), onus_str_of(rows[i].to)));
        onus_buffer_clear(&out);
    }
}

/* ---- breaking off ---------------------------------------------------------------------------- */

/* In a child, with a fault at the n-th counted call. The code, or -signal. */
static int checkpoint_with_fault(long n, enum onus_fault fault, const char *which,
        const char *reason)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        onus_durable_fault_after(n, fault);
        enum onus_code code = case_scene_checkpoint(&scene, which, reason, &arena, &report, &err);
        _exit((int)code);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void two_rounds(void)
{
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_grow(&scene, "case");
}

/* The counted calls of the witnesses are in it too: they run in the same process. */
static void ended_anywhere_a_log_shows_one_history(void **state)
{
    (void)state;
    bool finished = false;
    for (long n = 0; !finished; n++) {
        assert_true(n < 200);
        two_rounds();
        int how = checkpoint_with_fault(n, ONUS_FAULT_KILL, "case", NULL);
        finished = how == 0;
        assert_true(finished || how == -SIGKILL);
        scene.now += 100;
        case_scene_grow(&scene, "case");
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_int_equal(report.size, 3);
        assert_true(report.quorum_met);
        assert_true(case_scene_one_history(&scene));
        (void)tear_down(NULL);
    }
    begin(NO_URL);
}

/* How many counted calls a whole run makes. */
static long count_calls(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        long before = onus_durable_calls();
        enum onus_code code = case_scene_checkpoint(&scene, "case", NULL, &arena, &report, &err);
        long calls = onus_durable_calls() - before;
        _exit(code == ONUS_OK && calls < 255 ? (int)calls : 255);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) > 0 && WEXITSTATUS(status) < 255);
    return WEXITSTATUS(status);
}

static void a_full_or_broken_disk_is_told_and_mended_by_asking_again(void **state)
{
    (void)state;
    const enum onus_fault faults[] = {ONUS_FAULT_EIO, ONUS_FAULT_SHORT};
    for (size_t i = 0; i < ONUS_COUNT(faults); i++) {
        two_rounds();
        long calls = count_calls();
        (void)tear_down(NULL);
        for (long n = 0; n <= calls; n++) {
            two_rounds();
            /* A witness that cannot write is no answer, so not every fault ends in a failure. */
            int how = checkpoint_with_fault(n, faults[i], "case", NULL);
            assert_true(how == 0 || (n < calls && (how == ONUS_E_IO || how == ONUS_E_PEER)));
            scene.now += 100;
            assert_int_equal(checkpoint("case"), ONUS_OK);
            assert_int_equal(report.size, 2);
            assert_true(report.quorum_met);
            assert_true(case_scene_one_history(&scene));
            (void)tear_down(NULL);
        }
    }
    begin(NO_URL);
}

static void ended_while_the_origin_changes_it_is_the_old_or_the_new_one(void **state)
{
    (void)state;
    bool finished = false;
    for (long n = 0; !finished; n++) {
        assert_true(n < 200);
        two_rounds();
        int how = checkpoint_with_fault(n, ONUS_FAULT_KILL, "case", "disk lost");
        finished = how == 0;
        assert_true(finished || how == -SIGKILL);
        scene.now += 100;
        case_scene_grow(&scene, "case"); /* opening finishes it */
        case_scene_introduce(&scene, "case");
        assert_int_equal(checkpoint("case"), ONUS_OK);
        assert_true(onus_str_eq(report.origin, ONUS_STR(CASE_ORIGIN)) ||
                    onus_str_eq(report.origin, ONUS_STR(CASE_ORIGIN "/2")));
        assert_true(!finished || onus_str_eq(report.origin, ONUS_STR(CASE_ORIGIN "/2")));
        assert_true(report.quorum_met);
        assert_true(case_scene_one_history(&scene));
        (void)tear_down(NULL);
    }
    begin(NO_URL);
}

/* ---- planted files --------------------------------------------------------------------------- */

static void write_at(const char *path, struct onus_str text)
{
    char full[256];
    (void)snprintf(full, sizeof(full), "%s/%s", scene.folder, path);
    int file = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, text.ptr, text.len), (ssize_t)text.len);
    (void)close(file);
}

#define INTENT "case/vault/state/intent"

static void remove_intent(void)
{
    char full[256];
    (void)snprintf(full, sizeof(full), "%s/" INTENT, scene.folder);
    assert_int_equal(unlink(full), 0);
}

/* An intent of the same party for another history at the next size. */
static void a_planted_intent_is_not_signed(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    case_scene_copy(&scene, "case", "copy");
    case_scene_policy(&scene, "copy", NO_URL);
    case_scene_grow(&scene, "copy");
    assert_int_equal(checkpoint("copy"), ONUS_OK);
    struct onus_str foreign = case_scene_read(&scene, "copy/vault/state/intent", &arena);
    assert_true(foreign.len > 0);
    case_scene_grow(&scene, "case");
    write_at(INTENT, foreign);
    struct onus_str before = stored("case");
    assert_true(checkpoint("case") != ONUS_OK);
    assert_true(onus_str_eq(before, stored("case")));
    assert_true(case_scene_one_history(&scene));
}

static void a_removed_or_edited_intent_leads_to_no_second_history(void **state)
{
    (void)state;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    struct onus_str intent = case_scene_read(&scene, INTENT, &arena);
    case_scene_grow(&scene, "case");
    remove_intent();
    assert_int_equal(checkpoint("case"), ONUS_OK);
    assert_int_equal(report.size, 2);
    write_at(INTENT, intent); /* an older one */
    case_scene_grow(&scene, "case");
    (void)checkpoint("case");
    for (size_t at = 0; at < intent.len; at++) {
        char edited[1024];
        assert_true(intent.len < sizeof(edited));
        memcpy(edited, intent.ptr, intent.len);
        edited[at] = (char)(edited[at] ^ 1);
        write_at(INTENT, (struct onus_str){edited, intent.len});
        (void)checkpoint("case");
    }
    assert_true(case_scene_one_history(&scene));
}

/* ---- anchors --------------------------------------------------------------------------------- */

static void a_cosigned_checkpoint_of_another_log_becomes_the_anchor(void **state)
{
    (void)state;
    char path[128];
    struct onus_digest hash;
    struct onus_digest expected;
    struct onus_buffer policy;
    begin(ONE_OF_TWO);
    case_scene_grow(&scene, "case");
    assert_int_equal(checkpoint("case"), ONUS_OK);
    struct onus_str note = stored("case");
    /* Another case whose policy knows that log. */
    case_scene_copy(&scene, "case", "other");
    (void)snprintf(path, sizeof(path), "%s/other", scene.folder);
    assert_int_equal(onus_checkpoint_anchor(path, case_scene_options(), note, &hash, &err),
            ONUS_E_ARGUMENT);
    assert_int_equal(case_scene_checkpoint(&scene, "other", "a test", &arena, &report, &err),
            ONUS_OK);
    assert_int_equal(onus_checkpoint_anchor(path, case_scene_options(), note, &hash, &err),
            ONUS_E_MISSING);
    onus_buffer_init(&policy, 0);
    onus_buffer_add_str(&policy, case_scene_read(&scene, "case/policy", &arena));
    write_at("other/policy", onus_buffer_view(&policy));
    assert_int_equal(onus_checkpoint_anchor(path, case_scene_options(), note, &hash, &err),
            ONUS_OK);
    onus_sha256(note, &expected);
    assert_true(onus_digest_eq(&hash, &expected));
    struct onus_buffer changed;
    onus_buffer_init(&changed, 0);
    onus_buffer_add_str(&changed, note);
    assert_int_equal(onus_buffer_status(&changed, NULL), ONUS_OK);
    changed.ptr[changed.len - 10] = changed.ptr[changed.len - 10] == 'A' ? 'B' : 'A';
    assert_int_equal(onus_checkpoint_anchor(path, case_scene_options(), onus_buffer_view(&changed),
                             &hash, &err),
            ONUS_E_MISMATCH);
    onus_buffer_clear(&policy);
    onus_buffer_clear(&changed);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_teardown(test, tear_down)
    const struct CMUnitTest tests[] = {
            WITH(witnesses_that_answer_meet_the_quorum),
            WITH(asking_again_changes_nothing),
            WITH(each_batch_of_entries_gets_its_checkpoint),
            WITH(a_witness_that_was_away_is_brought_up_to_date),
            WITH(a_policy_without_urls_needs_nobody),
            WITH(nothing_is_signed_while_too_few_witnesses_answer),
            WITH(answers_that_make_no_sense_are_no_answers),
            WITH(what_is_no_cosignature_is_never_stored),
            WITH(no_bit_of_a_cosignature_can_change_and_still_be_taken),
            WITH(a_restored_copy_signs_nothing),
            WITH(a_copy_from_before_the_first_checkpoint_signs_nothing),
            WITH(a_copy_that_signed_another_history_alone_is_found_out),
            WITH(the_copy_is_found_out_when_the_witness_ahead_is_among_those_that_answer),
            WITH(a_restored_copy_goes_on_under_another_origin),
            WITH(a_second_copy_does_not_take_the_origin_of_the_first),
            WITH(names_of_further_origins_count_up),
            WITH(ended_anywhere_a_log_shows_one_history),
            WITH(a_full_or_broken_disk_is_told_and_mended_by_asking_again),
            WITH(ended_while_the_origin_changes_it_is_the_old_or_the_new_one),
            WITH(a_planted_intent_is_not_signed),
            WITH(a_removed_or_edited_intent_leads_to_no_second_history),
            WITH(a_cosigned_checkpoint_of_another_log_becomes_the_anchor),
    };
    return cmocka_run_group_tests_name("evidence/checkpoint", tests, NULL, NULL);
}
