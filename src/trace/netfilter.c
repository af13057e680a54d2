/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/netfilter.h"

#include "base/str.h"

/* What the fields of one packet say. */
struct packet {
    struct onus_peer source;
    struct onus_peer dest;
    struct onus_str protocol;
    bool received; /* came in through an interface */
    bool syn;
    bool ack;
};

static uint16_t read_port(struct onus_str value)
{
    uint64_t port = 0;
    return onus_str_to_u64(value, UINT16_MAX, &port) ? (uint16_t)port : 0;
}

static void set_field(struct packet *packet, struct onus_str key, struct onus_str value)
{
    if (onus_str_eq(key, ONUS_STR("IN"))) {
        packet->received = value.len > 0;
    } else if (onus_str_eq(key, ONUS_STR("SRC"))) {
        packet->source.host = value;
    } else if (onus_str_eq(key, ONUS_STR("DST"))) {
        packet->dest.host = value;
    } else if (onus_str_eq(key, ONUS_STR("PROTO"))) {
        packet->protocol = value;
    } else if (onus_str_eq(key, ONUS_STR("SPT"))) {
        packet->source.port = read_port(value);
    } else if (onus_str_eq(key, ONUS_STR("DPT"))) {
        packet->dest.port = read_port(value);
    }
}

/* Fields up to the end, or to the packet inside an ICMP error, which stands in brackets. */
static void read_fields(struct onus_str text, struct packet *packet)
{
    while (text.len > 0) {
        size_t end = onus_str_find_char(text, ' ');
        struct onus_str word = onus_str_sub(text, 0, end);
        text = onus_str_from(text, end == ONUS_STR_NPOS ? text.len : end + 1);
        if (word.len > 0 && word.ptr[0] == '[') {
            return;
        }
        struct onus_str key = ONUS_STR_NONE;
        if (onus_str_cut(&word, '=', &key)) {
            set_field(packet, key, word);
        } else if (onus_str_eq(word, ONUS_STR("SYN"))) {
            packet->syn = true;
        } else if (onus_str_eq(word, ONUS_STR("ACK"))) {
            packet->ack = true;
        }
    }
}

static bool says(struct onus_str prefix, const struct onus_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at + words[i].len <= prefix.len; at++) {
            if (onus_str_begins_nocase(onus_str_from(prefix, at), words[i])) {
                return true;
            }
        }
    }
    return false;
}

/* The first "IN=" that begins a word, or the first "OUT=" when there is none. */
static size_t find_fields(struct onus_str text)
{
    size_t from = 0;
    while (from < text.len) {
        size_t at = onus_str_find(onus_str_from(text, from), ONUS_STR("IN="));
        if (at == ONUS_STR_NPOS) {
            return ONUS_STR_NPOS;
        }
        at += from;
        if (at == 0 || text.ptr[at - 1] == ' ' || text.ptr[at - 1] == ':' ||
                text.ptr[at - 1] == ']') {
            return at;
        }
        from = at + 1;
    }
    return ONUS_STR_NPOS;
}

enum onus_line_verdict onus_netfilter_parse(struct onus_str text, struct onus_event *event)
{
    static const struct onus_str blocked[] = {{"DROP", 4}, {"BLOCK", 5}, {"REJECT", 6}, {"DENY", 4},
            {"DENIED", 6}};
    static const struct onus_str passed[] = {{"ACCEPT", 6}, {"ALLOW", 5}, {"AUDIT", 5}};
    struct packet packet = {0};
    size_t at = find_fields(text);
    if (at == ONUS_STR_NPOS) {
        return ONUS_LINE_IGNORED;
    }
    struct onus_str prefix = onus_str_trim(onus_str_sub(text, 0, at));
    read_fields(onus_str_from(text, at), &packet);
    event->service = ONUS_SERVICE_NETWORK;
    event->target = prefix;
    event->method = packet.protocol;
    if (!packet.received || packet.source.host.len == 0 || packet.protocol.len == 0) {
        return onus_message_ignore(event, "packet sent");
    }
    bool stopped = says(prefix, blocked, ONUS_COUNT(blocked));
    if (!stopped && says(prefix, passed, ONUS_COUNT(passed))) {
        return onus_message_ignore(event, "packet let through");
    }
    if (!onus_message_set_source(event, &packet.source) || !event->has_source) {
        return ONUS_LINE_UNPARSED;
    }
    (void)onus_message_set_dest(event, &packet.dest);
    if (!packet.ack) {
        event->marks |= ONUS_MARK_SPOOFABLE;
    }
    event->kind = ONUS_EVENT_CONNECTION;
    event->outcome = stopped ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_UNKNOWN;
    event->rule = "packet filter";
    return ONUS_LINE_PARSED;
}

/*
 * Proxmox VE's own file: "101 1 tap101i0-IN 20/Jun/2022:13:12:46 +0200 REJECT: IN=..."
 * (guest, log level, chain, time, policy).
 */
static enum onus_line_verdict parse_proxmox(const struct onus_parse_context *context,
        struct onus_str line, struct onus_event *out)
{
    (void)context;
    struct onus_str rest = line;
    struct onus_str chain = ONUS_STR_NONE;
    struct onus_moment moment = {0};
    uint64_t guest = 0;
    uint64_t level = 0;
    if (!onus_str_take_u64(&rest, &guest) || !onus_str_skip(&rest, ONUS_STR(" ")) ||
            !onus_str_take_u64(&rest, &level) || level > 7 ||
            !onus_str_skip(&rest, ONUS_STR(" ")) || !onus_str_cut(&rest, ' ', &chain) ||
            chain.len == 0) {
        return ONUS_LINE_UNPARSED;
    }
    const char *start = rest.ptr;
    if (!onus_time_take_clf(&rest, &moment) || !onus_str_skip(&rest, ONUS_STR(" "))) {
        return ONUS_LINE_UNPARSED;
    }
    out->time = moment.usec;
    out->time_text = (struct onus_str){start, (size_t)(rest.ptr - start) - 1};
    out->marks |= (uint16_t)(moment.has_zone ? 0 : ONUS_MARK_NO_ZONE);
    out->program = ONUS_STR("pve-firewall");
    return onus_netfilter_parse(rest, out);
}

const struct onus_format onus_format_proxmox_firewall = {
        .name = "proxmox-firewall",
        .title = "Proxmox VE firewall log",
        .parse = parse_proxmox,
};
