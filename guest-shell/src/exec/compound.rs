//! Compound commands: groups, conditionals, loops, `case`, `select`, and the bookkeeping around every command.

use crate::flow::{Flow, Unwind};
use crate::options::ShellOption;
use crate::shell::Shell;
use crate::tree::{Arith, ArithFor, Case, ClauseEnd, Command, CommandKind, For, If, List, While, Word, print};
use crate::vars::{Name, VarError, is_name};

use super::DEPTH_MAX;

/// What a loop does after its body.
enum Next {
    Again,
    Leave,
}

impl Shell {
    /// Evaluates one command with its redirections; `$?` is its status.
    pub(crate) fn run_command(&mut self, command: &Command) -> Flow {
        self.tick()?;
        if !self.exec.pending.is_empty() {
            self.run_pending_traps()?;
        }
        if let CommandKind::Simple(simple) = &command.kind {
            self.line = command.line;
            return self.run_simple(command, simple);
        }
        if self.exec.depth >= DEPTH_MAX {
            self.report(format!("maximum command nesting level exceeded ({DEPTH_MAX})").as_bytes());
            return Err(Unwind::Discard(1));
        }
        self.exec.depth += 1;
        let result = self.run_compound_redirected(command);
        self.exec.depth -= 1;
        result
    }

    fn run_compound_redirected(&mut self, command: &Command) -> Flow {
        if let CommandKind::Subshell(list) = &command.kind {
            if self.exec.track_command && self.exec.trap_running.is_none() {
                self.command_text = std::rc::Rc::from(command_text(command));
            }
            return self.run_subshell(list, &command.redirects);
        }
        if command.redirects.is_empty() || matches!(command.kind, CommandKind::Function(_) | CommandKind::Coproc(_)) {
            return self.run_compound(command);
        }
        self.line = command.line;
        let mark = self.exec.process_substitutions.len();
        let Some(saved) = self.redirect_saving(&command.redirects)? else {
            self.close_process_substitutions(mark)?;
            self.status = 1;
            return if self.exec.errexit_ignored == 0 { self.command_failed() } else { Ok(()) };
        };
        let result = self.run_compound(command);
        self.restore_redirects(saved);
        self.close_process_substitutions(mark)?;
        result
    }

    fn run_compound(&mut self, command: &Command) -> Flow {
        match &command.kind {
            CommandKind::Simple(simple) => self.run_simple(command, simple),
            CommandKind::Group(list) => self.run_list(list),
            CommandKind::Subshell(list) => self.run_subshell(list, &[]),
            CommandKind::If(branches) => self.run_if(branches),
            CommandKind::While(body) => self.run_while(body),
            CommandKind::For(body) => self.run_for(command, body),
            CommandKind::Select(body) => self.run_select(command, body),
            CommandKind::ArithFor(body) => self.run_arith_for(command, body),
            CommandKind::Case(body) => self.run_case(command, body),
            CommandKind::Cond(condition) => {
                if self.before_command(command)? {
                    self.run_cond(condition)
                } else {
                    Ok(())
                }
            }
            CommandKind::Arith(expression) => {
                if self.before_command(command)? {
                    self.run_arith(expression)
                } else {
                    Ok(())
                }
            }
            CommandKind::Function(function) => self.define_function(function, command.line),
            CommandKind::Coproc(coproc) => self.run_coproc(coproc),
        }
    }

    /// Sets LINENO and runs the DEBUG trap for commands that have one of their own.
    pub(crate) fn before_command(&mut self, command: &Command) -> Flow<bool> {
        self.line = command.line;
        if self.exec.track_command && self.exec.trap_running.is_none() {
            self.command_text = std::rc::Rc::from(command_text(command));
        }
        self.run_debug_trap(|| command_text(command))
    }

    fn run_if(&mut self, branches: &If) -> Flow {
        for (condition, body) in &branches.arms {
            self.run_ignoring_errors(|shell| shell.run_list(condition))?;
            if self.status == 0 {
                return self.run_list(body);
            }
        }
        match &branches.otherwise {
            // It sees the status of the condition.
            Some(body) => self.run_list(body),
            None => {
                self.status = 0;
                Ok(())
            }
        }
    }

    fn run_while(&mut self, body: &While) -> Flow {
        self.exec.loops += 1;
        let result = self.run_while_rounds(body);
        self.exec.loops -= 1;
        result
    }

    fn run_while_rounds(&mut self, body: &While) -> Flow {
        let mut status = 0;
        loop {
            self.tick()?;
            let test = self.run_ignoring_errors(|shell| shell.run_list(&body.test));
            if matches!(self.after_round(test, &mut status)?, Next::Leave) {
                break;
            }
            if (self.status == 0) == body.until {
                break;
            }
            let round = self.run_list(&body.body);
            status = self.status;
            if matches!(self.after_round(round, &mut status)?, Next::Leave) {
                break;
            }
        }
        self.status = status;
        Ok(())
    }

