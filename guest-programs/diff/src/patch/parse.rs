//! Reading a patch: what is garbage, what names files, and hunks in each of their forms.

use super::ed_script;
use super::git::Git;
use super::header::Named;
use super::hunk::{Hunk, Kind};
use super::options::{Form, Options};
use super::report::Report;
use super::section::Section;
use crate::core::Text;

/// A patch and how far it is read.
pub(crate) struct Parser<'a> {
    patch: &'a Text,
    at: usize,
    form: Option<Form>,
    /// The file is known, so that hunks need no names above them.
    has_file: bool,
    /// Lines at the end that are no patch.
    garbage: bool,
}

/// Lines of one side of a context hunk: their letters and texts.
type ContextLines = Vec<(u8, Vec<u8>)>;

impl<'a> Parser<'a> {
    pub(crate) fn new(patch: &'a Text, options: &Options) -> Self {
        Self { patch, at: 0, form: options.form, has_file: options.original.is_some(), garbage: false }
    }

    /// Tells that there was something behind the last hunk.
    pub(crate) fn has_garbage(&self) -> bool {
        self.garbage
    }

    fn line(&self) -> Option<&'a [u8]> {
        (self.at < self.patch.len()).then(|| self.patch.line(self.at))
    }

    fn next_line(&self) -> &'a [u8] {
        self.patch.line(self.at + 1)
    }

    fn allows(&self, form: Form) -> bool {
        self.form.is_none_or(|wanted| wanted == form)
    }

    /// Reads what is about the next file; nothing when there is only garbage left.
    ///
    /// # Errors
    ///
    /// What cannot be a patch.
    pub(crate) fn next_section(&mut self, report: &mut Report) -> Result<Option<Section>, String> {
        let start = self.at;
        let mut section = Section::default();
        let mut star = Named::default();
        let mut begun_by_git = false;
        while let Some(line) = self.line() {
            if let Some(git) = Git::begin(line) {
                if begun_by_git {
                    break;
                }
                begun_by_git = true;
                section.git = Some(git);
            } else if section.git.as_mut().is_some_and(|git| git.line(line)) {
            } else if let Some(name) = line.strip_prefix(b"*** ") {
                star = Named::read(name);
            } else if let Some(name) = line.strip_prefix(b"--- ") {
                section.named[0] = Named::read(name);
            } else if let Some(name) = line.strip_prefix(b"+++ ") {
                section.named[1] = Named::read(name);
            } else if let Some(name) = line.strip_prefix(b"Index:") {
                section.index = Named::read(name).full;
            } else if let Some(form) = self
                .begins_hunk(line)
                .filter(|form| !matches!(form, Form::Normal | Form::Ed) || self.has_file || section.index.is_some())
            {
                if form == Form::Context {
                    section.named = [star, section.named[0].clone()];
                }
                section.form = Some(form);
                break;
            }
            self.at += 1;
        }
        section.leading = (start..self.at).map(|line| self.patch.line(line).to_vec()).collect();
        section.line = self.at + 1;
        let Some(form) = section.form else {
            self.garbage = start < self.at;
            return Ok(begun_by_git.then_some(section));
        };
        if form == Form::Ed {
            let lines = (self.at..self.patch.len()).map(|line| self.patch.line(line));
            let (script, count) = ed_script::parse(lines)?;
            self.at += count;
            section.script = Some(script);
        }
        while form != Form::Ed && self.line().is_some_and(|line| self.begins_hunk(line) == Some(form)) {
            match self.hunk(form) {
                Ok(hunk) => section.hunks.push(hunk),
                Err(message) => {
                    section.malformed = Some(message);
                    break;
                }
            }
        }
        if self.at >= self.patch.len() && self.patch.is_incomplete() {
            report.say("patch unexpectedly ends in middle of line\n");
        }
        Ok(Some(section))
    }

    /// The form of the hunk that begins with a line, if one does.
    fn begins_hunk(&self, line: &[u8]) -> Option<Form> {
        if self.allows(Form::Unified) && line.starts_with(b"@@ -") && unified_ranges(line).is_some() {
            return Some(Form::Unified);
        }
        if self.allows(Form::Context) && line.starts_with(b"***************") && self.next_line().starts_with(b"*** ") {
            return Some(Form::Context);
        }
        if self.allows(Form::Normal)
            && let Some((_, letter, _)) = normal_command(line)
        {
            let mark: &[u8] = if letter == b'a' { b"> " } else { b"< " };
            return self.next_line().starts_with(mark).then_some(Form::Normal);
        }
        // A number and a letter alone are not much: it is a script when that is said, or when inserted text ends in it.
        let has_text = || (self.at..self.patch.len()).any(|line| self.patch.line(line) == b".\n");
        let is_script = self.allows(Form::Ed) && ed_script::begins(line) && (self.form.is_some() || has_text());
        is_script.then_some(Form::Ed)
    }

    fn hunk(&mut self, form: Form) -> Result<Hunk, String> {
        match form {
            Form::Unified => self.unified(),
            Form::Context => self.context(),
            Form::Normal => self.normal(),
            Form::Ed => Err(self.malformed()),
        }
    }

    fn malformed(&self) -> String {
        if self.at >= self.patch.len() {
            return "unexpected end of file in patch".to_owned();
        }
        let line = String::from_utf8_lossy(self.patch.line(self.at)).into_owned();
        format!("malformed patch at line {}: {line}", self.at + 1)
    }

    /// Takes a line's text with a newline, unless the next line says that it has none.
    fn take(&mut self, text: &[u8]) -> Vec<u8> {
        self.at += 1;
        let mut line = text.strip_suffix(b"\n").unwrap_or(text).to_vec();
        if self.line().is_some_and(|next| next.starts_with(b"\\")) {
            self.at += 1;
        } else {
            line.push(b'\n');
        }
        line
    }

    fn unified(&mut self) -> Result<Hunk, String> {
        let header = self.line().unwrap_or_default();
        let ([old, new], title) = unified_ranges(header).ok_or_else(|| self.malformed())?;
        let mut left = [old.1, new.1];
        let mut hunk = Hunk { start: [old.0, new.0], title, ..Hunk::default() };
        self.at += 1;
        while left != [0, 0] {
            let line = self.line().ok_or_else(|| self.malformed())?;
            let (kind, text) = match line {
                [b'-', text @ ..] => (Kind::Deleted, text),
                [b'+', text @ ..] => (Kind::Inserted, text),
                [b' ', text @ ..] => (Kind::Context, text),
                // The blank of an empty line, or the one before a tab, has been lost on the way.
                [b'\n' | b'\t', ..] | b"\r\n" => (Kind::Context, line),
                _ => return Err(self.malformed()),
            };
            for (side, other) in [(0, Kind::Inserted), (1, Kind::Deleted)] {
                if kind != other {
                    left[side] = left[side].checked_sub(1).ok_or_else(|| self.malformed())?;
                }
            }
            let text = self.take(text);
            hunk.lines.push((kind, text));
        }
        Ok(ordered(hunk))
    }

    fn context(&mut self) -> Result<Hunk, String> {
        let title = self.line().and_then(|line| line.strip_prefix(b"***************")).unwrap_or_default();
        let title = title.trim_ascii().to_vec();
        self.at += 1;
        let old = self.line().and_then(|line| context_range(line, b"*** ")).ok_or_else(|| self.malformed())?;
        self.at += 1;
        let mut lines = [self.context_lines(b"-!", old.1)?, Vec::new()];
        let new = self.line().and_then(|line| context_range(line, b"--- ")).ok_or_else(|| self.malformed())?;
        self.at += 1;
        lines[1] = self.context_lines(b"+!", new.1)?;
        for side in [0, 1] {
            if lines[side].is_empty() {
                let common = lines[1 - side].iter().filter(|(letter, _)| *letter == b' ');
                lines[side] = common.cloned().collect();
            }
        }
        let hunk = Hunk { start: [old.0, new.0], lines: Vec::new(), title };
        merged(hunk, lines).ok_or_else(|| self.malformed())
    }

    /// The lines of one side, as many as there are up to `count`; none where they are left out.
    fn context_lines(&mut self, letters: &[u8], count: usize) -> Result<ContextLines, String> {
        let mut lines = Vec::new();
        while lines.len() < count {
            let Some(line) = self.line() else { break };
            let (letter, text) = match line {
                [letter, b' ' | b'\t', text @ ..] if *letter == b' ' || letters.contains(letter) => (*letter, text),
                [letter, b'\n'] if letters.contains(letter) || *letter == b' ' => (*letter, &b"\n"[..]),
                b"\n" => (b' ', &b"\n"[..]),
                _ => break,
            };
            let text = self.take(text);
            lines.push((letter, text));
        }
        if lines.is_empty() || lines.len() == count { Ok(lines) } else { Err(self.malformed()) }
    }

    fn normal(&mut self) -> Result<Hunk, String> {
        let command = self.line().and_then(normal_command);
        let (old, letter, new) = command.ok_or_else(|| self.malformed())?;
        self.at += 1;
        let mut hunk = Hunk { start: [old.0, new.0], ..Hunk::default() };
        let counts = [if letter == b'a' { 0 } else { old.1 }, if letter == b'd' { 0 } else { new.1 }];
        for (side, mark, kind) in [(0, b"<", Kind::Deleted), (1, b">", Kind::Inserted)] {
            if side == 1 && letter == b'c' {
                if !self.line().is_some_and(|line| line.starts_with(b"---")) {
                    return Err(self.malformed());
                }
                self.at += 1;
            }
            for _ in 0..counts[side] {
                let line = self.line().and_then(|line| line.strip_prefix(mark)).ok_or_else(|| self.malformed())?;
                let text = self.take(line.strip_prefix(b" ").or(line.strip_prefix(b"\t")).unwrap_or(line));
                hunk.lines.push((kind, text));
            }
        }
        Ok(hunk)
    }
}

