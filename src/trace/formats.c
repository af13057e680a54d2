/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/format.h"

/* clang-format off */
#define ONUS_FORMAT(name) extern const struct onus_format onus_format_##name;
#include "trace/formats.def"
#undef ONUS_FORMAT

const struct onus_format *const onus_formats[] = {
#define ONUS_FORMAT(name) &onus_format_##name,
#include "trace/formats.def"
#undef ONUS_FORMAT
};
/* clang-format on */

const size_t onus_format_count = ONUS_COUNT(onus_formats);

const struct onus_format *onus_format_by_name(struct onus_str name)
{
    for (size_t i = 0; i < onus_format_count; i++) {
        if (onus_str_eq(onus_str_of(onus_formats[i]->name), name)) {
            return onus_formats[i];
        }
    }
    return NULL;
}
