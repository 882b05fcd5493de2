//! The small district's data, as rows of text.

use std::collections::BTreeMap;

/// A table: its columns with their SQL types, and its rows, whose cells are nothing or text.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub columns: Vec<(String, String)>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// Tables by name.
pub(super) type Tables = BTreeMap<String, Rows>;

/// Reads tables from text: a line `table: column TYPE, …`, then a line a row, cells apart by `|`, `-` for nothing.
pub(super) fn tables(text: &str) -> Tables {
    let mut tables = Tables::new();
    let mut current = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some((name, columns)) = line.split_once(": ") {
            current = name.to_owned();
            let columns = columns.split(", ").map(|column| {
                let (name, kind) = column.split_once(' ').unwrap_or((column, "TEXT"));
                (name.to_owned(), kind.to_owned())
            });
            tables.insert(current.clone(), Rows { columns: columns.collect(), rows: Vec::new() });
        } else {
            let row = line.split('|').map(|cell| (cell != "-").then(|| cell.to_owned())).collect();
            tables.get_mut(&current).unwrap().rows.push(row);
        }
    }
    tables
}

/// Three students (1, 2, 5) and their father (7), who is no student. 1 and 2 share a household. 2 and 7 took part in an incident. Nothing
/// is wrong with it.
pub(super) fn sound() -> Tables {
    tables(
        "calendar: calendarID INTEGER, calendarGUID TEXT, name TEXT, start DATE
         3|aaaaaaaa-0000-0000-0000-000000000003|Main, \"A\"|2025-08-20
         4|aaaaaaaa-0000-0000-0000-000000000004|Other|-
         day: dayID INTEGER, calendarID INTEGER, date DATE, minutes NUMERIC
         31|3|2025-08-21|325.50
         30|3|2025-08-20|300
         32|4|2025-08-20|-
         person: personID INTEGER, personGUID TEXT, number TEXT
         5|bbbbbbbb-0000-0000-0000-000000000005|0005
         1|bbbbbbbb-0000-0000-0000-000000000001|0001
         7|bbbbbbbb-0000-0000-0000-000000000007|-
         2|bbbbbbbb-0000-0000-0000-000000000002|back\\slash
         contact: personID INTEGER, email TEXT
         2|two@example.org
         7|seven@example.org
         enrollment: enrollmentID INTEGER, personID INTEGER, calendarID INTEGER, noShow BOOLEAN
         11|1|3|0
         12|2|4|1
         15|5|3|-
         16|5|4|0
         identity: identityID INTEGER, personID INTEGER, lastName TEXT, birthDate DATE
         22|2|Łukasz\tTab|2010-02-28
         21|1|O'Brien|2011-03-01
         25|5|-|-
         27|7|Father|1980-01-01
         race: raceID INTEGER, identityID INTEGER, code TEXT
         41|21|W
         42|21|A
         47|27|W
         45|25|B
         attendance: attendanceID INTEGER, personID INTEGER, date DATE, status TEXT, minutes NUMERIC, entered TIMESTAMP, arrived TIME
         51|1|2025-08-21|A|12.50|2025-08-21 08:01:02|08:30:00
         52|5|2025-08-21|T|-|-|-
         53|1|2025-08-20|A|0|-|-
         54|1|2025-08-21|-|7|-|-
         57|7|2025-08-21|A|-|-|-
         household: householdID INTEGER, name TEXT
         61|Shared
         65|Alone
         69|Nobody's
         member: memberID INTEGER, householdID INTEGER, personID INTEGER
         71|61|1
         72|61|2
         75|65|5
         77|61|7
         78|61|-
         pair: pairID INTEGER, personID INTEGER, otherID INTEGER
         81|1|7
         82|2|7
         83|2|1
         incident: incidentID INTEGER, calendarID INTEGER
         91|3
         role: roleID INTEGER, incidentID INTEGER, personID INTEGER
         95|91|7
         96|91|2
         97|91|2
         98|91|-",
    )
}
