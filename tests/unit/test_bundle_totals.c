/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a total says what the claims beside it add up to, and each rule of
 * docs/formats/bundle.md about totals and samples refutes a bundle that breaks it.
 * Oracle: the page, sentence by sentence; the numbers of bundle_scene.c, added by hand.
 */
#include "bundle_probe.h"

#define A1 "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"

static struct onus_key low(void)
{
    return scene_key("203.0.113.0", 0);
}

static struct onus_key high(void)
{
    return scene_key("203.0.114.0", 0);
}

static void count(struct probe *p, enum scene_place place, const char *address)
{
    scene_count(&p->bundle, &p->scene, place, address);
}

static void range(struct probe *p, enum scene_place place, struct onus_key from, struct onus_key to)
{
    scene_range(&p->bundle, &p->scene, place, from, to);
}

static void total_range(struct probe *p, struct onus_key from, struct onus_key to)
{
    put(p, "total range ");
    put_key(p, from);
    put(p, " ");
    put_key(p, to);
    put(p, "\n");
}

static void total_address(struct probe *p, struct onus_key key)
{
    put(p, "total address ");
    put_key(p, key);
    put(p, "\n");
}

/* ---- sums ------------------------------------------------------------------------------------ */

static void lines_of_an_address_add_up_over_batches(void **state)
{
    struct probe *p = *state;
    struct onus_key key = scene_key("203.0.113.7", 1);
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    count(p, SCENE_FIRST, "203.0.113.7");
    head(p, SCENE_THIRD, 0x200);
    scene_absent(&p->bundle, &p->scene, SCENE_THIRD, key);
    total_address(p, key);
    end(p, 3);
    must_say(p, "total 203.0.113.7: 11 lines, 30 attempts, in batch 0 of source " A1
                "; batch 2 of source " A1 "\n");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    count(p, SCENE_FIRST, "203.0.113.7");
    total_address(p, scene_key("203.0.113.8", 1));
    end(p, 2);
    must_refute(p, "no batch counts what is added up");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    count(p, SCENE_FIRST, "203.0.113.7");
    count(p, SCENE_FIRST, "203.0.113.7");
    total_address(p, key);
    end(p, 3);
    must_refute(p, "one batch counts the same twice");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    count(p, SCENE_FIRST, "203.0.113.7");
    total_address(p, low());
    end(p, 2);
    must_refute(p, "a total of an address needs one");
}

static void a_range_adds_up_and_an_empty_one_around_it_counts_nothing(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    head(p, SCENE_THIRD, 0x200);
    range(p, SCENE_THIRD, scene_key("0.0.0.0", 0), scene_key("", 0));
    total_range(p, low(), high());
    end(p, 3);
    must_say(p, "total 203.0.113.0 up to, without, 203.0.114.0: 13 lines, 32 attempts, in batch 0 "
                "of source " A1 "; batch 2 of source " A1 "\n");

    /* A range around it that has lines does not say how many are inside. */
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, scene_key("192.0.2.0", 0), high());
    total_range(p, low(), high());
    end(p, 2);
    must_refute(p, "no batch counts what is added up");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    range(p, SCENE_FIRST, low(), high());
    total_range(p, low(), high());
    end(p, 3);
    must_refute(p, "one batch counts the same twice");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    total_range(p, high(), low());
    end(p, 2);
    must_refute(p, "two fences that ascend");
}

static void all_lines_add_up(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    head(p, SCENE_SECOND, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_SECOND);
    head(p, SCENE_PARTS, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_PARTS);
    put(p, "total all\n");
    end(p, 4);
    must_say(p, "total: 27 lines, 38 attempts, in batches 0 to 1 of source " A1
                "; batch 7 of source b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2\n");
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    put(p, "total all\n");
    end(p, 3);
    must_refute(p, "one batch counts the same twice");
}

static void two_totals_of_the_same_words_are_refused(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    put(p, "total all\ntotal all\n");
    end(p, 3);
    must_refute(p, "two totals of the same words");
}

static void totals_have_their_bounds(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, SCENE_ALL);
    for (int i = 0; i < 17; i++) {
        put(p, "total matching 1:a\n");
    }
    end(p, 18);
    must_refute(p, "more than 16 totals 'matching'");
    begin(p);
    head(p, SCENE_FIRST, 0);
    for (int i = 0; i < 65; i++) {
        put(p, "total all\n");
    }
    end(p, 65);
    must_refute(p, "more than 64 totals");
}

