/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: lines that were erased are gone from the vault, everything else is there as before,
 * byte for byte, and still leads to the roots that were signed; an erasure that a crash broke off anywhere
 * is finished by whoever opens the vault next.
 * Oracle: the text that was sealed; the check of the whole vault; the checker of bundles, which shares no
 * state with the vault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "evidence/bundle_write.h"
#include "evidence/custody.h"
#include "evidence/erase.h"
#include "evidence/hold.h"
#include "evidence/holdings.h"
#include "evidence/prove.h"
#include "evidence/vault_roll.h"
#include "proof/bundle_check.h"
#include "seal_scene.h"
#include "sys/durable.h"

enum {
    LINES = 300
};

/* Lines of 20 addresses over three days; 203.0.113.1 has the lines whose number is 1 mod 20. */
static char *make_text(size_t *length)
{
    size_t room = LINES * 120;
    char *text = malloc(room);
    size_t at = 0;
    assert_non_null(text);
    for (size_t i = 0; i < LINES; i++) {
        int wrote = i % 20 == 7
                            ? snprintf(text + at, room - at, "a line that says nothing %zu\n", i)
                            : snprintf(text + at, room - at,
                                      "T%zu gw1 A203.0.113.%zu N1 failed secret%zu\n",
                                      1466900000 + i * 700, i % 20, i);
        at += (size_t)wrote;
    }
    *length = at;
    return text;
}

struct stage {
    struct scene scene;
    char *text;
    size_t length;
    struct onus_arena arena;
};

static void set_up(struct stage *stage, bool parts)
{
    *stage = (struct stage){.text = NULL};
    assert_true(scene_new(&stage->scene));
    stage->scene.parts = parts;
    stage->scene.clock = 1468000000;
    stage->text = make_text(&stage->length);
    if (scene_seal(&stage->scene, "auth.log", (struct onus_str){stage->text, stage->length}) !=
            ONUS_OK) {
        print_message("%s\n", stage->scene.failure);
        fail();
    }
    onus_arena_init(&stage->arena, (size_t)1 << 30);
    struct onus_vault *vault = NULL;
    uint64_t rolled = 0;
    assert_int_equal(scene_open(&stage->scene, true, &vault), ONUS_OK);
    assert_int_equal(onus_vault_roll(vault, ONUS_STR("onus test"), 1469000000, &rolled, NULL),
            ONUS_OK);
    assert_true(rolled > 0);
    onus_vault_close(vault);
}

static void tear_down(struct stage *stage)
{
    onus_arena_clear(&stage->arena);
    scene_remove(&stage->scene);
    free(stage->text);
}

static struct onus_erase_request request_of(enum onus_erase_kind kind)
{
    struct onus_erase_request request = {.kind = kind,
            .basis = ONUS_STR("Art. 17(1)(d)"),
            .who = ONUS_STR("Example Party"),
            .tool = "onus test",
            .now = 1468100000};
    (void)onus_address_parse(ONUS_STR("203.0.113.1"), &request.address);
    return request;
}

static enum onus_code erase(struct stage *stage, const struct onus_erase_request *request,
        struct onus_erase_plan *plan, struct onus_error *err)
{
    struct onus_vault *vault = NULL;
    enum onus_code code = scene_open(&stage->scene, true, &vault);
    if (code != ONUS_OK) {
        return onus_fail(err, code, "%s", stage->scene.failure);
    }
    code = onus_erase_plan(vault, request, &stage->arena, plan, err);
    if (code == ONUS_OK) {
        code = onus_erase_carry(vault, plan, err);
    }
    onus_vault_close(vault);
    return code;
}

static void expect(enum onus_code code, const struct onus_error *err)
{
    if (code != ONUS_OK) {
        print_message("%s\n", err->text);
    }
    assert_int_equal(code, ONUS_OK);
}

static void expect_clean(struct stage *stage, uint64_t erased)
{
    struct onus_fsck_counts counts;
    size_t faults = scene_fsck(&stage->scene, &counts);
    if (faults != 0) {
        print_message("%s\n", stage->scene.failure);
    }
    assert_int_equal(faults, 0);
    assert_int_equal(counts.erased, erased);
    assert_int_equal(counts.lines, LINES);
}

