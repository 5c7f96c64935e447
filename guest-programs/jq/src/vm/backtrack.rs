//! Going back: to the next alternative, or, after an error, to what catches it.

use super::machine::Machine;
use super::stack::Kind;
use crate::message::Failure;
use crate::value::Value;

impl Machine<'_> {
    /// Goes back to a fork that goes on; false when there is none.
    ///
    /// # Errors
    ///
    /// The failure, when nothing stops it.
    pub(super) fn backtrack(&mut self, mut raised: Option<Failure>) -> Result<bool, Failure> {
        // Ends of `try` that the failure passed: their beginnings must not catch it.
        let mut passed = 0_usize;
        loop {
            self.stacks.restore();
            let Some(fork) = self.stacks.forks.last_mut() else { return raised.map_or(Ok(false), Err) };
            if raised.is_none() {
                match &mut fork.kind {
                    Kind::Each(..) => {
                        if self.next_item() {
                            return Ok(true);
                        }
                        continue;
                    }
                    Kind::Range(..) => {
                        if self.next_number() {
                            return Ok(true);
                        }
                        continue;
                    }
                    Kind::Jump(to) => {
                        self.at = *to;
                        self.stacks.forks.pop();
                        return Ok(true);
                    }
                    _ => {
                        self.stacks.forks.pop();
                        continue;
                    }
                }
            }
            let Some(fork) = self.stacks.forks.pop() else { continue };
            match (fork.kind, &mut raised) {
                (Kind::TryEnd, Some(Failure::Error(_))) => passed += 1,
                (Kind::Try(_), Some(Failure::Error(_))) if passed > 0 => passed -= 1,
                (Kind::Try(handler), Some(Failure::Error(value))) => {
                    let value = std::mem::replace(value, Value::Null);
                    self.stacks.pop();
                    self.stacks.push(value);
                    self.at = handler;
                    return Ok(true);
                }
                (Kind::Alternative(next), Some(Failure::Error(_))) => {
                    self.at = next;
                    return Ok(true);
                }
                (Kind::Label(label), Some(Failure::Break(to))) if label == *to => raised = None,
                _ => {}
            }
        }
    }

    /// The next item of a container that is iterated; drops the fork with the last one.
    fn next_item(&mut self) -> bool {
        let container = self.stacks.peek();
        let Some(fork) = self.stacks.forks.last() else { return false };
        let Kind::Each(index, to) = fork.kind else { return false };
        let (item, length) = item_at(container, index);
        let Some((key, value)) = item else {
            self.stacks.forks.pop();
            return false;
        };
        if index + 1 < length {
            if let Some(fork) = self.stacks.forks.last_mut() {
                fork.kind = Kind::Each(index + 1, to);
            }
        } else {
            self.stacks.forks.pop();
        }
        self.stacks.pop();
        self.follow(key, &value);
        self.stacks.push(value);
        self.at = to;
        true
    }

    fn next_number(&mut self) -> bool {
        let Some(fork) = self.stacks.forks.last_mut() else { return false };
        let Kind::Range(next, limit, to) = fork.kind else { return false };
        if next + 1.0 < limit {
            fork.kind = Kind::Range(next + 1.0, limit, to);
        } else {
            self.stacks.forks.pop();
        }
        self.stacks.push(Value::Num(next));
        self.at = to;
        true
    }
}

/// The item at a position with its key, and how many there are.
fn item_at(container: &Value, index: usize) -> (Option<(Value, Value)>, usize) {
    match container {
        Value::Arr(items) => (items.get(index).map(|item| (Value::count(index), item.clone())), items.len()),
        Value::Obj(map) => {
            let member = map.at(index).map(|(key, value)| (Value::Str(key.clone()), value.clone()));
            (member, map.len())
        }
        _ => (None, 0),
    }
}
