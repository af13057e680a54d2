/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_ADDRESS_H
#define ONUS_NET_ADDRESS_H

/*
 * One IP address. IPv4 is kept as ::ffff:a.b.c.d, so that one table and one comparison serve both
 * families and a mapped address in a log is the same source as the plain one.
 */

#include <onus/base.h>

struct onus_address {
    uint8_t bytes[16];
};

/* Longest text: 39 characters of IPv6 and a terminator, rounded up. */
#define ONUS_ADDRESS_TEXT 48

/*
 * Read an address, the whole view: dotted decimal IPv4 (one to three digits an octet, leading zeros
 * read as decimal, as loggers print them), IPv6 (RFC 4291, 2.2), either in square brackets. A zone
 * id ("%eth0") is dropped: it means nothing outside the machine that wrote it. False, and *out is
 * untouched, for everything else.
 */
bool onus_address_parse(struct onus_str text, struct onus_address *out);

/*
 * Read a dotted decimal IPv4 address off the front of *s when a byte that is no part of one follows.
 * The quick way for lines that begin with an address: false, with *s and *out untouched, also for
 * addresses it leaves to onus_address_parse() (in the last 15 bytes of a view, and IPv6).
 */
bool onus_address_take_v4(struct onus_str *s, struct onus_address *out);

/* RFC 5952 text, or dotted decimal for IPv4. Returns the length without the terminator. */
size_t onus_address_format(const struct onus_address *address, char out[static ONUS_ADDRESS_TEXT]);

bool onus_address_is_v4(const struct onus_address *address);

/* Host byte order; only for IPv4. */
uint32_t onus_address_v4(const struct onus_address *address);
struct onus_address onus_address_of_v4(uint32_t host_order);

static inline int onus_address_compare(const struct onus_address *a, const struct onus_address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static inline bool onus_address_eq(const struct onus_address *a, const struct onus_address *b)
{
    return onus_address_compare(a, b) == 0;
}

#endif
