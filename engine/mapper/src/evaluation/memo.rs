//! What facts have given, by row. Each outcome is written once, so that it is read where it stands.

use std::cell::OnceCell;

use crate::fault::Outcome;

/// Rows of a page.
const PAGE: usize = 16;

/// Pages that are kept for the next batch, of all facts together. With what stands in it a page takes less than a kilobyte.
const KEPT_PAGES: usize = if cfg!(test) { 4 } else { 1 << 14 };

type Page = [OnceCell<Outcome>; PAGE];

/// What a fact has given, by row.
pub(super) enum Memo {
    /// Of students' rows: a batch asks for most of those that it has.
    Whole(Vec<OnceCell<Outcome>>),
    /// Of the organisation's rows: a state has very many, and a batch asks for few of them.
    Paged(Vec<OnceCell<Box<Page>>>),
}

impl Memo {
    /// For so many rows of the organisation.
    pub fn paged(rows: usize) -> Self {
        Self::Paged((0..rows.div_ceil(PAGE)).map(|_| OnceCell::new()).collect())
    }

    /// For so many rows of students, in the room that an earlier graph has left.
    pub fn whole(mut room: Vec<OnceCell<Outcome>>, rows: usize) -> Self {
        room.resize_with(rows, OnceCell::new);
        Self::Whole(room)
    }

    /// What the fact has given of a row, if it is known.
    #[inline]
    pub fn get(&self, row: u32) -> Option<&Outcome> {
        let row = row as usize;
        match self {
            Self::Whole(cells) => cells[row].get(),
            Self::Paged(pages) => pages[row / PAGE].get()?[row % PAGE].get(),
        }
    }

    /// Keeps what the fact has given of a row; what was known of it before stays.
    pub fn put(&self, row: u32, outcome: Outcome) -> &Outcome {
        let row = row as usize;
        let cell = match self {
            Self::Whole(cells) => &cells[row],
            Self::Paged(pages) => &pages[row / PAGE].get_or_init(Box::default)[row % PAGE],
        };
        cell.get_or_init(|| outcome)
    }

    /// How many pages are in use.
    fn pages(&self) -> usize {
        match self {
            Self::Whole(_) => 0,
            Self::Paged(pages) => pages.iter().filter(|page| page.get().is_some()).count(),
        }
    }
}

/// Whether so much is known that it is better found anew, where it is needed, than kept.
pub(super) fn is_too_much<'m>(all: impl Iterator<Item = &'m Memo>) -> bool {
    all.map(Memo::pages).sum::<usize>() > KEPT_PAGES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn what_was_put_is_there_and_the_first_stays() {
        for memo in [Memo::paged(40), Memo::whole(Vec::new(), 40)] {
            for row in [0, 15, 16, 39] {
                assert!(memo.get(row).is_none());
                memo.put(row, Ok(Value::Int(i64::from(row))));
                memo.put(row, Ok(Value::Absent));
            }
            let is_own =
                |row: &u32| matches!(memo.get(*row), Some(Ok(Value::Int(number))) if *number == i64::from(*row));
            assert_eq!((0..40).filter(is_own).collect::<Vec<_>>(), [0, 15, 16, 39]);
            assert_eq!((0..40).filter(|row| memo.get(*row).is_some()).count(), 4);
        }
    }

    #[test]
    fn much_is_what_has_many_pages() {
        let memos = [Memo::paged(1000), Memo::paged(1000), Memo::whole(Vec::new(), 1000)];
        let put = |page: u32| memos[page as usize % 2].put(page * 16 + page, Ok(Value::Absent));
        (0..4).for_each(|page| drop(put(page).clone()));
        memos[2].put(999, Ok(Value::Absent));
        assert!(!is_too_much(memos.iter()));
        let _fifth = put(4);
        assert!(is_too_much(memos.iter()));
    }
}
