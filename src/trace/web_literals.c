/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web_literals.h"

#include <hs/hs.h>
#include <stdlib.h>

#include "base/str.h"
#include "trace/web_rules.h"

enum {
    ROWS_MAX = 2048,
    WINDOW = 4 /* twice the bytes take four times as long to compile */
};

/* One rule, as far as scanning goes. */
struct entry {
    struct onus_str literal;
    size_t offset; /* of the window in the literal */
    size_t row;
    size_t next; /* entry with the same window, NO_ENTRY after the last */
};

#define NO_ENTRY SIZE_MAX

struct onus_web_literals {
    hs_database_t *database;
    size_t count;
    struct entry entries[ROWS_MAX];
    size_t window_count;
    size_t first[ROWS_MAX]; /* entry of each window */

    /* as the matcher wants them, a row for each window */
    const char *windows[ROWS_MAX];
    size_t lengths[ROWS_MAX];
    unsigned flags[ROWS_MAX];
    unsigned ids[ROWS_MAX];
};

/* How rare a byte is in targets and agents; only ever compared with each other. */
static unsigned rarity(char c)
{
    static const char common[] = "eatoinsrlcdpmhgu/.-1025349678bfwvy=&?_ jxqkz";
    const char *at = memchr(common, c, sizeof(common) - 1);
    return at ? (unsigned)(at - common) : (unsigned)sizeof(common);
}

/* Four bytes that begin many words or end many names are not rare, whatever their letters. */
static bool is_worn(const char window[static WINDOW])
{
    static const char worn[][WINDOW + 1] = {".php", "http", "html", "/wp-", "admi", "dmin", "ndex",
            "inde", "logi", "ogin", "www.", ".htm", ".asp", ".jsp", "ttp:", "tp:/", "p://", "port",
            "cgi-", "/cgi", "ment", "tent", "onte", "-con", "cont", "n.js", "r.js", "g.js", ".jso",
            "json", "php?", "ity/", "/v2/", "form", "n.ph", "x.ph", "bin/", "/log", "/php"};
    for (size_t i = 0; i < ONUS_COUNT(worn); i++) {
        if (memcmp(window, worn[i], WINDOW) == 0) {
            return true;
        }
    }
    return false;
}

static size_t rarest_window(struct onus_str literal)
{
    size_t best = 0;
    unsigned best_score = 0;
    for (size_t at = 0; at + WINDOW <= literal.len; at++) {
        const char *window = literal.ptr + at;
        unsigned score = 1;
        for (size_t i = 0; i < WINDOW; i++) {
            score += rarity(window[i]);
        }
        score = is_worn(window) ? 1 : score;
        if (score > best_score) {
            best = at;
            best_score = score;
        }
    }
    return best;
}

static void add(struct onus_web_literals *set, struct onus_str literal, size_t row)
{
    struct entry *entry = &set->entries[set->count];
    *entry = (struct entry){literal, rarest_window(literal), row, NO_ENTRY};
    struct onus_str window = onus_str_sub(literal, entry->offset, WINDOW);
    for (size_t w = 0; w < set->window_count; w++) {
        if (onus_str_eq(window, (struct onus_str){set->windows[w], set->lengths[w]})) {
            entry->next = set->first[w];
            set->first[w] = set->count++;
            return;
        }
    }
    size_t w = set->window_count++;
    set->windows[w] = window.ptr;
    set->lengths[w] = window.len;
    set->ids[w] = (unsigned)w;
    set->first[w] = set->count++;
}

static enum onus_code compile(struct onus_web_literals *set, struct onus_error *err)
{
    hs_compile_error_t *problem = NULL;
    hs_error_t code = hs_compile_lit_multi(set->windows, set->flags, set->ids, set->lengths,
            (unsigned)set->window_count, HS_MODE_BLOCK, NULL, &set->database, &problem);
    if (code == HS_SUCCESS) {
        return ONUS_OK;
    }
    (void)onus_fail(err, ONUS_E_MEMORY, "cannot compile web rules: %s",
            problem ? problem->message : "out of memory");
    (void)hs_free_compile_error(problem);
    return ONUS_E_MEMORY;
}

enum onus_code onus_web_literals_new(unsigned fields, struct onus_web_literals **out,
        struct onus_error *err)
{
    struct onus_web_literals *set = calloc(1, sizeof(*set));
    if (!set) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory for web rules");
    }
    const struct onus_web_rule *rule = NULL;
    for (size_t row = 0; row < ROWS_MAX && (rule = onus_web_rule_at(row)); row++) {
        if (rule->where & fields) {
            add(set, onus_str_of(rule->literal), row);
        }
    }
    enum onus_code code = compile(set, err);
    if (code != ONUS_OK) {
        onus_web_literals_free(set);
        return code;
    }
    *out = set;
    return ONUS_OK;
}

void onus_web_literals_free(struct onus_web_literals *set)
{
    if (set) {
        (void)hs_free_database(set->database);
        free(set);
    }
}

enum onus_code onus_web_literals_scratch(const struct onus_web_literals *set,
        struct hs_scratch **scratch, struct onus_error *err)
{
    if (hs_alloc_scratch(set->database, scratch) != HS_SUCCESS) {
        return onus_fail(err, ONUS_E_MEMORY, "out of memory for web rules");
    }
    return ONUS_OK;
}

void onus_web_scratch_free(struct hs_scratch *scratch)
{
    (void)hs_free_scratch(scratch);
}

struct scan {
    const struct onus_web_literals *set;
    struct onus_str text;
    void (*found)(size_t row, size_t from, size_t to, void *data);
    void *data;
};

static int on_window(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
        void *data)
{
    (void)from; /* the matcher leaves it at 0 */
    (void)flags;
    const struct scan *scan = data;
    size_t start = (size_t)to - scan->set->lengths[id];
    for (size_t e = scan->set->first[id]; e != NO_ENTRY; e = scan->set->entries[e].next) {
        const struct entry *entry = &scan->set->entries[e];
        if (entry->offset > start) {
            continue;
        }
        size_t at = start - entry->offset;
        if (onus_str_begins(onus_str_from(scan->text, at), entry->literal)) {
            scan->found(entry->row, at, at + entry->literal.len, scan->data);
        }
    }
    return 0;
}

void onus_web_literals_scan(const struct onus_web_literals *set, struct hs_scratch *scratch,
        struct onus_str text, void (*found)(size_t row, size_t from, size_t to, void *data),
        void *data)
{
    if (text.len == 0) {
        return; /* the matcher takes no empty text */
    }
    struct scan scan = {set, text, found, data};
    (void)hs_scan(set->database, text.ptr, (unsigned)text.len, 0, scratch, on_window, &scan);
}
