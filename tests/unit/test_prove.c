/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a question becomes a bundle that a reader of the policy accepts and that says what a
 * recount of the lines says; where that cannot be, no bundle comes.
 * Oracle: the checker of proof/, which shares nothing with the writer but the structs, and a recount.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "evidence/bundle_write.h"
#include "evidence/net_table.h"
#include "evidence/prove.h"
#include "evidence_scene.h"
#include "proof/bundle_check.h"
#include "proof/bundle_text.h"

static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return onus_hash_mix(*state, 7);
}

/* ---- a proof and what a reader makes of it --------------------------------------------------- */

struct answer {
    enum onus_code code; /* of proving */
    struct onus_error err;
    struct onus_proven proven;
    struct onus_arena arena;
    struct onus_buffer bytes, text;
    char notes[4096];
};

static void note(void *data, const char *words)
{
    struct answer *answer = data;
    size_t used = strlen(answer->notes);
    (void)snprintf(answer->notes + used, sizeof(answer->notes) - used, "%s\n", words);
}

static void read_bundle(const struct scene *scene, struct answer *answer)
{
    struct onus_arena arena;
    struct onus_bundle_facts facts;
    struct onus_error err = ONUS_ERROR_INIT;
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    if (onus_bundle_check(scene_policy(scene), onus_buffer_view(&answer->bytes), &arena, &facts,
                &err) != ONUS_OK) {
        fail_msg("refused: %s (at %" PRIu64 ")", err.text, err.offset);
    }
    onus_bundle_text(&answer->text, &facts, NULL);
    onus_arena_clear(&arena);
}

/*
 * ONUS_BUNDLES=FOLDER: every bundle is kept there, with the text that goes with it, for verifiers that are
 * programs of their own (tests/prove/run).
 */
static void keep_file(const char *name, const char *ending, struct onus_str bytes)
{
    const char *folder = getenv("ONUS_BUNDLES");
    char path[512];
    if (folder) {
        (void)snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending);
        FILE *file = fopen(path, "wbe");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
        assert_int_equal(fclose(file), 0);
    }
}

static void keep_bundle(const struct scene *scene, const char *name, const struct answer *answer)
{
    keep_file(name, ".onus", onus_buffer_view(&answer->bytes));
    keep_file(name, ".text", onus_buffer_view(&answer->text));
    keep_file("policy", "", scene_policy_text(scene));
    keep_file("log", ".vkey", onus_str_of(scene_log_vkey(scene)));
    keep_file("witness", ".vkey", onus_str_of(scene_witness_vkey(scene)));
}

static void prove(const struct scene *scene, struct onus_prove_options *options, const char *text,
        struct answer *answer)
{
    struct onus_query query;
    memset(answer, 0, sizeof(*answer));
    onus_arena_init(&answer->arena, SIZE_MAX);
    options->notes = (struct onus_notes){note, answer};
    assert_int_equal(onus_query_parse(onus_str_of(text), &query, &answer->err), ONUS_OK);
    answer->code = onus_prove(&query, options, &answer->arena, &answer->proven, &answer->err);
    if (answer->code == ONUS_OK) {
        onus_bundle_write(&answer->proven.bundle, &answer->bytes);
        assert_int_equal(onus_buffer_status(&answer->bytes, NULL), ONUS_OK);
        read_bundle(scene, answer);
        static unsigned number = 0;
        char name[32];
        (void)snprintf(name, sizeof(name), "bundle-%04u", number++);
        keep_bundle(scene, name, answer);
    }
}

static void done(struct answer *answer)
{
    onus_buffer_clear(&answer->bytes);
    onus_buffer_clear(&answer->text);
    onus_arena_clear(&answer->arena);
}

static void assert_says(const struct answer *answer, const char *line)
{
    if (answer->code != ONUS_OK) {
        fail_msg("%s", answer->err.text);
    }
    if (!onus_str_has(onus_buffer_view(&answer->text), onus_str_of(line))) {
        fail_msg("'%s' is not in:\n%.*s", line, (int)answer->text.len, answer->text.ptr);
    }
}

