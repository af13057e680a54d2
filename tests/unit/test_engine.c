/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: lines become tries, tries become runs, and runs become incidents as
 * docs/detection.md says.
 * Oracle: invented events whose counts are plain from the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine_scene.h"

#define GUESSER "198.51.100.7"
#define PERSON  "192.0.2.10"
#define EXPLOIT ONUS_FINDING_BIT(ONUS_FINDING_TRAVERSAL)
#define SECRET  ONUS_FINDING_BIT(ONUS_FINDING_SECRET_FILE)
#define CRAWLER ONUS_FINDING_BIT(ONUS_FINDING_CRAWLER)

struct played {
    struct scene scene;
    struct onus_engine *engine;
    struct onus_trace_result result;
};

static void play(struct played *played)
{
    struct scene_run how = {.seed = 1};
    assert_int_equal(scene_play(&played->scene, &how, &played->engine, &played->result), ONUS_OK);
}

static void done(struct played *played)
{
    onus_engine_free(played->engine);
    onus_arena_clear(&played->result.arena);
    scene_clear(&played->scene);
}

static int64_t at_minute(int64_t minute)
{
    return SCENE_START + minute * MINUTE;
}

static void five_failures_of_one_source_are_password_guessing(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 5; i++) {
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, "root");
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    const struct onus_trace_incident *incident = &p.result.incidents[0];
    assert_int_equal(incident->kind, ONUS_INCIDENT_PASSWORD_GUESSING);
    assert_int_equal(incident->attempts, 5);
    assert_int_equal(incident->lines, 5);
    assert_int_equal(incident->first, at_minute(0));
    assert_int_equal(incident->last, at_minute(4));
    assert_int_equal(incident->accounts_total, 1);
    assert_int_equal(incident->accounts[0].count, 5);
    assert_int_equal(incident->ref_count, 5);
    assert_string_equal(incident->why[0].ptr,
            "rule password-guessing: at least 5 failed attempts with no silence over 1 h; 5 failed "
            "attempts on 1 account in 4 min");
    assert_int_equal(p.result.attempts, 5);
    assert_int_equal(p.result.source_count, 1);
    assert_string_equal(p.result.sources[0].name.ptr, GUESSER);
    assert_int_equal(p.result.sources[0].incidents[0], 0);
    done(&p);
}

static void four_failures_are_none(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 4; i++) {
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, "root");
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 0);
    assert_int_equal(p.result.attempts, 4);
    done(&p);
}

static size_t incidents_of_three_mail_failures(int64_t apart, uint8_t service, uint32_t tries)
{
    struct played p = {0};
    for (int i = 0; i < 3; i++) {
        struct onus_event *event =
                scene_login(&p.scene, PERSON, at_minute(1) + i * apart, ONUS_OUTCOME_FAILED, NULL);
        event->service = service;
        event->count = tries;
        if (tries > 1) {
            break; /* one line for all of them */
        }
    }
    play(&p);
    assert_int_equal(p.result.attempts, 3);
    size_t count = p.result.incident_count;
    done(&p);
    return count;
}

static void a_person_who_mistypes_three_times_is_no_incident(void **state)
{
    (void)state;
    assert_int_equal(incidents_of_three_mail_failures(MINUTE, ONUS_SERVICE_SMTP, 1), 0);
    assert_int_equal(incidents_of_three_mail_failures(2 * ONUS_USEC, ONUS_SERVICE_SMTP, 1), 0);
    assert_int_equal(incidents_of_three_mail_failures(2 * ONUS_USEC, ONUS_SERVICE_SSH, 1), 0);
}

static void three_mail_failures_within_three_seconds_are(void **state)
{
    (void)state;
    assert_int_equal(incidents_of_three_mail_failures(ONUS_USEC, ONUS_SERVICE_SMTP, 1), 1);
    assert_int_equal(incidents_of_three_mail_failures(ONUS_USEC, ONUS_SERVICE_POP3, 1), 1);
    assert_int_equal(incidents_of_three_mail_failures(ONUS_USEC, ONUS_SERVICE_SSH, 1), 0);
    /* One line that stands for three says nothing about their pace. */
    assert_int_equal(incidents_of_three_mail_failures(0, ONUS_SERVICE_IMAP, 3), 0);
}

static void silence_longer_than_the_gap_ends_a_run(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 10; i++) {
        int64_t gap = i >= 5 ? 61 : 0; /* silence of 61 minutes after the fifth */
        scene_login(&p.scene, GUESSER, at_minute(i + gap - (i >= 5)), ONUS_OUTCOME_FAILED, "root");
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 2);
    done(&p);
}

