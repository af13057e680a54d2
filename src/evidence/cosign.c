/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/cosign.h"

#include <stdio.h>

#include "base/str.h"
#include "proof/witness_message.h"
#include "text/utf8.h"

enum {
    URL_MAX = 4096,
    TRIES = 3 /* a guess, the size it told, and one more when another request came in between */
};

#define MESSAGE_TYPE "text/plain; charset=utf-8"

const char *onus_witness_said_word(enum onus_witness_said said)
{
    static const char *const words[] = {
            [ONUS_WITNESS_COSIGNED] = "cosigned",
            [ONUS_WITNESS_SILENT] = "silent",
            [ONUS_WITNESS_DECLINED] = "declined",
            [ONUS_WITNESS_AHEAD] = "ahead",
            [ONUS_WITNESS_DISAGREES] = "disagrees",
    };
    return words[said];
}

/* ---- one message and its answer -------------------------------------------------------------- */

/* The first line of what it said, so that it can do nothing but be read. */
static void quote(struct onus_witness_reply *reply, unsigned status, struct onus_str body)
{
    struct onus_buffer text;
    onus_buffer_init(&text, 0);
    (void)onus_str_cut(&(struct onus_str){body.ptr, body.len}, '\n', &body);
    (void)onus_utf8_add_visible(&text, body, 120);
    (void)snprintf(reply->words, sizeof(reply->words), "%u%s%.*s", status, text.len > 0 ? ": " : "",
            (int)(text.len < 180 ? text.len : 180), text.ptr ? text.ptr : "");
    onus_buffer_clear(&text);
}

static void answer_with(struct onus_witness_reply *reply, enum onus_witness_said said,
        const char *words)
{
    reply->said = said;
    (void)snprintf(reply->words, sizeof(reply->words), "%.199s", words);
}

/* True: ask again with reply->size. */
static bool conflict(struct onus_witness_reply *reply, struct onus_str body, uint64_t asked,
        uint64_t size)
{
    uint64_t theirs = 0;
    if (onus_witness_size_parse(body, &theirs, NULL) != ONUS_OK) {
        answer_with(reply, ONUS_WITNESS_SILENT, "409 without a size");
        return false;
    }
    reply->has_size = true;
    reply->size = theirs;
    if (theirs > size) {
        (void)snprintf(reply->words, sizeof(reply->words),
                "it has cosigned %llu entries, here are %llu", (unsigned long long)theirs,
                (unsigned long long)size);
        reply->said = ONUS_WITNESS_AHEAD;
        return false;
    }
    if (theirs == asked) {
        answer_with(reply, ONUS_WITNESS_SILENT, "409 with the size it was asked with");
        return false;
    }
    return true;
}

static void other_status(struct onus_witness_reply *reply, unsigned status, struct onus_str body)
{
    quote(reply, status, body);
    if (status == 422) {
        reply->said = ONUS_WITNESS_DISAGREES;
    } else {
        reply->said = status >= 400 && status < 500 ? ONUS_WITNESS_DECLINED : ONUS_WITNESS_SILENT;
    }
}

