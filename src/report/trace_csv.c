/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_csv.h"

#include "base/str.h"
#include "model/trace_lookup.h"
#include "text/csv_write.h"

struct table_row {
    const char *name;
    const char *heading;
};

static const struct table_row tables[] = {
        [ONUS_TRACE_CSV_INCIDENTS] = {"incidents",
                "id,kind,technique,service,first,last,attempts,succeeded,sources,accounts,"
                "accounts_at_least,targets,distributed,line_count,first_source,asn,operator,asn_table,"
                "asn_table_date,country,country_table,country_table_date,first_line,last_line,why"},
        [ONUS_TRACE_CSV_SOURCES] = {"sources",
                "address,attempts,succeeded,line_count,first,last,prefix,asn,operator,asn_table,"
                "asn_table_date,country,country_table,country_table_date,shared,handshake,claimed,"
                "benign,incidents"},
        [ONUS_TRACE_CSV_NETWORKS] = {"networks",
                "asn,operator,country,sources,attempts,table,table_date"},
        [ONUS_TRACE_CSV_COUNTRIES] = {"countries", "code,sources,attempts,table,table_date"},
        [ONUS_TRACE_CSV_ATTEMPTS] = {"attempts",
                "time,source,service,account,target,outcome,tries,incident,path,line"},
};

bool onus_trace_csv_find(struct onus_str name, enum onus_trace_csv_table *out)
{
    for (size_t i = 0; i < ONUS_COUNT(tables); i++) {
        if (onus_str_eq(name, onus_str_of(tables[i].name))) {
            *out = (enum onus_trace_csv_table)i;
            return true;
        }
    }
    return false;
}

static void add_time(struct onus_csv *csv, int64_t usec)
{
    char text[ONUS_TIME_TEXT];
    if (usec == ONUS_TIME_NONE || onus_time_format(usec, text) == 0) {
        onus_csv_empty(csv);
    } else {
        onus_csv_text(csv, text);
    }
}

/* Numbers for which 0 means that there is none. */
static void add_known(struct onus_csv *csv, uint64_t value)
{
    if (value > 0) {
        onus_csv_u64(csv, value);
    } else {
        onus_csv_empty(csv);
    }
}

static void add_bool(struct onus_csv *csv, bool value)
{
    onus_csv_text(csv, value ? "true" : "false");
}

static void add_ref(struct onus_csv *csv, const struct onus_trace_result *result,
        struct onus_line_ref ref)
{
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    onus_buffer_add_str(&text, onus_trace_path(result, ref));
    onus_buffer_add_char(&text, ':');
    onus_buffer_add_u64(&text, ref.line);
    onus_csv_str(csv, onus_buffer_view(&text));
    if (text.failed != ONUS_OK) {
        csv->out->failed = text.failed;
    }
    onus_buffer_clear(&text);
}

/* asn .. country_table_date: every fact beside its table and date. */
static void add_network_facts(struct onus_csv *csv, const struct onus_trace_source *source)
{
    static const struct onus_trace_source nothing;
    const struct onus_net_fact *asn = source ? &source->asn_fact : &nothing.asn_fact;
    const struct onus_net_fact *country = source ? onus_trace_country_fact(source) : NULL;
    if (!country) {
        country = source ? &source->country_fact : &nothing.country_fact;
    }
    add_known(csv, asn->asn);
    onus_csv_str(csv, asn->operator_name);
    onus_csv_str(csv, asn->table);
    onus_csv_str(csv, asn->date);
    onus_csv_str(csv, country->country);
    onus_csv_str(csv, country->table);
    onus_csv_str(csv, country->date);
}

/* Several texts in one field, "; " between them. */
struct joined {
    struct onus_buffer text;
};

static void join(struct joined *joined, struct onus_str part)
{
    if (joined->text.len > 0) {
        onus_buffer_add_text(&joined->text, "; ");
    }
    onus_buffer_add_str(&joined->text, part);
}

static void add_joined(struct onus_csv *csv, struct joined *joined)
{
    onus_csv_str(csv, onus_buffer_view(&joined->text));
    if (joined->text.failed != ONUS_OK) {
        csv->out->failed = joined->text.failed;
    }
    onus_buffer_clear(&joined->text);
}

