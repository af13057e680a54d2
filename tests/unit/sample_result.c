/* SPDX-License-Identifier: Apache-2.0 */
#include "sample_result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY   ((int64_t)86400 * ONUS_USEC)
#define HOUR  ((int64_t)3600 * ONUS_USEC)
#define START ((int64_t)1767916800 * ONUS_USEC) /* 2026-01-09T00:00:00Z */

struct sample {
    struct onus_arena *arena;
    bool hostile;
};

static void *room(const struct sample *sample, size_t count, size_t size)
{
    void *got = onus_arena_alloc(sample->arena, (count ? count : 1) * size);
    if (!got) {
        abort();
    }
    return got;
}

static struct onus_str text(const struct sample *sample, const char *plain)
{
    char joined[512];
    int len =
            snprintf(joined, sizeof(joined), "%s%s", sample->hostile ? SAMPLE_HOSTILE : "", plain);
    struct onus_str out = ONUS_STR_NONE;
    if (onus_arena_copy(sample->arena, (struct onus_str){joined, (size_t)len}, &out, NULL) !=
            ONUS_OK) {
        abort();
    }
    return out;
}

static void add_inputs(const struct sample *sample, struct onus_trace_result *out)
{
    out->input_count = 3;
    out->inputs = room(sample, 3, sizeof(*out->inputs));
    out->inputs[0] = (struct onus_trace_input){.path = text(sample, "/var/log/auth.log.1"),
            .format = text(sample, "sshd+sudo"),
            .bytes = 8123456,
            .lines = 91234,
            .parsed = 80000,
            .ignored = 11200,
            .unparsed = 34,
            .first = START,
            .last = START + 3 * DAY,
            .zone = text(sample, "UTC"),
            .zone_basis = ONUS_ZONE_ASSUMED,
            .assumed_year = 2026,
            .cut_line = true,
            .unparsed_first = 411,
            .out_of_order = 7,
            .gap_count = 1,
            .step_count = 1};
    out->inputs[0].gaps[0] = (struct onus_time_gap){START + DAY, START + DAY + 7 * HOUR, 30412};
    out->inputs[0].steps[0] =
            (struct onus_clock_step){START + 2 * DAY, START + 2 * DAY - HOUR, 60000};
    out->inputs[1] = (struct onus_trace_input){.path = text(sample, "/var/log/nginx/access.log"),
            .format = text(sample, "combined"),
            .bytes = 55000111,
            .lines = 310002,
            .parsed = 310002,
            .first = START + HOUR,
            .last = START + 3 * DAY + 5 * HOUR,
            .zone = text(sample, "+01:00"),
            .zone_basis = ONUS_ZONE_STATED};
    out->inputs[2] = (struct onus_trace_input){.path = text(sample, "/var/log/empty.log"),
            .format = text(sample, "none"),
            .first = ONUS_TIME_NONE,
            .last = ONUS_TIME_NONE,
            .zone = text(sample, "UTC"),
            .zone_basis = ONUS_ZONE_CONFIGURED,
            .problem = text(sample, "the file is empty")};
    out->bytes = 63123567;
    out->lines = 401236;
    out->parsed = 390002;
    out->ignored = 11200;
    out->unparsed = 34;
    out->events = 389000;
    out->first = START;
    out->last = START + 3 * DAY + 5 * HOUR;
}

static struct onus_net_fact asn_fact(const struct sample *sample, const char *prefix, uint32_t asn,
        const char *operator_name, const char *country)
{
    return (struct onus_net_fact){.table = text(sample, "sample-asn"),
            .date = text(sample, "2025-06"),
            .distance_days = -208,
            .prefix = text(sample, prefix),
            .asn = asn,
            .operator_name = text(sample, operator_name),
            .country = text(sample, country)};
}

static void set_source(const struct sample *sample, struct onus_trace_source *source,
        const char *name, uint64_t attempts, uint64_t succeeded)
{
    source->name = text(sample, name);
    source->is_address = onus_address_parse(onus_str_of(name), &source->address);
    source->attempts = attempts;
    source->succeeded = succeeded;
    source->lines = attempts * 3;
    source->first = START + HOUR;
    source->last = START + 2 * DAY;
    source->handshake = 1;
}

