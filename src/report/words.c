/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "model/trace_lookup.h"
#include "text/utf8.h"

const char onus_words_address_caveat[] =
        "An address is not a person: the country is where the block is registered, "
        "and who used the address is not established here.";

static void add_visible(struct onus_buffer *out, struct onus_str s)
{
    (void)onus_utf8_add_visible(out, s, SIZE_MAX);
}

void onus_words_number(struct onus_buffer *out, uint64_t value)
{
    char text[32];
    size_t at = sizeof(text);
    unsigned digits = 0;
    do {
        if (digits > 0 && digits % 3 == 0) {
            text[--at] = ',';
        }
        text[--at] = (char)('0' + value % 10);
        value /= 10;
        digits++;
    } while (value > 0);
    onus_buffer_add(out, text + at, sizeof(text) - at);
}

void onus_words_count(struct onus_buffer *out, uint64_t value, const char *one, const char *many)
{
    onus_words_number(out, value);
    onus_buffer_add_char(out, ' ');
    if (value == 1 || !many) {
        onus_buffer_add_text(out, one);
        if (value != 1) {
            onus_buffer_add_char(out, 's');
        }
        return;
    }
    onus_buffer_add_text(out, many);
}

enum {
    DATE_LEN = 10,
    MINUTE_LEN = 16
};

/* "2026-01-10T02:11..." -> "2026-01-10 02:11"; false for a time that cannot be written. */
static bool minute_text(int64_t usec, char out[static ONUS_TIME_TEXT])
{
    if (usec == ONUS_TIME_NONE || onus_time_format(usec, out) < MINUTE_LEN) {
        return false;
    }
    out[DATE_LEN] = ' ';
    out[MINUTE_LEN] = '\0';
    return true;
}

void onus_words_minute(struct onus_buffer *out, int64_t usec)
{
    char text[ONUS_TIME_TEXT];
    onus_buffer_add_text(out, minute_text(usec, text) ? text : "no time");
}

void onus_words_span(struct onus_buffer *out, int64_t first, int64_t last)
{
    char from[ONUS_TIME_TEXT];
    char to[ONUS_TIME_TEXT];
    if (!minute_text(first, from) || !minute_text(last, to)) {
        onus_buffer_add_text(out, "no time");
        return;
    }
    onus_buffer_add_text(out, from);
    if (memcmp(from, to, MINUTE_LEN) != 0) {
        bool same_day = memcmp(from, to, DATE_LEN) == 0;
        onus_buffer_add_text(out, " to ");
        onus_buffer_add_text(out, same_day ? to + DATE_LEN + 1 : to);
    }
    onus_buffer_add_text(out, " UTC");
}

void onus_words_duration(struct onus_buffer *out, int64_t usec)
{
    static const struct {
        int64_t seconds;
        const char *unit;
    } units[] = {{(int64_t)2 * 86400, " d"}, {(int64_t)2 * 3600, " h"}, {(int64_t)2 * 60, " min"}};
    int64_t seconds = usec > 0 ? usec / ONUS_USEC : 0;
    for (size_t i = 0; i < ONUS_COUNT(units); i++) {
        if (seconds >= units[i].seconds) {
            onus_words_number(out, (uint64_t)(seconds / (units[i].seconds / 2)));
            onus_buffer_add_text(out, units[i].unit);
            return;
        }
    }
    onus_words_number(out, (uint64_t)seconds);
    onus_buffer_add_text(out, " s");
}

void onus_words_ref(struct onus_buffer *out, const struct onus_trace_result *result,
        struct onus_line_ref ref)
{
    add_visible(out, onus_trace_path(result, ref));
    onus_buffer_add_char(out, ':');
    onus_buffer_add_u64(out, ref.line);
}

void onus_words_network(struct onus_buffer *out, uint32_t asn, struct onus_str operator_name)
{
    if (asn == 0) {
        onus_buffer_add_text(out, "network not in the tables");
        return;
    }
    onus_buffer_add_text(out, "AS");
    onus_buffer_add_u64(out, asn);
    if (operator_name.len > 0) {
        onus_buffer_add_char(out, ' ');
        add_visible(out, operator_name);
    }
}

void onus_words_date(struct onus_buffer *out, struct onus_str date)
{
    onus_buffer_add_text(out, " (");
    if (date.len > 0) {
        add_visible(out, date);
    } else {
        onus_buffer_add_text(out, "undated");
    }
    onus_buffer_add_char(out, ')');
}

