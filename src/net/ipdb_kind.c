/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_kind.h"

#include "base/str.h"

struct rule {
    const char *part; /* of the list's name */
    struct onus_ipdb_kind kind;
};

/* The first rule whose part occurs in the name decides. */
static const struct rule rules[] = {
        {"rfc1918", {"private", "1996-02"}},
        {"rfc3849", {"private", "2004-07"}},
        {"rfc5735", {"private", "2010-01"}},
        {"rfc6598", {"private", "2012-04"}},
        {"ipv6-linklocal", {"private", "2006-02"}}, /* RFC 4291 */
        {"multicast", {"private", "2010-03"}},      /* RFC 5771 */
        {"tor_exit", {"tor-exit", NULL}},
        {"tor-exit", {"tor-exit", NULL}},
        {"torbulkexit", {"tor-exit", NULL}},
        {"scanning", {"research-scanner", NULL}},
        {"scanner", {"research-scanner", NULL}},
        {"shadowserver", {"research-scanner", NULL}},
        {"censys", {"research-scanner", NULL}},
        {"sinkhole", {"sinkhole", NULL}},
        {"public-dns", {"resolver", NULL}},
        {"resolver", {"resolver", NULL}},
        {"vpn", {"vpn", NULL}},
        {"private-relay", {"vpn", NULL}},
        {"zscaler", {"proxy", NULL}},
        {"proxy", {"proxy", NULL}},
        {"googlebot", {"crawler", NULL}},
        {"bingbot", {"crawler", NULL}},
        {"crawler", {"crawler", NULL}},
        {"akamai", {"cdn", NULL}},
        {"bunny", {"cdn", NULL}},
        {"cloudflare", {"cdn", NULL}},
        {"stackpath", {"cdn", NULL}},
        {"fastly", {"cdn", NULL}},
        {"cdn", {"cdn", NULL}},
        {"amazon", {"cloud", NULL}},
        {"azure", {"cloud", NULL}},
        {"gcp", {"cloud", NULL}},
        {"oracle", {"cloud", NULL}},
        {"ovh", {"cloud", NULL}},
        {"github", {"cloud", NULL}},
        {"cloud", {"cloud", NULL}},
};

const struct onus_ipdb_kind *onus_ipdb_kind_of(struct onus_str list_name)
{
    static const struct onus_ipdb_kind other = {"other", NULL};
    for (size_t i = 0; i < ONUS_COUNT(rules); i++) {
        if (onus_str_has(list_name, onus_str_of(rules[i].part))) {
            return &rules[i].kind;
        }
    }
    return &other;
}

int32_t onus_ipdb_kind_reach(struct onus_str kind)
{
    /* Exits come and go within days. Address space of the other kinds stays for years, and the mark
     * shows the date of its list. */
    return onus_str_eq(kind, ONUS_STR("tor-exit")) ? 7 : INT32_MAX;
}
