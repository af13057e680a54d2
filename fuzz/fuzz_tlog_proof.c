/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a tlog proof: one that is read is written back as it was. */
#include "fuzz.h"

#include "base/str.h"
#include "proof/tlog_proof.h"
#include "text/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str bytes = {(const char *)data, size};
    struct onus_tlog_proof proof;
    if (onus_tlog_proof_parse(bytes, &proof, NULL) != ONUS_OK) {
        return 0;
    }
    FUZZ_CHECK(proof.path.count <= ONUS_PROOF_MAX);
    char *extra = malloc(proof.extra.len + 1);
    FUZZ_CHECK(extra);
    size_t length = 0;
    FUZZ_CHECK(onus_base64_decode(proof.extra, extra, proof.extra.len, &length));
    struct onus_buffer again = {.limit = 0};
    onus_tlog_proof_add(&again, (struct onus_str){proof.has_extra ? extra : NULL, length},
            proof.index, onus_proof_view(&proof.path), proof.note);
    FUZZ_CHECK(onus_str_eq(onus_buffer_view(&again), bytes));
    onus_buffer_clear(&again);
    free(extra);
    return 0;
}
