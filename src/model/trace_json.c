/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_json.h"

#include "model/trace_lookup.h"

static size_t bounded(size_t count, size_t limit)
{
    return limit > 0 && count > limit ? limit : count;
}

/* A string of at most `limit` bytes, cut between characters. */
static void add_text(struct onus_json *json, struct onus_str text, size_t limit)
{
    size_t len = bounded(text.len, limit);
    onus_json_str_open(json);
    if (len < text.len) {
        while (len > 0 && ((uint8_t)text.ptr[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    onus_json_str_part(json, (struct onus_str){text.ptr, len});
    if (len < text.len) {
        onus_json_str_part(json, ONUS_STR("…"));
    }
    onus_json_str_close(json);
}

static void key_time(struct onus_json *json, const char *key, int64_t usec)
{
    char text[ONUS_TIME_TEXT];
    if (usec == ONUS_TIME_NONE || onus_time_format(usec, text) == 0) {
        onus_json_key_null(json, key);
        return;
    }
    onus_json_key_text(json, key, text);
}

/* Numbers for which 0 means that there is none. */
static void key_u64_or_null(struct onus_json *json, const char *key, uint64_t value)
{
    if (value > 0) {
        onus_json_key_u64(json, key, value);
    } else {
        onus_json_key_null(json, key);
    }
}

static void key_strings(struct onus_json *json, const char *key, const struct onus_str *strings,
        size_t count, size_t text_limit)
{
    onus_json_key(json, key);
    onus_json_array(json);
    for (size_t i = 0; i < count; i++) {
        add_text(json, strings[i], text_limit);
    }
    onus_json_array_end(json);
}

static void key_incident_ids(struct onus_json *json, const struct onus_trace_result *result,
        const uint32_t *incidents, size_t count)
{
    onus_json_key(json, "incidents");
    onus_json_array(json);
    for (size_t i = 0; i < count; i++) {
        onus_json_str(json, onus_trace_incident_id(result, incidents[i]));
    }
    onus_json_array_end(json);
}

static void add_silences(struct onus_json *json, const struct onus_trace_input *input)
{
    onus_json_key_u64(json, "gap_count", input->gap_count);
    onus_json_key(json, "gaps");
    onus_json_array(json);
    for (size_t i = 0; i < input->gap_count && i < ONUS_INPUT_NOTES_MAX; i++) {
        onus_json_object(json);
        key_time(json, "from", input->gaps[i].from);
        key_time(json, "to", input->gaps[i].to);
        onus_json_key_u64(json, "line", input->gaps[i].line);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_json_key_u64(json, "clock_step_count", input->step_count);
    onus_json_key(json, "clock_steps");
    onus_json_array(json);
    for (size_t i = 0; i < input->step_count && i < ONUS_INPUT_NOTES_MAX; i++) {
        onus_json_object(json);
        key_time(json, "from", input->steps[i].from);
        key_time(json, "to", input->steps[i].to);
        onus_json_key_u64(json, "line", input->steps[i].line);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_input(struct onus_json *json, const struct onus_trace_input *input)
{
    onus_json_object(json);
    onus_json_key_str(json, "path", input->path);
    onus_json_key_str(json, "format", input->format);
    onus_json_key_u64(json, "bytes", input->bytes);
    onus_json_key_u64(json, "lines", input->lines);
    onus_json_key_u64(json, "parsed", input->parsed);
    onus_json_key_u64(json, "ignored", input->ignored);
    onus_json_key_u64(json, "unparsed", input->unparsed);
    key_time(json, "first", input->first);
    key_time(json, "last", input->last);
    onus_json_key_str(json, "zone", input->zone);
    onus_json_key_text(json, "zone_basis", onus_zone_basis_name(input->zone_basis));
    key_u64_or_null(json, "assumed_year",
            input->assumed_year > 0 ? (uint64_t)input->assumed_year : 0);
    key_u64_or_null(json, "first_unparsed_line", input->unparsed_first);
    onus_json_key_u64(json, "out_of_order", input->out_of_order);
    onus_json_key_bool(json, "cut_line", input->cut_line);
    onus_json_key_bool(json, "shrank", input->shrank);
    onus_json_key_bool(json, "broke_off", input->broke_off);
    onus_json_key_str_or_null(json, "problem", input->problem);
    add_silences(json, input);
    onus_json_object_end(json);
}

static void add_totals(struct onus_json *json, const struct onus_trace_result *result)
{
    onus_json_key(json, "totals");
    onus_json_object(json);
    onus_json_key_u64(json, "bytes", result->bytes);
    onus_json_key_u64(json, "lines", result->lines);
    onus_json_key_u64(json, "parsed", result->parsed);
    onus_json_key_u64(json, "ignored", result->ignored);
    onus_json_key_u64(json, "unparsed", result->unparsed);
    onus_json_key_u64(json, "events", result->events);
    onus_json_key_u64(json, "attempts", result->attempts);
    onus_json_key_u64(json, "succeeded", result->succeeded);
    onus_json_key_u64(json, "sources", result->source_count);
    onus_json_key_u64(json, "sources_seen", result->source_count_all);
    onus_json_key_u64(json, "incidents", result->incident_count);
    key_time(json, "first", result->first);
    key_time(json, "last", result->last);
    onus_json_object_end(json);
}

enum tally_keys {
    TALLY_ATTEMPTS_AND_SUCCEEDED,
    TALLY_ATTEMPTS,
    TALLY_COUNT
};

static void key_tallies(struct onus_json *json, const char *key, const struct onus_tally *tallies,
        size_t count, enum tally_keys keys, const struct onus_trace_json_limits *limits)
{
    onus_json_key(json, key);
    onus_json_array(json);
    for (size_t i = 0; i < bounded(count, limits->list); i++) {
        onus_json_object(json);
        onus_json_key(json, "name");
        add_text(json, tallies[i].name, limits->text);
        onus_json_key_u64(json, keys == TALLY_COUNT ? "count" : "attempts", tallies[i].count);
        if (keys == TALLY_ATTEMPTS_AND_SUCCEEDED) {
            onus_json_key_u64(json, "succeeded", tallies[i].succeeded);
        }
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_ref(struct onus_json *json, const struct onus_trace_result *result,
        struct onus_line_ref ref)
{
    onus_json_place(json, onus_trace_path(result, ref), ref.line);
}

static void add_refs(struct onus_json *json, const struct onus_trace_result *result,
        const struct onus_trace_incident *incident, size_t limit)
{
    size_t count = bounded(incident->ref_count, limit);
    onus_json_key(json, "lines");
    onus_json_array(json);
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        add_ref(json, result, incident->refs[last ? incident->ref_count - 1 : i]);
    }
    onus_json_array_end(json);
}

static void add_incident(struct onus_json *json, const struct onus_trace_result *result,
        const struct onus_trace_incident *incident, const struct onus_trace_json_limits *limits)
{
    onus_json_object(json);
    onus_json_key_str(json, "id", incident->id);
    onus_json_key_text(json, "kind", onus_incident_kind_name(incident->kind));
    onus_json_key_text(json, "technique", onus_incident_kind_technique(incident->kind));
    onus_json_key_str(json, "service", incident->service);
    key_time(json, "first", incident->first);
    key_time(json, "last", incident->last);
    onus_json_key_u64(json, "attempts", incident->attempts);
    onus_json_key_u64(json, "succeeded", incident->succeeded);
    onus_json_key_u64(json, "sources", incident->source_count);
    onus_json_key_u64(json, "accounts", incident->accounts_total);
    onus_json_key_bool(json, "accounts_at_least", incident->accounts_at_least);
    onus_json_key_u64(json, "targets", incident->targets_total);
    onus_json_key_bool(json, "distributed", incident->distributed);
    onus_json_key_u64(json, "line_count", incident->lines);
    add_refs(json, result, incident, limits->refs);
    onus_json_key(json, "source_list");
    onus_json_array(json);
    for (size_t i = 0; i < bounded(incident->source_count, limits->list); i++) {
        onus_json_str(json, onus_trace_source_name(result, incident->sources[i]));
    }
    onus_json_array_end(json);
    key_tallies(json, "account_list", incident->accounts, incident->account_count,
            TALLY_ATTEMPTS_AND_SUCCEEDED, limits);
    key_tallies(json, "target_list", incident->targets, incident->target_count, TALLY_ATTEMPTS,
            limits);
    key_tallies(json, "findings", incident->findings, incident->finding_count, TALLY_COUNT, limits);
    key_strings(json, "why", incident->why, incident->why_count, limits->text);
    onus_json_object_end(json);
}

/* The table an answer came from, so that no network fact is without its date. */
static void key_table(struct onus_json *json, const char *key, const struct onus_net_fact *fact)
{
    if (!fact || fact->table.len == 0) {
        onus_json_key_null(json, key);
        return;
    }
    onus_json_key(json, key);
    onus_json_object(json);
    onus_json_key_str(json, "name", fact->table);
    onus_json_key_str(json, "date", fact->date);
    onus_json_key_i64(json, "distance_days", fact->distance_days);
    onus_json_object_end(json);
}

static void key_handshake(struct onus_json *json, int handshake)
{
    if (handshake < 0) {
        onus_json_key_null(json, "handshake");
    } else {
        onus_json_key_bool(json, "handshake", handshake > 0);
    }
}

static void add_source(struct onus_json *json, const struct onus_trace_result *result,
        const struct onus_trace_source *source, const struct onus_trace_json_limits *limits)
{
    const struct onus_net_fact *country = onus_trace_country_fact(source);
    onus_json_object(json);
    onus_json_key_str(json, "address", source->name);
    onus_json_key_bool(json, "is_address", source->is_address);
    onus_json_key_bool(json, "claimed", source->claimed);
    onus_json_key_u64(json, "attempts", source->attempts);
    onus_json_key_u64(json, "succeeded", source->succeeded);
    onus_json_key_u64(json, "line_count", source->lines);
    onus_json_key_u64(json, "incident_count", source->incident_count);
    key_incident_ids(json, result, source->incidents,
            bounded(source->incident_count, limits->list));
    key_time(json, "first", source->first);
    key_time(json, "last", source->last);
    onus_json_key_str_or_null(json, "prefix", onus_trace_prefix(source));
    key_u64_or_null(json, "asn", source->asn_fact.asn);
    onus_json_key_str_or_null(json, "operator", source->asn_fact.operator_name);
    onus_json_key_str_or_null(json, "country", country ? country->country : ONUS_STR_NONE);
    key_table(json, "asn_table", &source->asn_fact);
    key_table(json, "country_table", country ? country : &source->country_fact);
    onus_json_key(json, "shared");
    onus_json_array(json);
    for (size_t i = 0; i < source->shared_count; i++) {
        onus_json_object(json);
        onus_json_key_str(json, "kind", source->shared[i].kind);
        onus_json_key_str(json, "list", source->shared[i].list);
        onus_json_key_str(json, "date", source->shared[i].date);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    key_handshake(json, source->handshake);
    onus_json_key_bool(json, "benign", source->benign);
    onus_json_object_end(json);
}

static void add_networks(struct onus_json *json, const struct onus_trace_result *result)
{
    onus_json_key(json, "networks");
    onus_json_array(json);
    for (size_t i = 0; i < result->network_count; i++) {
        const struct onus_trace_network *network = &result->networks[i];
        onus_json_object(json);
        key_u64_or_null(json, "asn", network->asn);
        onus_json_key_str_or_null(json, "operator", network->operator_name);
        onus_json_key_str_or_null(json, "country", network->country);
        onus_json_key_u64(json, "sources", network->sources);
        onus_json_key_u64(json, "attempts", network->attempts);
        onus_json_key_str_or_null(json, "table", network->table);
        onus_json_key_str_or_null(json, "table_date", network->date);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_json_key(json, "countries");
    onus_json_array(json);
    for (size_t i = 0; i < result->country_count; i++) {
        const struct onus_trace_country *country = &result->countries[i];
        onus_json_object(json);
        onus_json_key_str(json, "code", country->code);
        onus_json_key_u64(json, "sources", country->sources);
        onus_json_key_u64(json, "attempts", country->attempts);
        onus_json_key_str_or_null(json, "table", country->table);
        onus_json_key_str_or_null(json, "table_date", country->date);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_campaigns(struct onus_json *json, const struct onus_trace_result *result)
{
    onus_json_key(json, "campaigns");
    onus_json_array(json);
    for (size_t i = 0; i < result->campaign_count; i++) {
        const struct onus_trace_campaign *campaign = &result->campaigns[i];
        onus_json_object(json);
        onus_json_key_str(json, "id", campaign->id);
        key_incident_ids(json, result, campaign->incidents, campaign->incident_count);
        onus_json_key_u64(json, "sources", campaign->sources);
        onus_json_key_u64(json, "attempts", campaign->attempts);
        key_time(json, "first", campaign->first);
        key_time(json, "last", campaign->last);
        key_strings(json, "why", campaign->why, campaign->why_count, 0);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_databases(struct onus_json *json, const struct onus_trace_result *result)
{
    onus_json_key(json, "databases");
    onus_json_array(json);
    for (size_t i = 0; i < result->database_count; i++) {
        const struct onus_trace_database *database = &result->databases[i];
        onus_json_object(json);
        onus_json_key_str(json, "name", database->name);
        onus_json_key_str(json, "date", database->date);
        onus_json_key_str(json, "kind", database->kind);
        onus_json_key_bool(json, "used", database->used);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
}

static void add_timeline(struct onus_json *json, const struct onus_trace_result *result)
{
    onus_json_key(json, "timeline");
    onus_json_object(json);
    onus_json_key_i64(json, "bin_seconds", result->bin_width / ONUS_USEC);
    onus_json_key(json, "bins");
    onus_json_array(json);
    for (size_t i = 0; i < result->bin_count; i++) {
        onus_json_object(json);
        key_time(json, "start", result->bins[i].start);
        onus_json_key_u64(json, "attempts", result->bins[i].attempts);
        onus_json_key_u64(json, "succeeded", result->bins[i].succeeded);
        onus_json_key_u64(json, "line_count", result->bins[i].lines);
        onus_json_object_end(json);
    }
    onus_json_array_end(json);
    onus_json_object_end(json);
}

void onus_trace_json_add(const struct onus_trace_result *result, struct onus_json *json)
{
    onus_trace_json_add_limited(result, &(struct onus_trace_json_limits){0}, json);
}

void onus_trace_json_add_limited(const struct onus_trace_result *result,
        const struct onus_trace_json_limits *limits, struct onus_json *json)
{
    onus_json_object(json);
    onus_json_key_text(json, "schema", "onus.trace/1");
    onus_json_key(json, "inputs");
    onus_json_array(json);
    for (size_t i = 0; i < result->input_count; i++) {
        add_input(json, &result->inputs[i]);
    }
    onus_json_array_end(json);
    add_totals(json, result);
    onus_json_key(json, "incidents");
    onus_json_array(json);
    for (size_t i = 0; i < bounded(result->incident_count, limits->incidents); i++) {
        add_incident(json, result, &result->incidents[i], limits);
    }
    onus_json_array_end(json);
    onus_json_key(json, "sources");
    onus_json_array(json);
    for (size_t i = 0; i < bounded(result->source_count, limits->sources); i++) {
        add_source(json, result, &result->sources[i], limits);
    }
    onus_json_array_end(json);
    add_networks(json, result);
    add_campaigns(json, result);
    add_databases(json, result);
    add_timeline(json, result);
    key_tallies(json, "ignored_kinds", result->kinds_ignored, result->kinds_ignored_count,
            TALLY_COUNT, limits);
    key_strings(json, "notes", result->notes, result->note_count, 0);
    onus_json_object_end(json);
}

void onus_trace_json_write(const struct onus_trace_result *result, struct onus_buffer *out)
{
    struct onus_json json;
    onus_json_init(&json, out, ONUS_JSON_PRETTY);
    onus_trace_json_add(result, &json);
    struct onus_error err = ONUS_ERROR_INIT;
    if (onus_json_finish(&json, &err) == ONUS_E_BUG) {
        out->failed = ONUS_E_BUG;
    }
}
