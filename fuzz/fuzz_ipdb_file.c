/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a compiled table, once as they are and once with right checksums, so that what lies
 * behind them is reached: a file that is accepted answers without reading outside, and a row it
 * answers with holds the address.
 */
#include "fuzz.h"

#include "net/ipdb_file.h"
#include "net/ipdb_layout.h"

static void ask(const struct onus_ipdb_file *file, onus_wide wanted)
{
    struct onus_address address = onus_wide_address(wanted);
    struct onus_ipdb_hit hit;
    bool found = onus_ipdb_file_find(file, &address, &hit);
    while (found) {
        FUZZ_CHECK(hit.first <= wanted && wanted <= hit.last);
        volatile char last =
                hit.value.text.len > 0 ? hit.value.text.ptr[hit.value.text.len - 1] : 0;
        (void)last;
        found = onus_ipdb_file_next(file, onus_address_is_v4(&address), &hit);
    }
}

static void try_parse(const uint8_t *bytes, size_t size)
{
    struct onus_ipdb_file file;
    if (onus_ipdb_file_parse(bytes, size, &file, NULL) != ONUS_OK) {
        return;
    }
    FUZZ_CHECK(strlen(file.about.name.ptr) == file.about.name.len);
    for (unsigned i = 0; i < 256; i++) {
        ask(&file, (onus_wide)0xffff00000000u + (i << 24 | i << 8));
        ask(&file, (onus_wide)i << 120 | i);
    }
    ask(&file, ~(onus_wide)0);
}

static void set_sum(uint8_t *bytes, size_t at, uint64_t sum)
{
    const uint64_t raw = htole64(sum);
    memcpy(bytes + at, &raw, sizeof(raw));
}

/* Where the sums begin that end a file of that size. */
static size_t sums_at(size_t size)
{
    for (size_t end = size / ONUS_IPDB_ALIGN * ONUS_IPDB_ALIGN; end > ONUS_IPDB_HEADER_SIZE;
            end -= ONUS_IPDB_ALIGN) {
        if (end + onus_ipdb_sums_size(end) == size) {
            return end;
        }
    }
    return size;
}

static void seal(uint8_t *bytes, size_t size)
{
    size_t end = sums_at(size);
    for (size_t at = 0; at < end && end < size; at += ONUS_IPDB_PIECE) {
        size_t from = at > 0 ? at : ONUS_IPDB_HEADER_SIZE;
        size_t to = at + ONUS_IPDB_PIECE < end ? at + ONUS_IPDB_PIECE : end;
        set_sum(bytes, end + at / ONUS_IPDB_PIECE * 8, onus_ipdb_checksum(bytes + from, to - from));
    }
    bool is_old = onus_ipdb_get32(bytes + ONUS_IPDB_AT_VERSION) == ONUS_IPDB_FORMAT_OLDEST;
    size_t summed = is_old ? ONUS_IPDB_HEADER_SIZE : end;
    set_sum(bytes, ONUS_IPDB_AT_PAYLOAD_SUM, onus_ipdb_checksum(bytes + summed, size - summed));
    set_sum(bytes, ONUS_IPDB_AT_HEADER_SUM, 0);
    set_sum(bytes, ONUS_IPDB_AT_HEADER_SUM, onus_ipdb_checksum(bytes, ONUS_IPDB_HEADER_SIZE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_parse(data, size);
    if (size < ONUS_IPDB_HEADER_SIZE) {
        return 0;
    }
    uint8_t *copy = malloc(size);
    FUZZ_CHECK(copy);
    memcpy(copy, data, size);
    seal(copy, size);
    try_parse(copy, size);
    free(copy);
    return 0;
}
