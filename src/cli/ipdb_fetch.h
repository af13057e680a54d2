/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_IPDB_FETCH_H
#define ONUS_CLI_IPDB_FETCH_H

#include <onus/error.h>

/*
 * Let npm download the packages with address tables, unpack them, and add them to a directory (NULL:
 * the user's own) under the date in the package's version. `tell`: print each file written.
 *
 * ONUS_E_MISSING  npm or tar is not installed.
 * ONUS_E_PEER     npm could not get a package.
 * ONUS_E_FORMAT   the package is not what it used to be: no date in its version, no table in it.
 */
ONUS_NODISCARD enum onus_code onus_ipdb_fetch(const char *directory, bool tell,
        struct onus_error *err);

#endif
