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

/// PostgreSQL at `SIFTER_TEST_POSTGRES`, or this machine's; only a developer's machine may lack one.
#[test]
fn postgres_takes_the_district() {
    use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
    let server =
        std::env::var("SIFTER_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = |statement: String| {
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server).await?;
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
            connection.close().await
        })
    };
    let name = format!("sample_test_{}", std::process::id());
    if let Err(error) = run(format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")) {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI needs PostgreSQL at {server}: {error}");
        println!("skipped: no PostgreSQL at {server} ({error})");
        return;
    }
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("csv");
    let summary = generate(300, 2, &url);
    assert_eq!(summary, generate(300, 2, &folder_url(&csv)));
    let lines = runtime.block_on(async {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let mut lines = BTreeMap::new();
        for table in &summary.tables {
            let select = format!("SELECT count(*) FROM \"{}\"", table.table.to_lowercase());
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(select)).fetch_one(&mut connection).await.unwrap();
            lines.insert(table.table.clone(), rows.unsigned_abs());
        }
        let text = "SELECT contextDescription FROM behaviorIncident WHERE contextDescription IS NOT NULL LIMIT 1";
        let text: Option<String> = sqlx::query_scalar(text).fetch_optional(&mut connection).await.unwrap();
        assert!(text.is_none_or(|text| text.contains("& one pushed")));
        connection.close().await.unwrap();
        lines
    });
    run(format!("DROP DATABASE {name}")).unwrap();
    for table in &summary.tables {
        assert_eq!(lines[&table.table], table.rows, "{}", table.table);
    }
}
