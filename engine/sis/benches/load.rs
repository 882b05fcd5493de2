//! How fast a student table that is stored by date, without an index, becomes the graphs of all batches.
//!
//! `cargo bench -p sis`. PostgreSQL is measured where a server is reachable (`SIFTER_TEST_POSTGRES`, or this machine's).
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use graph::{Entity, EntityId, Field, FieldId, FieldType, ReadSet, Relation, RelationId, Schema, Scope};
use problem::Place;
use sis::{Loader, Selection, Source};

const ROWS: u64 = 1_000_000;
const STUDENTS: u64 = 7_000;

fn place() -> Place {
    Place::new("graph.yaml", 1, 1, 0)
}

fn entity(
    name: &str,
    fields: &[(&str, FieldType, bool)],
    relations: Vec<Relation>,
    reached: Option<(u16, u16)>,
) -> Entity {
    Entity {
        name: name.to_owned(),
        doc: String::new(),
        source: graph::Source::Table(name.to_owned()),
        like: None,
        scope: Scope::Student,
        key: FieldId(0),
        fields: fields
            .iter()
            .map(|(name, field_type, nullable)| Field {
                name: (*name).to_owned(),
                doc: String::new(),
                field_type: field_type.clone(),
                nullable: *nullable,
                column: (*name).to_owned(),
                unique: false,
                sensitive: false,
                default: None,
                place: place(),
            })
            .collect(),
        relations,
        period: None,
        reached: reached.map(|(entity, relation)| (EntityId(entity), RelationId(relation))),
        place: place(),
    }
}

fn many(name: &str, target: u16) -> Relation {
    Relation {
        name: name.to_owned(),
        doc: String::new(),
        target: EntityId(target),
        many: true,
        optional: false,
        by: vec![(FieldId(0), FieldId(1))],
        order: Vec::new(),
        place: place(),
    }
}

fn schema() -> Arc<Schema> {
    use FieldType::{Code, Date, Int};
    let person =
        entity("person", &[("personID", Int, false)], vec![many("enrollments", 1), many("attendance", 2)], None);
    let enrollment =
        entity("enrollment", &[("enrollmentID", Int, false), ("personID", Int, false)], vec![], Some((0, 0)));
    let attendance = entity(
        "attendance",
        &[
            ("attendanceID", Int, false),
            ("personID", Int, false),
            ("calendarID", Int, false),
            ("date", Date, false),
            ("periodID", Int, false),
            ("excuseID", Int, true),
            ("status", Code("status".to_owned()), true),
            ("excuse", Code("excuse".to_owned()), true),
            ("presentMinutes", Int, true),
        ],
        vec![],
        Some((0, 1)),
    );
    Schema::new(vec![person, enrollment, attendance], EntityId(0), Some(RelationId(0)))
}

const TABLES: &str = "CREATE TABLE person (personID INTEGER PRIMARY KEY); \
    CREATE TABLE enrollment (enrollmentID INTEGER PRIMARY KEY, personID INTEGER NOT NULL); \
    CREATE TABLE attendance (attendanceID INTEGER PRIMARY KEY, personID INTEGER NOT NULL, calendarID INTEGER NOT NULL, date DATE NOT NULL, \
    periodID INTEGER NOT NULL, excuseID INTEGER, status TEXT, excuse TEXT, presentMinutes INTEGER);";

fn sqlite(path: &std::path::Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let series =
        |last: u64| format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {last})");
    connection
        .execute_batch(&format!(
            "INSERT INTO person {students} SELECT n FROM s; INSERT INTO enrollment {students} SELECT n, n FROM s; \
             INSERT INTO attendance {rows} SELECT n, 1 + (n * 7919) % {STUDENTS}, 1 + n % 3, date('2025-08-20', '+' || (n * 180 / {ROWS}) || ' days'), \
             1 + n % 8, CASE n % 3 WHEN 0 THEN n % 7 END, CASE n % 2 WHEN 0 THEN 'A' ELSE 'T' END, CASE n % 4 WHEN 0 THEN 'U' END, n % 45 FROM s;",
            students = series(STUDENTS),
            rows = series(ROWS),
        ))
        .unwrap();
}

fn psql(sql: String) -> Option<()> {
    use sqlx::Connection;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(&server()).await.ok()?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.ok()?;
        Some(())
    })
}

fn server() -> String {
    std::env::var("SIFTER_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned())
}

fn postgres(name: &str) -> Option<String> {
    psql(format!(
        "DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}; SET search_path = {name}; {TABLES} \
         INSERT INTO person SELECT n FROM generate_series(1, {STUDENTS}) n; INSERT INTO enrollment SELECT n, n FROM generate_series(1, {STUDENTS}) n; \
         INSERT INTO attendance SELECT n, 1 + (n * 7919::bigint) % {STUDENTS}, 1 + n % 3, DATE '2025-08-20' + (n * 180::bigint / {ROWS})::int, \
         1 + n % 8, CASE n % 3 WHEN 0 THEN n % 7 END, CASE n % 2 WHEN 0 THEN 'A' ELSE 'T' END, CASE n % 4 WHEN 0 THEN 'U' END, n % 45 \
         FROM generate_series(1, {ROWS}) n; ANALYZE;"
    ))?;
    Some(format!("{}?options[search_path]={name}", server()))
}

fn load(url: &str) -> (u64, u32) {
    let schema = schema();
    let reads = ReadSet::everything(&schema);
    let (loader, problems) = Loader::start(Source::open(url).unwrap(), schema, reads, Selection::default()).unwrap();
    assert!(problems.is_empty());
    let mut rows = 0;
    for index in 0..loader.batch_count() {
        let (graph, problems) = loader.batch(index).unwrap();
        assert!(problems.is_empty());
        rows += graph.rows(EntityId(2));
    }
    (loader.rows_read(), rows)
}

/// Prints the rows per second of processor time, the best of five. On a busy machine this says more than the clock; of
/// PostgreSQL it shows our side only.
fn processor_time(name: &str, url: &str) {
    let nanoseconds = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    let best = (0..5).filter_map(|_| {
        let start = nanoseconds()?;
        load(url);
        Some(nanoseconds()?.saturating_sub(start))
    });
    if let Some(best) = best.min() {
        println!("load/{name}: {} rows a second of processor time", ROWS * 1_000_000_000 / best.max(1));
    }
}

fn measure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10).measurement_time(Duration::from_secs(15));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("district.db");
    sqlite(&path);
    let url = format!("sqlite:{}", path.display());
    assert_eq!(load(&url).1, 1_000_000);
    processor_time("sqlite", &url);
    group.bench_function("sqlite", |bencher| bencher.iter(|| load(&url)));
    let name = format!("sis_bench_{}", std::process::id());
    match postgres(&name) {
        Some(url) => {
            assert_eq!(load(&url).1, 1_000_000);
            processor_time("postgres", &url);
            group.bench_function("postgres", |bencher| bencher.iter(|| load(&url)));
            psql(format!("DROP SCHEMA {name} CASCADE"));
        }
        None => println!("PostgreSQL was not measured: no server at {}", server()),
    }
    group.finish();
}

criterion_group!(benches, measure);
criterion_main!(benches);