static enum onus_code post_to(const char *url, const struct onus_carrier *carrier,
        struct onus_str message, struct onus_buffer *body, struct onus_posted *posted,
        struct onus_witness_reply *reply)
{
    char full[URL_MAX];
    struct onus_error why = ONUS_ERROR_INIT;
    struct onus_str prefix = onus_str_of(url);
    (void)onus_str_drop(&prefix, ONUS_STR("/"));
    int size = snprintf(full, sizeof(full), "%.*s/add-checkpoint", (int)prefix.len, prefix.ptr);
    if (size < 0 || (size_t)size >= sizeof(full)) {
        answer_with(reply, ONUS_WITNESS_SILENT, "its URL is too long");
        return ONUS_E_LIMIT;
    }
    const struct onus_post what = {
            .url = full,
            .content_type = MESSAGE_TYPE,
            .body = message,
            .answer_limit = ONUS_WITNESS_ANSWER_MAX,
    };
    *posted = (struct onus_posted){.status = 0};
    enum onus_code code = carrier->post(carrier->data, &what, body, posted, &why);
    reply->status = code == ONUS_OK ? posted->status : 0;
    if (code != ONUS_OK) {
        answer_with(reply, ONUS_WITNESS_SILENT, why.text);
    }
    return code;
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct submission {
    const struct onus_log *log;
    struct onus_str note;
    struct onus_checkpoint checkpoint;
    const struct onus_witness_sought *whom;
    const struct onus_carrier *carrier;
};

static const struct onus_policy_node *witness_of(const struct onus_policy *policy,
        const struct onus_note_signature *signature)
{
    for (size_t i = 0; i < policy->node_count; i++) {
        if (!policy->nodes[i].is_group && onus_note_by(signature, &policy->nodes[i].key)) {
            return &policy->nodes[i];
        }
    }
    return NULL;
}

/* Whether the note with these lines behind it is one, and bears a cosignature of who is sought. */
static bool is_cosigned(const struct submission *what, struct onus_str lines)
{
    struct onus_buffer both;
    struct onus_note note;
    bool found = false;
    onus_buffer_init(&both, 0);
    onus_buffer_add_str(&both, what->note);
    onus_buffer_add_str(&both, lines);
    if (onus_buffer_status(&both, NULL) == ONUS_OK &&
            onus_note_parse(onus_buffer_view(&both), &note, NULL) == ONUS_OK &&
            onus_str_begins(what->note, note.text)) {
        for (size_t i = 0; i < note.count && !found; i++) {
            const struct onus_policy_node *witness =
                    witness_of(what->whom->policy, &note.signatures[i]);
            bool new = note.signatures[i].line.ptr >= both.ptr + what->note.len;
            bool sought =
                    witness && new &&
                    (what->whom->name.len == 0 || onus_str_eq(witness->name, what->whom->name));
            found = sought && onus_note_check(&note, &note.signatures[i], &witness->key, NULL,
                                      NULL) == ONUS_OK;
        }
    }
    onus_buffer_clear(&both);
    return found;
}

static enum onus_code build(const struct submission *what, uint64_t old_size,
        struct onus_buffer *message, struct onus_error *err)
{
    struct onus_add_checkpoint request = {.old_size = old_size, .note = what->note};
    enum onus_code code = ONUS_OK;
    if (old_size > 0 && old_size < what->checkpoint.size) {
        code = onus_log_consistency(what->log, old_size, what->checkpoint.size, &request.proof,
                err);
    }
    return code == ONUS_OK ? onus_add_checkpoint_format(&request, message, err) : code;
}

/* True: ask again with reply->size. */
static bool ask_once(const struct submission *what, uint64_t old_size, struct onus_str message,
        struct onus_buffer *lines, struct onus_witness_reply *reply)
{
    struct onus_buffer body;
    struct onus_posted posted;
    bool again = false;
    onus_buffer_init(&body, 0);
    if (post_to(what->whom->url, what->carrier, message, &body, &posted, reply) == ONUS_OK) {
        struct onus_str said = onus_buffer_view(&body);
        if (posted.status == 200 && !is_cosigned(what, said)) {
            answer_with(reply, ONUS_WITNESS_SILENT,
                    "200 without a cosignature that checks with its key in the policy");
        } else if (posted.status == 200) {
            reply->said = ONUS_WITNESS_COSIGNED;
            reply->words[0] = '\0';
            reply->has_size = true;
            reply->size = what->checkpoint.size;
            onus_buffer_add_str(lines, said);
        } else if (posted.status == 409) {
            again = conflict(reply, said, old_size, what->checkpoint.size);
        } else {
            other_status(reply, posted.status, said);
        }
    }
    onus_buffer_clear(&body);
    return again;
}

enum onus_code onus_cosign_stored(const struct onus_log *log, uint64_t old_size,
        const struct onus_witness_sought *whom, const struct onus_carrier *carrier,
        struct onus_buffer *lines, struct onus_witness_reply *out, struct onus_error *err)
{
    struct submission what = {.log = log, .whom = whom, .carrier = carrier};
    struct onus_witness_reply reply = {.said = ONUS_WITNESS_SILENT};
    enum onus_code code = onus_log_checkpoint(log, &what.note, &what.checkpoint, err);
    bool again = code == ONUS_OK;
    uint64_t size = old_size < what.checkpoint.size ? old_size : what.checkpoint.size;
    for (int i = 0; i < TRIES && again; i++) {
        struct onus_buffer message;
        onus_buffer_init(&message, ONUS_WITNESS_REQUEST_MAX);
        answer_with(&reply, ONUS_WITNESS_SILENT, "it tells another size each time");
        code = build(&what, size, &message, err);
        again = code == ONUS_OK && ask_once(&what, size, onus_buffer_view(&message), lines, &reply);
        size = reply.size;
        onus_buffer_clear(&message);
    }
    if (code == ONUS_OK) {
        code = onus_buffer_status(lines, err);
    }
    if (code == ONUS_OK) {
        *out = reply;
    }
    return code;
}

/* The note of the empty tree. */
static enum onus_code empty_tree(const struct onus_vkey *key, const struct onus_ed25519_seed *seed,
        struct onus_buffer *note, struct onus_error *err)
{
    struct onus_buffer text;
    struct onus_ed25519_signature signature;
    struct onus_checkpoint checkpoint = {.origin = key->name, .size = 0};
    onus_buffer_init(&text, 0);
    onus_tree_empty_root(&checkpoint.root);
    onus_checkpoint_add(&text, &checkpoint);
    enum onus_code code = onus_buffer_status(&text, err);
    if (code == ONUS_OK) {
        code = onus_ed25519_sign(seed, onus_buffer_view(&text), &signature, err);
    }
    if (code == ONUS_OK) {
        onus_note_begin(note, onus_buffer_view(&text));
        onus_note_add_signature(note, key, &signature);
        code = onus_buffer_status(note, err);
    }
    onus_buffer_clear(&text);
    return code;
}

enum onus_code onus_cosign_probe(const struct onus_vkey *key, const struct onus_ed25519_seed *seed,
        const struct onus_witness_sought *whom, const struct onus_carrier *carrier,
        struct onus_witness_reply *out, struct onus_error *err)
{
    struct onus_buffer note;
    struct onus_buffer message;
    struct onus_buffer lines;
    struct onus_witness_reply reply = {.said = ONUS_WITNESS_SILENT};
    struct submission what = {.checkpoint = {.size = 0}, .whom = whom, .carrier = carrier};
    onus_buffer_init(&note, 0);
    onus_buffer_init(&message, 0);
    onus_buffer_init(&lines, ONUS_WITNESS_ANSWER_MAX);
    enum onus_code code = empty_tree(key, seed, &note, err);
    if (code == ONUS_OK) {
        what.note = onus_buffer_view(&note);
        code = build(&what, 0, &message, err);
    }
    if (code == ONUS_OK) {
        (void)ask_once(&what, 0, onus_buffer_view(&message), &lines, &reply);
        *out = reply;
    }
    onus_buffer_clear(&note);
    onus_buffer_clear(&message);
    onus_buffer_clear(&lines);
    return code;
}

/* ---- taking over ----------------------------------------------------------------------------- */

static bool is_there(const struct onus_note *note, size_t count, const struct onus_vkey *key)
{
    for (size_t i = 0; i < count; i++) {
        if (onus_note_by(&note->signatures[i], key)) {
            return true;
        }
    }
    return false;
}

/* `all` is the note with the lines behind it; the first `count` signatures stood on it before. */
static size_t take_new(const struct onus_policy *policy, const struct onus_note *all, size_t count,
        struct onus_buffer *out)
{
    size_t taken = 0;
    const struct onus_vkey *done[ONUS_NOTE_SIGNATURES_MAX];
    for (size_t i = count; i < all->count; i++) {
        const struct onus_policy_node *witness = witness_of(policy, &all->signatures[i]);
        bool repeated = false;
        for (size_t k = 0; witness && k < taken; k++) {
            repeated = repeated || done[k] == &witness->key;
        }
        if (witness && !repeated && !is_there(all, count, &witness->key) &&
                onus_note_check(all, &all->signatures[i], &witness->key, NULL, NULL) == ONUS_OK) {
            onus_buffer_add_str(out, all->signatures[i].line);
            onus_buffer_add_char(out, '\n');
            done[taken++] = &witness->key;
        }
    }
    return taken;
}

enum onus_code onus_cosign_merge(const struct onus_policy *policy, struct onus_str note,
        struct onus_str lines, struct onus_buffer *out, size_t *taken, struct onus_error *err)
{
    struct onus_note before;
    struct onus_note all;
    struct onus_buffer both;
    *taken = 0;
    enum onus_code code = onus_note_parse(note, &before, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_buffer_init(&both, 0);
    onus_buffer_add_str(&both, note);
    onus_buffer_add_str(&both, lines);
    onus_buffer_add_str(out, note);
    code = onus_buffer_status(&both, err);
    if (code == ONUS_OK && onus_note_parse(onus_buffer_view(&both), &all, NULL) == ONUS_OK &&
            all.text.len == before.text.len) {
        *taken = take_new(policy, &all, before.count, out);
    }
    if (code == ONUS_OK) {
        code = onus_buffer_status(out, err);
    }
    onus_buffer_clear(&both);
    return code;
}
