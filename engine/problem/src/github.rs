//! Problems as workflow commands: a CI job on GitHub that prints them shows each at its line.

use crate::{Place, Problem, Severity};

/// The line that reports a problem, without the line end.
///
/// ```
/// use problem::{Place, Problem, code, github};
/// let problem = Problem::new(code::UNKNOWN_KEY, "unknown key `typ`")
///     .at(Place::new("objects/graph.yaml", 2, 6, 3))
///     .help("did you mean `type`?");
/// assert_eq!(
///     github::line(&problem, ""),
///     "::error file=objects/graph.yaml,line=2,col=6,endColumn=9,title=Y102 unknown key::unknown key `typ`%0Ahelp: did you mean `type`?"
/// );
/// ```
///
/// `folder` is where the rulebook stands in the repository: empty, or with a slash at its end.
#[must_use]
pub fn line(problem: &Problem, folder: &str) -> String {
    let command = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(Place { file, line, column, length }) = &problem.place {
        properties.push(format!("file={}", property(&format!("{folder}{file}"))));
        properties.push(format!("line={line},col={column},endColumn={}", column.saturating_add((*length).max(1))));
    }
    properties.push(format!("title={}", property(&format!("{} {}", problem.code.name(), problem.code.title()))));
    let mut message = crate::render::full_message(problem);
    for (place, shows) in &problem.related {
        message.push_str(&format!("\n{place}: {shows}"));
    }
    if let Some(help) = &problem.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    format!("::{command} {}::{}", properties.join(","), data(&message))
}

/// A message, with what would end it escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, with what would end it escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code;

    #[test]
    fn what_ends_a_property_or_a_line_is_escaped() {
        let problem =
            Problem::new(code::INTEGER_DIVISION, "100 %\r\nof it, all: yes").at(Place::new("a,b:c%.yaml", 1, 1, 0));
        assert_eq!(
            line(&problem, "my/"),
            "::warning file=my/a%2Cb%3Ac%25.yaml,line=1,col=1,endColumn=2,title=R112 a division that drops the rest\
             ::100 %25%0D%0Aof it, all: yes"
        );
    }

    #[test]
    fn a_problem_of_data_has_no_file() {
        let problem = Problem::new(code::EMPTY_TABLE, "no rows").about_row("absence", 7, None);
        assert_eq!(line(&problem, ""), "::notice title=S202 no file for a table::absence 7: no rows");
    }
}
