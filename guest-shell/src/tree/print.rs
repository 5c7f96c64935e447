//! Prints trees as bash 5.2 prints commands (`declare -f`, `type`, `jobs`, BASH_COMMAND, exported functions).
//! Owns the layout, which is bash's down to its quirks; the text of words was kept by the parser.

mod command;
mod redirect;
mod word;

use super::{Command, Cond, Function, HereDoc, List, ListItem, Pipeline};

pub use word::{assignment, word};

/// Appends a function as `declare -f NAME` prints it, without the final newline.
pub fn function(out: &mut Vec<u8>, function: &Function) {
    if is_reserved(&function.name) {
        out.extend_from_slice(b"function ");
    }
    out.extend_from_slice(&function.name);
    out.extend_from_slice(b" () \n{ \n");
    let mut printer = Printer::new(out, Layout::Normal);
    printer.indent = INDENT;
    printer.in_function = 1;
    printer.function_body(&function.body);
}

/// Appends a function as it is exported in the environment: `() {  body\n}`.
pub fn exported_function(out: &mut Vec<u8>, function: &Function) {
    out.extend_from_slice(b"() { ");
    let mut printer = Printer::new(out, Layout::Normal);
    printer.indent = 1;
    printer.step = 0;
    printer.in_function = 1;
    printer.exported = true;
    printer.function_body(&function.body);
}

/// Appends a command on its own, as in BASH_COMMAND.
pub fn command(out: &mut Vec<u8>, command: &Command) {
    let mut printer = Printer::new(out, Layout::Normal);
    printer.command(command);
    printer.bodies(b"");
}

/// Appends a pipeline, as in `jobs`.
pub fn pipeline(out: &mut Vec<u8>, pipeline: &Pipeline) {
    let mut printer = Printer::new(out, Layout::Normal);
    printer.pipeline(pipeline);
    printer.bodies(b"");
}

/// Appends one item of a list, as in `jobs`, without its terminator.
pub fn item(out: &mut Vec<u8>, item: &ListItem) {
    let mut printer = Printer::new(out, Layout::Normal);
    printer.and_or(&item.and_or);
    printer.bodies(b"");
}

/// Appends a list, as in `jobs`.
pub fn list(out: &mut Vec<u8>, list: &List) {
    let mut printer = Printer::new(out, Layout::Normal);
    printer.list(list);
    printer.bodies(b"");
}

/// Appends the expression of `[[ ]]`, without the brackets.
pub fn cond(out: &mut Vec<u8>, cond: &Cond) {
    Printer::new(out, Layout::Normal).cond(cond);
}

/// Columns a level is indented by.
const INDENT: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Normal,
    /// Inside `$( )`: newlines of the source stay, here-documents come at once.
    Substitution,
}

struct Printer<'o, 't> {
    out: &'o mut Vec<u8>,
    layout: Layout,
    indent: usize,
    step: usize,
    in_function: usize,
    exported: bool,
    /// How many of the next commands continue a line and are not indented.
    continued: usize,
    /// Here-documents whose bodies come behind the next connector.
    deferred: Vec<&'t HereDoc>,
    was_here_doc: bool,
}

impl<'o, 't> Printer<'o, 't> {
    fn new(out: &'o mut Vec<u8>, layout: Layout) -> Printer<'o, 't> {
        Printer {
            out,
            layout,
            indent: 0,
            step: INDENT,
            in_function: 0,
            exported: false,
            continued: 0,
            deferred: Vec::new(),
            was_here_doc: false,
        }
    }

    fn text(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend_from_slice(text.as_ref());
    }

    fn margin(&mut self) {
        self.out.extend(std::iter::repeat_n(b' ', self.indent));
    }

    fn newline(&mut self, text: &str) {
        self.text("\n");
        self.margin();
        self.text(text);
    }

    fn semicolon(&mut self) {
        if !matches!(self.out.last(), Some(b'&' | b'\n')) {
            self.text(";");
        }
    }

    /// The margin of a command that begins a line.
    fn begin(&mut self) {
        match self.continued {
            0 => self.margin(),
            _ => self.continued -= 1,
        }
    }
}

fn is_reserved(name: &[u8]) -> bool {
    const WORDS: [&[u8]; 22] = [
        b"if",
        b"then",
        b"else",
        b"elif",
        b"fi",
        b"case",
        b"esac",
        b"for",
        b"select",
        b"while",
        b"until",
        b"do",
        b"done",
        b"in",
        b"function",
        b"time",
        b"{",
        b"}",
        b"!",
        b"[[",
        b"]]",
        b"coproc",
    ];
    WORDS.contains(&name)
}
