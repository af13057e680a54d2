/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: a pack written piece by piece in any order is a zstd stream of its content with a table
 * that fits; compressed it is the same content; what was changed or cut is refused.
 * Oracle: libzstd, reading the whole file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <zstd.h>

#include "sys/frames.h"

/* The file that the pieces make, with its end. */
static struct onus_buffer make(struct onus_str content, size_t piece)
{
    struct onus_buffer file = {0};
    size_t bound = onus_frames_bound(content.len);
    char *bytes = calloc(1, bound);
    char *room = malloc(onus_frames_room(piece));
    assert_non_null(bytes);
    assert_non_null(room);
    size_t pieces = (content.len + piece - 1) / piece;
    for (size_t i = pieces; i-- > 0;) { /* the last one first */
        uint64_t at = 0;
        struct onus_str part = {content.ptr + i * piece, content.len - i * piece};
        part.len = part.len < piece ? part.len : piece;
        size_t length = onus_frames_stored(i * piece, part, room, &at);
        assert_true(at + length <= bound);
        memcpy(bytes + at, room, length);
    }
    struct onus_frame_patch patches[ONUS_FRAME_PATCHES];
    struct onus_buffer table = {0};
    uint64_t at = 0;
    size_t count = onus_frames_end(content.len, patches, &table, &at);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + patches[i].at, patches[i].bytes, patches[i].length);
    }
    onus_buffer_add(&file, bytes, (size_t)at);
    onus_buffer_add_str(&file, onus_buffer_view(&table));
    onus_buffer_clear(&table);
    free(bytes);
    free(room);
    return file;
}

static void packs_are_zstd_streams_of_their_content(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 5, 131071, 131072, 131073, 262143, 262144, 262145, 393216,
            900001};
    static const size_t pieces[] = {1 << 20, 100003, 131072, 7777};
    static char content[900001];
    static char back[900001];
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (char)(i * 2654435761u >> 13);
    }
    for (size_t i = 0; i < ONUS_COUNT(sizes); i++) {
        struct onus_str text = {content, sizes[i]};
        struct onus_buffer packed = {0};
        for (size_t j = 0; j < ONUS_COUNT(pieces); j++) {
            struct onus_buffer file = make(text, pieces[j]);
            assert_int_equal(ZSTD_decompress(back, sizeof(back), file.ptr, file.len), sizes[i]);
            assert_memory_equal(back, content, sizes[i]);
            assert_true(onus_frames_is_stored(onus_buffer_view(&file)));
            assert_int_equal(onus_frames_read(onus_buffer_view(&file), back, sizes[i], NULL),
                    ONUS_OK);
            assert_memory_equal(back, content, sizes[i]);
            onus_buffer_clear(&file);
        }
        assert_int_equal(onus_frames_compress(text, 3, &packed, NULL), ONUS_OK);
        assert_int_equal(ZSTD_decompress(back, sizeof(back), packed.ptr, packed.len), sizes[i]);
        assert_int_equal(onus_frames_read(onus_buffer_view(&packed), back, sizes[i], NULL),
                ONUS_OK);
        assert_memory_equal(back, content, sizes[i]);
        onus_buffer_clear(&packed);
    }
}

static void changed_and_cut_packs_are_not_read(void **state)
{
    (void)state;
    char content[300];
    char back[300];
    memset(content, 'x', sizeof(content));
    struct onus_buffer packed = {0};
    struct onus_buffer stored = make((struct onus_str){content, sizeof(content)}, 300);
    assert_int_equal(onus_frames_compress((struct onus_str){content, 300}, 1, &packed, NULL),
            ONUS_OK);
    struct onus_buffer *files[] = {&stored, &packed};
    for (size_t f = 0; f < 2; f++) {
        for (size_t i = 0; i < files[f]->len; i++) {
            struct onus_str cut = {files[f]->ptr, i};
            assert_int_equal(onus_frames_read(cut, back, 300, NULL), ONUS_E_FORMAT);
            for (unsigned bit = 0; bit < 8; bit++) {
                files[f]->ptr[i] ^= (char)(1u << bit);
                /*
                 * Whatever is read then is not the content: the roots tell. Compressed, the same content
                 * has several spellings.
                 */
                enum onus_code code = onus_frames_read(onus_buffer_view(files[f]), back, 300, NULL);
                if (code == ONUS_OK && f == 0) {
                    assert_memory_not_equal(back, content, 300);
                }
                files[f]->ptr[i] ^= (char)(1u << bit);
            }
        }
        assert_int_equal(onus_frames_read(onus_buffer_view(files[f]), back, 299, NULL),
                ONUS_E_FORMAT);
        onus_buffer_clear(files[f]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(packs_are_zstd_streams_of_their_content),
            cmocka_unit_test(changed_and_cut_packs_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