/// Puts deleted lines before the inserted ones of the same change.
fn ordered(mut hunk: Hunk) -> Hunk {
    for group in hunk.lines.chunk_by_mut(|one, next| (one.0 == Kind::Context) == (next.0 == Kind::Context)) {
        group.sort_by_key(|(kind, _)| *kind == Kind::Inserted);
    }
    hunk
}

/// Joins both sides of a context hunk; none if their common lines are not the same.
fn merged(mut hunk: Hunk, [old, new]: [ContextLines; 2]) -> Option<Hunk> {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    loop {
        while let Some((_, line)) = old.next_if(|(letter, _)| *letter != b' ') {
            hunk.lines.push((Kind::Deleted, line));
        }
        while let Some((_, line)) = new.next_if(|(letter, _)| *letter != b' ') {
            hunk.lines.push((Kind::Inserted, line));
        }
        match (old.next(), new.next()) {
            (None, None) => return Some(hunk),
            (Some((_, line)), Some((_, other))) if line == other => hunk.lines.push((Kind::Context, line)),
            _ => return None,
        }
    }
}

/// A first line and a number of lines.
type Range = (i64, usize);

/// Reads digits at the beginning.
fn digits(text: &[u8]) -> Option<(i64, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number: i64 = std::str::from_utf8(&text[..count]).ok()?.parse().ok()?;
    // Line numbers beyond this are no file's; sums of them stay in range.
    (number < i64::MAX / 8).then_some((number, &text[count..]))
}

