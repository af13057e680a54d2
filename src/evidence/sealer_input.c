/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer_parts.h"

#include "base/str.h"

/* ---- bytes of an input ----------------------------------------------------------------------- */

/* Put the last bytes of `from` in front of what is at out[*free..size). */
static void prepend(const char *from, size_t length, uint8_t *out, size_t *unused)
{
    size_t now = length < *unused ? length : *unused;
    *unused -= now;
    memcpy(out + *unused, from + (length - now), now);
}

size_t onus_seal_before(const struct seal_input *input, const struct onus_sink_block *blocks,
        size_t block, size_t line, size_t skip, uint8_t *out, size_t size)
{
    size_t unused = size;
    if (skip > 0) {
        prepend(blocks[block].bytes + blocks[block].lines[line].offset, skip, out, &unused);
    }
    for (size_t b = block + 1; b-- > 0 && unused > 0;) {
        size_t end = b == block ? line : blocks[b].line_count;
        for (size_t l = end; l-- > 0 && unused > 0;) {
            const struct onus_sink_line *before = &blocks[b].lines[l];
            prepend(blocks[b].bytes + before->offset, (size_t)before->length + before->ended, out,
                    &unused);
        }
    }
    prepend((const char *)input->tail, input->tail_length, out, &unused);
    memmove(out, out + unused, size - unused);
    return size - unused;
}

void onus_seal_keep_tail(struct seal_input *input, const struct onus_sink_block *blocks,
        size_t count)
{
    uint8_t tail[ONUS_POSITION_BYTES];
    /* A line that was left is the last of all. */
    size_t lines = blocks[count - 1].line_count - (input->unended ? 1 : 0);
    size_t length = onus_seal_before(input, blocks, count - 1, lines, 0, tail, sizeof(tail));
    memcpy(input->tail, tail, length);
    input->tail_length = (uint32_t)length;
}

bool onus_seal_tail_fits(const struct seal_input *input, const struct onus_sink_block *blocks,
        size_t block, size_t line, size_t skip)
{
    uint8_t tail[ONUS_POSITION_BYTES];
    struct onus_digest digest;
    size_t length = onus_seal_before(input, blocks, block, line, skip, tail, input->at.tail_length);
    onus_position_hash(&input->source->keys.source_n, (struct onus_str){(const char *)tail, length},
            &digest);
    return length == input->at.tail_length && onus_digest_eq(&digest, &input->at.tail);
}

void onus_seal_take_head(struct seal_input *input, const struct onus_sink_block *blocks,
        size_t count)
{
    size_t have = input->head_length;
    for (size_t b = 0; b < count && have < ONUS_POSITION_BYTES; b++) {
        for (size_t l = 0; l < blocks[b].line_count && have < ONUS_POSITION_BYTES; l++) {
            const struct onus_sink_line *line = &blocks[b].lines[l];
            size_t now = (size_t)line->length + line->ended;
            now = now < ONUS_POSITION_BYTES - have ? now : ONUS_POSITION_BYTES - have;
            memcpy(input->head + have, blocks[b].bytes + line->offset, now);
            have += now;
        }
    }
    input->head_length = (uint32_t)have;
}

void onus_seal_position(const struct seal_input *input, const uint8_t *tail, size_t tail_length,
        struct onus_position *out)
{
    size_t head = input->bytes < input->head_length ? (size_t)input->bytes : input->head_length;
    *out = (struct onus_position){.file = input->file,
            .device = input->hint.device,
            .inode = input->hint.inode,
            .size = input->hint.size,
            .lines = input->lines,
            .bytes = input->bytes,
            .head_length = (uint32_t)head,
            .tail_length = (uint32_t)tail_length};
    const struct onus_digest *key = &input->source->keys.source_n;
    onus_position_hash(key, (struct onus_str){(const char *)input->head, head}, &out->head);
    onus_position_hash(key, (struct onus_str){(const char *)tail, tail_length}, &out->tail);
}

/* ---- which file it is ------------------------------------------------------------------------ */

static bool same_inode(const struct onus_position *a, const struct onus_position *b)
{
    return a->inode == b->inode && a->device == b->device && a->inode != 0;
}

static bool is_stranger(const struct onus_sealer *sealer, const struct onus_tag *tag, uint32_t file)
{
    for (size_t i = 0; i < sealer->options.stranger_count; i++) {
        const struct onus_stranger *stranger = &sealer->options.strangers[i];
        if (stranger->file == file && onus_tag_eq(&stranger->tag, tag)) {
            return true;
        }
    }
    return false;
}

/* Hashes of beginnings under the key of a source, the full one computed once. */
struct head_hashes {
    const struct seal_input *input;
    const struct onus_digest *key;
    bool has_full;
    struct onus_digest full;
};

static bool begins_like(struct head_hashes *hashes, const struct onus_position *position)
{
    struct onus_digest digest;
    const struct seal_input *input = hashes->input;
    if (position->head_length > input->head_length || position->bytes == 0) {
        return false;
    }
    if (position->head_length == ONUS_POSITION_BYTES && hashes->has_full) {
        digest = hashes->full;
    } else {
        onus_position_hash(hashes->key,
                (struct onus_str){(const char *)input->head, position->head_length}, &digest);
    }
    if (position->head_length == ONUS_POSITION_BYTES) {
        hashes->full = digest;
        hashes->has_full = true;
    }
    return onus_digest_eq(&digest, &position->head);
}

