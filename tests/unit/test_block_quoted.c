/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: an access log that is read from quote to quote gives the lines and events that it
 * gives field by field, whatever stands on its lines; a plain request holds what its event holds; and
 * the engine counts the one as it counts the other.
 * Oracle: the parser of single lines, and the result of the engine as text, compared byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/str.h"
#include "engine_scene.h"
#include "trace/format_access.h"
#include "trace/input.h"
#include "trace/web.h"

enum {
    LINES = 150,
    ROUNDS = 150,
    LINE_ROOM = 700,
    SEED = 77
};

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* One of the first two, which are usual, three times out of four. */
static const char *pick(uint64_t *state, const char *const *texts, size_t count)
{
    return texts[next_random(state) % (next_random(state) % 4 > 0 ? 2 : count)];
}

#define PICK(state, texts) pick(state, texts, ONUS_COUNT(texts))

/* A line as servers write it, with what clients may put into it. */
static size_t usual_line(char *out, uint64_t *state)
{
    static const char *const sources[] = {"192.0.2.1", "198.51.100.222", "203.0.113.7",
            "2001:db8::7", "2001:db8:0:1::ffff:1", "::1", "192.0.2.300", "host.example.org",
            "[2001:db8::9]:443"};
    static const char *const users[] = {"-", "-", "-", "-", "alice", "a b", "\"\""};
    static const char *const zones[] = {"+0000", "+0000", "-0730", "", "Z"};
    static const char *const requests[] = {"GET / HTTP/1.1", "GET /a/b.png HTTP/2.0",
            "GET /x?y=1&z=2 HTTP/1.0", "POST /wp-login.php HTTP/1.1", "HEAD /index.html HTTP/3.0",
            "GET /../../etc/passwd HTTP/1.1", "GET /?q=\\x22a\\x22 HTTP/1.1", "", "-", "GET /a b c",
            "OPTIONS * HTTP/1.1", "GET /.env HTTP/1.1", "GET /a\\\"b HTTP/1.1", "\\x16\\x03\\x01",
            "GET /a HTTP/1.1\\\\", "GET /c?d=%2e%2e/ HTTP/0.9"};
    static const char *const numbers[] = {"200 1234", "304 0", "404 153", "500 1",
            "200 12345678901", "200 -", "- -", "1000 1", "301 99999999", "401 7", "20 1", "200 1 7",
            "200"};
    static const char *const referers[] = {"-", "https://www.example.org/", "", "a{b}", "\\x22",
            "${jndi:ldap://192.0.2.9/a}", "\\\\"};
    static const char *const agents[] = {"Mozilla/5.0 (X11; Linux x86_64) Example/1.0", "-", "",
            "sqlmap/1.0", "Mozilla/5.0 (compatible; Googlebot/2.1)", "a\\\"b", "() { :; }; x"};
    static const char *const ends[] = {"\n", "\n", "\n", "\r\n", " extra\n", " \"-\"\n",
            " www.example.org\n"};
    int len = snprintf(out, LINE_ROOM,
            "%s - %s [%02u/Jan/2026:%02u:%02u:%02u %s] \"%s\" %s \"%s\" "
            "\"%s\"%s",
            PICK(state, sources), PICK(state, users), 1 + next_random(state) % 3,
            next_random(state) % 3, next_random(state) % 3, next_random(state) % 62,
            PICK(state, zones), PICK(state, requests), PICK(state, numbers), PICK(state, referers),
            PICK(state, agents), PICK(state, ends));
    return (size_t)len;
}

/* One byte more, fewer, or another: mostly one that means something. */
static size_t disturb(char *line, size_t len, uint64_t *state)
{
    static const char bytes[] = "\"\\ []-{\n\r/?%0aG\x80";
    size_t at = next_random(state) % len;
    char c = bytes[next_random(state) % (sizeof(bytes) - 1)];
    switch (next_random(state) % 3) {
    case 0:
        memmove(line + at + 1, line + at, len - at);
        line[at] = c;
        return len + 1;
    case 1:
        memmove(line + at, line + at + 1, len - at - 1);
        return len - 1;
    default:
        line[at] = c;
        return len;
    }
}