/// `@@ -a,b +c,d @@ title`.
fn unified_ranges(line: &[u8]) -> Option<([Range; 2], Vec<u8>)> {
    let one = |text| -> Option<(Range, &[u8])> {
        let (start, rest) = digits(text)?;
        match rest.strip_prefix(b",") {
            Some(rest) => {
                let (count, rest) = digits(rest)?;
                Some(((start, usize::try_from(count).ok()?), rest))
            }
            None => Some(((start, 1), rest)),
        }
    };
    let (old, rest) = one(line.strip_prefix(b"@@ -")?)?;
    let (new, rest) = one(rest.strip_prefix(b" +")?)?;
    let title = rest.strip_prefix(b" @@")?;
    Some(([old, new], title.trim_ascii_end().to_vec()))
}

/// Two numbers with a comma, or one.
fn first_and_last(text: &[u8]) -> Option<(i64, i64, &[u8])> {
    let (first, rest) = digits(text)?;
    match rest.strip_prefix(b",") {
        Some(rest) => digits(rest).map(|(last, rest)| (first, last, rest)),
        None => Some((first, first, rest)),
    }
}

/// `*** a,b ****`; line 0 alone is no line.
fn context_range(line: &[u8], mark: &[u8]) -> Option<Range> {
    let (first, last, rest) = first_and_last(line.strip_prefix(mark)?)?;
    let closing = mark.first().copied();
    if !rest.trim_ascii().iter().all(|byte| Some(*byte) == closing) {
        return None;
    }
    let count = if first == 0 { 0 } else { usize::try_from(last - first + 1).ok()? };
    Some((first, count))
}

