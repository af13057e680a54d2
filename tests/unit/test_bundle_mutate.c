/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this proves: whatever is done to a bundle, one that is accepted says only what is true of the
 * party's batches. Bits are flipped, lines dropped, doubled, swapped, numbers changed, sections of
 * other bundles spliced in; the final count is put right now and then, so that more than the count is
 * tested.
 * Oracle: the batches themselves, as bundle_scene.c made them, asked again for each fact.
 *
 * 20,000 bundles; ONUS_MUTATIONS=1000000 for more (tests/mutate), ONUS_SEED for other ones.
 */
#include "bundle_probe.h"

/* ---- random, and repeatable ------------------------------------------------------------------ */

static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(uint64_t *seed, size_t bound)
{
    return bound > 0 ? (size_t)(next_random(seed) % bound) : 0;
}

/* ---- what is true ---------------------------------------------------------------------------- */

static const struct scene_group *group_like(const struct scene *scene,
        const struct onus_group *group)
{
    for (size_t i = 0; i < SCENE_ENTRIES; i++) {
        const struct scene_group *real = &scene->groups[i];
        if (real->profile == group->profile && real->entry == group->index &&
                onus_tag_eq(&real->tag, &group->tag) && real->first == group->first &&
                real->last == group->last) {
            return real;
        }
    }
    return NULL;
}

static bool slots_are_true(const struct scene_leaf *real, const struct onus_slot *slots,
        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slots[i].open && (slots[i].kind != real->slots[i].kind ||
                                     !onus_str_eq(slots[i].value, real->slots[i].value))) {
            return false;
        }
    }
    return count == real->count;
}

static uint64_t sum_at(const struct scene_group *real, size_t row, size_t slot)
{
    return onus_be64_get(real->rows.leaves[row].slots[slot].value.ptr);
}

/* Lines and attempts of the rows with low <= key < high; sums are differences, so row by row. */
static void count_real(const struct scene_group *real, const struct onus_key *low,
        const struct onus_key *high, uint64_t *lines, uint64_t *attempts)
{
    *lines = 0;
    *attempts = 0;
    for (size_t row = 0; row < real->rows.count; row++) {
        const char *key = real->rows.leaves[row].slots[0].value.ptr;
        if (memcmp(key, low->bytes, 18) < 0 || memcmp(key, high->bytes, 18) >= 0) {
            continue;
        }
        *lines += real->number_count[row];
        *attempts += sum_at(real, row, 3) - (row > 0 ? sum_at(real, row - 1, 3) : 0);
    }
}

static void after(const struct onus_key *key, struct onus_key *out)
{
    *out = *key;
    out->bytes[17]++;
}

static bool line_is_under(const struct scene_group *real, const struct onus_key *key, uint64_t line)
{
    for (size_t row = 0; row < real->rows.count; row++) {
        for (size_t i = 0; i < real->number_count[row]; i++) {
            if (real->numbers[row][i] == line) {
                return memcmp(real->rows.leaves[row].slots[0].value.ptr, key->bytes, 18) == 0;
            }
        }
    }
    return false;
}

static bool item_is_true(const struct scene_group *real, const struct onus_item *item)
{
    uint64_t lines = 0;
    uint64_t attempts = 0;
    struct onus_key end;
    struct onus_key first = {{0}};
    struct onus_key last;
    memset(last.bytes, 0xff, sizeof(last.bytes));
    switch (item->kind) {
    case ONUS_ITEM_RECORD:
        return item->record.index < real->lines.count && item->profile == real->line_profile &&
               slots_are_true(&real->lines.leaves[item->record.index], item->record.slots,
                       item->record.slot_count);
    case ONUS_ITEM_COUNT_ADDRESS:
    case ONUS_ITEM_ABSENT:
        after(&item->found.key, &end);
        count_real(real, &item->found.key, &end, &lines, &attempts);
        break;
    case ONUS_ITEM_COUNT_RANGE:
        count_real(real, &item->found.low, &item->found.key, &lines, &attempts);
        break;
    case ONUS_ITEM_ALL:
        count_real(real, &first, &last, &lines, &attempts);
        break;
    case ONUS_ITEM_SAMPLE:
    default:
        return line_is_under(real, &item->found.key, item->found.line);
    }
    return item->found.lines == lines && item->found.attempts == attempts;
}

/* The sum of a total over the groups it names. */
static bool sum_is_true(const struct scene *scene, const struct onus_bundle_facts *facts,
        const struct onus_total *total, struct onus_key low, struct onus_key high)
{
    uint64_t lines = 0;
    uint64_t attempts = 0;
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        if (group->profile == ONUS_PROFILE_SOURCE || !total->found.groups[group->found.place]) {
            continue;
        }
        uint64_t some = 0;
        uint64_t more = 0;
        count_real(group_like(scene, group), &low, &high, &some, &more);
        lines += some;
        attempts += more;
    }
    return total->found.lines == lines && total->found.attempts == attempts;
}

