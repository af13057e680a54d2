/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

#include "base/hash.h"

#define BIT ONUS_FINDING_BIT

/* A search engine follows links to these; none of it asks for a secret file or a proxy. */
#define CRAWLER_MAY                                                           \
    (BIT(ONUS_FINDING_ADMIN_PANEL) | BIT(ONUS_FINDING_CMS_PROBE) |            \
            BIT(ONUS_FINDING_METHOD_PROBE) | BIT(ONUS_FINDING_BAD_PROTOCOL) | \
            BIT(ONUS_FINDING_TECHNOLOGY_PROBE) | BIT(ONUS_FINDING_SCANNER_AGENT))

/* A census looks at what answers, in which protocol; it asks for nobody's panels or secrets. */
#define CENSUS_MAY                                                                \
    (BIT(ONUS_FINDING_METHOD_PROBE) | BIT(ONUS_FINDING_BINARY_REQUEST) |          \
            BIT(ONUS_FINDING_BAD_PROTOCOL) | BIT(ONUS_FINDING_TECHNOLOGY_PROBE) | \
            BIT(ONUS_FINDING_SCANNER_AGENT))

/* Findings beside the web's own that mean: somebody tried to make the machine do what it should not. */
#define MISUSE                                                                    \
    (BIT(ONUS_FINDING_WAF_ALERT) | BIT(ONUS_FINDING_RELAY_ATTEMPT) |              \
            BIT(ONUS_FINDING_SPAM_ATTEMPT) | BIT(ONUS_FINDING_PRE_AUTH_EXPLOIT) | \
            BIT(ONUS_FINDING_LOCAL_EXPLOIT) | BIT(ONUS_FINDING_MALWARE))

/* They count in an incident only: below its threshold they have an ordinary reading. */
#define ORDINARY_BELOW_THRESHOLD (BIT(ONUS_FINDING_PRE_AUTH_EXPLOIT))

uint8_t onus_service_group(uint8_t service)
{
    if (service == ONUS_SERVICE_POP3 || service == ONUS_SERVICE_SIEVE) {
        return ONUS_SERVICE_IMAP;
    }
    return service < ONUS_SERVICE_MAX ? service : ONUS_SERVICE_UNKNOWN;
}

static onus_findings findings_that_count(onus_findings findings)
{
    if (findings & BIT(ONUS_FINDING_RESEARCH_SCANNER)) {
        findings &= ~CENSUS_MAY;
    }
    if (findings & BIT(ONUS_FINDING_CRAWLER)) {
        findings &= ~CRAWLER_MAY;
    }
    return findings & ~ONUS_FINDINGS_BENIGN;
}

static unsigned family_bit(enum onus_family family)
{
    return 1u << family;
}

/* Asked for under a login or not, these are looked for, not logged in to. */
#define LOOKED_FOR                                                              \
    (BIT(ONUS_FINDING_SECRET_FILE) | BIT(ONUS_FINDING_DEVICE_PROBE) |           \
            BIT(ONUS_FINDING_PROXY_ABUSE) | BIT(ONUS_FINDING_METHOD_PROBE) |    \
            BIT(ONUS_FINDING_BINARY_REQUEST) | BIT(ONUS_FINDING_BAD_PROTOCOL) | \
            BIT(ONUS_FINDING_TECHNOLOGY_PROBE))

static bool no_such_page(const struct onus_event *event)
{
    return event->status == 404 || event->status == 405 || event->status == 410;
}

/*
 * A POST to a login page that is redirected is not counted: most login forms answer so when the
 * password was right. Where there is no such page it is a probe at most.
 */
static bool web_login_refused(const struct onus_event *event, onus_findings findings)
{
    if ((findings & BIT(ONUS_FINDING_LOGIN_REFUSED)) && !(findings & LOOKED_FOR)) {
        return true;
    }
    bool redirected = event->status >= 300 && event->status < 400;
    return (findings & BIT(ONUS_FINDING_LOGIN_POST)) && !redirected && !no_such_page(event);
}

static void classify_web(const struct onus_event *event, struct onus_verdict *out)
{
    out->login = web_login_refused(event, out->findings);
    bool hostile = (out->findings & (ONUS_FINDINGS_EXPLOIT | MISUSE)) != 0;
    bool probing = (out->findings & ONUS_FINDINGS_PROBE) != 0 ||
                   ((out->findings & BIT(ONUS_FINDING_LOGIN_POST)) && no_such_page(event));

    if (out->login) {
        out->families |= family_bit(ONUS_FAMILY_AUTH);
    }
    out->excused =
            !hostile && !probing && !out->login && (event->findings & ONUS_FINDINGS_PROBE) != 0;
    if (out->excused) {
        out->findings = event->findings;
        out->families |= family_bit(ONUS_FAMILY_PROBE);
    } else if (hostile) {
        out->families |= family_bit(ONUS_FAMILY_EXPLOIT);
    } else if (probing && !out->login) {
        out->families |= family_bit(ONUS_FAMILY_PROBE);
    } else if (event->status >= 400 && event->status < 500 && event->status != 429 &&
               !(event->marks & ONUS_MARK_STATIC) && !out->crawler && !out->login) {
        out->refusal = true;
        out->families |= family_bit(ONUS_FAMILY_PROBE);
    }
    if (out->findings & BIT(ONUS_FINDING_RATE_LIMITED)) {
        out->families |= family_bit(ONUS_FAMILY_FLOOD);
    }
    out->counted = (hostile || probing) && !out->login;
}

