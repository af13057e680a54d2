/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an age file for a fixed key, and as the text of a key: what cannot be read leaves nothing
 * behind, what can has no more than was allowed, and no prefix of it can be read as well; a key that is
 * read is written as the same text.
 */
#include "fuzz.h"

#include "base/str.h"
#include "crypto/age.h"

enum {
    LIMIT = 100000
};

static void check_file(struct onus_str file)
{
    struct onus_age_identity identity;
    struct onus_buffer out;
    memset(identity.secret, 0x42, sizeof(identity.secret));
    onus_buffer_init(&out, 0);
    enum onus_code code = onus_age_decrypt(&identity, 1, file, LIMIT, &out, NULL);
    FUZZ_CHECK(code == ONUS_OK || code == ONUS_E_FORMAT || code == ONUS_E_MISSING ||
               code == ONUS_E_MISMATCH || code == ONUS_E_LIMIT);
    FUZZ_CHECK(code == ONUS_OK ? out.len <= LIMIT : out.len == 0);
    if (code == ONUS_OK) {
        out.len = 0;
        file.len--;
        FUZZ_CHECK(onus_age_decrypt(&identity, 1, file, LIMIT, &out, NULL) != ONUS_OK);
    }
    onus_buffer_clear(&out);
}

static void check_keys(struct onus_str text)
{
    struct onus_age_identity identity;
    struct onus_age_recipient recipient;
    char again[ONUS_AGE_IDENTITY_TEXT];
    if (onus_age_identity_parse(text, &identity, NULL) == ONUS_OK) {
        onus_age_identity_format(&identity, again);
        FUZZ_CHECK(onus_str_eq(onus_str_of(again), text));
    }
    if (onus_age_recipient_parse(text, &recipient, NULL) == ONUS_OK) {
        onus_age_recipient_format(&recipient, again);
        FUZZ_CHECK(onus_str_eq(onus_str_of(again), text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str bytes = {(const char *)data, size};
    check_file(bytes);
    check_keys(bytes);
    return 0;
}
