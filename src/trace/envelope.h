/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ENVELOPE_H
#define ONUS_TRACE_ENVELOPE_H

/*
 * What a container says about a message beside what trace counts: kept only for `onus explain`, so
 * that nothing on a line is read without being shown. Views as in struct onus_event.
 */

#include <onus/base.h>

struct onus_envelope {
    bool has_priority;
    uint8_t priority;           /* RFC 5424, 6.2.1: facility times 8 and severity */
    struct onus_str process_id; /* pid or PROCID as written */
    struct onus_str message_id;
    struct onus_str structured; /* STRUCTURED-DATA as written, empty for nil */
    struct onus_str message;    /* what the program wrote; ptr NULL when there is none */
};

#endif
