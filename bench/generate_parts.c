/* SPDX-License-Identifier: Apache-2.0 */
#include "generate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const month_names[12] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
        "Oct", "Nov", "Dec"};

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

uint64_t random_next(struct random *random)
{
    random->state += 0x9e3779b97f4a7c15u;
    return mix(random->state);
}

uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)((random_next(random) >> 32) * bound >> 32);
}

bool zipf_init(struct zipf *zipf, uint32_t count, uint32_t flat)
{
    zipf->count = count;
    zipf->sums = calloc(count, sizeof(*zipf->sums));
    if (zipf->sums == NULL) {
        return false;
    }
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += ((uint64_t)1 << 32) / (i + 1 + flat);
        zipf->sums[i] = sum;
    }
    return true;
}

uint32_t zipf_draw(const struct zipf *zipf, struct random *random)
{
    uint64_t point = random_next(random) % zipf->sums[zipf->count - 1];
    uint32_t low = 0, high = zipf->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zipf->sums[middle] > point) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

void zipf_clear(struct zipf *zipf)
{
    free(zipf->sums);
    *zipf = (struct zipf){0};
}

void put(struct output *out, const char *text)
{
    size_t length = strlen(text);
    out->bytes += length;
    (void)fwrite(text, 1, length, out->file);
}

void put_number(struct output *out, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
    put(out, digits);
}

void end_line(struct output *out)
{
    put(out, "\n");
    out->lines++;
}

/* Blocks that no public host has: reserved, private, link-local, multicast, documentation. */
static bool is_special(uint32_t address)
{
    static const struct {
        uint32_t first;
        unsigned length;
    } blocks[] = {{0x00000000, 8}, {0x0a000000, 8}, {0x64400000, 10}, {0x7f000000, 8},
            {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 16}, {0xc0a80000, 16},
            {0xc6120000, 15}, {0xc6336400, 22}, {0xcb007000, 22}, {0xe0000000, 3}};
    for (size_t i = 0; i < COUNT(blocks); i++) {
        if ((address ^ blocks[i].first) >> (32 - blocks[i].length) == 0) {
            return true;
        }
    }
    return false;
}

/* Every 22-bit number once: sources share networks, yet no address comes twice. */
static uint32_t shuffle_22(uint32_t number, uint64_t seed)
{
    uint32_t key = (uint32_t)mix(seed) & 0x3fffff;
    number = (number ^ key) & 0x3fffff;
    for (int round = 0; round < 3; round++) {
        number = number * 0x2c9277 & 0x3fffff; /* odd: reversible modulo 2^22 */
        number ^= number >> 11;
    }
    return number;
}

/* Six sources share a /22; each has its own 170 addresses of it. */
static void make_v4(struct source *source, uint32_t network, uint32_t place, uint64_t chance)
{
    uint32_t address = network << 10 | (place * 170 + (uint32_t)(chance % 170));
    (void)snprintf(source->text, sizeof(source->text), "%u.%u.%u.%u", address >> 24,
            address >> 16 & 255, address >> 8 & 255, address & 255);
}

/* No group is zero and one run is left out, so this is the only right way to write the address. */
static void make_v6(struct source *source, uint32_t number, uint64_t chance)
{
    static const unsigned tops[] = {0x2001, 0x2003, 0x2400, 0x2406, 0x2409, 0x2600, 0x2604, 0x2607,
            0x2800, 0x2803, 0x2a00, 0x2a01, 0x2a02, 0x2a06, 0x2c0f};
    unsigned top = tops[chance % COUNT(tops)];
    unsigned site = 0x1000 | (unsigned)(chance >> 8 & 0xfff);
    unsigned high = 0x100 + (number >> 14), low = 0x1000 + (number & 0x3fff);
    if (chance >> 60 < 6) {
        (void)snprintf(source->text, sizeof(source->text), "%x:%x:%x:%x::%x", top, site, high, low,
                1 + (unsigned)(chance >> 20 & 0xff));
        return;
    }
    (void)snprintf(source->text, sizeof(source->text), "%x:%x:%x:%x:%x:%x:%x:%x", top, site, high,
            low, 0x100 | (unsigned)(chance >> 20 & 0xff), 1 + (unsigned)(chance >> 28 & 0xff),
            0xfe01 + (unsigned)(chance >> 36 & 0xff), 0x2000 + (unsigned)(chance >> 44 & 0xfff));
}

bool sources_init(struct sources *sources, uint32_t count, unsigned hostile_percent, uint64_t seed)
{
    sources->count = count;
    sources->all = calloc(count, sizeof(*sources->all));
    if (sources->all == NULL) {
        return false;
    }
    uint32_t network = 0, place = 0;
    struct random random = {seed};
    for (uint32_t i = 0; i < count; i++) {
        struct source *source = &sources->all[i];
        uint64_t chance = random_next(&random);
        source->hostile = random_below(&random, 100) < hostile_percent;
        source->agent = (uint8_t)random_below(&random, 256);
        source->v6 = random_below(&random, 100) < 9;
        if (source->v6) {
            make_v6(source, i, chance);
            continue;
        }
        while (place == 0 && is_special(shuffle_22(network, seed) << 10)) {
            network++;
        }
        make_v4(source, shuffle_22(network, seed), place, chance);
        place = (place + 1) % 6;
        network += place == 0;
    }
    return true;
}

void sources_clear(struct sources *sources)
{
    free(sources->all);
    *sources = (struct sources){0};
}

bool ticker_next(struct ticker *ticker, struct random *random)
{
    ticker->thousandths += random_below(random, ticker->step);
    ticker->now += ticker->thousandths / 1000;
    ticker->thousandths %= 1000;
    if (ticker->now == ticker->shown) {
        return false;
    }
    ticker->shown = ticker->now;
    time_t now = (time_t)ticker->now;
    return gmtime_r(&now, &ticker->parts) != NULL;
}

void truth_number(FILE *truth, const char *key, uint64_t value)
{
    (void)fprintf(truth, "%s\t%" PRIu64 "\n", key, value);
}

void truth_sources(FILE *truth, const struct sources *sources, uint64_t others)
{
    uint64_t seen = others, hostile = 0;
    for (uint32_t i = 0; i < sources->count; i++) {
        seen += sources->all[i].lines > 0;
        hostile += sources->all[i].attempts > 0;
    }
    truth_number(truth, "sources", seen);
    truth_number(truth, "sources_with_attempts", hostile);
    for (uint32_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->all[i];
        if (source->attempts > 0) {
            (void)fprintf(truth, "source\t%s\t%u\t%u\n", source->text, source->lines,
                    source->attempts);
        }
    }
}
