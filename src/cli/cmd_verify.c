/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "cli/confine.h"
#include "cli/verify_input.h"
#include "cli/verify_tokens.h"
#include "proof/bundle_agree.h"
#include "proof/bundle_text.h"
#include "text/utf8.h"

/* An answer is worse when less can be built on it: holds, cannot tell, does not hold. */
enum verdict {
    HOLDS,
    CANNOT_TELL,
    DOES_NOT_HOLD,
};

struct verifier {
    const struct onus_arguments *arguments;
    struct onus_policy policy;
    bool check_tokens;
    struct onus_str trusted; /* certificates, in PEM */
    struct onus_buffer out;
    struct onus_json json;
    bool as_json;
    struct onus_arena agreements;
    struct onus_sightings sightings;
    enum verdict worst;
};

static const char *verdict_word(enum verdict verdict)
{
    switch (verdict) {
    case HOLDS:
        return "holds";
    case DOES_NOT_HOLD:
        return "does not hold";
    case CANNOT_TELL:
    default:
        return "cannot tell";
    }
}

static int exit_of(enum verdict verdict)
{
    switch (verdict) {
    case HOLDS:
        return ONUS_EXIT_OK;
    case DOES_NOT_HOLD:
        return ONUS_EXIT_NOT;
    case CANNOT_TELL:
    default:
        return ONUS_EXIT_UNKNOWN;
    }
}

static enum verdict verdict_of(enum onus_code code)
{
    if (code == ONUS_OK) {
        return HOLDS;
    }
    return code == ONUS_E_MISMATCH ? DOES_NOT_HOLD : CANNOT_TELL;
}

/* The reason with what the operating system said and the place in the file. */
static void add_reason(struct onus_buffer *out, const struct onus_error *err)
{
    onus_bundle_add_bytes(out, onus_str_of(err->text[0] ? err->text : onus_code_name(err->code)));
    const char *system = err->sys_errno > 0 ? strerrordesc_np(err->sys_errno) : NULL;
    if (system) {
        onus_buffer_printf(out, ": %s", system);
    }
    if (err->offset != ONUS_NO_OFFSET) {
        onus_buffer_printf(out, " (at byte %llu)", (unsigned long long)err->offset);
    }
}

static void add_verdict_json(struct onus_json *json, enum verdict verdict,
        const struct onus_error *err)
{
    onus_json_key_text(json, "verdict", verdict_word(verdict));
    onus_json_key(json, "reason");
    if (verdict == HOLDS) {
        onus_json_null(json);
        return;
    }
    struct onus_buffer reason = {.limit = 0};
    add_reason(&reason, err);
    onus_json_str(json, onus_buffer_view(&reason));
    onus_buffer_clear(&reason);
}

static void tell(struct verifier *v, const char *name, enum onus_code code,
        const struct onus_bundle_facts *facts, const struct onus_token_answer *tokens,
        const struct onus_error *err)
{
    enum verdict verdict = verdict_of(code);
    v->worst = verdict > v->worst ? verdict : v->worst;
    if (v->as_json) {
        onus_json_object(&v->json);
        onus_json_key_text(&v->json, "file", name);
        add_verdict_json(&v->json, verdict, err);
        if (verdict == HOLDS) {
            onus_bundle_json(&v->json, facts, tokens);
        }
        onus_json_object_end(&v->json);
        return;
    }
    if (v->arguments->word_count > 1) {
        (void)onus_utf8_add_visible(&v->out, onus_str_of(name), SIZE_MAX);
        onus_buffer_add_text(&v->out, ":\n");
    }
    if (verdict == HOLDS) {
        onus_bundle_text(&v->out, facts, tokens);
        return;
    }
    onus_buffer_printf(&v->out, "%s: ", verdict_word(verdict));
    add_reason(&v->out, err);
    onus_buffer_add_char(&v->out, '\n');
}

