/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and parameters of published weaknesses: one product, one way in. */
#include "trace/web_rules.h"

#define CVE ONUS_FINDING_KNOWN_EXPLOIT

static const struct onus_web_rule rules[] = {
        {"eval-stdin.php", ONUS_WEB_PATH, CVE, NULL, "PHPUnit (CVE-2017-9841)"},
        {"invokefunction", ONUS_WEB_TARGET, CVE, NULL, "ThinkPHP (CVE-2018-20062)"},
};

const struct onus_web_table onus_web_known = {rules, ONUS_COUNT(rules)};