static void silence_of_exactly_the_gap_does_not(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 5; i++) {
        scene_login(&p.scene, GUESSER, at_minute(i * 60), ONUS_OUTCOME_FAILED, "root");
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].attempts, 5);
    done(&p);
}

/* The four lines of sshd about one try of an account that does not exist. */
static void add_one_try_in_four_lines(struct scene *scene, int64_t time, uint64_t session)
{
    static const enum onus_role roles[] = {ONUS_ROLE_ACCOUNT, ONUS_ROLE_STACK, ONUS_ROLE_ATTEMPT,
            ONUS_ROLE_CLOSE};
    for (size_t i = 0; i < ONUS_COUNT(roles); i++) {
        struct onus_event *event = scene_login(scene, GUESSER, time + (int64_t)i * ONUS_USEC,
                roles[i] == ONUS_ROLE_STACK ? ONUS_OUTCOME_FAILED : ONUS_OUTCOME_NO_ACCOUNT,
                roles[i] == ONUS_ROLE_STACK ? NULL : "oracle");
        event->role = (uint8_t)roles[i];
        event->session = session;
    }
}

static void one_try_in_four_lines_is_one_attempt(void **state)
{
    (void)state;
    struct played p = {0};
    for (uint64_t i = 0; i < 6; i++) {
        add_one_try_in_four_lines(&p.scene, at_minute((int64_t)i), 100 + i);
    }
    play(&p);
    assert_int_equal(p.result.attempts, 6);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].attempts, 6);
    assert_int_equal(p.result.incidents[0].lines, 24);
    assert_int_equal(p.result.incidents[0].accounts[0].count, 6);
    done(&p);
}

static void a_summary_line_adds_nothing(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 6; i++) {
        scene_login(&p.scene, GUESSER, at_minute(0), ONUS_OUTCOME_FAILED, "root")->session = 9;
    }
    struct onus_event *summary =
            scene_login(&p.scene, GUESSER, at_minute(1), ONUS_OUTCOME_FAILED, "root");
    summary->session = 9;
    summary->role = ONUS_ROLE_SUMMARY;
    summary->count = 6;
    play(&p);
    assert_int_equal(p.result.attempts, 6);
    assert_int_equal(p.result.incidents[0].lines, 7);
    done(&p);
}

static void a_line_that_stands_for_many_counts_as_many(void **state)
{
    (void)state;
    struct played p = {0};
    scene_login(&p.scene, GUESSER, at_minute(0), ONUS_OUTCOME_FAILED, "root")->count = 7;
    play(&p);
    assert_int_equal(p.result.attempts, 7);
    assert_int_equal(p.result.incident_count, 1);
    done(&p);
}

static void success_after_guessing_comes_first_and_names_the_account(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 90; i++) {
        scene_web(&p.scene, "203.0.113.9", at_minute(i), "/../../etc/passwd", 404, EXPLOIT);
    }
    for (int i = 0; i < 5; i++) {
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, "root");
    }
    scene_login(&p.scene, GUESSER, at_minute(9), ONUS_OUTCOME_SUCCEEDED, "backup");
    play(&p);
    assert_int_equal(p.result.incident_count, 2);
    const struct onus_trace_incident *incident = &p.result.incidents[0];
    assert_int_equal(incident->kind, ONUS_INCIDENT_LOGIN_AFTER_GUESSING);
    assert_int_equal(incident->attempts, 5);
    assert_int_equal(incident->succeeded, 1);
    assert_string_equal(incident->accounts[0].name.ptr, "backup");
    assert_int_equal(incident->accounts[0].succeeded, 1);
    assert_int_equal(incident->why_count, 2);
    assert_memory_equal(incident->why[1].ptr, "1 login succeeded on 'backup', the last at ", 42);
    done(&p);
}

static void success_before_the_guessing_is_not_success_after_it(void **state)
{
    (void)state;
    struct played p = {0};
    scene_login(&p.scene, GUESSER, at_minute(0), ONUS_OUTCOME_SUCCEEDED, "backup");
    for (int i = 0; i < 5; i++) {
        scene_login(&p.scene, GUESSER, at_minute(1 + i), ONUS_OUTCOME_FAILED, "root");
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_PASSWORD_GUESSING);
    done(&p);
}

static void a_person_who_mistypes_and_gets_in_is_not_flagged(void **state)
{
    (void)state;
    struct played p = {0};
    for (int day = 0; day < 4; day++) {
        for (int i = 0; i < 3; i++) {
            scene_login(&p.scene, PERSON, at_minute(day * 30 + i), ONUS_OUTCOME_FAILED, "alice");
        }
        scene_login(&p.scene, PERSON, at_minute(day * 30 + 4), ONUS_OUTCOME_SUCCEEDED, "alice");
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 0);
    done(&p);
}

