//! The same district, through every kind of source and any number of threads, gives the same bytes.

use std::process::Command;

use crate::support::{District, assert_same, sifter, skip};

/// A database that goes when the test ends.
struct Scratch(String);

const SERVER: [&str; 10] = ["-h", "127.0.0.1", "-U", "root", "-d", "test", "-q", "-v", "ON_ERROR_STOP=1", "-c"];

impl Scratch {
    fn create() -> Option<Self> {
        let name = format!("sifter_proof_{}", std::process::id());
        let made = Command::new("psql").args(SERVER).arg(format!("create database {name}")).output();
        if made.is_ok_and(|output| output.status.success()) {
            return Some(Self(name));
        }
        skip("there is no PostgreSQL server at 127.0.0.1:5432");
        None
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = Command::new("psql").args(SERVER).arg(format!("drop database {} with (force)", self.0)).output();
    }
}

fn generate(url: &str) {
    sifter(&["generate", "--students", "150", "--seed", "7", "--out", url]).ends(0);
}

#[test]
fn csv_and_sqlite_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, sqlite) = (folder.path().join("csv-out"), folder.path().join("sqlite-out"));
    let district = District::generated(&folder.path().join("district"), 150, 7);
    let url = format!("sqlite:{}", folder.path().join("district.db").display());
    generate(&url);
    district.map(&csv, &[]);
    District { source: url, ..district }.map(&sqlite, &[]);
    assert_same(&csv, &sqlite);
}

#[test]
fn csv_and_postgresql_give_the_same_bytes() {
    let Some(database) = Scratch::create() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (csv, postgres) = (folder.path().join("csv-out"), folder.path().join("postgres-out"));
    let district = District::generated(&folder.path().join("district"), 150, 7);
    let url = format!("postgres://root@127.0.0.1:5432/{}", database.0);
    generate(&url);
    district.map(&csv, &[]);
    District { source: url, ..district }.map(&postgres, &[]);
    assert_same(&csv, &postgres);
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    // More than a batch, so that two threads have something to share.
    let district = District::generated(&folder.path().join("district"), 1200, 7);
    district.map(&one, &["--jobs", "1"]);
    district.map(&two, &["--jobs", "2"]);
    assert_same(&one, &two);
}
