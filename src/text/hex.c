/* SPDX-License-Identifier: Apache-2.0 */
#include "text/hex.h"

static const char digits[] = "0123456789abcdef";

static int value_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool onus_hex_exact(struct onus_str text, void *out, size_t size)
{
    if (text.len / 2 != size || text.len % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (value_of(text.ptr[i]) < 0) {
            return false;
        }
    }
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++) {
        unsigned high = (unsigned)value_of(text.ptr[2 * i]);
        bytes[i] = (uint8_t)(high << 4 | (unsigned)value_of(text.ptr[2 * i + 1]));
    }
    return true;
}

void onus_hex_put(char *out, struct onus_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = (uint8_t)bytes.ptr[i];
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 0x0f];
    }
}

void onus_hex_add(struct onus_buffer *buffer, struct onus_str bytes)
{
    char *room = onus_buffer_room(buffer, 2 * bytes.len);
    if (room) {
        onus_hex_put(room, bytes);
        onus_buffer_grew(buffer, room + 2 * bytes.len);
    }
}