static enum onus_code check_bytes(struct verifier *v, const char *name, struct onus_str bytes,
        struct onus_arena *arena, struct onus_error *err)
{
    struct onus_bundle_facts facts;
    struct onus_token_answer tokens[ONUS_BUNDLE_TSA_MAX];
    struct onus_error why = ONUS_ERROR_INIT;
    enum onus_code code = onus_bundle_check(&v->policy, bytes, arena, &facts, &why);
    if (code == ONUS_OK && v->check_tokens) {
        code = onus_verify_tokens(v->trusted, &facts, arena, tokens, &why);
    }
    tell(v, name, code, &facts, v->check_tokens ? tokens : NULL, &why);
    return code == ONUS_OK ? onus_sightings_add(&v->sightings, &facts, &v->agreements, err)
                           : ONUS_OK;
}

/* Hand out what is there, so that many bundles take the memory of one. */
static enum onus_code print(struct verifier *v, struct onus_error *err)
{
    enum onus_code code = onus_buffer_status(&v->out, err);
    if (code == ONUS_OK && v->out.len > 0) {
        (void)fwrite(v->out.ptr, 1, v->out.len, stdout);
        v->out.len = 0;
    }
    return code;
}

static enum onus_code check_file(struct verifier *v, struct onus_verify_file *file,
        struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_buffer bytes = {.limit = 0};
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    struct onus_error why = ONUS_ERROR_INIT;
    enum onus_code code = onus_verify_read(file, ONUS_BUNDLE_SIZE_MAX, &bytes, &why);
    if (code != ONUS_OK) {
        tell(v, file->name, code, NULL, NULL, &why);
        code = ONUS_OK;
    } else {
        code = check_bytes(v, file->name, onus_buffer_view(&bytes), &arena, err);
    }
    onus_arena_clear(&arena);
    onus_buffer_clear(&bytes);
    return code == ONUS_OK ? print(v, err) : code;
}

static enum onus_code check_files(struct verifier *v, struct onus_verify_input *input,
        struct onus_error *err)
{
    enum onus_code code = ONUS_OK;
    for (size_t i = 0; i < input->count && code == ONUS_OK; i++) {
        if (!v->as_json && i > 0) {
            onus_buffer_add_char(&v->out, '\n');
        }
        code = check_file(v, &input->bundles[i], err);
    }
    return code;
}

/* ---- the document ---------------------------------------------------------------------------- */

static void begin_json(struct verifier *v, const struct onus_error *unmet)
{
    onus_json_init(&v->json, &v->out, 0);
    onus_json_object(&v->json);
    onus_json_key_text(&v->json, "schema", "onus.verify/1");
    onus_json_key(&v->json, "notes");
    onus_json_array(&v->json);
    if (unmet->code != ONUS_OK) {
        onus_json_text(&v->json, unmet->text);
    }
    onus_json_array_end(&v->json);
}

/* Without a policy nothing is checked: the answer is that of all bundles. */
static void tell_no_policy(struct verifier *v, const struct onus_error *why)
{
    v->worst = CANNOT_TELL;
    if (v->as_json) {
        add_verdict_json(&v->json, CANNOT_TELL, why);
        onus_json_key(&v->json, "bundles");
        onus_json_array(&v->json);
        onus_json_array_end(&v->json);
        onus_json_key(&v->json, "agreements");
        onus_sightings_json(&v->json, &v->sightings);
        return;
    }
    onus_buffer_add_text(&v->out, "cannot tell: ");
    add_reason(&v->out, why);
    onus_buffer_add_char(&v->out, '\n');
}

static enum onus_code tell_all(struct verifier *v, struct onus_verify_input *input,
        struct onus_error *err)
{
    if (v->as_json) {
        onus_json_key(&v->json, "bundles");
        onus_json_array(&v->json);
    }
    enum onus_code code = check_files(v, input, err);
    if (code != ONUS_OK) {
        return code;
    }
    if (!v->as_json) {
        onus_sightings_text(&v->out, &v->sightings);
        return ONUS_OK;
    }
    onus_json_array_end(&v->json);
    onus_json_key(&v->json, "agreements");
    onus_sightings_json(&v->json, &v->sightings);
    onus_json_key_text(&v->json, "verdict", verdict_word(v->worst));
    onus_json_key_null(&v->json, "reason");
    return ONUS_OK;
}

