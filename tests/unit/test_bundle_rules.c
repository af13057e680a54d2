/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: each rule of docs/formats/bundle.md that refutes a bundle does so, and for its own
 * reason; the bundle beside it that keeps the rule holds.
 * Oracle: the page, sentence by sentence. Claims and totals are in tests of their own.
 */
#include "bundle_probe.h"

/* ---- spelling -------------------------------------------------------------------------------- */

static void plain(struct probe *p)
{
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, 0x1);
    end(p, 1);
}

static void one_value_has_one_spelling(void **state)
{
    struct probe *p = *state;
    static const char *const changes[][2] = {
            {"batch 1\n", "batch 01\n"},
            {"batch 1\n", "batch 1 \n"},
            {"batch 1\n", "batch  1\n"},
            {"batch 1\n", "batch\t1\n"},
            {"batch 1\n", "batch +1\n"},
            {"batch 1\n", "batch 1\r\n"},
            {"batch 1\n", "Batch 1\n"},
            {"batch 1\n", "batch 1000000000000000001\n"},
            {"manifest 13 a1a1", "manifest 13 A1a1"},
            {"manifest 13 ", "manifest 12 "},
            {"record 0 G 8\n", "record 0 G 08\n"},
            {"record 0 G 8\n", "record 0 G 9\n"},
            {"record 0 G 8\n", "record 0 G 0\n"},
            {"record 0 G 8\n", "record 0 X 8\n"},
            {"record 0 G 8\n", "record 0 S 13\n"},
            {"record 0 G 8\n", "record 0 G\n"},
            {"\nc ", "\nC "},
            {"\nc ", "\nc  "},
            {"=\n", "\n"},
            {"=\n", "==\n"},
            {"o 10 ", "o 1 "},
            {"o 47 ", "o 4G "},
            {"\nh ", "\nd "},
            {"\nend 1\n", "\nend 1\n\n"},
            {"\nend 1\n", "\nend 1"},
            {"\nend 1\n", "\nend 1 \n"},
            {"\nend 1\n", "\nEND 1\n"},
            {"\nend 1\n", "\n"},
            {"\nend 1\n", "\nmore 1\nend 1\n"},
            {"checkpoint ", "checkpoint 0"},
            {"checkpoint ", "note "},
            {"\nbatch 1\n", "\ntsa \nbatch 1\n"},
            {"\nbatch 1\n", "\ntsa AA\nbatch 1\n"},
            {"\nbatch 1\n", "\ncheckpoint 0\nbatch 1\n"},
    };
    for (size_t i = 0; i < ONUS_COUNT(changes); i++) {
        plain(p);
        must_hold(p);
        swap(p, changes[i][0], changes[i][1]);
        if (probe_check(p, &p->policy_none, onus_buffer_view(&p->bundle)) != ONUS_E_MISMATCH) {
            fail_msg("'%s' for '%s' is accepted", changes[i][1], changes[i][0]);
        }
    }
}

static void unused_bits_of_base64_are_zero(void **state)
{
    struct probe *p = *state;
    plain(p);
    struct onus_str bytes = onus_buffer_view(&p->bundle);
    size_t at = onus_str_find(bytes, ONUS_STR("=\nc "));
    char *last = p->bundle.ptr + at - 1; /* 32 bytes leave two bits over */
    *last = *last == '/' ? '+' : (char)(*last + 1);
    must_refute(p, "not followed by 32 bytes");
}

static void the_end_counts_what_is_shown(void **state)
{
    struct probe *p = *state;
    plain(p);
    swap(p, "\nend 1\n", "\nend 2\n");
    must_refute(p, "the line 'end' counts");
    plain(p);
    swap(p, "\nend 1\n", "\nend 0\n");
    must_refute(p, "the line 'end' counts");
    plain(p);
    put(p, "x");
    must_refute(p, "something follows");
}

static void a_bundle_has_a_batch(void **state)
{
    struct probe *p = *state;
    begin(p);
    end(p, 0);
    must_refute(p, "a line 'batch' belongs here");
}

