/* SPDX-License-Identifier: Apache-2.0 */
#include "join.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

enum {
    SHARED_MAX = 16,
    NOTES_MAX = 64
};

static const int64_t usec_per_day = (int64_t)86400 * ONUS_USEC;

struct joiner {
    const struct onus_ipdb *ipdb;
    struct onus_trace_result *result;
    struct onus_arena *arena;
    bool *table_used; /* by table index */
    struct onus_error *err;
};

static int32_t day_of(int64_t usec)
{
    return (int32_t)(usec / usec_per_day);
}

static enum onus_code add_note(struct onus_trace_result *result, struct onus_error *err,
        const char *fmt, ...) ONUS_PRINTF(3, 4);

static enum onus_code add_note(struct onus_trace_result *result, struct onus_error *err,
        const char *fmt, ...)
{
    if (result->note_count >= NOTES_MAX) {
        return ONUS_OK;
    }
    struct onus_str *grown =
            onus_arena_alloc(&result->arena, (result->note_count + 1) * sizeof(*grown));
    if (!grown) {
        return onus_arena_reason(&result->arena, err);
    }
    if (result->note_count > 0) {
        memcpy(grown, result->notes, result->note_count * sizeof(*grown));
    }
    char words[512];
    va_list ap;
    va_start(ap, fmt);
    int length = vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    if (length < 0) {
        return onus_fail(err, ONUS_E_BUG, "a note cannot be formatted");
    }
    result->notes = grown;
    return onus_arena_copy(&result->arena, onus_str_of(words), &grown[result->note_count++], err);
}

static enum onus_code copy_str(struct joiner *j, struct onus_str from, struct onus_str *out)
{
    return from.len > 0 ? onus_arena_copy(j->arena, from, out, j->err) : ONUS_OK;
}

static enum onus_code prefix_text(struct joiner *j, const struct onus_address *address,
        unsigned bits, struct onus_str *out)
{
    struct onus_address base = *address;
    unsigned from = onus_address_is_v4(address) ? 96 + bits : bits;
    for (unsigned bit = from; bit < 128; bit++) {
        base.bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    }
    char text[ONUS_ADDRESS_TEXT + 8];
    size_t length = onus_address_format(&base, text);
    (void)snprintf(text + length, sizeof(text) - length, "/%u", bits);
    return onus_arena_copy(j->arena, onus_str_of(text), out, j->err);
}

/* The nearest table that knows `knows`, and its answer if it has one. */
static enum onus_code find_fact(struct joiner *j, const struct onus_trace_source *source,
        unsigned knows, struct onus_net_fact *out)
{
    int32_t day = source->first != ONUS_TIME_NONE ? day_of(source->first) : INT32_MAX / 2;
    unsigned family = onus_address_is_v4(&source->address) ? ONUS_IPDB_V4 : ONUS_IPDB_V6;
    size_t index = onus_ipdb_nearest(j->ipdb, knows | family, day);
    if (index == SIZE_MAX) {
        return ONUS_OK;
    }
    const struct onus_ipdb_table *table = onus_ipdb_table(j->ipdb, index);
    j->table_used[index] = true;
    out->table =
            table->name; /* the set outlives the result's printing: copied below all the same */
    enum onus_code code = copy_str(j, table->name, &out->table);
    if (code == ONUS_OK) {
        code = copy_str(j, table->date, &out->date);
    }
    out->distance_days = source->first != ONUS_TIME_NONE ? table->day - day : 0;
    struct onus_ipdb_answer answer;
    if (code != ONUS_OK || !onus_ipdb_lookup(j->ipdb, index, &source->address, &answer)) {
        return code;
    }
    out->asn = answer.asn;
    code = prefix_text(j, &source->address, answer.prefix_bits, &out->prefix);
    if (code == ONUS_OK) {
        code = copy_str(j, answer.operator_name, &out->operator_name);
    }
    if (code == ONUS_OK) {
        code = copy_str(j, onus_str_of(answer.country), &out->country);
    }
    return code;
}

