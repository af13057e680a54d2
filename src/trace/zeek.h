/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ZEEK_H
#define ONUS_TRACE_ZEEK_H

/*
 * From the named fields of one Zeek log row to an event: shared by the TSV and the JSON form.
 */

#include "trace/format.h"

/* Fields that are read, whatever the log they stand in. */
enum onus_zeek_field {
    ONUS_ZEEK_TS,
    ONUS_ZEEK_UID,
    ONUS_ZEEK_ORIG_H,
    ONUS_ZEEK_ORIG_P,
    ONUS_ZEEK_RESP_H,
    ONUS_ZEEK_RESP_P,
    ONUS_ZEEK_PROTO,
    ONUS_ZEEK_SERVICE,
    ONUS_ZEEK_CONN_STATE,
    ONUS_ZEEK_ORIG_PKTS,
    ONUS_ZEEK_RESP_PKTS,
    ONUS_ZEEK_AUTH_SUCCESS,
    ONUS_ZEEK_AUTH_ATTEMPTS,
    ONUS_ZEEK_CLIENT,
    ONUS_ZEEK_VERSION,
    ONUS_ZEEK_METHOD,
    ONUS_ZEEK_HOST,
    ONUS_ZEEK_URI,
    ONUS_ZEEK_USER_AGENT,
    ONUS_ZEEK_USERNAME,
    ONUS_ZEEK_RESPONSE_BODY_LEN,
    ONUS_ZEEK_STATUS_CODE,
    ONUS_ZEEK_NOTE,
    ONUS_ZEEK_MSG,
    ONUS_ZEEK_SRC,
    ONUS_ZEEK_DST,
    ONUS_ZEEK_P,
    ONUS_ZEEK_USER,
    ONUS_ZEEK_COMMAND,
    ONUS_ZEEK_ARG,
    ONUS_ZEEK_REPLY_CODE,
    ONUS_ZEEK_FIELDS
};

/* Zeek's own name of a field ("id.orig_h"). Never NULL. */
extern const char *const onus_zeek_names[ONUS_ZEEK_FIELDS];

/* One row: decoded text per field; an unset or absent field is an empty view. */
struct onus_zeek_row {
    struct onus_str path; /* "conn" */
    struct onus_str value[ONUS_ZEEK_FIELDS];
};

/* Undo Zeek's escapes: \xHH and \\. A view into text when there is none. */
struct onus_str onus_zeek_unescape(struct onus_arena *arena, struct onus_str text);

/*
 * Fill *out from a row. PARSED for conn, ssh, http, notices about attacks and FTP logins; IGNORED,
 * with time and addresses, for everything else. UNPARSED when the time is not one. A time masked
 * with X (as in published samples) is a row without time.
 */
enum onus_line_verdict onus_zeek_event(const struct onus_parse_context *context,
        const struct onus_zeek_row *row, struct onus_event *out);

#endif
