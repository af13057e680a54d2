/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/custody_uco.h"

#include <stdio.h>

#include "text/hex.h"
#include "text/json_write.h"

enum {
    NODE = 80
};

/* "kb:action-01234567-89ab-..." out of a hash: CASE wants a UUID at the end of a name. */
static void node_name(const char *kind, const struct onus_digest *digest, char out[static NODE])
{
    char hex[65];
    onus_hex_put(hex, onus_digest_view(digest));
    hex[64] = '\0';
    /* Version 8 (RFC 9562, 5.8): a UUID made in a way of one's own. */
    (void)snprintf(out, NODE, "kb:%s-%.8s-%.4s-8%.3s-a%.3s-%.12s", kind, hex, hex + 8, hex + 13,
            hex + 17, hex + 20);
}

static void text_name(const char *kind, struct onus_str text, char out[static NODE])
{
    struct onus_digest digest;
    onus_sha256(text, &digest);
    node_name(kind, &digest, out);
}

static void add_context(struct onus_json *json, struct onus_str origin)
{
    static const struct {
        const char *prefix, *iri;
    } names[] = {
            {"case-investigation", "https://ontology.caseontology.org/case/investigation/"},
            {"uco-action", "https://ontology.unifiedcyberontology.org/uco/action/"},
            {"uco-core", "https://ontology.unifiedcyberontology.org/uco/core/"},
            {"uco-identity", "https://ontology.unifiedcyberontology.org/uco/identity/"},
            {"uco-tool", "https://ontology.unifiedcyberontology.org/uco/tool/"},
            {"xsd", "http://www.w3.org/2001/XMLSchema#"},
    };
    onus_json_key(json, "@context");
    onus_json_object(json);
    onus_json_key(json, "kb");
    onus_json_str_open(json);
    onus_json_str_part(json, ONUS_STR("https://"));
    onus_json_str_part(json, origin);
    onus_json_str_part(json, ONUS_STR("/kb/"));
    onus_json_str_close(json);
    for (size_t i = 0; i < ONUS_COUNT(names); i++) {
        onus_json_key_text(json, names[i].prefix, names[i].iri);
    }
    onus_json_object_end(json);
}

static void add_reference(struct onus_json *json, const char *key, const char *name)
{
    onus_json_key(json, key);
    onus_json_object(json);
    onus_json_key_text(json, "@id", name);
    onus_json_object_end(json);
}

static void add_named(struct onus_json *json, const char *kind, const char *type,
        struct onus_str name)
{
    char node[NODE];
    text_name(kind, name, node);
    onus_json_object(json);
    onus_json_key_text(json, "@id", node);
    onus_json_key_text(json, "@type", type);
    onus_json_key_str(json, "uco-core:name", name);
    onus_json_object_end(json);
}

static void add_action(struct onus_json *json, const struct onus_custody_line *line)
{
    char node[NODE];
    char time[ONUS_TIME_TEXT];
    onus_custody_time(line->time, time);
    node_name("action", &line->sum, node);
    onus_json_object(json);
    onus_json_key_text(json, "@id", node);
    onus_json_key_text(json, "@type", "case-investigation:InvestigativeAction");
    onus_json_key_str(json, "uco-core:name", line->what);
    onus_json_key(json, "uco-core:description");
    onus_json_array(json);
    onus_json_str(json, line->detail);
    onus_json_array_end(json);
    if (time[0] != '?') {
        onus_json_key(json, "uco-action:startTime");
        onus_json_object(json);
        onus_json_key_text(json, "@type", "xsd:dateTime");
        onus_json_key_text(json, "@value", time);
        onus_json_object_end(json);
    }
    text_name("party", line->party, node);
    add_reference(json, "uco-action:performer", node);
    text_name("tool", line->tool, node);
    add_reference(json, "uco-action:instrument", node);
    onus_json_object_end(json);
}

/* Lines mostly have the same party and program: each is written where it first stands. */
static bool is_first(const struct onus_custody *custody, size_t at, bool tool)
{
    for (size_t i = at; i-- > 0;) {
        const struct onus_custody_line *line = &custody->lines[i];
        struct onus_str seen = tool ? line->tool : line->party;
        struct onus_str now = tool ? custody->lines[at].tool : custody->lines[at].party;
        if (onus_str_eq(seen, now)) {
            return false;
        }
    }
    return true;
}

enum onus_code onus_custody_uco(const struct onus_custody *custody, struct onus_str origin,
        struct onus_buffer *out, struct onus_error *err)
{
    struct onus_json json;
    onus_json_init(&json, out, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    add_context(&json, origin);
    onus_json_key(&json, "@graph");
    onus_json_array(&json);
    for (size_t i = 0; i < custody->count; i++) {
        if (is_first(custody, i, false)) {
            add_named(&json, "party", "uco-identity:Organization", custody->lines[i].party);
        }
        if (is_first(custody, i, true)) {
            add_named(&json, "tool", "uco-tool:Tool", custody->lines[i].tool);
        }
        add_action(&json, &custody->lines[i]);
    }
    onus_json_array_end(&json);
    onus_json_object_end(&json);
    return onus_json_finish(&json, err);
}
