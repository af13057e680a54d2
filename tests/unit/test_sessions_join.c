/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a line of a connection that names no address, or only a reverse name, gets the
 * one its process wrote on another line, before it or after it, in its block or an earlier one; no
 * other process, hour, input, service or text lends one.
 * Oracle: the address written into the scene.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/str.h"
#include "trace/stitch.h"

#define MINUTE ((int64_t)60 * ONUS_USEC)

enum {
    ROOM = 16
};

struct bench {
    struct onus_zone zone;
    struct onus_stitcher stitcher;
    struct onus_input inputs[2];
    struct onus_line lines[ROOM];
    struct onus_event events[ROOM];
    struct onus_block block;
};

static void begin(struct bench *b)
{
    *b = (struct bench){.inputs = {{.path = "x"}, {.path = "y"}}};
    assert_int_equal(onus_zone_init(&b->zone, ONUS_STR("UTC"), NULL), ONUS_OK);
    b->stitcher = (struct onus_stitcher){.zone = &b->zone, .seed = 7};
    onus_stitch_begin(&b->stitcher, &b->inputs[0], 0);
    b->block = (struct onus_block){.input = &b->inputs[0],
            .lines = b->lines,
            .events = b->events,
            .bytes = (char[]){""}};
    onus_arena_init(&b->block.arena, 1 << 20);
}

static void end(struct bench *b)
{
    onus_stitch_clear(&b->stitcher);
    onus_arena_clear(&b->block.arena);
}

/* A line of sshd; without an address when `address` is NULL. */
static struct onus_event *add(struct bench *b, uint64_t session, int64_t time, const char *address)
{
    assert_true(b->block.line_count < ROOM);
    b->lines[b->block.line_count++] = (struct onus_line){.span = 1,
            .verdict = ONUS_LINE_PARSED,
            .time = time,
            .first_event = (uint32_t)b->block.event_count,
            .event_count = 1};
    struct onus_event *event = &b->events[b->block.event_count++];
    *event = (struct onus_event){.kind = ONUS_EVENT_AUTH,
            .service = ONUS_SERVICE_SSH,
            .session = session,
            .time = time};
    if (address) {
        assert_true(onus_address_parse(onus_str_of(address), &event->source));
        event->has_source = true;
        event->source_port = 4711;
    }
    return event;
}

static void stitch(struct bench *b)
{
    assert_int_equal(onus_stitch_block(&b->stitcher, &b->block, NULL), ONUS_OK);
}

static void next_block(struct bench *b)
{
    stitch(b);
    b->block.line_count = b->block.event_count = 0;
}

static void assert_source(const struct onus_event *event, const char *address)
{
    struct onus_address wanted;
    assert_true(onus_address_parse(onus_str_of(address), &wanted));
    assert_true(event->has_source);
    assert_true(onus_address_eq(&event->source, &wanted));
}

static void assert_joined(const struct onus_event *event, const struct onus_event *from)
{
    char text[ONUS_ADDRESS_TEXT];
    text[onus_address_format(&from->source, text)] = '\0';
    assert_source(event, text);
    assert_true(event->marks & ONUS_MARK_JOINED);
    assert_int_equal(event->source_port, from->source_port);
    assert_int_equal(event->source_hash, from->source_hash); /* counted on the same source */
}

static void a_line_without_an_address_gets_that_of_an_earlier_line(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    const struct onus_event *first = add(&b, 5, 0, "203.0.113.9");
    const struct onus_event *other = add(&b, 6, 0, "203.0.113.10");
    const struct onus_event *bare = add(&b, 5, MINUTE, NULL);
    stitch(&b);
    assert_joined(bare, first);
    assert_false(first->marks & ONUS_MARK_JOINED);
    assert_source(other, "203.0.113.10");
    end(&b);
}

static void an_address_reaches_over_block_borders(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 5, 0, "203.0.113.9");
    next_block(&b);
    (void)add(&b, 6, MINUTE, "203.0.113.10");
    next_block(&b);
    const struct onus_event *bare = add(&b, 5, MINUTE, NULL);
    stitch(&b);
    assert_source(bare, "203.0.113.9");
    end(&b);
}

static void a_line_gets_the_address_of_a_later_line_of_its_block(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    const struct onus_event *bare = add(&b, 5, 0, NULL);
    (void)add(&b, 6, 0, "203.0.113.10");
    const struct onus_event *later = add(&b, 5, MINUTE, "203.0.113.9");
    (void)add(&b, 5, 2 * MINUTE, "203.0.113.77"); /* further off */
    stitch(&b);
    assert_joined(bare, later);
    end(&b);
}

