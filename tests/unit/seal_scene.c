/* SPDX-License-Identifier: Apache-2.0 */
#include "seal_scene.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/pool.h"

static enum onus_code draw(void *data, void *out, size_t size, struct onus_error *err)
{
    struct scene *scene = data;
    (void)err;
    memset(out, ++scene->random, size);
    return ONUS_OK;
}

static uint64_t now(void *data)
{
    struct scene *scene = data;
    return scene->clock++;
}

static void identify(void *data, const char *path, struct onus_position *out)
{
    const struct scene *scene = data;
    (void)path;
    out->device = 1;
    out->inode = scene->inode;
    out->size = scene->size;
}

static void sealed(void *data, const struct onus_sealed *batch)
{
    struct scene *scene = data;
    scene->batches++;
    scene->lines += batch->lines;
    scene->last = *batch;
    if (scene->tell > 0 && write(scene->tell, batch, sizeof(*batch)) < 0) {
        abort();
    }
}

bool scene_folder(struct scene *scene)
{
    /* In memory where there is such a folder: every file is flushed, hundreds of times. */
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    *scene = (struct scene){.clock = 1466997180, .block = 1 << 16, .blocks = 8, .threads = 1};
    (void)snprintf(scene->path, sizeof(scene->path), "%.40s/onus-case-XXXXXX",
            folder ? folder : "/tmp");
    return mkdtemp(scene->path) != NULL;
}

enum onus_code scene_init(struct scene *scene)
{
    struct onus_vault_new what = {.party = ONUS_STR("Example Party"),
            .origin = ONUS_STR("party.example/evidence"),
            .made = 1466997000,
            .random = draw,
            .data = scene};
    memset(what.log_key.bytes, 1, sizeof(what.log_key.bytes));
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_vault_create(scene->path, &what, &err);
    (void)snprintf(scene->failure, sizeof(scene->failure), "%s", err.text);
    return code;
}

bool scene_new(struct scene *scene)
{
    return scene_folder(scene) && scene_init(scene) == ONUS_OK;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path);
}