static void a_login_without_failures_is_no_attempt(void **state)
{
    (void)state;
    struct played p = {0};
    scene_login(&p.scene, PERSON, at_minute(0), ONUS_OUTCOME_SUCCEEDED, "alice");
    play(&p);
    assert_int_equal(p.result.attempts, 0);
    assert_int_equal(p.result.succeeded, 1);
    assert_int_equal(p.result.source_count, 0);
    assert_int_equal(p.result.source_count_all, 1);
    done(&p);
}

static void many_accounts_few_tries_each_are_spraying(void **state)
{
    (void)state;
    static char names[20][16];
    struct played p = {0};
    for (int i = 0; i < 40; i++) {
        (void)snprintf(names[i % 20], sizeof(names[0]), "user%d", i % 20);
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, names[i % 20]);
    }
    play(&p);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_PASSWORD_SPRAYING);
    assert_int_equal(p.result.incidents[0].accounts_total, 20);
    done(&p);
}

static void many_mail_addresses_once_each_are_stuffing(void **state)
{
    (void)state;
    static char names[20][32];
    struct played p = {0};
    for (int i = 0; i < 20; i++) {
        (void)snprintf(names[i], sizeof(names[0]), "user%d@example.org", i);
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, names[i])->service =
                ONUS_SERVICE_CLOUD;
    }
    play(&p);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_CREDENTIAL_STUFFING);
    done(&p);
}

static void unknown_accounts_without_a_password_are_enumeration(void **state)
{
    (void)state;
    static char names[8][16];
    struct played p = {0};
    for (int i = 0; i < 8; i++) {
        (void)snprintf(names[i], sizeof(names[0]), "user%d", i);
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_NO_ACCOUNT, names[i])->role =
                ONUS_ROLE_ACCOUNT;
    }
    play(&p);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_ACCOUNT_ENUMERATION);
    done(&p);
}

static void four_misses_half_an_hour_apart_over_imap_and_pop3_are_found(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 4; i++) {
        scene_login(&p.scene, GUESSER, at_minute(i * 30), ONUS_OUTCOME_FAILED, "a@example.org")
                ->service = i == 2 ? ONUS_SERVICE_POP3 : ONUS_SERVICE_IMAP;
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_string_equal(p.result.incidents[0].service.ptr, "imap+pop3");
    done(&p);
}

static void one_confirmed_exploit_is_an_incident(void **state)
{
    (void)state;
    struct played p = {0};
    scene_web(&p.scene, GUESSER, at_minute(0), "/cgi-bin/.%2e/.%2e/bin/sh", 404, EXPLOIT);
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_EXPLOIT_ATTEMPT);
    assert_string_equal(p.result.incidents[0].findings[0].name.ptr, "path-traversal");
    assert_string_equal(p.result.incidents[0].targets[0].name.ptr, "/cgi-bin/.%2e/.%2e/bin/sh");
    assert_int_equal(p.result.attempts, 1);
    done(&p);
}

static void three_probes_are_probing_and_two_are_none(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 3; i++) {
        scene_web(&p.scene, GUESSER, at_minute(i), "/.env", 404, SECRET);
    }
    for (int i = 0; i < 2; i++) {
        scene_web(&p.scene, PERSON, at_minute(i), "/.env", 404, SECRET);
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_WEB_PROBING);
    assert_int_equal(p.result.incidents[0].attempts, 3);
    assert_int_equal(p.result.attempts, 5);
    done(&p);
}

