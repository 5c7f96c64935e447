//! `read`.

use crate::flow::Flow;
use crate::shell::Shell;
use crate::sys::{Errno, Fd};
use crate::vars::{Name, TextPlace, VarError};

use super::{Call, builtin, options};

builtin! {
    /// Read a line from the standard input and split it into fields.
    ///
    /// Reads a single line from the standard input, or from file descriptor FD if the -u option is supplied. The line
    /// is split into fields as with word splitting, and the first word is assigned to the first NAME, the second word
    /// to the second NAME, and so on, with any leftover words assigned to the last NAME. If no NAMEs are supplied, the
    /// line read is stored in the REPLY variable.
    ///
    /// Options:
    ///   -a array	assign the words read to sequential indices of the array variable ARRAY, starting at zero
    ///   -d delim	continue until the first character of DELIM is read, rather than newline
    ///   -e	use Readline to obtain the line (accepted)
    ///   -i text	use TEXT as the initial text for Readline (accepted)
    ///   -n nchars	return after reading NCHARS characters rather than waiting for a newline
    ///   -N nchars	return only after reading exactly NCHARS characters
    ///   -p prompt	output the string PROMPT without a trailing newline before attempting to read
    ///   -r	do not allow backslashes to escape any characters
    ///   -s	do not echo input coming from a terminal
    ///   -t timeout	time out and return failure if a complete line of input is not read within TIMEOUT seconds
    ///   -u fd	read from file descriptor FD instead of the standard input
    READ = "read", "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]", read
}

/// The longest line: it becomes part of the shell's state.
const LINE_MAX: u32 = 16 << 20;

/// What `read` was asked for.
struct Request {
    raw: bool,
    delimiter: u8,
    /// At most (`-n`) or exactly (`-N`) this many characters.
    count: Option<(usize, bool)>,
    fd: Fd,
    deadline: Option<u64>,
}

/// What came in: bytes and which of them a backslash protects.
#[derive(Default)]
struct Line {
    text: Vec<u8>,
    escaped: Vec<bool>,
    status: u8,
}

fn read(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"ersa:d:i:n:N:p:t:u:") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let names = parsed.rest;
    let request = match Request::new(shell, call, &parsed) {
        Ok(request) => request,
        Err(status) => return Ok(status),
    };
    // Only the first name is looked at before anything is read.
    if let Some(name) = names.first().filter(|name| TextPlace::parse(name).is_none()) {
        shell.builtin_error(call, &[b"`", &name[..], b"': not a valid identifier"].concat());
        return Ok(1);
    }
    if let Some(prompt) = parsed.value(b'p')
        && shell.sys.is_terminal(request.fd)
    {
        shell.write_error(prompt);
    }
    if parsed.value(b't').is_some_and(|text| seconds(text) == Some(0)) {
        return Ok(match shell.sys.poll_readable(request.fd, 0) {
            Ok(true) => 0,
            _ => 1,
        });
    }
    let line = match request.read_line(shell)? {
        Ok(line) => line,
        Err(error) => {
            shell.builtin_error(call, format!("read error: {}: {error}", request.fd).as_bytes());
            return Ok(1);
        }
    };
    let exact = request.count.is_some_and(|(_, exact)| exact);
    let stored = store(shell, &line, names, parsed.value(b'a'), exact);
    match stored {
        Ok(()) => Ok(line.status),
        Err(VarError::Unwound(unwind)) => Err(unwind),
        Err(error) => shell.builtin_failed(call, error).map(|_| 1),
    }
}

