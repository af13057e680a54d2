/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/http_client.h"

#include <curl/curl.h>

#include "base/str.h"

enum {
    DEFAULT_SECONDS = 30,
    CONNECT_SECONDS = 10,
    HEADER_SIZE = 256
};

struct taking {
    struct onus_buffer *body;
    size_t start;
    size_t limit;
    bool too_long;
};

static size_t take(char *bytes, size_t one, size_t count, void *data)
{
    struct taking *taking = data;
    size_t size = one * count;
    if (size > taking->limit - (taking->body->len - taking->start)) {
        taking->too_long = true;
        return 0;
    }
    onus_buffer_add(taking->body, bytes, size);
    return onus_buffer_status(taking->body, NULL) == ONUS_OK ? size : 0;
}

enum onus_code onus_http_check_url(const char *url, struct onus_error *err)
{
    struct onus_str rest = onus_str_of(url);
    if (rest.len > ONUS_HTTP_URL_MAX) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the URL is longer than %d bytes",
                ONUS_HTTP_URL_MAX);
    }
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] <= ' ' || rest.ptr[i] >= 0x7f) {
            return onus_fail(err, ONUS_E_ARGUMENT, "the URL '%s' holds a byte that must be escaped",
                    url);
        }
    }
    if (!onus_str_skip(&rest, ONUS_STR("http://")) && !onus_str_skip(&rest, ONUS_STR("https://"))) {
        return onus_fail(err, ONUS_E_ARGUMENT, "'%s' is no http or https URL", url);
    }
    struct onus_str host = onus_str_sub(rest, 0, onus_str_find_char(rest, '/'));
    if (host.len == 0) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the URL '%s' names no host", url);
    }
    if (onus_str_find_char(host, '@') != ONUS_STR_NPOS) {
        return onus_fail(err, ONUS_E_ARGUMENT, "the URL of '%s' holds a user name",
                onus_str_begins(onus_str_of(url), ONUS_STR("https")) ? "https" : "http");
    }
    return ONUS_OK;
}

static bool ok(CURLcode code)
{
    return code == CURLE_OK;
}

static bool set_bounds(CURL *curl, const struct onus_http_call *call)
{
    long seconds = call->timeout_seconds > 0 ? (long)call->timeout_seconds : DEFAULT_SECONDS;
    return ok(curl_easy_setopt(curl, CURLOPT_URL, call->url)) &&
           ok(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https")) &&
           ok(curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L)) &&
           ok(curl_easy_setopt(curl, CURLOPT_PROXY, "")) &&
           ok(curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED)) &&
           ok(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L)) &&
           ok(curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds)) &&
           ok(curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                   seconds < CONNECT_SECONDS ? seconds : (long)CONNECT_SECONDS)) &&
           ok(curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2)) &&
           ok(curl_easy_setopt(curl, CURLOPT_USERAGENT, "onus")) &&
           ok(curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L));
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[HEADER_SIZE];
    int size = snprintf(line, sizeof(line), "%s: %s", name, value);
    struct curl_slist *longer =
            size > 0 && (size_t)size < sizeof(line) ? curl_slist_append(*list, line) : NULL;
    if (longer) {
        *list = longer;
    }
    return longer != NULL;
}

static bool set_message(CURL *curl, const struct onus_http_call *call, struct curl_slist **headers)
{
    bool done = add_header(headers, "Expect", ""); /* an empty one asks curl not to send it */
    if (done && call->accept) {
        done = add_header(headers, "Accept", call->accept);
    }
    if (done && call->content_type) {
        done = add_header(headers, "Content-Type", call->content_type) &&
               ok(curl_easy_setopt(curl, CURLOPT_POST, 1L)) &&
               ok(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                       (curl_off_t)call->body.len)) &&
               ok(curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.len ? call->body.ptr : ""));
    }
    return done && ok(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers));
}

static void take_content_type(CURL *curl, struct onus_http_answer *answer)
{
    const char *type = NULL;
    if (!ok(curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type)) || !type) {
        return;
    }
    struct onus_str word = onus_str_of(type);
    (void)onus_str_cut(&(struct onus_str){type, word.len}, ';', &word);
    word = onus_str_trim(word);
    if (word.len >= sizeof(answer->content_type)) {
        return;
    }
    for (size_t i = 0; i < word.len; i++) {
        answer->content_type[i] = onus_lower(word.ptr[i]);
    }
}

static enum onus_code perform(CURL *curl, const struct onus_http_call *call,
        struct onus_buffer *body, struct onus_http_answer *out, struct onus_error *err)
{
    struct taking taking = {.body = body, .start = body->len, .limit = call->answer_limit};
    char reason[CURL_ERROR_SIZE] = "";
    if (!ok(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take)) ||
            !ok(curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taking)) ||
            !ok(curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason))) {
        return onus_fail(err, ONUS_E_MEMORY, "no memory for a request");
    }
    CURLcode code = curl_easy_perform(curl);
    if (taking.too_long) {
        return onus_fail(err, ONUS_E_LIMIT, "the answer of '%s' is longer than %zu bytes",
                call->url, call->answer_limit);
    }
    if (!ok(code)) {
        enum onus_code kept = onus_buffer_status(body, err);
        return kept != ONUS_OK ? kept
                               : onus_fail(err, ONUS_E_PEER, "'%s' does not answer: %s", call->url,
                                         reason[0] != '\0' ? reason : curl_easy_strerror(code));
    }
    long status = 0;
    struct onus_http_answer answer = {0};
    if (!ok(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status)) || status < 100 ||
            status > 999) {
        return onus_fail(err, ONUS_E_PEER, "'%s' answers without a status", call->url);
    }
    answer.status = (unsigned)status;
    take_content_type(curl, &answer);
    *out = answer;
    return ONUS_OK;
}

enum onus_code onus_http_call(const struct onus_http_call *call, struct onus_buffer *body,
        struct onus_http_answer *answer, struct onus_error *err)
{
    enum onus_code code = onus_http_check_url(call->url, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct curl_slist *headers = NULL;
    CURL *curl = curl_easy_init();
    if (!curl || !set_bounds(curl, call) || !set_message(curl, call, &headers)) {
        code = onus_fail(err, ONUS_E_MEMORY, "no memory for a request");
    } else {
        code = perform(curl, call, body, answer, err);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return code;
}
