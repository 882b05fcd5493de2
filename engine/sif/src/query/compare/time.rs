//! Dates and times, compared by when they are.

use crate::schema::SimpleType;

/// Year, month and day of a date, month or year; 0 for what is not given. Its offset does not count.
pub(super) fn date(text: &str) -> Option<(i64, u8, u8)> {
    if !SimpleType::PartialDate.takes(text) {
        return None;
    }
    let (bare, _) = offset(text);
    let (negative, bare) = bare.strip_prefix('-').map_or((false, bare), |rest| (true, rest));
    let mut parts = bare.splitn(3, '-');
    let year: i64 = parts.next()?.parse().ok()?;
    let mut next = || parts.next().map_or(Some(0), |part| part.parse::<u8>().ok());
    Some((if negative { -year } else { year }, next()?, next()?))
}

/// Seconds since midnight in UTC, and the digits of their fraction.
pub(super) fn time(text: &str) -> Option<(i64, String)> {
    if !SimpleType::Time.takes(text) {
        return None;
    }
    let (bare, zone) = offset(text);
    let (seconds, fraction) = clock(bare)?;
    Some((seconds - zone_seconds(zone)?, fraction))
}

/// Seconds since 1970-01-01T00:00:00Z, and the digits of their fraction.
pub(super) fn date_time(text: &str) -> Option<(i64, String)> {
    if !SimpleType::DateTime.takes(text) {
        return None;
    }
    let (day, clock_text) = text.split_once('T')?;
    let (year, month, day) = date(day)?;
    // The calendar that chrono keeps is large enough for everything that anybody records.
    let days = chrono::NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::from(month), u32::from(day))?;
    let days = days.signed_duration_since(chrono::NaiveDate::default()).num_days();
    let (bare, zone) = offset(clock_text);
    let (seconds, fraction) = clock(bare)?;
    Some((days * 86_400 + seconds - zone_seconds(zone)?, fraction))
}

/// A text without its offset, and the offset.
fn offset(text: &str) -> (&str, &str) {
    if let Some(bare) = text.strip_suffix('Z') {
        return (bare, "Z");
    }
    let start = text.len().saturating_sub(6);
    match text.split_at_checked(start) {
        // `+05:00`; a time's own colons come after no sign.
        Some((bare, zone)) if zone.len() == 6 && zone.starts_with(['+', '-']) && zone.get(3..4) == Some(":") => {
            (bare, zone)
        }
        _ => (text, ""),
    }
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone == "Z" {
        return Some(0);
    }
    let hours: i64 = zone.get(1..3)?.parse().ok()?;
    let minutes: i64 = zone.get(4..6)?.parse().ok()?;
    let seconds = hours * 3600 + minutes * 60;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

fn clock(text: &str) -> Option<(i64, String)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    Some((hours * 3600 + minutes * 60 + seconds, fraction.trim_end_matches('0').to_owned()))
}