static void an_unknown_total_is_refused(void **state)
{
    struct probe *p = *state;
    static const char *const words[] = {"total none\n", "total network\n", "total network x\n",
            "total network 01\n", "total all 1\n", "total unbroken a1\n", "total members AS1\n",
            "total address 00\n", "total audit\n", "total range 00 01\n", "total  all\n"};
    for (size_t i = 0; i < ONUS_COUNT(words); i++) {
        begin(p);
        head(p, SCENE_FIRST, 0);
        put(p, words[i]);
        end(p, 1);
        must_refute(p, "an unknown line 'total'");
    }
}

/* ---- matching -------------------------------------------------------------------------------- */

static void matching_counts_lines_that_are_shown(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, 0x07);
    head(p, SCENE_PARTS, 0x180);
    record(p, SCENE_PARTS, 0, SCENE_ALL);
    put(p, "total matching 3:0.2\n"); /* in a line, and in a part of another */
    put(p, "total matching 1:e\n");   /* in several parts: once */
    put(p, "total matching 4:\x1b[31\n");
    end(p, 5);
    must_refute(p, "no line that is shown contains it");
    swap(p, "total matching 4:\x1b[31\n", "");
    swap(p, "end 5", "end 4");
    must_say(p, "at least 2 lines contain: 0.2\n");
    must_say(p, "at least 4 lines contain: e\n");
    must_say(p, "At least: a lower bound, more may exist.\n");
}

static void matching_needs_bytes(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, SCENE_ALL);
    put(p, "total matching 0:\n");
    end(p, 2);
    must_refute(p, "has 1 to 4096 bytes");
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, SCENE_ALL);
    put(p, "total matching 4097:");
    for (int i = 0; i < 4097; i++) {
        put(p, "a");
    }
    put(p, "\n");
    end(p, 2);
    must_refute(p, "has 1 to 4096 bytes");
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, SCENE_ALL);
    put(p, "total matching 1:ab\n");
    end(p, 2);
    must_refute(p, "longer than their length");
}

static void matching_may_look_for_a_line_feed_in_vain(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, SCENE_ALL);
    put(p, "total matching 2:\n\n\n");
    end(p, 2);
    must_refute(p, "no line that is shown contains it");
}

/* ---- unbroken -------------------------------------------------------------------------------- */

static void unbroken_states_the_batch_before(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0);
    head(p, SCENE_SECOND, 0x04);
    head(p, SCENE_THIRD, 0x04);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_say(p, "no batch is missing: batches 0 to 2 of source " A1 "\n");

    begin(p);
    head(p, SCENE_FIRST, 0);
    head(p, SCENE_SECOND, 0);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_refute(p, "slot 42 does not state");

    begin(p);
    head(p, SCENE_FIRST, 0);
    head(p, SCENE_THIRD, 0x04);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_refute(p, "batches of the source are missing");

    begin(p);
    head(p, SCENE_FIRST, 0x04);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_refute(p, "needs two batches");

    /* The second of these states another batch before it. */
    begin(p);
    head(p, SCENE_OTHER, 0x04);
    head(p, SCENE_OTHER_ONE, 0x04);
    put(p, "total unbroken d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4\n");
    end(p, 1);
    must_refute(p, "slot 42 does not state");
}

static void a_roll_up_stands_for_its_batches(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_THIRD, 0x04);
    head(p, SCENE_ROLLUP, 0x04);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_say(p, "no batch is missing: batches 0 to 2 of source " A1 "\n");
    begin(p);
    head(p, SCENE_THIRD, 0x04);
    head(p, SCENE_ROLLUP, 0);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_refute(p, "slot 42 does not state");
    begin(p);
    head(p, SCENE_ROLLUP, 0);
    put(p, "total unbroken " A1 "\n");
    end(p, 1);
    must_say(p, "no batch is missing: batches 0 to 1 of source " A1 "\n");
}

/* ---- networks -------------------------------------------------------------------------------- */

static void table(struct probe *p, uint32_t open)
{
    head(p, SCENE_TABLE, 0x180);
    record(p, SCENE_TABLE, 0, open);
}