/* Every line is what it was, or is erased; returns how many are erased. */
static uint64_t compare_lines(struct stage *stage, bool (*gone)(size_t line))
{
    struct onus_vault *vault = NULL;
    assert_int_equal(scene_open(&stage->scene, false, &vault), ONUS_OK);
    const struct onus_source *source = onus_vault_source_named(vault, ONUS_STR("auth.log"));
    assert_non_null(source);
    struct onus_str rest = {stage->text, stage->length};
    struct onus_str want;
    size_t number = 0;
    uint64_t erased = 0;
    for (uint64_t seq = 0; seq < source->next_seq; seq++) {
        struct onus_batch *batch = NULL;
        struct onus_error err = ONUS_ERROR_INIT;
        expect(onus_batch_open(vault, source, seq, &batch, &err), &err);
        uint64_t lines = onus_manifest_number(onus_batch_manifest(batch), ONUS_SLOT_LINES);
        for (uint64_t i = 0; i < lines; i++, number++) {
            struct onus_str got;
            assert_true(onus_str_cut(&rest, '\n', &want));
            enum onus_code code = onus_batch_line(batch, i, &got, &err);
            if (gone(number)) {
                assert_int_equal(code, ONUS_E_MISSING);
                assert_non_null(strstr(err.text, "was erased on 2016-07-09 under 'Art. 17(1)(d)'"));
                erased++;
            } else {
                expect(code, &err);
                assert_true(onus_str_eq(got, want));
            }
        }
        onus_batch_close(batch);
    }
    assert_int_equal(number, LINES);
    onus_vault_close(vault);
    return erased;
}

static bool of_address(size_t line)
{
    return line % 20 == 1;
}

/* No file of the vault has these bytes, compressed or not. */
static const char *sought;
static size_t sightings;

static int look(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)place;
    static char bytes[1 << 20];
    if (kind != FTW_F || st->st_size > (off_t)sizeof(bytes)) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    size_t got = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
    if (file) {
        (void)fclose(file);
    }
    sightings += memmem(bytes, got, sought, strlen(sought)) != NULL;
    return 0;
}

static size_t sightings_of(const struct stage *stage, const char *words)
{
    sought = words;
    sightings = 0;
    (void)nftw(stage->scene.path, look, 16, FTW_PHYS);
    return sightings;
}

static void lines_of_an_address_go_and_the_others_stay(void **state)
{
    (void)state;
    for (unsigned parts = 0; parts < 2; parts++) {
        struct stage stage;
        struct onus_erase_plan plan;
        struct onus_error err = ONUS_ERROR_INIT;
        set_up(&stage, parts == 1);
        assert_true(sightings_of(&stage, "secret21\n") > 0);
        struct onus_erase_request request = request_of(ONUS_ERASE_ADDRESS);
        expect(erase(&stage, &request, &plan, &err), &err);
        assert_int_equal(plan.lines, LINES / 20);
        assert_int_equal(plan.keys, plan.batches);
        assert_true(plan.rollups > 0);
        expect_clean(&stage, LINES / 20);
        assert_int_equal(compare_lines(&stage, of_address), LINES / 20);
        assert_int_equal(sightings_of(&stage, "secret21\n"), 0);
        /* Again: nothing is left to be erased. */
        assert_int_equal(erase(&stage, &request, &plan, &err), ONUS_E_MISSING);
        tear_down(&stage);
    }
}

static bool first_five(size_t line)
{
    return line < 5;
}

static bool first_ten(size_t line)
{
    return line < 10;
}

static void lines_can_be_erased_one_act_after_the_other(void **state)
{
    (void)state;
    for (unsigned parts = 0; parts < 2; parts++) {
        struct stage stage;
        struct onus_erase_plan plan;
        struct onus_error err = ONUS_ERROR_INIT;
        set_up(&stage, parts == 1);
        struct onus_line_range range = {.first = 1, .last = 5};
        struct onus_erase_request request = request_of(ONUS_ERASE_LINES);
        request.source = ONUS_STR("auth.log");
        request.ranges = &range;
        request.range_count = 1;
        expect(erase(&stage, &request, &plan, &err), &err);
        assert_int_equal(plan.lines, 5);
        assert_int_equal(compare_lines(&stage, first_five), 5);
        expect_clean(&stage, 5);
        range.last = 10;
        expect(erase(&stage, &request, &plan, &err), &err);
        assert_int_equal(plan.lines, 5);
        assert_int_equal(plan.erased_before, 5);
        assert_int_equal(compare_lines(&stage, first_ten), 10);
        expect_clean(&stage, 10);
        /* What is sealed later is not touched by it. */
        assert_int_equal(scene_seal(&stage.scene, "other.log", ONUS_STR("T1468000000 one more\n")),
                ONUS_OK);
        tear_down(&stage);
    }
}

