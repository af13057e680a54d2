/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_BASE_BUFFER_H
#define ONUS_BASE_BUFFER_H

/*
 * Bytes that grow at the end, up to a limit.
 *
 * Writers append without checking each call: the first failure is remembered, later appends do
 * nothing, and the one who takes the bytes asks onus_buffer_status() once. What is in the buffer
 * after a failure is whole up to the last append that fitted, and must not be used.
 *
 * Owner: the caller; release with onus_buffer_clear(), which accepts a zeroed struct.
 */

#include <onus/error.h>

/*
 * Where a draining buffer hands its bytes; false when they cannot be taken (the buffer then fails
 * with ONUS_E_IO).
 */
typedef bool (*onus_buffer_drain)(void *data, struct onus_str bytes);

struct onus_buffer {
    char *ptr;
    size_t len;
    size_t size;
    size_t limit; /* 0 means no limit but memory */
    enum onus_code failed;
    onus_buffer_drain drain; /* NULL: everything stays */
    void *drain_data;
    uint64_t drained; /* bytes handed out so far */
};

#define ONUS_BUFFER_DRAIN_SIZE 65536

/*
 * Let the buffer hand out what it holds whenever that is more than ONUS_BUFFER_DRAIN_SIZE bytes, so
 * that a document of any size takes bounded memory. Call after onus_buffer_init(). Writers that only
 * append need not know. onus_buffer_finish() hands out the rest.
 */
static inline void onus_buffer_set_drain(struct onus_buffer *buffer, onus_buffer_drain drain,
        void *data)
{
    buffer->drain = drain;
    buffer->drain_data = data;
}

void onus_buffer_init(struct onus_buffer *buffer, size_t limit);
void onus_buffer_clear(struct onus_buffer *buffer);

/* onus_buffer_room() where the buffer must hand out, grow or refuse first. */
char *onus_buffer_make_room(struct onus_buffer *buffer, size_t most);

/*
 * Room for `most` bytes at the end, to be written in place and then counted with
 * onus_buffer_grew(); NULL when there is none, and the failure is remembered.
 */
static inline char *onus_buffer_room(struct onus_buffer *buffer, size_t most)
{
    bool at_hand = buffer->failed == ONUS_OK && most <= buffer->size - buffer->len &&
                   buffer->limit == 0 && (!buffer->drain || buffer->len < ONUS_BUFFER_DRAIN_SIZE);
    return at_hand ? buffer->ptr + buffer->len : onus_buffer_make_room(buffer, most);
}

static inline void onus_buffer_grew(struct onus_buffer *buffer, const char *end)
{
    buffer->len = (size_t)(end - buffer->ptr);
}

/* Digits of a number into `out`; returns their end. */
#define ONUS_DIGITS_MAX 20
char *onus_put_u64(char *out, uint64_t value);

void onus_buffer_add(struct onus_buffer *buffer, const void *bytes, size_t len);
void onus_buffer_add_str(struct onus_buffer *buffer, struct onus_str s);
void onus_buffer_add_text(struct onus_buffer *buffer, const char *terminated);
void onus_buffer_add_char(struct onus_buffer *buffer, char c);
void onus_buffer_add_u64(struct onus_buffer *buffer, uint64_t value);
void onus_buffer_add_i64(struct onus_buffer *buffer, int64_t value);
void onus_buffer_printf(struct onus_buffer *buffer, const char *fmt, ...) ONUS_PRINTF(2, 3);

/* Hand out what is left of a draining buffer; then as onus_buffer_status(). */
ONUS_NODISCARD enum onus_code onus_buffer_finish(struct onus_buffer *buffer,
        struct onus_error *err);

/* ONUS_OK, or why an append failed: ONUS_E_MEMORY or ONUS_E_LIMIT. */
ONUS_NODISCARD enum onus_code onus_buffer_status(const struct onus_buffer *buffer,
        struct onus_error *err);

static inline struct onus_str onus_buffer_view(const struct onus_buffer *buffer)
{
    return (struct onus_str){buffer->ptr, buffer->len};
}

#endif
