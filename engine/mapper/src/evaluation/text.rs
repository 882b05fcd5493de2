//! Texts, written where they are wanted: what a text is put together of needs no text of its own.

use rulebook::plan::{Arithmetic, Body, Expr, Op, Statement};
use rulebook::types::Kind;

use super::Evaluation;
use crate::fault::{Fault, Step, Stop};
use crate::natives;
use crate::value::Value;

impl Evaluation {
    /// Texts put together. A chain of them becomes one text at once, and not a longer one at each `+`.
    #[inline(never)]
    pub(super) fn concatenated(&self, a: &Expr, b: &Expr, frame: &mut [Value]) -> Step<Value> {
        let mut joined = self.making.borrow_mut().pop().unwrap_or_default();
        let put = self.put_both(a, b, frame, &mut joined);
        let text = put.map(|()| Value::text(&joined));
        joined.clear();
        self.making.borrow_mut().push(joined);
        text
    }

    fn put_both(&self, a: &Expr, b: &Expr, frame: &mut [Value], out: &mut String) -> Step<()> {
        for part in [a, b] {
            if !self.put_text(part, frame, out)? {
                return Err(Fault::Data("something that it is made of is missing").into());
            }
        }
        Ok(())
    }

    /// Writes what a body gives, if it is a text: whether there is one. None where that is better done by a value.
    pub(crate) fn text_of(&self, body: &Body, frame: &mut Vec<Value>, out: &mut String) -> Option<Step<bool>> {
        let made = matches!(
            body.expr.op,
            Op::Arithmetic(Arithmetic::Concatenate, ..) | Op::Call(..) | Op::Shared(..) | Op::Coalesce(_)
        );
        if !made || body.expr.ty.kind != Kind::Text || self.watched.get() {
            return None;
        }
        if frame.len() < usize::from(body.locals) {
            frame.resize(usize::from(body.locals), Value::Absent);
        }
        Some(self.put_settled(&body.expr, frame, out))
    }

    /// Writes the text of a step at which a `return` ends.
    fn put_settled(&self, expr: &Expr, frame: &mut [Value], out: &mut String) -> Step<bool> {
        let begun = out.len();
        match self.put_text(expr, frame, out) {
            Err(Stop::Return) => {
                out.truncate(begun);
                let value = self.settled(Err(Stop::Return)).map_err(Stop::Fault)?;
                self.put_value(&value, out)
            }
            put => put,
        }
    }

    /// Writes the text that a step gives. False where it gives nothing; then nothing was written.
    fn put_text(&self, expr: &Expr, frame: &mut [Value], out: &mut String) -> Step<bool> {
        match &expr.op {
            Op::Arithmetic(Arithmetic::Concatenate, a, b) => {
                self.put_both(a, b, frame, out)?;
                Ok(true)
            }
            // Whoever watches sees every step taken in full.
            _ if self.watched.get() => self.put_evaluated(expr, frame, out),
            Op::Coalesce(all) => {
                for inner in all {
                    if self.put_text(inner, frame, out)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Op::If(condition, then, otherwise) => {
                let holds = self.bool(condition, frame)?;
                self.put_text(if holds { then } else { otherwise }, frame, out)
            }
            Op::Block(statements) => match statements.split_last() {
                Some((Statement::Expr(last), before)) => {
                    self.run(before, frame)?;
                    self.put_text(last, frame, out)
                }
                _ => self.put_evaluated(expr, frame, out),
            },
            Op::Shared(body, arguments) => {
                let mut inner = self.frame(0);
                for argument in arguments {
                    inner.push(self.eval(argument, frame)?);
                }
                inner.resize(usize::from(body.locals).max(inner.len()), Value::Absent);
                let put = self.put_settled(&body.expr, &mut inner, out);
                self.done(inner);
                put
            }
            Op::Call(native, arguments) => match arguments.as_slice() {
                [one] if natives::puts(*native) => natives::put(self, *native, &[self.eval(one, frame)?], out),
                [one, two] if natives::puts(*native) => {
                    natives::put(self, *native, &[self.eval(one, frame)?, self.eval(two, frame)?], out)
                }
                _ => self.put_evaluated(expr, frame, out),
            },
            _ => match self.cell(expr, frame) {
                Some(graph::Cell::Text(text)) => {
                    out.push_str(text);
                    Ok(true)
                }
                Some(graph::Cell::Absent) => Ok(false),
                _ => self.put_evaluated(expr, frame, out),
            },
        }
    }

    fn run(&self, statements: &[Statement], frame: &mut [Value]) -> Step<()> {
        for statement in statements {
            match statement {
                Statement::Let(local, value) => frame[usize::from(*local)] = self.eval(value, frame)?,
                Statement::Expr(expr) => drop(self.eval(expr, frame)?),
            }
        }
        Ok(())
    }

    fn put_evaluated(&self, expr: &Expr, frame: &mut [Value], out: &mut String) -> Step<bool> {
        let value = self.eval(expr, frame)?;
        self.put_value(&value, out)
    }

    fn put_value(&self, value: &Value, out: &mut String) -> Step<bool> {
        match value {
            Value::Text(text) => {
                out.push_str(self.str(text));
                Ok(true)
            }
            Value::Absent => Ok(false),
            _ => Err(Fault::Operation("arithmetic on something that is no number").into()),
        }
    }
}
