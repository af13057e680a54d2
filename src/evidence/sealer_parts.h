/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_SEALER_PARTS_H
#define ONUS_EVIDENCE_SEALER_PARTS_H

/* What the files of the sealer share among themselves. Others include sealer.h. */

#include "evidence/commit.h"
#include "evidence/index.h"
#include "evidence/net_tables.h"
#include "evidence/sealer.h"
#include "sys/durable.h"
#include "sys/frames.h"

#include <stdatomic.h>

#define SEAL_BYTES_MAX  ((uint64_t)64 << 20) /* evidence.md: of lines with their line feeds */
#define SEAL_LINES_MAX  ((uint64_t)65536 * ONUS_LINES_PER_LEAF)
#define SEAL_TASK_LINES 2048
#define SEAL_TASK_BYTES ((size_t)256 << 10)
#define SEAL_INPUTS_MAX 1000000

/* A batch that takes lines, or took its last in this round. */
struct seal_batch {
    const struct onus_source *source;
    uint32_t input;
    uint64_t seq;
    struct onus_digest key;
    uint64_t first_line; /* of the input */

    uint64_t lines, bytes, slots; /* planned so far */
    uint64_t leaves;
    struct onus_digest *leaf; /* by number */
    size_t leaf_room;

    struct onus_digest carry[ONUS_LINES_PER_LEAF]; /* slots of the leaf that is not full yet */
    size_t carry_count;
    struct onus_index_builder index;
    struct onus_buffer parts; /* the .prt file, of S */
    struct onus_durable_file pack;
    struct onus_digest pack_name;
    char pack_path[ONUS_BATCH_PATH_MAX];

    int64_t first_time, last_time; /* microseconds; ONUS_TIME_NONE */
    int64_t day;                   /* of the source, this batch included */
    uint8_t flags;
    bool last_ended; /* the last line has its line feed */
    bool closed;     /* no more lines */
    bool in_round;
    uint64_t round_line; /* number of the line whose slot stands at round_slot, in this round */
    size_t round_slot;
    bool has_from;
    struct onus_position from;
};

/* What one thread works with. */
struct seal_worker {
    struct onus_commit_scratch *scratch;
    char *room; /* a piece with the headers of its frames */
    size_t room_size;
    struct onus_str values[SEAL_TASK_LINES * ONUS_PARTS_MAX];
    uint8_t kinds[SEAL_TASK_LINES * ONUS_PARTS_MAX];
    uint8_t counts[SEAL_TASK_LINES];
};

/* Lines of one batch that lie together in one block. */
struct seal_piece {
    struct seal_batch *batch;
    const struct onus_sink_block *block;
    size_t first, count;
    size_t skip;     /* bytes of the first line that were sealed before it was whole */
    uint64_t line;   /* number of the first in its batch */
    uint64_t offset; /* of its content in its batch */
    uint64_t bytes;
    uint64_t slot;  /* number of its first slot */
    size_t slot_at; /* place of that slot in the round */
    size_t slots;
};

struct seal_input {
    const struct onus_source *source;
    struct onus_str name; /* of the source it belongs to */
    struct onus_position hint;
    bool named, looked; /* its beginning was compared */
    bool known;         /* it continues `at` */
    struct onus_position at;
    uint64_t skip_bytes; /* sealed before; 0 when not known */
    bool differs, shorter;
    bool unended;  /* its last line has no line feed and was left */
    uint8_t flags; /* of its next batch */
    uint32_t file;

    uint64_t lines, bytes; /* seen so far */
    uint64_t known_lines, sealed_lines;
    uint64_t finished_before; /* onus_sealer.finished_lines when it began */
    uint8_t head[ONUS_POSITION_BYTES];
    uint32_t head_length;
    uint8_t tail[ONUS_POSITION_BYTES]; /* the last bytes before the round in hand */
    uint32_t tail_length;
};

struct onus_sealer {
    struct onus_sealer_options options;
    struct onus_line_sink sink;
    struct seal_worker *workers;
    struct onus_arena tables_arena;
    struct onus_net_tables tables; /* of networks, whose edges get fences */

    struct seal_input *input; /* in hand; NULL: none */
    uint32_t input_number;
    struct onus_sealed_input *results;
    size_t result_count, result_room;

    struct seal_batch *open;   /* of the input in hand */
    struct seal_batch **round; /* batches that got lines in this round, in order */
    size_t round_count, round_room;
    struct seal_piece *pieces;
    size_t piece_count, piece_room;
    struct onus_digest *slots; /* of the round */
    size_t slot_count, slot_room;

    uint64_t finished_lines; /* of all batches that are on the disk */
    uint8_t missing;         /* flags for the next batch of `missing_of` */
    const struct onus_source *missing_of;

    atomic_int work_failed; /* enum onus_code of the first failure in work() */
    bool failed;            /* a call failed: no more is taken */
};

/* ---- sealer_batch.c --------------------------------------------------------------------------- */

ONUS_NODISCARD enum onus_code onus_seal_batch_open(struct onus_sealer *sealer,
        const struct onus_source *source, struct seal_batch **out, struct onus_error *err);
void onus_seal_batch_free(struct seal_batch *batch);
/* Room for the leaves of all lines planned so far. */
ONUS_NODISCARD enum onus_code onus_seal_batch_reserve(struct seal_batch *batch,
        struct onus_error *err);
/* Its pack may take content. */
ONUS_NODISCARD enum onus_code onus_seal_pack_begin(struct onus_sealer *sealer,
        struct seal_batch *batch, struct onus_error *err);
/* Everything after its last line: hashes, files, log, signature. */
ONUS_NODISCARD enum onus_code onus_seal_batch_finish(struct onus_sealer *sealer,
        struct seal_batch *batch, struct onus_error *err);

/* ---- sealer_input.c --------------------------------------------------------------------------- */

/* Bytes just before line `line` of block `block` (plus `skip` bytes into it), up to `size` of them. */
size_t onus_seal_before(const struct seal_input *input, const struct onus_sink_block *blocks,
        size_t block, size_t line, size_t skip, uint8_t *out, size_t size);

/* The first bytes, until there are enough. */
void onus_seal_take_head(struct seal_input *input, const struct onus_sink_block *blocks,
        size_t count);

/* At the first round: which file it is, and to which source it belongs. */
void onus_seal_recognise(struct onus_sealer *sealer, struct seal_input *input);
ONUS_NODISCARD enum onus_code onus_seal_source(struct onus_sealer *sealer, struct seal_input *input,
        struct onus_error *err);

/* Whether the bytes before this place are those that were sealed: input->bytes is skip_bytes. */
bool onus_seal_tail_fits(const struct seal_input *input, const struct onus_sink_block *blocks,
        size_t block, size_t line, size_t skip);

/* The round is over: keep the last bytes. */
void onus_seal_keep_tail(struct seal_input *input, const struct onus_sink_block *blocks,
        size_t count);

/* How far the input was read, for the manifest of a batch that ends at this place. */
void onus_seal_position(const struct seal_input *input, const uint8_t *tail, size_t tail_length,
        struct onus_position *out);

/* ---- sealer_work.c ---------------------------------------------------------------------------- */

void onus_seal_work(void *data, size_t task, size_t worker);
/* After the tasks of a round: leaves that two tasks share, what is carried on, parts, index. */
ONUS_NODISCARD enum onus_code onus_seal_gather(struct onus_sealer *sealer, struct onus_error *err);

#endif
