/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_VERIFY_INPUT_H
#define ONUS_CLI_VERIFY_INPUT_H

/*
 * The files of `onus verify`. All are opened before the sandbox is entered and read in it. A bundle
 * that cannot be opened or read does not stop the others: its answer is that it cannot be told.
 */

#include "cli/command.h"
#include "proof/policy.h"

#define ONUS_VERIFY_POLICY_ARENA ((size_t)64 << 20)
#define ONUS_VERIFY_TSA_CA_MAX   ((size_t)1 << 20)

struct onus_verify_file {
    const char *name; /* "-" is standard input */
    int descriptor;   /* negative: could not be opened */
    struct onus_error why;
};

struct onus_verify_input {
    struct onus_verify_file policy; /* name NULL: there is none */
    struct onus_verify_file tsa_ca; /* name NULL: tokens are not to be checked */
    struct onus_verify_file *bundles;
    size_t count;
    struct onus_buffer policy_path;
    struct onus_buffer policy_bytes; /* what the policy points into */
    struct onus_buffer tsa_bytes;    /* certificates */
};

/* ONUS_E_ARGUMENT when no file is named; ONUS_E_MEMORY. Clear with onus_verify_close(). */
ONUS_NODISCARD enum onus_code onus_verify_open(const struct onus_arguments *arguments,
        struct onus_verify_input *out, struct onus_error *err);
void onus_verify_close(struct onus_verify_input *input);

/*
 * Append the whole file. One that is longer than `limit` gives limit + 1 bytes, so that who reads
 * them notices.
 */
ONUS_NODISCARD enum onus_code onus_verify_read(const struct onus_verify_file *file, size_t limit,
        struct onus_buffer *out, struct onus_error *err);

/* Read the certificates of --tsa-ca into input->tsa_bytes; nothing to do without that option. */
ONUS_NODISCARD enum onus_code onus_verify_tsa_ca(struct onus_verify_input *input,
        struct onus_error *err);

/* Read and parse the policy. ONUS_E_MISSING when there is none. */
ONUS_NODISCARD enum onus_code onus_verify_policy(struct onus_verify_input *input,
        struct onus_arena *arena, struct onus_policy *out, struct onus_error *err);

#endif