/* One question, one sentence of the answer. */
static void assert_proves(const struct scene *scene, const struct onus_holdings *holdings,
        const char *query, const char *says)
{
    struct answer answer;
    struct onus_prove_options options = {.holdings = holdings};
    prove(scene, &options, query, &answer);
    assert_says(&answer, says);
    done(&answer);
}

static void assert_refuses(const struct scene *scene, const struct onus_holdings *holdings,
        const char *query, enum onus_code code)
{
    struct answer answer;
    struct onus_prove_options options = {.holdings = holdings};
    prove(scene, &options, query, &answer);
    if (answer.code != code) {
        fail_msg("%s: %d %s", query, (int)answer.code, answer.err.text);
    }
    done(&answer);
}

/* ---- a small case ---------------------------------------------------------------------------- */

/* clang-format off */
#define TEXT(t)       { t, sizeof(t) - 1 }
#define LINE(t, s, a) { TEXT("Jun 27 03:12:07 gw1 sshd[811]: " t), s, a }
/* clang-format on */

static const struct scene_line first_lines[] = {
        LINE("Failed password for root from 203.0.113.7 port 40112 ssh2", "203.0.113.7", 1),
        LINE("Failed password for root from 203.0.113.7 port 40112 ssh2", "203.0.113.7", 1),
        LINE("Accepted publickey for ops from 192.0.2.10 port 51514 ssh2", "192.0.2.10", 0),
        LINE("Failed password for admin from 203.0.113.99 port 40260 ssh2", "203.0.113.99", 1),
        LINE("message repeated 5 times: [ Failed password from 203.0.113.7 ]", "203.0.113.7", 5),
        LINE("Server listening on 0.0.0.0 port 22.", NULL, 0),
        LINE("Failed password for root from 255.255.255.255 port 1 ssh2", "255.255.255.255", 1),
        LINE("Failed password for root from 2001:db8::7 port 1 ssh2", "2001:db8::7", 1),
        LINE("Failed password for root from 198.51.100.20 port 9 ssh2", "198.51.100.20", 1),
};

static const struct scene_line second_lines[] = {
        LINE("Failed password for root from 203.0.113.7 port 40112 ssh2", "203.0.113.7", 1),
        LINE("Failed password for git from 2001:db8:1::1 port 40113 ssh2", "2001:db8:1::1", 1),
};

static const char table_text[] = "net-table example-asn 2016-06-20";
static const struct scene_line table_lines[] = {
        {TEXT("onus/net-table/v1 example-asn 2016-06-20"), NULL, 0},
        {TEXT("net 04000000000000000000000000c000020000 04000000000000000000000000c000030000 "
              "64496 EXAMPLE-ONE"),
                NULL, 0},
        {TEXT("net 04000000000000000000000000c633640000 04000000000000000000000000c633650000 "
              "64500 EXAMPLE HOST"),
                NULL, 0},
        {TEXT("net 04000000000000000000000000cb00700000 04000000000000000000000000cb00720000 "
              "64500 EXAMPLE HOST"),
                NULL, 0},
};

#define DAY27 UINT64_C(1466985600)

struct small {
    struct scene *scene;
    const struct onus_holdings *holdings;
    struct onus_arena arena;
    struct onus_net_rows table;
};

static void small_table(struct small *small)
{
    struct onus_buffer text = {.limit = 0};
    struct onus_str copy;
    for (size_t i = 0; i < 4; i++) {
        onus_buffer_add_str(&text, table_lines[i].text);
        onus_buffer_add_char(&text, '\n');
    }
    assert_int_equal(onus_arena_copy(&small->arena, onus_buffer_view(&text), &copy, NULL), ONUS_OK);
    onus_buffer_clear(&text);
    assert_int_equal(onus_net_table_parse(copy, &small->arena, &small->table, NULL), ONUS_OK);
}

