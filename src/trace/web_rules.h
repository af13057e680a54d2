/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_WEB_RULES_H
#define ONUS_TRACE_WEB_RULES_H

/*
 * The rules of onus_web_inspect(), one row each: a literal that is looked for, where it must stand,
 * what more must hold, and what it then means. docs/web-rules.md lists them for people.
 *
 * To add one: add a row to the table of its subject. A row needs a literal rare enough in ordinary
 * traffic, a reason that names the product or the CVE, and lines in tests/unit/test_web.c that it
 * must and must not take.
 */

#include "trace/findings.h"
#include "trace/web_decode.h"

struct onus_web_rule;

/*
 * A literal that was found; what a confirm function may look at. Verdicts about targets are kept, so
 * one for PATH, QUERY or TARGET rules looks at method, status and target of the event, nothing else.
 */
struct onus_web_hit {
    const struct onus_web_rule *rule;
    const struct onus_event *event;
    const struct onus_web_text *text; /* decoded target, or the agent in lower case as a path */
    size_t from;                      /* where the literal begins in text */
    size_t to;                        /* and where it ends */
};

/* Bits of onus_web_rule.where. */
enum {
    /* the field: exactly one */
    ONUS_WEB_PATH = 1u << 0,   /* literal within the decoded path */
    ONUS_WEB_QUERY = 1u << 1,  /* within the decoded query */
    ONUS_WEB_TARGET = 1u << 2, /* anywhere in the decoded target */
    ONUS_WEB_AGENT = 1u << 3,  /* in the agent, lower case */
    ONUS_WEB_METHOD = 1u << 4, /* literal is the method, as written */
    ONUS_WEB_SHAPE = 1u << 5,  /* no literal: confirm looks at the request as a whole */

    /* what must stand around it */
    ONUS_WEB_AT_START = 1u << 6, /* only slashes before it */
    ONUS_WEB_SEGMENT = 1u << 7,  /* after it the path ends, or one of / ; ? stands */
    ONUS_WEB_AT_END = 1u << 8,   /* it ends the path */

    /* what the request must be like */
    ONUS_WEB_POST = 1u << 9,    /* method POST */
    ONUS_WEB_ABSENT = 1u << 10, /* status 400 to 499: ordinary where it is served */

    /* other fields that the remote side fills, as they are: AGENT rules only */
    ONUS_WEB_REFERER = 1u << 11, /* also in event->detail */
};

struct onus_web_rule {
    const char *literal; /* lower case; 4 bytes or more unless nothing shorter says it */
    unsigned where;
    enum onus_finding finding;
    bool (*confirm)(const struct onus_web_hit *hit); /* NULL: position is enough */
    const char *reason; /* what it is, with the CVE; goes to event->rule */
};

struct onus_web_table {
    const struct onus_web_rule *rules;
    size_t count;
};

extern const struct onus_web_table onus_web_exploits; /* web_exploits.c */
extern const struct onus_web_table onus_web_known;    /* web_known.c: published CVEs */
extern const struct onus_web_table onus_web_probes;   /* web_probes.c */
extern const struct onus_web_table onus_web_agents;   /* web_agents.c */
extern const struct onus_web_table onus_web_requests; /* web_requests.c: method and shape */

/* All of them in the order of their precedence; the last has no rules. */
extern const struct onus_web_table *const onus_web_tables[];

/* Row `index`, counted through all tables; NULL after the last. */
const struct onus_web_rule *onus_web_rule_at(size_t index);

#endif