static bool all_lines(size_t line)
{
    (void)line;
    return true;
}

static void whole_batches_go_by_number_and_by_day(void **state)
{
    (void)state;
    struct stage stage;
    struct onus_erase_plan plan;
    struct onus_error err = ONUS_ERROR_INIT;
    set_up(&stage, false);
    struct onus_erase_request request = request_of(ONUS_ERASE_BEFORE);
    request.before = 1466899999;
    assert_int_equal(erase(&stage, &request, &plan, &err), ONUS_E_MISSING);
    request.before = 1466985600; /* 2016-06-27 */
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_true(plan.lines > 0 && plan.lines < LINES);
    expect_clean(&stage, plan.lines);
    uint64_t before = plan.lines;
    request = request_of(ONUS_ERASE_BATCHES);
    request.source = ONUS_STR("auth.log");
    request.last_seq = 99;
    assert_int_equal(erase(&stage, &request, &plan, &err), ONUS_E_MISSING);
    request.last_seq = stage.scene.last.seq;
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_int_equal(plan.lines + before, LINES);
    assert_int_equal(compare_lines(&stage, all_lines), LINES);
    expect_clean(&stage, LINES);
    tear_down(&stage);
}

static void a_key_of_a_roll_up_goes_with_its_last_line(void **state)
{
    (void)state;
    struct stage stage;
    struct onus_erase_plan plan;
    struct onus_error err = ONUS_ERROR_INIT;
    set_up(&stage, false);
    /* The first line of 203.0.113.1: others are left in later batches. */
    struct onus_line_range range = {.first = 1, .last = 60};
    struct onus_erase_request request = request_of(ONUS_ERASE_LINES);
    request.source = ONUS_STR("auth.log");
    request.ranges = &range;
    request.range_count = 1;
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_int_equal(plan.rollups, 0);
    expect_clean(&stage, 60);
    request = request_of(ONUS_ERASE_ADDRESS);
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_int_equal(plan.rollups, 1);
    expect_clean(&stage, 60 + plan.lines);
    tear_down(&stage);
}

/* ---- proofs ---------------------------------------------------------------------------------- */

struct prover {
    struct onus_vault *vault;
    struct onus_holdings holdings;
    struct onus_prove_options options;
    struct onus_arena arena;
};

static void open_prover(struct stage *stage, struct prover *prover)
{
    struct onus_error err = ONUS_ERROR_INIT;
    *prover = (struct prover){.vault = NULL};
    onus_arena_init(&prover->arena, (size_t)1 << 30);
    assert_int_equal(scene_open(&stage->scene, false, &prover->vault), ONUS_OK);
    expect(onus_holdings_of_vault(prover->vault, &prover->arena, &prover->holdings, &err), &err);
    prover->options.holdings = &prover->holdings;
}

static void close_prover(struct prover *prover)
{
    onus_vault_close(prover->vault);
    onus_arena_clear(&prover->arena);
}

/* A bundle for the question is made, and holds by the policy of the case. */
static enum onus_code prove(struct prover *prover, const char *question, struct onus_proven *proven,
        struct onus_error *err)
{
    struct onus_query query;
    enum onus_code code = onus_query_parse(onus_str_of(question), &query, err);
    if (code == ONUS_OK) {
        code = onus_prove(&query, &prover->options, &prover->arena, proven, err);
    }
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_buffer bytes = {0};
    struct onus_bundle_facts facts;
    struct onus_policy policy;
    struct onus_str text;
    struct onus_arena arena;
    onus_arena_init(&arena, (size_t)1 << 30);
    onus_bundle_write(&proven->bundle, &bytes);
    code = onus_buffer_status(&bytes, err);
    if (code == ONUS_OK) {
        code = onus_durable_read(onus_vault_at(prover->vault), "policy", 1 << 20, &arena, &text,
                err);
    }
    if (code == ONUS_OK) {
        code = onus_policy_parse(text, &arena, &policy, err);
    }
    if (code == ONUS_OK) {
        code = onus_bundle_check(&policy, onus_buffer_view(&bytes), &arena, &facts, err);
    }
    onus_buffer_clear(&bytes);
    onus_arena_clear(&arena);
    return code;
}

