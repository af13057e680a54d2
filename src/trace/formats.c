/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/format.h"
#include "trace/format_access.h"
#include "trace/format_httpd_error.h"

/* The first that accepts a line wins: the stricter a format, the earlier it stands. */
const struct onus_format *const onus_formats[] = {
        &onus_format_combined,
        &onus_format_vhost_combined,
        &onus_format_common,
        &onus_format_nginx_error,
        &onus_format_apache_error,
        NULL,
};

const size_t onus_format_count = ONUS_COUNT(onus_formats) - 1;

const struct onus_format *onus_format_by_name(struct onus_str name)
{
    for (size_t i = 0; i < onus_format_count; i++) {
        if (onus_str_eq(onus_str_of(onus_formats[i]->name), name)) {
            return onus_formats[i];
        }
    }
    return NULL;
}
