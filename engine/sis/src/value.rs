//! From what the source gives to a cell. Every kind of source gives the same cell for the same data.

use graph::{Cell, Field, FieldType};

use crate::database::Raw;
use crate::fault::Fault;

/// Reads a value as a cell of `field`; never gives [`Cell::Bad`]. `scratch` holds text that had to be made.
#[inline]
pub(crate) fn read<'a>(field: &'a Field, raw: Raw<'a>, scratch: &'a mut String) -> Result<Cell<'a>, Fault> {
    let cell = match raw {
        Raw::Null => Cell::Absent,
        Raw::Int(number) if field.field_type.is_text() => made(number, scratch),
        Raw::Float(number) if field.field_type.is_text() => made(number, scratch),
        Raw::Int(number) => Cell::from_int(&field.field_type, number).map_err(|_| Fault::BadValue)?,
        Raw::Float(number) => Cell::from_float(&field.field_type, number).map_err(|_| Fault::BadValue)?,
        Raw::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| Fault::BadText)?;
            Cell::parse(&field.field_type, text).map_err(|_| Fault::BadValue)?
        }
    };
    match cell {
        Cell::Absent if !field.nullable => {
            let default = field.default.as_deref().and_then(|text| Cell::parse(&field.field_type, text).ok());
            default.filter(|cell| !cell.is_absent()).ok_or(Fault::Empty)
        }
        // 3.50 of one source and 3.5 of another are one number, and must look alike when written.
        Cell::Decimal(number) => Ok(Cell::Decimal(number.normalize())),
        Cell::Bad => Err(Fault::BadValue),
        cell => Ok(cell),
    }
}

/// A number where a text is declared (SQLite keeps what it was given): the text that other sources would give.
fn made(number: impl ToString, scratch: &mut String) -> Cell<'_> {
    *scratch = number.to_string();
    Cell::Text(scratch)
}

/// Reads a value as a primary key.
pub(crate) fn key(raw: Raw<'_>) -> Option<i64> {
    let cell = match raw {
        Raw::Null => return None,
        Raw::Int(number) => Cell::from_int(&FieldType::Int, number),
        Raw::Float(number) => Cell::from_float(&FieldType::Int, number),
        Raw::Text(bytes) => Cell::parse(&FieldType::Int, std::str::from_utf8(bytes).ok()?),
    };
    match cell {
        Ok(Cell::Int(key)) => Some(key),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::Decimal;
    use problem::Place;

    fn field(field_type: FieldType, nullable: bool, default: Option<&str>) -> Field {
        Field {
            name: "f".into(),
            doc: String::new(),
            field_type,
            nullable,
            column: "f".into(),
            unique: false,
            sensitive: false,
            default: default.map(str::to_owned),
            place: Place::new("graph.yaml", 1, 1, 0),
        }
    }

    fn read_text(field: &Field, raw: Raw<'_>) -> Result<String, Fault> {
        let mut scratch = String::new();
        read(field, raw, &mut scratch).map(|cell| format!("{cell:?}"))
    }

    #[test]
    fn the_three_forms_of_a_number_are_one_cell() {
        let decimal = field(FieldType::Decimal, true, None);
        let want = Ok(format!("{:?}", Cell::Decimal(Decimal::new(35, 1))));
        assert_eq!(read_text(&decimal, Raw::Text(b"3.50")), want);
        assert_eq!(read_text(&decimal, Raw::Float(3.5)), want);
        let text = field(FieldType::Text, true, None);
        assert_eq!(read_text(&text, Raw::Int(17)), read_text(&text, Raw::Text(b"17")));
        assert_eq!(read_text(&text, Raw::Float(1.5)), read_text(&text, Raw::Text(b"1.5")));
    }

    #[test]
    fn what_is_empty_takes_the_default_or_is_a_fault() {
        assert_eq!(read_text(&field(FieldType::Bool, false, Some("false")), Raw::Null), Ok("Bool(false)".into()));
        assert_eq!(read_text(&field(FieldType::Text, false, None), Raw::Text(b" ")), Err(Fault::Empty));
        assert_eq!(read_text(&field(FieldType::Text, true, Some("x")), Raw::Null), Ok("Absent".into()));
    }

    #[test]
    fn bytes_that_are_no_text_and_text_that_is_no_value() {
        assert_eq!(read_text(&field(FieldType::Text, true, None), Raw::Text(b"\xff")), Err(Fault::BadText));
        assert_eq!(read_text(&field(FieldType::Date, true, None), Raw::Text(b"2026-02-30")), Err(Fault::BadValue));
        assert_eq!(read_text(&field(FieldType::Date, true, None), Raw::Int(5)), Err(Fault::BadValue));
    }

    #[test]
    fn keys_are_whole_numbers() {
        assert_eq!(key(Raw::Text(b"17")), Some(17));
        assert_eq!(key(Raw::Float(17.0)), Some(17));
        assert_eq!(key(Raw::Int(i64::MIN)), None);
        assert_eq!(key(Raw::Text(b"x")), None);
        assert_eq!(key(Raw::Null), None);
    }
}