void onus_words_whereabouts(struct onus_buffer *out, const struct onus_trace_source *source)
{
    onus_words_network(out, source->asn_fact.asn, source->asn_fact.operator_name);
    if (source->asn_fact.asn != 0) {
        onus_words_date(out, source->asn_fact.date);
    }
    const struct onus_net_fact *country = onus_trace_country_fact(source);
    if (country) {
        onus_buffer_add_text(out, ", registered in ");
        add_visible(out, country->country);
        onus_words_date(out, country->date);
    }
    for (size_t i = 0; i < source->shared_count; i++) {
        onus_buffer_add_text(out, ", ");
        add_visible(out, source->shared[i].kind);
        onus_words_date(out, source->shared[i].date);
    }
    if (source->claimed) {
        onus_buffer_add_text(out, ", address taken from a header the remote side can write");
    }
}

static uint64_t succeeded_after_guessing(const struct onus_trace_result *result)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < result->incident_count; i++) {
        if (result->incidents[i].kind == ONUS_INCIDENT_LOGIN_AFTER_GUESSING) {
            sum += result->incidents[i].succeeded;
        }
    }
    return sum;
}

void onus_words_summary(struct onus_buffer *out, const struct onus_trace_result *result)
{
    onus_words_count(out, result->lines, "line", NULL);
    onus_buffer_add_text(out, " of ");
    onus_words_count(out, result->input_count, "file", NULL);
    if (result->attempts == 0) {
        onus_buffer_add_text(out, ": no attempts were recognised");
    } else {
        onus_buffer_add_text(out, result->lines == 1 ? " holds " : " hold ");
        onus_words_count(out, result->attempts, "attempt", NULL);
        onus_buffer_add_text(out, " by ");
        onus_words_count(out, result->source_count, "source", NULL);
    }
    if (result->first != ONUS_TIME_NONE && result->last != ONUS_TIME_NONE) {
        onus_buffer_add_text(out, ", ");
        onus_words_span(out, result->first, result->last);
    }
    onus_buffer_add_text(out, ". ");
    if (result->incident_count == 0) {
        onus_buffer_add_text(out, "No incident: no rule's threshold was met.");
        return;
    }
    onus_words_count(out, result->incident_count, "incident", NULL);
    onus_buffer_add_text(out, "; ");
    uint64_t after_guessing = succeeded_after_guessing(result);
    if (result->succeeded == 0) {
        onus_buffer_add_text(out, "no login is recorded as successful.");
        return;
    }
    onus_words_count(out, result->succeeded, "login", NULL);
    onus_buffer_add_text(out, " succeeded, ");
    if (after_guessing == 0) {
        onus_buffer_add_text(out, "none");
    } else {
        onus_words_number(out, after_guessing);
    }
    onus_buffer_add_text(out, " after guessing.");
}

/* "; " in front of every remark but the first. */
static struct onus_buffer *next_remark(struct onus_buffer *out, size_t start)
{
    if (out->len > start) {
        onus_buffer_add_text(out, "; ");
    }
    return out;
}

static void add_silences(struct onus_buffer *out, size_t start,
        const struct onus_trace_input *input)
{
    if (input->gap_count > 0) {
        onus_words_count(next_remark(out, start), input->gap_count, "gap", NULL);
        onus_buffer_add_text(out, input->gap_count == 1 ? " of " : ", the longest of ");
        onus_words_duration(out, input->gaps[0].to - input->gaps[0].from);
        onus_buffer_printf(out, " before line %llu", (unsigned long long)input->gaps[0].line);
    }
    if (input->step_count > 0) {
        onus_words_count(next_remark(out, start), input->step_count, "clock step back",
                "clock steps back");
        onus_buffer_add_text(out, input->step_count == 1 ? ", by " : ", the largest by ");
        onus_words_duration(out, input->steps[0].from - input->steps[0].to);
        onus_buffer_printf(out, " at line %llu", (unsigned long long)input->steps[0].line);
    }
    if (input->out_of_order > 0) {
        onus_words_count(next_remark(out, start), input->out_of_order, "line", NULL);
        onus_buffer_add_text(out, " out of time order");
    }
}

void onus_words_input(struct onus_buffer *out, const struct onus_trace_input *input)
{
    size_t start = out->len;
    if (input->problem.len > 0) {
        add_visible(out, input->problem);
    }
    if (input->assumed_year > 0) {
        onus_buffer_printf(next_remark(out, start), "year %d assumed", input->assumed_year);
    }
    if (input->unparsed > 0 && input->unparsed_first > 0) {
        onus_buffer_printf(next_remark(out, start), "first unparsed line %llu",
                (unsigned long long)input->unparsed_first);
    }
    add_silences(out, start, input);
    if (input->cut_line) {
        onus_buffer_add_text(next_remark(out, start), "last line has no line end");
    }
    if (input->shrank && input->problem.len == 0) {
        onus_buffer_add_text(next_remark(out, start), "file shrank while it was read");
    }
    if (input->broke_off && input->problem.len == 0) {
        onus_buffer_add_text(next_remark(out, start), "compressed data breaks off");
    }
}