/* The bytes of a block, each in memory of exactly its size; the last line may lack its end. */
static struct onus_str make_text(uint64_t *state)
{
    static char room[LINES * LINE_ROOM];
    size_t len = 0;
    for (size_t i = 0; i < LINES; i++) {
        size_t more = usual_line(room + len, state);
        while (next_random(state) % 4 == 0) {
            more = disturb(room + len, more, state);
        }
        len += more;
    }
    len -= next_random(state) % 2;
    char *text = malloc(len);
    assert_non_null(text);
    memcpy(text, room, len);
    return (struct onus_str){text, len};
}

static struct onus_input combined = {.path = "x",
        .formats = {&onus_format_combined},
        .format_count = 1};

static void parse(struct onus_block *block, struct onus_str text, struct onus_web_scanner *web,
        struct onus_block_scratch *scratch, struct onus_block_options options)
{
    char *copy = malloc(text.len);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    *block = (struct onus_block){.input = &combined,
            .bytes = copy,
            .length = text.len,
            .size = text.len};
    onus_block_parse(block, web, scratch, &options);
    assert_int_equal(block->failed, ONUS_OK);
}

static void assert_same_text(struct onus_str a, struct onus_str b)
{
    assert_int_equal(a.len, b.len);
    assert_true(onus_str_eq(a, b));
}

static void assert_same_event(const struct onus_event *a, const struct onus_event *b)
{
    assert_true(a->time == b->time && a->findings == b->findings && a->bytes == b->bytes);
    assert_true(a->kind == b->kind && a->outcome == b->outcome && a->role == b->role);
    assert_true(a->service == b->service && a->status == b->status && a->marks == b->marks);
    assert_true(a->source_port == b->source_port && a->count == b->count);
    assert_true(a->has_source == b->has_source && a->has_account == b->has_account);
    assert_memory_equal(a->source.bytes, b->source.bytes, sizeof(a->source.bytes));
    assert_true((a->rule == NULL) == (b->rule == NULL));
    assert_true(a->rule == NULL || strcmp(a->rule, b->rule) == 0);
    assert_same_text(a->source_name, b->source_name);
    assert_same_text(a->time_text, b->time_text);
    assert_same_text(a->source_text, b->source_text);
    assert_same_text(a->host, b->host);
    assert_same_text(a->account, b->account);
    assert_same_text(a->method, b->method);
    assert_same_text(a->target, b->target);
    assert_same_text(a->agent, b->agent);
    assert_same_text(a->detail, b->detail);
}

static void assert_same_line(const struct onus_line *a, const struct onus_line *b)
{
    assert_true(a->offset == b->offset && a->length == b->length);
    assert_true(a->raw_length == b->raw_length && a->span == b->span);
    assert_true(a->verdict == b->verdict && a->time == b->time);
    assert_true(a->verdict != ONUS_LINE_PARSED || (a->marks == b->marks && a->format == b->format));
}

static void assert_plain_of(const struct onus_plain_request *plain, const struct onus_event *event)
{
    uint64_t hash = onus_hash_16(SEED, event->source.bytes);
    assert_true(event->findings == 0 && event->status < 400 && event->has_source);
    assert_true(!event->has_account && event->kind == ONUS_EVENT_WEB);
    assert_true(plain->time == event->time && plain->source_hash == (uint32_t)hash);
    assert_int_equal(plain->shard, onus_engine_shard_of_hash(hash));
    assert_memory_equal(plain->source.bytes, event->source.bytes, sizeof(event->source.bytes));
    assert_same_text((struct onus_str){plain->target, plain->target_length}, event->target);
    assert_same_text((struct onus_str){plain->agent, plain->agent_length}, event->agent);
    assert_true(!(plain->flags & ONUS_PLAIN_STATIC) == !(event->marks & ONUS_MARK_STATIC));
    bool has_query = onus_str_find_char(event->target, '?') != ONUS_STR_NPOS;
    assert_true(!(plain->flags & ONUS_PLAIN_QUERY) == !has_query);
}

