/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: what the engine says depends on the lines alone: not on the seed of its tables,
 * the order of its shards, how lines are cut into batches, or, for lines without a session, the order
 * of the lines. And a hostile log costs what an honest one does.
 * Oracle: the whole result as text, compared byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "engine_scene.h"

/* A fixed sequence, so that a failure can be seen again. */
static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static char addresses[64][24];
static char names[3000][24];
static char paths[200][24];

static void fill_texts(void)
{
    for (int i = 0; i < 64; i++) {
        (void)snprintf(addresses[i], sizeof(addresses[i]), "198.51.%d.%d", 100 + i / 32, i);
    }
    for (int i = 0; i < 3000; i++) {
        (void)snprintf(names[i], sizeof(names[i]), i % 3 ? "name%d" : "n%d@example.org", i);
    }
    for (int i = 0; i < 200; i++) {
        (void)snprintf(paths[i], sizeof(paths[i]), "/page/%d", i);
    }
}

static void add_random_event(struct scene *scene, uint64_t *state)
{
    const char *address = addresses[next_random(state) % 64];
    int64_t time = SCENE_START + (int64_t)(next_random(state) % 4000) * MINUTE;
    uint32_t what = next_random(state) % 10;
    struct onus_event *event = NULL;
    if (what < 5) {
        static const enum onus_outcome outcomes[] = {ONUS_OUTCOME_FAILED, ONUS_OUTCOME_FAILED,
                ONUS_OUTCOME_NO_ACCOUNT, ONUS_OUTCOME_SUCCEEDED, ONUS_OUTCOME_PROBED};
        const char *name = address[7] == '0' ? names[next_random(state) % 3000] : names[what];
        event = scene_login(scene, address, time, outcomes[what], name);
        event->count = next_random(state) % 3;
    } else if (what < 8) {
        onus_findings findings = what == 5 ? (onus_findings)1 << (next_random(state) % 27) : 0;
        event = scene_web(scene, address, time, paths[next_random(state) % 200],
                what == 6 ? 404 : 200, findings);
        event->marks = ONUS_MARK_STATIC * (what == 7); /* floods are judged in the order given */
        event->agent = ONUS_STR("probe/1.0");
    } else {
        event = scene_add(scene, address, time);
        event->kind = what == 8 ? ONUS_EVENT_CONNECTION : ONUS_EVENT_ALERT;
        event->service = ONUS_SERVICE_NETWORK;
        event->findings = what == 9 ? ONUS_FINDING_BIT(ONUS_FINDING_IDS_ALERT) : 0;
        event->dest_port = (uint16_t)(next_random(state) % 100);
    }
    if (next_random(state) % 50 == 0) {
        event->time = ONUS_TIME_NONE;
    }
}

static void make_scene(struct scene *scene, size_t count, uint64_t state)
{
    for (size_t i = 0; i < count; i++) {
        add_random_event(scene, &state);
    }
}

static void play_to_text(struct scene *scene, const struct scene_run *how, struct onus_buffer *out)
{
    struct onus_engine *engine = NULL;
    struct onus_trace_result result;
    onus_buffer_init(out, 0);
    assert_int_equal(scene_play(scene, how, &engine, &result), ONUS_OK);
    scene_print(out, &result);
    assert_int_equal(onus_buffer_status(out, NULL), ONUS_OK);
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
}

/* Print the first line in which they differ, then fail. */
static void assert_same(const struct onus_buffer *a, const struct onus_buffer *b)
{
    size_t same = 0;
    while (same < a->len && same < b->len && a->ptr[same] == b->ptr[same]) {
        same++;
    }
    if (same < a->len || same < b->len) {
        size_t from = same > 200 ? same - 200 : 0;
        fail_msg("differs at %zu:\n%.300s\n---\n%.300s", same, a->ptr + from, b->ptr + from);
    }
}

static void seed_and_order_of_shards_and_batches_change_nothing(void **state)
{
    (void)state;
    struct scene scene = {0};
    make_scene(&scene, 20000, 11);
    struct onus_buffer first;
    struct onus_buffer second;
    play_to_text(&scene, &(struct scene_run){.seed = 1}, &first);
    play_to_text(&scene,
            &(struct scene_run){.seed = 0x123456789abcdefu, .batch = 777, .shards_turned = true},
            &second);
    assert_true(first.len > 1000);
    assert_same(&first, &second);
    onus_buffer_clear(&first);
    onus_buffer_clear(&second);
    scene_clear(&scene);
}

