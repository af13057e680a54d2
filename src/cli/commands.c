/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "cli/suggest.h"

/* clang-format off */
const struct onus_command *const onus_commands[] = {
#define ONUS_COMMAND(name) &onus_command_##name,
#include "cli/commands.def"
#undef ONUS_COMMAND
};
/* clang-format on */

const size_t onus_command_count = ONUS_COUNT(onus_commands);

const struct onus_command *onus_command_find(struct onus_str name)
{
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_str_eq(onus_str_of(onus_commands[i]->name), name)) {
            return onus_commands[i];
        }
    }
    return NULL;
}

enum onus_code onus_command_unknown(struct onus_str name, struct onus_error *err)
{
    struct onus_suggestion best;
    onus_suggest_init(&best, name);
    for (size_t i = 0; i < onus_command_count; i++) {
        if (onus_commands[i]->group) {
            onus_suggest_offer(&best, onus_commands[i]->name);
        }
    }
    if (best.name) {
        return onus_fail(err, ONUS_E_ARGUMENT,
                "unknown command '" ONUS_STR_FMT "'; did you mean '%s'?", ONUS_STR_ARG(name),
                best.name);
    }
    return onus_fail(err, ONUS_E_ARGUMENT, "unknown command '" ONUS_STR_FMT "'",
            ONUS_STR_ARG(name));
}
