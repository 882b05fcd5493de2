//! The script that the owner of a source installs, so that changes are noted where they happen. Sifter never installs it: it only reads
//! a source.
//!
//! Noted are the table, the key of the row, and the keys by which other rows find it; never a value.

use rulebook::plan::Plan;
use sis::{CHANGE_TABLE, WATCH_TABLE, WatchedTable};

use super::reads::watched;

/// A kind of database that can have triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL, 11 or later.
    Postgres,
}

/// The script for all that a plan's objects with events read, with names as `graph.yaml` has them.
#[must_use]
pub fn script(plan: &Plan, dialect: Dialect) -> String {
    script_for(&watched(plan), dialect)
}

/// The script for these tables: [`sis::spell`] names them as the source does, which matters to PostgreSQL.
#[must_use]
pub fn script_for(tables: &[WatchedTable], dialect: Dialect) -> String {
    let mut out = String::from(match dialect {
        Dialect::Sqlite => SQLITE_HEAD,
        Dialect::Postgres => POSTGRES_HEAD,
    });
    for table in tables {
        for column in &table.columns {
            let (table, column) = (literal(&table.table), literal(column));
            out.push_str(&format!("INSERT INTO {WATCH_TABLE} (table_name, column_name) VALUES ({table}, {column});\n"));
        }
        match dialect {
            Dialect::Sqlite => sqlite(table, &mut out),
            Dialect::Postgres => postgres(table, &mut out),
        }
    }
    out.push_str("COMMIT;\n");
    out
}

const SQLITE_HEAD: &str =
    "-- Notes which rows changed, for Sifter to read. Run it again after the rulebook reads other columns.
-- The user as whom Sifter reads needs SELECT only. Rows of sifter_change older than 7 days may be deleted.
BEGIN;
CREATE TABLE IF NOT EXISTS sifter_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  row_key TEXT,
  found_by TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS sifter_watch (table_name TEXT NOT NULL, column_name TEXT NOT NULL);
DELETE FROM sifter_watch;
";

const POSTGRES_HEAD: &str =
    "-- Notes which rows changed, for Sifter to read. Run it again after the rulebook reads other columns.
-- The user as whom Sifter reads needs SELECT on both tables. Rows of sifter_change older than 7 days may be deleted.
-- The triggers write as the user who runs this script, so that nobody else needs a right.
BEGIN;
CREATE TABLE IF NOT EXISTS sifter_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name text NOT NULL,
  row_key text,
  found_by text NOT NULL DEFAULT '',
  at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS sifter_watch (table_name text NOT NULL, column_name text NOT NULL);
DELETE FROM sifter_watch;
";

fn sqlite(table: &WatchedTable, out: &mut String) {
    let name = |what: &str| identifier(&format!("sifter_{what}_{}", table.table));
    let on = identifier(&table.table);
    let key = identifier(&table.key);
    let note = |row: &str, source: &str| {
        let found_by: Vec<String> = table
            .found_by
            .iter()
            // What is no whole number is nobody's key, and must not be copied.
            .map(|column| {
                let cell = format!("{row}.{}", identifier(column));
                format!(
                    "{} || CASE typeof({cell}) WHEN 'integer' THEN {cell} ELSE '' END || ';'",
                    literal(&format!("{column}="))
                )
            })
            .collect();
        let found_by = if found_by.is_empty() { "''".to_owned() } else { found_by.join(" || ") };
        let row_key = format!("CASE typeof({row}.{key}) WHEN 'integer' THEN {row}.{key} END");
        format!(
            "  INSERT INTO {CHANGE_TABLE} (table_name, row_key, found_by) SELECT {}, {row_key}, {found_by}{source};\n",
            literal(&table.table)
        )
    };
    let mut trigger = |what: &str, when: &str, body: &str| {
        let name = name(what);
        out.push_str(&format!("DROP TRIGGER IF EXISTS {name};\nCREATE TRIGGER {name} {when}\nBEGIN\n{body}END;\n"));
    };
    trigger("insert", &format!("AFTER INSERT ON {on}"), &note("NEW", ""));
    trigger("delete", &format!("AFTER DELETE ON {on}"), &note("OLD", ""));
    // INSERT OR REPLACE takes a row away without telling any other trigger.
    let replaced = note("old_row", &format!(" FROM {on} AS old_row WHERE old_row.{key} = NEW.{key}"));
    trigger("replace", &format!("BEFORE INSERT ON {on}"), &replaced);
    let columns: Vec<String> = table.columns.iter().map(|column| identifier(column)).collect();
    let differs: Vec<String> = columns.iter().map(|column| format!("OLD.{column} IS NOT NEW.{column}")).collect();
    let when = format!("AFTER UPDATE OF {} ON {on} WHEN {}", columns.join(", "), differs.join(" OR "));
    trigger("update", &when, &format!("{}{}", note("OLD", ""), note("NEW", "")));
}

fn postgres(table: &WatchedTable, out: &mut String) {
    let on = identifier(&table.table);
    let function = identifier(&format!("sifter_note_{}", table.table));
    let note = |row: &str| {
        let number = |column: &str| {
            let cell = format!("{row}.{}::text", identifier(column));
            format!("CASE WHEN {cell} ~ '^-?[0-9]{{1,18}}$' THEN {cell} END")
        };
        let found_by: Vec<String> = table
            .found_by
            .iter()
            .map(|column| format!("{}, {}, ';'", literal(&format!("{column}=")), number(column)))
            .collect();
        let found_by = if found_by.is_empty() { "''".to_owned() } else { format!("concat({})", found_by.join(", ")) };
        format!(
            "    INSERT INTO {CHANGE_TABLE} (table_name, row_key, found_by) VALUES ({}, {}, {found_by});\n",
            literal(&table.table),
            number(&table.key)
        )
    };
    out.push_str(&format!(
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $sifter$\nBEGIN\n  \
         IF TG_OP = 'TRUNCATE' THEN\n    INSERT INTO {CHANGE_TABLE} (table_name) VALUES ({});\n    RETURN NULL;\n  END IF;\n  \
         IF TG_OP <> 'INSERT' THEN\n{}  END IF;\n  IF TG_OP <> 'DELETE' THEN\n{}  END IF;\n  RETURN NULL;\nEND $sifter$;\n",
        literal(&table.table),
        note("OLD"),
        note("NEW"),
    ));
    let columns: Vec<String> = table.columns.iter().map(|column| identifier(column)).collect();
    let differs: Vec<String> =
        // As text, since some types have no equality.
        columns.iter().map(|column| format!("OLD.{column}::text IS DISTINCT FROM NEW.{column}::text")).collect();
    for (name, when) in [
        ("sifter_row", format!("AFTER INSERT OR DELETE ON {on} FOR EACH ROW")),
        (
            "sifter_update",
            format!("AFTER UPDATE OF {} ON {on} FOR EACH ROW WHEN ({})", columns.join(", "), differs.join(" OR ")),
        ),
        ("sifter_truncate", format!("AFTER TRUNCATE ON {on} FOR EACH STATEMENT")),
    ] {
        out.push_str(&format!(
            "DROP TRIGGER IF EXISTS {name} ON {on};\nCREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}();\n"
        ));
    }
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
