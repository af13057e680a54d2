/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an address: what is read is written in a text that is read as the same address, that
 * the C library reads as the same address, and that is no longer than promised.
 */
#include "fuzz.h"

#include <arpa/inet.h>

#include "base/str.h"
#include "net/address_list.h"

static void check_text(const struct onus_address *address)
{
    char text[ONUS_ADDRESS_TEXT];
    size_t len = onus_address_format(address, text);
    FUZZ_CHECK(len < sizeof(text) && text[len] == '\0' && len == strlen(text));

    struct onus_address again;
    FUZZ_CHECK(onus_address_parse((struct onus_str){text, len}, &again));
    FUZZ_CHECK(onus_address_eq(&again, address));

    bool v4 = onus_address_is_v4(address);
    uint8_t theirs[16];
    FUZZ_CHECK(inet_pton(v4 ? AF_INET : AF_INET6, text, theirs) == 1);
    FUZZ_CHECK(memcmp(theirs, address->bytes + (v4 ? 12 : 0), v4 ? 4 : 16) == 0);
    char canonical[INET6_ADDRSTRLEN];
    FUZZ_CHECK(inet_ntop(v4 ? AF_INET : AF_INET6, theirs, canonical, sizeof(canonical)));
    /* The C library writes ::/96 in dotted form, which RFC 5952 does not ask for. */
    FUZZ_CHECK(strcmp(canonical, text) == 0 || (!v4 && strchr(canonical, '.')));
}

/* Whatever the C library takes for an address is one for us too. */
static void check_agreement(struct onus_str text, bool read, const struct onus_address *address)
{
    char terminated[64];
    uint8_t theirs[16];
    if (text.len == 0 || text.len >= sizeof(terminated) || memchr(text.ptr, '\0', text.len)) {
        return;
    }
    memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    bool v4 = inet_pton(AF_INET, terminated, theirs) == 1;
    if (v4 || inet_pton(AF_INET6, terminated, theirs) == 1) {
        FUZZ_CHECK(read);
        FUZZ_CHECK(memcmp(theirs, address->bytes + (v4 ? 12 : 0), v4 ? 4 : 16) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str text = {(const char *)data, size};
    struct onus_address address = {{0}};
    bool read = onus_address_parse(text, &address);
    if (read) {
        check_text(&address);
    }
    check_agreement(text, read, &address);

    struct onus_address defanged;
    if (onus_address_parse_defanged(text, &defanged)) {
        FUZZ_CHECK(!read || onus_address_eq(&defanged, &address));
        check_text(&defanged);
    } else {
        FUZZ_CHECK(!read);
    }
    if (onus_address_line(text, &defanged) == ONUS_ADDRESS_LINE_HELD) {
        check_text(&defanged);
    }
    if (size >= sizeof(address)) {
        memcpy(address.bytes, data, sizeof(address.bytes));
        check_text(&address);
    }
    return 0;
}