static void many_distinct_refused_paths_are_probing_and_one_path_again_is_not(void **state)
{
    (void)state;
    static char paths[11][16];
    struct played p = {0};
    for (int i = 0; i < 11; i++) {
        (void)snprintf(paths[i], sizeof(paths[0]), "/page%d", i);
        scene_web(&p.scene, GUESSER, at_minute(i), paths[i], 404, 0);
        scene_web(&p.scene, PERSON, at_minute(i), "/old-page", 404, 0);
        scene_web(&p.scene, "192.0.2.11", at_minute(i), paths[i], 404, CRAWLER);
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_string_equal(p.result.sources[p.result.incidents[0].sources[0]].name.ptr, GUESSER);
    assert_int_equal(p.result.attempts, 0);
    done(&p);
}

static void a_crawler_that_guesses_is_no_longer_benign(void **state)
{
    (void)state;
    struct played p = {0};
    scene_web(&p.scene, GUESSER, at_minute(0), "/etc/../passwd", 404, CRAWLER | EXPLOIT);
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_false(p.result.sources[0].benign);
    done(&p);
}

static void a_census_that_only_looks_is_listed_as_benign(void **state)
{
    (void)state;
    const onus_findings census = ONUS_FINDING_BIT(ONUS_FINDING_RESEARCH_SCANNER);
    struct played p = {0};
    for (int i = 0; i < 5; i++) {
        scene_web(&p.scene, PERSON, at_minute(i), "/", 400,
                census | ONUS_FINDING_BIT(ONUS_FINDING_BINARY_REQUEST));
        scene_web(&p.scene, GUESSER, at_minute(i), "/", 400,
                census | ONUS_FINDING_BIT(ONUS_FINDING_BINARY_REQUEST));
    }
    scene_web(&p.scene, GUESSER, at_minute(9), "/../etc/passwd", 404, census | EXPLOIT);
    play(&p);
    assert_int_equal(p.result.attempts, 6);
    assert_int_equal(p.result.incident_count, 2); /* both of the one that did worse */
    assert_int_equal(p.result.source_count, 2);
    assert_string_equal(p.result.sources[1].name.ptr, PERSON);
    assert_true(p.result.sources[1].benign);
    assert_false(p.result.sources[0].benign);
    done(&p);
}

static void uncached_requests_in_one_moment_are_a_flood(void **state)
{
    (void)state;
    static char paths[31][16];
    struct played p = {0};
    for (int i = 0; i < 31; i++) {
        (void)snprintf(paths[i], sizeof(paths[0]), "/?%d", i * 7);
        scene_web(&p.scene, GUESSER, at_minute(0), paths[i], 200, 0);
        scene_web(&p.scene, PERSON, at_minute(0), "/logo.png?1", 200, 0)->marks = ONUS_MARK_STATIC;
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_REQUEST_FLOOD);
    assert_int_equal(p.result.incidents[0].attempts, 31);
    done(&p);
}

static struct onus_event *scene_packet(struct scene *scene, const char *address, int64_t time,
        uint16_t port)
{
    struct onus_event *event = scene_add(scene, address, time);
    event->kind = ONUS_EVENT_CONNECTION;
    event->service = ONUS_SERVICE_NETWORK;
    event->outcome = ONUS_OUTCOME_FAILED;
    event->marks = ONUS_MARK_SPOOFABLE;
    event->has_dest = onus_address_parse(ONUS_STR("203.0.113.1"), &event->dest);
    event->dest_port = port;
    return event;
}

static void many_ports_are_a_scan_and_one_port_again_is_not(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 16; i++) {
        scene_packet(&p.scene, GUESSER, at_minute(i), (uint16_t)(1000 + i));
        scene_packet(&p.scene, PERSON, at_minute(i), 443);
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].kind, ONUS_INCIDENT_PORT_SCAN);
    assert_int_equal(p.result.incidents[0].attempts, 16);
    assert_int_equal(p.result.attempts, 0);
    assert_int_equal(p.result.probes, 32);
    assert_int_equal(p.result.sources[0].handshake, 0);
    done(&p);
}

static void a_connection_that_named_an_account_is_no_probe(void **state)
{
    (void)state;
    struct played p = {0};
    for (uint64_t i = 0; i < 20; i++) {
        scene_login(&p.scene, GUESSER, at_minute(0), ONUS_OUTCOME_FAILED, "root")->session = 50 + i;
        struct onus_event *end =
                scene_login(&p.scene, GUESSER, at_minute(0), ONUS_OUTCOME_PROBED, NULL);
        end->session = 50 + i;
        end->role = ONUS_ROLE_CLOSE;
    }
    play(&p);
    assert_int_equal(p.result.probes, 0);
    assert_int_equal(p.result.attempts, 20);
    assert_int_equal(p.result.incident_count, 1);
    done(&p);
}

static void a_refused_web_login_in_two_logs_is_one_attempt(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 6; i++) {
        scene_web(&p.scene, GUESSER, at_minute(i), "/admin", 401,
                ONUS_FINDING_BIT(ONUS_FINDING_LOGIN_REFUSED));
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_NO_ACCOUNT, "foo")->service =
                ONUS_SERVICE_HTTP;
    }
    play(&p);
    assert_int_equal(p.result.attempts, 6);
    assert_int_equal(p.result.incident_count, 1);
    assert_int_equal(p.result.incidents[0].accounts[0].count, 6);
    done(&p);
}