static void shuffle(struct scene *scene, uint64_t state)
{
    for (size_t i = scene->count; i > 1; i--) {
        size_t other = next_random(&state) % i;
        struct onus_event kept = scene->events[i - 1];
        scene->events[i - 1] = scene->events[other];
        scene->events[other] = kept;
    }
}

static void order_of_lines_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct scene scene = {0};
        make_scene(&scene, 3000 * seed, seed);
        struct onus_buffer first;
        struct onus_buffer second;
        play_to_text(&scene, &(struct scene_run){.seed = 1}, &first);
        shuffle(&scene, seed);
        play_to_text(&scene, &(struct scene_run){.seed = 2}, &second);
        assert_same(&first, &second);
        onus_buffer_clear(&first);
        onus_buffer_clear(&second);
        scene_clear(&scene);
    }
}

static void tries_of_a_session_count_the_same_in_any_order(void **state)
{
    (void)state;
    uint64_t random = 5;
    struct scene scene = {0};
    for (uint64_t session = 1; session <= 300; session++) {
        int64_t time = SCENE_START + (int64_t)(session / 10) * MINUTE;
        const char *name = names[session % 20];
        uint32_t tries = 1 + next_random(&random) % 6;
        for (uint32_t i = 0; i < tries + 2; i++) {
            struct onus_event *event = scene_login(&scene, addresses[session % 3], time,
                    ONUS_OUTCOME_FAILED, i ? name : NULL);
            event->session = session;
            event->role = (uint8_t)(i == 0 ? ONUS_ROLE_STACK : ONUS_ROLE_ATTEMPT);
            event->role = i == 1 ? ONUS_ROLE_CLOSE : event->role;
        }
    }
    struct onus_buffer first;
    struct onus_buffer second;
    play_to_text(&scene, &(struct scene_run){.seed = 1}, &first);
    shuffle(&scene, 3);
    play_to_text(&scene, &(struct scene_run){.seed = 1}, &second);
    assert_same(&first, &second);
    onus_buffer_clear(&first);
    onus_buffer_clear(&second);
    scene_clear(&scene);
}

/* Lines of sshd as they come, with what hostile ones add: long names, many names, steps of the clock. */
static void add_login_lines(struct scene *scene, size_t count, uint64_t state)
{
    static char tall[2][400];
    static const uint8_t roles[] = {ONUS_ROLE_ATTEMPT, ONUS_ROLE_ATTEMPT, ONUS_ROLE_ACCOUNT,
            ONUS_ROLE_STACK, ONUS_ROLE_CLOSE, ONUS_ROLE_SUMMARY};
    static const uint8_t outcomes[] = {ONUS_OUTCOME_FAILED, ONUS_OUTCOME_FAILED,
            ONUS_OUTCOME_NO_ACCOUNT, ONUS_OUTCOME_NO_ACCOUNT, ONUS_OUTCOME_PARTIAL,
            ONUS_OUTCOME_UNKNOWN, ONUS_OUTCOME_PROBED, ONUS_OUTCOME_PROBED, ONUS_OUTCOME_SUCCEEDED};
    static const struct onus_str hosts[] = {{"host", 4}, {"host", 4}, {"host", 4},
            {"other.example", 13}};
    memset(tall, 'x', sizeof(tall));
    tall[0][399] = '\0';
    tall[1][398] = '\0';
    int64_t time = SCENE_START;
    for (size_t i = 0; i < count; i++) {
        uint32_t pick = next_random(&state);
        uint32_t wide = pick % 97 == 0 ? 3000 : 12;
        const char *name = pick % 31 == 0 ? tall[pick % 2] : names[next_random(&state) % wide];
        time += pick % 5 == 0 ? (int64_t)(next_random(&state) % 900) * ONUS_USEC : 0;
        int64_t back = pick % 41 == 0 ? (int64_t)(next_random(&state) % 90) * MINUTE : 0;
        struct onus_event *event = scene_login(scene, addresses[next_random(&state) % 9],
                time - back, outcomes[next_random(&state) % ONUS_COUNT(outcomes)],
                pick % 7 == 0 ? NULL : name);
        event->role = roles[next_random(&state) % ONUS_COUNT(roles)];
        event->session = pick % 11 == 0 ? 0 : 1 + i / 6 % 4000;
        event->count = pick % 13 == 0 ? next_random(&state) % 9 : 0;
        event->host = hosts[next_random(&state) % ONUS_COUNT(hosts)];
        event->marks = (uint16_t)(pick % 3 == 0 ? ONUS_MARK_HANDSHAKE : 0);
        if (pick % 53 == 0) {
            event->findings = ONUS_FINDING_BIT(ONUS_FINDING_PROTOCOL_PROBE);
        }
        if (pick % 59 == 0) {
            event->time = ONUS_TIME_NONE;
        }
    }
}

