/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/witness.h"

#include "base/str.h"
#include "evidence/witness_parts.h"
#include "merkle/tree.h"
#include "proof/witness_message.h"
#include "sys/durable.h"
#include "text/hex.h"

enum {
    HEX = 64,
    KEYS_MAX = 16, /* of one origin */
    STATE_MAX = 2 * ONUS_WITNESS_REQUEST_MAX,
    ARENA_MAX = 4 * STATE_MAX
};

#define PLAIN "text/plain; charset=utf-8"

struct log_keys {
    size_t count;
    struct onus_vkey keys[KEYS_MAX];
};

/* One request on its way through the rules. */
struct asked {
    struct onus_add_checkpoint message;
    struct onus_note note;
    struct onus_checkpoint checkpoint;
    struct log_keys keys;
    char file[HEX + 1]; /* name of its state */
};

static void keys_of(const struct onus_witness *witness, struct onus_str origin,
        struct log_keys *out)
{
    out->count = 0;
    for (size_t i = 0; i < witness->log_count && out->count < KEYS_MAX; i++) {
        if (onus_str_eq(witness->logs[i].name, origin)) {
            out->keys[out->count++] = witness->logs[i];
        }
    }
}

static void name_of_state(struct onus_str origin, char out[static HEX + 1])
{
    struct onus_digest hash;
    onus_sha256(origin, &hash);
    onus_hex_put(out, onus_digest_view(&hash));
    out[HEX] = '\0';
}

/* ---- what is remembered ---------------------------------------------------------------------- */

static enum onus_code check_own(const struct onus_witness *witness, const struct onus_note *note,
        uint64_t *time, struct onus_error *err)
{
    for (size_t i = 0; i < note->count; i++) {
        if (onus_note_by(&note->signatures[i], &witness->key)) {
            return onus_note_check(note, &note->signatures[i], &witness->key, time, err);
        }
    }
    return onus_fail(err, ONUS_E_MISMATCH, "it does not bear this witness's cosignature");
}

enum onus_code onus_witness_check_state(const struct onus_witness *witness, struct onus_str origin,
        struct onus_str note, struct onus_witness_memory *out, struct onus_error *err)
{
    struct onus_witness_memory memory = {.known = true, .note = note};
    struct onus_note parsed;
    struct log_keys keys;
    size_t by = 0;
    keys_of(witness, origin, &keys);
    enum onus_code code = onus_note_parse(note, &parsed, err);
    if (code == ONUS_OK) {
        code = onus_checkpoint_parse(parsed.text, &memory.checkpoint, err);
    }
    if (code == ONUS_OK && !onus_str_eq(memory.checkpoint.origin, origin)) {
        return onus_fail(err, ONUS_E_MISMATCH, "it is of another log");
    }
    if (code == ONUS_OK) {
        code = onus_note_verify(&parsed, keys.keys, keys.count, &by, err);
    }
    if (code == ONUS_OK && by + 1 != parsed.count) {
        return onus_fail(err, ONUS_E_MISMATCH, "it bears a signature of somebody unknown");
    }
    if (code == ONUS_OK) {
        code = check_own(witness, &parsed, &memory.time, err);
    }
    if (code == ONUS_OK) {
        *out = memory;
    }
    return code;
}