static void a_reverse_name_gives_way_to_the_address(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct onus_event *named = add(&b, 5, 0, NULL);
    named->source_name = ONUS_STR("198.51.100.7.evil.example");
    const struct onus_event *alone = add(&b, 8, 0, NULL);
    b.events[1].source_name = ONUS_STR("h.example");
    const struct onus_event *later = add(&b, 5, 1, "203.0.113.9");
    stitch(&b);
    assert_joined(named, later);
    assert_true(onus_str_eq(named->source_name, ONUS_STR("198.51.100.7.evil.example")));
    assert_false(alone->has_source);
    assert_true(onus_str_eq(alone->source_name, ONUS_STR("h.example")));
    end(&b);
}

static void a_process_id_used_again_after_ten_minutes_is_another_connection(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 5, 0, "203.0.113.9");
    const struct onus_event *near = add(&b, 5, 10 * MINUTE, NULL);
    const struct onus_event *far = add(&b, 5, 10 * MINUTE + 1, NULL);
    (void)add(&b, 5, 30 * MINUTE, "203.0.113.10");
    stitch(&b);
    assert_source(near, "203.0.113.9");
    assert_false(far->has_source);
    end(&b);
}

static void an_address_that_was_lent_is_not_lent_on(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 5, 0, "203.0.113.9");
    const struct onus_event *near = add(&b, 5, 9 * MINUTE, NULL);
    const struct onus_event *far = add(&b, 5, 18 * MINUTE, NULL);
    stitch(&b);
    assert_source(near, "203.0.113.9");
    assert_false(far->has_source);
    end(&b);

    /* The same from below, with a clock that stepped back. */
    begin(&b);
    (void)add(&b, 5, 0, "203.0.113.9");
    far = add(&b, 5, 18 * MINUTE, NULL);
    near = add(&b, 5, 9 * MINUTE, NULL);
    stitch(&b);
    assert_source(near, "203.0.113.9");
    assert_false(far->has_source);
    end(&b);
}

static void a_line_never_gets_the_address_of_another_session(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 0, 0, "203.0.113.8"); /* no session at all */
    (void)add(&b, 0, 0, NULL);
    for (uint64_t session = 1; session <= ONUS_SESSIONS_KEPT; session++) { /* fill every place */
        (void)add(&b, session, 0, "203.0.113.9");
        if (b.block.line_count == ROOM) {
            next_block(&b);
        }
    }
    next_block(&b);
    for (uint64_t session = 0; session < ROOM; session++) {
        (void)add(&b, ONUS_SESSIONS_KEPT + 1 + session, 0, NULL);
    }
    stitch(&b);
    for (size_t i = 0; i < ROOM; i++) {
        assert_false(b.events[i].has_source);
    }
    end(&b);
}

static void servers_that_share_a_session_lend_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    struct onus_event *peer = add(&b, 5, 0, "203.0.113.9");
    struct onus_event *bare = add(&b, 5, 0, NULL);
    peer->service = bare->service = ONUS_SERVICE_IMAP;
    stitch(&b);
    assert_false(bare->has_source);
    end(&b);
}

static void a_line_that_was_ignored_lends_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 5, 0, "203.0.113.9");
    const struct onus_event *bare = add(&b, 5, 0, NULL);
    (void)add(&b, 5, 0, "203.0.113.9");
    b.lines[0].verdict = b.lines[2].verdict = ONUS_LINE_IGNORED;
    stitch(&b);
    assert_false(bare->has_source);
    end(&b);
}

static void an_address_does_not_reach_into_another_input(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 5, 0, "203.0.113.9");
    next_block(&b);
    onus_stitch_begin(&b.stitcher, &b.inputs[1], 1);
    b.block.input = &b.inputs[1];
    const struct onus_event *bare = add(&b, 5, 0, NULL);
    stitch(&b);
    assert_false(bare->has_source);
    end(&b);
}

static void a_repeat_of_a_line_without_an_address_gets_it_too(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    (void)add(&b, 5, 0, NULL);
    struct onus_event *repeat = add(&b, 0, 1, NULL);
    repeat->kind = ONUS_EVENT_REPEAT;
    repeat->count = 2;
    const struct onus_event *later = add(&b, 5, 2, "203.0.113.9");
    stitch(&b);
    assert_joined(repeat, later);
    assert_int_equal(repeat->count, 2);
    end(&b);
}