static void a_network_is_what_its_rows_count(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    table(p, SCENE_ALL);
    put(p, "total network 64501\n");
    end(p, 3);
    must_say(p, "total AS64501 (Example Hosting): 13 lines, 32 attempts, by 1 rows of table "
                "invented 2026-01, in batch 0 of source " A1 "\n");
    must_not_say(p, " % of the lines");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    table(p, 0x1); /* its rows are hidden */
    put(p, "total network 64501\n");
    end(p, 3);
    must_refute(p, "shows no row of this network");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    table(p, 0x6); /* its first line is hidden */
    put(p, "total network 64501\n");
    end(p, 3);
    must_refute(p, "there is no table of networks");

    begin(p);
    head(p, SCENE_FIRST, 0x200);
    range(p, SCENE_FIRST, low(), high());
    table(p, SCENE_ALL);
    put(p, "total network 64500\n"); /* 192.0.2.0/24 is not counted */
    end(p, 3);
    must_refute(p, "no batch counts this network");
}

static void a_share_needs_all_over_the_same_batches(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    range(p, SCENE_FIRST, low(), high());
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    head(p, SCENE_SECOND, 0x240);
    scene_all(&p->bundle, &p->scene, SCENE_SECOND);
    table(p, SCENE_ALL);
    put(p, "total network 64501\ntotal all\n");
    end(p, 6);
    must_not_say(p, " % of the lines");
    begin(p);
    head(p, SCENE_FIRST, 0x240);
    range(p, SCENE_FIRST, low(), high());
    scene_all(&p->bundle, &p->scene, SCENE_FIRST);
    table(p, SCENE_ALL);
    put(p, "total network 64501\ntotal all\n");
    end(p, 5);
    must_say(p, "  = 65.0 % of the lines, 94.1 % of the attempts\n");
}

static void members_are_told_apart(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    count(p, SCENE_FIRST, "203.0.113.7");
    count(p, SCENE_FIRST, "203.0.113.99");
    count(p, SCENE_FIRST, "192.0.2.10");
    count(p, SCENE_FIRST, "2001:db8::7");
    head(p, SCENE_SECOND, 0x200);
    count(p, SCENE_SECOND, "203.0.113.7");
    table(p, SCENE_ALL);
    put(p, "total members 64501\ntotal members 64500\ntotal members 1\n");
    end(p, 9);
    must_say(p, "2 of 4 addresses are registered in AS64501 by table invented 2026-01, 1 "
                "elsewhere, 1 not shown\n"
                "1 of 4 addresses are registered in AS64500 by table invented 2026-01, 2 "
                "elsewhere, 1 not shown\n"
                "0 of 4 addresses are registered in AS1 by table invented 2026-01, 3 elsewhere, 1 "
                "not shown\n");
    must_say(p, "The addresses are those disclosed, not necessarily all.\n");
    begin(p);
    table(p, SCENE_ALL);
    put(p, "total members 64501\n");
    end(p, 2);
    must_refute(p, "no address with lines is disclosed");
}

/* ---- audit ----------------------------------------------------------------------------------- */

static unsigned audit(struct probe *p, enum scene_place place, size_t samples)
{
    begin(p);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, place, 0x3c0);
    return (unsigned)scene_samples(&p->bundle, &p->scene, place, samples);
}

static void an_audit_draws_lines_after_sealing(void **state)
{
    struct probe *p = *state;
    unsigned shown = audit(p, SCENE_FIRST, 12);
    put(p, "total audit 12\n");
    end(p, shown + 1);
    must_say(p, "audit: 12 of 20 lines, drawn after sealing, stand in the index (a lie in 1 % of "
                "the lines stays unseen with probability 88.7 %)\n");
    shown = audit(p, SCENE_PARTS, 3);
    put(p, "total audit 3\n");
    end(p, shown + 1);
    must_say(p, "audit: 3 of 3 lines, drawn after sealing, stand in the index");
    must_not_say(p, "relative to the sealer's index");
}

static void an_audit_counts_its_samples(void **state)
{
    struct probe *p = *state;
    static const char *const others[] = {"total audit 0\n", "total audit 4\n", "total audit 6\n"};
    for (size_t i = 0; i < ONUS_COUNT(others); i++) {
        unsigned shown = audit(p, SCENE_FIRST, 5);
        put(p, others[i]);
        end(p, shown + 1);
        must_refute(p, "another number of samples");
    }
    begin(p);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_FIRST, 0x3c0);
    put(p, "total audit 0\n");
    end(p, 1);
    must_refute(p, "another number of samples");
}

static void samples_are_numbered_in_order(void **state)
{
    struct probe *p = *state;
    unsigned shown = audit(p, SCENE_FIRST, 2);
    put(p, "total audit 2\n");
    end(p, shown + 1);
    swap(p, "claim sample 0\n", "claim sample 1\n");
    must_refute(p, ""); /* another line is drawn, or the order is wrong */
    shown = audit(p, SCENE_PARTS, 3);
    put(p, "total audit 2\n");
    end(p, shown + 1);
    must_refute(p, "another number of samples");
}