    /// Interprets how a round ended: `break` and `continue` count loops down.
    fn after_round(&mut self, round: Flow, status: &mut u8) -> Flow<Next> {
        match round {
            Ok(()) => Ok(Next::Again),
            Err(Unwind::Continue(1)) => {
                *status = 0;
                self.status = 0;
                Ok(Next::Again)
            }
            Err(Unwind::Continue(levels)) => Err(Unwind::Continue(levels - 1)),
            Err(Unwind::Break(1)) => {
                *status = std::mem::take(&mut self.exec.break_status);
                self.status = *status;
                Ok(Next::Leave)
            }
            Err(Unwind::Break(levels)) => Err(Unwind::Break(levels - 1)),
            Err(other) => Err(other),
        }
    }

    fn loop_over(&mut self, mut round: impl FnMut(&mut Shell) -> Flow<bool>) -> Flow {
        self.exec.loops += 1;
        let mut status = 0;
        let result = loop {
            let ended = match round(self) {
                Ok(false) => break Ok(()),
                Ok(true) => {
                    status = self.status;
                    Ok(())
                }
                Err(unwind) => Err(unwind),
            };
            match self.after_round(ended, &mut status) {
                Ok(Next::Again) => {}
                Ok(Next::Leave) => break Ok(()),
                Err(unwind) => break Err(unwind),
            }
        };
        self.exec.loops -= 1;
        if result.is_ok() {
            self.status = status;
        }
        result
    }

    fn run_for(&mut self, command: &Command, body: &For) -> Flow {
        self.line = command.line;
        if !is_name(body.name.bytes()) {
            return self.not_an_identifier(body.name.bytes());
        }
        let mut words = Vec::new();
        for word in &body.words {
            self.expand_word(word, &mut words)?;
        }
        let name = body.name;
        let mut words = words.into_iter();
        let mut failed = false;
        self.loop_over(|shell| {
            let Some(word) = words.next() else { return Ok(false) };
            shell.tick()?;
            shell.line = command.line;
            shell.trace_for(command);
            shell.run_debug_trap(|| command_text(command))?;
            if let Err(unwind) = shell.set_loop_variable(name, &word) {
                // A variable that cannot be set ends the loop, not the line.
                failed = matches!(unwind, Unwind::Discard(_));
                return if failed { Ok(false) } else { Err(unwind) };
            }
            shell.run_list(&body.body).map(|()| true)
        })?;
        if failed {
            self.status = 1;
        }
        Ok(())
    }

    fn not_an_identifier(&mut self, name: &[u8]) -> Flow {
        self.report(&[b"`", name, b"': not a valid identifier"].concat());
        self.status = 1;
        Ok(())
    }

    fn run_arith_for(&mut self, command: &Command, body: &ArithFor) -> Flow {
        self.line = command.line;
        if !self.arith_step(&body.init)? {
            return Ok(());
        }
        let mut first = true;
        self.loop_over(|shell| {
            shell.tick()?;
            if !first {
                shell.line = command.line;
                if !shell.arith_step(&body.step)? {
                    return Err(Unwind::Break(1));
                }
            }
            first = false;
            shell.line = command.line;
            match shell.arith_test(&body.test)? {
                Some(true) => shell.run_list(&body.body).map(|()| true),
                Some(false) => Ok(false),
                None => {
                    shell.exec.break_status = 1;
                    Err(Unwind::Break(1))
                }
            }
        })
    }

    /// Evaluates one expression of `for ((`; false when it failed (the loop ends with status 1).
    fn arith_step(&mut self, expression: &Arith) -> Flow<bool> {
        if is_blank(expression) {
            return Ok(true);
        }
        self.before_expression(expression)?;
        match self.evaluate_command(expression)? {
            Some(_) => Ok(true),
            None => {
                self.exec.break_status = 1;
                Ok(false)
            }
        }
    }

    /// The DEBUG trap and the trace of one expression of `for ((`.
    fn before_expression(&mut self, expression: &Arith) -> Flow {
        self.run_debug_trap(|| [b"((".as_slice(), &expression.word.source(), b"))"].concat())?;
        self.trace_arith(expression);
        Ok(())
    }

    /// Evaluates an expression of `((` or `for ((`; `None`: it is wrong (told), the status is 1.
    fn evaluate_command(&mut self, expression: &Arith) -> Flow<Option<i64>> {
        match self.try_evaluate(expression) {
            Ok(value) => return Ok(Some(value)),
            Err(VarError::Unwound(Unwind::Discard(_))) => {}
            Err(VarError::Unwound(unwind)) => return Err(unwind),
            Err(error @ VarError::Unbound(_)) => return Err(self.fail(&error)),
            Err(error @ VarError::Readonly(_)) => self.report(&error.text()),
            Err(error) => self.report(&[b"((: ".as_slice(), &error.text()].concat()),
        }
        self.status = 1;
        Ok(None)
    }