static void classify_auth(const struct onus_event *event, struct onus_verdict *out)
{
    out->login = true;
    out->families |=
            family_bit(event->outcome == ONUS_OUTCOME_PROBED ? ONUS_FAMILY_SCAN : ONUS_FAMILY_AUTH);
    if (out->findings & (ONUS_FINDINGS_EXPLOIT | MISUSE)) {
        out->families |= family_bit(ONUS_FAMILY_EXPLOIT);
    }
}

static void classify_alert(const struct onus_event *event, struct onus_verdict *out)
{
    onus_findings findings = out->findings;
    out->alert = true;
    if (findings & (ONUS_FINDINGS_EXPLOIT | MISUSE)) {
        out->families |= family_bit(ONUS_FAMILY_EXPLOIT);
    } else if (findings & (BIT(ONUS_FINDING_PASSWORD_GUESSING) | ONUS_FINDINGS_LOGIN)) {
        out->families |= family_bit(ONUS_FAMILY_AUTH);
    } else if (findings & BIT(ONUS_FINDING_RATE_LIMITED)) {
        out->families |= family_bit(ONUS_FAMILY_FLOOD);
    } else if (findings & (BIT(ONUS_FINDING_PORT_SCAN) | BIT(ONUS_FINDING_PROTOCOL_PROBE))) {
        out->families |= family_bit(ONUS_FAMILY_SCAN);
    } else if (findings & ONUS_FINDINGS_PROBE) {
        out->families |= family_bit(ONUS_FAMILY_PROBE);
    } else if (findings & BIT(ONUS_FINDING_IDS_ALERT)) {
        out->families |= family_bit(
                event->service == ONUS_SERVICE_HTTP ? ONUS_FAMILY_PROBE : ONUS_FAMILY_SCAN);
    }
}

static void classify_activity(struct onus_verdict *out)
{
    if (out->findings & (ONUS_FINDINGS_EXPLOIT | MISUSE)) {
        out->families |= family_bit(ONUS_FAMILY_EXPLOIT);
        out->counted = true;
    }
}

/*
 * Half of the lines a program writes about one try name no source. Counted on the machine they would
 * be counted twice, so only the try itself is, and what is about the machine.
 */
static bool has_owner(const struct onus_event *event)
{
    if (event->has_source || event->source_name.len > 0) {
        return true;
    }
    if (event->kind == ONUS_EVENT_AUTH) {
        return event->service == ONUS_SERVICE_LOCAL || event->role == ONUS_ROLE_ATTEMPT;
    }
    return (event->findings & (BIT(ONUS_FINDING_LOCAL_EXPLOIT) | BIT(ONUS_FINDING_MALWARE))) != 0;
}

bool onus_engine_counts_local(const struct onus_event *event)
{
    return has_owner(event);
}

void onus_classify(const struct onus_event *event, struct onus_verdict *out)
{
    if (event->kind == ONUS_EVENT_AUTH && event->findings == 0 && event->has_source) {
        *out = (struct onus_verdict){.group = onus_service_group(event->service)}; /* most lines */
        classify_auth(event, out);
        return;
    }
    *out = (struct onus_verdict){
            .findings = findings_that_count(event->findings),
            .group = onus_service_group(event->service),
            .crawler = (event->findings & ONUS_FINDINGS_BENIGN) != 0,
            .no_owner = !has_owner(event),
    };
    switch ((enum onus_event_kind)event->kind) {
    case ONUS_EVENT_WEB:
        out->group = ONUS_SERVICE_HTTP;
        classify_web(event, out);
        break;
    case ONUS_EVENT_AUTH:
        classify_auth(event, out);
        break;
    case ONUS_EVENT_CONNECTION:
        if (event->outcome != ONUS_OUTCOME_SUCCEEDED ||
                (out->findings &
                        (BIT(ONUS_FINDING_PROTOCOL_PROBE) | BIT(ONUS_FINDING_PORT_SCAN)))) {
            out->families |= family_bit(ONUS_FAMILY_SCAN);
        }
        if (out->findings & (ONUS_FINDINGS_EXPLOIT | MISUSE)) {
            out->families |= family_bit(ONUS_FAMILY_EXPLOIT);
            out->counted = (out->findings & ~ORDINARY_BELOW_THRESHOLD) != 0;
        }
        break;
    case ONUS_EVENT_ALERT:
        classify_alert(event, out);
        break;
    case ONUS_EVENT_ACTIVITY:
        classify_activity(out);
        break;
    case ONUS_EVENT_OTHER:
    case ONUS_EVENT_REPEAT:
    default:
        break;
    }
}

/*
 * A refused HTTP login is written twice when both the access log and the error log are read. Neither
 * names a connection, so the lines of one source and second are taken as one session, and the
 * larger count stands.
 */
void onus_try_of(const struct onus_event *event, struct onus_try *out, bool *has_session)
{
    bool web = event->kind == ONUS_EVENT_WEB;
    *out = (struct onus_try){
            .time = event->time,
            .tries = onus_event_tries(event),
            .role = web ? ONUS_ROLE_CLOSE : event->role,
            .outcome = web ? ONUS_OUTCOME_FAILED : event->outcome,
            .has_account = event->has_account,
            .secret = web || event->role == ONUS_ROLE_ATTEMPT,
    };
    uint64_t session = event->session;
    if (session == 0 && event->time != ONUS_TIME_NONE &&
            (web || event->service == ONUS_SERVICE_HTTP)) {
        session = onus_hash_mix((uint64_t)(event->time / ONUS_USEC), 1);
    }
    *has_session = session != 0;
    out->session = onus_session_key_of(event, session);
}
