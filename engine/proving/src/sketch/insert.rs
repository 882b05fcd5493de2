//! Puts lines into a YAML file without touching the others.

use problem::Place;

/// The number of the line, from 0, behind the entry whose key stands at a place: what is indented deeper belongs to it.
pub fn behind(text: &str, key: &Place) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let first = usize::try_from(key.line).unwrap_or(1).min(lines.len());
    let indent = usize::try_from(key.column).unwrap_or(1).saturating_sub(1);
    let mut end = first;
    for (at, line) in lines.iter().enumerate().skip(first) {
        let own = line.len() - line.trim_start().len();
        if line.trim().is_empty() {
            continue;
        }
        if own <= indent {
            break;
        }
        end = at + 1;
    }
    end
}

/// The text with more lines before the line of this number, from 0.
pub fn lines(text: &str, before: usize, more: &str) -> String {
    let mut out = String::with_capacity(text.len() + more.len() + 1);
    let mut rest = text.lines();
    for line in rest.by_ref().take(before) {
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(more);
    for line in rest {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a:\n  b: 1\n  # about c\n  c:\n    d: 2\n\n    e: 3\nf: 4\n";

    fn key(line: u32, column: u32) -> Place {
        Place::new("x.yaml", line, column, 1)
    }

    #[test]
    fn an_entry_ends_where_its_parent_goes_on() {
        assert_eq!(behind(TEXT, &key(2, 3)), 2);
        assert_eq!(behind(TEXT, &key(4, 3)), 7);
        assert_eq!(behind(TEXT, &key(1, 1)), 7);
        assert_eq!(behind(TEXT, &key(8, 1)), 8);
    }

    #[test]
    fn lines_are_put_between_others() {
        assert_eq!(lines("a\nb\n", 1, "x\n"), "a\nx\nb\n");
        assert_eq!(lines("a", 1, "x\n"), "a\nx\n");
    }
}
