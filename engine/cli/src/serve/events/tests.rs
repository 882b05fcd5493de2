#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use provider::events::{Counts, HeldBack, MassDeletion, Refusal, Report};
use store::{Change, Store};
use tempfile::TempDir;
use zis::Publishing;

use super::board::{Begun, Board, Ended, LAST, SPACE, Turn};
use super::{EventsDesk, way};

/// Long enough to be noticed where nothing should be waited for.
const LONG: Duration = Duration::from_secs(600);

async fn store(folder: &TempDir) -> Store {
    Store::open(&format!("sqlite:{}", folder.path().join("store.db").display())).await.unwrap()
}

async fn board(folder: &TempDir) -> Board {
    Board::open("z", None, &store(folder).await).await.unwrap()
}

fn ended(begun: Begun) -> Ended {
    Ended {
        begun,
        at: begun.at + 1500,
        generation: "g".to_owned(),
        as_of: "2026-02-02".to_owned(),
        report: None,
        held_back: None,
        sent: 0,
        fault: None,
        waiting: None,
    }
}

fn held() -> HeldBack {
    let mass = MassDeletion { object: "SchoolInfo".to_owned(), deleted: 140, published: 160 };
    HeldBack { token: "t".to_owned(), objects: vec![mass] }
}

#[tokio::test]
async fn a_wish_is_answered_by_a_look_that_begins_after_it() {
    let board = board(&TempDir::new().unwrap()).await;
    assert_eq!(board.wait(Duration::ZERO), Turn::Rested);
    assert_eq!((board.ask(false), board.ask(true), board.ask(false)), (1, 1, 1), "one look answers all");
    assert_eq!(board.wait(LONG), Turn::Asked);
    let first = board.begin(false, 1);
    assert!(first.everything, "one of them wished it");
    assert_eq!((board.view().asked, board.view().looking_since), (Some(1), Some(1)));
    // The look that goes on may have read already what somebody has just changed.
    assert_eq!(board.ask(false), 2);
    board.end(ended(first));
    assert_eq!((board.view().asked, board.view().looking_since), (Some(2), None));
    assert_eq!(board.wait(LONG), Turn::Asked);
    let second = board.begin(false, 1);
    assert!(!second.everything);
    board.end(ended(second));
    assert_eq!((board.view().asked, board.view().last.unwrap().number), (None, 2));
    board.ask(false);
    board.stop();
    assert_eq!(board.wait(LONG), Turn::Stop);
}

#[tokio::test]
async fn what_is_held_back_is_so_until_a_look_finds_otherwise() {
    let folder = TempDir::new().unwrap();
    let board = board(&folder).await;
    let desk = EventsDesk::default();
    desk.add("z".to_owned(), board.clone());
    assert!(desk.confirm("z", "t").is_none());
    let begun = board.begin(true, 5);
    board.end(Ended { held_back: Some(held()), fault: Some("too much".to_owned()), ..ended(begun) });
    // Where the source could not be read it is not known.
    let kept = board.end(Ended { fault: Some("no source".to_owned()), ..ended(board.begin(true, 7)) });
    let confirmed = desk.confirm("z", "t").unwrap();
    assert_eq!((confirmed.objects[0].deleted, confirmed.objects[0].published), (140, 160));
    assert!(matches!(&confirmed.keep, Change::PutRecord { zone, key, .. } if &**zone == "z" && key == "t"));
    assert!(desk.confirm("z", "u").is_none() && desk.confirm("other", "t").is_none());
    let numbers = &desk.numbers()[0];
    assert_eq!((numbers.held_back, numbers.failed, numbers.held_deletions), (1, 1, 140));
    assert_eq!(numbers.last_seconds, Some(1.5));

    // After a start it is still there to be confirmed, and found again by a look as the one before.
    let store = store(&folder).await;
    let value = kept.clone();
    store.apply(vec![Change::PutRecord { zone: "z".into(), space: SPACE, key: LAST.to_owned(), value }]).await.unwrap();
    let board = Board::open("z", None, &store).await.unwrap();
    assert_eq!(board.view().held_back.unwrap().token, "t");
    assert_eq!((board.numbers().held_deletions, board.ask_again()), (140, 3));
    let begun = board.begin(false, 9);
    assert!(begun.everything);
    let counts = Counts { added: 1, changed: 2, deleted: 3 };
    let objects = [("SchoolInfo".to_owned(), counts)].into();
    let report = Report { added: 1, changed: 2, deleted: 3, objects, ..Report::default() };
    board.end(Ended { report: Some(report), waiting: Some(6), ..ended(begun) });
    let view = board.view();
    assert!(view.held_back.is_none());
    let found = &view.last.unwrap().found[0];
    assert_eq!((found.added, found.changed, found.deleted, view.waiting), (1, 2, 3, Some(6)));
    board.sent();
    assert_eq!((board.view().waiting, board.numbers().waiting), (Some(5), 5));
    let refusal = |action: &str, events, waits| Refusal {
        object: "SchoolInfo".to_owned(),
        action: action.to_owned(),
        why: "error 4/10".to_owned(),
        events,
        waits,
    };
    board.refused(vec![refusal("Add", 3, true), refusal("Delete", 4, true), refusal("Add", 2, false)]);
    let numbers = board.numbers();
    assert_eq!((numbers.laid_aside, numbers.found_wrong), (7, 2));
    let refused = &board.view().refused[1];
    assert_eq!((refused.action.as_str(), refused.events, refused.waits), ("Delete", 4, true));
    assert_eq!((numbers.looks, numbers.added, numbers.changed, numbers.deleted), (1, 1, 2, 3));
}

#[test]
fn the_way_to_confirm_is_a_path_whatever_the_zone_is_called() {
    assert_eq!(way("North Sanpete/é"), "POST /api/zones/North%20Sanpete%2F%C3%A9/events/confirm-deletions");
}
