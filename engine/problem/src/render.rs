//! Draws problems for people: file, line, excerpt with carets, reason and help.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Place, Problem, Severity};

/// Where the drawing finds the text of a file.
pub trait Sources {
    /// The text of the file with this path, if it is known.
    fn text(&self, file: &str) -> Option<&str>;
}

impl<F: for<'a> Fn(&'a str) -> Option<&'static str>> Sources for F {
    fn text(&self, file: &str) -> Option<&str> {
        self(file)
    }
}

/// No sources: problems are drawn without excerpts.
pub struct NoSources;

impl Sources for NoSources {
    fn text(&self, _file: &str) -> Option<&str> {
        None
    }
}

impl Sources for std::collections::BTreeMap<String, String> {
    fn text(&self, file: &str) -> Option<&str> {
        self.get(file).map(String::as_str)
    }
}

/// The problem as a block of text, in colour when `colour` is set.
pub fn human(problem: &Problem, sources: &dyn Sources, colour: bool) -> String {
    let problem = &problem.clone().settled(sources);
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message = full_message(problem);
    let mut group = level
        .primary_title(message.as_str())
        .id(problem.code.name())
        .elements(Vec::<annotate_snippets::Element<'_>>::new());
    let primary = problem.place.iter().map(|place| (place, None, AnnotationKind::Primary));
    let related = problem.related.iter().map(|(place, shows)| (place, Some(shows.as_str()), AnnotationKind::Context));
    let mut left: Vec<Shown<'_>> = primary.chain(related).collect();
    // What stands in one file is drawn in one excerpt.
    while let Some((first, ..)) = left.first() {
        let file = &first.file;
        let (here, others) = left.into_iter().partition(|(place, ..)| place.file == *file);
        group = with_places(group, here, sources);
        left = others;
    }
    let mut report = vec![group];
    if let Some(help) = &problem.help {
        report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&report);
    text.push('\n');
    text
}

/// The message with what it is about before it.
pub(crate) fn full_message(problem: &Problem) -> String {
    let subject = &problem.subject;
    let mut parts: Vec<String> = Vec::new();
    if let Some(object) = &subject.object {
        parts.push(object.to_string());
    }
    if let Some(key) = &subject.key {
        parts.push(key.clone());
    }
    if let Some(path) = &subject.path {
        parts.push(path.to_string());
    }
    if let (Some(table), Some(row)) = (&subject.table, &subject.row) {
        let column = subject.column.as_ref().map(|column| format!(" {column}")).unwrap_or_default();
        parts.push(format!("{table} {row}{column}"));
    }
    if parts.is_empty() { problem.message.clone() } else { format!("{}: {}", parts.join(" "), problem.message) }
}

/// A place that is drawn, with what it shows.
type Shown<'a> = (&'a Place, Option<&'a str>, AnnotationKind);

/// The places of one file.
fn with_places<'a>(group: Group<'a>, places: Vec<Shown<'a>>, sources: &'a dyn Sources) -> Group<'a> {
    let Some((first, ..)) = places.first() else { return group };
    let file = &*first.file;
    let Some(text) = sources.text(file) else {
        let origins = places.iter().map(|(place, ..)| {
            annotate_snippets::Origin::path(file).line(place.line as usize).char_column(place.column as usize)
        });
        return origins.fold(group, Group::element);
    };
    let annotations =
        places.iter().map(|(place, label, kind)| kind.span(byte_span(text, place)).label(*label)).collect::<Vec<_>>();
    group.element(Snippet::source(text).path(file).annotations(annotations))
}

fn byte_span(text: &str, place: &Place) -> std::ops::Range<usize> {
    let mut start_of_line = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == place.line as usize {
            let line = line.trim_end_matches(['\n', '\r']);
            let from = offset(line, place.column.saturating_sub(1));
            let to = offset(line, place.column.saturating_sub(1).saturating_add(place.length.max(1)));
            return start_of_line + from..start_of_line + to.max(from);
        }
        start_of_line += line.len();
    }
    text.len()..text.len()
}

fn offset(line: &str, characters: u32) -> usize {
    line.char_indices().nth(characters as usize).map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code;
    use std::collections::BTreeMap;

    #[test]
    fn an_excerpt_with_carets_and_help_is_drawn() {
        let sources = BTreeMap::from([("objects/graph.yaml".to_owned(), "a: 1\nb: { typ: int }\n".to_owned())]);
        let problem = Problem::new(code::UNKNOWN_KEY, "unknown key `typ`")
            .at(Place::new("objects/graph.yaml", 2, 6, 3))
            .did_you_mean("typ", ["type", "column"]);
        let text = human(&problem, &sources, false);
        assert!(text.contains("error[Y102]: unknown key `typ`"), "{text}");
        assert!(text.contains("objects/graph.yaml:2:6"), "{text}");
        assert!(text.contains("^^^"), "{text}");
        assert!(text.contains("did you mean `type`?"), "{text}");
    }

    #[test]
    fn a_place_past_the_end_of_the_file_is_drawn_all_the_same() {
        let sources = BTreeMap::from([("x".to_owned(), "a".to_owned())]);
        let problem = Problem::new(code::BAD_YAML, "stops").at(Place::new("x", 9, 9, 9));
        assert!(human(&problem, &sources, false).contains("stops"));
    }
}
