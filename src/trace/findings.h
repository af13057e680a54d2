/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TRACE_FINDINGS_H
#define ONUS_TRACE_FINDINGS_H

/*
 * What can be recognised on one line, by content alone. A finding says what the bytes are, never who
 * sent them or why. Values are bit numbers of onus_event.findings and part of --json by name: append
 * only.
 */

#include "trace/event.h"

enum onus_finding {
    /* exploit-attempt (T1190): the request carries an attack, whether or not it worked */
    ONUS_FINDING_TRAVERSAL = 0,     /* path-traversal */
    ONUS_FINDING_SQL_INJECTION,     /* sql-injection */
    ONUS_FINDING_SCRIPT_INJECTION,  /* script-injection (XSS) */
    ONUS_FINDING_COMMAND_INJECTION, /* command-injection */
    ONUS_FINDING_TEMPLATE_LOOKUP,   /* template-lookup: ${jndi:...}, OGNL, SSTI */
    ONUS_FINDING_FILE_INCLUSION,    /* file-inclusion: php://, remote include */
    ONUS_FINDING_WEB_SHELL,         /* web-shell: asks for a known shell or back door */
    ONUS_FINDING_KNOWN_EXPLOIT,     /* known-exploit: path and parameters of a published CVE */
    ONUS_FINDING_OVERFLOW,          /* overflow: default.ida, WebDAV SEARCH, shell code */
    ONUS_FINDING_REQUEST_FORGERY,   /* request-forgery: metadata service, gopher:// */

    /* web-probing (T1595.002): looks whether something is there */
    ONUS_FINDING_SECRET_FILE = 16, /* secret-file: /.env, /.git/config, backups */
    ONUS_FINDING_ADMIN_PANEL,      /* admin-panel: phpmyadmin, manager/html, vpn portals */
    ONUS_FINDING_CMS_PROBE,        /* cms-probe: WordPress, Joomla, Drupal files */
    ONUS_FINDING_DEVICE_PROBE,     /* device-probe: routers, cameras */
    ONUS_FINDING_PROXY_ABUSE,      /* proxy-abuse: CONNECT, absolute URI */
    ONUS_FINDING_SCANNER_AGENT,    /* scanner-agent: the client names itself as a scanner */
    ONUS_FINDING_METHOD_PROBE,     /* method-probe: PROPFIND, SEARCH, TRACE, made-up methods */
    ONUS_FINDING_BINARY_REQUEST,   /* binary-request: TLS, RDP or raw bytes on a plain port */
    ONUS_FINDING_BAD_PROTOCOL,     /* bad-protocol: impossible HTTP version, malformed request */
    ONUS_FINDING_TECHNOLOGY_PROBE, /* technology-probe: version and fingerprint files */
    ONUS_FINDING_FORM_SPAM,        /* form-spam: posts to registration or comment forms in bulk */

    /* tries to log in over HTTP (T1110) */
    ONUS_FINDING_LOGIN_POST = 32, /* login-post: POST to a login page or XML-RPC */
    ONUS_FINDING_LOGIN_REFUSED,   /* login-refused: 401, or 403 on a login page */

    /* marks that take a source out of the attack count unless it does worse */
    ONUS_FINDING_CRAWLER = 40,     /* crawler: names itself as a search engine or feed reader */
    ONUS_FINDING_RESEARCH_SCANNER, /* research-scanner: names itself as a census */

    /* from other programs' alerts and from non-web lines */
    ONUS_FINDING_IDS_ALERT = 48,    /* ids-alert */
    ONUS_FINDING_WAF_ALERT,         /* waf-alert: ModSecurity and the like */
    ONUS_FINDING_RATE_LIMITED,      /* rate-limited: the server's own limiter fired */
    ONUS_FINDING_PORT_SCAN,         /* port-scan: another program says so */
    ONUS_FINDING_PASSWORD_GUESSING, /* password-guessing: another program says so */
    ONUS_FINDING_PROTOCOL_PROBE,   /* protocol-probe: wrong protocol, bad banner, no key exchange */
    ONUS_FINDING_RELAY_ATTEMPT,    /* relay-attempt: mail relay, SSH direct-tcpip */
    ONUS_FINDING_SPAM_ATTEMPT,     /* spam-attempt: mail to or from refused parties */
    ONUS_FINDING_PRE_AUTH_EXPLOIT, /* pre-auth-exploit: login grace timeouts as in CVE-2024-6387 */
    ONUS_FINDING_LOCAL_EXPLOIT,    /* local-exploit: privilege escalation marks on a host */
    ONUS_FINDING_MALWARE,          /* malware: download or execution of code after login */
    ONUS_FINDING_DECOY,            /* decoy: a connection to a service that serves nobody */
    ONUS_FINDING_MAX = 64
};

#define ONUS_FINDING_BIT(finding) ((onus_findings)1 << (finding))
#define ONUS_FINDINGS_EXPLOIT     ((onus_findings)0x000000000000ffff)
#define ONUS_FINDINGS_PROBE       ((onus_findings)0x00000000ffff0000)
#define ONUS_FINDINGS_LOGIN       ((onus_findings)0x000000ff00000000)
#define ONUS_FINDINGS_BENIGN      ((onus_findings)0x0000ff0000000000)

/* Name as printed ("path-traversal"); "unknown" for a bit without a name. Never NULL. */
const char *onus_finding_name(enum onus_finding finding);

#endif
