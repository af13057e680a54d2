/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_ENTRA_H
#define ONUS_TRACE_ENTRA_H

/*
 * What the sign-in codes of Microsoft Entra ID say. Shared by the sign-in log and the Office 365
 * activity log, which carry the same codes.
 */

#include "trace/event.h"

/*
 * False when the code is no verdict about the tried secret (an interrupt, an expired session).
 * PARTIAL for the codes that are only reached once the password was right. A code that is not in the
 * table is UNKNOWN.
 */
bool onus_entra_outcome(uint64_t code, enum onus_outcome *out);

#endif