    fn arith_test(&mut self, expression: &Arith) -> Flow<Option<bool>> {
        if is_blank(expression) {
            return Ok(Some(true));
        }
        self.before_expression(expression)?;
        Ok(self.evaluate_command(expression)?.map(|value| value != 0))
    }

    fn run_arith(&mut self, expression: &Arith) -> Flow {
        self.trace_arith(expression);
        if let Some(value) = self.evaluate_command(expression)? {
            self.status = u8::from(value == 0);
        }
        self.set_pipestatus();
        Ok(())
    }

    fn run_case(&mut self, command: &Command, body: &Case) -> Flow {
        self.before_command(command)?;
        self.trace_case(&body.word);
        let subject = self.expand_single(&body.word)?;
        let mut status = 0;
        let mut falling = false;
        let fold = self.is_shopt(ShellOption::NoCaseMatch);
        for clause in &body.clauses {
            let mut matched = falling;
            for pattern in &clause.patterns {
                if matched {
                    break;
                }
                matched = self.compile_pattern(pattern, fold)?.matches(&subject);
            }
            if !matched {
                continue;
            }
            // The body sees the status of what stands in the subject.
            if clause.body.items.is_empty() {
                self.status = 0;
            }
            self.run_list(&clause.body)?;
            status = self.status;
            match clause.end {
                ClauseEnd::Break => break,
                ClauseEnd::FallThrough => falling = true,
                ClauseEnd::Continue => falling = false,
            }
        }
        self.recycle(subject);
        self.status = status;
        Ok(())
    }

    fn run_select(&mut self, command: &Command, body: &For) -> Flow {
        self.line = command.line;
        if !is_name(body.name.bytes()) {
            return self.not_an_identifier(body.name.bytes());
        }
        let mut words = Vec::new();
        for word in &body.words {
            self.expand_word(word, &mut words)?;
        }
        if words.is_empty() {
            self.status = 0;
            return Ok(());
        }
        self.trace_for(command);
        self.run_debug_trap(|| command_text(command))?;
        self.select_loop(body.name, &words, &body.body)
    }

    fn select_loop(&mut self, name: Name, words: &[Vec<u8>], body: &List) -> Flow {
        let mut show = true;
        let mut ended = false;
        self.loop_over(|shell| {
            shell.tick()?;
            if show {
                let menu = super::menu::lay_out(words, shell.screen_columns());
                shell.write_error(&menu);
            }
            let prompt = shell.select_prompt()?;
            shell.write_error(&prompt);
            let line = shell.sys.read_until(0, b'\n', 1 << 20).unwrap_or_default();
            if line.is_empty() {
                let _ = shell.sys.write(1, b"\n");
                ended = true;
                return Ok(false);
            }
            let reply = line.strip_suffix(b"\n").unwrap_or(&line);
            shell.set_loop_variable(Name::REPLY, reply)?;
            show = reply.is_empty();
            if show {
                return Ok(true);
            }
            let number = std::str::from_utf8(reply).ok().and_then(|text| text.trim().parse::<usize>().ok());
            let choice = number.and_then(|number| number.checked_sub(1)).and_then(|at| words.get(at));
            shell.set_loop_variable(name, choice.map_or(&[][..], |word| word))?;
            shell.run_list(body).map(|()| true)
        })?;
        // The end of the input leaves the loop with status 1.
        if ended {
            self.status = 1;
        }
        Ok(())
    }
}

/// A command as `$BASH_COMMAND` shows it.
pub(crate) fn command_text(command: &Command) -> Vec<u8> {
    let mut text = Vec::new();
    let head = match &command.kind {
        CommandKind::For(body) => Some((b"for ".as_slice(), body)),
        CommandKind::Select(body) => Some((b"select ".as_slice(), body)),
        CommandKind::Case(body) => return [b"case ", body.word.source().as_slice(), b" in "].concat(),
        _ => None,
    };
    // Of a loop over words only the head is shown.
    if let Some((keyword, body)) = head {
        let words: Vec<Vec<u8>> = body.words.iter().map(Word::source).collect();
        return [keyword, body.name.bytes(), b" in ", &words.join(&b' ')].concat();
    }
    print::command(&mut text, command);
    text
}

fn is_blank(expression: &Arith) -> bool {
    expression.word.pieces.is_empty()
        || expression.word.constant().is_some_and(|text| text.iter().all(u8::is_ascii_whitespace))
}