/* Names are looked for first, then passwords are tried on them. */
static void add_enumeration(struct scene *scene)
{
    for (uint64_t i = 0; i < 48; i++) {
        struct onus_event *event = scene_login(scene, "203.0.113.77",
                SCENE_START + (int64_t)i * ONUS_USEC, ONUS_OUTCOME_NO_ACCOUNT, names[i % 24]);
        event->role = (uint8_t)(i < 24 ? ONUS_ROLE_ACCOUNT : ONUS_ROLE_ATTEMPT);
        event->session = 100000 + i;
    }
}

static void the_short_way_of_a_login_line_counts_what_the_long_one_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct scene scene = {0};
        struct onus_buffer first;
        struct onus_buffer second;
        uint64_t raised[2] = {0, 0};
        add_login_lines(&scene, 12000, seed);
        add_enumeration(&scene);
        play_to_text(&scene, &(struct scene_run){.seed = seed, .batch = 500, .raised = &raised[0]},
                &first);
        play_to_text(&scene,
                &(struct scene_run){.seed = seed, .long_way = true, .raised = &raised[1]}, &second);
        assert_true(first.len > 1000);
        assert_same(&first, &second);
        assert_true(raised[0] == raised[1] && raised[0] > 0);
        onus_buffer_clear(&first);
        onus_buffer_clear(&second);
        scene_clear(&scene);
    }
}

static void many_quiet_sources_with_one_word_list_are_one_incident(void **state)
{
    (void)state;
    static const char *const list[] = {"admin", "backup", "oracle", "test"};
    struct scene scene = {0};
    for (int i = 0; i < 64; i++) {
        for (int k = 0; k < 2; k++) {
            scene_login(&scene, addresses[i], SCENE_START + (i * 20 + k) * MINUTE,
                    ONUS_OUTCOME_FAILED, list[(i + k) % 4]);
        }
    }
    for (int i = 0; i < 32; i++) { /* persons, each with a name nobody else tries */
        struct onus_event *event = scene_login(&scene, addresses[i],
                SCENE_START - (90 + i) * MINUTE * 2, ONUS_OUTCOME_FAILED, names[i]);
        event->source = onus_address_of_v4(0xc6120000u + (uint32_t)i * 256);
    }
    struct onus_engine *engine = NULL;
    struct onus_trace_result result;
    assert_int_equal(scene_play(&scene, &(struct scene_run){.seed = 4}, &engine, &result), ONUS_OK);
    assert_int_equal(result.incident_count, 1);
    const struct onus_trace_incident *incident = &result.incidents[0];
    assert_true(incident->distributed);
    assert_int_equal(incident->source_count, 64);
    assert_int_equal(incident->attempts, 128);
    assert_int_equal(incident->accounts_total, 4);
    assert_int_equal(onus_engine_incident_of(engine, &scene.events[5]), 0);
    assert_int_equal(onus_engine_incident_of(engine, &scene.events[scene.count - 1]), SIZE_MAX);
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
    scene_clear(&scene);
}

static void quiet_sources_without_a_word_list_are_none(void **state)
{
    (void)state;
    struct scene scene = {0};
    for (int i = 0; i < 64; i++) {
        for (int k = 0; k < 3; k++) {
            struct onus_event *event = scene_login(&scene, addresses[i],
                    SCENE_START + (i * 20 + k) * MINUTE, ONUS_OUTCOME_FAILED, names[i]);
            event->source = onus_address_of_v4(0xc6120000u + (uint32_t)i / 7 * 256 + (uint32_t)i);
        }
    }
    struct onus_engine *engine = NULL;
    struct onus_trace_result result;
    assert_int_equal(scene_play(&scene, &(struct scene_run){.seed = 4}, &engine, &result), ONUS_OK);
    assert_int_equal(result.incident_count, 0);
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
    scene_clear(&scene);
}

