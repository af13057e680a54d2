/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a line sink sees every byte of every input once and in order, its lines add up to
 * the counts of the trace, and what it sees does not depend on the number of threads.
 * Oracle: the bytes of the files, and the result of the same run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "trace/rules.h"
#include "trace/trace.h"

/* What a sink was told, in words; and the bytes it saw. */
struct recorder {
    struct onus_buffer story, bytes;
    struct onus_buffer sources; /* of each line: source, attempts, time */
    uint64_t attempts, lines;
    size_t tasks, worked;
    bool planned;
    const char *base_name;
};

static enum onus_code record_begin(void *data, uint32_t input, const char *path,
        struct onus_error *err)
{
    (void)err;
    struct recorder *r = data;
    const char *slash = strrchr(path, '/');
    onus_buffer_printf(&r->story, "begin %u %s\n", (unsigned)input, slash ? slash + 1 : path);
    return ONUS_OK;
}

static enum onus_code record_plan(void *data, const struct onus_sink_block *blocks, size_t count,
        size_t *tasks, struct onus_error *err)
{
    (void)err;
    struct recorder *r = data;
    assert_false(r->planned);
    r->planned = true;
    for (size_t i = 0; i < count; i++) {
        for (size_t l = 0; l < blocks[i].line_count; l++) {
            assert_int_equal(blocks[i].lines[l].attempts, 0);
        }
    }
    r->tasks = *tasks = count;
    r->worked = 0;
    return ONUS_OK;
}

static void record_work(void *data, size_t task, size_t worker)
{
    (void)worker;
    struct recorder *r = data;
    if (task < r->tasks) {
        (void)__atomic_add_fetch(&r->worked, 1, __ATOMIC_SEQ_CST);
    }
}

static void record_line(struct recorder *r, const struct onus_sink_block *block,
        const struct onus_sink_line *line)
{
    char address[ONUS_ADDRESS_TEXT] = "-";
    if (line->has_source) {
        (void)onus_address_format(&line->source, address);
    }
    onus_buffer_add(&r->bytes, block->bytes + line->offset, line->length);
    onus_buffer_add_text(&r->bytes, line->ended ? "\n" : "");
    onus_buffer_printf(&r->story, "%s %u %lld", address, (unsigned)line->attempts,
            (long long)line->time);
    onus_buffer_printf(&r->sources, "%s %u %lld\n", address, (unsigned)line->attempts,
            (long long)line->time);
    size_t at = 0;
    for (size_t p = 0; p < line->part_count; p++) {
        const struct onus_sink_part *part = &block->parts[line->first_part + p];
        assert_int_equal(part->offset, at);
        at += part->length;
        onus_buffer_printf(&r->story, " %02x:%u", (unsigned)part->kind, (unsigned)part->length);
    }
    if (line->part_count > 0) {
        assert_int_equal(at, line->length);
    }
    onus_buffer_add_char(&r->story, '\n');
    r->attempts += line->attempts;
    r->lines++;
}

static enum onus_code record_settle(void *data, const struct onus_sink_block *blocks, size_t count,
        struct onus_error *err)
{
    (void)err;
    struct recorder *r = data;
    assert_true(r->planned);
    r->planned = false;
    assert_int_equal(r->worked, r->tasks);
    for (size_t i = 0; i < count; i++) {
        for (size_t l = 0; l < blocks[i].line_count; l++) {
            record_line(r, &blocks[i], &blocks[i].lines[l]);
        }
        for (size_t e = 0; e < blocks[i].extra_count; e++) {
            char address[ONUS_ADDRESS_TEXT];
            (void)onus_address_format(&blocks[i].extras[e].source, address);
            onus_buffer_printf(&r->story, "extra %s %u\n", address,
                    (unsigned)blocks[i].extras[e].attempts);
            r->attempts += blocks[i].extras[e].attempts;
        }
    }
    return ONUS_OK;
}

static enum onus_code record_end(void *data, uint32_t input, bool whole, enum onus_code why,
        struct onus_error *err)
{
    (void)err;
    struct recorder *r = data;
    onus_buffer_printf(&r->story, "end %u %s %s\n", (unsigned)input, whole ? "whole" : "broken",
            onus_code_name(why));
    return ONUS_OK;
}