/*
 * A short beginning is no proof of being the same file: it counts within the source the path belongs to,
 * or for the same inode.
 */
static bool may_be(const struct onus_sealer *sealer, const struct seal_input *input,
        const struct onus_source *source, const struct onus_position *position)
{
    bool own = onus_str_eq(source->name, input->name);
    if (sealer->options.source.len > 0 && !own) {
        return false;
    }
    return !is_stranger(sealer, &source->tag, position->file) &&
           (own || position->head_length == ONUS_POSITION_BYTES ||
                   same_inode(position, &input->hint));
}

static uint8_t flags_of_new(const struct seal_input *input, const struct onus_source *source)
{
    uint8_t flags = source->position_count > 0 ? ONUS_BATCH_ROTATED : 0;
    for (size_t i = 0; i < source->position_count; i++) {
        if (same_inode(&source->positions[i], &input->hint) &&
                input->hint.size < source->positions[i].size) {
            flags = ONUS_BATCH_TRUNCATED;
        }
    }
    return flags;
}

void onus_seal_recognise(struct onus_sealer *sealer, struct seal_input *input)
{
    const struct onus_vault *vault = sealer->options.vault;
    input->looked = true;
    for (size_t s = 0; s < onus_vault_source_count(vault); s++) {
        const struct onus_source *source = onus_vault_source_at(vault, s);
        struct head_hashes hashes = {.input = input, .key = &source->keys.source_n};
        for (size_t p = 0; p < source->position_count; p++) {
            const struct onus_position *position = &source->positions[p];
            bool better = !input->known || position->bytes > input->at.bytes;
            if (better && may_be(sealer, input, source, position) &&
                    begins_like(&hashes, position)) {
                input->known = true;
                input->at = *position;
                input->source = source;
            }
        }
    }
    if (input->known) {
        input->skip_bytes = input->at.bytes;
        input->file = input->at.file;
        return;
    }
    input->source = onus_vault_source_named(vault, input->name);
    if (input->source) {
        input->file = input->source->next_file;
        input->flags = flags_of_new(input, input->source);
    }
}

enum onus_code onus_seal_source(struct onus_sealer *sealer, struct seal_input *input,
        struct onus_error *err)
{
    if (!input->source) {
        struct onus_digest k_source;
        enum onus_code code = sealer->options.random(sealer->options.data, k_source.bytes,
                sizeof(k_source.bytes), err);
        if (code == ONUS_OK) {
            code = onus_vault_source_add(sealer->options.vault, input->name,
                    sealer->options.profile, sealer->options.now(sealer->options.data), &k_source,
                    &input->source, err);
        }
        explicit_bzero(&k_source, sizeof(k_source));
        if (code != ONUS_OK) {
            return code;
        }
    }
    if (input->source->profile == ONUS_PROFILE_PARTS && !sealer->sink.wants_parts) {
        return onus_fail(err, ONUS_E_BUG, "parts of lines were not asked for");
    }
    if (!input->known && sealer->options.profile != input->source->profile) {
        return onus_fail(err, ONUS_E_REFUSED,
                "the source '" ONUS_STR_FMT
                "' is sealed in %s; another profile needs another source",
                ONUS_STR_ARG(input->source->name),
                input->source->profile == ONUS_PROFILE_PARTS ? "parts of lines" : "whole lines");
    }
    return ONUS_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool all_digits(struct onus_str text, size_t least, size_t most)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!onus_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return text.len >= least && text.len <= most;
}

/* "name.12" and "name-20260110": what rotation adds. */
static void drop_rotation(struct onus_str *path)
{
    static const struct {
        char mark;
        size_t least, most;
    } forms[] = {{'.', 1, 4}, {'-', 8, 10}};
    for (size_t i = 0; i < ONUS_COUNT(forms); i++) {
        size_t at = onus_str_rfind_char(*path, forms[i].mark);
        if (at != ONUS_STR_NPOS && at > 0 && path->ptr[at - 1] != '/' &&
                all_digits(onus_str_from(*path, at + 1), forms[i].least, forms[i].most)) {
            path->len = at;
            return;
        }
    }
}

struct onus_str onus_source_name_of(struct onus_str path)
{
    static const struct onus_str endings[] = {{".gz", 3}, {".zst", 4}, {".xz", 3}, {".bz2", 4}};
    struct onus_str name = path;
    while (onus_str_skip(&name, ONUS_STR("./"))) {
    }
    for (size_t i = 0; i < ONUS_COUNT(endings); i++) {
        struct onus_str shorter = name;
        if (onus_str_drop(&shorter, endings[i]) && shorter.len > 0 &&
                shorter.ptr[shorter.len - 1] != '/') {
            name = shorter;
            break;
        }
    }
    drop_rotation(&name);
    return name.len > 0 ? name : path;
}