static void sections_stand_in_their_order(void **state)
{
    struct probe *p = *state;
    begin(p);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    scene_note(&p->bundle, "older-checkpoint", p->scene.older);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    must_refute(p, "a line 'batch' belongs here");
    begin(p);
    put(p, "tsa AAAA\n");
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    must_refute(p, "a line 'batch' belongs here");
    begin(p);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    scene_note(&p->bundle, "beacon", p->scene.beacon);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    must_refute(p, "a line 'batch' belongs here");
    begin(p);
    head(p, SCENE_FIRST, 0);
    put(p, "total unbroken a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\n");
    head(p, SCENE_SECOND, 0);
    end(p, 1);
    must_refute(p, "this line is not allowed here");
}

static void at_most_eight_tokens(void **state)
{
    struct probe *p = *state;
    begin(p);
    for (int i = 0; i < 8; i++) {
        put(p, "tsa AAAA\n");
    }
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    must_say(p, "8 time-stamp tokens are present, NOT checked here\n");
    swap(p, "tsa AAAA\n", "tsa AAAA\ntsa AAAA\n");
    must_refute(p, "at most eight lines 'tsa'");
}

static void a_value_of_a_record_has_no_line_feed(void **state)
{
    struct probe *p = *state;
    plain(p);
    swap(p, "gw1 sshd", "gw1\nsshd");
    must_refute(p, "has a line feed");
    plain(p);
    swap(p, "gw1 sshd", "gw1 xsshd");
    must_refute(p, "longer than its length");
}

static void a_length_beyond_the_end_is_refused(void **state)
{
    struct probe *p = *state;
    plain(p);
    swap(p, ":Dec 31", "999999999999999:Dec 31");
    must_refute(p, "cut off");
    begin(p);
    put(p, "older-checkpoint 999999999999999999\n");
    must_refute(p, "cut off");
}