static void add_sources(const struct sample *sample, bool databases, struct onus_trace_result *out)
{
    out->source_count = 5;
    out->source_count_all = 1312;
    out->sources = room(sample, 5, sizeof(*out->sources));
    set_source(sample, &out->sources[0], "203.0.113.9", 8123, 0);
    set_source(sample, &out->sources[1], "198.51.100.7", 412, 1);
    set_source(sample, &out->sources[2], "2001:db8:77::1", 96, 0);
    set_source(sample, &out->sources[3], "192.0.2.200", 31, 0);
    set_source(sample, &out->sources[4], "scanner.example", 12, 0);
    out->sources[3].handshake = 0;
    out->sources[3].claimed = true;
    out->sources[4].handshake = -1;
    out->sources[4].benign = true;
    if (!databases) {
        return;
    }
    out->sources[0].asn_fact =
            asn_fact(sample, "203.0.113.0/24", 64500, "Example Hosting One Ltd", "AA");
    out->sources[1].asn_fact = asn_fact(sample, "198.51.100.0/24", 64501, "Beispielnetz AG", "ZZ");
    out->sources[2].asn_fact =
            asn_fact(sample, "2001:db8::/32", 64500, "Example Hosting One Ltd", "AA");
    out->sources[1].country_fact = (struct onus_net_fact){.table = text(sample, "sample-country"),
            .date = text(sample, "2026-01"),
            .distance_days = 5,
            .country = text(sample, "XX")};
    out->sources[1].shared_count = 1;
    out->sources[1].shared = room(sample, 1, sizeof(*out->sources[1].shared));
    out->sources[1].shared[0] = (struct onus_shared_mark){.kind = text(sample, "tor-exit"),
            .list = text(sample, "exit-addresses"),
            .date = text(sample, "2026-01-10")};
}

struct incident_row {
    const char *id;
    enum onus_incident_kind kind;
    const char *service;
    uint64_t attempts, lines, succeeded, accounts, targets;
    uint32_t sources[3];
    size_t source_count;
    const char *account, *target, *finding, *why;
};

static const struct incident_row rows[] = {
        {"i-0a1b2c3d4e5f", ONUS_INCIDENT_LOGIN_AFTER_GUESSING, "ssh", 412, 1236, 1, 3, 1, {1}, 1,
                "backup", "gate", NULL,
                "login-after-guessing: a success after at least 5 failures of one source within 24 h; "
                "here 411 failures, then 1 success"},
        {"i-11aa22bb33cc", ONUS_INCIDENT_EXPLOIT_ATTEMPT, "http", 31, 31, 0, 0, 12, {3}, 1, NULL,
                "/cgi-bin/.%2e/.%2e/bin/sh", "path-traversal",
                "exploit-attempt: at least 1 request with an attack in it; here 31"},
        {"i-44dd55ee66ff", ONUS_INCIDENT_PASSWORD_SPRAYING, "ssh", 96, 96, 0, 51, 1, {2, 1, 0}, 3,
                "oracle", "gate", NULL,
                "password-spraying: at least 10 accounts with at most 3 tries each; here 51 accounts"},
        {"i-778899aabbcc", ONUS_INCIDENT_PASSWORD_GUESSING, "ssh", 8123, 24369, 0, 640, 1, {0}, 1,
                "root", "gate", NULL,
                "password-guessing: at least 5 failures within 10 min; here 8123 failures"},
        {"i-ddeeff001122", ONUS_INCIDENT_WEB_PROBING, "http", 12, 12, 0, 0, 12, {4}, 1, NULL,
                "/.env", "secret-file",
                "web-probing: at least 5 distinct probes within 1 h; here 12"},
};

