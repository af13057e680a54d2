/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that look whether something is there: files, panels, devices, products. */
#include "trace/web_rules.h"

#define SECRET ONUS_FINDING_SECRET_FILE
#define ADMIN  ONUS_FINDING_ADMIN_PANEL
#define CMS    ONUS_FINDING_CMS_PROBE
#define DEVICE ONUS_FINDING_DEVICE_PROBE
#define LOGIN  ONUS_FINDING_LOGIN_POST

static const struct onus_web_rule rules[] = {
        {"/.env", ONUS_WEB_PATH, SECRET, NULL, "settings with passwords"},
        {"/.git/", ONUS_WEB_PATH, SECRET, NULL, "source repository"},
        {"/phpmyadmin", ONUS_WEB_PATH, ADMIN, NULL, "phpMyAdmin"},
        {"/wp-login.php", ONUS_WEB_PATH | ONUS_WEB_POST, LOGIN, NULL, "WordPress login"},
        {"/xmlrpc.php", ONUS_WEB_PATH | ONUS_WEB_POST, LOGIN, NULL, "WordPress XML-RPC"},
        {"/wp-login.php", ONUS_WEB_PATH, CMS, NULL, "WordPress login page"},
        {"/boaform/", ONUS_WEB_PATH, DEVICE, NULL, "routers with Boa"},
};

const struct onus_web_table onus_web_probes = {rules, ONUS_COUNT(rules)};
