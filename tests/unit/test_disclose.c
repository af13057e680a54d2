/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a disclosure opens the lines and parts that were asked for and no other byte; every
 * byte that leaves is shown; the ledger knows what was opened, notices a change, and says what two bundles
 * open together.
 * Oracle: the checker of proof/, a search for bytes in the bundle, and by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "evidence/bundle_write.h"
#include "evidence/ledger.h"
#include "evidence/prove.h"
#include "evidence/release.h"
#include "evidence_scene.h"
#include "proof/bundle_check.h"

/* clang-format off */
#define TEXT(t)    { t, sizeof(t) - 1 }
#define LINE(t, s) { TEXT(t), s, 1 }
/* clang-format on */

static const struct scene_line lines[] = {
        LINE("alpha one 203.0.113.1", "203.0.113.1"),
        LINE("bravo two 203.0.113.2", "203.0.113.2"),
        LINE("charlie three 203.0.113.3", "203.0.113.3"),
        LINE("delta S3cret!pass 203.0.113.4", "203.0.113.4"),
        LINE("echo five 10.0.0.5", "10.0.0.5"),
        LINE("foxtrot \x1b[2J\\ six", NULL),
        LINE("golf seven 203.0.113.7", "203.0.113.7"),
        LINE("hotel eight 203.0.113.8", "203.0.113.8"),
        LINE("india nine 203.0.113.9", "203.0.113.9"),
};

struct given {
    struct scene *scene;
    struct onus_prove_options options;
    struct onus_arena arena;
    struct onus_proven proven;
    struct onus_buffer bytes, text;
};

static void open_scene(struct given *given, bool in_parts)
{
    memset(given, 0, sizeof(*given));
    onus_arena_init(&given->arena, SIZE_MAX);
    given->scene = scene_new();
    size_t source = scene_source(given->scene, "log/auth.log", in_parts);
    for (int i = 0; i < 2; i++) {
        scene_seal(given->scene,
                &(struct scene_batch){source, lines, ONUS_COUNT(lines), 1466985600, 1466985700},
                NULL, NULL);
    }
    given->options.holdings = scene_sign(given->scene, 1466985900);
}

static void close_scene(struct given *given)
{
    scene_free(given->scene);
    onus_arena_clear(&given->arena);
    onus_buffer_clear(&given->bytes);
    onus_buffer_clear(&given->text);
}

static enum onus_code disclose(struct given *given, struct onus_lines_wanted wanted)
{
    enum onus_code code =
            onus_disclose(&wanted, 1, &given->options, &given->arena, &given->proven, NULL);
    onus_buffer_clear(&given->bytes);
    onus_buffer_clear(&given->text);
    if (code == ONUS_OK) {
        struct onus_arena arena;
        struct onus_bundle_facts facts;
        onus_bundle_write(&given->proven.bundle, &given->bytes);
        onus_release_text(&given->proven.bundle, &given->text);
        onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
        assert_int_equal(onus_bundle_check(scene_policy(given->scene),
                                 onus_buffer_view(&given->bytes), &arena, &facts, NULL),
                ONUS_OK);
        onus_arena_clear(&arena);
    }
    return code;
}

static bool leaves(const struct given *given, const char *bytes)
{
    return onus_str_has(onus_buffer_view(&given->bytes), onus_str_of(bytes));
}

static void assert_shown(const struct given *given, const char *line)
{
    if (!onus_str_has(onus_buffer_view(&given->text), onus_str_of(line))) {
        fail_msg("'%s' is not in:\n%.*s", line, (int)given->text.len, given->text.ptr);
    }
}

static void lines_open_themselves_and_no_neighbour(void **state)
{
    (void)state;
    struct given given;
    open_scene(&given, false);
    struct onus_line_range ranges[] = {{2, 2}, {9, 11}};
    assert_int_equal(disclose(&given, (struct onus_lines_wanted){ONUS_STR("auth.log"), ranges, 2,
                                              false, 0, 0}),
            ONUS_OK);
    assert_int_equal(given.proven.shown, 4);
    assert_int_equal(given.proven.groups, 2);
    static const char *const out[] = {"bravo", "india", "alpha"};
    static const char *const hidden[] = {"charlie", "delta", "echo", "golf", "auth.log"};
    for (size_t i = 0; i < ONUS_COUNT(out); i++) {
        assert_true(leaves(&given, out[i]));
    }
    for (size_t i = 0; i < ONUS_COUNT(hidden); i++) {
        assert_false(leaves(&given, hidden[i]));
    }
    assert_shown(&given, "  line 1: bravo two 203.0.113.2\n");
    assert_shown(&given, " 4 lines, 0 parts of lines");
    close_scene(&given);
}

static void a_whole_batch_can_be_opened(void **state)
{
    (void)state;
    struct given given;
    open_scene(&given, false);
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"), .has_seq = true, .seq = 1};
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    assert_int_equal(given.proven.shown, ONUS_COUNT(lines));
    assert_int_equal(given.proven.groups, 1);
    assert_shown(&given, "  line 5: foxtrot \\x1b[2J\\\\ six\n");
    wanted.seq = 2;
    assert_int_equal(disclose(&given, wanted), ONUS_E_MISSING);
    close_scene(&given);
}