/* Three batches of one day and the next, one without lines; in parts or in whole lines. */
static void small_open(struct small *small, bool in_parts, bool rollup)
{
    memset(small, 0, sizeof(*small));
    onus_arena_init(&small->arena, SIZE_MAX);
    small_table(small);
    small->scene = scene_new();
    struct scene *scene = small->scene;
    size_t table = scene_source(scene, table_text, false);
    scene_seal(scene, &(struct scene_batch){table, table_lines, 4, 0, 0}, NULL, NULL);
    size_t source = scene_source(scene, "gw1/var/log/auth.log", in_parts);
    scene_anchor(scene, scene_other_note(scene, 7, DAY27 - 5000));
    struct scene_batch batches[] = {
            {source, first_lines, ONUS_COUNT(first_lines), DAY27 + 10, DAY27 + 3600},
            {source, NULL, 0, 0, 0},
            {source, second_lines, ONUS_COUNT(second_lines), DAY27 + 7200, DAY27 + 7300},
            {source, second_lines, 1, DAY27 + 86400, DAY27 + 86500},
    };
    for (size_t i = 0; i < ONUS_COUNT(batches); i++) {
        scene_seal(scene, &batches[i], onus_net_table_routed, &small->table);
    }
    if (rollup) {
        scene_rollup(scene, source, 0, 2);
        scene_rollup(scene, source, 0, 3);
    }
    small->holdings = scene_sign(scene, DAY27 + 86700);
}

static void small_close(struct small *small)
{
    scene_free(small->scene);
    onus_arena_clear(&small->arena);
}

static void counts_are_those_of_the_lines(void **state)
{
    (void)state;
    static const struct {
        const char *query, *says;
    } cases[] = {
            {"attempts from 203.0.113.7",
                    "total 203.0.113.7: 5 lines, 9 attempts, in batches 0 to 3"},
            {"attempts from 203.0.113.7 on 2016-06-27",
                    "total 203.0.113.7: 4 lines, 8 attempts, in batches 0 to 2"},
            {"lines from 203.0.113.0/24", "total 203.0.113.0 up to, without, 203.0.114.0: 6 lines, "
                                          "10 attempts"},
            {"lines from 203.0.0.0/16", "total 203.0.0.0 up to, without, 203.1.0.0: 6 lines"},
            {"attempts from 255.255.255.0/24",
                    "total 255.255.255.0 up to, without, end of IPv4: 1 lines, 1 attempts"},
            {"attempts from 2001:db8::/32",
                    "total 2001:db8:: up to, without, 2001:db9::: 2 lines, 2 attempts"},
            {"attempts from 2001:db8::7", "total 2001:db8::7: 1 lines, 1 attempts"},
            {"none from 192.0.2.9", "total 192.0.2.9: 0 lines, 0 attempts, in batches 0 to 3"},
            {"none from 10.0.0.0/8",
                    "total 10.0.0.0 up to, without, 11.0.0.0: 0 lines, 0 attempts"},
            {"none from 0.0.0.0", "total 0.0.0.0: 0 lines"},
            {"none from ffff::1", "total ffff::1: 0 lines"},
            {"all", "total: 12 lines, 14 attempts, in batches 0 to 3"},
            {"all on 2016-06-28", "total: 1 lines, 1 attempts, in batch 3"},
            {"attempts from AS64500",
                    "total AS64500 (EXAMPLE HOST): 7 lines, 11 attempts, by 2 rows of table "
                    "example-asn 2016-06-20, in batches 0 to 3"},
            {"share of AS64500", "  = 58.3 % of the lines, 78.5 % of the attempts"},
            {"share of 203.0.113.7", "total: 12 lines, 14 attempts, in batches 0 to 3"},
            {"no batch missing", "no batch is missing: batches 0 to 3"},
    };
    for (int way = 0; way < 3; way++) {
        struct small small;
        small_open(&small, way == 1, way == 2);
        for (size_t i = 0; i < ONUS_COUNT(cases); i++) {
            assert_proves(small.scene, small.holdings, cases[i].query, cases[i].says);
        }
        small_close(&small);
    }
}

