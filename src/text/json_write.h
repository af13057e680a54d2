/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_JSON_WRITE_H
#define ONUS_TEXT_JSON_WRITE_H

/*
 * Writing one JSON document (RFC 8259, I-JSON of RFC 7493) straight onto a buffer.
 *
 *     struct onus_json json;
 *     onus_json_init(&json, &buffer, 0);
 *     onus_json_object(&json);
 *     onus_json_key(&json, "path");
 *     onus_json_str(&json, path);
 *     onus_json_object_end(&json);
 *     code = onus_json_finish(&json, err);
 *
 * Commas and colons come by themselves. No call fails; onus_json_finish() says whether all went well.
 *
 * Text with foreign bytes: a string that is UTF-8 stands for itself. A byte that is not part of
 * well-formed UTF-8 becomes the private character U+EF00 + byte ("\uefad" for 0xAD). A genuine
 * character in U+EF00 to U+EFFF would be mistaken for such a byte, so its own bytes are written that
 * way too. Reading back: each character U+EFnn is the byte nn, every other one its UTF-8. Nothing is
 * lost, every string is valid everywhere, and ordinary text is never changed.
 *
 * Characters that do not show or that act on a terminal (controls, direction marks, zero-width) are
 * written as \u escapes: the string is the same, printing the document is safe.
 */

#include "base/buffer.h"

enum {
    ONUS_JSON_PRETTY = 1u << 0, /* two blanks a level, one item a line, line end at the end */
    ONUS_JSON_IN_HTML = 1u << 1 /* < > & as escapes: safe inside a <script> element */
};

#define ONUS_JSON_MAX_DEPTH 64

struct onus_json {
    struct onus_buffer *out;
    unsigned flags;
    unsigned depth;
    uint64_t filled; /* bit per level: something stands there, so a comma comes next */
    bool after_key;
    bool broken; /* called in an order that makes no document */
};

void onus_json_init(struct onus_json *json, struct onus_buffer *out, unsigned flags);

/* ONUS_OK, ONUS_E_BUG when levels are left open, or what onus_buffer_status() says. */
ONUS_NODISCARD enum onus_code onus_json_finish(struct onus_json *json, struct onus_error *err);

void onus_json_object(struct onus_json *json);
void onus_json_object_end(struct onus_json *json);
void onus_json_array(struct onus_json *json);
void onus_json_array_end(struct onus_json *json);

void onus_json_key_sized(struct onus_json *json, struct onus_str key);

/* Inline, so that the length of a literal is known when the program is built. */
static inline void onus_json_key(struct onus_json *json, const char *key)
{
    onus_json_key_sized(json, onus_str_of(key));
}

/* Values. 64-bit numbers are written in full; docs/json.md tells readers not to take them as doubles. */
void onus_json_str(struct onus_json *json, struct onus_str value);
void onus_json_text(struct onus_json *json, const char *terminated);
void onus_json_u64(struct onus_json *json, uint64_t value);
void onus_json_i64(struct onus_json *json, int64_t value);
void onus_json_bool(struct onus_json *json, bool value);
void onus_json_null(struct onus_json *json);

/* A string from pieces: open, any number of parts, close. */
/* The string "TEXT:NUMBER". */
void onus_json_place(struct onus_json *json, struct onus_str text, uint64_t number);
void onus_json_str_open(struct onus_json *json);
void onus_json_str_part(struct onus_json *json, struct onus_str part);
void onus_json_str_close(struct onus_json *json);

/* Key and value in one call. An empty str of _str_or_null is written as null. */
static inline void onus_json_key_str(struct onus_json *json, const char *key, struct onus_str value)
{
    onus_json_key(json, key);
    onus_json_str(json, value);
}

static inline void onus_json_key_text(struct onus_json *json, const char *key,
        const char *terminated)
{
    onus_json_key(json, key);
    onus_json_text(json, terminated);
}

static inline void onus_json_key_u64(struct onus_json *json, const char *key, uint64_t value)
{
    onus_json_key(json, key);
    onus_json_u64(json, value);
}

static inline void onus_json_key_i64(struct onus_json *json, const char *key, int64_t value)
{
    onus_json_key(json, key);
    onus_json_i64(json, value);
}

static inline void onus_json_key_bool(struct onus_json *json, const char *key, bool value)
{
    onus_json_key(json, key);
    onus_json_bool(json, value);
}

static inline void onus_json_key_null(struct onus_json *json, const char *key)
{
    onus_json_key(json, key);
    onus_json_null(json);
}

static inline void onus_json_key_str_or_null(struct onus_json *json, const char *key,
        struct onus_str value)
{
    if (value.len > 0) {
        onus_json_key_str(json, key, value);
    } else {
        onus_json_key_null(json, key);
    }
}

/* Only the escaped text, without quotes: for whoever writes JSON by other means. */
void onus_json_add_escaped(struct onus_buffer *out, struct onus_str s, unsigned flags);

#endif
