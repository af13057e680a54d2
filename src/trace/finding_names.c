/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/findings.h"

static const char *const names[ONUS_FINDING_MAX] = {
        [ONUS_FINDING_TRAVERSAL] = "path-traversal",
        [ONUS_FINDING_SQL_INJECTION] = "sql-injection",
        [ONUS_FINDING_SCRIPT_INJECTION] = "script-injection",
        [ONUS_FINDING_COMMAND_INJECTION] = "command-injection",
        [ONUS_FINDING_TEMPLATE_LOOKUP] = "template-lookup",
        [ONUS_FINDING_FILE_INCLUSION] = "file-inclusion",
        [ONUS_FINDING_WEB_SHELL] = "web-shell",
        [ONUS_FINDING_KNOWN_EXPLOIT] = "known-exploit",
        [ONUS_FINDING_OVERFLOW] = "overflow",
        [ONUS_FINDING_REQUEST_FORGERY] = "request-forgery",
        [ONUS_FINDING_SECRET_FILE] = "secret-file",
        [ONUS_FINDING_ADMIN_PANEL] = "admin-panel",
        [ONUS_FINDING_CMS_PROBE] = "cms-probe",
        [ONUS_FINDING_DEVICE_PROBE] = "device-probe",
        [ONUS_FINDING_PROXY_ABUSE] = "proxy-abuse",
        [ONUS_FINDING_SCANNER_AGENT] = "scanner-agent",
        [ONUS_FINDING_METHOD_PROBE] = "method-probe",
        [ONUS_FINDING_BINARY_REQUEST] = "binary-request",
        [ONUS_FINDING_BAD_PROTOCOL] = "bad-protocol",
        [ONUS_FINDING_TECHNOLOGY_PROBE] = "technology-probe",
        [ONUS_FINDING_FORM_SPAM] = "form-spam",
        [ONUS_FINDING_LOGIN_POST] = "login-post",
        [ONUS_FINDING_LOGIN_REFUSED] = "login-refused",
        [ONUS_FINDING_CRAWLER] = "crawler",
        [ONUS_FINDING_RESEARCH_SCANNER] = "research-scanner",
        [ONUS_FINDING_IDS_ALERT] = "ids-alert",
        [ONUS_FINDING_WAF_ALERT] = "waf-alert",
        [ONUS_FINDING_RATE_LIMITED] = "rate-limited",
        [ONUS_FINDING_PORT_SCAN] = "port-scan",
        [ONUS_FINDING_PASSWORD_GUESSING] = "password-guessing",
        [ONUS_FINDING_PROTOCOL_PROBE] = "protocol-probe",
        [ONUS_FINDING_RELAY_ATTEMPT] = "relay-attempt",
        [ONUS_FINDING_SPAM_ATTEMPT] = "spam-attempt",
        [ONUS_FINDING_PRE_AUTH_EXPLOIT] = "pre-auth-exploit",
        [ONUS_FINDING_LOCAL_EXPLOIT] = "local-exploit",
        [ONUS_FINDING_MALWARE] = "malware",
        [ONUS_FINDING_DECOY] = "decoy",
};

const char *onus_finding_name(enum onus_finding finding)
{
    bool known = (size_t)finding < ONUS_FINDING_MAX && names[finding];
    return known ? names[finding] : "unknown";
}