static enum onus_code find_shared(struct joiner *j, struct onus_trace_source *source)
{
    struct onus_shared_infra marks[SHARED_MAX];
    int32_t day = source->first != ONUS_TIME_NONE ? day_of(source->first) : INT32_MAX / 2;
    size_t count = onus_ipdb_shared(j->ipdb, &source->address, day, marks, SHARED_MAX);
    if (count == 0) {
        return ONUS_OK;
    }
    source->shared = onus_arena_alloc(j->arena, count * sizeof(*source->shared));
    if (!source->shared) {
        return onus_arena_reason(j->arena, j->err);
    }
    source->shared_count = count;
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        struct onus_shared_mark *mark = &source->shared[i];
        code = copy_str(j, onus_str_of(marks[i].kind), &mark->kind);
        if (code == ONUS_OK) {
            code = copy_str(j, marks[i].list, &mark->list);
        }
        if (code == ONUS_OK) {
            code = copy_str(j, marks[i].date, &mark->date);
        }
    }
    return code;
}

static enum onus_code join_source(struct joiner *j, struct onus_trace_source *source)
{
    if (!source->is_address) {
        return ONUS_OK;
    }
    enum onus_code code = find_fact(j, source, ONUS_IPDB_ASN, &source->asn_fact);
    if (code == ONUS_OK) {
        code = find_fact(j, source, ONUS_IPDB_COUNTRY, &source->country_fact);
    }
    return code == ONUS_OK ? find_shared(j, source) : code;
}

/* ---- sums ---- */

static int compare_networks(const void *a, const void *b)
{
    const struct onus_trace_network *x = a;
    const struct onus_trace_network *y = b;
    if (x->asn != y->asn) {
        return x->asn < y->asn ? -1 : 1;
    }
    int order = onus_str_compare(x->table, y->table);
    return order != 0 ? order : onus_str_compare(x->date, y->date);
}

static int networks_by_weight(const void *a, const void *b)
{
    const struct onus_trace_network *x = a;
    const struct onus_trace_network *y = b;
    if (x->attempts != y->attempts) {
        return x->attempts > y->attempts ? -1 : 1;
    }
    return compare_networks(a, b);
}

static enum onus_code sum_networks(struct joiner *j)
{
    struct onus_trace_result *r = j->result;
    if (r->source_count == 0) {
        return ONUS_OK;
    }
    struct onus_trace_network *rows = onus_arena_alloc(j->arena, r->source_count * sizeof(*rows));
    if (!rows) {
        return onus_arena_reason(j->arena, j->err);
    }
    size_t count = 0;
    for (size_t i = 0; i < r->source_count; i++) {
        const struct onus_trace_source *s = &r->sources[i];
        if (s->is_address && s->asn_fact.table.len > 0) {
            rows[count++] = (struct onus_trace_network){.asn = s->asn_fact.asn,
                    .operator_name = s->asn_fact.operator_name,
                    .country = s->country_fact.country.len > 0 ? s->country_fact.country
                                                               : s->asn_fact.country,
                    .table = s->asn_fact.table,
                    .date = s->asn_fact.date,
                    .sources = 1,
                    .attempts = s->attempts};
        }
    }
    qsort(rows, count, sizeof(*rows), compare_networks);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare_networks(&rows[kept - 1], &rows[i]) == 0) {
            rows[kept - 1].sources += rows[i].sources;
            rows[kept - 1].attempts += rows[i].attempts;
            if (!onus_str_eq(rows[kept - 1].country, rows[i].country)) {
                rows[kept - 1].country =
                        ONUS_STR_NONE; /* sources of one network, several countries */
            }
        } else {
            rows[kept++] = rows[i];
        }
    }
    qsort(rows, kept, sizeof(*rows), networks_by_weight);
    r->networks = rows;
    r->network_count = kept;
    return ONUS_OK;
}

static int compare_countries(const void *a, const void *b)
{
    const struct onus_trace_country *x = a;
    const struct onus_trace_country *y = b;
    int order = onus_str_compare(x->code, y->code);
    if (order == 0) {
        order = onus_str_compare(x->table, y->table);
    }
    return order != 0 ? order : onus_str_compare(x->date, y->date);
}

static int countries_by_weight(const void *a, const void *b)
{
    const struct onus_trace_country *x = a;
    const struct onus_trace_country *y = b;
    if (x->attempts != y->attempts) {
        return x->attempts > y->attempts ? -1 : 1;
    }
    return compare_countries(a, b);
}

