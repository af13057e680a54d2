/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-commit WAY TIMES FILE: salt, slot, leaf and tree hashes over the lines of a file, TIMES times,
 * by one of these ways, and the root of the tree:
 *
 *     best, scalar, sha-ni, avx2, avx512   as onus seals
 *     evp                                  the same hashes, one by one, by EVP of OpenSSL with the
 *                                          algorithm fetched once
 *     pure-KERNEL                          as many compressions as these hashes take, of long messages:
 *                                          the bound of that kernel
 *
 * For ./run bench only: nothing here is hostile, lines are shorter than 1 MiB.
 */
#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>

#include "evidence/commit.h"

static const char batch_key_text[32] = "a key that nobody needs to keep";

enum {
    BUFFER = 1 << 20,  /* bytes read at a time: a line is shorter */
    WINDOW = 16 << 10, /* lines of a buffer at most; a multiple of 8 */
    LINES_MAX = 16 << 20
};

/* Lines of one buffer, whole leaves of them unless the file ends. */
struct window {
    FILE *file;
    char *buffer;
    size_t used, rest; /* bytes of the buffer, and where those of the next window begin */
    bool ended;
    struct onus_str *lines;
    size_t count;
};

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory) {
        (void)fprintf(stderr, "bench-commit: out of memory\n");
        exit(1);
    }
    return memory;
}

static void open_window(struct window *window, const char *path)
{
    *window = (struct window){.file = fopen(path, "rbe"),
            .buffer = allocate(BUFFER),
            .lines = allocate(WINDOW * sizeof(*window->lines))};
    if (!window->file || setvbuf(window->file, NULL, _IONBF, 0) != 0) {
        perror(path);
        exit(1);
    }
}

static void close_window(struct window *window)
{
    (void)fclose(window->file);
    free(window->buffer);
    free(window->lines);
}

/* False when there are no more lines. */
static bool next_window(struct window *window)
{
    memmove(window->buffer, window->buffer + window->rest, window->used - window->rest);
    window->used -= window->rest;
    size_t got = fread(window->buffer + window->used, 1, BUFFER - window->used, window->file);
    window->used += got;
    window->ended = window->used < BUFFER;
    window->count = window->rest = 0;
    size_t at = 0;
    while (at < window->used && window->count < WINDOW) {
        const char *end = memchr(window->buffer + at, '\n', window->used - at);
        if (!end && !window->ended) {
            break;
        }
        size_t length = end ? (size_t)(end - window->buffer) - at : window->used - at;
        window->lines[window->count++] = (struct onus_str){window->buffer + at, length};
        at += length + (end != NULL);
        if (window->count % ONUS_LINES_PER_LEAF == 0) {
            window->rest = at;
        }
    }
    if (window->ended && at >= window->used) {
        window->rest = window->used;
    } else {
        window->count -= window->count % ONUS_LINES_PER_LEAF;
    }
    return window->count > 0;
}

static uint64_t blocks_of(uint64_t length)
{
    return (length + 9 + 63) / 64;
}

/* Compressions that all hashes of the file take. */
static uint64_t count_blocks(const char *path)
{
    struct window window;
    open_window(&window, path);
    uint64_t blocks = 0;
    uint64_t lines = 0;
    while (next_window(&window)) {
        for (size_t i = 0; i < window.count; i++) {
            blocks += blocks_of(18 + window.lines[i].len);
        }
        lines += window.count;
    }
    close_window(&window);
    uint64_t leaves = onus_commit_leaves(lines);
    return blocks + (lines + 1) / 2 + leaves * blocks_of(3 + 8 * 32) +
           (leaves > 0 ? leaves - 1 : 0) * blocks_of(65);
}

static void show(const struct onus_digest *root)
{
    for (size_t i = 0; i < sizeof(root->bytes); i++) {
        printf("%02x", root->bytes[i]);
    }
    printf("\n");
}

static void ours(const struct onus_sha256_kernel *kernel, const char *path,
        struct onus_digest *root)
{
    struct onus_commit_scratch *scratch = NULL;
    struct onus_digest key;
    memcpy(key.bytes, batch_key_text, sizeof(key.bytes));
    struct onus_digest *slots = allocate(WINDOW * sizeof(*slots));
    struct onus_digest *leaves = allocate(LINES_MAX / ONUS_LINES_PER_LEAF * sizeof(*leaves));
    if (onus_commit_scratch_new(kernel, &scratch, NULL) != ONUS_OK) {
        exit(1);
    }
    struct window window;
    open_window(&window, path);
    size_t done = 0;
    while (next_window(&window) && done + window.count <= LINES_MAX) {
        onus_commit_lines(scratch, &key, done, window.lines, window.count, slots);
        onus_commit_groups(scratch, slots, window.count, leaves + done / ONUS_LINES_PER_LEAF);
        done += window.count;
    }
    onus_tree_root(kernel, leaves, onus_commit_leaves(done), root);
    close_window(&window);
    onus_commit_scratch_free(scratch);
    free(slots);
    free(leaves);
}

/* ---- the same by EVP ---- */

struct evp {
    EVP_MD *md;
    EVP_MD_CTX *context;
};