/// A number of seconds in nanoseconds.
pub(super) fn seconds(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = format!("{fraction:0<9}");
    let nanoseconds: u64 = fraction.get(..9).unwrap_or("0").parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

impl Request {
    fn new(shell: &mut Shell, call: &mut Call<'_>, parsed: &super::Parsed<'_>) -> Result<Request, u8> {
        let mut request = Request { raw: parsed.has(b'r'), delimiter: b'\n', count: None, fd: 0, deadline: None };
        if let Some(delimiter) = parsed.value(b'd') {
            request.delimiter = delimiter.first().copied().unwrap_or(0);
        }
        for (letter, exact) in [(b'n', false), (b'N', true)] {
            let Some(text) = parsed.value(letter) else { continue };
            match options::number(text).and_then(|count| usize::try_from(count).ok()) {
                Some(count) => request.count = Some((count, exact)),
                None => {
                    shell.builtin_error(call, &[text, b": invalid number"].concat());
                    return Err(1);
                }
            }
        }
        if let Some(text) = parsed.value(b'u') {
            match options::number(text).and_then(|fd| u32::try_from(fd).ok()) {
                Some(fd) if shell.sys.fd_stat(fd).is_ok() => request.fd = fd,
                Some(fd) => {
                    shell.builtin_error(call, format!("{fd}: invalid file descriptor: {}", Errno::EBADF).as_bytes());
                    return Err(1);
                }
                None => {
                    shell.builtin_error(call, &[text, b": invalid file descriptor specification"].concat());
                    return Err(1);
                }
            }
        }
        let timeout = parsed.value(b't').map(<[u8]>::to_vec);
        let timeout =
            timeout.or_else(|| shell.text_of(Name::TMOUT).map(|text| text.into_owned()).filter(|text| text != b"0"));
        if let Some(text) = timeout {
            match seconds(&text) {
                Some(ns) => request.deadline = Some(shell.sys.monotonic_clock().saturating_add(ns)),
                None => {
                    shell.builtin_error(call, &[&text, b": invalid timeout specification".as_slice()].concat());
                    return Err(1);
                }
            }
        }
        Ok(request)
    }

    /// Reads until the delimiter, a count, the end of the file or the timeout.
    fn read_line(&self, shell: &mut Shell) -> Flow<Result<Line, Errno>> {
        let mut line = Line::default();
        let mut escaping = false;
        if self.count.is_some_and(|(count, _)| count == 0) {
            return Ok(Ok(line));
        }
        loop {
            let piece = match self.piece(shell, &line)? {
                Ok(Some(piece)) => piece,
                Ok(None) => {
                    line.status = 142;
                    return Ok(Ok(line));
                }
                Err(error) => return Ok(Err(error)),
            };
            if piece.is_empty() {
                line.status = 1;
                return Ok(Ok(line));
            }
            for byte in piece {
                let ends = byte == self.delimiter && self.count.is_none_or(|(_, exact)| !exact);
                if escaping {
                    escaping = false;
                    // A backslash and a newline vanish together.
                    if byte != b'\n' {
                        line.push(byte, true);
                    }
                } else if ends {
                    return Ok(Ok(line));
                } else if byte == b'\\' && !self.raw {
                    escaping = true;
                } else if byte != 0 {
                    line.push(byte, false);
                }
            }
            if self.count.is_some_and(|(count, _)| line.is_full(count)) {
                return Ok(Ok(line));
            }
        }
    }

    /// The next bytes; `None` when time is over.
    fn piece(&self, shell: &mut Shell, line: &Line) -> Flow<Result<Option<Vec<u8>>, Errno>> {
        loop {
            shell.tick()?;
            if let Some(deadline) = self.deadline {
                let left = deadline.saturating_sub(shell.sys.monotonic_clock());
                match shell.sys.poll_readable(self.fd, left) {
                    Ok(true) => {}
                    Ok(false) => return Ok(Ok(None)),
                    Err(Errno::EINTR) => {
                        shell.poll_signals()?;
                        continue;
                    }
                    Err(error) => return Ok(Err(error)),
                }
            }
            let max = match (self.count, self.deadline) {
                (Some((count, _)), _) => {
                    u32::try_from(count.saturating_sub(line.characters())).unwrap_or(1).clamp(1, LINE_MAX)
                }
                (None, Some(_)) => 1,
                (None, None) => LINE_MAX,
            };
            let result = if self.count.is_some_and(|(_, exact)| exact) {
                shell.sys.read(self.fd, max)
            } else {
                shell.sys.read_until(self.fd, self.delimiter, max)
            };
            match result {
                Err(Errno::EINTR) => {
                    shell.poll_signals()?;
                    shell.run_pending_traps()?;
                }
                other => return Ok(other.map(Some)),
            }
        }
    }
}

impl Line {
    fn push(&mut self, byte: u8, escaped: bool) {
        self.text.push(byte);
        self.escaped.push(escaped);
    }

    fn characters(&self) -> usize {
        self.text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
    }

    /// Whether there are `count` characters, the last one whole.
    fn is_full(&self, count: usize) -> bool {
        let last = self.text.iter().rposition(|byte| *byte & 0xc0 != 0x80);
        let whole = last.is_none_or(|at| {
            let need = match self.text.get(at).copied().unwrap_or(0) {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            self.text.len() - at >= need
        });
        self.characters() >= count && whole
    }
}

/// Splits a line by IFS and assigns it.
fn store(shell: &mut Shell, line: &Line, names: &[Vec<u8>], array: Option<&[u8]>, exact: bool) -> Result<(), VarError> {
    let ifs = shell.text_of(Name::IFS).map_or(b" \t\n".to_vec(), |ifs| ifs.into_owned());
    let splitter = Splitter { line, ifs: &ifs };
    if let Some(array) = array {
        let Some(TextPlace::Variable(name)) = TextPlace::parse(array) else { return Err(VarError::identifier(array)) };
        if shell.is_assoc(name) {
            return Err(VarError::message([array, b": not an indexed array"].concat()));
        }
        let list = if exact { vec![line.text.clone()] } else { splitter.all() };
        return shell.set_array(name, list);
    }
    if names.is_empty() {
        return shell.set_variable(Name::REPLY, &line.text, false);
    }
    if exact {
        let mut text = line.text.as_slice();
        for name in names {
            shell.assign_text(name, text)?;
            text = b"";
        }
        return Ok(());
    }
    let mut at = 0;
    for (n, name) in names.iter().enumerate() {
        let text = if n + 1 == names.len() {
            splitter.rest(at)
        } else {
            let (text, next) = splitter.field(at);
            at = next;
            text
        };
        shell.assign_text(name, &text)?;
    }
    Ok(())
}

struct Splitter<'a> {
    line: &'a Line,
    ifs: &'a [u8],
}

impl Splitter<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.line.text.get(at).copied()
    }

    fn separates(&self, at: usize) -> bool {
        let escaped = self.line.escaped.get(at).copied().unwrap_or(false);
        !escaped && self.byte(at).is_some_and(|byte| self.ifs.contains(&byte))
    }

    fn is_blank(&self, at: usize) -> bool {
        self.separates(at) && matches!(self.byte(at), Some(b' ' | b'\t' | b'\n'))
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while self.is_blank(at) {
            at += 1;
        }
        at
    }

    /// The field that begins at `at` and where the next one begins.
    fn field(&self, at: usize) -> (Vec<u8>, usize) {
        let begin = self.skip_blanks(at);
        let mut end = begin;
        while end < self.line.text.len() && !self.separates(end) {
            end += 1;
        }
        let text = self.line.text.get(begin..end).unwrap_or_default().to_vec();
        let mut next = self.skip_blanks(end);
        if self.separates(next) && !self.is_blank(next) {
            next = self.skip_blanks(next + 1);
        }
        (text, next)
    }

    /// What is left for the last name: one field without its separator, or everything.
    fn rest(&self, at: usize) -> Vec<u8> {
        let begin = self.skip_blanks(at);
        let (field, next) = self.field(begin);
        if next >= self.line.text.len() {
            return field;
        }
        let mut end = self.line.text.len();
        while end > begin && self.is_blank(end - 1) {
            end -= 1;
        }
        self.line.text.get(begin..end).unwrap_or_default().to_vec()
    }

    fn all(&self) -> Vec<Vec<u8>> {
        let mut fields = Vec::new();
        let mut at = self.skip_blanks(0);
        while at < self.line.text.len() {
            let (field, next) = self.field(at);
            fields.push(field);
            at = next;
        }
        fields
    }
}
