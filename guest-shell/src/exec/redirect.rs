//! Redirections: from the tree to what happens to which descriptor, done for good, undone later, or only planned for
//! a child.
//!
//! A program's redirections never touch the shell's own descriptors: they become the child's descriptor map.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::sys::{Errno, Fd, FdMapping, FileKind, OpenFlags};
use crate::tree::{Place, Redirect, RedirectFd, Side, Target, Word};

/// The lowest number for descriptors the shell opens for itself and for `{name}>`.
pub(crate) const FD_PRIVATE: Fd = 10;

/// What one redirection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// `fd` becomes what `from` is; `from` was opened for this and closes afterwards.
    Take { fd: Fd, from: Fd },
    /// `fd` becomes what `from` is.
    Copy { fd: Fd, from: Fd },
    /// `fd` closes.
    Close { fd: Fd },
}

/// Descriptors as they were, innermost change last; `None`: it was closed.
#[derive(Default)]
pub(crate) struct SavedFds {
    entries: Vec<(Fd, Option<Fd>)>,
}

/// The descriptors of a child that is about to be spawned.
pub(crate) struct FdPlan {
    /// The child's numbers and ours.
    pub(crate) fds: Vec<FdMapping>,
    /// What was opened for the child alone and closes after the spawn.
    opened: Vec<Fd>,
}

impl FdPlan {
    /// Makes `child` what `parent` is here.
    pub(crate) fn set(&mut self, child: Fd, parent: Fd) {
        self.clear(child);
        self.fds.push(FdMapping { child, parent });
    }

    fn clear(&mut self, child: Fd) {
        self.fds.retain(|map| map.child != child);
    }

    fn parent_of(&self, child: Fd) -> Option<Fd> {
        self.fds.iter().find(|map| map.child == child).map(|map| map.parent)
    }
}

impl Shell {
    /// Marks a descriptor as the evaluator's own: programs do not get it.
    pub(crate) fn keep_private(&mut self, fd: Fd) -> Fd {
        Rc::make_mut(&mut self.exec.internal_fds).insert(fd);
        fd
    }

    /// Closes one of the evaluator's own descriptors.
    pub(crate) fn close_private(&mut self, fd: Fd) {
        if self.exec.internal_fds.contains(&fd) {
            Rc::make_mut(&mut self.exec.internal_fds).remove(&fd);
        }
        let _ = self.sys.close(fd);
    }

    /// The map a child inherits when nothing is redirected: all but the evaluator's own.
    pub(crate) fn inherited_fds(&self) -> FdPlan {
        let all = self.sys.open_fds();
        let inherited = all.into_iter().filter(|fd| !self.exec.internal_fds.contains(fd));
        FdPlan { fds: inherited.map(|fd| FdMapping { child: fd, parent: fd }).collect(), opened: Vec::new() }
    }

    /// Adds redirections to a child's map. False when one failed (told already).
    pub(crate) fn plan_redirects(&mut self, plan: &mut FdPlan, redirects: &[Redirect]) -> Flow<bool> {
        for redirect in redirects {
            let Some(steps) = self.resolve_redirect(redirect)? else { return Ok(false) };
            for step in steps.into_iter().flatten() {
                match step {
                    Step::Take { fd, from } => {
                        plan.set(fd, from);
                        plan.opened.push(self.keep_private(from));
                    }
                    Step::Copy { fd, from } => match plan.parent_of(from) {
                        Some(parent) => plan.set(fd, parent),
                        None => {
                            return Ok(self.redirect_failed(&source_name(redirect, from), Errno::EBADF));
                        }
                    },
                    Step::Close { fd } => plan.clear(fd),
                }
            }
        }
        Ok(true)
    }

    /// Closes what a plan opened.
    pub(crate) fn drop_plan(&mut self, plan: &FdPlan) {
        for fd in &plan.opened {
            self.close_private(*fd);
        }
    }