static uint64_t shown_with(const struct onus_bundle_facts *facts, struct onus_str bytes)
{
    uint64_t count = 0;
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        for (const struct onus_item *item = group->items; item; item = item->next) {
            uint64_t here = 0;
            for (size_t i = 0; item->kind == ONUS_ITEM_RECORD && i < item->record.slot_count; i++) {
                here += item->record.slots[i].open &&
                        onus_str_has(item->record.slots[i].value, bytes);
            }
            count += item->profile == ONUS_PROFILE_PARTS && here > 1 ? 1 : here;
        }
    }
    return count;
}

static bool total_is_true(const struct scene *scene, const struct onus_bundle_facts *facts,
        const struct onus_total *total)
{
    struct onus_key end;
    struct onus_key first = {{0}};
    struct onus_key last;
    memset(last.bytes, 0xff, sizeof(last.bytes));
    switch (total->kind) {
    case ONUS_TOTAL_ADDRESS:
        after(&total->low, &end);
        return sum_is_true(scene, facts, total, total->low, end);
    case ONUS_TOTAL_RANGE:
        return sum_is_true(scene, facts, total, total->low, total->high);
    case ONUS_TOTAL_ALL:
        return sum_is_true(scene, facts, total, first, last);
    case ONUS_TOTAL_NETWORK: {
        bool hosting = total->number == 64501;
        return (hosting || total->number == 64500) && total->found.rows == 1 &&
               sum_is_true(scene, facts, total, scene_key(hosting ? "203.0.113.0" : "192.0.2.0", 0),
                       scene_key(hosting ? "203.0.114.0" : "192.0.3.0", 0));
    }
    case ONUS_TOTAL_MEMBERS: /* in the scene, only one address is ever counted */
        return total->found.members == 1 && total->found.inside + total->found.elsewhere <= 1 &&
               (total->found.inside == 0 || total->number == 64501);
    case ONUS_TOTAL_MATCHING:
        return total->found.lines == shown_with(facts, total->bytes);
    case ONUS_TOTAL_UNBROKEN: /* batches of this source are 0, 1 and 2 */
        return total->tag.bytes[0] == 0xa1 && total->found.run_count == 1 &&
               total->found.runs[0].last <= 2;
    case ONUS_TOTAL_AUDIT:
    default:
        return total->number > 0 && facts->has_beacon;
    }
}

static bool all_is_true(const struct scene *scene, const struct onus_bundle_facts *facts)
{
    const struct onus_seen_checkpoint *seen = &facts->checkpoint;
    if (seen->checkpoint.size != SCENE_ENTRIES ||
            !onus_digest_eq(&seen->checkpoint.root, &scene->root) ||
            !onus_str_eq(seen->checkpoint.origin, ONUS_STR("acme.example/evidence")) ||
            (seen->has_times && seen->not_after < SCENE_NOT_AFTER)) {
        return false;
    }
    for (const struct onus_group *group = facts->bundle.groups; group; group = group->next) {
        const struct scene_group *real = group_like(scene, group);
        if (!real || !slots_are_true(&real->head, group->slots, group->slot_count)) {
            return false;
        }
        for (const struct onus_item *item = group->items; item; item = item->next) {
            if (!item_is_true(real, item)) {
                return false;
            }
        }
    }
    for (const struct onus_total *total = facts->bundle.totals; total; total = total->next) {
        if (!total_is_true(scene, facts, total)) {
            return false;
        }
    }
    return true;
}

/* ---- mutations ------------------------------------------------------------------------------- */

struct lines {
    struct onus_str ptr[1024];
    size_t count;
};

static void split(struct onus_str bytes, struct lines *out)
{
    out->count = 0;
    while (bytes.len > 0 && out->count < ONUS_COUNT(out->ptr)) {
        size_t length = onus_str_find_char(bytes, '\n');
        length = length == ONUS_STR_NPOS ? bytes.len : length + 1;
        out->ptr[out->count++] = onus_str_sub(bytes, 0, length);
        bytes = onus_str_from(bytes, length);
    }
}

static void insert(struct lines *lines, size_t at, struct onus_str line)
{
    if (lines->count == ONUS_COUNT(lines->ptr)) {
        return;
    }
    memmove(&lines->ptr[at + 1], &lines->ptr[at], (lines->count - at) * sizeof(lines->ptr[0]));
    lines->ptr[at] = line;
    lines->count++;
}

static void drop(struct lines *lines, size_t at, size_t count)
{
    count = count > lines->count - at ? lines->count - at : count;
    memmove(&lines->ptr[at], &lines->ptr[at + count],
            (lines->count - at - count) * sizeof(lines->ptr[0]));
    lines->count -= count;
}

