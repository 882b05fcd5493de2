//! What a store does, the same on SQLite and PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod cancel;
mod claim;
mod commits;
mod damage;
mod failure;
mod migration;
mod queues;
mod reads;

on_both_stores!(
    reads::a_record_holds_what_was_put_last,
    reads::a_history_says_what_happened_and_where_a_message_is,
    reads::messages_are_found_by_what_is_asked,
    reads::ids_are_remembered_since_a_time,
    reads::what_is_old_and_waits_nowhere_is_forgotten,
    reads::zones_do_not_mix,
    queues::a_message_is_read_as_it_was_written,
    queues::an_agent_gets_its_own_text_and_nobody_elses,
    queues::a_queue_keeps_the_order_in_which_messages_were_put_into_it,
    queues::a_dead_letter_is_kept_sent_again_or_dropped,
    queues::dead_letters_come_in_pages,
    queues::texts_of_all_kinds_come_back,
    commits::changes_of_one_row_in_one_list_happen_in_order,
    commits::what_is_not_there_can_be_taken_away,
    commits::a_zone_is_the_same_after_a_restart,
    commits::what_was_submitted_is_written_though_nobody_waits,
    commits::a_list_is_written_whole_or_not_at_all,
    commits::a_list_that_is_refused_fails_nobody_else,
    commits::lists_are_written_in_the_order_of_submission,
    commits::a_closed_store_takes_nothing,
    damage::a_byte_that_changed_in_a_text_is_noticed,
    damage::a_byte_that_changed_elsewhere_is_noticed,
    claim::a_zone_is_claimed_by_one_and_others_are_free,
    claim::a_zone_whose_process_is_killed_is_free,
    cancel::callers_that_go_away_leave_nothing_half_done,
    migration::a_database_of_the_first_version_is_brought_up_to_date,
    migration::a_database_of_a_newer_version_is_refused,
    migration::a_migration_that_fails_changes_nothing,
);
