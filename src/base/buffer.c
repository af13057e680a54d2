/* SPDX-License-Identifier: Apache-2.0 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FIRST_SIZE = 256
};

void onus_buffer_init(struct onus_buffer *buffer, size_t limit)
{
    *buffer = (struct onus_buffer){.limit = limit};
}

void onus_buffer_clear(struct onus_buffer *buffer)
{
    free(buffer->ptr);
    *buffer = (struct onus_buffer){.limit = buffer->limit};
}

static void hand_out(struct onus_buffer *buffer)
{
    if (buffer->len > 0 && !buffer->drain(buffer->drain_data, onus_buffer_view(buffer))) {
        buffer->failed = ONUS_E_IO;
    }
    buffer->drained += buffer->len;
    buffer->len = 0;
}

static bool reserve(struct onus_buffer *buffer, size_t more)
{
    if (buffer->drain && buffer->len >= ONUS_BUFFER_DRAIN_SIZE && buffer->failed == ONUS_OK) {
        hand_out(buffer);
    }
    if (buffer->failed != ONUS_OK) {
        return false;
    }
    size_t max = buffer->limit ? buffer->limit : SIZE_MAX / 2;
    if (more > max - buffer->len) {
        buffer->failed = ONUS_E_LIMIT;
        return false;
    }
    size_t need = buffer->len + more;
    if (need <= buffer->size) {
        return true;
    }
    size_t size = buffer->size ? buffer->size * 2 : FIRST_SIZE;
    while (size < need) {
        size *= 2;
    }
    char *grown = realloc(buffer->ptr, size);
    if (!grown) {
        buffer->failed = ONUS_E_MEMORY;
        return false;
    }
    buffer->ptr = grown;
    buffer->size = size;
    return true;
}

char *onus_buffer_make_room(struct onus_buffer *buffer, size_t most)
{
    return reserve(buffer, most) ? buffer->ptr + buffer->len : NULL;
}

void onus_buffer_add(struct onus_buffer *buffer, const void *bytes, size_t len)
{
    char *at = len > 0 ? onus_buffer_room(buffer, len) : NULL;
    if (at) {
        memcpy(at, bytes, len);
        buffer->len += len;
    }
}

void onus_buffer_add_str(struct onus_buffer *buffer, struct onus_str s)
{
    onus_buffer_add(buffer, s.ptr, s.len);
}

void onus_buffer_add_text(struct onus_buffer *buffer, const char *terminated)
{
    onus_buffer_add(buffer, terminated, strlen(terminated));
}

void onus_buffer_add_char(struct onus_buffer *buffer, char c)
{
    char *at = onus_buffer_room(buffer, 1);
    if (at) {
        *at = c;
        buffer->len++;
    }
}

/* How many digits a number has. */
static unsigned width_of(uint64_t value)
{
    unsigned width = 1;
    for (; value >= 10000; value /= 10000) {
        width += 4;
    }
    return width + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *onus_put_u64(char *out, uint64_t value)
{
    char *end = out + width_of(value);
    char *at = end;
    for (; value > UINT32_MAX; value /= 10) {
        *--at = (char)('0' + value % 10);
    }
    for (uint32_t rest = (uint32_t)value; at > out; rest /= 10) {
        *--at = (char)('0' + rest % 10);
    }
    return end;
}

void onus_buffer_add_u64(struct onus_buffer *buffer, uint64_t value)
{
    char *at = onus_buffer_room(buffer, ONUS_DIGITS_MAX);
    if (at) {
        onus_buffer_grew(buffer, onus_put_u64(at, value));
    }
}

void onus_buffer_add_i64(struct onus_buffer *buffer, int64_t value)
{
    if (value < 0) {
        onus_buffer_add_char(buffer, '-');
        onus_buffer_add_u64(buffer, 0 - (uint64_t)value);
        return;
    }
    onus_buffer_add_u64(buffer, (uint64_t)value);
}

void onus_buffer_printf(struct onus_buffer *buffer, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int need = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (need > 0 && reserve(buffer, (size_t)need + 1)) {
        (void)vsnprintf(buffer->ptr + buffer->len, (size_t)need + 1, fmt, again);
        buffer->len += (size_t)need;
    }
    va_end(again);
}

enum onus_code onus_buffer_finish(struct onus_buffer *buffer, struct onus_error *err)
{
    if (buffer->drain && buffer->failed == ONUS_OK) {
        hand_out(buffer);
    }
    return onus_buffer_status(buffer, err);
}

enum onus_code onus_buffer_status(const struct onus_buffer *buffer, struct onus_error *err)
{
    if (buffer->failed == ONUS_E_LIMIT) {
        return onus_fail(err, ONUS_E_LIMIT, "text is longer than the allowed %zu bytes",
                buffer->limit);
    }
    if (buffer->failed == ONUS_E_IO) {
        return onus_fail(err, ONUS_E_IO, "the output cannot be written");
    }
    if (buffer->failed != ONUS_OK) {
        return onus_fail(err, buffer->failed, "out of memory");
    }
    return ONUS_OK;
}