static void what_is_not_so_is_not_proven(void **state)
{
    (void)state;
    struct small small;
    small_open(&small, false, false);
    static const struct {
        const char *query;
        enum onus_code code;
    } cases[] = {
            {"none from 203.0.113.7", ONUS_E_MISMATCH},
            {"none from 203.0.113.0/24", ONUS_E_MISMATCH}, {"none from AS64500", ONUS_E_MISMATCH},
            {"at least 9 'Failed password for root'", ONUS_E_MISMATCH},
            {"at least 'no such words'", ONUS_E_MISMATCH},
            {"attempts from 203.0.113.0/25", ONUS_E_MISSING}, /* no fence inside a /24 */
            {"attempts from AS64511", ONUS_E_MISSING}, {"attempts on 2015-06-27", ONUS_E_MISSING},
            {"attempts of mail.log", ONUS_E_MISSING},
            {"no batch missing on 2016-06-28", ONUS_E_MISSING},                    /* one batch */
            {"sealed auth.log:13", ONUS_E_MISSING}, {"sample 3", ONUS_E_ARGUMENT}, /* no beacon */
    };
    for (size_t i = 0; i < ONUS_COUNT(cases); i++) {
        assert_refuses(small.scene, small.holdings, cases[i].query, cases[i].code);
    }
    small_close(&small);
}

static void lines_are_shown_and_nothing_beside_them(void **state)
{
    (void)state;
    for (int parts = 0; parts < 2; parts++) {
        struct small small;
        struct answer answer;
        small_open(&small, parts == 1, true);
        struct onus_prove_options options = {.holdings = small.holdings};
        prove(small.scene, &options, "sealed auth.log:2-3,11", &answer);
        assert_says(&answer,
                "  sealed 83,100 s after its last line at most: class B, within a day");
        assert_int_equal(answer.proven.shown, 3);
        if (parts == 0) {
            assert_says(&answer, "  line 2: Jun 27 03:12:07 gw1 sshd[811]: Accepted publickey");
        }
        struct onus_str bytes = onus_buffer_view(&answer.bytes);
        assert_false(onus_str_has(bytes, ONUS_STR("203.0.113.99")));
        assert_false(onus_str_has(bytes, ONUS_STR("auth.log")));
        done(&answer);
        prove(small.scene, &options, "at least 5 'root'", &answer);
        assert_says(&answer, "at least 5 lines contain: root");
        assert_int_equal(answer.proven.shown, 5);
        done(&answer);
        prove(small.scene, &options, "at least 'Accepted'", &answer);
        assert_says(&answer, "at least 1 lines contain: Accepted");
        done(&answer);
        small_close(&small);
    }
}

static void members_are_told_by_the_table(void **state)
{
    (void)state;
    struct small small;
    struct answer answer;
    small_open(&small, false, true);
    static const char *const texts[] = {"203.0.113.7", "203.0.113.99", "192.0.2.10", "2001:db8::7",
            "198.51.100.20", "192.0.2.77", "203.0.113.7"};
    struct onus_address members[ONUS_COUNT(texts)];
    for (size_t i = 0; i < ONUS_COUNT(texts); i++) {
        assert_true(onus_address_parse(onus_str_of(texts[i]), &members[i]));
    }
    struct onus_prove_options options = {.holdings = small.holdings,
            .members = members,
            .member_count = ONUS_COUNT(members)};
    prove(small.scene, &options, "3 of addresses in list.txt are AS64500", &answer);
    assert_says(&answer, "3 of 5 addresses are registered in AS64500 by table example-asn "
                         "2016-06-20, 1 elsewhere, 1 not shown");
    assert_true(onus_str_has(onus_str_of(answer.notes), ONUS_STR("1 of the addresses")));
    done(&answer);
    prove(small.scene, &options, "4 of addresses in list.txt are AS64500", &answer);
    assert_int_equal(answer.code, ONUS_E_MISMATCH);
    done(&answer);
    small_close(&small);
}

