/* SPDX-License-Identifier: Apache-2.0 */
/* What the method and the form of a request say, without looking for words in it. */
#include "base/str.h"
#include "trace/web_rules.h"

static bool is_empty_refused(const struct onus_web_hit *hit)
{
    return hit->event->target.len == 0 && hit->event->method.len == 0 && hit->event->status == 400;
}

static bool is_not_http(const struct onus_web_hit *hit)
{
    return hit->event->target.len > 0 && hit->event->method.len == 0;
}

static bool is_refused(const struct onus_web_hit *hit)
{
    return hit->event->status == 401;
}

static const struct onus_web_rule rules[] = {
        {"", ONUS_WEB_SHAPE, ONUS_FINDING_BINARY_REQUEST, is_not_http, "bytes that are no request"},
        {"", ONUS_WEB_SHAPE, ONUS_FINDING_BAD_PROTOCOL, is_empty_refused, "no request"},
        {"CONNECT", ONUS_WEB_METHOD, ONUS_FINDING_PROXY_ABUSE, NULL, "asks for a tunnel"},
        {"", ONUS_WEB_SHAPE, ONUS_FINDING_LOGIN_REFUSED, is_refused, "401 Unauthorized"},
};

const struct onus_web_table onus_web_requests = {rules, ONUS_COUNT(rules)};
