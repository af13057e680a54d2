/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONUS_TEXT_JSON_SCAN_H
#define ONUS_TEXT_JSON_SCAN_H

/*
 * Reading JSON where it lies (RFC 8259), for log lines: no tree, no copy, no double.
 *
 * A value is a view of its own JSON text: `{"a":1}`, `"x"`, `-7`. An empty view is an absent value;
 * its first byte tells its kind. Members are found by walking an object once and strictly: whoever
 * gets a value knows that every byte of the object around it is well-formed, except for one thing.
 * Bytes above 0x7f inside strings are taken as they are when reading, because a stray byte in a user
 * name must not let a line escape; only onus_json_validate() asks for UTF-8.
 *
 * Duplicate keys: a key that is looked for and stands twice in one object makes the object
 * unreadable, because two readers could see two different values. Other duplicates are let pass.
 *
 * Depth is limited to ONUS_JSON_DEPTH containers below the one being read. Nothing recurses, keeps
 * state or allocates, except that a string with escapes is undone into the caller's arena.
 */

#include "base/arena.h"

enum {
    ONUS_JSON_DEPTH = 64
};

enum onus_json_kind {
    ONUS_JSON_NONE = 0, /* absent */
    ONUS_JSON_NULL,
    ONUS_JSON_BOOL,
    ONUS_JSON_NUMBER,
    ONUS_JSON_STRING,
    ONUS_JSON_ARRAY,
    ONUS_JSON_OBJECT,
};

/* Of a value handed out by this file, by its first byte. */
enum onus_json_kind onus_json_kind(struct onus_str value);

/*
 * Whether text is exactly one JSON document in UTF-8, blanks around it allowed.
 *
 * ONUS_E_FORMAT  it is not; err->offset is the first wrong byte.
 * ONUS_E_LIMIT   nested deeper than ONUS_JSON_DEPTH.
 */
ONUS_NODISCARD enum onus_code onus_json_validate(struct onus_str text, struct onus_error *err);

/*
 * Walk an object or array:
 *
 *     struct onus_json_iter it;
 *     if (onus_json_iter_init(&it, text)) {
 *         while (onus_json_next(&it, &key, &value)) { ... }
 *         if (!it.whole) { the text is not well-formed }
 *     }
 *
 * `whole` is set once the closing bracket was found with nothing but blanks after it. The key is a
 * string with its quotes, empty in an array; compare with onus_json_string_is().
 */
struct onus_json_iter {
    struct onus_str rest;
    char close;
    bool first;
    bool whole;
};

bool onus_json_iter_init(struct onus_json_iter *iter, struct onus_str container);
bool onus_json_next(struct onus_json_iter *iter, struct onus_str *key, struct onus_str *value);

/*
 * Find members of an object by name, all in one pass: values[i] gets the value of keys[i], or an
 * empty view. Names are literal: "id.orig_h" is one key with a dot in it. False when text is not a
 * well-formed object and nothing else, or when a name that is looked for stands twice.
 */
ONUS_NODISCARD bool onus_json_pick(struct onus_str object, const char *const *keys,
        struct onus_str *values, size_t count);

/* One member, by literal name; an empty view when absent or the object is unreadable. */
struct onus_str onus_json_get(struct onus_str object, const char *key);

/* A member of members: "userIdentity.sessionContext.attributes". Empty view as above. */
struct onus_str onus_json_path(struct onus_str object, const char *dotted);

/* Whether a string value (or key) says exactly this once its escapes are undone. */
bool onus_json_string_is(struct onus_str value, struct onus_str text);

/*
 * The text of a string value: a view into it, or a copy in the arena when an escape had to be undone.
 * A lone surrogate becomes U+FFFD. Empty, with a NULL pointer, when the value is not a string or the
 * arena is full (arena->hit_limit tells).
 */
struct onus_str onus_json_value_text(struct onus_str value, struct onus_arena *arena);

/* An integer without fraction or exponent that fits. False otherwise; *out is then untouched. */
bool onus_json_value_i64(struct onus_str value, int64_t *out);

/* As above, between 0 and max. A string holding only decimal digits is taken too: loggers differ. */
bool onus_json_value_u64(struct onus_str value, uint64_t max, uint64_t *out);

bool onus_json_is_true(struct onus_str value);
bool onus_json_is_false(struct onus_str value);

#endif
