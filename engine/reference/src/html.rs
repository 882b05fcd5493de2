//! Writes HTML that is always closed and always escaped: text goes in by [`Html::text`] and attributes, nothing else does.

use std::fmt::Write;

/// A piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

/// Attributes: name and value.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Html {
    /// A text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(text, &mut self.0);
        self
    }

    /// A number.
    pub fn number(&mut self, number: usize) -> &mut Self {
        let _ = write!(self.0, "{number}");
        self
    }

    /// An element with what `inside` writes.
    pub fn tag(&mut self, name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) -> &mut Self {
        self.open(name, attributes);
        inside(self);
        let _ = write!(self.0, "</{name}>");
        if BLOCKS.contains(&name) {
            self.0.push('\n');
        }
        self
    }

    /// An element that holds a text.
    pub fn tagged(&mut self, name: &str, attributes: Attributes<'_>, text: &str) -> &mut Self {
        self.tag(name, attributes, |html| {
            html.text(text);
        })
    }

    /// An element that holds nothing and is not closed, such as `link`.
    pub fn open(&mut self, name: &str, attributes: Attributes<'_>) -> &mut Self {
        let _ = write!(self.0, "<{name}");
        for (attribute, value) in attributes {
            if value.is_empty() && FLAGS.contains(attribute) {
                let _ = write!(self.0, " {attribute}");
                continue;
            }
            let _ = write!(self.0, " {attribute}=\"");
            escape(value, &mut self.0);
            self.0.push('"');
        }
        self.0.push('>');
        self
    }

    /// The HTML as text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Elements after which a line may end without changing what is seen.
const BLOCKS: &[&str] = &[
    "html", "head", "title", "body", "header", "footer", "main", "nav", "section", "article", "div", "p", "h1", "h2",
    "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "details", "summary", "pre",
    "script", "form",
];

/// Attributes that say something by being there.
const FLAGS: &[&str] = &["hidden", "open", "defer"];

fn escape(text: &str, to: &mut String) {
    for character in text.chars() {
        match character {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            other => to.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn what_is_text_stays_text() {
        let mut html = Html::default();
        html.tagged("a", &[("title", "\"><script>"), ("href", "x?a&b")], "<b>'1' & 2</b>");
        assert_eq!(
            html.into_text(),
            "<a title=\"&quot;&gt;&lt;script&gt;\" href=\"x?a&amp;b\">&lt;b&gt;&#39;1&#39; &amp; 2&lt;/b&gt;</a>"
        );
    }

    #[test]
    fn elements_close_in_the_order_in_which_they_opened() {
        let mut html = Html::default();
        html.tag("ul", &[], |html| {
            html.tag("li", &[("hidden", "")], |html| {
                html.number(3);
            });
        });
        assert_eq!(html.into_text(), "<ul><li hidden>3</li>\n</ul>\n");
    }
}
