/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/policy.h"

#include "base/str.h"
#include "text/decimal.h"

enum {
    MEMBERS_MAX = ONUS_POLICY_NODES_MAX,
};

struct parser {
    struct onus_arena *arena;
    struct onus_policy_log *logs;
    size_t log_count;
    struct onus_policy_node *nodes;
    size_t node_count;
    bool has_quorum;
    size_t quorum;
    uint64_t line_number;
    struct onus_error *err;
};

/* The next word of a line; blanks are spaces and tabs. */
static bool next_word(struct onus_str *line, struct onus_str *word)
{
    *line = onus_str_trim(*line);
    size_t length = 0;
    while (length < line->len && line->ptr[length] != ' ' && line->ptr[length] != '\t') {
        length++;
    }
    *word = onus_str_sub(*line, 0, length);
    *line = onus_str_from(*line, length);
    return length > 0;
}

static enum onus_code wrong(struct parser *parser, const char *what, struct onus_str word)
{
    return onus_fail(parser->err, ONUS_E_FORMAT, "line %llu: %s%s" ONUS_STR_FMT "%s",
            (unsigned long long)parser->line_number, what, word.len > 0 ? " '" : "",
            ONUS_STR_ARG(word), word.len > 0 ? "'" : "");
}

static enum onus_code too_many(struct parser *parser)
{
    return onus_fail(parser->err, ONUS_E_LIMIT,
            "line %llu: more than %d logs, or witnesses and "
            "groups",
            (unsigned long long)parser->line_number, ONUS_POLICY_NODES_MAX);
}

