/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/checkpoint_output.h"

#include "base/str.h"
#include "report/words.h"
#include "text/base64.h"
#include "text/hex.h"
#include "text/json_write.h"
#include "text/timestamp.h"
#include "text/utf8.h"

/* ---- for people ------------------------------------------------------------------------------ */

static struct onus_str time_text(int64_t seconds, char room[static ONUS_TIME_TEXT])
{
    return (struct onus_str){room, onus_time_format(seconds * ONUS_USEC, room)};
}

static void add_time(struct onus_buffer *out, int64_t seconds)
{
    char room[ONUS_TIME_TEXT];
    onus_buffer_add_str(out, time_text(seconds, room));
}

static void visible(struct onus_buffer *out, struct onus_str text)
{
    (void)onus_utf8_add_visible(out, text, SIZE_MAX);
}

static void head_text(const struct onus_checkpoint_report *report, struct onus_buffer *out)
{
    if (!report->has_checkpoint) {
        return;
    }
    onus_buffer_add_text(out, "log ");
    visible(out, report->origin);
    onus_buffer_add_text(out, ": ");
    onus_words_count(out, report->size, "entry", "entries");
    onus_buffer_add_text(out, report->signed_anew ? ", signed now\n" : ", signed before\n");
    if (report->old_origin.len > 0) {
        onus_buffer_add_text(out, "goes on after ");
        visible(out, report->old_origin);
        onus_buffer_add_char(out, '\n');
    }
}

static void asked_text(const struct onus_checkpoint_asked *asked, struct onus_buffer *out)
{
    struct onus_str who = asked->name.len > 0 ? asked->name : onus_str_of(asked->url);
    onus_buffer_add_text(out, "witness ");
    visible(out, who);
    onus_buffer_add_text(out, ": ");
    if (asked->counted) {
        onus_buffer_add_text(out, "cosigned at ");
        add_time(out, (int64_t)asked->time);
    } else if (asked->reply.said == ONUS_WITNESS_COSIGNED) {
        onus_buffer_add_text(out,
                asked->name.len > 0 ? "answered, but not with its key in the policy" : "answered");
    } else {
        onus_buffer_add_text(out, onus_witness_said_word(asked->reply.said));
        onus_buffer_add_text(out, ": ");
        visible(out, onus_str_of(asked->reply.words));
    }
    onus_buffer_add_char(out, '\n');
}

static void stamp_text(const struct onus_checkpoint_stamp *stamp, struct onus_buffer *out)
{
    onus_buffer_add_text(out, "time stamp of ");
    visible(out, onus_str_of(stamp->url));
    onus_buffer_add_text(out, ": ");
    if (stamp->code == ONUS_OK) {
        add_time(out, stamp->stamp.time);
        onus_buffer_add_text(out, ", ");
        onus_buffer_add_text(out, stamp->stamp.path);
    } else {
        onus_buffer_add_text(out, "none: ");
        visible(out, onus_str_of(stamp->words));
    }
    onus_buffer_add_char(out, '\n');
}

static void quorum_text(const struct onus_checkpoint_report *report, struct onus_buffer *out)
{
    if (!report->has_checkpoint) {
        return;
    }
    if (!report->has_quorum) {
        onus_buffer_add_text(out, "quorum: the policy asks for none\n");
    } else if (report->quorum_met) {
        onus_buffer_add_text(out, "quorum: met, seen not later than ");
        add_time(out, (int64_t)report->not_after);
        onus_buffer_add_char(out, '\n');
    } else {
        onus_buffer_add_text(out, "quorum: not met\n");
    }
}

