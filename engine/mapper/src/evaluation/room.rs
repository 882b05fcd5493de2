//! Room that is used again and again, and what a `return` leaves in it.

use super::Evaluation;
use super::condition::not_a_condition;
use crate::fault::{Outcome, Step, Stop};
use crate::value::Value;

impl Evaluation {
    /// A frame of locals, all absent.
    pub fn frame(&self, locals: u16) -> Vec<Value> {
        let mut frame = self.frames.borrow_mut().pop().unwrap_or_default();
        frame.resize(usize::from(locals), Value::Absent);
        frame
    }

    /// Gives a frame back.
    pub fn done(&self, mut frame: Vec<Value>) {
        frame.clear();
        self.frames.borrow_mut().push(frame);
    }

    /// Room for indexes of rows.
    pub(super) fn indexes(&self) -> Vec<u32> {
        self.indexes.borrow_mut().pop().unwrap_or_default()
    }

    /// Gives room for indexes back.
    pub(super) fn put_away(&self, mut indexes: Vec<u32>) {
        indexes.clear();
        self.indexes.borrow_mut().push(indexes);
    }

    /// What a step came to, where a `return` ends here.
    ///
    /// # Errors
    /// Why it came to nothing.
    #[inline]
    pub fn settled(&self, step: Step<Value>) -> Outcome {
        match step {
            Ok(value) => Ok(value),
            Err(Stop::Return) => Ok(self.returned.replace(Value::Absent)),
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }

    /// What a condition came to, where a `return` ends here.
    pub(crate) fn settled_condition(&self, step: Step<bool>) -> Step<bool> {
        match step {
            Err(Stop::Return) => match self.returned.replace(Value::Absent) {
                Value::Bool(yes) => Ok(yes),
                _ => not_a_condition(),
            },
            step => step,
        }
    }
}
