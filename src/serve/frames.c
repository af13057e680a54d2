/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/frames.h"

#include <errno.h>
#include <unistd.h>

enum {
    HEAD = 4
};

static enum onus_code gone(struct onus_error *err, int reason)
{
    enum onus_code code = onus_fail(err, ONUS_E_PEER, "the other process is gone");
    if (err) {
        err->sys_errno = reason;
    }
    return code;
}

static enum onus_code write_all(int socket, const char *bytes, size_t size, struct onus_error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t wrote = write(socket, bytes + done, size - done);
        if (wrote < 0 && errno != EINTR) {
            return gone(err, errno);
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return ONUS_OK;
}

/* ONUS_END when nothing came at all. */
static enum onus_code read_all(int socket, char *bytes, size_t size, struct onus_error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(socket, bytes + done, size - done);
        if (got == 0) {
            return done == 0 ? ONUS_END : gone(err, 0);
        }
        if (got < 0 && errno != EINTR) {
            return gone(err, errno);
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return ONUS_OK;
}

enum onus_code onus_frame_send(int socket, struct onus_str bytes, struct onus_error *err)
{
    if (bytes.len > UINT32_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a message of more than 4 GiB");
    }
    uint32_t length = __builtin_bswap32((uint32_t)bytes.len);
    char head[HEAD];
    memcpy(head, &length, HEAD);
    enum onus_code code = write_all(socket, head, HEAD, err);
    return code == ONUS_OK ? write_all(socket, bytes.ptr, bytes.len, err) : code;
}

enum onus_code onus_frame_receive(int socket, size_t limit, struct onus_buffer *out,
        struct onus_error *err)
{
    char head[HEAD];
    uint32_t length = 0;
    enum onus_code code = read_all(socket, head, HEAD, err);
    if (code != ONUS_OK) {
        return code;
    }
    memcpy(&length, head, HEAD);
    length = __builtin_bswap32(length);
    if (length > limit) {
        return onus_fail(err, ONUS_E_LIMIT, "a message of %u bytes between two processes", length);
    }
    char *room = length > 0 ? onus_buffer_room(out, length) : NULL;
    if (length > 0 && !room) {
        return onus_buffer_status(out, err);
    }
    code = length > 0 ? read_all(socket, room, length, err) : ONUS_OK;
    if (code == ONUS_END) {
        return gone(err, 0);
    }
    if (code == ONUS_OK && length > 0) {
        onus_buffer_grew(out, room + length);
    }
    return code;
}
