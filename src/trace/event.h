/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_EVENT_H
#define ONUS_TRACE_EVENT_H

/*
 * What one log line says, whatever its format.
 *
 * Every format turns a line into this struct and every detector reads only this struct, so the two
 * never meet. All text fields are views: into the line, or into the arena of the block when an
 * escape had to be undone. They die with the block; who keeps one copies it.
 *
 * Who chose these bytes? `account`, `target`, `agent`, `detail`, `host_name` and `source_name` are the
 * remote side's words. `source` is the peer address the logging program itself wrote down.
 */

#include "model/trace_result.h"
#include "text/timestamp.h"

enum onus_event_kind {
    ONUS_EVENT_OTHER = 0,  /* well-formed, nothing trace counts: the line is ignored */
    ONUS_EVENT_AUTH,       /* somebody tried to log in, or a line about such a try */
    ONUS_EVENT_WEB,        /* one HTTP request */
    ONUS_EVENT_CONNECTION, /* a packet or flow seen by a firewall or sensor, or a bare TCP connect */
    ONUS_EVENT_ALERT,      /* another program's verdict about a source (IDS, WAF, rate limiter) */
    ONUS_EVENT_ACTIVITY,   /* what somebody did once inside: command, download, API call */
    ONUS_EVENT_REPEAT,     /* "last message repeated N times": stands for the line before it */
};

enum onus_outcome {
    ONUS_OUTCOME_UNKNOWN = 0,
    ONUS_OUTCOME_FAILED, /* AUTH: refused.  WEB: unused.  CONNECTION: blocked, reset or no answer */
    ONUS_OUTCOME_SUCCEEDED,  /* AUTH: logged in.  CONNECTION: the handshake completed */
    ONUS_OUTCOME_NO_ACCOUNT, /* AUTH: refused, and the line says that no such account exists */
    ONUS_OUTCOME_PARTIAL,    /* AUTH: the secret was right, a later step (second factor) was not */
    ONUS_OUTCOME_PROBED, /* AUTH: connected and left or broke the protocol before naming an account */
};

/*
 * How a line counts. One try of sshd writes up to four lines; lines with the same `session` and
 * source are joined, and the try is counted once: the number of attempts of a session is the
 * largest of its per-role sums.
 */
enum onus_role {
    ONUS_ROLE_ATTEMPT = 0, /* this line is the try itself ("Failed password") */
    ONUS_ROLE_ACCOUNT,     /* the same try seen at the account check ("Invalid user") */
    ONUS_ROLE_STACK, /* the same try seen by the PAM stack ("pam_unix(sshd:auth): ...failure") */
    ONUS_ROLE_CLOSE, /* the same try seen when the connection ends ("[preauth]") */
    ONUS_ROLE_COUNT, /* number of roles that can add to a count */
    ONUS_ROLE_SUMMARY = 7, /* sums up earlier lines, adds nothing */
};

enum onus_service {
    ONUS_SERVICE_UNKNOWN = 0,
    ONUS_SERVICE_SSH,
    ONUS_SERVICE_TELNET,
    ONUS_SERVICE_FTP,
    ONUS_SERVICE_SMTP,
    ONUS_SERVICE_IMAP,
    ONUS_SERVICE_POP3,
    ONUS_SERVICE_SIEVE,
    ONUS_SERVICE_HTTP,
    ONUS_SERVICE_LOCAL, /* sudo, su, console: no network source */
    ONUS_SERVICE_CLOUD, /* console of a cloud provider, directory sign-in */
    ONUS_SERVICE_WINDOWS,
    ONUS_SERVICE_VPN,
    ONUS_SERVICE_DATABASE,
    ONUS_SERVICE_NETWORK, /* firewall and flow lines: any port */
    ONUS_SERVICE_MAX
};

/* Lower-case word of a service as printed and as read from rules ("ssh"). Never NULL. */
const char *onus_service_name(enum onus_service service);

