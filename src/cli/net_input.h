/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_NET_INPUT_H
#define ONUS_CLI_NET_INPUT_H

/*
 * Operands of `onus net` to a set of addresses, each kept once, in the order of their first mention.
 *
 * Files are read in onus_net_input_open(), before the sandbox closes; their bytes are looked at in
 * onus_net_input_parse(), behind it.
 */

#include "base/buffer.h"
#include "cli/command.h"
#include "net/address.h"

struct onus_net_file {
    const char *name;
    struct onus_buffer bytes;
};

struct onus_net_input {
    struct onus_address *addresses;
    size_t count, room;
    uint32_t *slots; /* open addressing; 0 is free, else index + 1 */
    size_t slot_count;
    struct onus_net_file *files;
    size_t file_count;
    uint64_t repeated;   /* mentions of an address that was there already */
    uint64_t no_address; /* lines that were reported */
};

/* ONUS_E_ARGUMENT for an operand that is neither an address nor a file. */
ONUS_NODISCARD enum onus_code onus_net_input_open(const struct onus_arguments *arguments,
        struct onus_net_input *out, struct onus_error *err);

/* Every line without an address is reported on stderr as file:line. ONUS_E_FORMAT when none has one. */
ONUS_NODISCARD enum onus_code onus_net_input_parse(const struct onus_arguments *arguments,
        struct onus_net_input *input, struct onus_error *err);

/* Safe on a zeroed struct. */
void onus_net_input_clear(struct onus_net_input *input);

#endif