static void a_sample_needs_a_beacon_later_than_the_checkpoint(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x3c0);
    unsigned shown = (unsigned)scene_samples(&p->bundle, &p->scene, SCENE_FIRST, 1);
    end(p, shown);
    must_refute(p, "a sample needs a beacon");

    /* The older checkpoint as a beacon: it was seen before. */
    struct onus_str beacon = p->scene.beacon;
    p->scene.beacon = p->scene.older;
    shown = audit(p, SCENE_FIRST, 1);
    put(p, "total audit 1\n");
    end(p, shown + 1);
    p->scene.beacon = beacon;
    must_refute(p, "a beacon that was seen later");

    shown = audit(p, SCENE_FIRST, 1);
    put(p, "total audit 1\n");
    end(p, shown + 1);
    assert_int_equal(probe_check(p, &p->policy_none, onus_buffer_view(&p->bundle)),
            ONUS_E_MISMATCH);
}

static void a_sample_leads_to_the_line_that_is_drawn(void **state)
{
    struct probe *p = *state;
    unsigned shown = audit(p, SCENE_FIRST, 1);
    end(p, shown);
    must_say(p, "  sample 0: line ");
    swap(p, "claim sample 0\n", "claim sample 7\n");
    must_refute(p, "");
    /* The record is left out. */
    begin(p);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_FIRST, 0x3c0);
    struct onus_buffer all = {.limit = 0};
    (void)scene_samples(&all, &p->scene, SCENE_FIRST, 1);
    struct onus_str text = onus_buffer_view(&all);
    onus_buffer_add_str(&p->bundle, onus_str_from(text, onus_str_find(text, ONUS_STR("claim "))));
    end(p, 1);
    must_refute(p, "the line that is drawn is not shown");
    onus_buffer_clear(&all);
}

static void a_sample_is_open_and_among_the_lines_of_its_key(void **state)
{
    struct probe *p = *state;
    unsigned shown = audit(p, SCENE_FIRST, 1);
    end(p, shown);
    struct onus_str bytes = onus_buffer_view(&p->bundle);
    size_t at = onus_str_find(bytes, ONUS_STR("posting ")) + 8;
    p->bundle.ptr[at] = p->bundle.ptr[at] == '0' ? '1' : '0';
    must_refute(p, "not among those of the key");
    begin(p);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_PARTS, 0x3c0);
    struct onus_buffer all = {.limit = 0};
    (void)scene_samples(&all, &p->scene, SCENE_PARTS, 1);
    struct onus_str text = onus_buffer_view(&all);
    for (size_t leaf = 0; leaf < 3; leaf++) {
        record(p, SCENE_PARTS, leaf, 0x7); /* one part stays hidden */
    }
    onus_buffer_add_str(&p->bundle, onus_str_from(text, onus_str_find(text, ONUS_STR("claim "))));
    end(p, 4);
    must_refute(p, "the line that is drawn is not open");
    onus_buffer_clear(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(lines_of_an_address_add_up_over_batches),
            cmocka_unit_test(a_range_adds_up_and_an_empty_one_around_it_counts_nothing),
            cmocka_unit_test(all_lines_add_up),
            cmocka_unit_test(two_totals_of_the_same_words_are_refused),
            cmocka_unit_test(totals_have_their_bounds),
            cmocka_unit_test(an_unknown_total_is_refused),
            cmocka_unit_test(matching_counts_lines_that_are_shown),
            cmocka_unit_test(matching_needs_bytes),
            cmocka_unit_test(matching_may_look_for_a_line_feed_in_vain),
            cmocka_unit_test(unbroken_states_the_batch_before),
            cmocka_unit_test(a_roll_up_stands_for_its_batches),
            cmocka_unit_test(a_network_is_what_its_rows_count),
            cmocka_unit_test(a_share_needs_all_over_the_same_batches),
            cmocka_unit_test(members_are_told_apart),
            cmocka_unit_test(an_audit_draws_lines_after_sealing),
            cmocka_unit_test(an_audit_counts_its_samples),
            cmocka_unit_test(samples_are_numbered_in_order),
            cmocka_unit_test(a_sample_needs_a_beacon_later_than_the_checkpoint),
            cmocka_unit_test(a_sample_leads_to_the_line_that_is_drawn),
            cmocka_unit_test(a_sample_is_open_and_among_the_lines_of_its_key),
    };
    return cmocka_run_group_tests(tests, probe_setup, probe_teardown);
}
