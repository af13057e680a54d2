/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a claim says what the rows of the source index say, and each rule of
 * docs/formats/bundle.md about claims refutes a bundle that breaks it, for its own reason.
 * Oracle: the page, sentence by sentence; the rows of bundle_scene.c.
 */
#include "bundle_probe.h"

static size_t found(struct probe *p, const char *address, uint8_t last)
{
    return scene_find(&p->scene, SCENE_FIRST, scene_key(address, last));
}

static void claim(struct probe *p, const char *words, size_t first, uint32_t first_open,
        size_t second, uint32_t second_open)
{
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    put(p, words);
    row(p, SCENE_FIRST, first, first_open);
    row(p, SCENE_FIRST, second, second_open);
    end(p, 1);
}

static void a_claim_needs_the_index_open(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    scene_count(&p->bundle, &p->scene, SCENE_FIRST, "203.0.113.7");
    end(p, 1);
    must_refute(p, "slot 49 open");
    begin(p);
    head(p, SCENE_SOURCE, SCENE_ALL);
    scene_count(&p->bundle, &p->scene, SCENE_FIRST, "203.0.113.7");
    end(p, 1);
    must_refute(p, "slot 49 open");
}

static void a_row_of_another_index_is_refused(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_SECOND, 0x200);
    scene_count(&p->bundle, &p->scene, SCENE_FIRST, "203.0.113.7");
    end(p, 1);
    must_refute(p, "a row is not in the index");
    claim(p, "claim count address\n", 4, 0x0a, 5, 0x0b);
    must_hold(p);
    swap(p, "row 5 4", "row 6 4");
    must_refute(p, "a row is not in the index");
}

static void a_count_of_an_address_is_between_neighbours(void **state)
{
    struct probe *p = *state;
    size_t at = found(p, "203.0.113.7", 1);
    claim(p, "claim count address\n", at - 1, 0x0a, at, 0x0b);
    must_say(p, "  203.0.113.7: 11 lines, 30 attempts\n");
    claim(p, "claim count address\n", at - 2, 0x0a, at, 0x0b);
    must_refute(p, "two rows side by side");
    claim(p, "claim count address\n", at, 0x0a, at, 0x0b);
    must_refute(p, "two rows side by side");
    claim(p, "claim count address\n", at + 1, 0x0a, at, 0x0b);
    must_refute(p, "the sums of rows fall");
    size_t fence = found(p, "203.0.114.0", 0);
    claim(p, "claim count address\n", fence - 1, 0x0a, fence, 0x0b);
    must_refute(p, "the second an address");
}

static void a_count_opens_its_sums(void **state)
{
    struct probe *p = *state;
    size_t at = found(p, "203.0.113.7", 1);
    static const uint32_t masks[][2] = {{0x08, 0x0b}, {0x02, 0x0b}, {0x0a, 0x09}, {0x0a, 0x03},
            {0x0a, 0x0a}};
    for (size_t i = 0; i < ONUS_COUNT(masks); i++) {
        claim(p, "claim count address\n", at - 1, masks[i][0], at, masks[i][1]);
        must_refute(p, "needs its sums and its key open");
    }
}

static void a_count_of_a_range_is_between_fences(void **state)
{
    struct probe *p = *state;
    size_t low = found(p, "203.0.113.0", 0);
    size_t high = found(p, "203.0.114.0", 0);
    claim(p, "claim count range\n", low, 0x0b, high, 0x0b);
    must_say(p, "  203.0.113.0 up to, without, 203.0.114.0: 13 lines, 32 attempts\n");
    claim(p, "claim count range\n", low, 0x0a, high, 0x0b);
    must_refute(p, "two fences");
    claim(p, "claim count range\n", low + 1, 0x0b, high, 0x0b);
    must_refute(p, "two fences");
    claim(p, "claim count range\n", low, 0x0b, high - 1, 0x0b);
    must_refute(p, "two fences");
    claim(p, "claim count range\n", high, 0x0b, low, 0x0b);
    must_refute(p, "keys of rows do not ascend");
    claim(p, "claim count range\n", low, 0x0b, low, 0x0b);
    must_refute(p, "keys of rows do not ascend");
    claim(p, "claim count range\n", found(p, "end", 0), 0x0b, found(p, "", 0), 0x0b);
    must_say(p, "  end of IPv4 up to, without, end of addresses: 2 lines, 2 attempts\n");
}