static void a_path_has_at_most_64_hashes(void **state)
{
    struct probe *p = *state;
    begin(p);
    put(p, "batch 1\n");
    for (int i = 0; i < 65; i++) {
        put(p, "h AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    }
    must_refute(p, "more lines 'h' than a path can have");
}

/* ---- notes ----------------------------------------------------------------------------------- */

static void with_note(struct probe *p, struct onus_str note)
{
    p->bundle.len = 0;
    put(p, "onus/bundle/v1\n");
    scene_note(&p->bundle, "checkpoint", note);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
}

static void sign_body(struct probe *p, const char *body, const uint64_t times[3])
{
    with_note(p, scene_sign(&p->scene, onus_str_of(body), 0, times));
}

static const uint64_t all_times[3] = {5, 6, 7};

#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void a_checkpoint_has_three_lines_and_no_more(void **state)
{
    struct probe *p = *state;
    sign_body(p, "acme.example/evidence\n9\n" ROOT "\n", all_times);
    must_refute(p, "entry of the log");
    sign_body(p, "acme.example/evidence\n9\n" ROOT "\nmore\n", all_times);
    must_refute(p, "more than three lines");
    sign_body(p, "acme.example/evidence\n09\n" ROOT "\n", all_times);
    must_refute(p, "size");
    sign_body(p, "acme.example/evidence\n9\nAAAA\n", all_times);
    must_refute(p, "root");
    sign_body(p, "acme.example/evidence\n9\n", all_times);
    must_refute(p, "root");
    sign_body(p, "\n9\n" ROOT "\n", all_times);
    must_refute(p, "origin");
}

static void the_log_has_signed(void **state)
{
    struct probe *p = *state;
    struct onus_buffer note = {.limit = 0};
    onus_buffer_add_str(&note, p->scene.checkpoint);
    struct onus_str bytes = onus_buffer_view(&note);
    size_t from = onus_str_find(bytes, ONUS_STR("\n\n")) + 2;
    size_t to = from + onus_str_find_char(onus_str_from(bytes, from), '\n') + 1;
    struct onus_buffer without = {.limit = 0};
    onus_buffer_add_str(&without, onus_str_sub(bytes, 0, from));
    onus_buffer_add_str(&without, onus_str_from(bytes, to));
    with_note(p, onus_buffer_view(&without));
    must_refute(p, "has not signed");
    onus_buffer_clear(&note);
    onus_buffer_clear(&without);
}

static void the_key_of_another_log_does_not_sign_for_this_one(void **state)
{
    struct probe *p = *state;
    with_note(p,
            scene_sign(&p->scene, ONUS_STR("acme.example/evidence\n9\n" ROOT "\n"), 1, all_times));
    must_refute(p, "has not signed");
}

static void the_quorum_is_reached(void **state)
{
    struct probe *p = *state;
    sign_body(p, "acme.example/evidence\n9\n" ROOT "\n", (const uint64_t[]){5, 0, 0});
    must_refute(p, "quorum");
    sign_body(p, "acme.example/evidence\n9\n" ROOT "\n", (const uint64_t[]){0, 0, 0});
    must_refute(p, "quorum");
}

static void a_witness_counts_once(void **state)
{
    struct probe *p = *state;
    struct onus_str text = ONUS_STR("acme.example/evidence\n9\n" ROOT "\n");
    struct onus_str once = scene_sign(&p->scene, text, 0, (const uint64_t[]){5, 0, 0});
    struct onus_str again = scene_sign(&p->scene, text, 0, (const uint64_t[]){6, 0, 0});
    struct onus_buffer note = {.limit = 0};
    onus_buffer_add_str(&note, once);
    size_t last = onus_str_rfind(again, ONUS_STR("\n\xe2\x80\x94 w1")) + 1;
    onus_buffer_add_str(&note, onus_str_from(again, last));
    with_note(p, onus_buffer_view(&note));
    must_refute(p, "quorum");
    onus_buffer_clear(&note);
}

static void a_signature_that_does_not_check_refutes_the_note(void **state)
{
    struct probe *p = *state;
    struct onus_str texts[] = {ONUS_STR("acme.example/evidence\n9\n" ROOT "\n"),
            ONUS_STR("acme.example/evidence\n8\n" ROOT "\n")};
    struct onus_str one = scene_sign(&p->scene, texts[0], 0, (const uint64_t[]){5, 6, 0});
    struct onus_str two = scene_sign(&p->scene, texts[1], 0, (const uint64_t[]){0, 0, 7});
    struct onus_buffer note = {.limit = 0};
    onus_buffer_add_str(&note, one);
    size_t last = onus_str_rfind(two, ONUS_STR("\n\xe2\x80\x94 w3")) + 1;
    onus_buffer_add_str(&note, onus_str_from(two, last));
    with_note(p, onus_buffer_view(&note));
    must_refute(p, "does not check"); /* although the quorum of the others is reached */
    onus_buffer_clear(&note);
}

static void a_time_after_the_year_9999_is_refused(void **state)
{
    struct probe *p = *state;
    sign_body(p, "acme.example/evidence\n9\n" ROOT "\n",
            (const uint64_t[]){5, 6, ONUS_TIME_LAST + 1});
    must_refute(p, "after the year 9999");
    sign_body(p, "acme.example/evidence\n9\n" ROOT "\n",
            (const uint64_t[]){5, 6, (uint64_t)INT64_MAX + 1});
    must_refute(p, "above 2^63 - 1");
}

static void older_checkpoint_and_beacon_are_judged_like_the_first(void **state)
{
    struct probe *p = *state;
    static const char *const keywords[] = {"older-checkpoint", "beacon"};
    for (size_t i = 0; i < ONUS_COUNT(keywords); i++) {
        begin(p);
        scene_note(&p->bundle, keywords[i],
                scene_sign(&p->scene, ONUS_STR("other.example/log\n9\n" ROOT "\n"), 1,
                        (const uint64_t[]){5, 0, 0}));
        head(p, SCENE_FIRST, 0);
        end(p, 0);
        must_refute(p, "quorum");
        assert_true(onus_str_begins(onus_str_of(p->err.text), onus_str_of(keywords[i])));
    }
}

/* ---- groups ---------------------------------------------------------------------------------- */

static void indexes_of_batches_ascend(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0);
    head(p, SCENE_SECOND, 0);
    end(p, 0);
    must_hold(p);
    begin(p);
    head(p, SCENE_SECOND, 0);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    must_refute(p, "indexes of batches do not ascend");
    begin(p);
    head(p, SCENE_FIRST, 0);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    must_refute(p, "indexes of batches do not ascend");
}

static void an_index_is_below_the_size(void **state)
{
    struct probe *p = *state;
    static const char *const others[] = {"batch 2\n", "batch 9\n", "batch 10\n",
            "batch 999999999999999999\n"};
    for (size_t i = 0; i < ONUS_COUNT(others); i++) {
        begin(p);
        head(p, SCENE_FIRST, 0);
        end(p, 0);
        swap(p, "batch 1\n", others[i]);
        must_refute(p, "entry of the log");
    }
}

/* Without its last hash, and with one more. */
static void a_path_has_the_length_of_index_and_size(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    struct onus_str bytes = onus_buffer_view(&p->bundle);
    size_t at = onus_str_find(bytes, ONUS_STR("\nh ")) + 1;
    char line[48];
    memcpy(line, bytes.ptr + at, 47);
    line[47] = '\0';
    swap(p, line, "");
    must_refute(p, "wrong length");
    begin(p);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    swap(p, "manifest 13", "h " ROOT "\nmanifest 13");
    must_refute(p, "wrong length");
}

static void a_log_of_one_and_of_no_entry(void **state)
{
    struct probe *p = *state;
    struct onus_buffer text = {.limit = 0};
    onus_buffer_add_text(&text, "acme.example/evidence\n1\n");
    const struct scene_group *group = &p->scene.groups[SCENE_FIRST];
    struct onus_buffer root = {.limit = 0};
    for (int size = 1; size >= 0; size--) {
        char encoded[64] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; /* SHA-256 of nothing */
        if (size == 1) {
            scene_digest_text(&root, &group->head.hash);
            onus_buffer_add_char(&root, '\0');
            (void)snprintf(encoded, sizeof(encoded), "%s", root.ptr);
        }
        char body[128];
        (void)snprintf(body, sizeof(body), "acme.example/evidence\n%d\n%s\n", size, encoded);
        struct onus_buffer whole = {.limit = 0};
        scene_head(&whole, &p->scene, SCENE_FIRST, 0);
        struct onus_str words = onus_buffer_view(&whole);
        p->bundle.len = 0;
        put(p, "onus/bundle/v1\n");
        scene_note(&p->bundle, "checkpoint",
                scene_sign(&p->scene, onus_str_of(body), 0, all_times));
        put(p, "batch 0\n");
        onus_buffer_add_str(&p->bundle,
                onus_str_from(words, onus_str_find(words, ONUS_STR("manifest"))));
        end(p, 0);
        if (size == 1) {
            must_hold(p);
        } else {
            must_refute(p, "entry of the log");
        }
        onus_buffer_clear(&whole);
    }
    onus_buffer_clear(&text);
    onus_buffer_clear(&root);
}

static void tag_and_seq_are_covered(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    swap(p, "a1a1 0\n", "a1a1 3\n");
    must_refute(p, "the path leads to another root");
    begin(p);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    swap(p, "manifest 13 a1", "manifest 13 a2");
    must_refute(p, "the path leads to another root");
    begin(p);
    head(p, SCENE_ROLLUP, 0);
    end(p, 0);
    swap(p, "a1a1 0 1\n", "a1a1 0 2\n");
    must_refute(p, "the path leads to another root");
    begin(p);
    head(p, SCENE_ROLLUP, 0);
    end(p, 0);
    swap(p, "a1a1 0 1\n", "a1a1 1 0\n");
    must_refute(p, "a roll-up ends before it begins");
}

static void a_profile_is_no_other(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0);
    end(p, 0);
    swap(p, "manifest 13", "rollup 13");
    swap(p, "a1a1 0\n", "a1a1 0 0\n");
    must_refute(p, "the path leads to another root");
    begin(p);
    head(p, SCENE_PARTS, 0x180);
    record(p, SCENE_PARTS, 0, 0);
    end(p, 1);
    must_hold(p);
    swap(p, "record 0 S 4", "record 0 G 4");
    must_refute(p, "record: the path leads to another root");
}

