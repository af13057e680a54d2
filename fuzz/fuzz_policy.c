/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a policy: one that is read is sound (members stand before their groups, each in one,
 * thresholds can be reached), and its quorum is met when all sign and, unless it asks for none, not
 * when nobody does.
 */
#include "fuzz.h"

#include "base/str.h"
#include "proof/policy.h"

static void check_nodes(const struct onus_policy *policy)
{
    for (size_t i = 0; i < policy->node_count; i++) {
        const struct onus_policy_node *node = &policy->nodes[i];
        FUZZ_CHECK(node->name.len > 0);
        FUZZ_CHECK(node->is_group == (node->member_count > 0));
        FUZZ_CHECK(node->threshold >= 1);
        FUZZ_CHECK(!node->is_group || node->threshold <= node->member_count);
        for (size_t m = 0; m < node->member_count; m++) {
            FUZZ_CHECK(node->members[m] < i && policy->nodes[node->members[m]].in_group);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_arena arena;
    struct onus_policy policy;
    static bool seen[ONUS_POLICY_NODES_MAX];
    onus_arena_init(&arena, (size_t)1 << 24);
    if (onus_policy_parse((struct onus_str){(const char *)data, size}, &arena, &policy, NULL) ==
            ONUS_OK) {
        bool none = policy.quorum == ONUS_POLICY_NO_QUORUM;
        check_nodes(&policy);
        FUZZ_CHECK(none || policy.quorum < policy.node_count);
        memset(seen, 0, sizeof(seen));
        FUZZ_CHECK(onus_policy_met(&policy, seen) == none);
        memset(seen, 1, sizeof(seen));
        FUZZ_CHECK(onus_policy_met(&policy, seen));
    }
    onus_arena_clear(&arena);
    return 0;
}
