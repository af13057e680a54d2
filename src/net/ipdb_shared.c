/* SPDX-License-Identifier: Apache-2.0 */
#include "ipdb_kind.h"
#include "ipdb_set.h"

struct marks {
    struct onus_shared_infra *out;
    size_t count, room;
};

static void add(struct marks *marks, struct onus_shared_infra mark)
{
    if (marks->count < marks->room) {
        marks->out[marks->count++] = mark;
    }
}

static bool has_days(const struct onus_ipdb_value *value)
{
    return value->from != ONUS_IPDB_FIRST_DAY || value->to != ONUS_IPDB_LAST_DAY;
}

static bool holds(const struct onus_ipdb_file *list, const struct onus_ipdb_value *value,
        int32_t day)
{
    if (day == ONUS_IPDB_ANY_DAY) {
        return true;
    }
    if (has_days(value)) {
        return value->from <= day && day <= value->to;
    }
    int64_t distance = (int64_t)day - list->about.date.day;
    return (distance < 0 ? -distance : distance) <= onus_ipdb_kind_reach(list->about.list_kind);
}

/* One mark a list at most; of several rows that hold, the youngest. */
static void mark_list(const struct onus_ipdb_file *list, const struct onus_address *address,
        int32_t day, struct marks *marks)
{
    struct onus_ipdb_hit hit;
    if (!onus_ipdb_file_find(list, address, &hit)) {
        return;
    }
    bool found = false;
    struct onus_ipdb_value best = hit.value;
    do {
        if (holds(list, &hit.value, day) && (!found || hit.value.from > best.from)) {
            best = hit.value;
            found = true;
        }
    } while (onus_ipdb_file_next(list, onus_address_is_v4(address), &hit));
    if (found) {
        add(marks,
                (struct onus_shared_infra){.kind = list->about.list_kind.ptr,
                        .list = list->about.name,
                        .date = has_days(&best) ? best.text : onus_str_of(list->about.date.text)});
    }
}

static void mark_flags(const struct onus_ipdb_entry *table, const struct onus_address *address,
        struct marks *marks)
{
    static const struct {
        enum onus_ipdb_flag flag;
        const char *kind;
    } kinds[] = {
            {ONUS_IPDB_ANONYMOUS_PROXY, "proxy"},
            {ONUS_IPDB_SATELLITE, "satellite"},
            {ONUS_IPDB_ANYCAST, "anycast"},
            {ONUS_IPDB_DROP, "drop-list"},
    };
    const struct onus_ipdb_file *file = onus_address_is_v4(address) ? table->v4 : table->v6;
    struct onus_ipdb_hit hit;
    if (!file || !onus_ipdb_file_find(file, address, &hit) || hit.value.flags == 0) {
        return;
    }
    for (size_t i = 0; i < ONUS_COUNT(kinds); i++) {
        if ((hit.value.flags & (unsigned)kinds[i].flag) != 0) {
            add(marks, (struct onus_shared_infra){.kind = kinds[i].kind,
                               .list = table->about.name,
                               .date = table->about.date});
        }
    }
}

size_t onus_ipdb_shared(const struct onus_ipdb *ipdb, const struct onus_address *address,
        int32_t day, struct onus_shared_infra *out, size_t room)
{
    struct marks marks = {.out = out, .room = room};
    for (size_t i = 0; ipdb && i < ipdb->list_count; i++) {
        mark_list(ipdb->lists[i], address, day, &marks);
    }
    for (size_t i = 0; ipdb && i < ipdb->table_count; i++) {
        mark_flags(&ipdb->tables[i], address, &marks);
    }
    return marks.count;
}
