/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include <stdlib.h>

enum onus_code onus_confine(const struct onus_arguments *arguments,
        enum onus_sandbox_profile profile, const struct onus_sandbox_keep *keep,
        struct onus_error *unmet, struct onus_error *err)
{
    *unmet = (struct onus_error)ONUS_ERROR_INIT;
    const char *rule = getenv("ONUS_SANDBOX"); /* NOLINT(concurrency-mt-unsafe): no thread yet */
    bool required = rule && strcmp(rule, "require") == 0;
    if (rule && strcmp(rule, "off") == 0) {
        return ONUS_OK;
    }
    if (rule && rule[0] != '\0' && !required) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "ONUS_SANDBOX is 'require', 'off' or not set, not '%s'", rule);
    }
    enum onus_code code = onus_sandbox_enter_keeping(profile, keep, unmet);
    if (code == ONUS_OK) {
        return ONUS_OK;
    }
    if (code != ONUS_E_REFUSED || required) {
        if (err) {
            *err = *unmet;
        }
        return code;
    }
    if (arguments->global->verbose) {
        onus_note(arguments, "not everything is confined: %s", unmet->text);
    }
    return ONUS_OK;
}