static enum onus_code read_state(const struct onus_witness *witness, const char *file,
        struct onus_str origin, struct onus_arena *arena, struct onus_witness_memory *out,
        struct onus_error *err)
{
    struct onus_str note;
    enum onus_code code = onus_durable_read(witness->state, file, STATE_MAX, arena, &note, err);
    if (code == ONUS_E_MISSING) {
        *out = (struct onus_witness_memory){.known = false};
        return ONUS_OK;
    }
    if (code == ONUS_OK) {
        code = onus_witness_check_state(witness, origin, note, out, err);
    }
    if (code != ONUS_OK) {
        onus_context(err, "the state of log '" ONUS_STR_FMT "' in 'state/%s'", ONUS_STR_ARG(origin),
                file);
    }
    return code;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static unsigned say(struct onus_buffer *body, unsigned status, const char *words)
{
    onus_buffer_add_text(body, words);
    onus_buffer_add_char(body, '\n');
    return status;
}

/* Each rule returns 0 when it has nothing against the request, else the status of the answer. */

/*
 * A note whose signature lines are not well-formed bears no signature that checks (403), when what it
 * signs can be read; a text that is no checkpoint is no request (400).
 */
static unsigned read_request(struct onus_str request, struct asked *asked, struct onus_buffer *body)
{
    struct onus_error why = ONUS_ERROR_INIT;
    struct onus_str text = ONUS_STR_NONE;
    enum onus_code code = onus_add_checkpoint_parse(request, &asked->message, &why);
    if (code == ONUS_OK) {
        struct onus_str note = asked->message.note;
        size_t blank = onus_str_rfind(note, ONUS_STR("\n\n"));
        text = blank == ONUS_STR_NPOS ? note : onus_str_sub(note, 0, blank + 1);
        code = onus_checkpoint_parse(text, &asked->checkpoint, &why);
    }
    if (code == ONUS_OK && onus_note_parse(asked->message.note, &asked->note, NULL) != ONUS_OK) {
        asked->note = (struct onus_note){.text = text, .count = 0};
    }
    return code == ONUS_OK ? 0 : say(body, 400, why.text);
}

static unsigned check_signature(const struct onus_witness *witness, struct asked *asked,
        struct onus_buffer *body, struct onus_error *err)
{
    size_t by = 0;
    keys_of(witness, asked->checkpoint.origin, &asked->keys);
    if (asked->keys.count == 0) {
        return say(body, 404, "unknown log");
    }
    enum onus_code code =
            onus_note_verify(&asked->note, asked->keys.keys, asked->keys.count, &by, err);
    if (code == ONUS_E_MISMATCH) {
        return say(body, 403, "invalid signature: not by a known key of this log");
    }
    return code == ONUS_OK ? 0 : say(body, 500, "cannot check the signature now");
}

static unsigned check_size(const struct asked *asked, const struct onus_witness_memory *memory,
        struct onus_buffer *body, struct onus_witness_answer *answer)
{
    uint64_t old_size = asked->message.old_size;
    if (old_size > asked->checkpoint.size) {
        return say(body, 400, "the old size is larger than the checkpoint");
    }
    if (old_size != (memory->known ? memory->checkpoint.size : 0)) {
        answer->type = ONUS_WITNESS_SIZE_TYPE;
        onus_witness_size_format(memory->known ? memory->checkpoint.size : 0, body);
        return 409;
    }
    return 0;
}

static unsigned check_growth(const struct asked *asked, const struct onus_witness_memory *memory,
        struct onus_buffer *body)
{
    const struct onus_checkpoint *now = &asked->checkpoint;
    struct onus_digest empty;
    onus_tree_empty_root(&empty);
    if (now->size == 0 && !onus_digest_eq(&now->root, &empty)) {
        return say(body, 422, "size 0 has another root than the empty tree");
    }
    if (asked->message.old_size == 0) {
        return asked->message.proof.count == 0
                       ? 0
                       : say(body, 422, "a consistency proof from size 0 must be empty");
    }
    enum onus_code code = onus_consistency_verify(asked->message.old_size, &memory->checkpoint.root,
            now->size, &now->root, onus_proof_view(&asked->message.proof), NULL);
    if (code == ONUS_OK) {
        return 0;
    }
    return say(body, 422,
            now->size == asked->message.old_size
                    ? "another root for the same size, or a consistency proof that is not empty"
                    : "the consistency proof does not lead from the old root to the new one");
}

/* ---- signing --------------------------------------------------------------------------------- */

static enum onus_code cosign(const struct onus_witness *witness, struct onus_str text, uint64_t now,
        struct onus_ed25519_signature *out, struct onus_error *err)
{
    struct onus_buffer message;
    onus_buffer_init(&message, STATE_MAX);
    onus_cosignature_message(&message, now, text);
    enum onus_code code = onus_buffer_status(&message, err);
    if (code == ONUS_OK) {
        code = onus_ed25519_sign(&witness->seed, onus_buffer_view(&message), out, err);
    }
    onus_buffer_clear(&message);
    return code;
}

static void build_state(const struct onus_witness *witness, const struct asked *asked, uint64_t now,
        const struct onus_ed25519_signature *signature, struct onus_buffer *state)
{
    onus_note_begin(state, asked->note.text);
    for (size_t i = 0; i < asked->note.count; i++) {
        bool known = false;
        for (size_t k = 0; k < asked->keys.count; k++) {
            known = known || onus_note_by(&asked->note.signatures[i], &asked->keys.keys[k]);
        }
        if (known) {
            onus_buffer_add_str(state, asked->note.signatures[i].line);
            onus_buffer_add_char(state, '\n');
        }
    }
    onus_note_add_cosignature(state, &witness->key, now, signature);
}

/*
 * Sign, remember, and only then hand out. What could not be read back is not remembered: a bit that
 * fell over in memory must not become a statement.
 */
static enum onus_code sign_and_remember(struct onus_witness *witness, const struct asked *asked,
        uint64_t now, struct onus_buffer *body, struct onus_error *err)
{
    struct onus_ed25519_signature signature;
    struct onus_witness_memory back;
    struct onus_buffer state;
    enum onus_code code = cosign(witness, asked->note.text, now, &signature, err);
    if (code != ONUS_OK) {
        return code;
    }
    onus_buffer_init(&state, STATE_MAX);
    build_state(witness, asked, now, &signature, &state);
    code = onus_buffer_status(&state, err);
    if (code == ONUS_OK) {
        code = onus_witness_check_state(witness, asked->checkpoint.origin, onus_buffer_view(&state),
                &back, err);
    }
    if (code == ONUS_OK) {
        code = onus_durable_write(witness->state, asked->file, onus_buffer_view(&state), 0600, err);
    }
    onus_buffer_clear(&state);
    if (code == ONUS_OK) {
        onus_note_add_cosignature(body, &witness->key, now, &signature);
    }
    return code;
}

static unsigned answer_known_log(struct onus_witness *witness, struct asked *asked, uint64_t now,
        struct onus_buffer *body, struct onus_witness_answer *answer, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_witness_memory memory = {.known = false};
    onus_arena_init(&arena, ARENA_MAX);
    name_of_state(asked->checkpoint.origin, asked->file);
    unsigned status = 0;
    if (read_state(witness, asked->file, asked->checkpoint.origin, &arena, &memory, err) !=
            ONUS_OK) {
        status = say(body, 500, "this witness cannot tell what it signed last for this log");
    }
    if (status == 0) {
        status = check_size(asked, &memory, body, answer);
    }
    if (status == 0) {
        status = check_growth(asked, &memory, body);
    }
    if (status == 0 && (now == 0 || (memory.known && now < memory.time))) {
        (void)onus_fail(err, ONUS_E_REFUSED,
                "the clock shows a time before that of the last cosignature for log '" ONUS_STR_FMT
                "'",
                ONUS_STR_ARG(asked->checkpoint.origin));
        status = say(body, 500, "the clock of this witness went back");
    }
    if (status == 0) {
        status = sign_and_remember(witness, asked, now, body, err) == ONUS_OK
                         ? 200
                         : say(body, 500, "this witness could not remember the checkpoint");
    }
    onus_arena_clear(&arena);
    return status;
}

enum onus_code onus_witness_add_checkpoint(struct onus_witness *witness, struct onus_str request,
        uint64_t now, struct onus_buffer *body, struct onus_witness_answer *answer,
        struct onus_error *err)
{
    struct asked asked = {0};
    answer->type = PLAIN;
    answer->status = read_request(request, &asked, body);
    if (answer->status == 0) {
        answer->status = check_signature(witness, &asked, body, err);
    }
    if (answer->status == 0) {
        answer->status = answer_known_log(witness, &asked, now, body, answer, err);
    }
    return onus_buffer_status(body, err);
}

enum onus_code onus_witness_newest(struct onus_witness *witness, struct onus_str origin_hex,
        struct onus_buffer *body, struct onus_witness_answer *answer, struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_witness_memory memory = {.known = false};
    char file[HEX + 1];
    answer->type = PLAIN;
    answer->status = 404;
    onus_arena_init(&arena, ARENA_MAX);
    for (size_t i = 0; i < witness->log_count; i++) {
        struct onus_str origin = witness->logs[i].name;
        name_of_state(origin, file);
        if (onus_str_eq(origin_hex, onus_str_of(file))) {
            enum onus_code code = read_state(witness, file, origin, &arena, &memory, err);
            answer->status = code != ONUS_OK ? 500 : 200;
            break;
        }
    }
    if (answer->status == 200 && memory.known) {
        onus_buffer_add_str(body, memory.note);
    } else {
        answer->status = answer->status == 500
                                 ? say(body, 500, "this witness cannot tell what it signed last")
                                 : say(body, 404, "nothing was cosigned for this log");
    }
    onus_arena_clear(&arena);
    return onus_buffer_status(body, err);
}

/* ---- asking about it ------------------------------------------------------------------------- */

struct onus_str onus_witness_name(const struct onus_witness *witness)
{
    return witness->key.name;
}

size_t onus_witness_log_count(const struct onus_witness *witness)
{
    return witness->log_count;
}

int onus_witness_state_directory(const struct onus_witness *witness)
{
    return witness->state;
}
