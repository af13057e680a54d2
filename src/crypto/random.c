/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <errno.h>
#include <sys/random.h>

enum onus_code onus_random(void *out, size_t size, struct onus_error *err)
{
    uint8_t *at = out;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            int reason = errno;
            enum onus_code code =
                    onus_fail(err, ONUS_E_IO, "the operating system gives no random bytes");
            if (err) {
                err->sys_errno = reason;
            }
            return code;
        }
        at += got;
        size -= (size_t)got;
    }
    return ONUS_OK;
}

static enum onus_code fill(void *data, void *out, size_t size, struct onus_error *err)
{
    (void)data;
    return onus_random(out, size, err);
}

struct onus_random_source onus_random_of_system(void)
{
    return (struct onus_random_source){fill, NULL};
}
