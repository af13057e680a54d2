/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_OUTGOING_H
#define ONUS_CLI_OUTGOING_H

/*
 * A bundle on its way out, for `prove` and `disclose`: the case is opened, the bundle is made, what leaves
 * is shown, looked over and asked about, entered in the ledger, and only then the file gets its name.
 */

#include "cli/command.h"
#include "evidence/holdings.h"
#include "evidence/ledger.h"
#include "evidence/prove.h"
#include "sys/replace.h"
#include "sys/sandbox.h"
#include "text/json_write.h"

struct onus_outgoing {
    const struct onus_arguments *arguments;
    enum onus_sandbox_profile profile;
    struct onus_arena arena;
    struct onus_vault *vault;
    struct onus_holdings holdings;
    struct onus_prove_options options;
    struct onus_replace file;
    struct onus_str beacon, policy;
    struct onus_error unmet; /* of the sandbox */
    bool asks;               /* a person is there to answer */
    struct onus_proven proven;
    struct onus_buffer bytes;  /* the bundle */
    struct onus_buffer notes;  /* one a line */
    struct onus_buffer answer; /* what a reader of the case's own policy is told */
    enum onus_code verdict;    /* by that policy */
    struct onus_error why;
    struct onus_buffer together;
    struct onus_buffer findings; /* one a line: rule, place */
    size_t finding_count;
    bool refused; /* a finding that was not allowed */
};

/* Options of both commands, in front of their own. */
#define ONUS_OUTGOING_OPTIONS                                                                  \
    {"out", 'o', "FILE", "the bundle to write", false},                                        \
            {"to", 0, "NAME", "who gets it, for the ledger", false},                           \
            {"yes", 'y', NULL, "write it without asking", false},                              \
            {"allow", 0, "RULE",                                                               \
                    "go on although this rule of the look for secrets found something", true}, \
            {"anchor", 0, NULL, "also show after when it was sealed, by the newest anchor",    \
                    false},

/* Needs --out; opens the case, the file and the sandbox. Read other files before. */
ONUS_NODISCARD enum onus_code onus_outgoing_open(struct onus_outgoing *out,
        const struct onus_arguments *arguments, enum onus_sandbox_profile profile,
        struct onus_error *err);
void onus_outgoing_close(struct onus_outgoing *out);

/*
 * Everything after out->proven is made. `show`: lines leave, so each byte is shown and asked about.
 * ONUS_E_REFUSED: a finding stands against it, or nobody said yes; nothing was written then.
 */
ONUS_NODISCARD enum onus_code onus_outgoing_finish(struct onus_outgoing *out, bool show,
        struct onus_error *err);

/* Members of an open JSON object: file, size, hash, what leaves, notes, findings, the answer. */
void onus_outgoing_json(struct onus_json *json, const struct onus_outgoing *out);

/* Read a whole file before the sandbox closes. ONUS_E_ARGUMENT, ONUS_E_IO, ONUS_E_LIMIT. */
ONUS_NODISCARD enum onus_code onus_outgoing_read(const char *path, size_t limit,
        struct onus_arena *arena, struct onus_str *out, struct onus_error *err);

#endif
