/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a request (first line), an agent (second) and a referrer (the rest). Decoding never
 * lengthens, a finding always comes from a row of the table, and asking twice gives the same answer.
 */
#include "fuzz.h"

#include "base/str.h"
#include "trace/http_request.h"
#include "trace/web.h"
#include "trace/web_rules.h"

static void check_decoding(struct onus_str target)
{
    static char buffer[ONUS_WEB_TEXT_MAX];
    struct onus_web_text text;
    onus_web_decode(target, buffer, &text);
    FUZZ_CHECK(text.ptr == buffer);
    FUZZ_CHECK(text.len <= target.len && text.len <= sizeof(buffer));
    FUZZ_CHECK(text.query <= text.len);
    FUZZ_CHECK(text.query == text.len || text.ptr[text.query - 1] == '?');
}

static void check_findings(const struct onus_event *event)
{
    onus_findings possible = 0;
    bool named = event->rule == NULL;
    const struct onus_web_rule *rule = NULL;
    for (size_t row = 0; (rule = onus_web_rule_at(row)); row++) {
        possible |= ONUS_FINDING_BIT(rule->finding);
        named = named || event->rule == rule->reason;
    }
    FUZZ_CHECK((event->findings & ~possible) == 0);
    FUZZ_CHECK(named);
    FUZZ_CHECK((event->findings != 0) == (event->rule != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct onus_web_scanner *scanner;
    if (!scanner) {
        scanner = onus_web_scanner_new(NULL);
        FUZZ_CHECK(scanner != NULL);
    }
    struct onus_event event = {.kind = ONUS_EVENT_WEB, .bytes = 1};
    struct onus_str rest = {(const char *)data, size};
    struct onus_str request = rest;
    event.status = size > 0 && data[size - 1] % 2 ? 404 : 200;
    if (onus_str_cut(&rest, '\n', &request) && onus_str_cut(&rest, '\n', &event.agent)) {
        event.detail = rest;
    }
    onus_http_request(request, &event);
    check_decoding(event.target);
    struct onus_event again = event;
    onus_web_inspect(scanner, &event);
    check_findings(&event);
    onus_web_inspect(scanner, &again);
    FUZZ_CHECK(event.findings == again.findings && event.rule == again.rule);
    return 0;
}
