/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_result.h"

struct kind_row {
    const char *name;
    const char *technique; /* MITRE ATT&CK */
    const char *words;
};

static const struct kind_row rows[ONUS_INCIDENT_KINDS] = {
        [ONUS_INCIDENT_LOGIN_AFTER_GUESSING] = {"login-after-guessing", "T1078",
                "success after guessing"},
        [ONUS_INCIDENT_EXPLOIT_ATTEMPT] = {"exploit-attempt", "T1190", "exploit attempt"},
        [ONUS_INCIDENT_CREDENTIAL_STUFFING] = {"credential-stuffing", "T1110.004",
                "credential stuffing"},
        [ONUS_INCIDENT_PASSWORD_SPRAYING] = {"password-spraying", "T1110.003", "password spraying"},
        [ONUS_INCIDENT_PASSWORD_GUESSING] = {"password-guessing", "T1110.001", "password guessing"},
        [ONUS_INCIDENT_ACCOUNT_ENUMERATION] = {"account-enumeration", "T1589.001",
                "account enumeration"},
        [ONUS_INCIDENT_REQUEST_FLOOD] = {"request-flood", "T1499", "request flood"},
        [ONUS_INCIDENT_WEB_PROBING] = {"web-probing", "T1595.002", "web probing"},
        [ONUS_INCIDENT_PORT_SCAN] = {"port-scan", "T1046", "port scan"},
};

static const struct kind_row unknown = {"unknown", "", "unknown"};

static const struct kind_row *row_of(enum onus_incident_kind kind)
{
    return (size_t)kind < ONUS_COUNT(rows) && rows[kind].name ? &rows[kind] : &unknown;
}

const char *onus_incident_kind_name(enum onus_incident_kind kind)
{
    return row_of(kind)->name;
}

const char *onus_incident_kind_technique(enum onus_incident_kind kind)
{
    return row_of(kind)->technique;
}

const char *onus_incident_kind_words(enum onus_incident_kind kind)
{
    return row_of(kind)->words;
}
