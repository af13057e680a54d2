/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_MODEL_TRACE_RESULT_H
#define ONUS_MODEL_TRACE_RESULT_H

/*
 * What `onus trace` found: plain structs, filled by trace, printed by report, schema onus.trace/1.
 *
 * Everything lives in one arena that the owner of the result clears. Arrays are already in the order
 * in which they are printed: incidents by what matters (success after guessing first), sources by
 * attempts, ties by address bytes; no order depends on threads or hashes.
 */

#include "base/arena.h"
#include "net/address.h"
#include "text/timestamp.h"

/* The line an observation rests on: input counts from 0 in the order of inputs[], line from 1. */
struct onus_line_ref {
    uint32_t input;
    uint64_t line;
};

/* How the zone of an input's times is known. */
enum onus_zone_basis {
    ONUS_ZONE_STATED = 0, /* every line carries its offset, or the format is UTC by definition */
    ONUS_ZONE_CONFIGURED, /* the user said so with --tz */
    ONUS_ZONE_ASSUMED,    /* nobody said: read as UTC */
};

struct onus_time_gap {
    int64_t from, to;
    uint64_t line; /* the first line after the silence */
};

struct onus_clock_step {
    int64_t from, to; /* to is earlier than from */
    uint64_t line;
};

#define ONUS_INPUT_NOTES_MAX 8 /* gaps and steps kept per input: the largest */

struct onus_trace_input {
    struct onus_str path;
    struct onus_str format; /* names joined by "+", "none" when nothing was recognised */
    uint64_t bytes;         /* after decompression */
    uint64_t lines, parsed, ignored, unparsed;
    int64_t first, last;  /* ONUS_TIME_NONE when no line has a time */
    struct onus_str zone; /* "UTC", "+02:00" or a zone name */
    enum onus_zone_basis zone_basis;
    int assumed_year;        /* of the first line; 0 when the lines carry their year */
    bool cut_line;           /* the last line has no line end */
    bool shrank, broke_off;  /* the file changed or its compression is not whole; see problem */
    struct onus_str problem; /* empty, or what was wrong with this input, in words */
    uint64_t unparsed_first; /* line number of the first unparsed line, 0 when none */
    uint64_t out_of_order;   /* lines earlier than a line before them by more than the tolerance */
    uint64_t gap_count, step_count;
    struct onus_time_gap gaps[ONUS_INPUT_NOTES_MAX];    /* longest first */
    struct onus_clock_step steps[ONUS_INPUT_NOTES_MAX]; /* largest first */
};

enum onus_incident_kind {
    ONUS_INCIDENT_LOGIN_AFTER_GUESSING = 0, /* T1078 */
    ONUS_INCIDENT_EXPLOIT_ATTEMPT,          /* T1190 */
    ONUS_INCIDENT_CREDENTIAL_STUFFING,      /* T1110.004 */
    ONUS_INCIDENT_PASSWORD_SPRAYING,        /* T1110.003 */
    ONUS_INCIDENT_PASSWORD_GUESSING,        /* T1110.001 */
    ONUS_INCIDENT_ACCOUNT_ENUMERATION,      /* T1589.001 */
    ONUS_INCIDENT_REQUEST_FLOOD,            /* T1499 */
    ONUS_INCIDENT_WEB_PROBING,              /* T1595.002 */
    ONUS_INCIDENT_PORT_SCAN,                /* T1046 */
    ONUS_INCIDENT_KINDS
};

/* "login-after-guessing", "T1078", and a phrase for people ("success after guessing"). Never NULL. */
const char *onus_incident_kind_name(enum onus_incident_kind kind);
const char *onus_incident_kind_technique(enum onus_incident_kind kind);
const char *onus_incident_kind_words(enum onus_incident_kind kind);

/* A name with how often it was seen: account, target path, finding, agent. */
struct onus_tally {
    struct onus_str name;
    uint64_t count;
    uint64_t succeeded; /* of them, for accounts */
};

