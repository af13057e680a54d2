/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_CLI_NET_NOTES_H
#define ONUS_CLI_NET_NOTES_H

#include "cli/command.h"
#include "net/ipdb.h"

/* Tell on stderr which tables were left out because they are undated or damaged. */
void onus_net_notes(const struct onus_arguments *arguments, const struct onus_ipdb *ipdb);

#endif