struct run {
    struct recorder recorder;
    struct onus_trace_result result;
};

static void run_on_all(struct run *run, const struct onus_trace_options *inputs, size_t jobs,
        bool parts)
{
    *run = (struct run){.result = {.first = 0}};
    struct onus_line_sink sink = {.data = &run->recorder,
            .wants_parts = parts,
            .begin = record_begin,
            .plan = record_plan,
            .work = record_work,
            .settle = record_settle,
            .end = record_end};
    struct onus_rules rules;
    onus_rules_init(&rules);
    struct onus_trace_options options = {.operands = inputs->operands,
            .operand_count = inputs->operand_count,
            .streams = inputs->streams,
            .stream_count = inputs->stream_count,
            .since = ONUS_TIME_NONE,
            .until = ONUS_TIME_NONE,
            .jobs = jobs,
            .rules = &rules,
            .seed = jobs * 77,
            .sink = &sink};
    struct onus_trace *trace = NULL;
    assert_int_equal(onus_trace_open(&options, &trace, NULL), ONUS_OK);
    assert_int_equal(onus_trace_run(trace, NULL, &run->result, NULL), ONUS_OK);
    onus_trace_close(trace);
}

static void run_on(struct run *run, char *const *paths, size_t count, size_t jobs, bool parts)
{
    struct onus_trace_options inputs = {.operands = paths, .operand_count = count};
    run_on_all(run, &inputs, jobs, parts);
}

static void clear_run(struct run *run)
{
    onus_buffer_clear(&run->recorder.story);
    onus_buffer_clear(&run->recorder.bytes);
    onus_buffer_clear(&run->recorder.sources);
    onus_arena_clear(&run->result.arena);
}

static char *source_path(const char *name)
{
    const char *root = getenv("SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe): one thread */
    static char paths[4][512];
    static size_t next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", root ? root : ".", name);
    return path;
}

static void append_file(struct onus_buffer *out, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    char piece[65536];
    for (ssize_t got = read(fd, piece, sizeof(piece)); got > 0;
            got = read(fd, piece, sizeof(piece))) {
        onus_buffer_add(out, piece, (size_t)got);
    }
    assert_int_equal(close(fd), 0);
}

static void assert_same(const struct onus_buffer *a, const struct onus_buffer *b)
{
    assert_int_equal(a->len, b->len);
    assert_int_equal(memcmp(a->ptr, b->ptr, a->len), 0);
}

static void the_sink_sees_every_byte_and_every_attempt(void **state)
{
    (void)state;
    const char *names[] = {"examples/logs/auth.log", "examples/logs/access.log",
            "tests/cases/trace-journal-export/journal.export",
            "tests/cases/trace-cloudtrail/records.json", "tests/cases/trace-crlf/auth.log"};
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        char *path = source_path(names[i]);
        struct onus_buffer whole = {.limit = 0};
        append_file(&whole, path);
        struct run run;
        run_on(&run, &path, 1, 1, false);
        assert_same(&run.recorder.bytes, &whole);
        assert_int_equal(run.recorder.lines, run.result.lines);
        onus_buffer_clear(&whole);
        clear_run(&run);
    }
}

static void attempts_of_logins_add_up_to_those_of_the_trace(void **state)
{
    (void)state;
    char *path = source_path("examples/logs/auth.log");
    struct run run;
    run_on(&run, &path, 1, 1, false);
    assert_true(run.result.attempts > 100);
    assert_int_equal(run.recorder.attempts, run.result.attempts);
    clear_run(&run);
}

static void one_and_three_threads_tell_the_same(void **state)
{
    (void)state;
    char *paths[] = {source_path("examples/logs/access.log"),
            source_path("examples/logs/auth.log")};
    struct run one;
    struct run three;
    run_on(&one, paths, 2, 1, true);
    run_on(&three, paths, 2, 3, true);
    assert_same(&one.recorder.story, &three.recorder.story);
    assert_same(&one.recorder.bytes, &three.recorder.bytes);
    clear_run(&one);
    clear_run(&three);
}

