/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which message goes into which lane, and when.
 *
 * A vector computes one block of every lane at a time, so lanes whose message is shorter would idle.
 * Messages of a window are therefore sorted by their number of blocks (counting sort). Full sets of
 * short messages of the same number go to the kernel at once. The rest, and all long ones, go through
 * lanes that take up the next message as soon as theirs ends.
 */
#include "sha256_many.h"

#include "sha256_kernel.h"

enum {
    WINDOW = 4096,
    LANES_MAX = ONUS_SHA256_LANES_MAX,
    WHOLE_MAX = ONUS_SHA256_WHOLE_MAX
};

/* For sets that fill all lanes, and for the rest. Whoever asks for a kernel gets only that one. */
struct kernels {
    const struct onus_sha256_kernel *sets;
    const struct onus_sha256_kernel *rest;
};

static struct kernels choose(const struct onus_sha256_kernel *asked)
{
    return asked ? (struct kernels){asked, asked}
                 : (struct kernels){onus_sha256_best(), onus_sha256_best_for_few()};
}

/* ---- lanes that take up the next message ------------------------------------------------------- */

/* What one call works on. `order` lists the messages that go through the lanes. */
struct work {
    const struct onus_sha256_kernel *kernel;
    const struct onus_message *messages;
    struct onus_digest *out;
    const uint16_t *order;
    size_t left;
};

/*
 * A message in up to three stretches of blocks: the first block when the head is in it, those that lie
 * whole in the body and are read there, and the last ones with the padding.
 */
struct lane {
    const uint8_t *at;
    size_t blocks; /* left of this stretch; 0: the lane is idle */
    const uint8_t *middle;
    size_t middle_blocks;
    size_t tail_blocks;
    size_t message;
    uint8_t first[ONUS_SHA256_BLOCK];
    uint8_t tail[2 * ONUS_SHA256_BLOCK];
};

static void next_stretch(struct lane *lane)
{
    if (lane->middle_blocks > 0) {
        lane->at = lane->middle;
        lane->blocks = lane->middle_blocks;
        lane->middle_blocks = 0;
    } else {
        lane->at = lane->tail;
        lane->blocks = lane->tail_blocks;
        lane->tail_blocks = 0;
    }
}

static void start_message(struct lane *lane, const struct onus_message *message, size_t index)
{
    size_t head = message->head_length;
    struct onus_str body = message->body;
    size_t before = 0; /* bytes of the body in the first block */
    lane->message = index;
    lane->middle_blocks = 0;
    lane->blocks = 0;
    if (head > 0 && head + body.len >= ONUS_SHA256_BLOCK) {
        before = ONUS_SHA256_BLOCK - head;
        memcpy(lane->first, message->head, head);
        memcpy(lane->first + head, body.ptr, before);
        lane->at = lane->first;
        lane->blocks = 1;
        head = 0;
    }
    size_t whole = head > 0 ? 0 : (body.len - before) / ONUS_SHA256_BLOCK;
    size_t held = body.len - before - whole * ONUS_SHA256_BLOCK;
    lane->middle = (const uint8_t *)body.ptr + before;
    lane->middle_blocks = whole;
    memcpy(lane->tail, message->head, head);
    if (held > 0) {
        memcpy(lane->tail + head, lane->middle + whole * ONUS_SHA256_BLOCK, held);
    }
    held += head;
    lane->tail_blocks = held < ONUS_SHA256_BLOCK - 8 ? 1 : 2;
    onus_sha256_pad(lane->tail, held, lane->tail_blocks * ONUS_SHA256_BLOCK,
            onus_sha256_length_of(message));
    if (lane->blocks == 0) {
        next_stretch(lane);
    }
}

static void set_column(uint32_t *state, size_t lanes, size_t j, const uint32_t words[8])
{
    for (size_t i = 0; i < 8; i++) {
        state[i * lanes + j] = words[i];
    }
}

static void get_column(const uint32_t *state, size_t lanes, size_t j, uint32_t words[8])
{
    for (size_t i = 0; i < 8; i++) {
        words[i] = state[i * lanes + j];
    }
}

