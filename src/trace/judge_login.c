/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/engine_parts.h"

/*
 * What a run of login attempts is: success after guessing, account enumeration, credential stuffing,
 * password spraying, or plain guessing. docs/detection.md has the reasons for each number.
 */

/* About one try each: a tenth of the accounts may be tried again. */
enum {
    ONCE_EACH_NUM = 11,
    ONCE_EACH_DEN = 10,
};

/*
 * A person who mistypes and then gets in is no guesser: the failures of an account are excused by
 * its logins, as long as there are fewer of them per login than guessing takes.
 */
uint64_t onus_unexcused(const struct onus_rules *rules, const struct onus_run *run)
{
    uint64_t excused = 0;
    const struct onus_name_entry *entries = onus_name_set_list(&run->accounts);
    for (uint32_t i = 0; i < run->accounts.used; i++) {
        const struct onus_name_entry *entry = &entries[i];
        uint64_t failed = entry->count - entry->succeeded;
        if (entry->succeeded > 0 &&
                failed / entry->succeeded < rules->value[ONUS_RULE_LOGIN_ATTEMPTS]) {
            excused += failed;
        }
    }
    return run->attempts > excused ? run->attempts - excused : 0;
}

static bool login_after_guessing(const struct onus_rules *rules, const struct onus_run *run,
        uint64_t unexcused)
{
    uint32_t needed = rules->value[ONUS_RULE_LOGIN_ATTEMPTS];
    if (onus_run_extra(run)->succeeded == 0 || unexcused < needed || run->early.count < needed) {
        return false;
    }
    return onus_time_list_items(&run->early)[needed - 1] <= onus_run_extra(run)->success_last;
}

static bool is_mail_service(uint8_t group)
{
    return group == ONUS_SERVICE_IMAP || group == ONUS_SERVICE_SMTP;
}

/*
 * Tries on a mail service that follow each other faster than a person types. Tries of one moment are
 * one here: a line may stand for several that lay further apart.
 */
static bool is_burst(const struct onus_rules *rules, const struct onus_run *run, uint64_t unexcused)
{
    uint32_t needed = rules->value[ONUS_RULE_GUESS_MAIL_BURST];
    int64_t window = onus_rule_usec(rules, ONUS_RULE_GUESS_MAIL_BURST_WINDOW);
    if (unexcused < needed) {
        return false;
    }
    const int64_t *time = onus_time_list_items(&run->early);
    uint32_t from = 0;
    uint32_t moments = 0; /* in [from, i] */
    for (uint32_t i = 0; i < run->early.count && time[i] != ONUS_TIME_NONE; i++) {
        moments += i == 0 || time[i] != time[i - 1];
        while (time[i] - time[from] > window) {
            moments -= time[from] != time[from + 1];
            from++;
        }
        if (moments >= needed) {
            return true;
        }
    }
    return false;
}

/* What the accounts of a run look like. When not all were kept, those kept stand for the rest. */
struct word_list {
    uint64_t accounts, tries, mail_like;
};

static void look_at_accounts(const struct onus_run *run, struct word_list *out)
{
    *out = (struct word_list){0};
    const struct onus_name_entry *entries = onus_name_set_list(&run->accounts);
    for (uint32_t i = 0; i < run->accounts.used; i++) {
        const struct onus_name_entry *entry = &entries[i];
        out->accounts++;
        out->tries += entry->count;
        out->mail_like +=
                entry->name->len > 0 && memchr(entry->name->text, '@', entry->name->len) != NULL;
    }
}

enum onus_incident_kind onus_login_kind(const struct onus_rules *rules, const struct onus_run *run)
{
    struct word_list list;
    look_at_accounts(run, &list);
    const struct word_list *words = &list;
    const uint32_t *value = rules->value;
    bool unknown = run->attempts > 0 &&
                   run->no_account * 100 / run->attempts >= value[ONUS_RULE_ENUM_UNKNOWN_SHARE];
    bool once_each = words->tries * ONCE_EACH_DEN <= words->accounts * ONCE_EACH_NUM;

    if (unknown && run->secrets == 0 && words->accounts >= value[ONUS_RULE_ENUM_ACCOUNTS]) {
        return ONUS_INCIDENT_ACCOUNT_ENUMERATION;
    }
    if (unknown && once_each && words->accounts >= value[ONUS_RULE_ENUM_MANY]) {
        return ONUS_INCIDENT_ACCOUNT_ENUMERATION;
    }
    if (once_each && words->accounts >= value[ONUS_RULE_STUFF_ACCOUNTS] &&
            words->mail_like * 100 >= words->accounts * value[ONUS_RULE_STUFF_MAIL_SHARE]) {
        return ONUS_INCIDENT_CREDENTIAL_STUFFING;
    }
    if (words->accounts >= value[ONUS_RULE_SPRAY_ACCOUNTS] &&
            words->tries <= words->accounts * value[ONUS_RULE_SPRAY_PER_ACCOUNT]) {
        return ONUS_INCIDENT_PASSWORD_SPRAYING;
    }
    return ONUS_INCIDENT_PASSWORD_GUESSING;
}

