/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_WEB_H
#define ONUS_TRACE_WEB_H

/*
 * What a web request asks for, judged by its content.
 *
 * The target is looked at as written and percent-decoded up to three times (double encoding), the
 * method, version, status and agent as they are. Literals are found first (one pass); each hit is
 * confirmed by its rule before it counts. The rules are the tables of web_rules.h.
 */

#include "trace/findings.h"

struct onus_web_scanner;

/* One per worker: not shared between threads. NULL, and *err says why, when out of memory. */
ONUS_NODISCARD struct onus_web_scanner *onus_web_scanner_new(struct onus_error *err);
/* ONUS_OK, or why requests were not inspected: the rules could not be compiled (memory). */
enum onus_code onus_web_scanner_status(const struct onus_web_scanner *scanner);

void onus_web_scanner_free(struct onus_web_scanner *scanner);

/*
 * Set event->findings, ONUS_MARK_BAD_REQUEST and ONUS_MARK_STATIC from method, target, agent, status
 * and account of a WEB event. Template lookups and shell functions are also looked for in
 * event->detail, where formats keep the referrer. When something is found, event->rule becomes the
 * words of the gravest rule (static text, listed in docs/web-rules.md). A NULL scanner does nothing.
 */
void onus_web_inspect(struct onus_web_scanner *scanner, struct onus_event *event);

/* The same in two steps: what the second asks memory for arrives while other events are looked at. */
struct onus_web_hashes {
    uint64_t target, agent;
};
void onus_web_look_ahead(struct onus_web_scanner *scanner, const struct onus_event *event,
        struct onus_web_hashes *out);
void onus_web_inspect_ahead(struct onus_web_scanner *scanner, struct onus_event *event,
        const struct onus_web_hashes *hashes);

#endif