static void each_line_of_an_incident_leads_back_to_it(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 6; i++) {
        scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, "root");
    }
    struct onus_event *late =
            scene_login(&p.scene, GUESSER, at_minute(300), ONUS_OUTCOME_FAILED, "root");
    size_t late_index = (size_t)(late - p.scene.events);
    play(&p);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(onus_engine_incident_of(p.engine, &p.scene.events[i]), 0);
    }
    assert_int_equal(onus_engine_incident_of(p.engine, &p.scene.events[late_index]), SIZE_MAX);
    done(&p);
}

static void lines_without_a_source_belong_to_their_machine(void **state)
{
    (void)state;
    struct played p = {0};
    for (int i = 0; i < 5; i++) {
        scene_login(&p.scene, NULL, at_minute(i), ONUS_OUTCOME_FAILED, "root")->service =
                ONUS_SERVICE_LOCAL;
        struct onus_event *half =
                scene_login(&p.scene, NULL, at_minute(i), ONUS_OUTCOME_FAILED, "root");
        half->role = ONUS_ROLE_STACK; /* of a network login: its source stands on another line */
    }
    play(&p);
    assert_int_equal(p.result.incident_count, 1);
    assert_string_equal(p.result.sources[0].name.ptr, "(local) host");
    assert_false(p.result.sources[0].is_address);
    assert_int_equal(p.result.attempts, 5);
    done(&p);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    bool finished = false;
    long n = 0;
    for (; !finished; n++) {
        struct played p = {0};
        for (int i = 0; i < 12; i++) {
            static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
            scene_login(&p.scene, GUESSER, at_minute(i), ONUS_OUTCOME_FAILED, names[i % 6]);
            scene_login(&p.scene, "198.51.100.8", at_minute(i), ONUS_OUTCOME_FAILED, names[i % 6]);
            scene_web(&p.scene, PERSON, at_minute(i), "/.env", 404, SECRET);
            scene_packet(&p.scene, NULL, at_minute(i), 1)->source_name = ONUS_STR("a.example.org");
        }
        struct scene_run how = {.seed = 1};
        onus_arena_fail_after(n);
        enum onus_code code = scene_play(&p.scene, &how, &p.engine, &p.result);
        onus_arena_fail_after(-1);
        finished = code == ONUS_OK;
        assert_true(finished || code == ONUS_E_MEMORY);
        assert_true(!finished || p.result.incident_count == 3);
        done(&p);
    }
    assert_in_range(n, 5, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(five_failures_of_one_source_are_password_guessing),
            cmocka_unit_test(four_failures_are_none),
            cmocka_unit_test(a_person_who_mistypes_three_times_is_no_incident),
            cmocka_unit_test(three_mail_failures_within_three_seconds_are),
            cmocka_unit_test(silence_longer_than_the_gap_ends_a_run),
            cmocka_unit_test(silence_of_exactly_the_gap_does_not),
            cmocka_unit_test(one_try_in_four_lines_is_one_attempt),
            cmocka_unit_test(a_summary_line_adds_nothing),
            cmocka_unit_test(a_line_that_stands_for_many_counts_as_many),
            cmocka_unit_test(success_after_guessing_comes_first_and_names_the_account),
            cmocka_unit_test(success_before_the_guessing_is_not_success_after_it),
            cmocka_unit_test(a_person_who_mistypes_and_gets_in_is_not_flagged),
            cmocka_unit_test(a_login_without_failures_is_no_attempt),
            cmocka_unit_test(many_accounts_few_tries_each_are_spraying),
            cmocka_unit_test(many_mail_addresses_once_each_are_stuffing),
            cmocka_unit_test(unknown_accounts_without_a_password_are_enumeration),
            cmocka_unit_test(four_misses_half_an_hour_apart_over_imap_and_pop3_are_found),
            cmocka_unit_test(one_confirmed_exploit_is_an_incident),
            cmocka_unit_test(three_probes_are_probing_and_two_are_none),
            cmocka_unit_test(many_distinct_refused_paths_are_probing_and_one_path_again_is_not),
            cmocka_unit_test(a_crawler_that_guesses_is_no_longer_benign),
            cmocka_unit_test(a_census_that_only_looks_is_listed_as_benign),
            cmocka_unit_test(uncached_requests_in_one_moment_are_a_flood),
            cmocka_unit_test(many_ports_are_a_scan_and_one_port_again_is_not),
            cmocka_unit_test(a_connection_that_named_an_account_is_no_probe),
            cmocka_unit_test(a_refused_web_login_in_two_logs_is_one_attempt),
            cmocka_unit_test(each_line_of_an_incident_leads_back_to_it),
            cmocka_unit_test(lines_without_a_source_belong_to_their_machine),
            cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("trace/engine", tests, NULL, NULL);
}
