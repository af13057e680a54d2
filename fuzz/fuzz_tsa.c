/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the reply of a time stamping authority, and as the certificates one trusts: the answer is
 * one of those promised, the same the second time, and a result is whole.
 */
#include "fuzz.h"

#include "base/str.h"
#include "crypto/tsa.h"

/* An invented root; the replies of the corpus are by an authority under it. */
static const char root[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBZTCCAQqgAwIBAgIUJG5gUsccRgamoJw5Sd5YxIg2WxcwCgYIKoZIzj0EAwIw\n"
                           "FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MCAXDTI2MTEyNTEzNTc0N1oYDzIwNTEw\n"
                           "NzE3MTM1NzQ3WjAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwWTATBgcqhkjOPQIB\n"
                           "BggqhkjOPQMBBwNCAASxWHX0dMyIxwz1lVddsfeueTK0NmBnKpLARHD/qbasP7er\n"
                           "FeVO2xVDuie8/rFY2nmsOV+yg1XlA7sk3R9aoB3RozIwMDAPBgNVHRMBAf8EBTAD\n"
                           "AQH/MB0GA1UdDgQWBBTjqeUkt5kb3eXP/AM3D6kfP58+dzAKBggqhkjOPQQDAgNJ\n"
                           "ADBGAiEA4bx9OMvt+QSD30zBgcBBEDJH9OL6vSauM8/q7JRgmYoCIQD1PKB0wuNU\n"
                           "opNMQ+vK+HqXFm+fEdLtV8kd1XZKydwwJQ==\n"
                           "-----END CERTIFICATE-----\n";

static enum onus_code check(struct onus_str reply, struct onus_str trusted,
        struct onus_tsa_stamp *out)
{
    struct onus_digest imprint;
    onus_sha256(ONUS_STR("checkpoint"), &imprint);
    enum onus_code code = onus_tsa_check(reply, &imprint, NULL, trusted, out, NULL);
    FUZZ_CHECK(code == ONUS_OK || code == ONUS_E_FORMAT || code == ONUS_E_MISSING ||
               code == ONUS_E_MISMATCH || code == ONUS_E_LIMIT || code == ONUS_E_REFUSED);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str bytes = {(const char *)data, size};
    struct onus_tsa_stamp first = {.time = 0};
    struct onus_tsa_stamp second = {.time = 0};
    enum onus_code code = check(bytes, ONUS_STR(root), &first);
    FUZZ_CHECK(check(bytes, ONUS_STR(root), &second) == code);
    if (code == ONUS_OK) {
        FUZZ_CHECK(first.time == second.time && first.accuracy_us == second.accuracy_us);
        FUZZ_CHECK(memchr(first.policy, '\0', sizeof(first.policy)) && first.policy[0] != '\0');
        FUZZ_CHECK(strcmp(first.policy, second.policy) == 0);
    }
    FUZZ_CHECK(check(bytes, bytes, &second) != ONUS_OK);
    return 0;
}
