//! Marks: whole numbers, percentages and letters.

use std::borrow::Cow;

use graph::Decimal;

use super::directory::District;
use crate::hand_written::xml::{Shown, Text, Xml};

pub enum Mark<'g> {
    Numeric(i64),
    Percentage(Decimal),
    Letter(Cow<'g, str>),
}

impl<'g> Mark<'g> {
    pub fn of(score: Option<&'g str>, percent: Option<Decimal>) -> Option<Self> {
        let whole = score.and_then(|score| score.trim().parse::<i64>().ok());
        if let Some(whole) = whole.filter(|whole| (0..=i64::from(u32::MAX)).contains(whole)) {
            return Some(Self::Numeric(whole));
        }
        let number = match score {
            Some(score) => number(score),
            None => percent,
        };
        if let Some(number) = number.filter(|number| *number >= Decimal::ZERO && *number <= Decimal::ONE_HUNDRED) {
            return Some(Self::Percentage(number));
        }
        match score {
            Some(score) => Some(Self::Letter(Cow::Borrowed(score))),
            None => percent.map(|percent| Self::Letter(Cow::Owned(percent.normalize().to_string()))),
        }
    }

    pub fn letter(&self) -> Option<&str> {
        match self {
            Self::Letter(letter) => Some(letter),
            _ => None,
        }
    }

    /// Writes the mark with the RefId of the set of scores that lists it.
    pub fn write(&self, district: &District, group: Option<u32>, xml: &mut impl Xml) {
        let group = group.map_or(&district.transcript, |group| &district.groups[group as usize]);
        xml.begin("MarkData");
        xml.attribute("MarkValueInfoDataRefId", Text(group));
        xml.within();
        match self {
            Self::Numeric(number) => xml.number("Numeric", *number),
            Self::Percentage(number) => xml.element("Percentage", Shown(number.normalize())),
            Self::Letter(letter) => xml.leaf("Letter", letter),
        }
        xml.end("MarkData");
    }
}

pub fn number(score: &str) -> Option<Decimal> {
    Decimal::from_str_exact(score.trim()).ok()
}
