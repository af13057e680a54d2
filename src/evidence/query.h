/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_EVIDENCE_QUERY_H
#define ONUS_EVIDENCE_QUERY_H

/*
 * What `onus prove` is asked, in words (docs/proofs.md):
 *
 *     attempts from WHO ... | lines from WHO ... | all ...
 *     share of WHO ...
 *     none from WHO ...
 *     [NUMBER of] addresses in FILE are ASNUMBER ...
 *     at least [NUMBER] TEXT ...
 *     no batch missing ...
 *     sealed SOURCE:LINES
 *     sample NUMBER ...
 *
 *     WHO    an address, a network ADDRESS/BITS, a range ADDRESS-ADDRESS, an AS such as AS64500
 *     ...    on DAY | in MONTH | between DAY and DAY | since DAY | until DAY | of SOURCE | batch SEQ,
 *            each once, in any order
 *
 * DAY is 2016-06-27 or 2016-06 and means whole days of UTC, the last one included. TEXT, FILE and SOURCE
 * may stand in ' or ". Key words are read in any case.
 */

#include "evidence/index.h"

#define ONUS_QUERY_MAX 65536 /* bytes */

enum onus_query_kind {
    ONUS_QUERY_COUNT,
    ONUS_QUERY_SHARE,
    ONUS_QUERY_NONE,
    ONUS_QUERY_MEMBERS,
    ONUS_QUERY_AT_LEAST,
    ONUS_QUERY_UNBROKEN,
    ONUS_QUERY_SEALED,
    ONUS_QUERY_SAMPLE,
};

enum onus_query_who {
    ONUS_WHO_ALL,
    ONUS_WHO_ADDRESS,
    ONUS_WHO_RANGE,
    ONUS_WHO_NETWORK,
};

struct onus_query {
    enum onus_query_kind kind;
    enum onus_query_who who;
    struct onus_key low;  /* ADDRESS: its key; RANGE: the fence below */
    struct onus_key high; /* RANGE: the fence behind */
    uint32_t asn;         /* NETWORK, MEMBERS */
    bool has_number;
    uint64_t number;      /* AT_LEAST: lines asked for; MEMBERS: how many are said to be; SAMPLE */
    struct onus_str text; /* AT_LEAST: bytes; MEMBERS: file; SEALED: SOURCE:LINES */
    bool has_from, has_until;
    int64_t from, until;    /* seconds since 1970: from <= time < until */
    struct onus_str source; /* empty: all */
    bool has_seq;
    uint64_t seq;
};

/* Views point into `text`. ONUS_E_ARGUMENT with the offset of the first byte that does not fit. */
ONUS_NODISCARD enum onus_code onus_query_parse(struct onus_str text, struct onus_query *out,
        struct onus_error *err);

/* ---- lines ----------------------------------------------------------------------------------- */

/* Lines of a source, counted from 1 over all its batches. */
struct onus_line_range {
    uint64_t first, last;
};

#define ONUS_LINE_RANGES_MAX 65536

/*
 * "SOURCE:1-4,8": the name is what stands before the last colon; ranges ascend and do not touch one
 * another. ONUS_E_ARGUMENT with the offset.
 */
ONUS_NODISCARD enum onus_code onus_lines_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_str *source, struct onus_line_range **out, size_t *count,
        struct onus_error *err);

#endif