static void all_other_proofs_still_hold(void **state)
{
    (void)state;
    static const char *const questions[] = {"all", "attempts from 203.0.113.2",
            "lines from 203.0.113.0/24", "none from 198.51.100.9", "share of 203.0.113.5",
            "at least 3 'failed'", "no batch missing of auth.log", "sealed auth.log:1,3-8,100"};
    for (unsigned parts = 0; parts < 2; parts++) {
        struct stage stage;
        struct prover prover;
        struct onus_erase_plan plan;
        struct onus_proven before[ONUS_COUNT(questions)];
        struct onus_proven after;
        struct onus_error err = ONUS_ERROR_INIT;
        set_up(&stage, parts == 1);
        open_prover(&stage, &prover);
        for (size_t i = 0; i < ONUS_COUNT(questions); i++) {
            expect(prove(&prover, questions[i], &before[i], &err), &err);
        }
        close_prover(&prover);
        struct onus_erase_request request = request_of(ONUS_ERASE_ADDRESS);
        expect(erase(&stage, &request, &plan, &err), &err);
        open_prover(&stage, &prover);
        for (size_t i = 0; i < ONUS_COUNT(questions); i++) {
            expect(prove(&prover, questions[i], &after, &err), &err);
            assert_int_equal(after.counted.lines, before[i].counted.lines);
            assert_int_equal(after.counted.attempts, before[i].counted.attempts);
            assert_int_equal(after.all.lines, before[i].all.lines);
        }
        /* Its own lines and number cannot be shown any more, and nothing says that it never was. */
        assert_int_equal(prove(&prover, "sealed auth.log:2", &after, &err), ONUS_E_MISSING);
        assert_non_null(strstr(err.text, "erased"));
        assert_int_equal(prove(&prover, "lines from 203.0.113.1", &after, &err), ONUS_E_MISSING);
        assert_int_equal(prove(&prover, "none from 203.0.113.1", &after, &err), ONUS_E_MISSING);
        close_prover(&prover);
        tear_down(&stage);
    }
}

/* ---- keys and records ------------------------------------------------------------------------ */

static void the_key_of_the_batch_is_gone_and_old_key_files_open_no_more(void **state)
{
    (void)state;
    struct stage stage;
    struct onus_vault *vault = NULL;
    struct onus_erase_plan plan;
    struct onus_error err = ONUS_ERROR_INIT;
    char command[256];
    set_up(&stage, false);
    (void)snprintf(command, sizeof(command), "cp -r %s/vault/keys/src %s/old", stage.scene.path,
            stage.scene.path);
    assert_int_equal(system(command), 0);
    struct onus_erase_request request = request_of(ONUS_ERASE_BATCHES);
    request.source = ONUS_STR("auth.log");
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_int_equal(scene_open(&stage.scene, false, &vault), ONUS_OK);
    const struct onus_source *source = onus_vault_source_named(vault, ONUS_STR("auth.log"));
    struct onus_digest key;
    assert_int_equal(onus_keytree_batch(&source->keys, 0, &key, NULL), ONUS_E_MISSING);
    assert_int_equal(onus_keytree_batch(&source->keys, 1, &key, NULL), ONUS_OK);
    struct onus_batch *batch = NULL;
    expect(onus_batch_open(vault, source, 0, &batch, &err), &err);
    assert_null(onus_batch_key(batch));
    onus_batch_close(batch);
    onus_vault_close(vault);
    /* The key file as it was before, put back: the age key of its time is not there any more. */
    (void)snprintf(command, sizeof(command), "cp %s/old/*.ggm %s/vault/keys/src/", stage.scene.path,
            stage.scene.path);
    assert_int_equal(system(command), 0);
    assert_int_equal(scene_open(&stage.scene, false, &vault), ONUS_E_MISSING);
    tear_down(&stage);
}