static enum onus_code sum_countries(struct joiner *j)
{
    struct onus_trace_result *r = j->result;
    if (r->source_count == 0) {
        return ONUS_OK;
    }
    struct onus_trace_country *rows = onus_arena_alloc(j->arena, r->source_count * sizeof(*rows));
    if (!rows) {
        return onus_arena_reason(j->arena, j->err);
    }
    size_t count = 0;
    for (size_t i = 0; i < r->source_count; i++) {
        const struct onus_trace_source *s = &r->sources[i];
        if (s->is_address && s->country_fact.table.len > 0) {
            rows[count++] = (struct onus_trace_country){.code = s->country_fact.country.len > 0
                                                                        ? s->country_fact.country
                                                                        : ONUS_STR("??"),
                    .table = s->country_fact.table,
                    .date = s->country_fact.date,
                    .sources = 1,
                    .attempts = s->attempts};
        }
    }
    qsort(rows, count, sizeof(*rows), compare_countries);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare_countries(&rows[kept - 1], &rows[i]) == 0) {
            rows[kept - 1].sources += rows[i].sources;
            rows[kept - 1].attempts += rows[i].attempts;
        } else {
            rows[kept++] = rows[i];
        }
    }
    qsort(rows, kept, sizeof(*rows), countries_by_weight);
    r->countries = rows;
    r->country_count = kept;
    return ONUS_OK;
}

static enum onus_code list_databases(struct joiner *j)
{
    size_t count = onus_ipdb_table_count(j->ipdb);
    struct onus_trace_result *r = j->result;
    r->databases = onus_arena_alloc(j->arena, (count + 1) * sizeof(*r->databases));
    if (!r->databases) {
        return onus_arena_reason(j->arena, j->err);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < count && code == ONUS_OK; i++) {
        const struct onus_ipdb_table *table = onus_ipdb_table(j->ipdb, i);
        struct onus_trace_database *row = &r->databases[r->database_count++];
        bool asn = table->knows & ONUS_IPDB_ASN;
        bool country = table->knows & ONUS_IPDB_COUNTRY;
        row->kind = asn && country ? ONUS_STR("asn+country")
                    : asn          ? ONUS_STR("asn")
                                   : ONUS_STR("country");
        row->used = j->table_used[i];
        code = copy_str(j, table->name, &row->name);
        if (code == ONUS_OK) {
            code = copy_str(j, table->date, &row->date);
        }
    }
    return code;
}

/* One note for the table that is farthest from the events it was asked about. */
static enum onus_code note_distance(struct joiner *j)
{
    const struct onus_net_fact *far = NULL;
    uint64_t affected = 0;
    for (size_t i = 0; i < j->result->source_count; i++) {
        const struct onus_trace_source *s = &j->result->sources[i];
        const struct onus_net_fact *facts[] = {&s->asn_fact, &s->country_fact};
        bool is_far = false;
        for (size_t f = 0; f < ONUS_COUNT(facts); f++) {
            if (facts[f]->table.len > 0 && abs(facts[f]->distance_days) > ONUS_JOIN_FAR_DAYS) {
                is_far = true;
                if (!far || abs(facts[f]->distance_days) > abs(far->distance_days)) {
                    far = facts[f];
                }
            }
        }
        affected += is_far;
    }
    if (!far) {
        return ONUS_OK;
    }
    return add_note(j->result, j->err,
            "networks of %llu source addresses come from a table more than %d days from the events "
            "(farthest: " ONUS_STR_FMT " " ONUS_STR_FMT
            ", %d days %s); addresses change hands, so read them with that date",
            (unsigned long long)affected, ONUS_JOIN_FAR_DAYS, ONUS_STR_ARG(far->table),
            ONUS_STR_ARG(far->date), abs(far->distance_days),
            far->distance_days > 0 ? "later" : "earlier");
}

enum onus_code onus_join_networks(const struct onus_ipdb *ipdb, struct onus_trace_result *result,
        struct onus_error *err)
{
    if (!ipdb) {
        return add_note(result, err,
                "no address database: networks and countries are not known (see 'onus ipdb')");
    }
    struct joiner j = {.ipdb = ipdb, .result = result, .arena = &result->arena, .err = err};
    j.table_used = onus_arena_alloc(&result->arena, onus_ipdb_table_count(ipdb) + 1);
    if (!j.table_used) {
        return onus_arena_reason(&result->arena, err);
    }
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < result->source_count && code == ONUS_OK; i++) {
        code = join_source(&j, &result->sources[i]);
    }
    if (code == ONUS_OK) {
        code = onus_ipdb_status(ipdb, err);
    }
    if (code == ONUS_OK) {
        code = sum_networks(&j);
    }
    if (code == ONUS_OK) {
        code = sum_countries(&j);
    }
    if (code == ONUS_OK) {
        code = list_databases(&j);
    }
    return code == ONUS_OK ? note_distance(&j) : code;
}
