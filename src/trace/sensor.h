/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_SENSOR_H
#define ONUS_TRACE_SENSOR_H

/*
 * Filling an event from the named fields that sensors, honeypots and cloud services write.
 *
 * Every function takes a decoded field as text; an empty view is a field that is not there and
 * changes nothing.
 */

#include "text/json_scan.h"
#include "trace/findings.h"

/* The peer's address; a name goes to source_name, "-" nowhere. */
void onus_sensor_source(struct onus_event *event, struct onus_str text);
void onus_sensor_dest(struct onus_event *event, struct onus_str text);

/* 0 when it is not a port. The second takes a JSON number or a JSON string of digits. */
uint16_t onus_sensor_port(struct onus_str digits);
uint16_t onus_sensor_json_port(struct onus_str value);

/* "192.0.2.1:443", "[2001:db8::1]:443" or an address alone; a port of 0 is left out. */
void onus_sensor_source_port(struct onus_event *event, struct onus_str text);

/*
 * Each sets time and time_text when the whole view is a time of its form: ISO (marks NO_ZONE when no
 * offset stands there) or seconds since 1970 (whole numbers too large for that are milli-, micro- or
 * nanoseconds). False, and the event untouched, otherwise.
 */
bool onus_sensor_time_iso(struct onus_event *event, struct onus_str text);
bool onus_sensor_time_epoch(struct onus_event *event, struct onus_str text);
void onus_sensor_no_time(struct onus_event *event);

/* By protocol name ("ssh", "imaps"), else by well-known port. */
enum onus_service onus_sensor_service(struct onus_str name, uint16_t port);

/* Joins lines of one connection; the same everywhere. 0 when id is empty. */
uint64_t onus_sensor_session(struct onus_str scope, struct onus_str id);

/* What another program's alert says, by the words of its rule text and class. Never 0. */
onus_findings onus_sensor_alert_findings(struct onus_str signature, struct onus_str category);

/* Whether a command line fetches or starts code ("wget http://...", "chmod 777 x; ./x"). */
bool onus_sensor_fetches_code(struct onus_str command);

/* Pieces one after the other, in the arena. Empty when the arena is full. */
struct onus_str onus_sensor_join(struct onus_arena *arena, const struct onus_str *pieces,
        size_t count);

/* IIS writes the blanks of a header as '+'. Empty when the arena is full. */
struct onus_str onus_sensor_plus_to_blank(struct onus_arena *arena, struct onus_str text);

#endif