static void the_kind_of_a_slot_is_that_of_its_place(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, SCENE_ALL);
    end(p, 0);
    must_hold(p);
    swap(p, "\no 46 ", "\no 47 ");
    must_refute(p, "another kind than its place");
    begin(p);
    head(p, SCENE_SOURCE, SCENE_ALL);
    end(p, 0);
    must_hold(p);
    swap(p, "\no 50 ", "\no 40 ");
    must_refute(p, "another kind than its place");
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, 1);
    end(p, 1);
    swap(p, "\no 10 ", "\no 11 ");
    must_refute(p, "a kind its profile does not have");
    begin(p);
    head(p, SCENE_PARTS, 0x180);
    record(p, SCENE_PARTS, 0, 1);
    end(p, 1);
    must_hold(p);
    swap(p, "\no 11 ", "\no 1d ");
    must_refute(p, "a kind its profile does not have");
    begin(p);
    head(p, SCENE_FIRST, 0x200);
    scene_count(&p->bundle, &p->scene, SCENE_FIRST, "203.0.113.7");
    end(p, 1);
    must_hold(p);
    swap(p, "\no 21 ", "\no 23 ");
    must_refute(p, "a slot of a row");
}

static void values_have_their_sizes(void **state)
{
    struct probe *p = *state;
    static const struct {
        const char *kind;
        const char *value; /* hexadecimal, or what is put for it */
    } wrong[] = {
            {"40", ""},
            {"43", "01"},
            {"44", "000000000000000000"},
            {"45", ""},
            {"46", "00"},
            {"47", ""},
            {"48", "00"},
            {"49", "00"},
            {"4b", "00"},
    };
    for (size_t i = 0; i < ONUS_COUNT(wrong); i++) {
        begin(p);
        head(p, SCENE_FIRST, SCENE_ALL);
        end(p, 0);
        char begins[8];
        (void)snprintf(begins, sizeof(begins), "\no %s ", wrong[i].kind);
        struct onus_str bytes = onus_buffer_view(&p->bundle);
        size_t at = onus_str_find(bytes, onus_str_of(begins)) + 1;
        size_t length = onus_str_find_char(onus_str_from(bytes, at), '\n');
        char line[256];
        (void)snprintf(line, sizeof(line), "%.*s", (int)length, bytes.ptr + at);
        char other[256];
        (void)snprintf(other, sizeof(other), "%.38s%zu:%s", line, strlen(wrong[i].value) / 2,
                wrong[i].value);
        swap(p, line, other);
        must_refute(p, "a value of the wrong size");
    }
}