static void evp_hash(struct evp *evp, const void *head, size_t head_length, const void *body,
        size_t body_length, struct onus_digest *out)
{
    if (EVP_DigestInit_ex2(evp->context, evp->md, NULL) != 1 ||
            EVP_DigestUpdate(evp->context, head, head_length) != 1 ||
            EVP_DigestUpdate(evp->context, body, body_length) != 1 ||
            EVP_DigestFinal_ex(evp->context, out->bytes, NULL) != 1) {
        (void)fprintf(stderr, "bench-commit: EVP failed\n");
        exit(1);
    }
}

static void evp_slots(struct evp *evp, const struct window *window, size_t done,
        struct onus_digest *slots)
{
    struct onus_digest salts = {{0}};
    for (size_t i = 0; i < window->count; i++) {
        if ((done + i) % 2 == 0) {
            uint8_t message[9 + 32 + 8];
            memcpy(message, "onus/salt", 9);
            memcpy(message + 9, batch_key_text, 32);
            onus_be64_put(message + 41, (done + i) / 2);
            evp_hash(evp, message, sizeof(message), "", 0, &salts);
        }
        uint8_t head[18] = {0x02, 0x10};
        memcpy(head + 2, salts.bytes + (done + i) % 2 * 16, 16);
        evp_hash(evp, head, sizeof(head), window->lines[i].ptr, window->lines[i].len, &slots[i]);
    }
}

static void evp_leaves(struct evp *evp, const struct onus_digest *slots, size_t count,
        struct onus_digest *leaves)
{
    for (size_t at = 0; at < count; at += ONUS_LINES_PER_LEAF) {
        size_t n = count - at < ONUS_LINES_PER_LEAF ? count - at : ONUS_LINES_PER_LEAF;
        uint8_t head[3] = {0x00, 'G', (uint8_t)n};
        evp_hash(evp, head, sizeof(head), slots + at, n * sizeof(*slots),
                &leaves[at / ONUS_LINES_PER_LEAF]);
    }
}

/* RFC 6962, 2.1, level by level: an odd node at the end of a level goes up as it is. */
static void evp_tree(struct evp *evp, struct onus_digest *nodes, size_t count,
        struct onus_digest *root)
{
    while (count > 1) {
        for (size_t i = 0; i + 1 < count; i += 2) {
            evp_hash(evp, "\x01", 1, &nodes[i], 2 * sizeof(*nodes), &nodes[i / 2]);
        }
        if (count % 2 == 1) {
            nodes[count / 2] = nodes[count - 1];
        }
        count = (count + 1) / 2;
    }
    *root = nodes[0];
}

static void by_evp(const char *path, struct onus_digest *root)
{
    struct evp evp = {EVP_MD_fetch(NULL, "SHA256", NULL), EVP_MD_CTX_new()};
    struct onus_digest *slots = allocate(WINDOW * sizeof(*slots));
    struct onus_digest *leaves = allocate(LINES_MAX / ONUS_LINES_PER_LEAF * sizeof(*leaves));
    struct window window;
    open_window(&window, path);
    size_t done = 0;
    while (next_window(&window) && done + window.count <= LINES_MAX) {
        evp_slots(&evp, &window, done, slots);
        evp_leaves(&evp, slots, window.count, leaves + done / ONUS_LINES_PER_LEAF);
        done += window.count;
    }
    evp_tree(&evp, leaves, (size_t)onus_commit_leaves(done), root);
    close_window(&window);
    EVP_MD_CTX_free(evp.context);
    EVP_MD_free(evp.md);
    free(slots);
    free(leaves);
}

/* ---- the bound ---- */

/* Long messages of one length fill every lane, and the cost of their padding vanishes. */
static void pure(const struct onus_sha256_kernel *kernel, uint64_t blocks, struct onus_digest *root)
{
    enum {
        LANES = 64,
        BLOCKS = 255
    };
    static char bytes[BLOCKS * 64];
    struct onus_message messages[LANES];
    struct onus_digest out[LANES];
    for (size_t i = 0; i < LANES; i++) {
        messages[i] = (struct onus_message){.body = {bytes, sizeof(bytes)}};
    }
    for (uint64_t done = 0; done < blocks; done += (uint64_t)LANES * (BLOCKS + 1)) {
        onus_sha256_many(kernel, messages, LANES, out);
        bytes[0] ^= (char)out[0].bytes[0];
    }
    *root = out[0];
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: bench-commit best|KERNEL|evp|pure-KERNEL TIMES FILE\n");
        return 2;
    }
    struct onus_str way = onus_str_of(argv[1]);
    bool evp = onus_str_eq(way, ONUS_STR("evp"));
    bool bound = onus_str_skip(&way, ONUS_STR("pure-"));
    const struct onus_sha256_kernel *kernel = onus_str_eq(way, ONUS_STR("best"))
                                                      ? onus_sha256_best()
                                                      : onus_sha256_kernel_by_name(way);
    if (!evp && !kernel) {
        (void)fprintf(stderr, "bench-commit: this processor has no '%s'\n", argv[1]);
        return 77;
    }
    struct onus_digest root = {{0}};
    uint64_t blocks = bound ? count_blocks(argv[3]) : 0;
    for (unsigned long times = strtoul(argv[2], NULL, 10); times > 0; times--) {
        if (evp) {
            by_evp(argv[3], &root);
        } else if (bound) {
            pure(kernel, blocks, &root);
        } else {
            ours(kernel, argv[3], &root);
        }
    }
    show(&root);
    return 0;
}
