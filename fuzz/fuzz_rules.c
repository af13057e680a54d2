/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is read as rules or refused with a line; what was read can be printed and read again. */
#include "fuzz.h"

#include "trace/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_rules standard;
    struct onus_rules rules;
    onus_rules_init(&standard);
    onus_rules_init(&rules);
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_str text = {(const char *)data, size};
    enum onus_code code = onus_rules_parse(&rules, text, &err);
    if (code != ONUS_OK) {
        FUZZ_CHECK(code == ONUS_E_FORMAT && strncmp(err.text, "line ", 5) == 0);
        FUZZ_CHECK(memcmp(&rules, &standard, sizeof(rules)) == 0);
        return 0;
    }
    for (size_t i = 0; i < ONUS_RULE_KEYS; i++) {
        const struct onus_rule_row *row = onus_rule_row((enum onus_rule_key)i);
        FUZZ_CHECK(rules.value[i] >= row->min && rules.value[i] <= row->max);
    }
    struct onus_buffer printed;
    onus_buffer_init(&printed, 0);
    onus_rules_print(&rules, &printed);
    FUZZ_CHECK(onus_buffer_status(&printed, NULL) == ONUS_OK);
    FUZZ_CHECK(onus_rules_parse(&standard, onus_buffer_view(&printed), NULL) == ONUS_OK);
    FUZZ_CHECK(memcmp(&rules, &standard, sizeof(rules)) == 0);
    onus_buffer_clear(&printed);
    return 0;
}