static size_t find_node(const struct parser *parser, struct onus_str name)
{
    for (size_t i = 0; i < parser->node_count; i++) {
        if (onus_str_eq(parser->nodes[i].name, name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* C2SP tlog-policy, "Public key representation": the same key under another name is the same key. */
static bool key_is_taken(const struct parser *parser, const struct onus_vkey *key)
{
    for (size_t i = 0; i < parser->log_count; i++) {
        if (memcmp(&parser->logs[i].key.key, &key->key, sizeof(key->key)) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < parser->node_count; i++) {
        const struct onus_policy_node *node = &parser->nodes[i];
        if (!node->is_group && memcmp(&node->key.key, &key->key, sizeof(key->key)) == 0) {
            return true;
        }
    }
    return false;
}

static enum onus_code parse_key(struct parser *parser, struct onus_str word,
        enum onus_vkey_type type, struct onus_vkey *out)
{
    enum onus_code code = onus_vkey_parse(word, out, parser->err);
    if (code != ONUS_OK) {
        onus_context(parser->err, "line %llu", (unsigned long long)parser->line_number);
        return code;
    }
    if (out->type != type) {
        return wrong(parser,
                type == ONUS_VKEY_ED25519 ? "the key of a log is of type 01"
                                          : "the key of a witness is of type 04",
                ONUS_STR_NONE);
    }
    if (key_is_taken(parser, out)) {
        return wrong(parser, "this key stands above already", out->name);
    }
    return ONUS_OK;
}

/* An URL, or nothing; nothing behind it. */
static enum onus_code parse_url(struct parser *parser, struct onus_str rest, struct onus_str *out)
{
    struct onus_str more = ONUS_STR_NONE;
    *out = ONUS_STR_NONE;
    if (next_word(&rest, out) && next_word(&rest, &more)) {
        return wrong(parser, "a word too many", more);
    }
    return ONUS_OK;
}

static enum onus_code parse_log(struct parser *parser, struct onus_str rest)
{
    struct onus_str word = ONUS_STR_NONE;
    if (parser->log_count == ONUS_POLICY_NODES_MAX) {
        return too_many(parser);
    }
    if (!next_word(&rest, &word)) {
        return wrong(parser, "'log' needs a key", ONUS_STR_NONE);
    }
    struct onus_policy_log made = {.url = ONUS_STR_NONE};
    enum onus_code code = parse_key(parser, word, ONUS_VKEY_ED25519, &made.key);
    if (code == ONUS_OK) {
        code = parse_url(parser, rest, &made.url);
    }
    if (code == ONUS_OK) {
        parser->logs[parser->log_count++] = made;
    }
    return code;
}

static enum onus_code parse_name(struct parser *parser, struct onus_str *rest, struct onus_str *out)
{
    if (parser->node_count == ONUS_POLICY_NODES_MAX) {
        return too_many(parser);
    }
    if (!next_word(rest, out)) {
        return wrong(parser, "a name is missing", ONUS_STR_NONE);
    }
    if (onus_str_eq(*out, ONUS_STR("none"))) {
        return wrong(parser, "nothing can have this name:", *out);
    }
    if (find_node(parser, *out) != SIZE_MAX) {
        return wrong(parser, "this name stands above already:", *out);
    }
    return ONUS_OK;
}

static enum onus_code parse_witness(struct parser *parser, struct onus_str rest)
{
    struct onus_policy_node made = {.threshold = 1};
    enum onus_code code = parse_name(parser, &rest, &made.name);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_str word = ONUS_STR_NONE;
    if (!next_word(&rest, &word)) {
        return wrong(parser, "'witness' needs a name and a key", ONUS_STR_NONE);
    }
    code = parse_key(parser, word, ONUS_VKEY_COSIGNATURE, &made.key);
    if (code == ONUS_OK) {
        code = parse_url(parser, rest, &made.url);
    }
    if (code == ONUS_OK) {
        parser->nodes[parser->node_count++] = made;
    }
    return code;
}

static enum onus_code parse_members(struct parser *parser, struct onus_str rest,
        struct onus_policy_node *group)
{
    size_t members[MEMBERS_MAX];
    size_t count = 0;
    struct onus_str word = ONUS_STR_NONE;
    while (next_word(&rest, &word)) {
        size_t member = find_node(parser, word);
        if (member == SIZE_MAX) {
            return wrong(parser, "nothing above has this name:", word);
        }
        if (parser->nodes[member].in_group) {
            return wrong(parser, "this member stands in a group already:", word);
        }
        parser->nodes[member].in_group = true; /* each once, so there are at most MEMBERS_MAX */
        members[count++] = member;
    }
    if (count == 0) {
        return wrong(parser, "a group needs members", ONUS_STR_NONE);
    }
    size_t *kept = onus_arena_alloc(parser->arena, count * sizeof(kept[0]));
    if (!kept) {
        return onus_arena_reason(parser->arena, parser->err);
    }
    memcpy(kept, members, count * sizeof(kept[0]));
    group->members = kept;
    group->member_count = count;
    return ONUS_OK;
}

static enum onus_code parse_group(struct parser *parser, struct onus_str rest)
{
    struct onus_policy_node made = {.is_group = true};
    struct onus_str threshold = ONUS_STR_NONE;
    enum onus_code code = parse_name(parser, &rest, &made.name);
    if (code == ONUS_OK && !next_word(&rest, &threshold)) {
        code = wrong(parser, "a group needs 'all', 'any' or a number", ONUS_STR_NONE);
    }
    if (code == ONUS_OK) {
        code = parse_members(parser, rest, &made);
    }
    if (code != ONUS_OK) {
        return code;
    }
    uint64_t number = 0;
    if (onus_str_eq(threshold, ONUS_STR("all"))) {
        number = made.member_count;
    } else if (onus_str_eq(threshold, ONUS_STR("any"))) {
        number = 1;
    } else if (!onus_decimal_parse(threshold, &number) || number == 0 ||
               number > made.member_count) {
        return wrong(parser,
                "neither 'all' nor 'any' nor a number from 1 to that of the members:", threshold);
    }
    made.threshold = (size_t)number;
    parser->nodes[parser->node_count++] = made;
    return ONUS_OK;
}

static enum onus_code parse_quorum(struct parser *parser, struct onus_str rest)
{
    struct onus_str name = ONUS_STR_NONE;
    struct onus_str more = ONUS_STR_NONE;
    if (parser->has_quorum) {
        return wrong(parser, "a second quorum", ONUS_STR_NONE);
    }
    if (!next_word(&rest, &name) || next_word(&rest, &more)) {
        return wrong(parser, "'quorum' needs one name, or 'none'", ONUS_STR_NONE);
    }
    parser->has_quorum = true;
    parser->quorum = ONUS_POLICY_NO_QUORUM;
    if (onus_str_eq(name, ONUS_STR("none"))) {
        return ONUS_OK;
    }
    parser->quorum = find_node(parser, name);
    return parser->quorum == SIZE_MAX ? wrong(parser, "nothing above has this name:", name)
                                      : ONUS_OK;
}

static enum onus_code parse_line(struct parser *parser, struct onus_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        uint8_t byte = (uint8_t)line.ptr[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return wrong(parser, "a control character", ONUS_STR_NONE);
        }
    }
    struct onus_str word = ONUS_STR_NONE;
    if (!next_word(&line, &word) || word.ptr[0] == '#') {
        return ONUS_OK;
    }
    if (onus_str_eq(word, ONUS_STR("log"))) {
        return parse_log(parser, line);
    }
    if (onus_str_eq(word, ONUS_STR("witness"))) {
        return parse_witness(parser, line);
    }
    if (onus_str_eq(word, ONUS_STR("group"))) {
        return parse_group(parser, line);
    }
    if (onus_str_eq(word, ONUS_STR("quorum"))) {
        return parse_quorum(parser, line);
    }
    return wrong(parser, "neither log, witness, group nor quorum:", word);
}

static enum onus_code parse_lines(struct parser *parser, struct onus_str text)
{
    enum onus_code code = ONUS_OK;
    while (text.len > 0 && code == ONUS_OK) {
        struct onus_str line = ONUS_STR_NONE;
        parser->line_number++;
        if (!onus_str_cut(&text, '\n', &line)) {
            return wrong(parser, "the last line has no line feed", ONUS_STR_NONE);
        }
        code = parse_line(parser, line);
    }
    if (code == ONUS_OK && !parser->has_quorum) {
        code = onus_fail(parser->err, ONUS_E_FORMAT, "no quorum line");
    }
    return code;
}

/* Members stand before their group, so one pass from the quorum down reaches all. */
static void mark_counting(struct parser *parser)
{
    if (parser->quorum == ONUS_POLICY_NO_QUORUM) {
        return;
    }
    parser->nodes[parser->quorum].counts = true;
    for (size_t i = parser->quorum + 1; i-- > 0;) {
        const struct onus_policy_node *node = &parser->nodes[i];
        for (size_t m = 0; node->counts && m < node->member_count; m++) {
            parser->nodes[node->members[m]].counts = true;
        }
    }
}

enum onus_code onus_policy_parse(struct onus_str text, struct onus_arena *arena,
        struct onus_policy *out, struct onus_error *err)
{
    if (text.len > ONUS_POLICY_SIZE_MAX) {
        return onus_fail(err, ONUS_E_LIMIT, "the policy has more than %zu bytes",
                ONUS_POLICY_SIZE_MAX);
    }
    size_t lines = 1;
    for (size_t i = 0; i < text.len && lines < ONUS_POLICY_NODES_MAX; i++) {
        lines += text.ptr[i] == '\n';
    }
    struct parser parser = {.arena = arena, .err = err};
    parser.logs = onus_arena_alloc(arena, lines * sizeof(parser.logs[0]));
    parser.nodes = onus_arena_alloc(arena, lines * sizeof(parser.nodes[0]));
    if (!parser.logs || !parser.nodes) {
        return onus_arena_reason(arena, err);
    }
    enum onus_code code = parse_lines(&parser, text);
    if (code != ONUS_OK) {
        return code;
    }
    mark_counting(&parser);
    *out = (struct onus_policy){
            .logs = parser.logs,
            .log_count = parser.log_count,
            .nodes = parser.nodes,
            .node_count = parser.node_count,
            .quorum = parser.quorum,
    };
    return ONUS_OK;
}

const struct onus_policy_log *onus_policy_log_find(const struct onus_policy *policy,
        struct onus_str origin, size_t from)
{
    for (size_t i = from; i < policy->log_count; i++) {
        if (onus_str_eq(policy->logs[i].key.name, origin)) {
            return &policy->logs[i];
        }
    }
    return NULL;
}

bool onus_policy_met(const struct onus_policy *policy, const bool *seen)
{
    if (policy->quorum == ONUS_POLICY_NO_QUORUM) {
        return true;
    }
    bool met[ONUS_POLICY_NODES_MAX];
    for (size_t i = 0; i <= policy->quorum; i++) {
        const struct onus_policy_node *node = &policy->nodes[i];
        size_t members = 0;
        for (size_t m = 0; m < node->member_count; m++) {
            members += met[node->members[m]];
        }
        met[i] = node->is_group ? members >= node->threshold : seen[i];
    }
    return met[policy->quorum];
}