static enum onus_code verify(struct verifier *v, struct onus_verify_input *input,
        struct onus_error *err)
{
    struct onus_arena arena;
    struct onus_error why = ONUS_ERROR_INIT;
    onus_arena_init(&arena, ONUS_VERIFY_POLICY_ARENA);
    onus_arena_init(&v->agreements, ONUS_VERIFY_POLICY_ARENA);
    enum onus_code code = onus_verify_policy(input, &arena, &v->policy, &why);
    if (code == ONUS_OK) {
        code = onus_verify_tsa_ca(input, &why);
        v->check_tokens = input->tsa_ca.name != NULL;
        v->trusted = onus_buffer_view(&input->tsa_bytes);
    }
    if (code != ONUS_OK) {
        tell_no_policy(v, &why);
        code = ONUS_OK;
    } else {
        code = tell_all(v, input, err);
    }
    if (code == ONUS_OK && v->as_json) {
        onus_json_object_end(&v->json);
        code = onus_json_finish(&v->json, err);
        onus_buffer_add_char(&v->out, '\n');
    }
    code = code == ONUS_OK ? print(v, err) : code;
    onus_arena_clear(&v->agreements);
    onus_arena_clear(&arena);
    return code;
}

static int run(const struct onus_arguments *arguments)
{
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_error unmet = ONUS_ERROR_INIT;
    struct onus_verify_input input = {.count = 0};
    struct verifier v = {.arguments = arguments, .as_json = arguments->global->json};
    enum onus_code code = onus_verify_open(arguments, &input, &err);
    if (code == ONUS_OK) {
        const struct onus_sandbox_keep nothing = {.read = NULL};
        code = onus_confine(arguments, ONUS_SANDBOX_PARSE, &nothing, &unmet, &err);
    }
    if (code == ONUS_OK) {
        if (v.as_json) {
            begin_json(&v, &unmet);
        }
        code = verify(&v, &input, &err);
    }
    onus_buffer_clear(&v.out);
    onus_verify_close(&input);
    return code == ONUS_OK ? exit_of(v.worst) : onus_complain(arguments, &err);
}

static const struct onus_option options[] = {
        {"policy", 'p', "FILE", "the keys you believe; else the file 'policy' of the case", false},
        {"tsa-ca", 0, "FILE", "check time-stamp tokens by the certificates in FILE (PEM)", false},
};

const struct onus_command onus_command_verify = {
        .name = "verify",
        .group = ONUS_GROUP_EVIDENCE,
        .summary = "check a bundle by the keys you believe",
        .operands = "FILE...",
        .options = options,
        .option_count = ONUS_COUNT(options),
        .details =
                "Checks bundles made by 'onus disclose' or 'onus prove' and prints what they show. It "
                "needs no network and no trust in whoever handed them over, but it needs a policy: "
                "which logs and witnesses you believe (C2SP tlog-policy). Keys in a bundle never "
                "count. Without --policy the file 'policy' of the case is taken (-C, or the current "
                "folder when it is a case).\n"
                "\n"
                "The last line is 'holds', 'does not hold: REASON' or 'cannot tell: REASON', and the "
                "exit code 0, 1 or 3. Of a bundle that does not hold nothing else is printed. Of "
                "several files each is told under its name; the exit code is that of the worst "
                "answer: one that does not hold, then one that cannot be told.\n"
                "\n"
                "When bundles of two different logs hold and both show lines that contain the same "
                "bytes, that is said too.\n"
                "\n"
                "Time-stamp tokens (RFC 3161) are said to be present and not checked, unless --tsa-ca "
                "names the certificates that you trust to issue them.\n"
                "\n"
                "Sealing proves when, not whether true: each sentence carries what it does not say.",
        .examples = "onus verify --policy keys.policy answer.onus\n"
                    "  what the answer proves to whoever believes these keys\n"
                    "onus -C case verify theirs.onus ours.onus\n"
                    "  two bundles by the policy of a case\n"
                    "onus --json verify --policy keys.policy answer.onus\n"
                    "  the same for programs, schema onus.verify/1\n",
        .run = run,
};
