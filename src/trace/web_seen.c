/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/web_seen.h"

#include <sys/random.h>

void onus_web_key_init(struct onus_web_key *key)
{
    key->drawn =
            getrandom(key->words, sizeof(key->words), GRND_NONBLOCK) == (ssize_t)sizeof(key->words);
}

static uint64_t load(const char *p)
{
    uint64_t word = 0;
    memcpy(&word, p, sizeof(word));
    return word;
}

/* Both halves of the product: every bit of a and b has a say. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The last 1 to 16 bytes in two words. The length is hashed too, so no two tails give the same. */
static void load_tail(const char *p, size_t len, uint64_t out[static 2])
{
    if (len >= 8) {
        out[0] = load(p);
        out[1] = load(p + len - 8);
    } else if (len >= 4) {
        uint32_t head = 0;
        uint32_t end = 0;
        memcpy(&head, p, 4);
        memcpy(&end, p + len - 4, 4);
        out[0] = head;
        out[1] = end;
    } else {
        out[0] = (unsigned char)p[0];
        out[1] = (uint64_t)(unsigned char)p[len / 2] << 8 | (unsigned char)p[len - 1];
    }
}

/*
 * Each factor is hidden behind a word nobody outside knows: with a factor that could be chosen to be
 * zero, all that stands before it would be forgotten.
 */
uint64_t onus_web_hash(const struct onus_web_key *key, struct onus_str text)
{
    if (!key->drawn || text.len == 0 || text.len > ONUS_WEB_SEEN_TEXT_MAX) {
        return 0;
    }
    const char *p = text.ptr;
    size_t len = text.len;
    uint64_t h[2] = {key->words[0],
            key->words[2]}; /* two chains, so that none waits for the other */
    for (; len > 32; len -= 32, p += 32) {
        h[0] = fold(load(p) ^ key->words[1], load(p + 8) ^ h[0]);
        h[1] = fold(load(p + 16) ^ key->words[3], load(p + 24) ^ h[1]);
    }
    uint64_t tail[2];
    if (len > 16) {
        h[1] = fold(load(p) ^ key->words[3], load(p + 8) ^ h[1]);
        tail[0] = load(p + len - 16);
        tail[1] = load(p + len - 8);
    } else {
        load_tail(p, len, tail);
    }
    h[0] = fold(tail[0] ^ key->words[1], tail[1] ^ h[0]);
    uint64_t sum = fold(h[0] ^ key->words[2], h[1] ^ key->words[4]);
    sum = fold(sum ^ key->words[0], text.len ^ key->words[3]);
    return (sum | 4) & ~(uint64_t)3;
}