/* Without parts, requests that nothing was recognised in come by a short way. */
static void the_short_way_of_requests_tells_the_same_sources(void **state)
{
    (void)state;
    char *path = source_path("examples/logs/access.log");
    struct run whole;
    struct run brief;
    run_on(&whole, &path, 1, 2, true);
    run_on(&brief, &path, 1, 2, false);
    assert_true(brief.recorder.sources.len > 10000);
    assert_same(&brief.recorder.sources, &whole.recorder.sources);
    clear_run(&whole);
    clear_run(&brief);
}

static char made[] = "/tmp/onus-feed-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(made);
    return fd >= 0 ? close(fd) : -1;
}

static int drop_file(void **state)
{
    (void)state;
    return unlink(made);
}

static void write_made(const char *text, size_t length)
{
    FILE *f = fopen(made, "wbe");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static const char *story_of(struct run *run)
{
    onus_buffer_add_char(&run->recorder.story, '\0');
    return run->recorder.story.ptr;
}

static void parts_are_cut_along_what_the_event_names(void **state)
{
    (void)state;
    const char text[] =
            "2024-03-01T00:00:01Z gw sshd[5]: Failed password for root from 203.0.113.7 "
            "port 1 ssh2\nno log line\n";
    write_made(text, sizeof(text) - 1);
    char *path = made;
    struct run run;
    run_on(&run, &path, 1, 1, true);
    const char *story = story_of(&run);
    /* time, text, program, text, account, text, source, text */
    assert_non_null(strstr(story, "203.0.113.7 1 1709251201000000 11:20 12:4 17:4 12:25 13:4 12:6 "
                                  "14:11 12:12\n"));
    assert_non_null(strstr(story, "- 0 " /* the unparsed line is one part */));
    assert_non_null(strstr(story, " 12:11\n"));
    clear_run(&run);
}

static void a_repeated_line_raises_the_count_by_its_number(void **state)
{
    (void)state;
    const char text[] =
            "2024-03-01T00:00:01Z gw sshd[5]: Failed password for root from 203.0.113.7 "
            "port 1 ssh2\n"
            "2024-03-01T00:00:09Z gw sshd[5]: message repeated 4 times: [ Failed "
            "password for root from 203.0.113.7 port 1 ssh2]\n";
    write_made(text, sizeof(text) - 1);
    char *path = made;
    struct run run;
    run_on(&run, &path, 1, 1, false);
    assert_int_equal(run.recorder.lines, 2);
    assert_int_equal(run.recorder.attempts, 5);
    clear_run(&run);
}

static void a_last_line_without_end_is_told_as_such(void **state)
{
    (void)state;
    const char text[] =
            "2024-03-01T00:00:01Z gw sshd[5]: Failed password for root from 203.0.113.7 "
            "port 1 ssh2\n\n2024-03-01T00:00:02Z gw ss";
    write_made(text, sizeof(text) - 1);
    char *path = made;
    struct run run;
    run_on(&run, &path, 1, 1, false);
    assert_int_equal(run.recorder.lines, 3);
    assert_int_equal(run.recorder.bytes.len, sizeof(text) - 1);
    clear_run(&run);
}

static void inputs_without_a_line_begin_and_end_too(void **state)
{
    (void)state;
    write_made("", 0);
    char *paths[] = {made, source_path("examples/logs/auth.log")};
    struct run run;
    run_on(&run, paths, 2, 2, false);
    const char *story = story_of(&run);
    assert_non_null(strstr(story, "begin 0 auth.log\n"));
    assert_non_null(strstr(story, "end 0 whole ok\nbegin 1 onus-feed-"));
    assert_non_null(strstr(story, "end 1 whole ok\n"));
    clear_run(&run);
}

static void a_line_beyond_the_limit_ends_its_input(void **state)
{
    (void)state;
    FILE *f = fopen(made, "wbe");
    assert_non_null(f);
    assert_true(fputs("2024-03-01T00:00:01Z gw sshd[5]: Failed password for root from 203.0.113.7 "
                      "port 1 ssh2\n",
                        f) >= 0);
    static char piece[1 << 20];
    memset(piece, 'x', sizeof(piece));
    for (size_t i = 0; i < 66; i++) {
        assert_int_equal(fwrite(piece, 1, sizeof(piece), f), sizeof(piece));
    }
    assert_true(fputs("\nafter\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    char *path = made;
    struct run run;
    run_on(&run, &path, 1, 2, false);
    assert_int_equal(run.recorder.lines, 1);
    assert_int_equal(run.result.lines, 3);
    assert_non_null(strstr(story_of(&run), "end 0 broken limit\n"));
    clear_run(&run);
}

/* A file cut into pieces at odd places, for a stream. */
struct pieces {
    const char *path;
    size_t at[4];
    size_t fail;
};

static int open_piece(void *data, size_t part)
{
    const struct pieces *pieces = data;
    if (part == pieces->fail) {
        errno = ENOENT;
        return -1;
    }
    struct onus_buffer whole = {.limit = 0};
    append_file(&whole, pieces->path);
    FILE *f = tmpfile();
    assert_non_null(f);
    size_t end = pieces->at[part + 1] < whole.len ? pieces->at[part + 1] : whole.len;
    assert_int_equal(fwrite(whole.ptr + pieces->at[part], 1, end - pieces->at[part], f),
            end - pieces->at[part]);
    assert_int_equal(fflush(f), 0);
    int descriptor = fcntl(fileno(f), F_DUPFD_CLOEXEC, 3);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(lseek(descriptor, 0, SEEK_SET), 0);
    onus_buffer_clear(&whole);
    return descriptor;
}

static void lines_kept_in_several_files_are_traced_as_one(void **state)
{
    (void)state;
    struct pieces pieces = {source_path("examples/logs/auth.log"), {0, 777, 778, SIZE_MAX}, 9};
    struct onus_trace_stream stream = {.name = "auth.log",
            .parts = {.open = open_piece, .data = &pieces, .count = 3, .changed = INT64_MIN}};
    struct onus_trace_options inputs = {.streams = &stream, .stream_count = 1};
    char *path = source_path("examples/logs/auth.log");
    struct run parts;
    struct run file;
    run_on_all(&parts, &inputs, 2, true);
    run_on(&file, &path, 1, 1, true);
    assert_same(&parts.recorder.bytes, &file.recorder.bytes);
    assert_int_equal(parts.result.attempts, file.result.attempts);
    assert_int_equal(parts.result.incident_count, file.result.incident_count);
    for (size_t i = 0; i < file.result.incident_count; i++) {
        assert_true(onus_str_eq(parts.result.incidents[i].id, file.result.incidents[i].id));
    }
    clear_run(&parts);
    clear_run(&file);
}

static void a_part_that_is_gone_is_told_and_nothing_before_it_is_lost(void **state)
{
    (void)state;
    struct pieces pieces = {source_path("examples/logs/auth.log"), {0, 777, 900, SIZE_MAX}, 2};
    struct onus_trace_stream stream = {.name = "auth.log",
            .parts = {.open = open_piece, .data = &pieces, .count = 3, .changed = INT64_MIN}};
    struct onus_trace_options inputs = {.streams = &stream, .stream_count = 1};
    struct run run;
    run_on_all(&run, &inputs, 1, false);
    assert_int_equal(run.recorder.bytes.len, 900);
    assert_non_null(strstr(story_of(&run), "end 0 broken io\n"));
    clear_run(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_sink_sees_every_byte_and_every_attempt),
            cmocka_unit_test(attempts_of_logins_add_up_to_those_of_the_trace),
            cmocka_unit_test(one_and_three_threads_tell_the_same),
            cmocka_unit_test(the_short_way_of_requests_tells_the_same_sources),
            cmocka_unit_test(parts_are_cut_along_what_the_event_names),
            cmocka_unit_test(a_repeated_line_raises_the_count_by_its_number),
            cmocka_unit_test(a_last_line_without_end_is_told_as_such),
            cmocka_unit_test(inputs_without_a_line_begin_and_end_too),
            cmocka_unit_test(a_line_beyond_the_limit_ends_its_input),
            cmocka_unit_test(lines_kept_in_several_files_are_traced_as_one),
            cmocka_unit_test(a_part_that_is_gone_is_told_and_nothing_before_it_is_lost),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
