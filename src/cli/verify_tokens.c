/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify_tokens.h"

#include "crypto/tsa.h"

static enum onus_code check_token(struct onus_str trusted, struct onus_str token,
        const struct onus_digest *imprint, struct onus_arena *arena,
        struct onus_token_answer *answer, struct onus_error *err)
{
    struct onus_tsa_stamp stamp;
    enum onus_code code = onus_tsa_check(token, imprint, NULL, trusted, &stamp, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (stamp.time < 0 || (uint64_t)stamp.time > ONUS_TIME_LAST) {
        return onus_fail(err, ONUS_E_MISMATCH, "its time is before 1970 or after the year 9999");
    }
    answer->checked = true;
    answer->time = (uint64_t)stamp.time;
    return onus_arena_copy(arena, onus_str_of(stamp.policy), &answer->policy, err);
}

enum onus_code onus_verify_tokens(struct onus_str trusted, const struct onus_bundle_facts *facts,
        struct onus_arena *arena, struct onus_token_answer *answers, struct onus_error *err)
{
    struct onus_digest imprint;
    onus_sha256(facts->checkpoint.text, &imprint);
    for (size_t i = 0; i < facts->bundle.tsa_count; i++) {
        answers[i] = (struct onus_token_answer){.checked = false};
        enum onus_code code =
                check_token(trusted, facts->bundle.tsa[i], &imprint, arena, &answers[i], err);
        if (code != ONUS_OK && code != ONUS_E_MISSING) {
            onus_context(err, "time-stamp token %zu", i + 1);
            return code;
        }
    }
    return ONUS_OK;
}