static void times_on_lines_are_before_the_year_10000(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, SCENE_ALL);
    end(p, 0);
    swap(p, " 8:00000000", " 8:10000000"); /* slot 43 */
    must_refute(p, "a time in the head is after the year 9999");
}

static void two_groups_of_a_source_do_not_overlap(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_SECOND, 0);
    head(p, SCENE_ROLLUP, 0);
    end(p, 0);
    must_refute(p, "two groups of one source cover the same batch");
    begin(p);
    head(p, SCENE_THIRD, 0);
    head(p, SCENE_ROLLUP, 0);
    end(p, 0);
    must_hold(p);
}

/* ---- records --------------------------------------------------------------------------------- */

static void a_record_needs_the_tree_of_its_lines_open(void **state)
{
    struct probe *p = *state;
    static const uint32_t masks[] = {0, 0x80, 0x100};
    for (size_t i = 0; i < ONUS_COUNT(masks); i++) {
        begin(p);
        head(p, SCENE_FIRST, masks[i]);
        record(p, SCENE_FIRST, 0, 1);
        end(p, 1);
        must_refute(p, "slots 47 and 48 open");
    }
    begin(p);
    head(p, SCENE_ROLLUP, SCENE_ALL);
    record(p, SCENE_FIRST, 0, 1);
    end(p, 1);
    must_refute(p, "slots 47 and 48 open");
    begin(p);
    head(p, SCENE_SOURCE, SCENE_ALL);
    record(p, SCENE_FIRST, 0, 1);
    end(p, 1);
    must_refute(p, "slots 47 and 48 open");
}

static void no_record_stands_twice(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, 1);
    record(p, SCENE_FIRST, 0, 2);
    end(p, 2);
    must_refute(p, "indexes of records do not ascend");
    begin(p);
    head(p, SCENE_FIRST, 0x380);
    record(p, SCENE_FIRST, 0, 1);
    scene_count(&p->bundle, &p->scene, SCENE_FIRST, "203.0.113.7");
    record(p, SCENE_FIRST, 0, 1);
    end(p, 3);
    must_refute(p, "indexes of records do not ascend");
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 2, 1);
    record(p, SCENE_FIRST, 1, 1);
    end(p, 2);
    must_refute(p, "indexes of records do not ascend");
}