static void many_quiet_sources_of_one_network_are_one_incident(void **state)
{
    (void)state;
    struct scene scene = {0};
    for (int i = 0; i < 8; i++) {
        scene_login(&scene, addresses[i], SCENE_START + i * 20 * MINUTE, ONUS_OUTCOME_FAILED,
                names[i]);
    }
    struct onus_engine *engine = NULL;
    struct onus_trace_result result;
    assert_int_equal(scene_play(&scene, &(struct scene_run){.seed = 4}, &engine, &result), ONUS_OK);
    assert_int_equal(result.incident_count, 1);
    assert_true(result.incidents[0].distributed);
    assert_int_equal(result.incidents[0].source_count, 8);
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
    scene_clear(&scene);
}

/* Counts campaigns whose reasons begin with `words`. */
static size_t campaigns_by(const struct onus_trace_result *result, const char *words)
{
    size_t found = 0;
    for (size_t i = 0; i < result->campaign_count; i++) {
        for (size_t k = 0; k < result->campaigns[i].why_count; k++) {
            struct onus_str why = result->campaigns[i].why[k];
            found += why.len >= strlen(words) && memcmp(why.ptr, words, strlen(words)) == 0;
        }
    }
    return found;
}

static void add_guessing(struct scene *scene, const char *address, int64_t time, int from,
        const char *agent)
{
    for (int i = 0; i < 8; i++) {
        struct onus_event *event = scene_login(scene, address, time + i * MINUTE / 4,
                ONUS_OUTCOME_FAILED, names[from + i]);
        event->agent = onus_str_of(agent);
    }
}

static void campaigns_say_what_ties_them(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int64_t later;
        int from;
        const char *agent;
        const char *why;
    } rows[] = {
            {"192.0.2.1", "192.0.2.1", 3000 * MINUTE, 100, "", "shared source: 192.0.2.1 "},
            {"192.0.2.1", "192.0.2.9", 30 * MINUTE, 100, "",
                    "neighbouring addresses: same kind in "
                    "192.0.2.0/24 within 1 d"},
            {"192.0.2.1", "203.0.113.9", 3000 * MINUTE, 1, "", "word list: at least 60 %"},
            {"192.0.2.1", "203.0.113.9", 30 * MINUTE, 100, "odd-tool/7",
                    "rare agent: 'odd-tool/7'"},
    };
    for (size_t i = 0; i < ONUS_COUNT(rows); i++) {
        struct scene scene = {0};
        add_guessing(&scene, rows[i].a, SCENE_START, 0, rows[i].agent);
        add_guessing(&scene, rows[i].b, SCENE_START + rows[i].later, rows[i].from, rows[i].agent);
        add_guessing(&scene, "198.51.100.200", SCENE_START + 9000 * MINUTE, 500, "");
        struct onus_engine *engine = NULL;
        struct onus_trace_result result;
        assert_int_equal(scene_play(&scene, &(struct scene_run){.seed = 4}, &engine, &result),
                ONUS_OK);
        assert_int_equal(result.incident_count, 3);
        assert_int_equal(result.campaign_count, 1);
        assert_int_equal(result.campaigns[0].incident_count, 2);
        assert_int_equal(result.campaigns[0].attempts, 16);
        assert_int_equal(result.campaigns[0].why_count, 1);
        assert_int_equal(campaigns_by(&result, rows[i].why), 1);
        onus_engine_free(engine);
        onus_arena_clear(&result.arena);
        scene_clear(&scene);
    }
}

static void unrelated_incidents_make_no_campaign(void **state)
{
    (void)state;
    struct scene scene = {0};
    add_guessing(&scene, "192.0.2.1", SCENE_START, 0, "Mozilla/5.0 (X11; Linux x86_64)");
    add_guessing(&scene, "203.0.113.9", SCENE_START + 20 * MINUTE, 100,
            "Mozilla/5.0 (X11; Linux x86_64)");
    struct onus_engine *engine = NULL;
    struct onus_trace_result result;
    assert_int_equal(scene_play(&scene, &(struct scene_run){.seed = 4}, &engine, &result), ONUS_OK);
    assert_int_equal(result.incident_count, 2);
    assert_int_equal(result.campaign_count, 0);
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
    scene_clear(&scene);
}

