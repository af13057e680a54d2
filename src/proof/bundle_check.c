/* SPDX-License-Identifier: Apache-2.0 */
#include "proof/bundle_check.h"

#include "proof/bundle_rules.h"

/* A malformed note breaks a rule of the bundle; another log is only unknown. */
static enum onus_code judge_note(const struct onus_policy *policy, struct onus_str bytes,
        struct onus_seen_checkpoint *out, struct onus_error *err)
{
    struct onus_note note;
    struct onus_checkpoint checkpoint;
    enum onus_code code = onus_note_parse(bytes, &note, err);
    if (code == ONUS_OK) {
        code = onus_checkpoint_parse(note.text, &checkpoint, err);
    }
    if (code == ONUS_OK && checkpoint.extensions.len > 0) {
        code = onus_fail(err, ONUS_E_FORMAT, "a checkpoint has more than three lines");
    }
    if (code == ONUS_OK) {
        code = onus_policy_check(policy, bytes, out, err);
    }
    if (code == ONUS_E_FORMAT && err) {
        err->code = ONUS_E_MISMATCH;
    }
    return code == ONUS_E_FORMAT ? ONUS_E_MISMATCH : code;
}

/* ONUS_END when the bundle has no such note. */
static enum onus_code take_note(struct onus_bundle_reader *reader, const struct onus_policy *policy,
        const char *keyword, struct onus_str *bytes, struct onus_seen_checkpoint *out,
        struct onus_error *err)
{
    enum onus_code code = onus_bundle_read_note(reader, keyword, bytes, err);
    if (code != ONUS_OK) {
        return code;
    }
    code = judge_note(policy, *bytes, out, err);
    if (code != ONUS_OK) {
        if (err && err->offset != ONUS_NO_OFFSET) {
            err->offset += (uint64_t)(bytes->ptr - reader->bytes.ptr);
        }
        onus_context(err, "%s", keyword);
    }
    return code;
}

static enum onus_code take_notes(struct onus_bundle_reader *reader, struct onus_bundle_facts *facts,
        struct onus_error *err)
{
    const struct onus_policy *policy = facts->policy;
    enum onus_code code = take_note(reader, policy, "checkpoint", &facts->bundle.checkpoint,
            &facts->checkpoint, err);
    if (code == ONUS_END) {
        return onus_fail_at(err, ONUS_E_MISMATCH, reader->at, "a line 'checkpoint' belongs here");
    }
    if (code != ONUS_OK) {
        return code;
    }
    code = take_note(reader, policy, "older-checkpoint", &facts->bundle.older, &facts->older, err);
    if (code == ONUS_OK) {
        facts->has_older = true;
        onus_sha256(facts->bundle.older, &facts->older_digest);
    } else if (code != ONUS_END) {
        return code;
    }
    code = take_note(reader, policy, "beacon", &facts->bundle.beacon, &facts->beacon, err);
    facts->has_beacon = code == ONUS_OK;
    return code == ONUS_END ? ONUS_OK : code;
}

enum onus_code onus_bundle_check(const struct onus_policy *policy, struct onus_str bytes,
        struct onus_arena *arena, struct onus_bundle_facts *out, struct onus_error *err)
{
    struct onus_bundle_reader reader = {.at = 0};
    enum onus_code code = onus_bundle_read_start(bytes, arena, &reader, err);
    if (code != ONUS_OK) {
        return code;
    }
    struct onus_bundle_facts *facts = onus_arena_alloc(arena, sizeof(*facts));
    if (!facts) {
        return onus_arena_reason(arena, err);
    }
    facts->policy = policy;
    struct onus_rules rules = {.facts = facts, .arena = arena, .err = err};
    code = take_notes(&reader, facts, err);
    if (code == ONUS_OK) {
        code = onus_bundle_read_rest(&reader, &facts->bundle, err);
    }
    if (code == ONUS_OK) {
        code = onus_rules_groups(&rules);
    }
    if (code == ONUS_OK) {
        code = onus_rules_totals(&rules);
    }
    if (code == ONUS_OK) {
        *out = *facts;
    }
    return code;
}
