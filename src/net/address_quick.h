/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_ADDRESS_QUICK_H
#define ONUS_NET_ADDRESS_QUICK_H

#include "net/address.h"

enum {
    ONUS_ADDRESS_SLACK = 16 /* bytes behind the text */
};

/*
 * onus_address_parse() for a text behind which ONUS_ADDRESS_SLACK more bytes are there to be read, as
 * behind the address at the front of a line: dotted decimal is then read in one step, whatever its
 * octets. The answer depends on the text alone.
 */
bool onus_address_parse_roomy(struct onus_str text, struct onus_address *out);

#endif
