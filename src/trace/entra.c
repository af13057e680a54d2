/* SPDX-License-Identifier: Apache-2.0 */
#include "entra.h"

struct code_row {
    uint32_t code;
    uint8_t outcome;
    bool verdict;
};

/* "Microsoft Entra authentication and authorization error codes" (AADSTS). */
static const struct code_row codes[] = {
        {0, ONUS_OUTCOME_SUCCEEDED, true},
        {50034, ONUS_OUTCOME_NO_ACCOUNT, true}, /* the user does not exist in the directory */
        {50053, ONUS_OUTCOME_FAILED, true},   /* locked after too many tries, or address blocked */
        {50055, ONUS_OUTCOME_FAILED, true},   /* password expired */
        {50056, ONUS_OUTCOME_FAILED, true},   /* no password in the store */
        {50057, ONUS_OUTCOME_FAILED, true},   /* account disabled */
        {50064, ONUS_OUTCOME_FAILED, true},   /* credentials could not be validated */
        {50126, ONUS_OUTCOME_FAILED, true},   /* wrong user name or password */
        {50144, ONUS_OUTCOME_FAILED, true},   /* password expired in the local directory */
        {50072, ONUS_OUTCOME_PARTIAL, true},  /* must enrol for a second factor */
        {50074, ONUS_OUTCOME_PARTIAL, true},  /* second factor asked for, not passed */
        {50076, ONUS_OUTCOME_PARTIAL, true},  /* second factor needed from here */
        {50079, ONUS_OUTCOME_PARTIAL, true},  /* must enrol for a second factor */
        {50158, ONUS_OUTCOME_PARTIAL, true},  /* an external check is outstanding */
        {53000, ONUS_OUTCOME_PARTIAL, true},  /* device does not comply */
        {53001, ONUS_OUTCOME_PARTIAL, true},  /* device is not joined */
        {53002, ONUS_OUTCOME_PARTIAL, true},  /* application is not approved */
        {53003, ONUS_OUTCOME_PARTIAL, true},  /* blocked by a conditional access rule */
        {500121, ONUS_OUTCOME_PARTIAL, true}, /* second factor failed */
        {50097, 0, false},                    /* device authentication asked for */
        {50140, 0, false},                    /* "keep me signed in?" */
        {50173, 0, false},                    /* token revoked */
        {70043, 0, false},                    /* token expired by rule */
        {70044, 0, false},                    /* session expired by rule */
};

bool onus_entra_outcome(uint64_t code, enum onus_outcome *out)
{
    *out = ONUS_OUTCOME_UNKNOWN;
    for (size_t i = 0; i < ONUS_COUNT(codes); i++) {
        if (codes[i].code == code) {
            *out = (enum onus_outcome)codes[i].outcome;
            return codes[i].verdict;
        }
    }
    return true;
}
