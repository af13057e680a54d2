/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ipdb_scene.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void scene_begin(struct scene *scene)
{
    (void)snprintf(scene->root, sizeof(scene->root), "/tmp/onus-ipdb-XXXXXX");
    assert_non_null(mkdtemp(scene->root));
    (void)snprintf(scene->tables, sizeof(scene->tables), "%s/tables", scene->root);
    assert_int_equal(mkdir(scene->tables, 0755), 0);
    char place[128];
    (void)snprintf(place, sizeof(place), "%s/cache", scene->root);
    assert_int_equal(setenv("XDG_CACHE_HOME", place, 1), 0);
    (void)snprintf(place, sizeof(place), "%s/data", scene->root);
    assert_int_equal(setenv("XDG_DATA_HOME", place, 1), 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

void scene_end(struct scene *scene)
{
    (void)chmod(scene->tables, 0755);
    (void)nftw(scene->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void scene_write(const struct scene *scene, const char *name, const char *text, size_t size)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", name[0] == '/' ? scene->root : scene->tables, name);
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

void scene_text(const struct scene *scene, const char *name, const char *text)
{
    scene_write(scene, name, text, strlen(text));
}

struct onus_ipdb *scene_open(const struct scene *scene)
{
    struct onus_ipdb *ipdb = NULL;
    struct onus_error err = ONUS_ERROR_INIT;
    if (onus_ipdb_open(scene->tables, &ipdb, &err) != ONUS_OK) {
        fail_msg("%s", err.text);
    }
    return ipdb;
}

static size_t find_table(const struct onus_ipdb *ipdb, const char *name_and_date)
{
    for (size_t i = 0; i < onus_ipdb_table_count(ipdb); i++) {
        const struct onus_ipdb_table *table = onus_ipdb_table(ipdb, i);
        char text[256];
        (void)snprintf(text, sizeof(text), "%.*s %.*s", (int)table->name.len, table->name.ptr,
                (int)table->date.len, table->date.ptr);
        if (strcmp(text, name_and_date) == 0) {
            return i;
        }
    }
    fail_msg("no table '%s'", name_and_date);
    return SIZE_MAX;
}

const char *scene_answer(const struct onus_ipdb *ipdb, const char *table, const char *address,
        char out[static 256])
{
    struct onus_address parsed;
    struct onus_ipdb_answer answer;
    assert_true(onus_address_parse(onus_str_of(address), &parsed));
    if (!onus_ipdb_lookup(ipdb, find_table(ipdb, table), &parsed, &answer)) {
        return strcpy(out, "-");
    }
    char first[ONUS_ADDRESS_TEXT];
    char last[ONUS_ADDRESS_TEXT];
    (void)onus_address_format(&answer.first, first);
    (void)onus_address_format(&answer.last, last);
    (void)snprintf(out, 256, "%s to %s /%u AS%u '%.*s' %s", first, last, answer.prefix_bits,
            answer.asn, (int)answer.operator_name.len,
            answer.operator_name.ptr ? answer.operator_name.ptr : "", answer.country);
    return out;
}

const char *scene_shared(const struct onus_ipdb *ipdb, const char *address, int32_t day,
        char out[static 256])
{
    struct onus_address parsed;
    struct onus_shared_infra marks[8];
    assert_true(onus_address_parse(onus_str_of(address), &parsed));
    size_t count = onus_ipdb_shared(ipdb, &parsed, day, marks, ONUS_COUNT(marks));
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(out + len, 256 - len, "%s%s %.*s %.*s", i > 0 ? "; " : "",
                marks[i].kind, (int)marks[i].list.len, marks[i].list.ptr, (int)marks[i].date.len,
                marks[i].date.ptr);
    }
    return count > 0 ? out : strcpy(out, "-");
}