static void a_sample_is_drawn_by_a_later_note(void **state)
{
    (void)state;
    for (int parts = 0; parts < 2; parts++) {
        struct small small;
        struct answer answer;
        small_open(&small, parts == 1, false);
        struct onus_prove_options options = {.holdings = small.holdings,
                .beacon = scene_other_note(small.scene, 9, DAY27 + 90000)};
        prove(small.scene, &options, "sample 20 of auth.log batch 0", &answer);
        assert_says(&answer, "audit: 20 of 9 lines, drawn after sealing, stand in the index");
        done(&answer);
        prove(small.scene, &options, "sample 20 of auth.log", &answer);
        assert_int_equal(answer.code, ONUS_E_ARGUMENT); /* which batch? */
        done(&answer);
        small_close(&small);
    }
}

static void an_anchor_tells_after_when(void **state)
{
    (void)state;
    struct small small;
    struct answer answer;
    small_open(&small, false, false);
    struct onus_prove_options options = {.holdings = small.holdings,
            .older = scene_other_note(small.scene, 7, DAY27 - 5000)};
    prove(small.scene, &options, "all on 2016-06-28", &answer);
    assert_says(&answer, "  sealed after 2016-06-26T22:36:40Z");
    assert_says(&answer, "class A, within 10 minutes");
    done(&answer);
    small_close(&small);
}

static void roll_ups_are_taken_when_they_cover(void **state)
{
    (void)state;
    struct small small;
    struct answer answer;
    small_open(&small, false, true);
    struct onus_prove_options options = {.holdings = small.holdings};
    prove(small.scene, &options, "attempts from 203.0.113.7", &answer);
    assert_int_equal(answer.proven.groups, 1);
    assert_int_equal(answer.proven.selection.batches, 4);
    done(&answer);
    prove(small.scene, &options, "attempts from 203.0.113.7 on 2016-06-27", &answer);
    assert_int_equal(answer.proven.groups, 1);
    assert_int_equal(answer.proven.selection.batches, 3);
    done(&answer);
    options.no_rollups = true;
    prove(small.scene, &options, "attempts from 203.0.113.7", &answer);
    assert_int_equal(answer.proven.groups, 4);
    done(&answer);
    small_close(&small);
}

static void a_batch_across_an_edge_is_told(void **state)
{
    (void)state;
    struct scene *scene = scene_new();
    struct answer answer;
    size_t source = scene_source(scene, "auth.log", false);
    scene_seal(scene, &(struct scene_batch){source, first_lines, 3, DAY27 - 100, DAY27 + 100}, NULL,
            NULL);
    scene_seal(scene, &(struct scene_batch){source, first_lines, 3, 0, 0}, NULL, NULL);
    struct onus_prove_options options = {.holdings = scene_sign(scene, DAY27 + 4000)};
    prove(scene, &options, "all on 2016-06-27", &answer);
    assert_says(&answer, "total: 3 lines, 2 attempts, in batch 0");
    assert_string_equal(answer.notes,
            "batch 0 of 'auth.log' has lines outside the period too, from 2016-06-26T23:58:20Z to "
            "2016-06-27T00:01:40Z: it is counted whole\n"
            "1 batches of 'auth.log' have lines but no times and are not in the period\n");
    assert_int_equal(answer.proven.selection.straddling, 1);
    done(&answer);
    scene_free(scene);
}

/* ---- random cases ---------------------------------------------------------------------------- */

struct random_case {
    struct scene_line *lines;
    size_t count;
    char (*sources)[48];
};

static void random_lines(uint64_t *seed, struct random_case *out)
{
    for (size_t i = 0; i < out->count; i++) {
        uint64_t pick = next(seed);
        out->lines[i] = (struct scene_line){ONUS_STR("a line"), out->sources[i], pick >> 40 & 3};
        switch (pick % 8) {
        case 0:
            out->lines[i].source = NULL;
            break;
        case 1:
            (void)snprintf(out->sources[i], 48, "2001:db8:%x::%x", (unsigned)(pick >> 8 & 3),
                    (unsigned)(pick >> 16 & 7));
            break;
        case 2:
            (void)snprintf(out->sources[i], 48, "255.255.255.%u", 248 + (unsigned)(pick >> 8 & 7));
            break;
        default:
            (void)snprintf(out->sources[i], 48, "203.0.%u.%u", 112 + (unsigned)(pick >> 8 & 3),
                    (unsigned)(pick >> 16 & 31));
        }
    }
}