static double cpu_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum hostile {
    UNIQUE_SOURCES = 0,
    UNIQUE_ACCOUNTS,
    UNIQUE_PATHS,
    BACKWARDS,
    SHARED_ACCOUNT,
    ORDINARY,
    HOSTILE_KINDS
};

static void add_hostile(struct scene *scene, enum hostile kind, uint32_t i, char *text)
{
    int64_t time = SCENE_START + (int64_t)i * ONUS_USEC / 10;
    struct onus_event *event = NULL;
    (void)snprintf(text, 16, "/n%u", i);
    switch (kind) {
    case UNIQUE_SOURCES:
    case SHARED_ACCOUNT:
        event = scene_login(scene, NULL, time, ONUS_OUTCOME_FAILED, "root");
        event->account = kind == UNIQUE_SOURCES ? onus_str_of(text) : event->account;
        event->has_source = true;
        event->source = onus_address_of_v4(0x0a000000u + i);
        break;
    case UNIQUE_ACCOUNTS:
        (void)scene_login(scene, "192.0.2.1", time, ONUS_OUTCOME_FAILED, text);
        break;
    case UNIQUE_PATHS:
        (void)scene_web(scene, "192.0.2.1", time, text, 404, 0);
        break;
    case BACKWARDS: /* a silence before each, the last first */
        (void)scene_login(scene, "192.0.2.1", SCENE_START - (int64_t)i * 61 * MINUTE,
                ONUS_OUTCOME_FAILED, "root");
        break;
    case ORDINARY:
    case HOSTILE_KINDS:
    default:
        event = scene_web(scene, NULL, time, "/index.html", 200, 0);
        event->has_source = true;
        event->source = onus_address_of_v4(0x0a000000u + i * 2654435761u % 50000);
        break;
    }
}

/* CPU seconds for so many events of a kind. */
static double cost_of(enum hostile kind, uint32_t events, char *texts)
{
    struct scene scene = {0};
    for (uint32_t i = 0; i < events; i++) {
        add_hostile(&scene, kind, i, &texts[(size_t)16 * i]);
    }
    struct onus_engine *engine = NULL;
    struct onus_trace_result result;
    double before = cpu_seconds();
    assert_int_equal(scene_play(&scene, &(struct scene_run){.seed = 4, .batch = 4096}, &engine,
                             &result),
            ONUS_OK);
    double took = cpu_seconds() - before;
    assert_int_equal(result.events, events);
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
    scene_clear(&scene);
    return took;
}

/* No time is asked for, only how it grows: eight times the events may not cost 64 times as much. */
static void a_hostile_log_takes_no_quadratic_step(void **state)
{
    (void)state;
    enum {
        FEW = 25000,
        MANY = 8 * FEW,
        GROWTH = 32 /* a linear step gives 8, and up to 16 when caches overflow */
    };
    const double clock_noise = 0.005;
    char *texts = malloc((size_t)16 * MANY);
    assert_non_null(texts);
    for (int kind = 0; kind < HOSTILE_KINDS; kind++) {
        double few = cost_of((enum hostile)kind, FEW, texts);
        double many = cost_of((enum hostile)kind, MANY, texts);
        assert_true(many < GROWTH * (few > clock_noise ? few : clock_noise));
    }
    free(texts);
}

int main(void)
{
    fill_texts();
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(seed_and_order_of_shards_and_batches_change_nothing),
            cmocka_unit_test(order_of_lines_changes_nothing),
            cmocka_unit_test(tries_of_a_session_count_the_same_in_any_order),
            cmocka_unit_test(the_short_way_of_a_login_line_counts_what_the_long_one_does),
            cmocka_unit_test(many_quiet_sources_with_one_word_list_are_one_incident),
            cmocka_unit_test(quiet_sources_without_a_word_list_are_none),
            cmocka_unit_test(many_quiet_sources_of_one_network_are_one_incident),
            cmocka_unit_test(campaigns_say_what_ties_them),
            cmocka_unit_test(unrelated_incidents_make_no_campaign),
            cmocka_unit_test(a_hostile_log_takes_no_quadratic_step),
    };
    return cmocka_run_group_tests_name("trace/engine order", tests, NULL, NULL);
}
