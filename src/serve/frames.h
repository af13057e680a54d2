/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_SERVE_FRAMES_H
#define ONUS_SERVE_FRAMES_H

/*
 * Messages between two processes of this program, over a pair of stream sockets: four bytes of length,
 * big end first, and the bytes. One process asks, the other answers, one message at a time.
 *
 * Only read(2) and write(2) are used, so that both ends may be sandboxed.
 */

#include "base/buffer.h"

/* ONUS_E_PEER when the other end is gone. */
ONUS_NODISCARD enum onus_code onus_frame_send(int socket, struct onus_str bytes,
        struct onus_error *err);

/*
 * Append the next message to `out`.
 *
 * ONUS_END      the other end closed, between two messages.
 * ONUS_E_PEER   it closed within one.
 * ONUS_E_LIMIT  a message of more than `limit` bytes; the pair is of no use any more.
 */
ONUS_NODISCARD enum onus_code onus_frame_receive(int socket, size_t limit, struct onus_buffer *out,
        struct onus_error *err);

#endif