    /// Redirects this shell and remembers how it was. `None` when one failed (told and undone).
    pub(crate) fn redirect_saving(&mut self, redirects: &[Redirect]) -> Flow<Option<SavedFds>> {
        let mut saved = SavedFds::default();
        for redirect in redirects {
            let steps = match self.resolve_redirect(redirect) {
                Ok(steps) => steps,
                Err(unwind) => {
                    self.restore_redirects(saved);
                    return Err(unwind);
                }
            };
            let done = match steps {
                Some(steps) => steps.into_iter().flatten().all(|step| self.take_step(step, redirect, Some(&mut saved))),
                None => false,
            };
            if !done {
                self.restore_redirects(saved);
                return Ok(None);
            }
        }
        Ok(Some(saved))
    }

    /// Redirects this shell for good (`exec >file`). False when one failed (told already).
    pub(crate) fn redirect_for_good(&mut self, redirects: &[Redirect]) -> Flow<bool> {
        for redirect in redirects {
            let Some(steps) = self.resolve_redirect(redirect)? else { return Ok(false) };
            if !steps.into_iter().flatten().all(|step| self.take_step(step, redirect, None)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Puts descriptors back.
    pub(crate) fn restore_redirects(&mut self, saved: SavedFds) {
        for (fd, copy) in saved.entries.into_iter().rev() {
            match copy {
                Some(copy) => {
                    let _ = self.sys.dup2(copy, fd);
                    self.close_private(copy);
                }
                None => {
                    let _ = self.sys.close(fd);
                }
            }
        }
    }

    fn take_step(&mut self, step: Step, redirect: &Redirect, saved: Option<&mut SavedFds>) -> bool {
        let (Step::Take { fd, .. } | Step::Copy { fd, .. } | Step::Close { fd }) = step;
        if let Step::Copy { fd, from } = step
            && fd == from
        {
            return match self.sys.fd_stat(fd) {
                Ok(_) => true,
                Err(error) => self.redirect_failed(&source_name(redirect, fd), error),
            };
        }
        if let Some(saved) = saved {
            match step {
                // `{name}>` made a new descriptor, which stays unless an option says otherwise.
                Step::Take { fd, from } if fd == from => {
                    if self.is_shopt(ShellOption::VarRedirClose) {
                        saved.entries.push((fd, None));
                    }
                    return true;
                }
                _ => {
                    // The copy must not take the number that the redirection is about to name.
                    let least = match step {
                        Step::Copy { from, .. } => FD_PRIVATE.max(from + 1),
                        _ => FD_PRIVATE,
                    };
                    let copy = self.sys.dup(fd, least).ok().map(|copy| self.keep_private(copy));
                    saved.entries.push((fd, copy));
                }
            }
        }
        match step {
            Step::Take { fd, from } if fd == from => true,
            Step::Take { fd, from } => {
                let done = self.sys.dup2(from, fd);
                let _ = self.sys.close(from);
                done.is_ok() || self.redirect_failed(fd.to_string().as_bytes(), Errno::EBADF)
            }
            Step::Copy { fd, from } => match self.sys.dup2(from, fd) {
                Ok(()) => true,
                Err(error) => self.redirect_failed(&source_name(redirect, from), error),
            },
            Step::Close { fd } => {
                let _ = self.sys.close(fd);
                true
            }
        }
    }

    fn redirect_failed(&mut self, name: &[u8], error: Errno) -> bool {
        self.report(&[name, b": ", error.text().as_bytes()].concat());
        false
    }

    /// Expands and opens; answers what is to be done to the descriptors. `None`: it failed and was told.
    fn resolve_redirect(&mut self, redirect: &Redirect) -> Flow<Option<[Option<Step>; 2]>> {
        if let RedirectFd::Variable(place) = &redirect.fd {
            return self.resolve_variable_redirect(place, &redirect.target);
        }
        let fd = match (&redirect.fd, &redirect.target) {
            (RedirectFd::Number(fd), _) => *fd,
            (_, target) => default_fd(target),
        };
        let explicit = matches!(redirect.fd, RedirectFd::Number(_));
        self.resolve_target(fd, explicit, &redirect.target)
    }

    fn resolve_target(&mut self, fd: Fd, explicit: bool, target: &Target) -> Flow<Option<[Option<Step>; 2]>> {
        match target {
            Target::Dup(_, from) => Ok(Some([Some(Step::Copy { fd, from: *from }), None])),
            Target::Move(_, from) => Ok(Some(moved(fd, *from))),
            Target::Close(_) => Ok(Some([Some(Step::Close { fd }), None])),
            Target::DupWord(side, word) => self.resolve_dup_word(fd, explicit, *side, word),
            Target::Both(_) | Target::BothAppend(_) => {
                let opened = self.open_target(target)?;
                Ok(opened.map(|from| [Some(Step::Take { fd: 1, from }), Some(Step::Copy { fd: 2, from: 1 })]))
            }
            _ => {
                let opened = self.open_target(target)?;
                Ok(opened.map(|from| [Some(Step::Take { fd, from }), None]))
            }
        }
    }

    /// `<&word`, `>&word`: digits, `-`, or (for `>&` without a number) a file for both outputs.
    fn resolve_dup_word(&mut self, fd: Fd, explicit: bool, side: Side, word: &Word) -> Flow<Option<[Option<Step>; 2]>> {
        let Some(text) = self.redirect_word(word)? else { return Ok(None) };
        if text == b"-" {
            return Ok(Some([Some(Step::Close { fd }), None]));
        }
        let (digits, closes) = match text.strip_suffix(b"-") {
            Some(digits) => (digits, true),
            None => (text.as_slice(), false),
        };
        let number = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(from) = number.and_then(|text| text.parse::<Fd>().ok()) {
            return Ok(Some(if closes { moved(fd, from) } else { [Some(Step::Copy { fd, from }), None] }));
        }
        if side == Side::In || explicit {
            self.report(&[&word.source(), b": ambiguous redirect".as_slice()].concat());
            return Ok(None);
        }
        let opened = self.open_output(&text, false)?;
        Ok(opened.map(|from| [Some(Step::Take { fd: 1, from }), Some(Step::Copy { fd: 2, from: 1 })]))
    }

    fn resolve_variable_redirect(&mut self, place: &Place, target: &Target) -> Flow<Option<[Option<Step>; 2]>> {
        if let Target::Close(_) = target {
            let text = self.place_text(place)?;
            let fd = text.and_then(|text| std::str::from_utf8(&text).ok().and_then(|text| text.parse::<Fd>().ok()));
            return match fd {
                Some(fd) => Ok(Some([Some(Step::Close { fd }), None])),
                // What holds no number names nothing to close.
                None => Ok(Some([None, None])),
            };
        }
        let source = match self.resolve_target(0, true, target)? {
            Some([Some(Step::Take { from, .. }), _]) => Ok((from, true)),
            Some([Some(Step::Copy { from, .. }), second]) => Ok((from, second.is_some())),
            _ => return Ok(None),
        };
        let (from, closes) = source?;
        let fd = match self.sys.dup(from, FD_PRIVATE) {
            Ok(fd) => fd,
            Err(error) => {
                self.redirect_failed(from.to_string().as_bytes(), error);
                return Ok(None);
            }
        };
        if closes {
            let _ = self.sys.close(from);
        }
        if !self.assign_place(place, fd.to_string().as_bytes())? {
            let _ = self.sys.close(fd);
            return Ok(None);
        }
        Ok(Some([Some(Step::Take { fd, from: fd }), None]))
    }

    fn open_target(&mut self, target: &Target) -> Flow<Option<Fd>> {
        let (word, flags) = match target {
            Target::Read(word) => (word, OpenFlags::READ),
            Target::Append(word) | Target::BothAppend(word) => (word, OpenFlags::APPEND),
            Target::Clobber(word) => (word, OpenFlags::WRITE),
            Target::ReadWrite(word) => {
                (word, OpenFlags { read: true, write: true, create: true, ..OpenFlags::default() })
            }
            Target::Write(word) | Target::Both(word) => {
                let Some(path) = self.redirect_word(word)? else { return Ok(None) };
                return self.open_output(&path, self.is_set(SetOption::NoClobber));
            }
            Target::HereDoc(document) => {
                let content = self.expand_single(document.body())?;
                return self.open_content(&content);
            }
            Target::HereString(word) => {
                let mut content = self.expand_assignment_value(word)?;
                content.push(b'\n');
                return self.open_content(&content);
            }
            Target::Dup(..) | Target::Move(..) | Target::Close(_) | Target::DupWord(..) => return Ok(None),
        };
        let Some(path) = self.redirect_word(word)? else { return Ok(None) };
        self.open_file(&path, flags)
    }

    fn open_content(&mut self, content: &[u8]) -> Flow<Option<Fd>> {
        match self.sys.open_bytes(content) {
            Ok(fd) => Ok(Some(fd)),
            Err(error) => {
                self.report(&[b"cannot create temp file for here-document: ", error.text().as_bytes()].concat());
                Ok(None)
            }
        }
    }

    fn open_output(&mut self, path: &[u8], keep: bool) -> Flow<Option<Fd>> {
        if !keep {
            return self.open_file(path, OpenFlags::WRITE);
        }
        match self.sys.stat(path, true) {
            Ok(stat) if stat.kind == FileKind::Regular => {
                self.report(&[path, b": cannot overwrite existing file"].concat());
                Ok(None)
            }
            Ok(_) => self.open_file(path, OpenFlags { truncate: false, ..OpenFlags::WRITE }),
            Err(_) => self.open_file(path, OpenFlags { exclusive: true, truncate: false, ..OpenFlags::WRITE }),
        }
    }

    fn open_file(&mut self, path: &[u8], flags: OpenFlags) -> Flow<Option<Fd>> {
        if flags.write && self.is_restricted() {
            self.report(&[path, b": restricted: cannot redirect output"].concat());
            return Ok(None);
        }
        loop {
            match self.sys.open(path, flags, 0o666) {
                Ok(fd) => return Ok(Some(fd)),
                Err(Errno::EINTR) => self.poll_signals()?,
                Err(error) => {
                    self.redirect_failed(path, error);
                    return Ok(None);
                }
            }
        }
    }

    /// The one word a redirection's word expands to; `None` (told) when it is none or several.
    fn redirect_word(&mut self, word: &Word) -> Flow<Option<Vec<u8>>> {
        if let Some(text) = word.constant() {
            return Ok(Some(text.to_vec()));
        }
        let mut words = Vec::new();
        self.expand_word(word, &mut words)?;
        if words.len() == 1 {
            return Ok(words.pop());
        }
        self.report(&[&word.source(), b": ambiguous redirect".as_slice()].concat());
        Ok(None)
    }

    /// Stores a descriptor's number; false when the variable took it not (told).
    fn assign_place(&mut self, place: &Place, value: &[u8]) -> Flow<bool> {
        match self.set_place(place, value) {
            Ok(()) => Ok(true),
            Err(Unwind::Discard(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

/// How messages name the descriptor that a redirection copies: as it is written.
fn source_name(redirect: &Redirect, from: Fd) -> Vec<u8> {
    match &redirect.target {
        Target::DupWord(_, word) => word.source(),
        _ => from.to_string().into_bytes(),
    }
}

fn moved(fd: Fd, from: Fd) -> [Option<Step>; 2] {
    let close = (fd != from).then_some(Step::Close { fd: from });
    [Some(Step::Copy { fd, from }), close]
}

fn default_fd(target: &Target) -> Fd {
    match target {
        Target::Read(_) | Target::ReadWrite(_) | Target::HereDoc(_) | Target::HereString(_) => 0,
        Target::Dup(side, _) | Target::Move(side, _) | Target::Close(side) | Target::DupWord(side, _) => match side {
            Side::In => 0,
            Side::Out => 1,
        },
        _ => 1,
    }
}