/* Kept ignored lines are read field by field; such an event has no envelope of its own. */
static void check_round(struct onus_web_scanner *web, struct onus_block_scratch *scratch,
        uint64_t *state, size_t counts[static 3])
{
    struct onus_str text = make_text(state);
    struct onus_block slow;
    struct onus_block quick;
    struct onus_block plain;
    parse(&slow, text, web, scratch, (struct onus_block_options){.keep_ignored = true});
    parse(&quick, text, web, scratch, (struct onus_block_options){.seed = SEED});
    parse(&plain, text, web, scratch, (struct onus_block_options){.plain = true, .seed = SEED});
    assert_int_equal(quick.line_count, slow.line_count);
    assert_int_equal(plain.line_count, slow.line_count);
    assert_int_equal(quick.plain_count, 0);
    for (size_t i = 0; i < slow.line_count; i++) {
        const struct onus_line *line = &slow.lines[i];
        assert_same_line(&quick.lines[i], line);
        assert_same_line(&plain.lines[i], line);
        counts[0] += line->verdict == ONUS_LINE_PARSED;
        if (line->verdict != ONUS_LINE_PARSED) {
            counts[1]++;
            continue;
        }
        const struct onus_event *event = &slow.events[line->first_event];
        assert_same_event(&quick.events[quick.lines[i].first_event], event);
        const struct onus_line *third = &plain.lines[i];
        if (third->is_plain) {
            counts[2]++;
            assert_int_equal(third->event_count, 0);
            assert_plain_of(&plain.plain[third->first_event], event);
        } else {
            assert_same_event(&plain.events[third->first_event], event);
        }
    }
    onus_block_free(&slow);
    onus_block_free(&quick);
    onus_block_free(&plain);
    free((void *)(uintptr_t)text.ptr); /* NOLINT(performance-no-int-to-ptr): drops const */
}

static void from_quote_to_quote_is_as_field_by_field(void **state)
{
    (void)state;
    struct onus_web_scanner *web = onus_web_scanner_new(NULL);
    struct onus_block_scratch *scratch = onus_block_scratch_new();
    assert_true(web && scratch);
    uint64_t random = 1;
    size_t counts[3] = {0}; /* parsed, not parsed, plain */
    for (size_t round = 0; round < ROUNDS; round++) {
        check_round(web, scratch, &random, counts);
    }
    assert_true(counts[0] > 5000 && counts[1] > 1000 && counts[2] > 500);
    onus_block_scratch_free(scratch);
    onus_web_scanner_free(web);
}

/* A text of one byte again and again takes no longer than its length. */
static void lines_of_one_byte_are_gone_through_once(void **state)
{
    (void)state;
    static const char bytes[] = {'"', '\\', '\n', ' ', '['};
    struct onus_web_scanner *web = onus_web_scanner_new(NULL);
    struct onus_block_scratch *scratch = onus_block_scratch_new();
    assert_true(web && scratch);
    for (size_t i = 0; i < ONUS_COUNT(bytes); i++) {
        struct onus_str text = {malloc(ONUS_BLOCK_SIZE), ONUS_BLOCK_SIZE};
        assert_non_null(text.ptr);
        memset((char *)(uintptr_t)text.ptr, bytes[i], text.len); /* NOLINT */
        struct onus_block block;
        parse(&block, text, web, scratch, (struct onus_block_options){.plain = true});
        assert_int_equal(block.line_count, bytes[i] == '\n' ? ONUS_BLOCK_SIZE : 1);
        assert_int_equal(block.event_count + block.plain_count, 0);
        onus_block_free(&block);
        free((void *)(uintptr_t)text.ptr); /* NOLINT */
    }
    onus_block_scratch_free(scratch);
    onus_web_scanner_free(web);
}

/* ---- the engine ---- */

/* Few sources, so that some of them ask too often. */
static void make_scene(struct scene *scene, size_t count, uint64_t *state)
{
    static const char *const sources[] = {"192.0.2.1", "192.0.2.2", "198.51.100.9", "2001:db8::7"};
    static const char *const targets[] = {"/", "/a?b=1", "/c.png", "/d/e?f", "/g"};
    int64_t time = SCENE_START;
    for (size_t i = 0; i < count; i++) {
        bool bad = next_random(state) % 9 == 0;
        struct onus_event *event = scene_web(scene, PICK(state, sources), time,
                PICK(state, targets), bad ? 404 : 200,
                next_random(state) % 40 == 0 ? ONUS_FINDING_BIT(ONUS_FINDING_ADMIN_PANEL) : 0);
        event->marks = ONUS_MARK_HANDSHAKE;
        event->marks |= onus_str_ends(event->target, ONUS_STR(".png")) ? ONUS_MARK_STATIC : 0;
        event->agent = ONUS_STR("example/1.0");
        time += next_random(state) % 200 == 0 ? 2 * MINUTE : next_random(state) % 100000;
        time -= next_random(state) % 50 == 0 ? 3 * (int64_t)ONUS_USEC : 0;
    }
}

