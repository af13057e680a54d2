/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any body is read as a request add-checkpoint or refused; what was read is written back byte for byte,
 * and so is the size in an answer.
 */
#include "fuzz.h"

#include "base/str.h"
#include "proof/checkpoint.h"
#include "proof/witness_message.h"

static void sizes(struct onus_str body)
{
    uint64_t size = 0;
    if (onus_witness_size_parse(body, &size, NULL) == ONUS_OK) {
        struct onus_buffer out;
        onus_buffer_init(&out, 0);
        onus_witness_size_format(size, &out);
        FUZZ_CHECK(onus_str_eq(onus_buffer_view(&out), body));
        onus_buffer_clear(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str body = {(const char *)data, size};
    struct onus_add_checkpoint message;
    struct onus_error err = ONUS_ERROR_INIT;
    sizes(body);
    enum onus_code code = onus_add_checkpoint_parse(body, &message, &err);
    if (code != ONUS_OK) {
        FUZZ_CHECK(code == ONUS_E_FORMAT || code == ONUS_E_LIMIT);
        FUZZ_CHECK(err.text[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(message.proof.count <= ONUS_WITNESS_PROOF_MAX);
    FUZZ_CHECK(message.note.len > 0 && message.note.ptr + message.note.len == body.ptr + body.len);
    struct onus_buffer out;
    onus_buffer_init(&out, 0);
    FUZZ_CHECK(onus_add_checkpoint_format(&message, &out, NULL) == ONUS_OK);
    FUZZ_CHECK(onus_str_eq(onus_buffer_view(&out), body));
    onus_buffer_clear(&out);
    struct onus_note note;
    struct onus_checkpoint checkpoint;
    if (onus_note_parse(message.note, &note, NULL) == ONUS_OK) {
        (void)(onus_checkpoint_parse(note.text, &checkpoint, NULL) == ONUS_OK);
    }
    return 0;
}