static void a_part_opens_nothing_else_of_its_line(void **state)
{
    (void)state;
    struct given given;
    struct onus_line_range range = {1, 9};
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"),
            .ranges = &range,
            .count = 1,
            .kinds = ONUS_KIND_BIT(ONUS_SLOT_PART_ACCOUNT)};
    open_scene(&given, true);
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    assert_true(leaves(&given, "two "));
    assert_false(leaves(&given, "bravo"));
    assert_false(leaves(&given, "203.0.113"));
    assert_shown(&given, "  line 1, account: two \n");
    close_scene(&given);
    open_scene(&given, false);
    assert_int_equal(disclose(&given, wanted), ONUS_E_REFUSED); /* sealed in whole lines */
    close_scene(&given);
}

struct findings {
    char all[512];
};

static void note_finding(void *data, const struct onus_release_finding *finding)
{
    struct findings *findings = data;
    size_t used = strlen(findings->all);
    (void)snprintf(findings->all + used, sizeof(findings->all) - used, "%s@%u ", finding->lint.rule,
            (unsigned)finding->where.line);
}

static void secrets_are_found_where_they_leave(void **state)
{
    (void)state;
    struct given given;
    struct findings findings = {""};
    struct onus_line_range range = {1, 9};
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"),
            .ranges = &range,
            .count = 1};
    open_scene(&given, true);
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    onus_release_lint(&given.proven.bundle, note_finding, &findings);
    assert_string_equal(findings.all, "password-as-user@3 private-address@4 ");
    wanted.kinds = ONUS_KIND_BIT(ONUS_SLOT_PART_TEXT);
    findings.all[0] = '\0';
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    onus_release_lint(&given.proven.bundle, note_finding, &findings);
    assert_string_equal(findings.all, "private-address@4 ");
    close_scene(&given);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

struct book {
    struct onus_arena arena;
    struct onus_buffer text;
    struct onus_ledger ledger;
};

static void book_read(struct book *book)
{
    onus_arena_clear(&book->arena);
    onus_arena_init(&book->arena, SIZE_MAX);
    struct onus_str text = book->text.len > 0 ? onus_buffer_view(&book->text) : ONUS_STR("");
    assert_int_equal(onus_ledger_parse(text, &book->arena, &book->ledger, NULL), ONUS_OK);
    assert_int_equal(book->ledger.used, book->text.len);
}

static void book_enter(struct book *book, const struct given *given, const char *to)
{
    struct onus_ledger_new entry = {&given->proven.bundle, onus_buffer_view(&given->bytes),
            onus_str_of(to), NULL, 1467331200};
    assert_int_equal(onus_ledger_add(&book->ledger, &entry, &book->text, NULL), ONUS_OK);
    book_read(book);
}

static size_t together(const struct book *book, const struct given *given, struct onus_buffer *out)
{
    size_t said = 0;
    assert_int_equal(onus_ledger_union(&book->ledger, &given->proven.bundle, out, &said, NULL),
            ONUS_OK);
    return said;
}

static void two_halves_are_seen_to_be_a_whole(void **state)
{
    (void)state;
    struct given given;
    struct book book = {.text = {.limit = 0}};
    struct onus_buffer out = {.limit = 0};
    struct onus_line_range range = {2, 3};
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"),
            .ranges = &range,
            .count = 1,
            .kinds = ONUS_KIND_BIT(ONUS_SLOT_PART_ACCOUNT)};
    open_scene(&given, true);
    book_read(&book);
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    assert_int_equal(together(&book, &given, &out), 0);
    book_enter(&book, &given, "court");
    assert_int_equal(together(&book, &given, &out), 0); /* the same once more opens nothing new */
    wanted.kinds = ONUS_KIND_BIT(ONUS_SLOT_PART_TEXT);
    range.first = 3;
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    assert_int_equal(together(&book, &given, &out), 1);
    onus_buffer_add_char(&out, '\0');
    assert_string_equal(out.ptr, "together with bundle 1 of 2016-07-01 (to court) this opens the "
                                 "whole of line 2 of batch 0\n");
    book_enter(&book, &given, "");
    struct onus_ledger_sum sum;
    assert_int_equal(onus_ledger_count(&book.ledger, &sum, NULL), ONUS_OK);
    assert_int_equal(sum.bundles, 2);
    assert_int_equal(sum.parts, 4); /* two accounts, and two texts of one line */
    wanted.kinds = 0;               /* the whole line openly: that is no surprise */
    out.len = 0;
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    assert_int_equal(together(&book, &given, &out), 0);
    onus_buffer_clear(&out);
    onus_buffer_clear(&book.text);
    onus_arena_clear(&book.arena);
    close_scene(&given);
}

