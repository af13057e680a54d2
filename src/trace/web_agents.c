/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients that name themselves. The agent is the remote side's own word: a scanner that says so
 * is taken at it, a crawler only gets a mark that others may check against its network.
 */
#include "trace/web_rules.h"

#define SCANNER ONUS_FINDING_SCANNER_AGENT
#define CRAWLER ONUS_FINDING_CRAWLER

static const struct onus_web_rule rules[] = {
        {"sqlmap", ONUS_WEB_AGENT, SCANNER, NULL, "sqlmap"},
        {"nikto", ONUS_WEB_AGENT, SCANNER, NULL, "Nikto"},
        {"googlebot", ONUS_WEB_AGENT, CRAWLER, NULL, "Google"},
        {"bingbot", ONUS_WEB_AGENT, CRAWLER, NULL, "Bing"},
        {"${jndi:", ONUS_WEB_AGENT | ONUS_WEB_REFERER, ONUS_FINDING_TEMPLATE_LOOKUP, NULL,
                "JNDI lookup (CVE-2021-44228 Log4j)"},
};

const struct onus_web_table onus_web_agents = {rules, ONUS_COUNT(rules)};
