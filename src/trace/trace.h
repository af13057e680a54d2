/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_TRACE_H
#define ONUS_TRACE_TRACE_H

/*
 * The whole job: files in, struct onus_trace_result out.
 *
 *     onus_trace_open()    opens every input; reads not one byte, starts no thread
 *     (the caller gives up its rights here: sys/sandbox.h)
 *     onus_trace_run()     reads, parses, counts, judges
 *     onus_trace_visit()   goes over the records again, in order, as often as needed
 *     onus_trace_close()
 *
 * How it runs: blocks of one input are filled in order, parsed by all threads, stitched in order, and
 * counted by all threads, each in its own shards. The result does not depend on their number.
 * Memory: per thread four blocks (docs/limits.md), and what the engine keeps.
 */

#include "model/line_sink.h"
#include "net/ipdb.h"
#include "sys/reader.h"
#include "trace/block.h"
#include "trace/engine.h"

/* An input that is no file of its own: lines kept in several files, read as one. */
struct onus_trace_stream {
    const char *name; /* as shown */
    struct onus_reader_parts parts;
};

struct onus_trace_options {
    const struct onus_trace_stream *streams; /* besides the operands */
    size_t stream_count;
    char *const *operands; /* files, folders, patterns, "-" */
    size_t operand_count;
    const struct onus_format *format; /* NULL: tell from the content */
    int64_t since, until;             /* ONUS_TIME_NONE: no bound */
    struct onus_str zone;             /* empty: UTC, and said to be assumed */
    int year;    /* of the first line of inputs without years; 0: from the file's time */
    size_t jobs; /* threads; 0: as many as processors */
    const struct onus_rules *rules;
    uint64_t seed; /* of table hashes: random, must not show in the result */

    /* Unparsed lines, with their line ends; NULL: not wanted. */
    enum onus_code (*reject)(void *data, struct onus_str raw, struct onus_error *err);
    void *reject_data;

    /* Who else takes the lines while they are counted by onus_trace_run(); NULL: nobody. */
    const struct onus_line_sink *sink;

    /* Called from the caller's thread now and then; total is 0 when a pipe is read. NULL: silent. */
    void (*progress)(void *data, uint64_t done, uint64_t total, uint64_t lines);
    void *progress_data;
};

struct onus_trace;

/* The options are copied; what they point to must outlive the trace. */
ONUS_NODISCARD enum onus_code onus_trace_open(const struct onus_trace_options *options,
        struct onus_trace **out, struct onus_error *err);
void onus_trace_close(struct onus_trace *trace);

/*
 * Fill *result (zeroed by the caller; release with onus_arena_clear(&result->arena)). ipdb may be
 * NULL: networks then stay unknown and a note says so. Inputs that cannot be read, or only in part,
 * are no failure of the run: their facts say what is wrong.
 */
ONUS_NODISCARD enum onus_code onus_trace_run(struct onus_trace *trace, const struct onus_ipdb *ipdb,
        struct onus_trace_result *result, struct onus_error *err);

/* One record of an input, final. `events` has line->event_count members. */
struct onus_trace_record {
    const char *path; /* of its input */
    uint32_t input_index;
    uint64_t number; /* of its first line */
    const struct onus_line *line;
    struct onus_str raw;              /* with its line end */
    const struct onus_format *format; /* NULL when unparsed */
    const struct onus_event *events;
};

typedef enum onus_code (*onus_trace_visitor)(void *data, const struct onus_trace_record *record,
        struct onus_error *err);

/*
 * Show every record of every input to the visitor, in the order of inputs[]. With keep_ignored the
 * ignored ones come with their event too. Works before or after onus_trace_run(); a second reading
 * needs inputs that can be read again (ONUS_E_IO for a pipe).
 */
ONUS_NODISCARD enum onus_code onus_trace_visit(struct onus_trace *trace, bool keep_ignored,
        onus_trace_visitor visitor, void *data, struct onus_error *err);

/* Whether the inputs can be read a second time: none is a pipe. */
bool onus_trace_can_repeat(const struct onus_trace *trace);

/* The incident of result->incidents[] an event belongs to, after onus_trace_run(); SIZE_MAX: none. */
size_t onus_trace_incident_of(const struct onus_trace *trace, const struct onus_event *event);

/* Whether the file of that name is one of the inputs: nothing may be written over it. */
bool onus_trace_reads(const struct onus_trace *trace, const char *path);

/*
 * The worst that happened to an input: ONUS_OK, ONUS_E_FORMAT (damaged, or not a log), ONUS_E_IO
 * (cannot be read). A file of a folder need not be a log, but one of all inputs must be. For the exit code; the words are in the facts of each input.
 */
enum onus_code onus_trace_worst(const struct onus_trace *trace);

#endif