static void whole_lines_are_counted_once(void **state)
{
    (void)state;
    struct given given;
    struct book book = {.text = {.limit = 0}};
    struct onus_line_range range = {1, 6};
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"),
            .ranges = &range,
            .count = 1};
    open_scene(&given, false);
    book_read(&book);
    for (int i = 0; i < 3; i++) {
        range.first = 1 + (uint64_t)i * 4;
        range.last = 6 + (uint64_t)i * 4; /* 1-6, 5-10, 9-14: 14 lines over both batches */
        assert_int_equal(disclose(&given, wanted), ONUS_OK);
        book_enter(&book, &given, "a, b");
    }
    struct onus_ledger_sum sum;
    assert_int_equal(onus_ledger_count(&book.ledger, &sum, NULL), ONUS_OK);
    assert_int_equal(sum.lines, 14);
    assert_int_equal(book.ledger.entry_count, 3);
    onus_buffer_clear(&book.text);
    onus_arena_clear(&book.arena);
    close_scene(&given);
}

static void a_changed_ledger_is_noticed(void **state)
{
    (void)state;
    struct given given;
    struct book book = {.text = {.limit = 0}};
    struct onus_line_range range = {1, 3};
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"),
            .ranges = &range,
            .count = 1};
    open_scene(&given, false);
    book_read(&book);
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    book_enter(&book, &given, "court");
    book_enter(&book, &given, "press");
    struct onus_arena arena;
    struct onus_ledger ledger;
    onus_arena_init(&arena, SIZE_MAX);
    for (size_t bit = 0; bit < book.text.len * 8; bit++) {
        book.text.ptr[bit / 8] = (char)(book.text.ptr[bit / 8] ^ 1 << bit % 8);
        enum onus_code code =
                onus_ledger_parse(onus_buffer_view(&book.text), &arena, &ledger, NULL);
        /* A last sum that is none leaves an entry without one: as after a crash. */
        assert_true(code != ONUS_OK || ledger.entry_count < 2);
        book.text.ptr[bit / 8] = (char)(book.text.ptr[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t cut = 0; cut < book.text.len; cut++) {
        assert_int_equal(onus_ledger_parse(onus_str_sub(onus_buffer_view(&book.text), 0, cut),
                                 &arena, &ledger, NULL),
                ONUS_OK);
        assert_true(ledger.entry_count < 2 && ledger.used <= cut);
    }
    onus_arena_clear(&arena);
    onus_buffer_clear(&book.text);
    onus_arena_clear(&book.arena);
    close_scene(&given);
}

static void a_ledger_on_disk_grows_and_heals(void **state)
{
    (void)state;
    char path[] = "/tmp/onus-ledger-XXXXXX";
    assert_non_null(mkdtemp(path));
    int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(at >= 0 && mkdirat(at, "vault", 0700) == 0);
    struct given given;
    struct onus_arena arena;
    struct onus_ledger ledger;
    struct onus_line_range range = {1, 3};
    struct onus_lines_wanted wanted = {.source = ONUS_STR("auth.log"),
            .ranges = &range,
            .count = 1};
    open_scene(&given, false);
    onus_arena_init(&arena, SIZE_MAX);
    assert_int_equal(disclose(&given, wanted), ONUS_OK);
    struct onus_ledger_new entry = {&given.proven.bundle, onus_buffer_view(&given.bytes),
            ONUS_STR("court"), NULL, 1467331200};
    struct onus_ledger empty;
    assert_int_equal(onus_ledger_read(at, &arena, &empty, NULL), ONUS_OK);
    assert_int_equal(onus_ledger_enter(at, &empty, &entry, NULL), ONUS_OK);
    assert_int_equal(onus_ledger_enter(at, &empty, &entry, NULL), ONUS_E_MISMATCH); /* stale */
    int file = openat(at, "vault/ledger", O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(file >= 0 && write(file, "bundle 2 00", 11) == 11 && close(file) == 0);
    assert_int_equal(onus_ledger_read(at, &arena, &ledger, NULL), ONUS_OK);
    assert_int_equal(ledger.entry_count, 1);
    assert_int_equal(onus_ledger_enter(at, &ledger, &entry, NULL), ONUS_OK);
    assert_int_equal(onus_ledger_read(at, &arena, &ledger, NULL), ONUS_OK);
    assert_int_equal(ledger.entry_count, 2);
    entry.to = ONUS_STR("a\nb");
    assert_int_equal(onus_ledger_enter(at, &ledger, &entry, NULL), ONUS_E_ARGUMENT);
    (void)unlinkat(at, "vault/ledger", 0);
    (void)unlinkat(at, "vault/ledger.lock", 0);
    (void)unlinkat(at, "vault", AT_REMOVEDIR);
    (void)close(at);
    (void)rmdir(path);
    onus_arena_clear(&arena);
    close_scene(&given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(lines_open_themselves_and_no_neighbour),
            cmocka_unit_test(a_whole_batch_can_be_opened),
            cmocka_unit_test(a_part_opens_nothing_else_of_its_line),
            cmocka_unit_test(secrets_are_found_where_they_leave),
            cmocka_unit_test(two_halves_are_seen_to_be_a_whole),
            cmocka_unit_test(whole_lines_are_counted_once),
            cmocka_unit_test(a_changed_ledger_is_noticed),
            cmocka_unit_test(a_ledger_on_disk_grows_and_heals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
