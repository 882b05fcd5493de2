//! Names that may stand in an address.

use std::collections::BTreeSet;

/// Gives names that may stand in an address, each once.
#[derive(Default)]
pub struct Anchors(BTreeSet<String>);

impl Anchors {
    /// A name for this text: letters and digits stay, everything else becomes a sign that needs no escape.
    pub fn give(&mut self, text: &str) -> String {
        let plain = plain(text);
        let mut name = plain.clone();
        let mut count = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{plain}-{count}");
            count += 1;
        }
        name
    }
}

/// A text as a name that may stand in an address. Different texts may get the same.
pub fn plain(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => name.push(character),
            '/' | '.' => name.push('.'),
            _ if name.is_empty() || name.ends_with(['-', '.']) => {}
            _ => name.push('-'),
        }
    }
    let trimmed = name.trim_end_matches('-');
    if trimmed.is_empty() { "x".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Anchors;

    #[test]
    fn paths_become_names_of_their_own() {
        let mut anchors = Anchors::default();
        assert_eq!(anchors.give("Name/@Type"), "Name.Type");
        assert_eq!(anchors.give("Name/Type"), "Name.Type-2");
        assert_eq!(anchors.give("PhoneNumber[@Type=0096]/Number"), "PhoneNumber-Type-0096-.Number");
        assert_eq!(anchors.give("\u{e4}"), "x");
    }
}
