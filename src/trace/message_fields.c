/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/message_fields.h"

#include "base/hash.h"
#include "base/str.h"

enum {
    HOST_MAX = 255, /* RFC 1035, 2.3.4 */
    PORT_MAX = 65535,
    PORT_DIGITS = 5,
    JOIN_SEED = 0x6a6f696e
};

/* " port 45621" at the end; the scan is as long as a port at most. */
static bool drop_port(struct onus_str *s, uint16_t *out)
{
    size_t at = s->len;
    unsigned value = 0;
    unsigned weight = 1;
    while (at > 0 && s->len - at <= PORT_DIGITS && onus_is_digit(s->ptr[at - 1])) {
        value += weight * (unsigned)(s->ptr[at - 1] - '0');
        weight *= 10;
        at--;
    }
    struct onus_str head = onus_str_sub(*s, 0, at);
    if (at == s->len || value > PORT_MAX || !onus_str_drop(&head, ONUS_STR(" port "))) {
        return false;
    }
    *out = (uint16_t)value;
    *s = head;
    return true;
}

bool onus_peer_drop(struct onus_str *s, struct onus_peer *out)
{
    struct onus_str rest = *s;
    struct onus_peer peer = {0};
    (void)drop_port(&rest, &peer.port);
    size_t window = rest.len > HOST_MAX + 1 ? rest.len - HOST_MAX - 1 : 0;
    size_t blank = onus_str_rfind_char(onus_str_from(rest, window), ' ');
    if (blank == ONUS_STR_NPOS && window > 0) {
        return false;
    }
    size_t start = blank == ONUS_STR_NPOS ? 0 : window + blank + 1;
    peer.host = onus_str_from(rest, start);
    if (peer.host.len == 0) {
        return false;
    }
    *s = onus_str_sub(rest, 0, start > 0 ? start - 1 : 0);
    *out = peer;
    return true;
}

bool onus_peer_take(struct onus_str *s, struct onus_peer *out)
{
    struct onus_str rest = *s;
    struct onus_peer peer = {0};
    size_t blank = onus_str_find_char(onus_str_sub(rest, 0, HOST_MAX + 1), ' ');
    if (blank == ONUS_STR_NPOS && rest.len > HOST_MAX) {
        return false;
    }
    peer.host = onus_str_sub(rest, 0, blank);
    rest = onus_str_from(rest, peer.host.len);
    if (peer.host.len > 0 && peer.host.ptr[peer.host.len - 1] == ':') {
        peer.host.len--; /* "192.0.2.1: 11: Bye" */
        rest = (struct onus_str){rest.ptr - 1, rest.len + 1};
    }
    struct onus_str after = rest;
    uint64_t port = 0;
    if (onus_str_skip(&after, ONUS_STR(" port ")) && onus_str_take_u64(&after, &port) &&
            port <= PORT_MAX) {
        peer.port = (uint16_t)port;
        rest = after;
    }
    if (peer.host.len == 0) {
        return false;
    }
    *s = rest;
    *out = peer;
    return true;
}

static bool is_host_char(char c)
{
    char lower = onus_lower(c);
    return (lower >= 'a' && lower <= 'z') || onus_is_digit(c) || c == '.' || c == '-' || c == '_';
}

/* A name that could stand in DNS, with at least one letter. */
static bool is_host_name(struct onus_str name)
{
    bool letter = false;
    if (name.len == 0 || name.len > HOST_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_host_char(name.ptr[i])) {
            return false;
        }
        letter = letter || (name.ptr[i] > '9' && name.ptr[i] != '_');
    }
    return letter && !onus_str_eq_nocase(name, ONUS_STR("unknown"));
}

bool onus_message_set_source(struct onus_event *event, const struct onus_peer *peer)
{
    if (onus_address_parse(peer->host, &event->source)) {
        event->has_source = true;
        event->source_port = peer->port;
    } else if (is_host_name(peer->host)) {
        event->source_name = peer->host;
        event->source_port = peer->port;
    } else {
        return false;
    }
    event->source_text = peer->host;
    return true;
}

bool onus_message_set_dest(struct onus_event *event, const struct onus_peer *peer)
{
    if (!onus_address_parse(peer->host, &event->dest)) {
        return false;
    }
    event->has_dest = true;
    event->dest_port = peer->port;
    return true;
}

void onus_message_join(struct onus_event *event, struct onus_str host, struct onus_str name)
{
    event->session = onus_hash_str(onus_hash_str(JOIN_SEED, host), name) | 1;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The byte that stands for "\x" of C, or -1. */
static int plain_escape(char c)
{
    static const char letters[] = "\\ntrabvfs";
    static const char bytes[] = "\\\n\t\r\a\b\v\f ";
    const char *hit = c != '\0' ? strchr(letters, c) : NULL;
    return hit ? bytes[hit - letters] : -1;
}

/* Decode what begins with a backslash at `at`; returns how many bytes it took, 1 when unknown. */
static size_t decode_escape(struct onus_str text, size_t at, char *out)
{
    *out = '\\';
    if (at + 1 >= text.len) {
        return 1;
    }
    const char *p = text.ptr + at + 1;
    if (text.len - at >= 4 && p[0] <= '3' && is_octal(p[0]) && is_octal(p[1]) && is_octal(p[2])) {
        *out = (char)((p[0] - '0') << 6 | (p[1] - '0') << 3 | (p[2] - '0'));
        return 4;
    }
    int byte = plain_escape(p[0]);
    if (byte >= 0) {
        *out = (char)byte;
        return 2;
    }
    return 1;
}

struct onus_str onus_message_unvis(const struct onus_parse_context *context, struct onus_str text)
{
    if (onus_str_find_char(text, '\\') == ONUS_STR_NPOS) {
        return text;
    }
    char *plain = onus_arena_alloc(context->arena, text.len);
    if (!plain) {
        return text;
    }
    size_t n = 0;
    for (size_t at = 0; at < text.len;) {
        if (text.ptr[at] == '\\') {
            at += decode_escape(text, at, &plain[n++]);
        } else {
            plain[n++] = text.ptr[at++];
        }
    }
    return (struct onus_str){plain, n};
}
