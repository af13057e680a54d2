/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web_rules.h"

static const struct onus_web_table none = {NULL, 0};

const struct onus_web_table *const onus_web_tables[] = {
        &onus_web_exploits,
        &onus_web_known,
        &onus_web_probes,
        &onus_web_requests,
        &onus_web_agents,
        &none,
};

const struct onus_web_rule *onus_web_rule_at(size_t index)
{
    for (size_t t = 0; onus_web_tables[t] != &none; t++) {
        if (index < onus_web_tables[t]->count) {
            return &onus_web_tables[t]->rules[index];
        }
        index -= onus_web_tables[t]->count;
    }
    return NULL;
}
