//! The same plan gives the same district, wherever it is written.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;

use common::{files, generate};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

fn folder_url(folder: &std::path::Path) -> String {
    format!("csv:{}", folder.display())
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut runs = Vec::new();
    for (name, seed) in [("one", 5), ("two", 5), ("three", 6)] {
        let path = folder.path().join(name);
        generate(700, seed, &folder_url(&path));
        runs.push(files(&path));
    }
    assert!(runs[0] == runs[1], "two runs differ");
    assert!(runs[0]["identity.csv"] != runs[2]["identity.csv"]);
    assert!(String::from_utf8_lossy(&runs[0]["zone.yaml"]).starts_with("name: sample-5\nschool_years: [2026]\n"));
}

/// Two chunks of students, so that the first one is whole in both districts.
#[test]
fn a_bigger_district_begins_with_the_same_students() {
    let folder = tempfile::tempdir().unwrap();
    let (small, big) = (folder.path().join("small"), folder.path().join("big"));
    generate(1200, 3, &folder_url(&small));
    generate(2500, 3, &folder_url(&big));
    let (small, big) = (files(&small), files(&big));
    for (name, bytes) in &small {
        assert!(big[name].starts_with(bytes), "{name} begins otherwise");
    }
}

#[test]
fn sqlite_and_csv_hold_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, sqlite) = (folder.path().join("csv"), folder.path().join("district.db"));
    let first = generate(600, 11, &folder_url(&csv));
    let second = generate(600, 11, &format!("sqlite:{}", sqlite.display()));
    assert_eq!(first, second);
    assert!(folder.path().join("district.zone.yaml").exists());
    let connection = Connection::open(&sqlite).unwrap();
    for table in &first.tables {
        let mut reader = csv::Reader::from_path(csv.join(format!("{}.csv", table.table))).unwrap();
        let from_csv: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{}\"", table.table)).unwrap();
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        assert_eq!(names, reader.headers().unwrap().iter().collect::<Vec<_>>(), "{}", table.table);
        let mut rows = statement.query([]).unwrap();
        let mut from_sqlite = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            from_sqlite.push((0..names.len()).map(|at| text(row.get_ref(at).unwrap())).collect::<Vec<_>>());
        }
        // Rows of a few tables are not written in the order of their keys.
        let by_key = |rows: Vec<Vec<String>>| -> BTreeMap<String, Vec<String>> {
            rows.into_iter().map(|row| (row[0].clone(), row)).collect()
        };
        assert_eq!(from_csv.len() as u64, table.rows, "{}", table.table);
        assert_eq!(by_key(from_csv), by_key(from_sqlite), "{}", table.table);
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(_) => "a blob".to_owned(),
    }
}

#[test]
fn nothing_that_exists_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let plan = sample::Plan { students: 5, ..sample::Plan::default() };
    let file = folder.path().join("there.db");
    std::fs::write(&file, "mine").unwrap();
    for url in [folder_url(folder.path()), format!("sqlite:{}", file.display()), "mysql://there".to_owned()] {
        let problem = sample::generate(&common::schema(), &plan, &url, &mut |_| {}).expect_err("a problem");
        assert!(problem.help.is_some(), "{problem}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

/// PostgreSQL where a server is named in SIFTER_TEST_POSTGRES, which CI must do.
#[test]
fn postgres_takes_the_district() {
    let Ok(url) = std::env::var("SIFTER_TEST_POSTGRES") else {
        assert!(std::env::var_os("CI").is_none(), "CI names no PostgreSQL server");
        eprintln!("skipped: SIFTER_TEST_POSTGRES names no server");
        return;
    };
    use sqlx::Connection as _;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let schema = format!("sample_{}", std::process::id());
    let run = |statement: String| {
        runtime.block_on(async {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        });
    };
    run(format!("CREATE SCHEMA {schema}"));
    let mark = if url.contains('?') { '&' } else { '?' };
    let summary = generate(300, 2, &format!("{url}{mark}options=-csearch_path%3D{schema}"));
    for table in &summary.tables {
        let count: i64 = runtime.block_on(async {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let statement = format!("SELECT count(*) FROM {schema}.\"{}\"", table.table.to_lowercase());
            sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut connection).await.unwrap()
        });
        assert_eq!(count as u64, table.rows, "{}", table.table);
    }
    run(format!("DROP SCHEMA {schema} CASCADE"));
}