enum {
    MANY = 400
};

struct many {
    struct onus_line lines[MANY];
    struct onus_event events[2 * MANY];
    struct onus_block block;
};

/* Sessions of which each of the later ones has its place in common with an earlier one. */
static uint64_t crowded_session(uint32_t pick)
{
    enum {
        APART = 20
    };
    uint64_t session = 1 + pick % APART;
    if (pick / APART % 2 == 1) {
        uint64_t place = onus_hash_mix(session, 0) % ONUS_SESSIONS_KEPT;
        do {
            session++;
        } while (onus_hash_mix(session, 0) % ONUS_SESSIONS_KEPT != place);
    }
    return session;
}

/* A block of one connection's lines among others', some without an address, some lines of two events. */
static void fill_many(struct many *m, uint64_t random, struct onus_session_addresses *table)
{
    *m = (struct many){.block = {.lines = m->lines, .events = m->events, .first_line = 1}};
    for (size_t i = 0; i < MANY; i++) {
        struct onus_line *line = &m->lines[m->block.line_count++];
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t pick = (uint32_t)(random >> 33);
        *line = (struct onus_line){.span = 1,
                .verdict = pick % 17 == 0 ? ONUS_LINE_IGNORED : ONUS_LINE_PARSED,
                .first_event = (uint32_t)m->block.event_count,
                .event_count = pick % 19 == 0 ? 0 : 1 + (pick % 23 == 0)};
        for (uint32_t k = 0; k < line->event_count; k++) {
            struct onus_event *event = &m->events[m->block.event_count++];
            *event = (struct onus_event){.ref = {.line = i + 1},
                    .kind = pick % 29 == 0 ? ONUS_EVENT_WEB : ONUS_EVENT_AUTH,
                    .service = ONUS_SERVICE_SSH,
                    .session = crowded_session(pick),
                    .time = (int64_t)i * 10 * ONUS_USEC,
                    .has_source = i > 2 && pick % 31 != 0};
            event->source = onus_address_of_v4(pick);
            if (line->verdict == ONUS_LINE_PARSED) {
                assert_int_equal(onus_sessions_join(table, event, 0, NULL), ONUS_OK);
            }
        }
    }
}

static void few_open_lines_get_what_a_table_of_all_would_give(void **state)
{
    (void)state;
    static struct many one;
    static struct many other;
    size_t open = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct onus_session_addresses few = {0};
        struct onus_session_addresses all = {0};
        fill_many(&one, seed, &few);
        fill_many(&other, seed, &all);
        open += few.open_count;
        assert_in_range(few.open_count, 0, ONUS_SESSIONS_OPEN);
        all.open_count = ONUS_SESSIONS_OPEN + 1;
        assert_int_equal(onus_sessions_join_back(&few, &one.block, 0, NULL), ONUS_OK);
        assert_int_equal(onus_sessions_join_back(&all, &other.block, 0, NULL), ONUS_OK);
        assert_memory_equal(one.events, other.events, sizeof(one.events));
        onus_sessions_join_clear(&few);
        onus_sessions_join_clear(&all);
    }
    assert_true(open > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_line_without_an_address_gets_that_of_an_earlier_line),
            cmocka_unit_test(an_address_reaches_over_block_borders),
            cmocka_unit_test(a_line_gets_the_address_of_a_later_line_of_its_block),
            cmocka_unit_test(a_reverse_name_gives_way_to_the_address),
            cmocka_unit_test(a_process_id_used_again_after_ten_minutes_is_another_connection),
            cmocka_unit_test(an_address_that_was_lent_is_not_lent_on),
            cmocka_unit_test(a_line_never_gets_the_address_of_another_session),
            cmocka_unit_test(servers_that_share_a_session_lend_nothing),
            cmocka_unit_test(a_line_that_was_ignored_lends_nothing),
            cmocka_unit_test(an_address_does_not_reach_into_another_input),
            cmocka_unit_test(a_repeat_of_a_line_without_an_address_gets_it_too),
            cmocka_unit_test(few_open_lines_get_what_a_table_of_all_would_give),
    };
    return cmocka_run_group_tests_name("trace/sessions_join", tests, NULL, NULL);
}
