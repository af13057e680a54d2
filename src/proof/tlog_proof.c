/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/tlog_proof.h"

#include "base/str.h"
#include "text/base64.h"
#include "text/decimal.h"

#define FIRST_LINE ONUS_STR("c2sp.org/tlog-proof@v1\n")

/* Hashes up to and with the empty line. */
static enum onus_code parse_path(struct onus_str *rest, struct onus_proof *out,
        struct onus_error *err)
{
    struct onus_str line = ONUS_STR_NONE;
    while (onus_str_cut(rest, '\n', &line)) {
        if (line.len == 0) {
            return ONUS_OK;
        }
        if (out->count == ONUS_PROOF_MAX) {
            return onus_fail(err, ONUS_E_FORMAT, "a proof has more hashes than any can have");
        }
        struct onus_digest *hash = &out->hashes[out->count];
        if (!onus_base64_exact(line, hash->bytes, sizeof(hash->bytes))) {
            return onus_fail(err, ONUS_E_FORMAT, "a line of a proof is not 32 bytes in base64");
        }
        out->count++;
    }
    return onus_fail(err, ONUS_E_FORMAT, "a proof has no empty line above its checkpoint");
}

enum onus_code onus_tlog_proof_parse(struct onus_str bytes, struct onus_tlog_proof *out,
        struct onus_error *err)
{
    struct onus_str rest = bytes;
    struct onus_str line = ONUS_STR_NONE;
    struct onus_tlog_proof made = {.index = 0};
    if (!onus_str_skip(&rest, FIRST_LINE)) {
        return onus_fail(err, ONUS_E_FORMAT, "a proof begins with 'c2sp.org/tlog-proof@v1'");
    }
    if (onus_str_skip(&rest, ONUS_STR("extra "))) {
        size_t size = 0;
        if (!onus_str_cut(&rest, '\n', &made.extra) || !onus_base64_size(made.extra, &size)) {
            return onus_fail(err, ONUS_E_FORMAT, "the extra data of a proof is not base64");
        }
        made.has_extra = true;
    }
    if (!onus_str_skip(&rest, ONUS_STR("index ")) || !onus_str_cut(&rest, '\n', &line) ||
            !onus_decimal_parse(line, &made.index)) {
        return onus_fail(err, ONUS_E_FORMAT, "a proof has no line 'index NUMBER'");
    }
    enum onus_code code = parse_path(&rest, &made.path, err);
    if (code != ONUS_OK) {
        return code;
    }
    made.note = rest;
    struct onus_note note;
    code = onus_note_parse(rest, &note, err);
    if (code == ONUS_OK) {
        *out = made;
    }
    return code;
}

enum onus_code onus_tlog_proof_check(const struct onus_policy *policy,
        const struct onus_tlog_proof *proof, const struct onus_digest *leaf,
        struct onus_seen_checkpoint *out, struct onus_error *err)
{
    struct onus_seen_checkpoint seen;
    enum onus_code code = onus_policy_check(policy, proof->note, &seen, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = onus_inclusion_verify(leaf, proof->index, seen.checkpoint.size,
            onus_proof_view(&proof->path), &seen.checkpoint.root, err);
    if (code == ONUS_E_FORMAT) { /* no proof for this index and size: it proves nothing */
        code = onus_fail(err, ONUS_E_MISMATCH,
                "the proof does not have the length of index and size, or the index is not below "
                "the size");
    }
    if (code == ONUS_OK) {
        *out = seen;
    }
    return code;
}

void onus_tlog_proof_add(struct onus_buffer *buffer, struct onus_str extra, uint64_t index,
        struct onus_digests path, struct onus_str note)
{
    onus_buffer_add_str(buffer, FIRST_LINE);
    if (extra.ptr) {
        onus_buffer_add_text(buffer, "extra ");
        onus_base64_add(buffer, extra);
        onus_buffer_add_char(buffer, '\n');
    }
    onus_buffer_add_text(buffer, "index ");
    onus_buffer_add_u64(buffer, index);
    onus_buffer_add_char(buffer, '\n');
    for (size_t i = 0; i < path.count; i++) {
        onus_base64_add(buffer, onus_digest_view(&path.ptr[i]));
        onus_buffer_add_char(buffer, '\n');
    }
    onus_buffer_add_char(buffer, '\n');
    onus_buffer_add_str(buffer, note);
}
