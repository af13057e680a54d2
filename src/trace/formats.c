/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "trace/format.h"

extern const struct onus_format onus_format_exim;
extern const struct onus_format onus_format_proxmox_firewall;
extern const struct onus_format onus_format_syslog;
extern const struct onus_format onus_format_syslog_bare;
extern const struct onus_format onus_format_vsftpd;

/* The first that accepts a line wins: the stricter a format, the earlier it stands. */
const struct onus_format *const onus_formats[] = {
        &onus_format_vsftpd,
        &onus_format_exim,
        &onus_format_proxmox_firewall,
        &onus_format_syslog,
        &onus_format_syslog_bare,
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
