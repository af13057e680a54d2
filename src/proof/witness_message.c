/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/witness_message.h"

#include "base/str.h"
#include "text/base64.h"
#include "text/decimal.h"

/* Without its line feed. False when there is none. */
static bool take_line(struct onus_str *rest, struct onus_str *line)
{
    return onus_str_cut(rest, '\n', line);
}

static enum onus_code parse_proof(struct onus_str body, struct onus_str *rest,
        struct onus_proof *proof, struct onus_error *err)
{
    struct onus_str line;
    for (;;) {
        uint64_t offset = (uint64_t)(rest->ptr - body.ptr);
        if (!take_line(rest, &line)) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset,
                    "no empty line ends the consistency proof");
        }
        if (line.len == 0) {
            return ONUS_OK;
        }
        if (proof->count == ONUS_WITNESS_PROOF_MAX) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset,
                    "a consistency proof of more than %d hashes", ONUS_WITNESS_PROOF_MAX);
        }
        struct onus_digest *hash = &proof->hashes[proof->count];
        if (!onus_base64_exact(line, hash->bytes, sizeof(hash->bytes))) {
            return onus_fail_at(err, ONUS_E_FORMAT, offset,
                    "a line of the consistency proof is no hash");
        }
        proof->count++;
    }
}

enum onus_code onus_add_checkpoint_parse(struct onus_str body, struct onus_add_checkpoint *out,
        struct onus_error *err)
{
    struct onus_str rest = body;
    struct onus_str line;
    struct onus_add_checkpoint message = {0};
    if (body.len > ONUS_WITNESS_REQUEST_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "a request of more than %d bytes",
                ONUS_WITNESS_REQUEST_MAX);
    }
    if (!take_line(&rest, &line) || !onus_str_skip(&line, ONUS_STR("old ")) ||
            !onus_decimal_parse(line, &message.old_size)) {
        return onus_fail_at(err, ONUS_E_FORMAT, 0, "the first line is not 'old' and a size");
    }
    enum onus_code code = parse_proof(body, &rest, &message.proof, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (rest.len == 0 || rest.ptr[rest.len - 1] != '\n') {
        return onus_fail_at(err, ONUS_E_FORMAT, body.len,
                "a checkpoint that ends in a line feed is missing");
    }
    message.note = rest;
    *out = message;
    return ONUS_OK;
}

enum onus_code onus_add_checkpoint_format(const struct onus_add_checkpoint *message,
        struct onus_buffer *out, struct onus_error *err)
{
    if (message->proof.count > ONUS_WITNESS_PROOF_MAX) {
        return onus_fail(err, ONUS_E_BUG, "a consistency proof of %zu hashes",
                message->proof.count);
    }
    onus_buffer_add_text(out, "old ");
    onus_buffer_add_u64(out, message->old_size);
    onus_buffer_add_char(out, '\n');
    for (size_t i = 0; i < message->proof.count; i++) {
        onus_base64_add(out, onus_digest_view(&message->proof.hashes[i]));
        onus_buffer_add_char(out, '\n');
    }
    onus_buffer_add_char(out, '\n');
    onus_buffer_add_str(out, message->note);
    return onus_buffer_status(out, err);
}

enum onus_code onus_witness_size_parse(struct onus_str body, uint64_t *out, struct onus_error *err)
{
    if (!onus_str_drop(&body, ONUS_STR("\n")) || !onus_decimal_parse(body, out)) {
        return onus_fail(err, ONUS_E_FORMAT, "the witness does not say which size it has seen");
    }
    return ONUS_OK;
}

void onus_witness_size_format(uint64_t size, struct onus_buffer *out)
{
    onus_buffer_add_u64(out, size);
    onus_buffer_add_char(out, '\n');
}