static void an_erasure_is_recorded_in_the_log_and_in_the_custody_log(void **state)
{
    (void)state;
    struct stage stage;
    struct onus_vault *vault = NULL;
    struct onus_erase_plan plan;
    struct onus_custody custody;
    struct onus_error err = ONUS_ERROR_INIT;
    set_up(&stage, false);
    struct onus_erase_request request = request_of(ONUS_ERASE_ADDRESS);
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_int_equal(scene_open(&stage.scene, false, &vault), ONUS_OK);
    expect(onus_custody_read(onus_vault_at(vault), &stage.arena, &custody, &err), &err);
    assert_int_equal(custody.count, 1);
    assert_true(onus_str_eq(custody.lines[0].what, ONUS_STR("erase")));
    assert_true(onus_str_has(custody.lines[0].detail, ONUS_STR("Art. 17(1)(d)")));
    assert_false(onus_str_has(custody.lines[0].detail, ONUS_STR("203.0.113.1")));
    uint64_t records = 0;
    for (uint64_t i = 0; i < onus_log_size(onus_vault_log(vault)); i++) {
        struct onus_str entry;
        expect(onus_log_entry(onus_vault_log(vault), i, &stage.arena, &entry, &err), &err);
        records += entry.ptr[0] == 'E';
    }
    assert_int_equal(records, plan.batches);
    onus_vault_close(vault);
    tear_down(&stage);
}

static void a_hold_blocks_it_until_it_is_lifted(void **state)
{
    (void)state;
    struct stage stage;
    struct onus_vault *vault = NULL;
    struct onus_erase_plan plan;
    struct onus_error err = ONUS_ERROR_INIT;
    size_t lifted = 0;
    set_up(&stage, false);
    assert_int_equal(scene_open(&stage.scene, true, &vault), ONUS_OK);
    struct onus_hold hold = {.time = 1468000000,
            .tag = onus_vault_source_at(vault, 0)->tag,
            .first = 0,
            .last = 0,
            .thread = ONUS_STR("matter-7"),
            .reason = ONUS_STR("preservation asked for")};
    expect(onus_hold_add(vault, &hold, &err), &err);
    onus_vault_close(vault);
    struct onus_erase_request request = request_of(ONUS_ERASE_ADDRESS);
    assert_int_equal(erase(&stage, &request, &plan, &err), ONUS_E_REFUSED);
    assert_non_null(strstr(err.text, "matter-7"));
    expect_clean(&stage, 0);
    /* Other batches are not on hold. */
    request = request_of(ONUS_ERASE_BATCHES);
    request.source = ONUS_STR("auth.log");
    request.first_seq = request.last_seq = 1;
    expect(erase(&stage, &request, &plan, &err), &err);
    assert_int_equal(scene_open(&stage.scene, true, &vault), ONUS_OK);
    assert_int_equal(onus_hold_remove(vault, ONUS_STR("matter-8"), &lifted, &err), ONUS_E_MISSING);
    expect(onus_hold_remove(vault, ONUS_STR("matter-7"), &lifted, &err), &err);
    assert_int_equal(lifted, 1);
    onus_vault_close(vault);
    request = request_of(ONUS_ERASE_ADDRESS);
    expect(erase(&stage, &request, &plan, &err), &err);
    tear_down(&stage);
}

/* ---- crashes --------------------------------------------------------------------------------- */