static struct onus_tally *one_tally(const struct sample *sample, const char *name, uint64_t count,
        uint64_t succeeded, size_t *out_count)
{
    if (!name) {
        *out_count = 0;
        return NULL;
    }
    struct onus_tally *tally = room(sample, 1, sizeof(*tally));
    *tally = (struct onus_tally){text(sample, name), count, succeeded};
    *out_count = 1;
    return tally;
}

static void set_incident(const struct sample *sample, size_t index,
        struct onus_trace_incident *incident)
{
    const struct incident_row *row = &rows[index % ONUS_COUNT(rows)];
    char id[32];
    (void)snprintf(id, sizeof(id), "i-%012" PRIx64, (uint64_t)index);
    *incident = (struct onus_trace_incident){.id = text(sample,
                                                     index < ONUS_COUNT(rows) ? row->id : id),
            .kind = row->kind,
            .service = text(sample, row->service),
            .first = START + HOUR * (int64_t)(index % 70),
            .last = START + HOUR * (int64_t)(index % 70 + 5),
            .attempts = row->attempts,
            .lines = row->lines,
            .succeeded = row->succeeded,
            .distributed = row->source_count > 1,
            .accounts_total = row->accounts,
            .accounts_at_least = row->accounts > 600,
            .targets_total = row->targets};
    incident->source_count = row->source_count;
    incident->sources = room(sample, row->source_count, sizeof(*incident->sources));
    memcpy(incident->sources, row->sources, row->source_count * sizeof(*incident->sources));
    incident->accounts = one_tally(sample, row->account, row->attempts, row->succeeded,
            &incident->account_count);
    incident->targets = one_tally(sample, row->target, row->attempts, 0, &incident->target_count);
    incident->findings = one_tally(sample, row->finding, row->lines, 0, &incident->finding_count);
    incident->why_count = 1;
    incident->why = room(sample, 1, sizeof(*incident->why));
    incident->why[0] = text(sample, row->why);
    incident->ref_count = 2;
    incident->refs = room(sample, 2, sizeof(*incident->refs));
    uint32_t input =
            row->kind == ONUS_INCIDENT_EXPLOIT_ATTEMPT || row->kind == ONUS_INCIDENT_WEB_PROBING;
    incident->refs[0] = (struct onus_line_ref){input, 100 + index};
    incident->refs[1] = (struct onus_line_ref){input, 90000 + index};
}

static void link_sources(const struct sample *sample, struct onus_trace_result *out)
{
    for (size_t s = 0; s < out->source_count; s++) {
        struct onus_trace_source *source = &out->sources[s];
        source->incidents = room(sample, out->incident_count, sizeof(*source->incidents));
        for (size_t i = 0; i < out->incident_count; i++) {
            for (size_t k = 0; k < out->incidents[i].source_count; k++) {
                if (out->incidents[i].sources[k] == s) {
                    source->incidents[source->incident_count++] = (uint32_t)i;
                }
            }
        }
    }
}

static void add_incidents(const struct sample *sample, size_t count, struct onus_trace_result *out)
{
    out->incident_count = count ? count : ONUS_COUNT(rows);
    out->incidents = room(sample, out->incident_count, sizeof(*out->incidents));
    for (size_t i = 0; i < out->incident_count; i++) {
        set_incident(sample, i, &out->incidents[i]);
        out->attempts += out->incidents[i].attempts;
        out->succeeded += out->incidents[i].succeeded;
    }
    link_sources(sample, out);
    out->campaign_count = 1;
    out->campaigns = room(sample, 1, sizeof(*out->campaigns));
    struct onus_trace_campaign *campaign = &out->campaigns[0];
    *campaign = (struct onus_trace_campaign){.id = text(sample, "c-5a5a5a5a5a5a"),
            .incident_count = 2,
            .sources = 3,
            .attempts = 508,
            .first = START,
            .last = START + DAY,
            .why_count = 1};
    campaign->incidents = room(sample, 2, sizeof(*campaign->incidents));
    campaign->incidents[0] = 0;
    campaign->incidents[1] = 2;
    campaign->why = room(sample, 1, sizeof(*campaign->why));
    campaign->why[0] = text(sample, "shared source 198.51.100.7");
}