void scene_remove(struct scene *scene)
{
    (void)nftw(scene->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

enum onus_code scene_open(struct scene *scene, bool write, struct onus_vault **out)
{
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_vault_open(scene->path,
            &(struct onus_vault_options){.write = write, .random = draw, .data = scene}, out, &err);
    if (code != ONUS_OK) {
        (void)snprintf(scene->failure, sizeof(scene->failure), "%s", err.text);
    }
    return code;
}

/* ---- lines ----------------------------------------------------------------------------------- */

struct read_block {
    struct onus_sink_block block;
    struct onus_sink_line *lines;
    struct onus_sink_part *parts;
    char *bytes;
};

/* The word of a line that begins with this letter. */
static bool word(struct onus_str line, char letter, struct onus_str *out)
{
    struct onus_str head;
    while (line.len > 0) {
        if (!onus_str_cut(&line, ' ', &head)) {
            head = line;
            line.len = 0;
        }
        if (head.len > 1 && head.ptr[0] == letter) {
            *out = onus_str_from(head, 1);
            return true;
        }
    }
    return false;
}

static void read_line(struct read_block *read, size_t at, struct onus_str text, bool ended)
{
    struct onus_sink_line *line = &read->lines[read->block.line_count];
    struct onus_str found;
    uint64_t number = 0;
    *line = (struct onus_sink_line){.offset = (uint32_t)at,
            .length = (uint32_t)text.len,
            .time = ONUS_TIME_NONE,
            .ended = ended,
            .first_part = (uint32_t)(read->block.line_count * 3)};
    if (word(text, 'T', &found) && onus_str_to_u64(found, UINT32_MAX, &number)) {
        line->time = (int64_t)number * ONUS_USEC;
    }
    line->has_source = word(text, 'A', &found) && onus_address_parse(found, &line->source);
    if (word(text, 'N', &found) && onus_str_to_u64(found, 1000, &number)) {
        line->attempts = (uint32_t)number;
    }
    /* Three parts: what is before the first blank, the blank, the rest. */
    struct onus_sink_part *parts = read->parts + line->first_part;
    size_t blank = onus_str_find_char(text, ' ');
    if (blank == ONUS_STR_NPOS || blank == 0) {
        parts[0] = (struct onus_sink_part){.length = line->length, .kind = ONUS_PART_TEXT};
        line->part_count = 1;
    } else {
        parts[0] = (struct onus_sink_part){.length = (uint32_t)blank, .kind = ONUS_PART_TIME};
        parts[1] = (struct onus_sink_part){.offset = (uint32_t)blank,
                .length = 1,
                .kind = ONUS_PART_TEXT};
        parts[2] = (struct onus_sink_part){.offset = (uint32_t)blank + 1,
                .length = (uint32_t)(text.len - blank - 1),
                .kind = ONUS_PART_TARGET};
        line->part_count = 3;
    }
    read->block.line_count++;
}

static void read_block(struct onus_str *text, size_t size, struct read_block *read)
{
    size_t length = text->len < size ? text->len : size;
    while (length < text->len && text->ptr[length - 1] != '\n') {
        length++;
    }
    /* A copy of its own, so that reading past a block or after its round is seen. */
    read->bytes = malloc(length + 1);
    if (!read->bytes) {
        abort();
    }
    memcpy(read->bytes, text->ptr, length);
    size_t count = 1;
    for (size_t i = 0; i < length; i++) {
        count += read->bytes[i] == '\n';
    }
    read->lines = calloc(count, sizeof(*read->lines));
    read->parts = calloc(count * 3, sizeof(*read->parts));
    if (!read->lines || !read->parts) {
        abort();
    }
    struct onus_str rest = {read->bytes, length};
    struct onus_str line;
    while (rest.len > 0) {
        size_t at = (size_t)(rest.ptr - read->bytes);
        bool ended = onus_str_cut(&rest, '\n', &line);
        if (!ended) {
            line = rest;
            rest.len = 0;
        }
        read_line(read, at, line, ended);
    }
    read->block.bytes = read->bytes;
    read->block.length = length;
    read->block.lines = read->lines;
    read->block.parts = read->parts;
    *text = onus_str_from(*text, length);
}

struct tasks {
    const struct onus_line_sink *sink;
};

static void one_task(void *data, size_t task, size_t worker)
{
    const struct tasks *tasks = data;
    tasks->sink->work(tasks->sink->data, task, worker);
}

static enum onus_code feed(struct scene *scene, const struct onus_line_sink *sink,
        struct onus_str text, struct onus_error *err)
{
    struct onus_pool *pool = NULL;
    enum onus_code code = onus_pool_new(scene->threads, &pool, err);
    while (text.len > 0 && code == ONUS_OK) {
        struct read_block reads[64] = {0};
        struct onus_sink_block blocks[64];
        size_t count = 0;
        while (count < scene->blocks && count < 64 && text.len > 0) {
            read_block(&text, scene->block, &reads[count]);
            blocks[count] = reads[count].block;
            count++;
        }
        size_t tasks = 0;
        code = sink->plan(sink->data, blocks, count, &tasks, err);
        if (code == ONUS_OK) {
            struct tasks work = {.sink = sink};
            onus_pool_run(pool, tasks, one_task, &work);
            code = sink->settle(sink->data, blocks, count, err);
        }
        for (size_t i = 0; i < count; i++) {
            free(reads[i].bytes);
            free(reads[i].lines);
            free(reads[i].parts);
        }
    }
    onus_pool_free(pool);
    return code;
}

static enum onus_code seal_in(struct scene *scene, struct onus_vault *vault, const char *name,
        struct onus_str text, bool whole, struct onus_error *err)
{
    struct onus_sealer *sealer = NULL;
    struct onus_sealer_options options = {.vault = vault,
            .source = onus_str_of(scene->source),
            .profile = scene->parts ? ONUS_PROFILE_PARTS : ONUS_PROFILE_LINES,
            .collector = ONUS_STR("onus test"),
            .strangers = &scene->stranger,
            .stranger_count = scene->has_stranger ? 1 : 0,
            .workers = scene->threads,
            .seed = 7,
            .now = now,
            .random = draw,
            .identify = identify,
            .sealed = sealed,
            .data = scene};
    memset(options.rules.bytes, 0x4a, sizeof(options.rules.bytes));
    enum onus_code code = onus_sealer_new(&options, &sealer, err);
    if (code != ONUS_OK) {
        return code;
    }
    const struct onus_line_sink *sink = onus_sealer_sink(sealer);
    code = sink->begin(sink->data, 0, name, err);
    if (code == ONUS_OK) {
        code = feed(scene, sink, text, err);
    }
    if (code == ONUS_OK) {
        code = sink->end(sink->data, 0, whole, whole ? ONUS_OK : ONUS_E_FORMAT, err);
    }
    if (code == ONUS_OK) {
        code = onus_sealer_finish(sealer, err);
    }
    onus_sealer_input(sealer, 0, &scene->input);
    if (scene->input.source) {
        scene->input_tag = scene->input.source->tag;
    }
    onus_sealer_free(sealer);
    return code;
}

static enum onus_code seal_any(struct scene *scene, const char *name, struct onus_str text,
        bool whole)
{
    struct onus_vault *vault = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = scene_open(scene, true, &vault);
    if (code != ONUS_OK) {
        return code;
    }
    code = seal_in(scene, vault, name, text, whole, &err);
    if (code != ONUS_OK) {
        (void)snprintf(scene->failure, sizeof(scene->failure), "%s", err.text);
    }
    onus_vault_close(vault);
    return code;
}

enum onus_code scene_seal(struct scene *scene, const char *name, struct onus_str text)
{
    return seal_any(scene, name, text, true);
}

enum onus_code scene_seal_broken(struct scene *scene, const char *name, struct onus_str text)
{
    return seal_any(scene, name, text, false);
}

/* ---- checking -------------------------------------------------------------------------------- */

struct found {
    struct scene *scene;
    size_t count;
};

static void fault(void *data, enum onus_code code, const char *object, const char *words)
{
    struct found *found = data;
    if (found->count++ == 0) {
        (void)snprintf(found->scene->failure, sizeof(found->scene->failure), "%s: %.200s: %.200s",
                onus_code_name(code), object, words);
    }
}

size_t scene_fsck(struct scene *scene, struct onus_fsck_counts *counts)
{
    struct found found = {.scene = scene};
    struct onus_vault *vault = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    enum onus_code code = onus_vault_open(scene->path,
            &(struct onus_vault_options){.fault = fault, .data = &found}, &vault, &err);
    if (code != ONUS_OK) {
        fault(&found, code, "case", err.text);
        return found.count;
    }
    code = onus_fsck(vault, &(struct onus_fsck_options){.fault = fault, .data = &found}, counts,
            &err);
    onus_vault_close(vault);
    if (code != ONUS_OK) {
        (void)snprintf(scene->failure, sizeof(scene->failure), "%s", err.text);
        return SIZE_MAX;
    }
    return found.count;
}

char *scene_content(struct scene *scene, const char *source, size_t *length)
{
    struct onus_vault *vault = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    struct onus_buffer out = {0};
    if (scene_open(scene, false, &vault) != ONUS_OK) {
        return NULL;
    }
    const struct onus_source *from = onus_vault_source_named(vault, onus_str_of(source));
    enum onus_code code = from ? ONUS_OK : ONUS_E_MISSING;
    for (uint64_t seq = 0; code == ONUS_OK && seq < from->next_seq; seq++) {
        struct onus_batch *batch = NULL;
        code = onus_batch_open(vault, from, seq, &batch, &err);
        if (code == ONUS_OK) {
            code = onus_batch_load(batch, &err);
        }
        if (code == ONUS_OK) {
            onus_buffer_add_str(&out, onus_batch_bytes(batch));
        }
        onus_batch_close(batch);
    }
    onus_vault_close(vault);
    if (code != ONUS_OK) {
        (void)snprintf(scene->failure, sizeof(scene->failure), "%s", err.text);
        onus_buffer_clear(&out);
        return NULL;
    }
    onus_buffer_add_char(&out, '\0');
    *length = out.len - 1;
    return out.ptr;
}
