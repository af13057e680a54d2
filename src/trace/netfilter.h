/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_NETFILTER_H
#define ONUS_TRACE_NETFILTER_H

/* The line that a LOG rule of Linux' packet filter writes (iptables, nftables, UFW, Proxmox VE). */

#include "trace/message_fields.h"

/*
 * "PREFIX IN=eth0 OUT= MAC=... SRC=... DST=... PROTO=TCP SPT=1 DPT=2 ... SYN". PREFIX is the
 * administrator's. IGNORED when there is no packet in it, when the prefix says that the packet was let
 * through, and for packets the machine sent itself.
 */
enum onus_line_verdict onus_netfilter_parse(struct onus_str text, struct onus_event *event);

#endif