struct mixed {
    const struct onus_event **events;
    const struct onus_plain_request **plain;
    uint32_t *before;
    struct onus_plain_request *requests;
};

static struct onus_plain_request plain_of(const struct onus_event *event)
{
    bool has_query = onus_str_find_char(event->target, '?') != ONUS_STR_NPOS;
    return (struct onus_plain_request){.source_hash = (uint32_t)event->source_hash,
            .input = event->ref.input,
            .line = event->ref.line,
            .time = event->time,
            .source = event->source,
            .target = event->target.ptr,
            .agent = event->agent.ptr,
            .target_length = (uint32_t)event->target.len,
            .agent_length = (uint16_t)event->agent.len,
            .shard = (uint8_t)onus_engine_shard_of(event),
            .flags = (uint8_t)((event->marks & ONUS_MARK_STATIC ? ONUS_PLAIN_STATIC : 0u) |
                               (has_query ? ONUS_PLAIN_QUERY : 0u))};
}

/* As scene_play(), but what can be told in short is. */
static void play_mixed(struct scene *scene, struct mixed *m, struct onus_trace_result *result,
        struct onus_engine **engine)
{
    struct onus_engine_options options = {.since = SCENE_START + MINUTE,
            .until = ONUS_TIME_NONE,
            .seed = SEED};
    *result = (struct onus_trace_result){0};
    onus_arena_init(&result->arena, (size_t)1 << 30);
    scene_hash(scene, SEED);
    assert_int_equal(onus_engine_new(&options, engine, NULL), ONUS_OK);
    for (size_t shard = 0; shard < ONUS_ENGINE_SHARDS; shard++) {
        struct onus_event_batch batch = {.events = m->events,
                .plain = m->plain,
                .before = m->before};
        for (size_t i = 0; i < scene->count; i++) {
            const struct onus_event *event = &scene->events[i];
            if (onus_engine_shard_of(event) != shard) {
                continue;
            }
            if (m->requests && event->findings == 0 && event->status < 400) {
                m->requests[i] = plain_of(event);
                m->before[batch.plain_count] = (uint32_t)batch.count;
                m->plain[batch.plain_count++] = &m->requests[i];
            } else {
                m->events[batch.count++] = event;
            }
        }
        assert_int_equal(onus_engine_apply(*engine, shard, &batch, NULL), ONUS_OK);
    }
    assert_int_equal(onus_engine_finish(*engine, result, NULL), ONUS_OK);
}

static void print_played(struct scene *scene, bool in_short, struct onus_buffer *out,
        size_t *incidents)
{
    struct mixed m = {.events = calloc(scene->count, sizeof(struct onus_event *)),
            .plain = calloc(scene->count, sizeof(struct onus_plain_request *)),
            .before = calloc(scene->count, sizeof(uint32_t)),
            .requests = in_short ? calloc(scene->count, sizeof(struct onus_plain_request)) : NULL};
    assert_true(m.events && m.plain && m.before && (m.requests || !in_short));
    struct onus_trace_result result;
    struct onus_engine *engine = NULL;
    play_mixed(scene, &m, &result, &engine);
    scene_print(out, &result);
    *incidents = result.incident_count;
    onus_engine_free(engine);
    onus_arena_clear(&result.arena);
    free(m.events);
    free(m.plain);
    free(m.before);
    free(m.requests);
}

static void a_plain_request_counts_as_its_event_does(void **state)
{
    (void)state;
    uint64_t random = 3;
    size_t incidents = 0;
    for (size_t round = 0; round < 20; round++) {
        struct scene scene = {0};
        struct onus_buffer whole = {.limit = 0};
        struct onus_buffer brief = {.limit = 0};
        make_scene(&scene, 4000, &random);
        print_played(&scene, false, &whole, &incidents);
        print_played(&scene, true, &brief, &incidents);
        assert_same_text(onus_buffer_view(&brief), onus_buffer_view(&whole));
        assert_true(incidents > 0 && strstr(whole.ptr, "request-flood") != NULL);
        onus_buffer_clear(&whole);
        onus_buffer_clear(&brief);
        scene_clear(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(from_quote_to_quote_is_as_field_by_field),
            cmocka_unit_test(lines_of_one_byte_are_gone_through_once),
            cmocka_unit_test(a_plain_request_counts_as_its_event_does),
    };
    return cmocka_run_group_tests_name("trace/block_quoted", tests, NULL, NULL);
}
