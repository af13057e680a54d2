/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a note, a key and the text of a checkpoint: what is read is written back as it was, and
 * the parts of a note add up to its bytes.
 */
#include "fuzz.h"

#include "base/str.h"
#include "proof/checkpoint.h"

static void check_note(struct onus_str bytes)
{
    struct onus_note note;
    if (onus_note_parse(bytes, &note, NULL) != ONUS_OK) {
        return;
    }
    FUZZ_CHECK(note.count >= 1 && note.count <= ONUS_NOTE_SIGNATURES_MAX);
    FUZZ_CHECK(note.text.ptr == bytes.ptr && note.text.ptr[note.text.len - 1] == '\n');
    size_t size = note.text.len + 1;
    for (size_t i = 0; i < note.count; i++) {
        const struct onus_note_signature *one = &note.signatures[i];
        FUZZ_CHECK(onus_key_name_valid(one->name));
        size += one->line.len + 1;
    }
    FUZZ_CHECK(size == bytes.len);
}

static void check_key(struct onus_str bytes)
{
    struct onus_vkey key;
    if (onus_vkey_parse(bytes, &key, NULL) == ONUS_OK) {
        struct onus_buffer again = {.limit = 0};
        onus_vkey_add(&again, &key);
        FUZZ_CHECK(onus_str_eq(onus_buffer_view(&again), bytes));
        onus_buffer_clear(&again);
    }
}

static void check_checkpoint(struct onus_str bytes)
{
    struct onus_checkpoint checkpoint;
    if (onus_checkpoint_parse(bytes, &checkpoint, NULL) == ONUS_OK) {
        struct onus_buffer again = {.limit = 0};
        onus_checkpoint_add(&again, &checkpoint);
        FUZZ_CHECK(onus_str_eq(onus_buffer_view(&again), bytes));
        onus_buffer_clear(&again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str bytes = {(const char *)data, size};
    check_note(bytes);
    check_key(bytes);
    check_checkpoint(bytes);
    return 0;
}
