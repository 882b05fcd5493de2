//! Compares whole instances, element by element.

use std::sync::Arc;

/// The lines around the first difference of two texts; nothing, if they are equal.
#[must_use]
pub fn difference(expected: &str, actual: &str) -> Option<(String, String)> {
    if expected == actual {
        return None;
    }
    let common = expected.lines().zip(actual.lines()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        let lines: Vec<String> = text.lines().skip(common).take(12).map(|line| format!("  {line}")).collect();
        format!("from line {}:\n{}", common + 1, lines.join("\n"))
    };
    Some((from(expected), from(actual)))
}

/// Elements one a line, indented, so that they can be compared and shown.
pub fn pretty(xml: &str) -> Result<String, String> {
    let wrapped = format!(
        "<SIF_ObjectData xmlns=\"{}\" xmlns:xsi=\"{}\">{xml}</SIF_ObjectData>",
        sif::NAMESPACE,
        sif::INSTANCE_NAMESPACE
    );
    let names = Arc::new(sif::tree::Names::new());
    let tree = sif::xml::read::read(wrapped.as_bytes(), &names).map_err(|error| error.to_string())?;
    let mut out = String::new();
    if let Some(root) = tree.root() {
        for child in root.children() {
            print(child, 0, &mut out);
        }
    }
    Ok(out)
}

fn print(element: sif::tree::Element<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    out.push_str(&format!("{indent}<{}", element.name()));
    for (name, value) in element.attributes() {
        out.push_str(&format!(" {name}=\"{value}\""));
    }
    if element.is_nil() {
        out.push_str(" xsi:nil=\"true\"");
    }
    out.push('>');
    let children: Vec<_> = element.children().collect();
    if children.is_empty() {
        out.push_str(element.text().trim());
        out.push('\n');
        return;
    }
    out.push('\n');
    for child in children {
        print(child, depth + 1, out);
    }
}

