//! PostgreSQL's `COPY … TO STDOUT` text format: a line a row, tabs between cells, `\N` for nothing, backslash escapes.

use crate::database::{Cells, Raw};

/// Cuts a stream of chunks into lines and lines into cells.
#[derive(Default)]
pub(crate) struct CopyLines {
    /// The start of a line whose end has not come yet.
    partial: Vec<u8>,
    line: CopyLine,
}

impl CopyLines {
    /// Gives every line that `chunk` completes to `take`.
    pub(crate) fn feed<E>(
        &mut self,
        mut chunk: &[u8],
        mut take: impl FnMut(&dyn Cells) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            if self.partial.is_empty() {
                self.line.split(&chunk[..end]);
            } else {
                self.partial.extend_from_slice(&chunk[..end]);
                let line = std::mem::take(&mut self.partial);
                self.line.split(&line);
                self.partial = line;
                self.partial.clear();
            }
            take(&self.line)?;
            chunk = &chunk[end + 1..];
        }
        self.partial.extend_from_slice(chunk);
        Ok(())
    }
}

/// One line, unescaped.
#[derive(Default)]
struct CopyLine {
    bytes: Vec<u8>,
    /// Where each cell ends in `bytes`, and whether it is NULL.
    ends: Vec<(usize, bool)>,
}

impl CopyLine {
    fn split(&mut self, line: &[u8]) {
        self.bytes.clear();
        self.ends.clear();
        let mut rest = line;
        loop {
            let stop = rest.iter().position(|byte| matches!(byte, b'\t' | b'\\')).unwrap_or(rest.len());
            self.bytes.extend_from_slice(&rest[..stop]);
            match rest.get(stop) {
                None => break,
                Some(b'\t') => {
                    self.ends.push((self.bytes.len(), false));
                    rest = &rest[stop + 1..];
                }
                Some(_) => {
                    let start = self.ends.last().map_or(0, |(end, _)| *end);
                    let is_whole_cell = self.bytes.len() == start && matches!(rest.get(stop + 2), None | Some(b'\t'));
                    if is_whole_cell && rest.get(stop + 1) == Some(&b'N') {
                        self.ends.push((start, true));
                        match rest.get(stop + 3..) {
                            Some(after) if rest.len() > stop + 2 => rest = after,
                            _ => return,
                        }
                    } else {
                        rest = self.escape(&rest[stop + 1..]);
                    }
                }
            }
        }
        self.ends.push((self.bytes.len(), false));
    }

    /// Takes an escape, of which `rest` is what follows the backslash; gives what follows the escape.
    fn escape<'r>(&mut self, rest: &'r [u8]) -> &'r [u8] {
        let Some(first) = rest.first() else {
            return rest;
        };
        let byte = match first {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            // The server never writes numeric escapes, but the format has them.
            b'0'..=b'7' => return self.number(rest, 3, 8),
            b'x' if rest.get(1).is_some_and(u8::is_ascii_hexdigit) => return self.number(&rest[1..], 2, 16),
            other => *other,
        };
        self.bytes.push(byte);
        &rest[1..]
    }

    fn number<'r>(&mut self, rest: &'r [u8], most: usize, radix: u32) -> &'r [u8] {
        let digits = rest.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value = rest[..digits]
            .iter()
            .fold(0_u32, |value, byte| value * radix + char::from(*byte).to_digit(radix).unwrap_or(0));
        self.bytes.push(value.to_le_bytes()[0]);
        &rest[digits..]
    }
}

impl Cells for CopyLine {
    fn cell(&self, at: usize) -> Raw<'_> {
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).map_or(0, |(end, _)| *end),
        };
        match self.ends.get(at) {
            Some((end, false)) => Raw::Text(&self.bytes[start..*end]),
            Some((_, true)) | None => Raw::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(chunks: &[&str], count: usize) -> Vec<Vec<Option<String>>> {
        let mut lines = CopyLines::default();
        let mut rows = Vec::new();
        for chunk in chunks {
            lines
                .feed(chunk.as_bytes(), |cells| -> Result<(), ()> {
                    rows.push(
                        (0..count)
                            .map(|at| match cells.cell(at) {
                                Raw::Text(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
                                _ => None,
                            })
                            .collect(),
                    );
                    Ok(())
                })
                .unwrap();
        }
        rows
    }

    fn row(cells: &[Option<&str>]) -> Vec<Option<String>> {
        cells.iter().map(|cell| cell.map(str::to_owned)).collect()
    }

    #[test]
    fn nulls_empties_and_escapes() {
        let got = cells(&["1\t\\N\t\tx\\ty\\\\N\\n\n\\N\t\\\\N\ta\\N\t\\x41\\101\\q\n"], 4);
        assert_eq!(got[0], row(&[Some("1"), None, Some(""), Some("x\ty\\N\n")]));
        assert_eq!(got[1], row(&[None, Some("\\N"), Some("aN"), Some("AAq")]));
        assert_eq!(cells(&["\\N\n"], 1), [row(&[None])]);
        assert_eq!(cells(&["a\t\\N\n"], 2), [row(&[Some("a"), None])]);
        assert_eq!(cells(&["\\N\t\n"], 2), [row(&[None, Some("")])]);
        assert_eq!(cells(&["\n"], 1), [row(&[Some("")])]);
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        let got = cells(&["1\ta", "b\\", "n\n2", "\tc\n"], 2);
        assert_eq!(got, [row(&[Some("1"), Some("ab\n")]), row(&[Some("2"), Some("c")])]);
    }
}
