/* SPDX-License-Identifier: Apache-2.0 */
#include "text/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

bool onus_base64_size(struct onus_str text, size_t *out)
{
    if (text.len % 4 != 0) {
        return false;
    }
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=') {
        padding++;
    }
    size_t digits = text.len - padding;
    for (size_t i = 0; i < digits; i++) {
        if (value_of(text.ptr[i]) < 0) {
            return false;
        }
    }
    /* Two padding characters leave four bits over, one leaves two: they must be zero. */
    int unused = padding == 2 ? 0x0f : 0x03;
    if (padding > 0 && (value_of(text.ptr[digits - 1]) & unused) != 0) {
        return false;
    }
    *out = text.len / 4 * 3 - padding;
    return true;
}

bool onus_base64_decode(struct onus_str text, void *out, size_t room, size_t *size)
{
    size_t total = 0;
    if (!onus_base64_size(text, &total) || total > room) {
        return false;
    }
    uint8_t *bytes = out;
    uint32_t bits = 0;
    unsigned held = 0;
    size_t written = 0;
    for (size_t i = 0; written < total; i++) {
        bits = bits << 6 | (uint32_t)value_of(text.ptr[i]);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[written++] = (uint8_t)(bits >> held);
        }
    }
    *size = total;
    return true;
}

bool onus_base64_exact(struct onus_str text, void *out, size_t size)
{
    size_t found = 0;
    return onus_base64_size(text, &found) && found == size &&
           onus_base64_decode(text, out, size, &found);
}

void onus_base64_add(struct onus_buffer *buffer, struct onus_str bytes)
{
    char *room = onus_buffer_room(buffer, onus_base64_length(bytes.len));
    if (!room) {
        return;
    }
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t three = (uint32_t)(uint8_t)bytes.ptr[i] << 16;
        three |= left > 1 ? (uint32_t)(uint8_t)bytes.ptr[i + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)(uint8_t)bytes.ptr[i + 2] : 0;
        *room++ = alphabet[three >> 18];
        *room++ = alphabet[three >> 12 & 0x3f];
        *room++ = left > 1 ? alphabet[three >> 6 & 0x3f] : '=';
        *room++ = left > 2 ? alphabet[three & 0x3f] : '=';
    }
    onus_buffer_grew(buffer, room);
}