void onus_checkpoint_text(const struct onus_checkpoint_outcome *outcome, struct onus_buffer *out)
{
    const struct onus_checkpoint_report *report = outcome->report;
    head_text(report, out);
    for (size_t i = 0; i < report->asked_count; i++) {
        asked_text(&report->asked[i], out);
    }
    for (size_t i = 0; i < report->stamp_count; i++) {
        stamp_text(&report->stamps[i], out);
    }
    if (outcome->anchor) {
        onus_buffer_add_text(out, "anchor of what is sealed next: ");
        onus_hex_add(out, onus_digest_view(outcome->anchor));
        onus_buffer_add_char(out, '\n');
    }
    quorum_text(report, out);
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void json_time_or_null(struct onus_json *json, const char *key, bool there, int64_t seconds)
{
    char room[ONUS_TIME_TEXT];
    if (there) {
        onus_json_key_str(json, key, time_text(seconds, room));
    } else {
        onus_json_key_null(json, key);
    }
}

static void json_log(struct onus_json *json, const struct onus_checkpoint_report *report)
{
    onus_json_key(json, "log");
    if (!report->has_checkpoint) {
        onus_json_null(json);
        return;
    }
    struct onus_buffer root;
    onus_buffer_init(&root, 0);
    onus_base64_add(&root, onus_digest_view(&report->root));
    onus_json_object(json);
    onus_json_key_str(json, "origin", report->origin);
    onus_json_key_u64(json, "size", report->size);
    onus_json_key_str(json, "root", onus_buffer_view(&root));
    onus_json_key_bool(json, "signed_now", report->signed_anew);
    onus_json_key_str_or_null(json, "goes_on_after", report->old_origin);
    onus_json_object_end(json);
    onus_buffer_clear(&root);
}

static void json_asked(struct onus_json *json, const struct onus_checkpoint_asked *asked)
{
    const struct onus_witness_reply *reply = &asked->reply;
    onus_json_object(json);
    onus_json_key_str_or_null(json, "name", asked->name);
    onus_json_key_text(json, "url", asked->url);
    onus_json_key_text(json, "answer", onus_witness_said_word(reply->said));
    onus_json_key_str_or_null(json, "words", onus_str_of(reply->words));
    if (reply->has_size) {
        onus_json_key_u64(json, "size", reply->size);
    } else {
        onus_json_key_null(json, "size");
    }
    onus_json_key_bool(json, "counts", asked->counted);
    json_time_or_null(json, "time", asked->counted, (int64_t)asked->time);
    onus_json_object_end(json);
}

static void json_stamp(struct onus_json *json, const struct onus_checkpoint_stamp *stamp)
{
    bool there = stamp->code == ONUS_OK;
    onus_json_object(json);
    onus_json_key_text(json, "url", stamp->url);
    onus_json_key_text(json, "result", onus_code_name(stamp->code));
    onus_json_key_str_or_null(json, "words", onus_str_of(stamp->words));
    json_time_or_null(json, "time", there, stamp->stamp.time);
    onus_json_key_str_or_null(json, "file", there ? onus_str_of(stamp->stamp.path) : ONUS_STR_NONE);
    onus_json_object_end(json);
}

static void json_lists(struct onus_json *json, const struct onus_checkpoint_report *report)
{
    onus_json_key(json, "witnesses");
    onus_json_array(json);
    for (size_t i = 0; i < report->asked_count; i++) {
        json_asked(json, &report->asked[i]);
    }
    onus_json_array_end(json);
    onus_json_key(json, "stamps");
    onus_json_array(json);
    for (size_t i = 0; i < report->stamp_count; i++) {
        json_stamp(json, &report->stamps[i]);
    }
    onus_json_array_end(json);
}

enum onus_code onus_checkpoint_json(const struct onus_checkpoint_outcome *outcome,
        struct onus_buffer *out, struct onus_error *err)
{
    const struct onus_checkpoint_report *report = outcome->report;
    struct onus_json json;
    char hex[64];
    struct onus_str anchor = ONUS_STR_NONE;
    if (outcome->anchor) {
        onus_hex_put(hex, onus_digest_view(outcome->anchor));
        anchor = (struct onus_str){hex, sizeof(hex)};
    }
    onus_json_init(&json, out, ONUS_JSON_PRETTY);
    onus_json_object(&json);
    onus_json_key_text(&json, "schema", "onus.checkpoint/1");
    json_log(&json, report);
    json_lists(&json, report);
    onus_json_key_text(&json, "quorum",
            !report->has_quorum ? "none" : (report->quorum_met ? "met" : "not-met"));
    json_time_or_null(&json, "not_after", report->quorum_met && report->not_after > 0,
            (int64_t)report->not_after);
    onus_json_key_str_or_null(&json, "anchor", anchor);
    onus_json_key(&json, "problem");
    if (outcome->problem) {
        onus_json_object(&json);
        onus_json_key_text(&json, "code", onus_code_name(outcome->problem->code));
        onus_json_key_text(&json, "words", outcome->problem->text);
        onus_json_object_end(&json);
    } else {
        onus_json_null(&json);
    }
    onus_json_object_end(&json);
    return onus_json_finish(&json, err);
}
