//! Colours YAML and Rhai while the site is made, and links the names in them to what they name.

mod names;
mod rhai;
mod yaml;

use crate::html::Html;
use crate::site::Site;

/// Writes code for a page whose way to the site's folder is `root`.
#[derive(Clone, Copy)]
pub struct Colour<'s, 'm> {
    pub site: &'s Site<'m>,
    pub root: &'s str,
}

impl Colour<'_, '_> {
    /// A rule file, or a part of one.
    pub fn rhai(self, html: &mut Html, text: &str) {
        block(html, "Rhai", |html| rhai::write(html, text, &mut names::Names::new(self)));
    }

    /// A part of the rulebook's YAML, with its expressions.
    pub fn yaml(self, html: &mut Html, text: &str) {
        block(html, "YAML", |html| yaml::write(html, text, Some(self)));
    }

    /// A part of a fixture's YAML.
    pub fn fixture(self, html: &mut Html, text: &str) {
        block(html, "YAML", |html| yaml::write(html, text, None));
    }

    /// An expression in a line of text.
    pub fn expression(self, html: &mut Html, text: &str) {
        html.tag("code", &[], |html| rhai::write(html, text, &mut names::Names::new(self)));
    }
}

/// A block of code. It can be scrolled by keyboard where it is wider than the page.
fn block(html: &mut Html, language: &str, inside: impl FnOnce(&mut Html)) {
    html.tag("pre", &[("tabindex", "0"), ("aria-label", language)], |html| {
        html.tag("code", &[], inside);
    });
}

/// A coloured word: `c` comment, `s` text, `n` number or constant, `k` word of the language, `f` function, `p` key.
fn word(html: &mut Html, class: &str, text: &str) {
    html.tagged("span", &[("class", class)], text);
}

#[cfg(test)]
mod tests {
    use proving::Suite;
    use rulebook::{Files, Rulebook};

    use super::Colour;
    use crate::Material;
    use crate::html::Html;
    use crate::site::Site;

    const GRAPH: &str = "\
entities:
  student:
    doc: A student.
    table: person
    root: enrollments
    key: person_id
    fields:
      person_id: { type: int, column: personID }
    relations:
      enrollments: { many: enrollment, by: person_id }
    facts:
      main:
        type: enrollment?
        doc: The first enrollment.
        first: student.enrollments
  enrollment:
    doc: An enrollment.
    table: enrollment
    reached: student.enrollments
    key: enrollment_id
    fields:
      enrollment_id: { type: int, column: enrollmentID }
      person_id: { type: int, column: personID }
      grade: { type: text, column: grade }
";

    /// What a writer makes of a text, over a small rulebook.
    fn coloured(write: impl Fn(Colour<'_, '_>, &mut Html)) -> String {
        let files: Files = [("objects/graph.yaml".to_owned(), GRAPH.to_owned())].into();
        let book = Rulebook::new(files);
        let plan = book.plan.unwrap_or_else(|| unreachable!("{:?}", book.problems));
        let tests = Files::new();
        let suite = Suite::read(&plan, &tests);
        let site = Site::new(Material { plan: &plan, files: &book.files, suite: &suite, tests: &tests, ledger: None });
        let mut html = Html::default();
        write(Colour { site: &site, root: "../" }, &mut html);
        html.into_text()
    }

    /// The text that a reader sees.
    fn seen(html: &str) -> String {
        let text: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, rest)| rest)).collect();
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    #[test]
    fn names_link_to_what_they_name_along_a_path_and_through_a_variable() {
        let rule = "fn value(student) {\n    let one = student.main;\n    one?.grade ?? \"<none>\" // 'a'\n}";
        let html = coloured(|colour, html| colour.rhai(html, rule));
        assert!(html.contains("<a href=\"../tables/student.html#fact-main\" class=\"l\">main</a>"), "{html}");
        assert!(html.contains("<a href=\"../tables/enrollment.html#column-grade\" class=\"l\">grade</a>"), "{html}");
        assert!(html.contains("<span class=\"s\">&quot;&lt;none&gt;&quot;</span>"), "{html}");
        assert!(html.contains("<span class=\"c\">// &#39;a&#39;</span>"), "{html}");
    }

    #[test]
    fn no_character_of_the_source_is_lost_or_added() {
        let yaml = "a: { from: \"any(student.enrollments) # \\\"x\\\"\", rows: [R1, 'R 2'], when: x == 1 } # end\nb:\n  - { say: it's, \
                    \"@x\": ~ }\n  -\n    where: |\n      student.main != ()\n        && true\n\n    doc: a: b - c, {d}\nlast: \"open";
        assert_eq!(seen(&coloured(|colour, html| colour.yaml(html, yaml))).trim_end(), yaml);
        assert_eq!(seen(&coloured(|colour, html| colour.fixture(html, yaml))).trim_end(), yaml);
        let rhai = "fn f(a) {\n\tswitch a { 1 => `x${a}`, _ => () }\n} /* ü */ \"\\\"\" 'q' \\ \"open";
        assert_eq!(seen(&coloured(|colour, html| colour.rhai(html, rhai))).trim_end(), rhai);
    }

    #[test]
    fn only_expressions_are_read_as_such() {
        let html = coloured(|colour, html| {
            colour.yaml(html, "x: { doc: count(student.main), from: count(student.enrollments) }")
        });
        assert_eq!(html.matches("#relation-enrollments").count(), 1, "{html}");
        assert!(!html.contains("#fact-main"), "{html}");
    }
}
