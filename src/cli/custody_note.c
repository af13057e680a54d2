/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/custody_note.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "report/about.h"

void onus_custody_tool(char out[static ONUS_CUSTODY_TOOL])
{
    (void)snprintf(out, ONUS_CUSTODY_TOOL, "onus %s", onus_version);
}

enum onus_code onus_custody_tell(const struct onus_vault *vault, const char *what,
        struct onus_error *err, const char *fmt, ...)
{
    char words[ONUS_CUSTODY_DETAIL_MAX];
    char tool[ONUS_CUSTODY_TOOL];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    onus_custody_tool(tool);
    return onus_custody_note(vault,
            &(struct onus_custody_event){.what = what,
                    .detail = onus_str_of(words),
                    .tool = tool,
                    .now = (uint64_t)time(NULL)},
            err);
}
