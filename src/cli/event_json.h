/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_EVENT_JSON_H
#define ONUS_CLI_EVENT_JSON_H

#include "text/json_write.h"
#include "trace/envelope.h"
#include "trace/event.h"

/* Words of the enums of trace/event.h as `onus explain` prints them ("no-account"). Never NULL. */
const char *onus_event_kind_name(enum onus_event_kind kind);
const char *onus_outcome_name(enum onus_outcome outcome);
const char *onus_role_name(enum onus_role role);

/* The event as one JSON value: schema onus.explain/1, member "event". */
void onus_event_json(struct onus_json *json, const struct onus_event *event);

/*
 * What else stands on the line, as one JSON object: schema onus.explain/1, member "fields". Keys are
 * those of RFC 5424 (pri, procid, msgid, sd, msg), pid as a number, and version of an HTTP request.
 */
void onus_envelope_json(struct onus_json *json, struct onus_str line,
        const struct onus_envelope *envelope, const struct onus_event *event);

/* "HTTP/1.1" behind the target of a request; empty when none stands there. */
struct onus_str onus_event_http_version(struct onus_str line, const struct onus_event *event);

#endif
