//! Brings the places of a problem to the words that they are about, once the text of the file is known.
//!
//! What reads a file often knows only where a word starts, or that a name stands somewhere in a longer one (`txt?`). Here the
//! text decides: carets go under the whole word, and a suggestion replaces exactly what it means to.

use crate::render::Sources;
use crate::{Place, Problem, Suggestion};

impl Problem {
    /// The same problem, its places as long as the words that stand there. A suggestion whose text does not stand there goes.
    #[must_use]
    pub fn settled(mut self, sources: &dyn Sources) -> Self {
        if let Some(suggestion) = self.suggestion.take() {
            self.suggestion = settled(suggestion, sources);
        }
        let related = self.related.iter_mut().map(|(place, _)| place);
        for place in self.place.iter_mut().chain(related) {
            if place.length == 0
                && let Some(line) = line_of(place, sources)
            {
                place.length = length(word(line, place.column));
            }
        }
        self
    }
}

fn settled(mut suggestion: Suggestion, sources: &dyn Sources) -> Option<Suggestion> {
    if suggestion.find.is_empty() {
        suggestion.place.length = 0;
        return Some(suggestion);
    }
    let place = &mut suggestion.place;
    let line = line_of(place, sources)?;
    let within = match place.length {
        0 => word(line, place.column),
        long => cut(line, place.column, long),
    };
    // A place says where a word starts; where it is longer than that word, the word stands somewhere within.
    let within = if within.contains(&suggestion.find) { within } else { cut(line, place.column, u32::MAX) };
    let before = within.find(&suggestion.find)?;
    place.column += length(&within[..before]);
    place.length = length(&suggestion.find);
    Some(suggestion)
}

fn line_of<'t>(place: &Place, sources: &'t dyn Sources) -> Option<&'t str> {
    sources.text(&place.file)?.lines().nth(place.line.checked_sub(1)? as usize)
}

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// So many characters of a line from a column on, which counts from 1.
fn cut(line: &str, column: u32, length: u32) -> &str {
    let from = byte(line, column.saturating_sub(1));
    let rest = &line[from..];
    &rest[..byte(rest, length)]
}

fn byte(text: &str, characters: u32) -> usize {
    text.char_indices().nth(characters as usize).map_or(text.len(), |(at, _)| at)
}

/// The word that starts at a column: a name, a quoted text, or everything between brackets; one character of anything else.
fn word(line: &str, column: u32) -> &str {
    let rest = cut(line, column, u32::MAX);
    let Some(first) = rest.chars().next() else { return rest };
    let end = match first {
        '"' | '\'' => rest[1..].find(first).map(|at| at + 2),
        '[' | '{' | '(' => closing(rest),
        c if c.is_alphanumeric() || matches!(c, '_' | '@' | '-') => {
            rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | ']' | '}' | ')' | '(' | '#'))
        }
        c => Some(c.len_utf8()),
    };
    rest[..end.unwrap_or(rest.len())].trim_end()
}

/// The end of what starts with a bracket, if it ends in this line.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, character) in text.char_indices() {
        match character {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code;
    use std::collections::BTreeMap;

    fn sources() -> BTreeMap<String, String> {
        let text = "a: 1\nb: { type: txt?, by: [one, two] }\nc: \"täxt\"\n";
        BTreeMap::from([("f".to_owned(), text.to_owned())])
    }

    fn problem(line: u32, column: u32, length: u32) -> Problem {
        Problem::new(code::UNKNOWN_TYPE, "no type").at(Place::new("f", line, column, length))
    }

    #[test]
    fn a_place_without_a_length_gets_that_of_its_word() {
        for (line, column, wanted) in [(1, 1, 1), (2, 12, 4), (2, 22, 10), (2, 4, 30), (3, 4, 6), (9, 1, 0), (1, 99, 0)]
        {
            let settled = problem(line, column, 0).settled(&sources());
            assert_eq!(settled.place.map(|place| place.length), Some(wanted), "{line}:{column}");
        }
    }

    #[test]
    fn a_suggestion_replaces_the_name_within_its_word() {
        for (line, column, length, name, at) in [(2, 12, 4, "txt", 12), (3, 4, 0, "täxt", 5), (2, 22, 10, "two", 28)] {
            let settled = problem(line, column, length).replacing(name, "text").settled(&sources());
            let place = settled.suggestion.map(|suggestion| suggestion.place);
            let wanted = Place::new("f", line, at, u32::try_from(name.chars().count()).unwrap());
            assert_eq!(place, Some(wanted), "{name}");
        }
    }

    #[test]
    fn a_suggestion_whose_text_does_not_stand_there_goes() {
        assert_eq!(problem(2, 12, 4).replacing("other", "text").settled(&sources()).suggestion, None);
        assert_eq!(problem(7, 1, 4).replacing("a", "b").settled(&sources()).suggestion, None);
    }
}
