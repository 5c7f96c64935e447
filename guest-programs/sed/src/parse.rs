//! Parses a script into a [`Program`]: addresses, commands, blocks and labels.

use std::collections::HashMap;

use crate::escape::{self, Use};
use crate::fragments::{ScriptError, Source};
use crate::options::Settings;
use crate::pattern::{self, Flags};
use crate::replacement::Replacement;
use crate::script::{Action, Address, Command, Pattern, Program, Substitution, Translation};
use crate::text;

/// The version whose scripts are understood, for the command `v`.
const VERSION: [u32; 2] = [4, 9];
/// Blocks within blocks; more than any script has.
const DEEPEST: usize = 10_000;

/// Parses the script of the settings.
///
/// # Errors
///
/// The first mistake, in GNU's words.
pub(crate) fn parse(settings: &Settings) -> Result<Program, ScriptError> {
    let source = Source::new(&settings.fragments)?;
    let mut parser = Parser { source, settings, commands: Vec::new(), outputs: Vec::new(), blocks: Vec::new() };
    let quiet = parser.is_quiet();
    parser.commands()?;
    if !parser.blocks.is_empty() {
        return Err(parser.source.error_nowhere("unmatched `{'"));
    }
    let mut program = Program { commands: parser.commands, outputs: parser.outputs, quiet };
    resolve_labels(&mut program)?;
    Ok(program)
}

/// Gives branches the index of their label; without one they go to the end.
fn resolve_labels(program: &mut Program) -> Result<(), ScriptError> {
    let mut labels: HashMap<Vec<u8>, usize> = HashMap::new();
    for (index, command) in program.commands.iter().enumerate() {
        if let Action::Label(name) = &command.action {
            labels.entry(name.clone()).or_insert(index);
        }
    }
    let end = program.commands.len();
    for command in &mut program.commands {
        if let Action::Branch(target, name)
        | Action::BranchIfReplaced(target, name)
        | Action::BranchUnlessReplaced(target, name) = &mut command.action
        {
            *target = match labels.get(name) {
                _ if name.is_empty() => end,
                Some(index) => *index,
                None => {
                    let message = format!("can't find label for jump to `{}'", String::from_utf8_lossy(name));
                    return Err(ScriptError { status: crate::PANIC, message });
                }
            };
        }
    }
    Ok(())
}

struct Parser<'a> {
    source: Source,
    settings: &'a Settings,
    commands: Vec<Command>,
    outputs: Vec<Vec<u8>>,
    /// The indices of the blocks that are open.
    blocks: Vec<usize>,
}

