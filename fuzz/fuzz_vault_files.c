/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small files of a vault: manifest, case, source, key tree, key of the log, intent, cuts of lines, packs.
 * What is read and written again is the same text.
 */
#include <stdlib.h>

#include "evidence/cuts.h"
#include "evidence/log_parts.h"
#include "evidence/vault_parts.h"
#include "sys/frames.h"

static void same(struct onus_str in, struct onus_buffer *out)
{
    if (!onus_str_eq(in, onus_buffer_view(out))) {
        abort();
    }
    onus_buffer_clear(out);
}

static void small_files(struct onus_str text, struct onus_arena *arena)
{
    struct onus_buffer out = {0};
    struct onus_manifest manifest;
    if (onus_manifest_parse(text, arena, &manifest, NULL) == ONUS_OK) {
        onus_manifest_format(&manifest, &out);
        same(text, &out);
    }
    struct onus_case facts;
    if (onus_case_parse(text, &facts, NULL) == ONUS_OK) {
        onus_case_format(&facts, &out);
        same(text, &out);
    }
    struct onus_source_file source;
    if (onus_source_file_parse(text, arena, &source, NULL) == ONUS_OK) {
        onus_source_file_format(&source, &out);
        same(text, &out);
    }
    struct onus_keytree tree;
    if (onus_keytree_parse(text, &tree, NULL) == ONUS_OK) {
        onus_keytree_format(&tree, &out);
        same(text, &out);
        onus_keytree_clear(&tree);
    }
    struct log_intent intent;
    if (onus_log_intent_parse(text, &intent, NULL) == ONUS_OK) {
        onus_log_intent_format(&intent, &out);
        same(text, &out);
    }
    struct onus_ed25519_seed seed;
    if (onus_log_key_parse(text, &seed, NULL) == ONUS_OK) {
        onus_log_key_format(&seed, &out);
        same(text, &out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct onus_str text = {(const char *)data, size};
    struct onus_arena arena;
    onus_arena_init(&arena, 64 << 20);
    small_files(text, &arena);
    struct onus_str entries[LOG_TILE];
    for (unsigned width = 1; width <= 4; width++) {
        (void)onus_log_bundle_parse(text, width, entries);
    }
    struct onus_str lines[2] = {ONUS_STR("T1 first"), ONUS_STR("second")};
    struct onus_cut_line *cut = NULL;
    struct onus_cut *parts = NULL;
    if (onus_cuts_parse(text, lines, 2, &arena, &cut, &parts, NULL) == ONUS_OK &&
            cut[0].count + cut[1].count > 2 * ONUS_PARTS_MAX) {
        abort();
    }
    char content[64];
    enum onus_code ignored = onus_frames_read(text, content, sizeof(content), NULL);
    (void)ignored;
    onus_arena_clear(&arena);
    return 0;
}