/* Give the lane a message if there is one left. */
static bool refill(struct work *work, struct lane *lane, uint32_t *state, size_t j)
{
    if (work->left == 0) {
        return false;
    }
    size_t index = work->order[--work->left];
    start_message(lane, &work->messages[index], index);
    set_column(state, work->kernel->lanes, j, onus_sha256_initial);
    return true;
}

/* One lane alone, to the end of its message. */
static void finish_alone(struct work *work, struct lane *lane, const uint32_t *state, size_t j)
{
    uint32_t words[8];
    get_column(state, work->kernel->lanes, j, words);
    onus_sha256_blocks *add_blocks =
            work->kernel->lanes == 1 ? onus_sha256_blocks_scalar : onus_sha256_best_blocks();
    while (lane->blocks > 0) {
        add_blocks(words, lane->at, lane->blocks);
        next_stretch(lane);
    }
    onus_sha256_store_digest(&work->out[lane->message], words);
}

/* After `count` blocks of each lane: end messages, take up others. Returns how many lanes work. */
static size_t advance(struct work *work, struct lane *lanes, uint32_t *state, size_t count)
{
    size_t active = 0;
    for (size_t j = 0; j < work->kernel->lanes; j++) {
        struct lane *lane = &lanes[j];
        if (lane->blocks == 0) {
            continue;
        }
        lane->at += count * ONUS_SHA256_BLOCK;
        lane->blocks -= count;
        if (lane->blocks == 0) {
            next_stretch(lane);
        }
        if (lane->blocks == 0) {
            uint32_t words[8];
            get_column(state, work->kernel->lanes, j, words);
            onus_sha256_store_digest(&work->out[lane->message], words);
            (void)refill(work, lane, state, j);
        }
        active += lane->blocks > 0;
    }
    return active;
}

/* The most blocks that every working lane can take at once; idle lanes repeat what a working one does. */
static size_t common_blocks(const struct lane *lanes, size_t count, const uint8_t **blocks)
{
    const struct lane *working = NULL;
    size_t common = SIZE_MAX;
    for (size_t j = 0; j < count; j++) {
        if (lanes[j].blocks > 0) {
            working = &lanes[j];
            common = lanes[j].blocks < common ? lanes[j].blocks : common;
        }
    }
    for (size_t j = 0; j < count; j++) {
        blocks[j] = lanes[j].blocks > 0 ? lanes[j].at : working->at;
    }
    return common;
}

static void through_lanes(struct work *work)
{
    ONUS_UNINITIALISED struct lane lanes[LANES_MAX];
    uint32_t state[8 * LANES_MAX];
    const uint8_t *blocks[LANES_MAX];
    size_t count = work->kernel->lanes;
    size_t active = 0;
    for (size_t j = 0; j < count; j++) {
        lanes[j].blocks = 0;
        active += refill(work, &lanes[j], state, j);
    }
    /* A vector with an eighth of its lanes in use is no faster than one stream. */
    while (active > count / 8) {
        size_t common = common_blocks(lanes, count, blocks);
        work->kernel->run(state, blocks, common);
        active = advance(work, lanes, state, common);
    }
    for (size_t j = 0; j < count; j++) {
        if (lanes[j].blocks > 0) {
            finish_alone(work, &lanes[j], state, j);
        }
    }
}

/* ---- sets of messages with the same number of blocks -------------------------------------------- */

/* As many sets as fill all lanes, of messages of `blocks` blocks; returns how many that were. */
static size_t hash_sets(const struct work *work, const uint16_t *order, size_t count, size_t blocks)
{
    const struct onus_message *set[LANES_MAX];
    struct onus_digest *outs[LANES_MAX];
    size_t lanes = work->kernel->lanes;
    size_t done = 0;
    for (; count - done >= lanes; done += lanes) {
        for (size_t j = 0; j < lanes; j++) {
            set[j] = &work->messages[order[done + j]];
            outs[j] = &work->out[order[done + j]];
        }
        work->kernel->whole(set, blocks, outs);
    }
    return done;
}

