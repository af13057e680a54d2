/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_memory_file.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"

enum onus_code onus_ipdb_memory_file(struct onus_str bytes, int *out, struct onus_error *err)
{
    int descriptor = memfd_create("table", MFD_CLOEXEC);
    if (descriptor < 0) {
        return onus_fail(err, ONUS_E_IO, "cannot make a file in memory: %s",
                strerrordesc_np(errno));
    }
    while (bytes.len > 0) {
        ssize_t n = write(descriptor, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            (void)close(descriptor);
            return onus_fail(err, ONUS_E_IO, "cannot fill a file in memory");
        }
        bytes = onus_str_from(bytes, (size_t)n);
    }
    if (lseek(descriptor, 0, SEEK_SET) != 0) {
        (void)close(descriptor);
        return onus_fail(err, ONUS_E_IO, "cannot rewind a file in memory");
    }
    *out = descriptor;
    return ONUS_OK;
}