impl Parser<'_> {
    /// Whether the script begins with `#n`; GNU's sed does not ask what else the line says.
    fn is_quiet(&mut self) -> bool {
        let taken = [self.source.next(), self.source.next()];
        taken.into_iter().rev().for_each(|byte| self.source.back(byte));
        taken == [Some(b'#'), Some(b'n')]
    }

    fn commands(&mut self) -> Result<(), ScriptError> {
        loop {
            let byte = self.source.next();
            match byte {
                None => return Ok(()),
                Some(b';') => continue,
                Some(byte) if byte.is_ascii_whitespace() => continue,
                Some(b'#') => {
                    self.comment();
                    continue;
                }
                _ => self.source.back(byte),
            }
            let (first, second) = self.addresses()?;
            let mut byte = self.source.next_nonblank();
            let negated = byte == Some(b'!');
            if negated {
                byte = self.source.next_nonblank();
                if byte == Some(b'!') {
                    return Err(self.source.error("multiple `!'s"));
                }
            }
            let Some(letter) = byte else { return Err(self.source.error("missing command")) };
            let n_addresses = usize::from(first.is_some()) + usize::from(second.is_some());
            let action = self.action(letter, n_addresses)?;
            let Some(action) = action else { continue };
            self.commands.push(Command { first, second, negated, action });
        }
    }

    fn comment(&mut self) {
        while !matches!(self.source.next(), None | Some(b'\n')) {}
    }

    fn addresses(&mut self) -> Result<(Option<Address>, Option<Address>), ScriptError> {
        let byte = self.source.next();
        let Some(first) = self.address(byte)? else {
            self.source.back(byte);
            return Ok((None, None));
        };
        if matches!(first, Address::Count(_) | Address::Multiple(_)) {
            let next = self.source.next();
            self.source.back(next);
            return Err(self.source.error("invalid usage of +N or ~N as first address"));
        }
        let mut next = self.source.next_nonblank();
        let mut second = None;
        if next == Some(b',') {
            let byte = self.source.next_nonblank();
            second = self.address(byte)?;
            if second.is_none() {
                return Err(self.source.error("unexpected `,'"));
            }
            next = self.source.next_nonblank();
        }
        if matches!(first, Address::Line(0)) && !matches!(second, Some(Address::Match(_))) {
            return Err(self.source.error("invalid usage of line address 0"));
        }
        self.source.back(next);
        Ok((Some(first), second))
    }

    fn address(&mut self, byte: Option<u8>) -> Result<Option<Address>, ScriptError> {
        Ok(Some(match byte {
            Some(b'/') => self.match_address(b'/')?,
            Some(b'\\') => match self.source.next() {
                Some(delimiter) if delimiter != b'\n' => self.match_address(delimiter)?,
                _ => return Err(self.source.error("unexpected `,'")),
            },
            Some(b'$') => Address::Last,
            Some(digit @ b'0'..=b'9') => {
                let line = self.number(digit);
                let next = self.source.next_nonblank();
                if next != Some(b'~') {
                    self.source.back(next);
                    return Ok(Some(Address::Line(line)));
                }
                match self.optional_number() {
                    0 => Address::Line(line),
                    step => Address::Step(line, step),
                }
            }
            Some(b'+') => Address::Count(self.optional_number()),
            Some(b'~') => Address::Multiple(self.optional_number()),
            _ => return Ok(None),
        }))
    }

    fn match_address(&mut self, delimiter: u8) -> Result<Address, ScriptError> {
        let Some(text) = pattern::delimited(&mut self.source, delimiter, true) else {
            return Err(self.source.error("unterminated address regex"));
        };
        let mut flags = Flags::default();
        loop {
            match self.source.next_nonblank() {
                Some(b'I') => flags.ignore_case = true,
                Some(b'M') => flags.multi_line = true,
                other => {
                    self.source.back(other);
                    break;
                }
            }
        }
        Ok(Address::Match(self.pattern(&text, flags)?))
    }

    fn pattern(&self, text: &[u8], mut flags: Flags) -> Result<Pattern, ScriptError> {
        // Lines within the pattern space would end with NUL there, which it hardly has.
        flags.multi_line &= !self.settings.null_data;
        pattern::compile(text, flags, self.settings.extended).map_err(|message| {
            if message.starts_with("character class syntax") {
                return ScriptError { status: crate::PANIC, message };
            }
            self.source.error(&message)
        })
    }

    fn number(&mut self, first: u8) -> u64 {
        let mut value = u64::from(first - b'0');
        while let Some(digit @ b'0'..=b'9') = self.source.peek() {
            self.source.next();
            value = value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        }
        value
    }

    fn optional_number(&mut self) -> u64 {
        match self.source.next_nonblank() {
            Some(digit @ b'0'..=b'9') => self.number(digit),
            other => {
                self.source.back(other);
                0
            }
        }
    }

    /// Reads a command after its letter; `None` when nothing is to be done for it.
    fn action(&mut self, letter: u8, n_addresses: usize) -> Result<Option<Action>, ScriptError> {
        let action = match letter {
            b'#' if n_addresses > 0 => return Err(self.source.error("comments don't accept any addresses")),
            b'#' => {
                self.comment();
                return Ok(None);
            }
            b':' => return self.label(n_addresses).map(Some),
            b'{' => return self.open().map(Some),
            b'}' => self.close(n_addresses)?,
            b'a' => return text::read(&mut self.source).map(Action::Append).map(Some),
            b'i' => return text::read(&mut self.source).map(Action::Insert).map(Some),
            b'c' => return text::read(&mut self.source).map(Action::Change).map(Some),
            b'e' => return self.execute().map(Some),
            b'r' => return self.file_name().map(Action::ReadFile).map(Some),
            b'R' => return self.file_name().map(Action::ReadLine).map(Some),
            b'w' => return self.output().map(Action::Write).map(Some),
            b'W' => return self.output().map(Action::WriteFirst).map(Some),
            b's' => return self.substitution().map(|one| Some(Action::Substitute(Box::new(one)))),
            b'y' => Action::Translate(Box::new(self.translation()?)),
            b'b' => return Ok(Some(Action::Branch(0, self.label_name(true)))),
            b't' => return Ok(Some(Action::BranchIfReplaced(0, self.label_name(true)))),
            b'T' => return Ok(Some(Action::BranchUnlessReplaced(0, self.label_name(true)))),
            b'q' | b'Q' if n_addresses > 1 => return Err(self.source.error("command only uses one address")),
            b'q' => Action::Quit(self.status()),
            b'Q' => Action::QuitSilently(self.status()),
            b'l' => Action::List(self.length()),
            b'v' => self.version()?,
            b'=' => Action::Number,
            b'd' => Action::Delete,
            b'D' => Action::DeleteFirst,
            b'F' => Action::FileName,
            b'g' => Action::Get,
            b'G' => Action::GetAppend,
            b'h' => Action::Hold,
            b'H' => Action::HoldAppend,
            b'n' => Action::Next,
            b'N' => Action::NextAppend,
            b'p' => Action::Print,
            b'P' => Action::PrintFirst,
            b'x' => Action::Exchange,
            b'z' => Action::Zap,
            other => return Err(self.source.error(&format!("unknown command: `{}'", char::from(other)))),
        };
        self.end_of_command()?;
        Ok(Some(action))
    }

    fn end_of_command(&mut self) -> Result<(), ScriptError> {
        match self.source.next_nonblank() {
            byte @ Some(b'}' | b'#') => {
                self.source.back(byte);
                Ok(())
            }
            None | Some(b'\n' | b';') => Ok(()),
            Some(b'\r') if matches!(self.source.peek(), None | Some(b'\n')) => Ok(()),
            Some(_) => Err(self.source.error("extra characters after command")),
        }
    }

    fn open(&mut self) -> Result<Action, ScriptError> {
        if self.blocks.len() >= DEEPEST {
            return Err(self.source.error("too many blocks within blocks"));
        }
        self.blocks.push(self.commands.len());
        Ok(Action::Block(0))
    }

    fn close(&mut self, n_addresses: usize) -> Result<Action, ScriptError> {
        let Some(open) = self.blocks.pop() else { return Err(self.source.error("unexpected `}'")) };
        if n_addresses > 0 {
            return Err(self.source.error("} doesn't want any addresses"));
        }
        let end = self.commands.len();
        if let Some(Command { action: Action::Block(target), .. }) = self.commands.get_mut(open) {
            *target = end;
        }
        Ok(Action::End)
    }

    fn label(&mut self, n_addresses: usize) -> Result<Action, ScriptError> {
        if n_addresses > 0 {
            return Err(self.source.error(": doesn't want any addresses"));
        }
        let name = self.label_name(false);
        if name.is_empty() {
            return Err(self.source.error("\":\" lacks a label"));
        }
        Ok(Action::Label(name))
    }

    /// Reads a label; a brace ends the one of a branch.
    fn label_name(&mut self, is_branch: bool) -> Vec<u8> {
        let mut name = Vec::new();
        let mut byte = self.source.next_nonblank();
        while let Some(letter) = byte
            && !letter.is_ascii_whitespace()
            && letter != b';'
            && !(is_branch && letter == b'}')
        {
            name.push(letter);
            byte = self.source.next();
        }
        self.source.back(byte);
        name
    }

    fn status(&mut self) -> i32 {
        i32::try_from(self.optional_number()).unwrap_or(i32::MAX)
    }

    fn length(&mut self) -> Option<usize> {
        let next = self.source.next_nonblank();
        self.source.back(next);
        let has_digits = next.is_some_and(|byte| byte.is_ascii_digit());
        has_digits.then(|| usize::try_from(self.optional_number()).unwrap_or(usize::MAX))
    }

    fn version(&mut self) -> Result<Action, ScriptError> {
        let wanted = String::from_utf8_lossy(&self.label_name(true)).into_owned();
        let mut numbers = wanted.split('.').map(|part| part.parse().unwrap_or(0));
        let wanted: [u32; 2] = [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
        if wanted > VERSION {
            return Err(self.source.error("expected newer version of sed"));
        }
        Ok(Action::Version)
    }

    fn rest_of_line(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut byte = self.source.next_nonblank();
        while let Some(next) = byte
            && next != b'\n'
        {
            text.push(next);
            byte = self.source.next();
        }
        text
    }

    fn execute(&mut self) -> Result<Action, ScriptError> {
        self.refuse_in_sandbox()?;
        Ok(Action::Execute(self.rest_of_line()))
    }

    fn refuse_in_sandbox(&self) -> Result<(), ScriptError> {
        if self.settings.sandbox {
            return Err(self.source.error("e/r/w commands disabled in sandbox mode"));
        }
        Ok(())
    }

    fn file_name(&mut self) -> Result<Vec<u8>, ScriptError> {
        self.refuse_in_sandbox()?;
        let name = self.rest_of_line();
        if name.is_empty() {
            return Err(self.source.error("missing filename in r/R/w/W commands"));
        }
        Ok(name)
    }

    /// Reads the name of an output; answers its index.
    fn output(&mut self) -> Result<usize, ScriptError> {
        let name = self.file_name()?;
        Ok(self.outputs.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.outputs.push(name);
            self.outputs.len() - 1
        }))
    }

    fn substitution(&mut self) -> Result<Substitution, ScriptError> {
        let unterminated = "unterminated `s' command";
        let delimiter = self.source.next();
        let Some(delimiter) = delimiter.filter(|byte| *byte != b'\n' && *byte != b'\\') else {
            self.source.back(delimiter);
            return Err(self.source.error(unterminated));
        };
        let sides = pattern::delimited(&mut self.source, delimiter, true)
            .and_then(|left| Some((left, pattern::delimited(&mut self.source, delimiter, false)?)));
        let Some((left, right)) = sides else { return Err(self.source.error(unterminated)) };
        let mut made = Substitution {
            pattern: pattern::compile(&[], Flags::default(), false).map_err(|error| self.source.error(&error))?,
            replacement: Replacement::parse(&right),
            number: 0,
            global: false,
            print: false,
            print_before_executing: false,
            execute: false,
            output: None,
        };
        let flags = self.flags(&mut made)?;
        made.number = made.number.max(1);
        made.pattern = self.pattern(&left, flags)?;
        let groups = made.pattern.regex.as_ref().map_or(9, |regex| regex.groups());
        if made.replacement.groups > groups {
            let message = format!("invalid reference \\{} on `s' command's RHS", made.replacement.groups);
            return Err(self.source.error(&message));
        }
        Ok(made)
    }

    fn flags(&mut self, made: &mut Substitution) -> Result<Flags, ScriptError> {
        let mut flags = Flags::default();
        loop {
            let byte = self.source.next();
            let twice = match byte {
                Some(b'i' | b'I') => {
                    flags.ignore_case = true;
                    None
                }
                Some(b'm' | b'M') => {
                    flags.multi_line = true;
                    None
                }
                Some(b'e') => {
                    self.refuse_in_sandbox()?;
                    made.execute = true;
                    None
                }
                Some(b'p') => {
                    made.print_before_executing |= !made.execute;
                    std::mem::replace(&mut made.print, true).then_some("multiple `p' options to `s' command")
                }
                Some(b'g') => {
                    std::mem::replace(&mut made.global, true).then_some("multiple `g' options to `s' command")
                }
                Some(digit @ b'0'..=b'9') => {
                    let twice = (made.number > 0).then_some("multiple number options to `s' command");
                    made.number = self.number(digit);
                    let zero = made.number == 0;
                    twice.or(zero.then_some("number option to `s' command may not be zero"))
                }
                Some(b'w') => {
                    made.output = Some(self.output()?);
                    return Ok(flags);
                }
                Some(b'}' | b'#') => {
                    self.source.back(byte);
                    return Ok(flags);
                }
                Some(b' ' | b'\t') => None,
                None | Some(b'\n' | b';') => return Ok(flags),
                Some(b'\r') if matches!(self.source.peek(), None | Some(b'\n')) => None,
                Some(_) => Some("unknown option to `s'"),
            };
            if let Some(message) = twice {
                return Err(self.source.error(message));
            }
        }
    }

    fn translation(&mut self) -> Result<Translation, ScriptError> {
        let delimiter = self.source.next();
        let sides = delimiter.filter(|byte| *byte != b'\n' && *byte != b'\\').and_then(|delimiter| {
            let left = pattern::delimited(&mut self.source, delimiter, false)?;
            Some((left, pattern::delimited(&mut self.source, delimiter, false)?))
        });
        let Some((left, right)) = sides else { return Err(self.source.error("unterminated `y' command")) };
        let (Some(left), Some(right)) = (characters(&left), characters(&right)) else {
            return Err(self.source.error("strings for `y' command are different lengths"));
        };
        if left.len() != right.len() {
            return Err(self.source.error("strings for `y' command are different lengths"));
        }
        let mut table = Box::new([0u8; 256]);
        (0u8..=255).for_each(|byte| table[usize::from(byte)] = byte);
        let mut map = HashMap::new();
        let mut is_ascii = true;
        for (from, to) in left.into_iter().zip(right) {
            // The first of two equal characters counts.
            if map.contains_key(&from) {
                continue;
            }
            match (u8::try_from(from), u8::try_from(to)) {
                (Ok(from), Ok(to)) if from.is_ascii() && to.is_ascii() => table[usize::from(from)] = to,
                _ => is_ascii = false,
            }
            map.insert(from, to);
        }
        Ok(if is_ascii { Translation::Bytes(table) } else { Translation::Characters(map) })
    }
}

