//! A provider of ours in a zone of somebody else, when one of them is away, has forgotten the other, or says no.

use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use crate::stores::Stores;
use crate::support::sifter;
use crate::two_zones::{Mode, TwoZones};

/// Their server comes late, ends, comes back, and comes back without what it knew.
fn their_server_comes_and_goes(mode: Mode) {
    let mut zones = TwoZones::new(mode);
    zones.start_ours();
    let told = zones.ours().says(&["the provider could not join the zone"]);
    assert!(told.contains("zone=\"cedar-ridge\"") && told.contains("check the zone's address"), "{told}");
    zones.start_theirs();
    zones.agent("tester", &["register"]).ends(0);
    zones.schools_come();

    zones.stop_theirs();
    zones.start_theirs();
    zones.schools_come();

    zones.stop_theirs();
    zones.forget_theirs();
    zones.start_theirs();
    zones.agent("tester", &["register"]).ends(0);
    zones.schools_come();
    zones.stop_ours();
    zones.stop_theirs();
}

#[test]
fn a_server_that_comes_and_goes_is_asked_again() {
    their_server_comes_and_goes(Mode::Pull);
}

#[test]
fn a_server_that_comes_and_goes_calls_again() {
    their_server_comes_and_goes(Mode::Push);
}

/// The zone forgets our provider, and is there all the time.
fn the_zone_forgets(mode: Mode) {
    let mut zones = TwoZones::new(mode);
    zones.start_theirs();
    zones.agent("tester", &["register"]).ends(0);
    zones.start_ours();
    zones.schools_come();
    zones.agent("sis", &["unregister"]).ends(0);
    zones.ours().says(&["4/9"]);
    zones.schools_come();
    zones.stop_ours();
    zones.stop_theirs();
}

#[test]
fn a_zone_that_has_forgotten_whoever_asks_is_joined_anew() {
    the_zone_forgets(Mode::Pull);
}

#[test]
fn a_zone_that_has_forgotten_whom_it_calls_is_joined_anew() {
    the_zone_forgets(Mode::Push);
}

#[test]
fn what_was_asked_while_we_were_down_is_answered() {
    for mode in [Mode::Pull, Mode::Push] {
        let mut zones = TwoZones::new(mode);
        zones.start_theirs();
        zones.agent("tester", &["register"]).ends(0);
        zones.start_ours();
        zones.schools_come();
        for down in [TwoZones::stop_ours, TwoZones::kill_ours] {
            down(&mut zones);
            // It waits in the queue of our provider.
            zones.agent("tester", &["request", "SchoolInfo", "--wait", "0"]).ends(0);
            zones.start_ours();
            let answer = zones.agent("tester", &["pull", "--max", "1", "--wait", "120"]).ends(0).stdout;
            assert!(answer.contains("SIF_Response"), "{mode:?}: {answer}");
        }
        zones.stop_ours();
        zones.stop_theirs();
    }
}

#[test]
fn a_zone_that_may_not_call_us_is_told_of_and_joined_once_it_may() {
    let mut zones = TwoZones::new(Mode::Push);
    let right = std::mem::replace(&mut zones.options, "push_hosts: [sis.example.org]");
    zones.start_theirs();
    zones.start_ours();
    let told = zones.ours().says(&["the provider could not join the zone", "5/1"]);
    for words in ["zone=\"cedar-ridge\"", "agent=\"sis\"", "its administrator must allow the host", "again_in_seconds"]
    {
        assert!(told.contains(words), "{words} is not in {told}");
    }
    zones.stop_theirs();
    zones.options = right;
    zones.start_theirs();
    zones.agent("tester", &["register"]).ends(0);
    zones.schools_come();
    zones.stop_ours();
    zones.stop_theirs();
}

#[test]
fn a_zone_that_does_not_answer_does_not_keep_us_from_ending() {
    for mode in [Mode::Pull, Mode::Push] {
        // It takes connections, and says nothing.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut zones = TwoZones::new(mode);
        zones.provider = "events_every_seconds: 1, announce: true";
        zones.zone.leads_to(&format!("http://{}/", silent.local_addr().unwrap()));
        zones.start_ours();
        // It has asked for something, and waits.
        let (connection, _) = silent.accept().unwrap();
        let (ended, ends) = mpsc::channel();
        std::thread::spawn(move || {
            zones.stop_ours();
            ended.send(()).unwrap();
        });
        // Without an end it would wait for four answers, a minute each.
        ends.recv_timeout(Duration::from_secs(50)).unwrap();
        drop(connection);
    }
}

#[test]
fn a_second_server_with_what_we_keep_of_their_zone_is_refused_until_the_first_is_gone() {
    let mut zones = TwoZones::new(Mode::Pull);
    zones.start_theirs();
    zones.agent("tester", &["register"]).ends(0);
    zones.start_ours();
    let second = sifter(&["serve", "--config", zones.our_config().to_str().unwrap()]);
    assert_ne!(second.code, 0, "{}", second.stderr);
    let told = format!("zone cedar-ridge is served by process {}", zones.ours().child.id());
    assert!(second.stderr.contains(&told), "{}", second.stderr);
    zones.schools_come();
    zones.kill_ours();
    zones.start_ours();
    zones.schools_come();
    zones.stop_ours();
    zones.start_ours();
    zones.stop_ours();
    zones.stop_theirs();
}

#[test]
fn a_provider_goes_on_when_its_database_was_gone() {
    let Some(stores) = Stores::postgres() else { return };
    let database = stores.url("ours");
    let name = database.rsplit('/').next().unwrap();
    let server = database.replace(name, "test");
    let say = |what: String| {
        let said = Command::new("psql").args([&server, "-qc", &what]).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    };
    for mode in [Mode::Pull, Mode::Push] {
        let mut zones = TwoZones::new(mode);
        zones.our_store = Some(database.clone());
        zones.start_theirs();
        zones.agent("tester", &["register"]).ends(0);
        zones.start_ours();
        zones.schools_come();
        // As if it had ended: whoever is connected is cut off, and nobody is let in.
        say(format!("alter database {name} allow_connections false"));
        say(format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"));
        zones.agent("tester", &["request", "SchoolInfo", "--wait", "0"]).ends(0);
        zones.ours().says(&["a request could not be kept"]);
        say(format!("alter database {name} allow_connections true"));
        let answer = zones.agent("tester", &["pull", "--max", "1", "--wait", "120"]).ends(0).stdout;
        assert!(answer.contains("SIF_Response"), "{mode:?}: {answer}");
        zones.ours().says(&["the zone is claimed again, and its store is well"]);
        zones.stop_ours();
        zones.stop_theirs();
    }
}