/* Lines and attempts of keys that lie from low up to high; a key alone with low == high. */
static struct onus_counted recount(const struct random_case *lines, size_t first, size_t end,
        const struct onus_key *low, const struct onus_key *high)
{
    struct onus_counted sum = {0, 0};
    for (size_t i = first; i < end; i++) {
        struct onus_address address;
        if (!lines->lines[i].source ||
                !onus_address_parse(onus_str_of(lines->lines[i].source), &address)) {
            continue;
        }
        struct onus_key key = onus_key_of(&address);
        bool alone = onus_key_compare(low, high) == 0;
        if (alone ? onus_key_compare(&key, low) == 0
                  : onus_key_compare(&key, low) >= 0 && onus_key_compare(&key, high) < 0) {
            sum.lines++;
            sum.attempts += lines->lines[i].attempts;
        }
    }
    return sum;
}

static void random_query(uint64_t *seed, char text[64])
{
    uint64_t pick = next(seed);
    unsigned a = 112 + (unsigned)(pick >> 8 & 3);
    unsigned b = (unsigned)(pick >> 16 & 31);
    switch (pick % 8) {
    case 0:
        (void)snprintf(text, 64, "attempts from 2001:db8:%x::/48", (unsigned)(pick >> 8 & 3));
        break;
    case 1:
        (void)snprintf(text, 64, "attempts from 203.0.%u.0/24", a);
        break;
    case 2:
        (void)snprintf(text, 64, "attempts from 203.0.0.0/16");
        break;
    case 3:
        (void)snprintf(text, 64, "attempts from 255.255.255.0/24");
        break;
    case 4:
        (void)snprintf(text, 64, "attempts from 2001:db8:%x::%x", (unsigned)(pick >> 8 & 3), b & 7);
        break;
    default:
        (void)snprintf(text, 64, "attempts from 203.0.%u.%u", a, b);
    }
}

static void random_scene(uint64_t *seed, size_t lines, size_t batches)
{
    struct random_case random = {.count = lines};
    random.lines = calloc(lines + 1, sizeof(*random.lines));
    random.sources = calloc(lines + 1, sizeof(*random.sources));
    assert_true(random.lines && random.sources);
    random_lines(seed, &random);
    struct scene *scene = scene_new();
    size_t source = scene_source(scene, "s", false);
    for (size_t i = 0; i < batches; i++) {
        size_t from = lines * i / batches;
        scene_seal(scene,
                &(struct scene_batch){source, random.lines + from, lines * (i + 1) / batches - from,
                        DAY27 + i, DAY27 + i},
                NULL, NULL);
    }
    if (batches > 2) {
        scene_rollup(scene, source, 0, batches - 2);
    }
    struct onus_prove_options options = {.holdings = scene_sign(scene, DAY27 + 500)};
    for (int i = 0; i < 12; i++) {
        char text[64];
        struct onus_query query;
        struct answer answer;
        random_query(seed, text);
        assert_int_equal(onus_query_parse(onus_str_of(text), &query, NULL), ONUS_OK);
        struct onus_key high = query.who == ONUS_WHO_RANGE ? query.high : query.low;
        struct onus_counted want = recount(&random, 0, lines, &query.low, &high);
        prove(scene, &options, text, &answer);
        char says[256];
        char names[2][ONUS_KEY_TEXT];
        (void)onus_key_format(&query.low, names[0]);
        (void)onus_key_format(&high, names[1]);
        bool range = query.who == ONUS_WHO_RANGE;
        (void)snprintf(says, sizeof(says), "total %s%s%s: %" PRIu64 " lines, %" PRIu64 " attempts",
                names[0], range ? " up to, without, " : "", range ? names[1] : "", want.lines,
                want.attempts);
        assert_says(&answer, says);
        assert_true(answer.proven.counted.lines == want.lines);
        done(&answer);
    }
    scene_free(scene);
    free(random.lines);
    free(random.sources);
}

