/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_ADDRESS_LIST_H
#define ONUS_NET_ADDRESS_LIST_H

/* Addresses as people hand them on: in reports, one a line, first column of a table. */

#include "net/address.h"

/*
 * As onus_address_parse(), and in the spellings that keep an address in a report from being
 * followed by accident: "192.0.2[.]1", "192[.]0[.]2[.]1", "192.0.2(.)1", "2001:db8[:]:1".
 */
bool onus_address_parse_defanged(struct onus_str text, struct onus_address *out);

enum onus_address_line {
    ONUS_ADDRESS_LINE_HELD = 0, /* *out is the address in the first column */
    ONUS_ADDRESS_LINE_BLANK,    /* nothing, or a comment with '#' */
    ONUS_ADDRESS_LINE_NONE,     /* something else stands in the first column */
};

/*
 * Read the first column of a line without its end: up to a tab, comma, semicolon or blank, without
 * double quotes around it. *out is untouched unless the line holds an address.
 */
enum onus_address_line onus_address_line(struct onus_str line, struct onus_address *out);

#endif
