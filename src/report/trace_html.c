/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_html.h"

#include "base/str.h"
#include "model/trace_json.h"
#include "model/trace_lookup.h"
#include "report/about.h"
#include "report/trace_text.h"
#include "report/web_assets.h"
#include "report/words.h"
#include "text/html_write.h"

enum {
    MANY_INCIDENTS = 3000,
    LINE_BYTES_MAX = 2000,     /* of one raw line */
    LINES_BYTES_MAX = 3000000, /* of all of them; a third for many incidents */
};

struct page {
    const struct onus_trace_result *result;
    const struct onus_trace_html_options *options;
    struct onus_buffer *out;
};

/* The more incidents, the less of each: the page stays under 15 MB. */
static struct onus_trace_json_limits limits_for(const struct onus_trace_result *result)
{
    if (result->incident_count <= 1000) {
        return (struct onus_trace_json_limits){.sources = 6000, .list = 50, .text = 400};
    }
    if (result->incident_count <= MANY_INCIDENTS) {
        return (struct onus_trace_json_limits){.sources = 6000, .list = 10, .refs = 5, .text = 200};
    }
    return (struct onus_trace_json_limits){.incidents = 10000,
            .sources = 6000,
            .list = 3,
            .refs = 3,
            .text = 160};
}

static void add_lines(const struct page *page, struct onus_json *json)
{
    bool many = page->result->incident_count > MANY_INCIDENTS;
    size_t most = many ? LINES_BYTES_MAX / 3 : LINES_BYTES_MAX;
    size_t bytes = 0;
    onus_json_key(json, "lines");
    onus_json_array(json);
    for (size_t i = 0; i < page->options->line_count && bytes < most; i++) {
        const struct onus_trace_html_line *line = &page->options->lines[i];
        onus_json_array(json);
        onus_json_str_open(json);
        onus_json_str_part(json, onus_trace_path(page->result, line->ref));
        onus_buffer_add_char(json->out, ':');
        onus_buffer_add_u64(json->out, line->ref.line);
        onus_json_str_close(json);
        onus_json_str_open(json);
        onus_json_str_part(json, onus_str_sub(line->text, 0, LINE_BYTES_MAX));
        onus_json_str_part(json, line->text.len > LINE_BYTES_MAX ? ONUS_STR("…") : ONUS_STR_NONE);
        onus_json_str_close(json);
        onus_json_array_end(json);
        bytes += line->text.len < LINE_BYTES_MAX ? line->text.len : LINE_BYTES_MAX;
    }
    onus_json_array_end(json);
}

static void put_data(const struct page *page)
{
    struct onus_trace_json_limits limits = limits_for(page->result);
    struct onus_json json;
    onus_json_init(&json, page->out, ONUS_JSON_IN_HTML);
    onus_json_object(&json);
    onus_json_key(&json, "trace");
    onus_trace_json_add_limited(page->result, &limits, &json);
    add_lines(page, &json);
    onus_json_object_end(&json);
    if (onus_json_finish(&json, NULL) == ONUS_E_BUG) {
        page->out->failed = ONUS_E_BUG;
    }
}

static void put_words(const struct page *page, struct onus_buffer *words)
{
    if (words->failed != ONUS_OK) {
        page->out->failed = words->failed;
    }
    onus_html_add_visible(page->out, onus_buffer_view(words));
    onus_buffer_clear(words);
}

static void put_summary(const struct page *page)
{
    struct onus_buffer words;
    onus_buffer_init(&words, 0);
    onus_words_summary(&words, page->result);
    put_words(page, &words);
}

static void put_fallback(const struct page *page)
{
    struct onus_buffer words;
    onus_buffer_init(&words, 0);
    onus_trace_text_write(page->result, &(struct onus_trace_text_options){.top = 50}, &words);
    put_words(page, &words);
}

static void put_title(const struct page *page)
{
    const struct onus_trace_result *result = page->result;
    if (page->options->title.len > 0) {
        onus_html_add_text(page->out, page->options->title);
        return;
    }
    onus_buffer_add_text(page->out, "Trace of ");
    if (result->input_count == 1) {
        onus_html_add_text(page->out, onus_str_sub(result->inputs[0].path, 0, 300));
        return;
    }
    onus_words_count(page->out, result->input_count, "file", NULL);
}

static void put_version(const struct page *page)
{
    onus_buffer_add_text(page->out, onus_version);
}

static void put_css(const struct page *page)
{
    onus_buffer_add_str(page->out, onus_web_css);
}

static void put_css_hash(const struct page *page)
{
    onus_buffer_add_str(page->out, onus_web_css_hash);
}

static void put_js(const struct page *page)
{
    onus_buffer_add_str(page->out, onus_web_js);
}

static void put_js_hash(const struct page *page)
{
    onus_buffer_add_str(page->out, onus_web_js_hash);
}

static void put_caveat(const struct page *page)
{
    onus_html_add_text(page->out, onus_str_of(onus_words_address_caveat));
}

/* The {{name}} marks of web/trace.html. */
static const struct mark {
    const char *name;
    void (*put)(const struct page *page);
} marks[] = {
        {"caveat", put_caveat},
        {"css", put_css},
        {"css_hash", put_css_hash},
        {"data", put_data},
        {"fallback", put_fallback},
        {"js", put_js},
        {"js_hash", put_js_hash},
        {"summary", put_summary},
        {"title", put_title},
        {"version", put_version},
};

static void put_mark(const struct page *page, struct onus_str name)
{
    for (size_t i = 0; i < ONUS_COUNT(marks); i++) {
        if (onus_str_eq(name, onus_str_of(marks[i].name))) {
            marks[i].put(page);
            return;
        }
    }
    page->out->failed = ONUS_E_BUG;
}

void onus_trace_html_write(const struct onus_trace_result *result,
        const struct onus_trace_html_options *options, struct onus_buffer *out)
{
    struct page page = {.result = result, .options = options, .out = out};
    struct onus_str rest = onus_web_html;
    struct onus_str text = ONUS_STR_NONE;
    while (onus_str_cut_text(&rest, ONUS_STR("{{"), &text)) {
        struct onus_str name = ONUS_STR_NONE;
        onus_buffer_add_str(out, text);
        if (!onus_str_cut_text(&rest, ONUS_STR("}}"), &name)) {
            out->failed = ONUS_E_BUG;
            return;
        }
        put_mark(&page, name);
    }
    onus_buffer_add_str(out, rest);
}
