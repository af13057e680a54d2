/* SPDX-License-Identifier: Apache-2.0 */
/* What the method and the form of a request say, without looking for words in it. */
#include "base/str.h"
#include "trace/web_rules.h"

static struct onus_str text_of(const struct onus_web_hit *hit)
{
    return (struct onus_str){hit->text->ptr, hit->text->len};
}

static bool is_connect(struct onus_str method)
{
    return onus_str_eq(method, ONUS_STR("CONNECT"));
}

/* Bytes that no request has, or the greeting of another protocol. */
static bool is_binary(const struct onus_web_hit *hit)
{
    struct onus_str request = hit->event->target;
    if (!(hit->event->marks & ONUS_MARK_BAD_REQUEST)) {
        return false;
    }
    for (size_t i = 0; i < request.len; i++) {
        unsigned char c = (unsigned char)request.ptr[i];
        if (c < ' ' || c > '~') {
            return true;
        }
    }
    return onus_str_begins(request, ONUS_STR("SSH-")) ||
           onus_str_begins(request, ONUS_STR("MGLNDD_"));
}

static bool is_no_request(const struct onus_web_hit *hit)
{
    return (hit->event->marks & ONUS_MARK_BAD_REQUEST) && hit->event->target.len > 0 &&
           !is_binary(hit);
}

/* Browsers open connections ahead and close them unused: those are answered with no bytes. */
static bool is_empty_refused(const struct onus_web_hit *hit)
{
    return hit->event->target.len == 0 && hit->event->method.len == 0 &&
           hit->event->status == 400 && hit->event->bytes > 0;
}

/* onus_http_request() leaves a version that does not exist at the end of the target. */
static bool is_no_version(const struct onus_web_hit *hit)
{
    struct onus_str target = hit->event->target;
    size_t space = onus_str_rfind_char(target, ' ');
    return hit->event->method.len > 0 && space != ONUS_STR_NPOS &&
           onus_str_begins(onus_str_from(target, space + 1), ONUS_STR("HTTP/"));
}

/* RFC 9112, 3.2: a target is a path, an address, host:port after CONNECT, or an asterisk. */
static bool is_no_target(const struct onus_web_hit *hit)
{
    struct onus_str text = text_of(hit);
    return hit->event->method.len > 0 && hit->event->status == 400 && text.len > 0 &&
           text.ptr[0] != '/' && text.ptr[0] != '*' && !is_connect(hit->event->method) &&
           !onus_str_begins(text, ONUS_STR("http"));
}

/* The host named in the target is another than the one that wrote the line, as far as it says. */
static bool is_absolute(const struct onus_web_hit *hit)
{
    struct onus_str rest = text_of(hit);
    if (is_connect(hit->event->method) || !(onus_str_skip(&rest, ONUS_STR("http://")) ||
                                                  onus_str_skip(&rest, ONUS_STR("https://")))) {
        return false;
    }
    struct onus_str named = onus_str_sub(rest, 0, onus_str_find_char(rest, '/'));
    struct onus_str own = hit->event->host;
    named = onus_str_sub(named, 0, onus_str_find_char(named, ':'));
    own = onus_str_sub(own, 0, onus_str_find_char(own, ':'));
    return own.len == 0 || !onus_str_eq_nocase(named, own);
}

/* WebDAV is ordinary where it is served (207) or asks for a password (401). */
static bool is_rejected(const struct onus_web_hit *hit)
{
    return hit->event->status >= 400 && hit->event->status != 401;
}

static bool is_made_up(const struct onus_web_hit *hit)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS",
            "CONNECT", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK",
            "REPORT", "SEARCH", "MKCALENDAR", "ACL", "BIND", "CHECKIN", "CHECKOUT", "MERGE",
            "MKACTIVITY", "MKWORKSPACE", "VERSION-CONTROL", "PURGE", "QUERY", "NOTIFY", "SUBSCRIBE",
            "TRACK", "DEBUG", "PRI", "RPC_IN_DATA", "RPC_OUT_DATA", "BCOPY", "BPROPPATCH", "BMOVE",
            "POLL", "SOURCE"};
    struct onus_str method = hit->event->method;
    for (size_t i = 0; i < ONUS_COUNT(known); i++) {
        if (onus_str_eq(method, onus_str_of(known[i]))) {
            return false;
        }
    }
    return method.len > 0 && hit->event->status >= 400;
}