static void incident_row(struct onus_csv *csv, const struct onus_trace_result *result,
        const struct onus_trace_incident *incident)
{
    bool has_source = incident->source_count > 0 && incident->sources[0] < result->source_count;
    onus_csv_str(csv, incident->id);
    onus_csv_text(csv, onus_incident_kind_name(incident->kind));
    onus_csv_text(csv, onus_incident_kind_technique(incident->kind));
    onus_csv_str(csv, incident->service);
    add_time(csv, incident->first);
    add_time(csv, incident->last);
    onus_csv_u64(csv, incident->attempts);
    onus_csv_u64(csv, incident->succeeded);
    onus_csv_u64(csv, incident->source_count);
    onus_csv_u64(csv, incident->accounts_total);
    add_bool(csv, incident->accounts_at_least);
    onus_csv_u64(csv, incident->targets_total);
    add_bool(csv, incident->distributed);
    onus_csv_u64(csv, incident->lines);
    onus_csv_str(csv,
            has_source ? onus_trace_source_name(result, incident->sources[0]) : ONUS_STR_NONE);
    add_network_facts(csv, has_source ? &result->sources[incident->sources[0]] : NULL);
    if (incident->ref_count > 0) {
        add_ref(csv, result, incident->refs[0]);
        add_ref(csv, result, incident->refs[incident->ref_count - 1]);
    } else {
        onus_csv_empty(csv);
        onus_csv_empty(csv);
    }
    struct joined why = {0};
    for (size_t i = 0; i < incident->why_count; i++) {
        join(&why, incident->why[i]);
    }
    add_joined(csv, &why);
    onus_csv_end_row(csv);
}

static void source_row(struct onus_csv *csv, const struct onus_trace_result *result,
        const struct onus_trace_source *source)
{
    onus_csv_str(csv, source->name);
    onus_csv_u64(csv, source->attempts);
    onus_csv_u64(csv, source->succeeded);
    onus_csv_u64(csv, source->lines);
    add_time(csv, source->first);
    add_time(csv, source->last);
    onus_csv_str(csv, onus_trace_prefix(source));
    add_network_facts(csv, source);
    struct joined list = {0};
    for (size_t i = 0; i < source->shared_count; i++) {
        join(&list, source->shared[i].kind);
        onus_buffer_add_char(&list.text, ' ');
        onus_buffer_add_str(&list.text, source->shared[i].date);
    }
    add_joined(csv, &list);
    if (source->handshake < 0) {
        onus_csv_empty(csv);
    } else {
        add_bool(csv, source->handshake > 0);
    }
    add_bool(csv, source->claimed);
    add_bool(csv, source->benign);
    list = (struct joined){0};
    for (size_t i = 0; i < source->incident_count; i++) {
        join(&list, onus_trace_incident_id(result, source->incidents[i]));
    }
    add_joined(csv, &list);
    onus_csv_end_row(csv);
}

static void network_row(struct onus_csv *csv, const struct onus_trace_network *network)
{
    add_known(csv, network->asn);
    onus_csv_str(csv, network->operator_name);
    onus_csv_str(csv, network->country);
    onus_csv_u64(csv, network->sources);
    onus_csv_u64(csv, network->attempts);
    onus_csv_str(csv, network->table);
    onus_csv_str(csv, network->date);
    onus_csv_end_row(csv);
}

static void country_row(struct onus_csv *csv, const struct onus_trace_country *country)
{
    onus_csv_str(csv, country->code);
    onus_csv_u64(csv, country->sources);
    onus_csv_u64(csv, country->attempts);
    onus_csv_str(csv, country->table);
    onus_csv_str(csv, country->date);
    onus_csv_end_row(csv);
}

void onus_trace_csv_write(const struct onus_trace_result *result, enum onus_trace_csv_table table,
        struct onus_buffer *out)
{
    struct onus_csv csv;
    onus_csv_init(&csv, out);
    onus_buffer_add_text(out, tables[table].heading);
    onus_csv_end_row(&csv);
    switch (table) {
    case ONUS_TRACE_CSV_INCIDENTS:
        for (size_t i = 0; i < result->incident_count; i++) {
            incident_row(&csv, result, &result->incidents[i]);
        }
        break;
    case ONUS_TRACE_CSV_SOURCES:
        for (size_t i = 0; i < result->source_count; i++) {
            source_row(&csv, result, &result->sources[i]);
        }
        break;
    case ONUS_TRACE_CSV_NETWORKS:
        for (size_t i = 0; i < result->network_count; i++) {
            network_row(&csv, &result->networks[i]);
        }
        break;
    case ONUS_TRACE_CSV_COUNTRIES:
        for (size_t i = 0; i < result->country_count; i++) {
            country_row(&csv, &result->countries[i]);
        }
        break;
    case ONUS_TRACE_CSV_ATTEMPTS:
        break;
    }
}

void onus_trace_csv_attempt(const struct onus_trace_csv_attempt *attempt, struct onus_buffer *out)
{
    struct onus_csv csv;
    onus_csv_init(&csv, out);
    add_time(&csv, attempt->time);
    onus_csv_str(&csv, attempt->source);
    onus_csv_str(&csv, attempt->service);
    onus_csv_str(&csv, attempt->account);
    onus_csv_str(&csv, attempt->target);
    onus_csv_str(&csv, attempt->outcome);
    onus_csv_u64(&csv, attempt->tries);
    onus_csv_str(&csv, attempt->incident);
    onus_csv_str(&csv, attempt->path);
    onus_csv_u64(&csv, attempt->line);
    onus_csv_end_row(&csv);
}