/* Bits of onus_event.marks. */
enum {
    ONUS_MARK_NO_TIME = 1u << 0,   /* the line carries no time */
    ONUS_MARK_NO_ZONE = 1u << 1,   /* time is wall time; the reader adds the stated zone */
    ONUS_MARK_NO_YEAR = 1u << 2,   /* time was computed in 1972; the reader adds the year */
    ONUS_MARK_HANDSHAKE = 1u << 3, /* data went both ways: the source address is not spoofed */
    ONUS_MARK_SPOOFABLE = 1u << 4, /* one packet seen: the source address may be forged */
    ONUS_MARK_CLAIMED = 1u << 5,   /* `source` was taken from a header the remote side can write */
    ONUS_MARK_BAD_REQUEST = 1u << 6, /* WEB: not an HTTP request (raw bytes, empty, bad version) */
    ONUS_MARK_STATIC = 1u << 7,      /* WEB: target looks like a picture, script, style, font */
    ONUS_MARK_REVERSE_MISMATCH = 1u << 8, /* the logger doubted the reverse name */
    ONUS_MARK_JOINED = 1u << 9,           /* `source` stands on another line of the same session */
    ONUS_MARK_QUERY = 1u << 10,           /* WEB, once inspected: a '?' is in the target */
};

/*
 * What a request or a message was seen to try; bits of onus_event.findings. A finding is a statement
 * about bytes on the line, not about intent. The table with names, kinds and rules is
 * trace/findings.h.
 */
typedef uint64_t onus_findings;

struct onus_event {
    struct onus_line_ref ref; /* set by the pipeline */
    uint64_t source_hash;     /* set by the pipeline: seeded, differs from run to run */
    int64_t time;             /* microseconds; ONUS_TIME_NONE when the line has none; see marks */

    uint8_t kind;    /* enum onus_event_kind */
    uint8_t outcome; /* enum onus_outcome */
    uint8_t role;    /* enum onus_role */
    uint8_t service; /* enum onus_service */
    uint16_t status; /* WEB: HTTP status, 0 when none */
    uint16_t source_port;
    uint16_t dest_port;
    uint16_t marks;
    uint32_t count; /* tries this line stands for; 0 and 1 both mean one */
    bool has_source;
    bool has_dest;

    struct onus_address source;
    struct onus_address dest;
    struct onus_str source_name; /* when the logger wrote a name instead of an address */

    uint64_t session;       /* joins lines of one connection; 0 when the format has none */
    onus_findings findings; /* what was recognised on the line */
    uint64_t bytes;         /* WEB: response body */

    /* As written on the line, for `onus explain`; empty when the format has none. */
    struct onus_str time_text;
    struct onus_str source_text;
    const char *rule; /* the message form that took the line ("Failed password"); static text */

    struct onus_str host;    /* machine that wrote the line, or virtual host */
    struct onus_str program; /* "sshd-session", "postfix/smtpd" */
    struct onus_str account; /* as tried, unescaped; may be empty: see has_account */
    struct onus_str method;  /* AUTH: "password".  WEB: "GET" */
    struct onus_str target;  /* WEB: request target.  ALERT: rule text.  ACTIVITY: command */
    struct onus_str agent;   /* User-Agent, client banner */
    struct onus_str detail;  /* reason, signature id, version, free text worth showing */
    bool has_account;
};

/*
 * An event that says nothing. The size is hidden from the compiler: told it, gcc clears with
 * `rep stos`, whose start alone costs more than the library needs for the whole event.
 */
static inline void onus_event_clear(struct onus_event *event)
{
    size_t size = sizeof(*event);
    __asm__("" : "+r"(size));
    memset(event, 0, size);
    event->time = ONUS_TIME_NONE;
}

/* Tries the line stands for: count, and one when it says nothing. */
static inline uint32_t onus_event_tries(const struct onus_event *event)
{
    return event->count > 0 ? event->count : 1;
}

#endif