static void random_questions_give_what_a_recount_gives(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (size_t lines = 0; lines < 40; lines++) {
        random_scene(&seed, lines, 1 + lines % 5);
    }
    random_scene(&seed, 400, 7);
}

static void the_same_question_gives_the_same_bytes(void **state)
{
    (void)state;
    struct small small;
    struct answer answers[2];
    small_open(&small, false, true);
    struct onus_prove_options options = {.holdings = small.holdings};
    prove(small.scene, &options, "share of AS64500", &answers[0]);
    prove(small.scene, &options, "share of AS64500", &answers[1]);
    assert_true(
            onus_str_eq(onus_buffer_view(&answers[0].bytes), onus_buffer_view(&answers[1].bytes)));
    done(&answers[0]);
    done(&answers[1]);
    small_close(&small);
}

/*
 * Lines and counts of one batch without totals: what the small verifier beside the design reads too. It
 * wants attempts that do not exceed lines.
 */
static void plain_claims_of_one_batch_hold(void **state)
{
    (void)state;
    struct answer answer;
    memset(&answer, 0, sizeof(answer));
    struct scene *scene = scene_new();
    size_t source = scene_source(scene, "auth.log", false);
    scene_seal(scene, &(struct scene_batch){source, first_lines, 4, DAY27, DAY27 + 60}, NULL, NULL);
    struct onus_prove_options options = {.holdings = scene_sign(scene, DAY27 + 90)};
    static const char *const fences[][2] = {{"203.0.113.0", "203.0.114.0"},
            {"192.0.0.0", "192.1.0.0"}};
    struct onus_assembly assembly;
    struct onus_exhibit exhibit = {.calls = NULL};
    struct onus_group_making making;
    struct onus_counted counted;
    struct onus_address address;
    onus_arena_init(&answer.arena, SIZE_MAX);
    onus_assembly_init(&assembly, &answer.arena);
    assert_int_equal(onus_prove_group(&options, &options.holdings->list[0], &assembly, &exhibit,
                             &making, NULL),
            ONUS_OK);
    assert_int_equal(onus_group_show_line(&making, 3, NULL), ONUS_OK);
    assert_int_equal(onus_group_show_line(&making, 0, NULL), ONUS_OK);
    assert_true(onus_address_parse(ONUS_STR("203.0.113.7"), &address));
    struct onus_key key = onus_key_of(&address);
    assert_int_equal(onus_group_count_address(&making, &key, &counted, NULL), ONUS_OK);
    assert_true(counted.lines == 2 && counted.attempts == 2);
    for (size_t i = 0; i < ONUS_COUNT(fences); i++) {
        assert_true(onus_address_parse(onus_str_of(fences[i][0]), &address));
        key = onus_key_fence(&address);
        assert_true(onus_address_parse(onus_str_of(fences[i][1]), &address));
        struct onus_key high = onus_key_fence(&address);
        assert_int_equal(onus_group_count_range(&making, &key, &high, &counted, NULL), ONUS_OK);
        assert_int_equal(counted.lines, i == 0 ? 3 : 1);
    }
    onus_group_end(&making);
    onus_exhibit_close(&exhibit);
    struct onus_assembly_notes notes = {.checkpoint = options.holdings->checkpoint};
    onus_assembly_finish(&assembly, &notes, &answer.proven.bundle);
    onus_bundle_write(&answer.proven.bundle, &answer.bytes);
    read_bundle(scene, &answer);
    assert_says(&answer, "  203.0.113.7: 2 lines, 2 attempts");
    keep_bundle(scene, "plain", &answer);
    done(&answer);
    scene_free(scene);
}