struct onus_trace_incident {
    struct onus_str
            id; /* "i-1f3a9c0e4b2d": the same for the same bytes in, whatever else is read */
    enum onus_incident_kind kind;
    struct onus_str service; /* "ssh", "http" */
    int64_t first, last;
    uint64_t attempts;  /* tries */
    uint64_t lines;     /* log lines they rest on */
    uint64_t succeeded; /* tries that got in */
    bool distributed;   /* many sources, few tries each */
    uint32_t *sources;  /* indexes into sources[], most attempts first */
    size_t source_count;
    struct onus_tally *accounts; /* most tried first, at most 50 */
    size_t account_count;
    uint64_t accounts_total; /* distinct; a lower bound when accounts_at_least */
    bool accounts_at_least;
    struct onus_tally *targets; /* hosts, paths or ports; at most 20 */
    size_t target_count;
    uint64_t targets_total;
    struct onus_tally *findings; /* names of what was recognised */
    size_t finding_count;
    struct onus_str *why; /* sentences: the rule, its window, its threshold, and what met it */
    size_t why_count;
    struct onus_line_ref *refs; /* first lines, and the last one; at most 20 */
    size_t ref_count;
};

/* One dated table's answer for one address. */
struct onus_net_fact {
    struct onus_str table;  /* name */
    struct onus_str date;   /* "2026-06" or "2022-10-29" */
    int distance_days;      /* from the event to the table's date; positive: the table is younger */
    struct onus_str prefix; /* "192.0.2.0/24"; empty when the table does not hold it */
    uint32_t asn;           /* 0 when unknown */
    struct onus_str operator_name;
    struct onus_str
            country; /* two letters: where the block is registered, not where a person sits */
};

struct onus_shared_mark {
    struct onus_str kind; /* "tor-exit", "vpn", "cdn", "cloud", "resolver", "research-scanner" */
    struct onus_str list;
    struct onus_str date;
};

struct onus_trace_source {
    struct onus_str name; /* address text, or the name the logger wrote */
    struct onus_address address;
    bool is_address;
    bool claimed; /* taken from a header that the remote side can write */
    uint64_t lines, attempts, succeeded;
    uint64_t probes; /* connections that tried no login and asked for nothing; not in attempts */
    int64_t first, last;
    int handshake; /* 1 completed, 0 not seen (may be forged), -1 cannot tell */
    bool benign; /* a crawler or research scanner by its own words or by list; not counted as attack */
    uint32_t *incidents; /* indexes */
    size_t incident_count;
    struct onus_net_fact asn_fact; /* from the table nearest to the events; table empty when none */
    struct onus_net_fact country_fact;
    struct onus_shared_mark *shared;
    size_t shared_count;
};

struct onus_trace_network {
    uint32_t asn; /* 0: not in the table */
    struct onus_str operator_name, country;
    struct onus_str table, date;
    uint64_t sources, attempts;
};

struct onus_trace_country {
    struct onus_str code; /* "??" when not in the table */
    struct onus_str table, date;
    uint64_t sources, attempts;
};

struct onus_trace_campaign {
    struct onus_str id;
    uint32_t *incidents;
    size_t incident_count;
    uint64_t sources, attempts;
    int64_t first, last;
    struct onus_str *why; /* what ties them: shared sources, prefix, word list, agent, timing */
    size_t why_count;
};

struct onus_trace_database {
    struct onus_str name, date, kind; /* kind: "asn", "country", "asn+country", "shared" */
    bool used;
};

/* Attempts per hour or day, for the timeline. */
struct onus_trace_bin {
    int64_t start;
    uint64_t attempts, succeeded, lines;
};

struct onus_trace_result {
    struct onus_arena arena;
    struct onus_trace_input *inputs;
    size_t input_count;
    uint64_t bytes, lines, parsed, ignored, unparsed, events, attempts, succeeded;
    uint64_t probes;           /* as in struct onus_trace_source */
    uint64_t source_count_all; /* distinct sources seen, hostile or not */
    int64_t first, last;
    struct onus_trace_incident *incidents;
    size_t incident_count;
    struct onus_trace_source *sources; /* those with attempts */
    size_t source_count;
    struct onus_trace_network *networks;
    size_t network_count;
    struct onus_trace_country *countries;
    size_t country_count;
    struct onus_trace_campaign *campaigns;
    size_t campaign_count;
    struct onus_trace_database *databases;
    size_t database_count;
    struct onus_trace_bin *bins; /* in time order, without empty ones */
    size_t bin_count;
    int64_t bin_width;                /* microseconds */
    struct onus_tally *kinds_ignored; /* why lines were ignored, where known */
    size_t kinds_ignored_count;
    struct onus_str
            *notes; /* sentences a reader must know: assumed zone, old table, missing database */
    size_t note_count;
};

#endif