static bool is_refused(const struct onus_web_hit *hit)
{
    return hit->event->status == 401;
}

static bool is_overlong(const struct onus_web_hit *hit)
{
    return (hit->text->marks & ONUS_WEB_OVERLONG) != 0;
}

static bool has_nul(const struct onus_web_hit *hit)
{
    return hit->event->method.len > 0 && (hit->text->marks & ONUS_WEB_NUL) != 0;
}

static bool is_endless(const struct onus_web_hit *hit)
{
    return (hit->text->marks & ONUS_WEB_CUT) != 0;
}

/* SEARCH with anything but a short path was only ever sent to overrun IIS 5. */
static bool is_long(const struct onus_web_hit *hit)
{
    return hit->event->target.len > 256;
}

#define SHAPE  ONUS_WEB_SHAPE
#define METHOD ONUS_WEB_METHOD
#define PROBE  ONUS_FINDING_METHOD_PROBE

static const struct onus_web_rule rules[] = {
        {"", SHAPE, ONUS_FINDING_TRAVERSAL, is_overlong, "path letters in overlong UTF-8"},
        {"", SHAPE, ONUS_FINDING_FILE_INCLUSION, has_nul, "NUL byte that cuts a file name"},
        {"", SHAPE, ONUS_FINDING_OVERFLOW, is_endless, "request of more than 64 KiB"},
        {"SEARCH", METHOD, ONUS_FINDING_OVERFLOW, is_long, "WebDAV (CVE-2003-0109 IIS)"},

        {"", SHAPE, ONUS_FINDING_BINARY_REQUEST, is_binary, "bytes of another protocol"},
        {"", SHAPE, ONUS_FINDING_BAD_PROTOCOL, is_no_request, "text that is no request"},
        {"", SHAPE, ONUS_FINDING_BAD_PROTOCOL, is_empty_refused, "nothing that is a request"},
        {"", SHAPE, ONUS_FINDING_BAD_PROTOCOL, is_no_version, "HTTP version that does not exist"},
        {"", SHAPE, ONUS_FINDING_BAD_PROTOCOL, is_no_target,
                "target that is neither path nor address"},

        {"CONNECT", METHOD, ONUS_FINDING_PROXY_ABUSE, NULL, "asks for a tunnel"},
        {"", SHAPE, ONUS_FINDING_PROXY_ABUSE, is_absolute, "asks for another host"},

        {"TRACE", METHOD, PROBE, NULL, "TRACE"},
        {"TRACK", METHOD, PROBE, NULL, "TRACK"},
        {"DEBUG", METHOD, PROBE, NULL, "DEBUG"},
        {"SEARCH", METHOD, PROBE, is_rejected, "WebDAV SEARCH"},
        {"PROPFIND", METHOD, PROBE, is_rejected, "WebDAV PROPFIND"},
        {"PROPPATCH", METHOD, PROBE, is_rejected, "WebDAV PROPPATCH"},
        {"MKCOL", METHOD, PROBE, is_rejected, "WebDAV MKCOL"},
        {"COPY", METHOD, PROBE, is_rejected, "WebDAV COPY"},
        {"MOVE", METHOD, PROBE, is_rejected, "WebDAV MOVE"},
        {"LOCK", METHOD, PROBE, is_rejected, "WebDAV LOCK"},
        {"", SHAPE, PROBE, is_made_up, "method that does not exist"},

        {"", SHAPE, ONUS_FINDING_LOGIN_REFUSED, is_refused, "401"},
};

const struct onus_web_table onus_web_requests = {rules, ONUS_COUNT(rules)};
