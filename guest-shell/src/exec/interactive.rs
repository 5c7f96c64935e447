//! `bash -i` reading its input: prompts, PROMPT_COMMAND and PS0, errors that end the line and not the shell, and the
//! history file.
//!
//! There is no terminal: prompts and the lines read go to the standard error, as readline shows them when the input
//! is a file.

use std::cell::RefCell;
use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::parse::{self, Source};
use crate::shell::Shell;
use crate::tree::AfterError;
use crate::vars::{Name, Value, Var};

/// The most bytes of one line.
const LINE_MAX: u32 = 1 << 20;

/// What is shown before the next line: the first prompt of a command, then the second.
#[derive(Default)]
struct Prompts {
    first: Vec<u8>,
    second: Vec<u8>,
    begun: bool,
}

impl Shell {
    /// Reads commands with prompts until the input ends.
    pub(super) fn run_interactive(&mut self) -> Flow {
        let prompts = Rc::new(RefCell::new(Prompts::default()));
        let (sys, shown) = (Rc::clone(&self.sys), Rc::clone(&prompts));
        let mut source = Source::from_lines(
            Box::new(move || {
                let mut prompts = shown.borrow_mut();
                let prompt = if prompts.begun { &prompts.second } else { &prompts.first };
                let _ = sys.write(2, prompt);
                let line = sys.read_until(0, b'\n', LINE_MAX).unwrap_or_default();
                prompts.begun |= !line.trim_ascii().is_empty();
                let _ = sys.write(2, if line.is_empty() { b"exit\n" } else { &line });
                (!line.is_empty()).then_some(line)
            }),
            1,
        );
        loop {
            self.prepare_prompts(&prompts)?;
            let going = self.next_interactive(&mut source);
            if !matches!(going, Ok(true)) {
                self.save_own_history();
                return going.map(|_| ());
            }
        }
    }

    /// Reads and executes one command; false at the end of the input.
    fn next_interactive(&mut self, source: &mut Source<'_>) -> Flow<bool> {
        let aliases = Rc::clone(&self.aliases);
        self.expand_history_in(source);
        let next = parse::next(source, &aliases, self.parse_options());
        self.remember_shown_lines();
        match next {
            Ok(None) => Ok(false),
            Ok(Some(tree)) => {
                self.show_source(source);
                self.record_command(source.taken());
                self.count_command();
                let before = self.prompt(b"PS0")?;
                self.write_error(&before);
                self.run_tree(&tree)?;
                Ok(true)
            }
            Err(error) => {
                self.report_syntax_error(&error);
                self.record_command(source.taken());
                self.status = 2;
                Ok(error.after != AfterError::EndOfInput)
            }
        }
    }

    fn prepare_prompts(&mut self, prompts: &Rc<RefCell<Prompts>>) -> Flow {
        self.run_prompt_command()?;
        let (first, second) = (self.prompt(b"PS1")?, self.prompt(b"PS2")?);
        *prompts.borrow_mut() = Prompts { first, second, begun: false };
        Ok(())
    }

    fn run_prompt_command(&mut self) -> Flow {
        let name = Name::new(b"PROMPT_COMMAND");
        let commands: Vec<Vec<u8>> = match self.vars.resolved(name).filter(|var| var.is_set()) {
            Some(Var { value: Value::Scalar(text), .. }) => vec![text.to_vec()],
            Some(var) => var.texts().into_iter().map(<[u8]>::to_vec).collect(),
            None => return Ok(()),
        };
        let status = self.status;
        for command in commands {
            match self.eval_text(&command, self.line) {
                Ok(()) | Err(Unwind::Discard(_)) => {}
                Err(other) => return Err(other),
            }
        }
        self.status = status;
        Ok(())
    }

    fn prompt(&mut self, name: &[u8]) -> Flow<Vec<u8>> {
        let Some(text) = self.text_of(Name::new(name)).map(|text| text.into_owned()) else { return Ok(Vec::new()) };
        let status = self.status;
        self.start.prompting = true;
        let prompt = self.expand_prompt(&text);
        self.start.prompting = false;
        self.status = status;
        prompt
    }
}
