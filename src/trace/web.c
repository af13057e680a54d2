/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/str.h"
#include "trace/web_literals.h"
#include "trace/web_rules.h"
#include "trace/web_seen.h"

enum {
    AGENT_TEXT_MAX = 4096, /* servers refuse longer header lines */
    AGENT_BITS = 8,        /* of buckets */
    AGENT_WAYS = 4, /* agents are few and come again and again: two must not push each other out */
    TARGET_BITS = 11,
    TARGET_FIELDS = ONUS_WEB_PATH | ONUS_WEB_QUERY | ONUS_WEB_TARGET,
    SHAPE_MARKS = ONUS_MARK_STATIC | ONUS_MARK_QUERY, /* what the target alone decides */
};

/*
 * The literals: the same for every worker and read-only once made, so they are made once and shared. Two sets, because what names a scanner is ordinary text in a path.
 */
static struct {
    pthread_mutex_t lock;
    size_t users;
    struct onus_web_literals *target;
    struct onus_web_literals *agent;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

/*
 * What a text was found to be: an agent, or a target that holds a literal, asked for in one way and
 * answered with one status. Both repeat, so most are looked up, not scanned. They are known by their
 * hash: see web_seen.h.
 */
struct verdict {
    uint64_t hash;
    onus_findings findings;
    const struct onus_web_rule *rule;
    uint32_t index;
    uint16_t marks; /* SHAPE_MARKS of a target */
};

struct agent_bucket {
    uint64_t hashes[AGENT_WAYS];
    struct verdict verdicts[AGENT_WAYS];
    unsigned oldest;
};

struct onus_web_scanner {
    bool ready; /* holds a share of the literals */
    enum onus_code failed;
    struct onus_web_key key;
    struct onus_web_seen seen;
    struct agent_bucket agents[1u << AGENT_BITS];
    struct verdict targets[1u << TARGET_BITS];
    char target[ONUS_WEB_TEXT_MAX];
    char agent[AGENT_TEXT_MAX];
};

/* What one field was found to hold. */
struct inspection {
    const struct onus_event *event;
    const struct onus_web_text *text;
    unsigned fields;  /* rules for other fields do not count */
    bool has_literal; /* of any rule, whether the rule then held or not */
    onus_findings findings;
    const struct onus_web_rule *rule; /* the gravest, and its row */
    size_t index;
};

static void release_shared(void)
{
    (void)pthread_mutex_lock(&shared.lock);
    if (--shared.users == 0) {
        onus_web_literals_free(shared.target);
        onus_web_literals_free(shared.agent);
        shared.target = NULL;
        shared.agent = NULL;
    }
    (void)pthread_mutex_unlock(&shared.lock);
}

static enum onus_code acquire_shared(struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    (void)pthread_mutex_lock(&shared.lock);
    if (shared.users++ == 0) {
        code = onus_web_literals_new(TARGET_FIELDS, &shared.target, err);
        if (code == ONUS_OK) {
            code = onus_web_literals_new(ONUS_WEB_AGENT, &shared.agent, err);
        }
    }
    (void)pthread_mutex_unlock(&shared.lock);
    if (code != ONUS_OK) {
        release_shared();
    }
    return code;
}

struct onus_web_scanner *onus_web_scanner_new(struct onus_error *err)
{
    struct onus_web_scanner *scanner = calloc(1, sizeof(*scanner));
    if (!scanner) {
        (void)onus_fail(err, ONUS_E_MEMORY, "out of memory for web rules");
    }
    return scanner;
}

/* The literals are laid out for the first request: most logs hold none. */
static bool prepare(struct onus_web_scanner *scanner)
{
    if (scanner->failed != ONUS_OK) {
        return false;
    }
    scanner->failed = acquire_shared(NULL);
    if (scanner->failed != ONUS_OK) {
        return false;
    }
    scanner->ready = true;
    onus_web_key_init(&scanner->key);
    return true;
}

enum onus_code onus_web_scanner_status(const struct onus_web_scanner *scanner)
{
    return scanner ? scanner->failed : ONUS_OK;
}

void onus_web_scanner_free(struct onus_web_scanner *scanner)
{
    if (!scanner) {
        return;
    }
    if (scanner->ready) {
        release_shared();
    }
    free(scanner);
}

/* The gravest finding names the rule; among equals the row that stands first. */
static bool is_graver(const struct inspection *in, const struct onus_web_rule *rule, size_t index)
{
    return !in->rule || rule->finding < in->rule->finding ||
           (rule->finding == in->rule->finding && index < in->index);
}

static void note(struct inspection *in, const struct onus_web_rule *rule, size_t index)
{
    in->findings |= ONUS_FINDING_BIT(rule->finding);
    if (is_graver(in, rule, index)) {
        in->rule = rule;
        in->index = index;
    }
}

static bool at_start(const struct onus_web_text *text, size_t from)
{
    for (size_t i = from; i > 0; i--) {
        if (text->ptr[i - 1] != '/' || from - i > 8) {
            return false;
        }
    }
    return true;
}

/* Whether the path goes on in another segment, or ends, at `to`. */
static bool is_boundary(const struct onus_web_text *text, size_t to, bool end_only)
{
    if (to >= text->len || text->ptr[to] == '?') {
        return true;
    }
    return !end_only && (text->ptr[to] == '/' || text->ptr[to] == ';');
}

static bool stands_right(const struct onus_web_hit *hit)
{
    unsigned where = hit->rule->where;
    size_t path_end = hit->text->query; /* a literal may take the '?' along */
    if ((where & ONUS_WEB_PATH) && hit->to > path_end) {
        return false;
    }
    if ((where & ONUS_WEB_QUERY) && hit->from < hit->text->query) {
        return false;
    }
    if ((where & ONUS_WEB_AT_START) && !at_start(hit->text, hit->from)) {
        return false;
    }
    if ((where & ONUS_WEB_SEGMENT) && !is_boundary(hit->text, hit->to, false)) {
        return false;
    }
    return !(where & ONUS_WEB_AT_END) || is_boundary(hit->text, hit->to, true);
}

static bool request_fits(const struct onus_web_rule *rule, const struct onus_event *event)
{
    if ((rule->where & ONUS_WEB_POST) && !onus_str_eq(event->method, ONUS_STR("POST"))) {
        return false;
    }
    return !(rule->where & ONUS_WEB_ABSENT) || (event->status >= 400 && event->status < 500);
}

static void judge(struct inspection *in, size_t index, size_t from, size_t to)
{
    const struct onus_web_rule *rule = onus_web_rule_at(index);
    bool known = (in->findings & ONUS_FINDING_BIT(rule->finding)) != 0;
    if (!(rule->where & in->fields) || (known && !is_graver(in, rule, index))) {
        return; /* a text full of one literal is confirmed once */
    }
    struct onus_web_hit hit = {rule, in->event, in->text, from, to};
    if (request_fits(rule, in->event) && stands_right(&hit) &&
            (!rule->confirm || rule->confirm(&hit))) {
        note(in, rule, index);
    }
}

static void on_literal(size_t row, size_t from, size_t to, void *data)
{
    struct inspection *in = data;
    in->has_literal = true;
    judge(in, row, from, to);
}

static void scan(const struct onus_web_literals *set, struct inspection *in)
{
    const struct onus_web_found found = {on_literal, in};
    onus_web_literals_scan(set, (struct onus_str){in->text->ptr, in->text->len}, &found);
}

static void merge(struct inspection *into, onus_findings findings, const struct onus_web_rule *rule,
        size_t index)
{
    if (rule) {
        note(into, rule, index);
        into->findings |= findings;
    }
}

/* The agent, or another field the remote side fills, by the rules for `field`. */
static void inspect_words(struct onus_web_scanner *scanner, struct onus_str words, unsigned field,
        struct inspection *all)
{
    struct onus_str lower = onus_web_lower(words, scanner->agent, sizeof(scanner->agent));
    struct onus_web_text text = {.ptr = lower.ptr, .len = lower.len, .query = lower.len};
    struct inspection in = {.event = all->event, .text = &text, .fields = field};
    scan(shared.agent, &in);
    merge(all, in.findings, in.rule, in.index);
}

/* NULL when that agent is not kept. */
static const struct verdict *find_agent(const struct agent_bucket *bucket, uint64_t hash)
{
    for (size_t i = 0; i < AGENT_WAYS; i++) {
        if (bucket->hashes[i] == hash) {
            return &bucket->verdicts[i];
        }
    }
    return NULL;
}

static const struct verdict *keep_agent(struct agent_bucket *bucket, uint64_t hash,
        const struct inspection *in)
{
    size_t way = bucket->oldest++ % AGENT_WAYS;
    bucket->hashes[way] = hash;
    bucket->verdicts[way] = (struct verdict){hash, in->findings, in->rule, (uint32_t)in->index, 0};
    return &bucket->verdicts[way];
}

static struct agent_bucket *bucket_of(struct onus_web_scanner *scanner, uint64_t hash)
{
    return &scanner->agents[hash >> (64 - AGENT_BITS)];
}

static void inspect_agent(struct onus_web_scanner *scanner, uint64_t hash, struct inspection *all)
{
    struct onus_str agent = all->event->agent;
    if (agent.len == 0) {
        return;
    }
    if (hash == 0) {
        inspect_words(scanner, agent, ONUS_WEB_AGENT, all);
        return;
    }
    struct agent_bucket *bucket = bucket_of(scanner, hash);
    const struct verdict *verdict = find_agent(bucket, hash);
    if (!verdict) {
        struct inspection fresh = {.event = all->event};
        inspect_words(scanner, agent, ONUS_WEB_AGENT, &fresh);
        verdict = keep_agent(bucket, hash, &fresh);
    }
    merge(all, verdict->findings, verdict->rule, verdict->index);
}

/* Rules without a literal to scan for: the method, and the request as a whole. */
static void inspect_shape(struct inspection *in)
{
    size_t index = 0;
    for (size_t t = 0; onus_web_tables[t] != &onus_web_requests; t++) {
        index += onus_web_tables[t]->count;
    }
    for (size_t i = 0; i < onus_web_requests.count; i++) {
        const struct onus_web_rule *rule = &onus_web_requests.rules[i];
        if ((rule->where & ONUS_WEB_METHOD) &&
                !onus_str_eq(in->event->method, onus_str_of(rule->literal))) {
            continue;
        }
        judge(in, index + i, 0, 0);
    }
}

static bool is_usual_method(struct onus_str method)
{
    if (method.len == 4) {
        return memcmp(method.ptr, "POST", 4) == 0 || memcmp(method.ptr, "HEAD", 4) == 0;
    }
    return method.len == 3 && memcmp(method.ptr, "GET", 3) == 0;
}

/*
 * Whether a rule of onus_web_requests could hold; they are many and such requests are few. One half
 * depends on the target alone.
 */
static bool is_unusual(const struct onus_event *event)
{
    return (event->marks & ONUS_MARK_BAD_REQUEST) || event->status == 401 ||
           !is_usual_method(event->method);
}

static bool is_unusual_target(const struct onus_web_text *text)
{
    return text->len == 0 || text->ptr[0] != '/' || text->marks != 0 || text->has_blank;
}

static bool is_static(const struct onus_web_text *text)
{
    static const char suffixes[][8] = {"png", "jpg", "jpeg", "gif", "ico", "svg", "webp", "avif",
            "bmp", "css", "js", "mjs", "map", "woff", "woff2", "ttf", "otf", "eot", "mp4", "webm",
            "mp3", "ogg"};
    size_t end = text->query > 0 && text->query < text->len ? text->query - 1 : text->query;
    struct onus_str tail = {text->ptr + (end > 6 ? end - 6 : 0), end > 6 ? 6 : end};
    size_t dot = onus_str_rfind_char(tail, '.');
    if (dot == ONUS_STR_NPOS) {
        return false;
    }
    char suffix[8] = {0};
    memcpy(suffix, tail.ptr + dot + 1, tail.len - dot - 1);
    for (size_t i = 0; i < ONUS_COUNT(suffixes); i++) {
        if (memcmp(suffix, suffixes[i], sizeof(suffix)) == 0) {
            return true;
        }
    }
    return false;
}

/* SHAPE_MARKS as two bits, and back. */
static const uint16_t seen_marks[] = {0, ONUS_MARK_STATIC, ONUS_MARK_QUERY, SHAPE_MARKS};

static unsigned seen_bits(unsigned marks)
{
    return (marks & ONUS_MARK_STATIC ? 1u : 0u) | (marks & ONUS_MARK_QUERY ? 2u : 0u);
}

/* Decode and scan. True: what was found depends on target, method and status alone. */
static bool inspect_fresh(struct onus_web_scanner *scanner, struct inspection *in,
        struct onus_event *event, unsigned *marks)
{
    struct onus_web_text text;
    onus_web_decode(event->target, scanner->target, &text);
    bool rooted = onus_str_begins(event->target, ONUS_STR("/"));
    if (event->method.len == 0 && !rooted) {
        event->marks |= ONUS_MARK_BAD_REQUEST;
    }
    in->text = &text;
    scan(shared.target, in);
    *marks = (is_static(&text) ? ONUS_MARK_STATIC : 0u) | (text.has_query ? ONUS_MARK_QUERY : 0u);
    bool usual = !is_unusual(event) && !is_unusual_target(&text);
    if (!usual) {
        in->fields = ONUS_WEB_METHOD | ONUS_WEB_SHAPE;
        inspect_shape(in);
    }
    in->text = NULL;
    return usual && rooted;
}

/* Adds what the target says to *all and gives its SHAPE_MARKS. */
static unsigned inspect_target(struct onus_web_scanner *scanner, uint64_t hash,
        struct inspection *all, struct onus_event *event)
{
    unsigned marks = 0;
    bool unusual = is_unusual(event);
    if (!unusual && onus_web_seen_has(&scanner->seen, hash, &marks)) {
        return seen_marks[marks];
    }
    /* Methods are GET, POST or HEAD here: a confirm function sees method, status and target alone. */
    uint64_t how = unusual ? 0 : (uint64_t)event->status << 8 | (uint8_t)event->method.ptr[0];
    uint64_t asked = onus_hash_mix(hash, how);
    struct verdict *verdict = &scanner->targets[asked >> (64 - TARGET_BITS)];
    if (!unusual && hash != 0 && verdict->hash == asked) {
        merge(all, verdict->findings, verdict->rule, verdict->index);
        return verdict->marks;
    }
    struct inspection in = {.event = event, .fields = TARGET_FIELDS};
    bool keep = inspect_fresh(scanner, &in, event, &marks) && hash != 0;
    if (keep && !in.has_literal) {
        onus_web_seen_add(&scanner->seen, hash, seen_bits(marks));
    } else if (keep) {
        *verdict =
                (struct verdict){asked, in.findings, in.rule, (uint32_t)in.index, (uint16_t)marks};
    }
    merge(all, in.findings, in.rule, in.index);
    return marks;
}

static bool is_ready(struct onus_web_scanner *scanner, const struct onus_event *event)
{
    return scanner && event->kind == ONUS_EVENT_WEB && (scanner->ready || prepare(scanner)) &&
           scanner->failed == ONUS_OK;
}

void onus_web_look_ahead(struct onus_web_scanner *scanner, const struct onus_event *event,
        struct onus_web_hashes *out)
{
    if (!is_ready(scanner, event)) {
        return;
    }
    out->target = onus_web_hash(&scanner->key, event->target);
    out->agent = onus_web_hash(&scanner->key, event->agent);
    onus_web_seen_fetch(&scanner->seen, out->target);
    __builtin_prefetch(bucket_of(scanner, out->agent));
}

void onus_web_inspect_ahead(struct onus_web_scanner *scanner, struct onus_event *event,
        const struct onus_web_hashes *hashes)
{
    if (!is_ready(scanner, event)) {
        return;
    }
    struct inspection in = {.event = event};
    inspect_agent(scanner, hashes->agent, &in);
    if (event->detail.len > 0 && onus_str_find_char(event->detail, '{') != ONUS_STR_NPOS) {
        inspect_words(scanner, event->detail, ONUS_WEB_REFERER, &in);
    }
    unsigned marks = inspect_target(scanner, hashes->target, &in, event);
    event->findings |= in.findings;
    event->marks = (uint16_t)(event->marks | marks);
    if (in.rule) {
        event->rule = in.rule->reason;
    }
}

void onus_web_inspect(struct onus_web_scanner *scanner, struct onus_event *event)
{
    struct onus_web_hashes hashes = {0};
    onus_web_look_ahead(scanner, event, &hashes);
    onus_web_inspect_ahead(scanner, event, &hashes);
}