/* By number of blocks; all above WHOLE_MAX together at the end. */
static size_t rank_of(const struct onus_message *message)
{
    size_t blocks = onus_sha256_blocks_of(message);
    return blocks <= WHOLE_MAX ? blocks : WHOLE_MAX + 1;
}

static void hash_window(struct kernels kernels, const struct onus_message *messages, size_t count,
        struct onus_digest *out)
{
    ONUS_UNINITIALISED uint16_t order[WINDOW];
    ONUS_UNINITIALISED uint8_t ranks[WINDOW];
    uint16_t ends[WHOLE_MAX + 2] = {0}; /* first how many of each rank, then where it ends */
    for (size_t i = 0; i < count; i++) {
        ranks[i] = (uint8_t)rank_of(&messages[i]);
        ends[ranks[i]]++;
    }
    for (size_t r = 1; r < ONUS_COUNT(ends); r++) {
        ends[r] = (uint16_t)(ends[r] + ends[r - 1]);
    }
    for (size_t i = count; i-- > 0;) {
        order[--ends[ranks[i]]] = (uint16_t)i;
    }

    /* ends[r] is now where rank r begins. What makes no full set moves to the front. */
    struct work sets = {.kernel = kernels.sets, .messages = messages, .out = out};
    struct work rest = {kernels.rest, messages, out, order, 0};
    for (size_t r = 1; r <= WHOLE_MAX + 1; r++) {
        size_t at = ends[r];
        size_t end = r <= WHOLE_MAX ? ends[r + 1] : count;
        if (r <= WHOLE_MAX) {
            at += hash_sets(&sets, order + at, end - at, r);
            at += hash_sets(&rest, order + at, end - at, r);
        }
        memmove(order + rest.left, order + at, (end - at) * sizeof(order[0]));
        rest.left += end - at;
    }
    through_lanes(&rest);
}

void onus_sha256_many(const struct onus_sha256_kernel *kernel, const struct onus_message *messages,
        size_t count, struct onus_digest *out)
{
    struct kernels kernels = choose(kernel);
    while (count > 0) {
        size_t now = count < WINDOW ? count : WINDOW;
        hash_window(kernels, messages, now, out);
        messages += now;
        out += now;
        count -= now;
    }
}

/* ---- nodes and salts ------------------------------------------------------------------------------ */

/* As many as fill all lanes; what is left is less than that. */
static size_t node_sets(const struct onus_sha256_kernel *kernel, const struct onus_digest *pairs,
        size_t count, struct onus_digest *out)
{
    size_t done = 0;
    for (; count - done >= kernel->lanes; done += kernel->lanes) {
        kernel->nodes(pairs + 2 * done, out + done);
    }
    return done;
}

void onus_sha256_nodes(const struct onus_sha256_kernel *kernel, const struct onus_digest *pairs,
        size_t pairs_count, struct onus_digest *out)
{
    struct kernels kernels = choose(kernel);
    size_t done = node_sets(kernels.sets, pairs, pairs_count, out);
    done += node_sets(kernels.rest, pairs + 2 * done, pairs_count - done, out + done);
    if (done < pairs_count) {
        struct onus_digest in[2 * LANES_MAX];
        struct onus_digest digests[LANES_MAX];
        memcpy(in, pairs + 2 * done, 2 * (pairs_count - done) * sizeof(in[0]));
        kernels.rest->nodes(in, digests);
        memcpy(out + done, digests, (pairs_count - done) * sizeof(out[0]));
    }
}

void onus_sha256_salts(const struct onus_sha256_kernel *kernel, const struct onus_digest *batch_key,
        uint64_t from, uint64_t to, struct onus_digest *out)
{
    kernel = kernel ? kernel : onus_sha256_best();
    size_t lanes = kernel->lanes;
    for (; from < to && to - from >= lanes; from += lanes) {
        kernel->salts(batch_key, from, out);
        out += lanes;
    }
    if (from < to) {
        struct onus_digest digests[LANES_MAX];
        kernel->salts(batch_key, from, digests);
        memcpy(out, digests, (size_t)(to - from) * sizeof(out[0]));
    }
}