/* Copy a case, erase in a child that dies at the n-th call. True when it lived to the end. */
static bool erase_until(const struct stage *stage, const char *copy, long n, enum onus_fault how)
{
    char command[400];
    (void)snprintf(command, sizeof(command), "rm -rf %s && cp -r %s %s", copy, stage->scene.path,
            copy);
    assert_int_equal(system(command), 0);
    pid_t child = fork();
    if (child == 0) {
        struct stage other = *stage;
        struct onus_erase_plan plan;
        struct onus_error err = ONUS_ERROR_INIT;
        struct onus_vault *vault = NULL;
        struct onus_erase_request request = request_of(ONUS_ERASE_ADDRESS);
        (void)snprintf(other.scene.path, sizeof(other.scene.path), "%.63s", copy);
        onus_arena_init(&other.arena, (size_t)1 << 30);
        enum onus_code code = scene_open(&other.scene, true, &vault);
        if (code == ONUS_OK) {
            code = onus_erase_plan(vault, &request, &other.arena, &plan, &err);
        }
        onus_durable_fault_after(n, how);
        code = code == ONUS_OK ? onus_erase_carry(vault, &plan, &err) : code;
        _exit(code == ONUS_OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A vault that was left so is read as it is, and whoever writes next brings it to an end. */
static void expect_finished(const struct stage *stage, const char *copy, long n)
{
    struct stage other = *stage;
    struct onus_vault *vault = NULL;
    struct onus_custody custody;
    struct onus_error err = ONUS_ERROR_INIT;
    bool begun = false;
    (void)snprintf(other.scene.path, sizeof(other.scene.path), "%.63s", copy);
    other.scene.random = 100;
    onus_arena_init(&other.arena, (size_t)1 << 30);
    enum onus_code code = scene_open(&other.scene, false, &vault);
    if (code != ONUS_OK) {
        print_message("after call %ld, reading: %s\n", n, other.scene.failure);
    }
    assert_int_equal(code, ONUS_OK);
    expect(onus_erase_pending(vault, &begun, &err), &err);
    onus_vault_close(vault);
    struct onus_fsck_counts counts;
    size_t faults = scene_fsck(&other.scene, &counts);
    if (faults != (begun ? 1 : 0)) {
        print_message("after call %ld: %s\n", n, other.scene.failure);
    }
    assert_int_equal(faults, begun ? 1 : 0);
    code = scene_open(&other.scene, true, &vault);
    if (code != ONUS_OK) {
        print_message("after call %ld: %s\n", n, other.scene.failure);
    }
    assert_int_equal(code, ONUS_OK);
    expect(onus_custody_read(onus_vault_at(vault), &other.arena, &custody, &err), &err);
    assert_true(custody.count <= 1);
    onus_vault_close(vault);
    /* What was not begun was not promised. */
    bool done = begun || custody.count == 1;
    if (done) {
        expect_clean(&other, LINES / 20);
        assert_int_equal(compare_lines(&other, of_address), LINES / 20);
        assert_int_equal(sightings_of(&other, "secret21\n"), 0);
    } else {
        expect_clean(&other, 0);
    }
    onus_arena_clear(&other.arena);
}

static void an_erasure_that_broke_off_anywhere_is_finished(void **state)
{
    (void)state;
    static const enum onus_fault faults[] = {ONUS_FAULT_KILL, ONUS_FAULT_SHORT};
    struct stage stage;
    char copy[64];
    set_up(&stage, true);
    (void)snprintf(copy, sizeof(copy), "%.50s.copy", stage.scene.path);
    for (size_t i = 0; i < ONUS_COUNT(faults); i++) {
        long n = 0;
        while (!erase_until(&stage, copy, n, faults[i])) {
            expect_finished(&stage, copy, n);
            n++;
            assert_true(n < 1000);
        }
        print_message("%ld calls, each failed once\n", n);
        assert_true(n > 20);
    }
    char command[100];
    (void)snprintf(command, sizeof(command), "rm -rf %s", copy);
    assert_int_equal(system(command), 0);
    tear_down(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(lines_of_an_address_go_and_the_others_stay),
            cmocka_unit_test(lines_can_be_erased_one_act_after_the_other),
            cmocka_unit_test(whole_batches_go_by_number_and_by_day),
            cmocka_unit_test(a_key_of_a_roll_up_goes_with_its_last_line),
            cmocka_unit_test(all_other_proofs_still_hold),
            cmocka_unit_test(the_key_of_the_batch_is_gone_and_old_key_files_open_no_more),
            cmocka_unit_test(an_erasure_is_recorded_in_the_log_and_in_the_custody_log),
            cmocka_unit_test(a_hold_blocks_it_until_it_is_lifted),
            cmocka_unit_test(an_erasure_that_broke_off_anywhere_is_finished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