static void add_networks(const struct sample *sample, struct onus_trace_result *out)
{
    out->network_count = 3;
    out->networks = room(sample, 3, sizeof(*out->networks));
    out->networks[0] = (struct onus_trace_network){64500, text(sample, "Example Hosting One Ltd"),
            text(sample, "AA"), text(sample, "sample-asn"), text(sample, "2025-06"), 2, 8219};
    out->networks[1] = (struct onus_trace_network){64501, text(sample, "Beispielnetz AG"),
            text(sample, "ZZ"), text(sample, "sample-asn"), text(sample, "2025-06"), 1, 412};
    out->networks[2] = (struct onus_trace_network){.sources = 2, .attempts = 43};
    out->country_count = 3;
    out->countries = room(sample, 3, sizeof(*out->countries));
    out->countries[0] = (struct onus_trace_country){text(sample, "AA"), text(sample, "sample-asn"),
            text(sample, "2025-06"), 2, 8219};
    out->countries[1] = (struct onus_trace_country){text(sample, "XX"),
            text(sample, "sample-country"), text(sample, "2026-01"), 1, 412};
    out->countries[2] =
            (struct onus_trace_country){.code = text(sample, "??"), .sources = 2, .attempts = 43};
    out->database_count = 2;
    out->databases = room(sample, 2, sizeof(*out->databases));
    out->databases[0] = (struct onus_trace_database){text(sample, "sample-asn"),
            text(sample, "2025-06"), text(sample, "asn+country"), true};
    out->databases[1] = (struct onus_trace_database){text(sample, "sample-country"),
            text(sample, "2026-01"), text(sample, "country"), true};
}

static void add_timeline(const struct sample *sample, struct onus_trace_result *out)
{
    enum {
        BINS = 60
    };
    out->bin_width = HOUR;
    out->bins = room(sample, BINS, sizeof(*out->bins));
    uint64_t left = out->attempts;
    for (size_t i = 0; i < BINS; i++) {
        uint64_t here = i + 1 < BINS ? left * (i % 7 + 1) / 60 : left;
        left -= here;
        out->bins[out->bin_count++] =
                (struct onus_trace_bin){START + HOUR * (int64_t)(i + (i > 30 ? 12 : 0)), here,
                        i == 40, here * 3};
    }
}

void sample_result(const struct sample_options *options, struct onus_trace_result *out)
{
    *out = (struct onus_trace_result){0};
    onus_arena_init(&out->arena, (size_t)1 << 30);
    struct sample sample = {&out->arena, options->hostile};
    add_inputs(&sample, out);
    add_sources(&sample, !options->no_databases, out);
    add_incidents(&sample, options->incidents, out);
    if (!options->no_databases) {
        add_networks(&sample, out);
    }
    add_timeline(&sample, out);
    out->kinds_ignored_count = 1;
    out->kinds_ignored = one_tally(&sample, "cron", 11200, 0, &out->kinds_ignored_count);
    out->note_count = 2;
    out->notes = room(&sample, 2, sizeof(*out->notes));
    out->notes[0] = text(&sample, "/var/log/auth.log.1: no zone stated, times are read as UTC");
    out->notes[1] = text(&sample, options->no_databases
                                          ? "no address database found: networks are not named"
                                          : "sample-asn 2025-06 is 208 days older than the events");
}

void sample_result_empty(struct onus_trace_result *out)
{
    *out = (struct onus_trace_result){.first = ONUS_TIME_NONE, .last = ONUS_TIME_NONE};
    onus_arena_init(&out->arena, 1 << 20);
    struct sample sample = {&out->arena, false};
    out->input_count = 1;
    out->inputs = room(&sample, 1, sizeof(*out->inputs));
    out->inputs[0] = (struct onus_trace_input){.path = text(&sample, "empty.log"),
            .format = text(&sample, "none"),
            .first = ONUS_TIME_NONE,
            .last = ONUS_TIME_NONE,
            .zone = text(&sample, "UTC"),
            .zone_basis = ONUS_ZONE_ASSUMED,
            .problem = text(&sample, "the file is empty")};
}