/* From a line that opens a section to the next one. */
static size_t section(const struct lines *lines, size_t at)
{
    static const char *const openers[] = {"batch ", "record ", "claim ", "total ", "end "};
    size_t end = at + 1;
    for (; end < lines->count; end++) {
        for (size_t i = 0; i < ONUS_COUNT(openers); i++) {
            if (onus_str_begins(lines->ptr[end], onus_str_of(openers[i]))) {
                return end - at;
            }
        }
    }
    return end - at;
}

static void mutate_lines(struct lines *lines, const struct lines *other, uint64_t *seed)
{
    size_t at = below(seed, lines->count);
    size_t to = below(seed, lines->count);
    size_t from = below(seed, other->count);
    struct onus_str kept = lines->ptr[at];
    switch (below(seed, 7)) {
    case 0:
        drop(lines, at, 1);
        break;
    case 1:
        insert(lines, at, lines->ptr[to]);
        break;
    case 2:
        lines->ptr[at] = lines->ptr[to];
        lines->ptr[to] = kept;
        break;
    case 3:
        drop(lines, at, section(lines, at));
        break;
    case 4:
        for (size_t i = section(other, from); i-- > 0;) {
            insert(lines, at, other->ptr[from + i]);
        }
        break;
    case 5:
        lines->ptr[at] = other->ptr[from];
        break;
    default: /* a whole section for another one */
        drop(lines, at, section(lines, at));
        for (size_t i = section(other, from); i-- > 0;) {
            insert(lines, at < lines->count ? at : lines->count, other->ptr[from + i]);
        }
        break;
    }
}

/* Fewer totals: a bundle without them is not refused because one of their claims is gone. */
static void thin_totals(struct lines *lines, uint64_t *seed)
{
    for (size_t i = lines->count; i-- > 0;) {
        if (onus_str_begins(lines->ptr[i], ONUS_STR("total ")) && below(seed, 4) > 0) {
            drop(lines, i, 1);
        }
    }
}

static void join(struct onus_buffer *out, const struct lines *lines)
{
    out->len = 0;
    for (size_t i = 0; i < lines->count; i++) {
        onus_buffer_add_str(out, lines->ptr[i]);
    }
}

/* Another digit for a digit, another letter for a letter: more survives the parser. */
static void mutate_byte(struct onus_buffer *bundle, uint64_t *seed)
{
    if (bundle->len == 0) {
        return;
    }
    char *byte = &bundle->ptr[below(seed, bundle->len)];
    if (onus_is_digit(*byte) && below(seed, 4) > 0) {
        *byte = (char)('0' + below(seed, 10));
    } else {
        *byte = (char)(*byte ^ (char)(1u << below(seed, 8)));
    }
}

/* Put the number behind `end` right, as somebody would who edits a bundle. */
static void repair_end(struct onus_buffer *bundle)
{
    struct lines lines;
    unsigned shown = 0;
    split(onus_buffer_view(bundle), &lines);
    while (lines.count > 0 && onus_str_begins(lines.ptr[lines.count - 1], ONUS_STR("end "))) {
        lines.count--;
    }
    for (size_t i = 0; i < lines.count; i++) {
        shown += onus_str_begins(lines.ptr[i], ONUS_STR("record ")) ||
                 onus_str_begins(lines.ptr[i], ONUS_STR("claim ")) ||
                 onus_str_begins(lines.ptr[i], ONUS_STR("total "));
    }
    struct onus_buffer made = {.limit = 0};
    join(&made, &lines);
    scene_end(&made, shown);
    onus_buffer_clear(bundle);
    *bundle = made;
}

/* What is mutated, and by which keys it is judged. */
struct subject {
    struct lines lines;
    const struct onus_policy *policy;
};

static bool one_mutation(struct probe *p, const struct subject *subject, const struct lines *other,
        uint64_t *seed, size_t *accepted)
{
    struct lines lines = subject->lines;
    size_t changes = below(seed, 3);
    if (below(seed, 2) > 0) {
        thin_totals(&lines, seed);
    }
    for (size_t i = 0; i < changes; i++) {
        mutate_lines(&lines, other, seed);
    }
    join(&p->bundle, &lines);
    changes = below(seed, changes > 0 ? 2 : 3) + (changes == 0);
    for (size_t i = 0; i < changes; i++) {
        mutate_byte(&p->bundle, seed);
    }
    if (below(seed, 3) > 0) {
        repair_end(&p->bundle);
    }
    struct onus_arena arena;
    struct onus_bundle_facts facts;
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    enum onus_code code =
            onus_bundle_check(subject->policy, onus_buffer_view(&p->bundle), &arena, &facts, NULL);
    bool good = code == ONUS_E_MISMATCH || code == ONUS_E_MISSING ||
                (code == ONUS_OK && all_is_true(&p->scene, &facts));
    *accepted += code == ONUS_OK;
    onus_arena_clear(&arena);
    return good;
}

