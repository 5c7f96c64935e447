//! Paths, while they are followed: persistent, so that a fork remembers one by pointing at it.

use std::rc::Rc;

use crate::value::Value;

/// One key of a path, and the keys before it.
#[derive(Debug)]
struct Step {
    key: Value,
    before: Option<Rc<Step>>,
    length: usize,
}

impl Drop for Step {
    fn drop(&mut self) {
        // A path may be longer than the stack is deep.
        let mut before = self.before.take();
        while let Some(mut step) = before.and_then(|step| Rc::try_unwrap(step).ok()) {
            before = step.before.take();
        }
    }
}

/// The path of one `path(...)`: the keys so far, and the value they lead to.
#[derive(Clone, Debug)]
pub(super) struct Track {
    last: Option<Rc<Step>>,
    value: Value,
    /// Operands that are being evaluated: no paths are followed in there.
    nest: u32,
    outer: Option<Rc<Track>>,
}

impl Track {
    /// Begins at a value.
    pub(super) fn new(value: Value, outer: Option<Rc<Self>>) -> Self {
        Self { last: None, value, nest: 0, outer }
    }

    /// The path around this one.
    pub(super) fn outer(&self) -> Option<Rc<Self>> {
        self.outer.clone()
    }

    /// Begins an operand.
    pub(super) fn enter(&mut self) {
        self.nest += 1;
    }

    /// Ends an operand.
    pub(super) fn leave(&mut self) {
        self.nest = self.nest.saturating_sub(1);
    }

    /// Whether the path leads to this value, or does not matter here.
    pub(super) fn leads_to(&self, value: &Value) -> bool {
        self.nest > 0 || self.value.is_same(value)
    }

    /// Follows a key to a value.
    pub(super) fn follow(&mut self, key: Value, value: Value) {
        if self.nest == 0 {
            let length = self.last.as_ref().map_or(0, |step| step.length) + 1;
            self.last = Some(Rc::new(Step { key, before: self.last.take(), length }));
            self.value = value;
        }
    }

    /// The keys.
    pub(super) fn path(&self) -> Value {
        let mut keys = vec![Value::Null; self.last.as_ref().map_or(0, |step| step.length)];
        let mut at = self.last.as_ref();
        for slot in keys.iter_mut().rev() {
            let Some(step) = at else { break };
            *slot = step.key.clone();
            at = step.before.as_ref();
        }
        Value::array(keys)
    }
}