static void sums_never_fall(void **state)
{
    struct probe *p = *state;
    size_t at = found(p, "203.0.113.7", 1);
    claim(p, "claim count address\n", at, 0x02, at - 1, 0x02);
    must_refute(p, "the sums of rows fall");
    claim(p, "claim count address\n", at, 0x08, at - 1, 0x08);
    must_refute(p, "the sums of rows fall");
}

static void no_address_is_counted_by_name(void **state)
{
    struct probe *p = *state;
    size_t at = found(p, "", 1);
    claim(p, "claim count address\n", at - 1, 0x0a, at, 0x0b);
    must_say(p, "  no address: 4 lines, 0 attempts\n");
}

static void absence_lies_between_neighbours(void **state)
{
    struct probe *p = *state;
    static const char words[] = "claim absent 04000000000000000000000000cb00710801\n";
    size_t at = found(p, "203.0.113.7", 1); /* cb007107; next is cb007163 */
    claim(p, words, at, 1, at + 1, 1);
    must_say(p, "  203.0.113.8: no line\n");
    claim(p, words, at - 1, 1, at, 1);
    must_refute(p, "not between the two rows");
    claim(p, words, at - 1, 1, at + 1, 1);
    must_refute(p, "side by side");
    claim(p, words, at, 1, at + 1, 0);
    must_refute(p, "with their keys open");
    claim(p, words, at, 0, at + 1, 1);
    must_refute(p, "with their keys open");
    claim(p, "claim absent 04000000000000000000000000cb00710701\n", at, 1, at + 1, 1);
    must_refute(p, "not between the two rows");
    claim(p, "claim absent 04000000000000000000000000cb00716301\n", at, 1, at + 1, 1);
    must_refute(p, "not between the two rows");
    claim(p, "claim absent 04000000000000000000000000cb00710800\n", at, 1, at + 1, 1);
    must_refute(p, "absence needs an address");
    claim(p, "claim absent 05000000000000000000000000cb00710801\n", at, 1, at + 1, 1);
    must_refute(p, "absence needs an address");
    claim(p, words, at, 3, at + 1, 3);
    must_hold(p);
}

static void all_lines_stand_in_the_last_row(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    end(p, 1);
    must_say(p, "  all: 20 lines, 34 attempts\n");
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    end(p, 1);
    must_refute(p, "slot 46");
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    put(p, "claim all\n");
    row(p, SCENE_FIRST, found(p, "", 0), 0x0a);
    end(p, 1);
    must_refute(p, "needs the last row");
    /* Here the row before the last has all lines already. */
    begin(p);
    head(p, SCENE_PARTS, 0x240);
    put(p, "claim all\n");
    row(p, SCENE_PARTS, 3, 0x0a);
    end(p, 1);
    must_refute(p, "needs the last row");
    swap(p, "row 3 4", "row 4 4");
    must_refute(p, "a row is not in the index");
    static const uint32_t masks[] = {0x02, 0x08};
    for (size_t i = 0; i < ONUS_COUNT(masks); i++) {
        begin(p);
        head(p, SCENE_FIRST, 0x240);
        put(p, "claim all\n");
        row(p, SCENE_FIRST, found(p, "", 1), masks[i]);
        end(p, 1);
        must_refute(p, "the last row");
    }
}

static void an_unknown_claim_is_refused(void **state)
{
    struct probe *p = *state;
    static const char *const words[] = {"claim count\n", "claim count network\n", "claim none\n",
            "claim absent\n", "claim absent 00\n", "claim sample\n", "claim sample x\n",
            "claim count address \n", "claim all 1\n"};
    for (size_t i = 0; i < ONUS_COUNT(words); i++) {
        claim(p, words[i], 4, 0x0b, 5, 0x0b);
        must_refute(p, "an unknown line 'claim'");
    }
    claim(p, "claim count address\n", 4, 0x0a, 5, 0x0b);
    swap(p, "row 4 4", "row 4 5");
    must_refute(p, "a line 'row'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_claim_needs_the_index_open),
            cmocka_unit_test(a_row_of_another_index_is_refused),
            cmocka_unit_test(a_count_of_an_address_is_between_neighbours),
            cmocka_unit_test(a_count_opens_its_sums),
            cmocka_unit_test(a_count_of_a_range_is_between_fences),
            cmocka_unit_test(sums_never_fall),
            cmocka_unit_test(no_address_is_counted_by_name),
            cmocka_unit_test(absence_lies_between_neighbours),
            cmocka_unit_test(all_lines_stand_in_the_last_row),
            cmocka_unit_test(an_unknown_claim_is_refused),
    };
    return cmocka_run_group_tests(tests, probe_setup, probe_teardown);
}