/// `a,bcC,D` of a normal diff: old lines, letter, new lines.
fn normal_command(line: &[u8]) -> Option<(Range, u8, Range)> {
    if !line.first()?.is_ascii_digit() {
        return None;
    }
    let (first, last, rest) = first_and_last(line)?;
    let (letter, rest) = rest.split_first().filter(|(letter, _)| b"acd".contains(letter))?;
    let (new_first, new_last, rest) = first_and_last(rest)?;
    if !rest.trim_ascii().is_empty() {
        return None;
    }
    let count = |first: i64, last: i64| usize::try_from(last - first + 1).ok();
    Some(((first, count(first, last)?), *letter, (new_first, count(new_first, new_last)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_hunk(patch: &str) -> Hunk {
        let text = Text::new(patch.as_bytes().to_vec());
        let options = Options { original: Some(b"f".to_vec()), ..Options::default() };
        let mut parser = Parser::new(&text, &options);
        let section = parser.next_section(&mut Report::new(&options)).expect("readable").expect("a section");
        assert_eq!((section.hunks.len(), section.malformed.as_ref()), (1, None), "{patch}");
        section.hunks[0].clone()
    }

    #[test]
    fn a_hunk_is_the_same_in_each_form() {
        let unified = only_hunk("--- a\n+++ b\n@@ -1,3 +1,3 @@\n x\n-y\n+Y\n z\n\\ No newline at end of file\n");
        let context = only_hunk(
            "*** a\n--- b\n***************\n*** 1,3 ****\n  x\n! y\n  z\n\\ No newline at end of file\n--- 1,3 ----\n  x\n! Y\n  z\n\\ No newline at end of file\n",
        );
        assert_eq!(unified, context);
        assert_eq!(unified.lines[3], (Kind::Context, b"z".to_vec()));
        let normal = only_hunk("2c2\n< y\n---\n> Y\n");
        assert_eq!(normal.lines[..], unified.lines[1..3]);
    }

    #[test]
    fn a_side_without_changes_may_be_left_out() {
        let hunk = only_hunk("*** a\n--- b\n***************\n*** 1,2 ****\n--- 1,3 ----\n  x\n+ y\n  z\n");
        assert_eq!(
            hunk.lines.iter().map(|line| line.0).collect::<Vec<_>>(),
            [Kind::Context, Kind::Inserted, Kind::Context]
        );
    }

    #[test]
    fn a_hunk_that_does_not_add_up_is_malformed() {
        let text = Text::new(b"--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\nfoo\n".to_vec());
        let options = Options::default();
        let section = Parser::new(&text, &options).next_section(&mut Report::new(&options));
        let malformed = section.expect("readable").and_then(|section| section.malformed);
        assert_eq!(malformed.as_deref(), Some("malformed patch at line 5: foo\n"));
    }
}
