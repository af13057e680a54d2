/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_COWRIE_TEXT_H
#define ONUS_TRACE_COWRIE_TEXT_H

/*
 * Cowrie's text log, alone or behind a syslog prefix:
 *
 *   2026-01-10T03:11:02+0000 [system] New connection: 198.51.100.7:47630 (203.0.113.5:2222) [session: 3e5a9212b91f]
 *   2026-01-10T03:11:02+0000 [HoneyPotSSHTransport,10,198.51.100.7] login attempt [root/123456] failed
 *
 * The address comes from the part that Cowrie writes itself; of a login attempt only the name in
 * front of the first '/' is kept, so that nothing of a password is.
 */

#include "trace/message.h"

/*
 * UNPARSED when the line does not begin with a time and a system in brackets. The time of the line is
 * taken when *event has none yet.
 */
enum onus_line_verdict onus_cowrie_text(struct onus_str line, struct onus_event *event);

#endif