/* What the reader understands, written again, is what was read. */
static void reading_and_writing_are_inverse(void **state)
{
    (void)state;
    struct small small;
    struct answer answer;
    small_open(&small, false, true);
    struct onus_prove_options options = {.holdings = small.holdings};
    prove(small.scene, &options, "share of AS64500", &answer);
    struct onus_arena arena;
    struct onus_bundle bundle;
    struct onus_buffer again = {.limit = 0};
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    assert_int_equal(onus_bundle_read(onus_buffer_view(&answer.bytes), &arena, &bundle, NULL),
            ONUS_OK);
    onus_bundle_write(&bundle, &again);
    assert_true(onus_str_eq(onus_buffer_view(&answer.bytes), onus_buffer_view(&again)));
    onus_buffer_clear(&again);
    onus_arena_clear(&arena);
    done(&answer);
    small_close(&small);
}

/* Not a bound, a figure: ONUS_MEASURE=1 prints it. */
static void sizes_of_proofs_are_told(void **state)
{
    (void)state;
    enum {
        LINES = 100000
    };
    if (!getenv("ONUS_MEASURE")) {
        print_message("not asked for: ONUS_MEASURE=1\n");
        skip();
    }
    struct random_case random = {.count = LINES};
    random.lines = calloc(LINES, sizeof(*random.lines));
    random.sources = calloc(LINES, sizeof(*random.sources));
    assert_true(random.lines && random.sources);
    for (size_t i = 0; i < LINES; i++) {
        static char texts[LINES][80];
        int n = snprintf(texts[i], sizeof(texts[i]),
                "Jun 27 03:12:07 gw1 sshd[811]: Failed password for root from 203.%zu.%zu.7 ssh2",
                i % 50, i % 200);
        random.lines[i].text = (struct onus_str){texts[i], (size_t)n};
        random.lines[i].attempts = 1;
        (void)snprintf(random.sources[i], 48, "203.%zu.%zu.7", i % 50, i % 200);
        random.lines[i].source = random.sources[i];
    }
    struct scene *scene = scene_new();
    size_t source = scene_source(scene, "s", false);
    scene_seal(scene, &(struct scene_batch){source, random.lines, LINES, DAY27, DAY27 + 80000},
            NULL, NULL);
    for (size_t i = 1; i < 31; i++) {
        scene_seal(scene,
                &(struct scene_batch){source, random.lines + i * 3000, 3000, DAY27 + i * 86400,
                        DAY27 + i * 86400 + 80000},
                NULL, NULL);
    }
    scene_rollup(scene, source, 0, 30);
    struct onus_prove_options options = {.holdings = scene_sign(scene, DAY27 + 31 * 86400)};
    static const char *const queries[] = {"sealed s:1", "sealed s:1-1000", "sealed s:1-100000",
            "attempts from 203.7.7.7 on 2016-06-27", "attempts from 203.7.7.7",
            "lines from 203.7.0.0/16", "all"};
    for (size_t i = 0; i < ONUS_COUNT(queries); i++) {
        struct answer answer;
        prove(scene, &options, queries[i], &answer);
        if (answer.code != ONUS_OK) {
            fail_msg("%s", answer.err.text);
        }
        print_message("%s: %zu bytes, %" PRIu64 " groups\n", queries[i], answer.bytes.len,
                answer.proven.groups);
        done(&answer);
    }
    scene_free(scene);
    free(random.lines);
    free(random.sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(counts_are_those_of_the_lines),
            cmocka_unit_test(what_is_not_so_is_not_proven),
            cmocka_unit_test(lines_are_shown_and_nothing_beside_them),
            cmocka_unit_test(members_are_told_by_the_table),
            cmocka_unit_test(a_sample_is_drawn_by_a_later_note),
            cmocka_unit_test(an_anchor_tells_after_when),
            cmocka_unit_test(roll_ups_are_taken_when_they_cover),
            cmocka_unit_test(a_batch_across_an_edge_is_told),
            cmocka_unit_test(random_questions_give_what_a_recount_gives),
            cmocka_unit_test(the_same_question_gives_the_same_bytes),
            cmocka_unit_test(plain_claims_of_one_batch_hold),
            cmocka_unit_test(reading_and_writing_are_inverse),
            cmocka_unit_test(sizes_of_proofs_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