/* A second bundle to splice from: other openings, another log's checkpoint, other batches. */
static void write_other(struct probe *p, struct onus_buffer *out)
{
    onus_buffer_add_text(out, "onus/bundle/v1\n");
    scene_note(out, "checkpoint", p->scene.other_checkpoint);
    scene_head(out, &p->scene, SCENE_FIRST, 0x3c0);
    scene_record(out, &p->scene, SCENE_FIRST, 0, 0x3);
    scene_record(out, &p->scene, SCENE_FIRST, 1, SCENE_ALL);
    scene_absent(out, &p->scene, SCENE_FIRST, scene_key("198.51.100.1", 1));
    scene_range(out, &p->scene, SCENE_FIRST, scene_key("192.0.2.0", 0), scene_key("192.0.3.0", 0));
    scene_head(out, &p->scene, SCENE_SECOND, 0x3c0);
    scene_all(out, &p->scene, SCENE_SECOND);
    scene_range(out, &p->scene, SCENE_SECOND, scene_key("192.0.2.0", 0), scene_key("192.0.3.0", 0));
    scene_head(out, &p->scene, SCENE_ROLLUP, SCENE_ALL);
    scene_all(out, &p->scene, SCENE_ROLLUP);
    scene_head(out, &p->scene, SCENE_OTHER, 0x180);
    scene_record(out, &p->scene, SCENE_OTHER, 0, 1);
    onus_buffer_add_text(out, "total network 64500\ntotal matching 4:gw1 \n");
    scene_end(out, 10);
}

static void no_mutation_makes_a_bundle_say_what_is_not_true(void **state)
{
    struct probe *p = *state;
    struct onus_buffer golden = {.limit = 0};
    struct onus_buffer bare = {.limit = 0};
    struct onus_buffer spare = {.limit = 0};
    struct subject whole = {.policy = &p->policy};
    struct subject quick = {.policy = &p->policy_none};
    struct lines spare_lines;
    const char *wanted = getenv("ONUS_MUTATIONS");
    const char *start = getenv("ONUS_SEED");
    size_t count = wanted ? (size_t)strtoull(wanted, NULL, 10) : 20000;
    uint64_t seed = start ? strtoull(start, NULL, 10) : 1;
    size_t accepted = 0;
    scene_golden(&golden, &p->scene);
    scene_golden_bare(&bare, &p->scene);
    write_other(p, &spare);
    split(onus_buffer_view(&golden), &whole.lines);
    split(onus_buffer_view(&bare), &quick.lines);
    split(onus_buffer_view(&spare), &spare_lines);
    for (size_t i = 0; i < count; i++) {
        uint64_t before = seed;
        const struct subject *subject = next_random(&seed) % 10 == 0 ? &whole : &quick;
        if (!one_mutation(p, subject, &spare_lines, &seed, &accepted)) {
            (void)fwrite(p->bundle.ptr, 1, p->bundle.len, stderr);
            fail_msg("mutation %zu (ONUS_SEED=%llu ONUS_MUTATIONS=1) is accepted and not true", i,
                    (unsigned long long)before);
        }
    }
    (void)printf("%zu mutations, %zu accepted, all of them true\n", count, accepted);
    onus_buffer_clear(&golden);
    onus_buffer_clear(&bare);
    onus_buffer_clear(&spare);
}

static void the_oracle_knows_what_is_true(void **state)
{
    struct probe *p = *state;
    struct onus_arena arena;
    struct onus_bundle_facts facts;
    p->bundle.len = 0;
    scene_golden(&p->bundle, &p->scene);
    onus_arena_init(&arena, ONUS_BUNDLE_ARENA_LIMIT);
    assert_int_equal(onus_bundle_check(&p->policy, onus_buffer_view(&p->bundle), &arena, &facts,
                             NULL),
            ONUS_OK);
    assert_true(all_is_true(&p->scene, &facts));
    struct onus_item *claim = facts.bundle.groups->next->items;
    while (claim->kind != ONUS_ITEM_COUNT_ADDRESS) {
        claim = claim->next;
    }
    claim->found.lines++;
    assert_false(all_is_true(&p->scene, &facts));
    claim->found.lines--;
    facts.bundle.totals->found.attempts++;
    assert_false(all_is_true(&p->scene, &facts));
    onus_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_oracle_knows_what_is_true),
            cmocka_unit_test(no_mutation_makes_a_bundle_say_what_is_not_true),
    };
    return cmocka_run_group_tests(tests, probe_setup, probe_teardown);
}
