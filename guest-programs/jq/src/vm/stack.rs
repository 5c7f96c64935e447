//! The stacks of the machine: values, frames with their variables and closures, and forks. Values and frames are linked
//! lists in vectors: what a fork needs again stays where it is, and newer things come above.

use std::rc::Rc;

use super::track::Track;
use crate::value::Value;

/// No element.
pub(super) const NONE: u32 = u32::MAX;

/// A function with the frame it was made in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) function: u32,
    pub(super) frame: u32,
}

#[derive(Debug)]
struct Cell {
    value: Value,
    next: u32,
}

/// A call in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) return_to: u32,
    pub(super) caller: u32,
    /// The frame of the function around this one.
    pub(super) outer: u32,
    pub(super) variables: u32,
    pub(super) closures: u32,
}

/// What happens when the machine comes back to a fork.
#[derive(Debug)]
pub(super) enum Kind {
    /// Goes on here.
    Jump(u32),
    /// Catches errors and goes on here.
    Try(u32),
    /// Ends what a `Try` covers.
    TryEnd,
    /// Goes on here after an error, which is forgotten.
    Alternative(u32),
    /// Stops a `break` to this label.
    Label(usize),
    /// The next item of the container on top, then goes on here.
    Each(usize, u32),
    /// The next number below the limit, then goes on here.
    Range(f64, f64, u32),
}

/// A point to come back to.
#[derive(Debug)]
pub(super) struct Fork {
    pub(super) kind: Kind,
    top: u32,
    frame: u32,
    n_cells: u32,
    n_frames: u32,
    n_variables: u32,
    n_closures: u32,
    track: Option<Rc<Track>>,
}

/// All stacks.
#[derive(Debug)]
pub(super) struct Stacks {
    cells: Vec<Cell>,
    top: u32,
    frames: Vec<Frame>,
    pub(super) frame: u32,
    variables: Vec<Value>,
    closures: Vec<Bound>,
    pub(super) forks: Vec<Fork>,
    pub(super) track: Option<Rc<Track>>,
}

/// Calls, values and forks at a time: a program that recurses without end stops here with some 200 MB in use.
const FRAMES_MAX: usize = 1 << 20;
const CELLS_MAX: usize = 1 << 22;
const FORKS_MAX: usize = 1 << 20;

/// A vector's length as a position.
#[expect(clippy::cast_possible_truncation, reason = "the maxima are far below 2^32")]
fn position(length: usize) -> u32 {
    length as u32
}

impl Stacks {
    pub(super) fn new() -> Self {
        Self {
            cells: Vec::new(),
            top: NONE,
            frames: Vec::new(),
            frame: NONE,
            variables: Vec::new(),
            closures: Vec::new(),
            forks: Vec::new(),
            track: None,
        }
    }

    /// Whether no more fits.
    pub(super) fn is_full(&self) -> bool {
        self.frames.len() >= FRAMES_MAX || self.cells.len() >= CELLS_MAX || self.forks.len() >= FORKS_MAX
    }

    pub(super) fn push(&mut self, value: Value) {
        self.cells.push(Cell { value, next: self.top });
        self.top = position(self.cells.len() - 1);
    }

    /// Takes the top; null when there is none.
    pub(super) fn pop(&mut self) -> Value {
        let at = self.top as usize;
        let kept = self.forks.last().map_or(0, |fork| fork.n_cells as usize);
        if at < kept {
            let Some(cell) = self.cells.get(at) else { return Value::Null };
            self.top = cell.next;
            return cell.value.clone();
        }
        // No fork needs what lies above: nothing leads there any more.
        self.cells.truncate(at + 1);
        let Some(cell) = self.cells.pop() else { return Value::Null };
        self.top = cell.next;
        cell.value
    }

    /// The top.
    pub(super) fn peek(&self) -> &Value {
        self.cells.get(self.top as usize).map_or(&Value::Null, |cell| &cell.value)
    }

    /// A frame some levels out.
    fn frame_at(&self, level: u16) -> u32 {
        let mut at = self.frame;
        for _ in 0..level {
            at = self.frames.get(at as usize).map_or(NONE, |frame| frame.outer);
        }
        at
    }

    pub(super) fn variable(&mut self, level: u16, index: u16) -> Option<&mut Value> {
        let at = self.frame_at(level);
        let base = self.frames.get(at as usize)?.variables as usize;
        self.variables.get_mut(base + usize::from(index))
    }

    pub(super) fn closure(&self, level: u16, index: u16) -> Bound {
        let frame = self.frames.get(self.frame_at(level) as usize);
        let at = frame.map(|frame| frame.closures as usize + usize::from(index));
        at.and_then(|at| self.closures.get(at)).copied().unwrap_or(Bound { function: 0, frame: NONE })
    }

    /// A function bound to the frame some levels out.
    pub(super) fn bind(&self, function: u32, level: u16) -> Bound {
        Bound { function, frame: self.frame_at(level) }
    }

    /// Begins a call.
    pub(super) fn enter(&mut self, return_to: u32, caller: u32, outer: u32, n_variables: u16, args: &[Bound]) {
        let frame = Frame {
            return_to,
            caller,
            outer,
            variables: position(self.variables.len()),
            closures: position(self.closures.len()),
        };
        self.variables.resize(self.variables.len() + usize::from(n_variables), Value::Null);
        self.closures.extend_from_slice(args);
        self.frames.push(frame);
        self.frame = position(self.frames.len() - 1);
    }

    /// Ends the current call; what it was.
    pub(super) fn leave(&mut self) -> Option<Frame> {
        let at = self.frame as usize;
        let frame = *self.frames.get(at)?;
        let kept = self.forks.last().map_or(0, |fork| fork.n_frames as usize);
        if at >= kept {
            self.frames.truncate(at);
            let forks = self.forks.last();
            let (variables, closures) = forks.map_or((0, 0), |fork| (fork.n_variables, fork.n_closures));
            self.variables.truncate(frame.variables.max(variables) as usize);
            self.closures.truncate(frame.closures.max(closures) as usize);
        }
        self.frame = frame.caller;
        Some(frame)
    }

    pub(super) fn fork(&mut self, kind: Kind) {
        self.forks.push(Fork {
            kind,
            top: self.top,
            frame: self.frame,
            n_cells: position(self.cells.len()),
            n_frames: position(self.frames.len()),
            n_variables: position(self.variables.len()),
            n_closures: position(self.closures.len()),
            track: self.track.clone(),
        });
    }

    /// Restores the state of the last fork, which stays.
    pub(super) fn restore(&mut self) {
        if let Some(fork) = self.forks.last() {
            self.cells.truncate(fork.n_cells as usize);
            self.frames.truncate(fork.n_frames as usize);
            self.variables.truncate(fork.n_variables as usize);
            self.closures.truncate(fork.n_closures as usize);
            (self.top, self.frame) = (fork.top, fork.frame);
            self.track.clone_from(&fork.track);
        }
    }
}
