/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_NET_IPDB_KIND_H
#define ONUS_NET_IPDB_KIND_H

/* What kind of shared infrastructure a list holds, told from the list's name. */

#include <onus/base.h>

struct onus_ipdb_kind {
    const char *kind; /* "tor-exit", "vpn", "cdn", "cloud", "resolver", "research-scanner" ... */
    const char *date; /* of the document that fixes the list for ever; NULL for lists that change */
};

/* Never NULL: a name that says nothing gives kind "other". */
const struct onus_ipdb_kind *onus_ipdb_kind_of(struct onus_str list_name);

/* Days around its own date for which a snapshot of this kind is taken to hold. */
int32_t onus_ipdb_kind_reach(struct onus_str kind);

#endif