static void a_record_stands_where_it_says(void **state)
{
    struct probe *p = *state;
    static const char *const others[] = {"record 1 G 8\n", "record 2 G 8\n", "record 3 G 8\n",
            "record 999999999999999999 G 8\n"};
    for (size_t i = 0; i < ONUS_COUNT(others); i++) {
        plain(p);
        swap(p, "record 0 G 8\n", others[i]);
        must_refute(p, "record: ");
    }
}

static void a_line_of_another_batch_is_refused(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_SECOND, 0x180);
    record(p, SCENE_FIRST, 0, 1);
    end(p, 1);
    must_refute(p, "record: ");
}

static void flags_say_the_profile(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x1180);
    record(p, SCENE_FIRST, 0, 1);
    end(p, 1);
    must_hold(p);
    begin(p);
    head(p, SCENE_PARTS, 0x1180);
    record(p, SCENE_PARTS, 0, 1);
    end(p, 1);
    must_hold(p);
    begin(p);
    head(p, SCENE_FIRST, 0x1180);
    record(p, SCENE_PARTS, 0, 1);
    end(p, 1);
    must_refute(p, "slot 4c does not say the profile");
}

static void a_group_has_lines_or_parts(void **state)
{
    struct probe *p = *state;
    begin(p);
    head(p, SCENE_FIRST, 0x180);
    record(p, SCENE_FIRST, 0, 1);
    record(p, SCENE_PARTS, 1, 1);
    end(p, 2);
    must_refute(p, "lines or parts of lines, not both");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(one_value_has_one_spelling),
            cmocka_unit_test(unused_bits_of_base64_are_zero),
            cmocka_unit_test(the_end_counts_what_is_shown),
            cmocka_unit_test(a_bundle_has_a_batch),
            cmocka_unit_test(sections_stand_in_their_order),
            cmocka_unit_test(at_most_eight_tokens),
            cmocka_unit_test(a_value_of_a_record_has_no_line_feed),
            cmocka_unit_test(a_length_beyond_the_end_is_refused),
            cmocka_unit_test(a_path_has_at_most_64_hashes),
            cmocka_unit_test(a_checkpoint_has_three_lines_and_no_more),
            cmocka_unit_test(the_log_has_signed),
            cmocka_unit_test(the_key_of_another_log_does_not_sign_for_this_one),
            cmocka_unit_test(the_quorum_is_reached),
            cmocka_unit_test(a_witness_counts_once),
            cmocka_unit_test(a_signature_that_does_not_check_refutes_the_note),
            cmocka_unit_test(a_time_after_the_year_9999_is_refused),
            cmocka_unit_test(older_checkpoint_and_beacon_are_judged_like_the_first),
            cmocka_unit_test(indexes_of_batches_ascend),
            cmocka_unit_test(an_index_is_below_the_size),
            cmocka_unit_test(a_path_has_the_length_of_index_and_size),
            cmocka_unit_test(a_log_of_one_and_of_no_entry),
            cmocka_unit_test(tag_and_seq_are_covered),
            cmocka_unit_test(a_profile_is_no_other),
            cmocka_unit_test(the_kind_of_a_slot_is_that_of_its_place),
            cmocka_unit_test(values_have_their_sizes),
            cmocka_unit_test(times_on_lines_are_before_the_year_10000),
            cmocka_unit_test(two_groups_of_a_source_do_not_overlap),
            cmocka_unit_test(a_record_needs_the_tree_of_its_lines_open),
            cmocka_unit_test(no_record_stands_twice),
            cmocka_unit_test(a_record_stands_where_it_says),
            cmocka_unit_test(a_line_of_another_batch_is_refused),
            cmocka_unit_test(flags_say_the_profile),
            cmocka_unit_test(a_group_has_lines_or_parts),
    };
    return cmocka_run_group_tests(tests, probe_setup, probe_teardown);
}