static void say_rule(const struct onus_rules *rules, enum onus_incident_kind kind, uint32_t needed,
        struct onus_buffer *why)
{
    const uint32_t *value = rules->value;
    onus_buffer_add_text(why, "rule ");
    onus_buffer_add_text(why, onus_incident_kind_name(kind));
    onus_buffer_add_text(why, ": ");
    switch (kind) {
    case ONUS_INCIDENT_LOGIN_AFTER_GUESSING:
        onus_buffer_printf(why, "a login that succeeded after at least %u failed attempts", needed);
        break;
    case ONUS_INCIDENT_ACCOUNT_ENUMERATION:
        onus_buffer_printf(why,
                "at least %u accounts tried without a password, or %u about once each, %u %% of "
                "the attempts on accounts that do not exist",
                value[ONUS_RULE_ENUM_ACCOUNTS], value[ONUS_RULE_ENUM_MANY],
                value[ONUS_RULE_ENUM_UNKNOWN_SHARE]);
        break;
    case ONUS_INCIDENT_CREDENTIAL_STUFFING:
        onus_buffer_printf(why,
                "at least %u accounts tried about once each, %u %% of them mail addresses",
                value[ONUS_RULE_STUFF_ACCOUNTS], value[ONUS_RULE_STUFF_MAIL_SHARE]);
        break;
    case ONUS_INCIDENT_PASSWORD_SPRAYING:
        onus_buffer_printf(why, "at least %u accounts tried at most %u times each on average",
                value[ONUS_RULE_SPRAY_ACCOUNTS], value[ONUS_RULE_SPRAY_PER_ACCOUNT]);
        break;
    case ONUS_INCIDENT_PASSWORD_GUESSING:
    case ONUS_INCIDENT_EXPLOIT_ATTEMPT:
    case ONUS_INCIDENT_REQUEST_FLOOD:
    case ONUS_INCIDENT_WEB_PROBING:
    case ONUS_INCIDENT_PORT_SCAN:
    case ONUS_INCIDENT_KINDS:
    default:
        onus_buffer_add_text(why, "at least ");
        onus_buffer_add_u64(why, needed);
        onus_buffer_add_text(why, " failed attempts");
        break;
    }
    onus_buffer_add_text(why, " with no silence over ");
    onus_rules_window(value[ONUS_RULE_GUESS_GAP], why);
}

static void say_what_met_it(const struct onus_run *run, struct onus_buffer *why)
{
    onus_buffer_add_text(why, "; ");
    onus_why_count(run->attempts, "failed attempt", "failed attempts", false, why);
    if (run->accounts.used > 0) {
        onus_buffer_add_text(why, " on ");
        onus_why_count(run->accounts.used, "account", "accounts", run->accounts.over, why);
    }
    if (run->first != ONUS_TIME_NONE) {
        onus_buffer_add_text(why, " in ");
        onus_why_span(run->last - run->first, why);
    }
    onus_buffer_add_char(why, '\n');
}

static void say_success(const struct onus_run *run, struct onus_buffer *why)
{
    char time[ONUS_TIME_TEXT];
    onus_why_count(onus_run_extra(run)->succeeded, "login", "logins", false, why);
    onus_buffer_add_text(why, " succeeded");
    int named = 0;
    const struct onus_name_entry *entries = onus_name_set_list(&run->accounts);
    for (uint32_t i = 0; i < run->accounts.used && named < 3; i++) {
        const struct onus_name_entry *entry = &entries[i];
        if (entry->succeeded > 0) {
            onus_buffer_printf(why, "%s'%.*s'", named > 0 ? ", " : " on ", (int)entry->name->len,
                    entry->name->text);
            named++;
        }
    }
    if (onus_run_extra(run)->success_last != ONUS_TIME_NONE) {
        (void)onus_time_format(onus_run_extra(run)->success_last, time);
        onus_buffer_printf(why, ", the last at %s", time);
    }
    onus_buffer_add_char(why, '\n');
}

bool onus_judge_login(const struct onus_rules *rules, struct onus_draft *draft,
        struct onus_buffer *why)
{
    const struct onus_run *run = draft->run;
    uint32_t needed = rules->value[is_mail_service(draft->group) ? ONUS_RULE_GUESS_MAIL_ATTEMPTS
                                                                 : ONUS_RULE_GUESS_ATTEMPTS];
    uint64_t unexcused = onus_unexcused(rules, run);
    draft->attempts = run->attempts;
    if (login_after_guessing(rules, run, unexcused)) {
        draft->kind = ONUS_INCIDENT_LOGIN_AFTER_GUESSING;
        say_rule(rules, draft->kind, rules->value[ONUS_RULE_LOGIN_ATTEMPTS], why);
        say_what_met_it(run, why);
        say_success(run, why);
        return true;
    }
    if (unexcused >= needed) {
        draft->kind = onus_login_kind(rules, run);
        say_rule(rules, draft->kind, needed, why);
        say_what_met_it(run, why);
        return true;
    }
    if (is_mail_service(draft->group) && is_burst(rules, run, unexcused)) {
        draft->kind = ONUS_INCIDENT_PASSWORD_GUESSING;
        onus_buffer_printf(why, "rule password-guessing: at least %u failed attempts within ",
                rules->value[ONUS_RULE_GUESS_MAIL_BURST]);
        onus_rules_window(rules->value[ONUS_RULE_GUESS_MAIL_BURST_WINDOW], why);
        onus_buffer_add_text(why, " on a mail service");
        say_what_met_it(run, why);
        return true;
    }
    if (onus_run_extra(run)->alerts > 0) {
        draft->kind = ONUS_INCIDENT_PASSWORD_GUESSING;
        draft->attempts = run->attempts > 0 ? run->attempts : onus_run_extra(run)->alerts;
        onus_buffer_add_text(why, "rule password-guessing: another program reported it; ");
        onus_why_count(onus_run_extra(run)->alerts, "try it reported", "tries it reported", false,
                why);
        onus_buffer_add_char(why, '\n');
        return true;
    }
    return false;
}