/// The characters of a side of `y`; `None` when a backslash stands before one that needs none.
fn characters(text: &[u8]) -> Option<Vec<char>> {
    let replaced = escape::replace(text, Use::Replacement);
    let text = String::from_utf8_lossy(&replaced).into_owned();
    let mut out = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        out.push(match character {
            '\\' => match rest.next()? {
                'n' => '\n',
                other @ ('\\' | '&' | '\n') => other,
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Fragment;

    fn error(script: &str) -> String {
        let fragments = vec![Fragment::Expression(script.as_bytes().to_vec())];
        let settings = Settings { fragments, ..Settings::default() };
        parse(&settings).err().map(|error| error.message).unwrap_or_default()
    }

    #[test]
    fn mistakes_have_gnus_words_and_places() {
        let check =
            |script: &str, expected: &str| assert_eq!(error(script), format!("-e expression #1, char {expected}"));
        check("k", "1: unknown command: `k'");
        check("s/a/b", "5: unterminated `s' command");
        check("s/a/b/k", "7: unknown option to `s'");
        check("s/a/b/gg", "8: multiple `g' options to `s' command");
        check("s/a/\\1/", "7: invalid reference \\1 on `s' command's RHS");
        check("y/abc/xy/", "9: strings for `y' command are different lengths");
        check("2,p", "3: unexpected `,'");
        check("0p", "2: invalid usage of line address 0");
        check("p}", "2: unexpected `}'");
        check("{p", "0: unmatched `{'");
        check("1!!p", "3: multiple `!'s");
        check("dp", "2: extra characters after command");
        check("p\nk", "3: unknown command: `k'");
        assert_eq!(error("b x"), "can't find label for jump to `x'");
    }

    #[test]
    fn blocks_and_branches_know_where_they_lead() {
        let fragments = vec![Fragment::Expression(b":a;/x/{s/x/y/;ta;p};bend;:end".to_vec())];
        let settings = Settings { fragments, ..Settings::default() };
        let program = parse(&settings).ok().expect("well-formed");
        assert!(matches!(program.commands[1].action, Action::Block(5)));
        assert!(matches!(program.commands[3].action, Action::BranchIfReplaced(0, _)));
        assert!(matches!(program.commands[6].action, Action::Branch(7, _)));
    }
}
