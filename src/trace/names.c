/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/event.h"

static const char *const services[ONUS_SERVICE_MAX] = {
        [ONUS_SERVICE_UNKNOWN] = "unknown",
        [ONUS_SERVICE_SSH] = "ssh",
        [ONUS_SERVICE_TELNET] = "telnet",
        [ONUS_SERVICE_FTP] = "ftp",
        [ONUS_SERVICE_SMTP] = "smtp",
        [ONUS_SERVICE_IMAP] = "imap",
        [ONUS_SERVICE_POP3] = "pop3",
        [ONUS_SERVICE_SIEVE] = "sieve",
        [ONUS_SERVICE_HTTP] = "http",
        [ONUS_SERVICE_LOCAL] = "local",
        [ONUS_SERVICE_CLOUD] = "cloud",
        [ONUS_SERVICE_WINDOWS] = "windows",
        [ONUS_SERVICE_VPN] = "vpn",
        [ONUS_SERVICE_DATABASE] = "database",
        [ONUS_SERVICE_NETWORK] = "network",
};

const char *onus_service_name(enum onus_service service)
{
    return (size_t)service < ONUS_SERVICE_MAX ? services[service] : services[0];
}
