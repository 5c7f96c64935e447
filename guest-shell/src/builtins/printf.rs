//! `printf`: the format's walk; numbers are in `number`, dates in `super::time_format`.

mod number;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::vars::quote_shell;

use super::echo::{Escapes, unescape};
use super::{Call, builtin};

use number::{Spec, format_float, format_signed, format_unsigned};

/// The widest field: a wider one is an attack on the memory.
const WIDTH_MAX: usize = 1 << 24;

builtin! {
    /// Formats and prints ARGUMENTS under control of the FORMAT.
    ///
    /// Options:
    ///   -v var	assign the output to shell variable VAR rather than
    /// 		display it on the standard output
    ///
    /// FORMAT is a character string which contains three types of objects: plain characters, which are simply copied
    /// to standard output; character escape sequences, which are converted and copied to the standard output; and
    /// format specifications, each of which causes printing of the next successive argument.
    PRINTF = "printf", "printf [-v var] format [arguments]", printf, emits
}

fn printf(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"v:") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let Some((format, args)) = parsed.rest.split_first() else {
        return Ok(shell.usage_error(call));
    };
    let mut job = Job { args, next: 0, out: Vec::new(), status: 0, held: parsed.value(b'v').is_some() };
    loop {
        let before = job.next;
        let stopped = job.pass(shell, call, format)?;
        if stopped || job.next >= args.len() || job.next == before {
            break;
        }
        shell.tick()?;
    }
    let Some(place) = parsed.value(b'v') else {
        call.print(&job.out);
        return Ok(job.status);
    };
    // What a variable holds ends at the first NUL.
    let end = job.out.iter().position(|byte| *byte == 0).unwrap_or(job.out.len());
    match shell.assign_text(place, job.out.get(..end).unwrap_or_default()) {
        Ok(()) => Ok(job.status),
        Err(error) => {
            let status = shell.builtin_failed(call, error)?;
            Ok(if crate::vars::TextPlace::parse(place).is_none() { 2 } else { status })
        }
    }
}

/// One call: the arguments that are left, the output so far.
struct Job<'a> {
    args: &'a [Vec<u8>],
    next: usize,
    out: Vec<u8>,
    status: u8,
    /// The output is for a variable.
    held: bool,
}

impl<'a> Job<'a> {
    /// What there is goes out before a message; what `-v` asks for waits.
    fn flush(&mut self, call: &mut Call<'_>) {
        if !self.held {
            let sofar = std::mem::take(&mut self.out);
            call.print(&sofar);
        }
    }

    fn take(&mut self) -> Option<&'a [u8]> {
        let arg = self.args.get(self.next)?;
        self.next += 1;
        Some(arg)
    }

    /// Goes through the format once; true when the output is to stop.
    fn pass(&mut self, shell: &mut Shell, call: &mut Call<'_>, format: &[u8]) -> Flow<bool> {
        let mut rest = format;
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'%' | b'\\')) {
            let (plain, special) = rest.split_at(at);
            self.out.extend_from_slice(plain);
            if special.starts_with(b"\\") {
                let length = escape_length(special);
                let (escape, after) = special.split_at(length);
                if escape == b"\\x" {
                    shell.builtin_error(call, b"missing hex digit for \\x");
                }
                unescape(&mut self.out, escape, Escapes::Format);
                rest = after;
                continue;
            }
            match self.conversion(shell, call, special.get(1..).unwrap_or_default())? {
                Some(after) => rest = after,
                None => return Ok(true),
            }
        }
        self.out.extend_from_slice(rest);
        Ok(false)
    }

    /// One `%...`; answers what follows it, `None` to stop.
    fn conversion<'f>(&mut self, shell: &mut Shell, call: &mut Call<'_>, format: &'f [u8]) -> Flow<Option<&'f [u8]>> {
        if let Some(after) = format.strip_prefix(b"%") {
            self.out.push(b'%');
            return Ok(Some(after));
        }
        let (mut spec, mut rest) = self.spec(shell, call, format);
        if let Some(after) = rest.strip_prefix(b"(")
            && let Some(close) = after.iter().position(|byte| *byte == b')')
            && after.get(close + 1) == Some(&b'T')
        {
            self.date(shell, call, &spec, after.get(..close).unwrap_or_default());
            return Ok(after.get(close + 2..));
        }
        while let Some((b'h' | b'l' | b'L' | b'j' | b'z' | b't' | b'q', after)) = rest.split_first() {
            if rest.starts_with(b"q") {
                break;
            }
            rest = after;
        }
        let Some((letter, after)) = rest.split_first() else {
            let written = format.get(..format.len() - rest.len()).unwrap_or_default();
            self.flush(call);
            shell.builtin_error(call, &[b"`%", written, b"': missing format character"].concat());
            self.status = 1;
            return Ok(None);
        };
        let goes_on = match letter {
            b's' | b'c' | b'q' | b'Q' | b'b' => self.text_conversion(&mut spec, *letter),
            _ => self.number_conversion(shell, call, &spec, *letter)?,
        };
        Ok(goes_on.then_some(after))
    }

    /// `%s`, `%c`, `%q`, `%Q`, `%b`; false when the output is to stop.
    fn text_conversion(&mut self, spec: &mut Spec, letter: u8) -> bool {
        let text = self.take().unwrap_or_default();
        match letter {
            b's' => self.text(spec, text),
            b'c' => {
                spec.precision = None;
                self.text(spec, text.get(..1).unwrap_or(b"\0"));
            }
            b'Q' => {
                let cut = spec.precision.take().map_or(text, |precision| text.get(..precision).unwrap_or(text));
                self.text(spec, &quote_shell(cut));
            }
            b'q' => self.text(spec, &quote_shell(text)),
            _ => {
                let mut decoded = Vec::new();
                let stop = unescape(&mut decoded, text, Escapes::Argument);
                self.text(spec, &decoded);
                if stop {
                    self.next = self.args.len();
                }
                return !stop;
            }
        }
        true
    }

    /// The conversions of numbers, and `%n`; false when the output is to stop.
    fn number_conversion(&mut self, shell: &mut Shell, call: &mut Call<'_>, spec: &Spec, letter: u8) -> Flow<bool> {
        match letter {
            b'd' | b'i' => {
                let value = self.integer(shell, call, false);
                let value = i64::try_from(value.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).unwrap_or(0);
                format_signed(&mut self.out, spec, value);
            }
            b'o' | b'u' | b'x' | b'X' => {
                let value = self.integer(shell, call, true);
                let value = u64::try_from(value & i128::from(u64::MAX)).unwrap_or(0);
                format_unsigned(&mut self.out, spec, value, letter);
            }
            b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
                let value = self.float(shell, call);
                format_float(&mut self.out, spec, value, letter);
            }
            b'n' => {
                let length = self.out.len().to_string();
                if let Some(name) = self.take()
                    && let Err(error) = shell.assign_text(name, length.as_bytes())
                {
                    self.status = shell.builtin_failed(call, error)?;
                }
            }
            other => {
                let text = [b"`", &[other][..], b"': invalid format character"].concat();
                self.flush(call);
                shell.builtin_error(call, &text);
                self.status = 1;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Flags, width and precision.
    fn spec<'f>(&mut self, shell: &mut Shell, call: &mut Call<'_>, format: &'f [u8]) -> (Spec, &'f [u8]) {
        let mut spec = Spec::default();
        let mut rest = format;
        while let Some((flag, after)) = rest.split_first() {
            match flag {
                b'-' => spec.left = true,
                b'+' => spec.plus = true,
                b' ' => spec.space = true,
                b'#' => spec.alternate = true,
                b'0' => spec.zero = true,
                b'\'' => {}
                _ => break,
            }
            rest = after;
        }
        let (width, after) = self.size(shell, call, rest);
        rest = after;
        if let Some(width) = width {
            spec.left |= width < 0;
            spec.width = usize::try_from(width.unsigned_abs()).unwrap_or(WIDTH_MAX).min(WIDTH_MAX);
        }
        if let Some(after) = rest.strip_prefix(b".") {
            let (precision, after) = self.size(shell, call, after);
            rest = after;
            // A negative precision counts as none.
            spec.precision = usize::try_from(precision.unwrap_or(0)).ok().map(|size| size.min(WIDTH_MAX));
        }
        (spec, rest)
    }

    fn size<'f>(&mut self, shell: &mut Shell, call: &mut Call<'_>, rest: &'f [u8]) -> (Option<i64>, &'f [u8]) {
        if let Some(after) = rest.strip_prefix(b"*") {
            let Some(text) = self.take() else { return (Some(0), after) };
            let (value, good) = number::integer(text);
            if !good {
                self.bad_number(shell, call, text);
            }
            let value = value.clamp(i128::from(i32::MIN), i128::from(i32::MAX));
            return (Some(i64::try_from(value).unwrap_or(0)), after);
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, after) = rest.split_at(digits);
        let value = std::str::from_utf8(digits).ok().filter(|text| !text.is_empty());
        (value.map(|text| text.parse().unwrap_or(i64::MAX)), after)
    }

    fn text(&mut self, spec: &Spec, text: &[u8]) {
        let cut = spec.precision.map_or(text, |precision| text.get(..precision).unwrap_or(text));
        spec.pad(&mut self.out, cut);
    }

    fn date(&mut self, shell: &mut Shell, call: &mut Call<'_>, spec: &Spec, format: &[u8]) {
        let now = i64::try_from(shell.sys.wall_clock() / 1_000_000_000).unwrap_or(0);
        let seconds = match self.take() {
            None | Some(b"") => now,
            Some(text) => match super::options::number(text) {
                Some(-1) => now,
                Some(-2) => now - i64::try_from(shell.sys.monotonic_clock() / 1_000_000_000).unwrap_or(0).min(0),
                Some(seconds) => seconds,
                None => {
                    shell.builtin_error(call, &[text, b": invalid number"].concat());
                    self.status = 1;
                    0
                }
            },
        };
        let format = if format.is_empty() { b"%X".as_slice() } else { format };
        let text = super::time_format::format_time(shell, format, seconds);
        self.text(spec, &text);
    }

    fn integer(&mut self, shell: &mut Shell, call: &mut Call<'_>, unsigned: bool) -> i128 {
        let Some(text) = self.take() else { return 0 };
        let (value, good) = number::integer(text);
        if !good {
            self.bad_number(shell, call, text);
        }
        let range = if unsigned {
            i128::from(i64::MIN)..=i128::from(u64::MAX)
        } else {
            i128::from(i64::MIN)..=i128::from(i64::MAX)
        };
        if good && !range.contains(&value) {
            shell.report(&[b"printf: warning: ", text, b": Numerical result out of range"].concat());
        }
        value.clamp(*range.start(), *range.end())
    }

    fn float(&mut self, shell: &mut Shell, call: &mut Call<'_>) -> f64 {
        let Some(text) = self.take() else { return 0.0 };
        let (value, good) = number::float(text);
        if !good {
            self.bad_number(shell, call, text);
        }
        value
    }

    fn bad_number(&mut self, shell: &mut Shell, call: &mut Call<'_>, text: &[u8]) {
        let numeral = text.first().is_some_and(|byte| *byte == b'0') && text.get(1).is_some_and(u8::is_ascii_digit);
        let what: &[u8] = match text {
            [b'0', b'x' | b'X', ..] => b": invalid hex number",
            _ if numeral => b": invalid octal number",
            _ => b": invalid number",
        };
        shell.report(&[call.name.as_bytes(), b": ", text, what].concat());
        self.status = 1;
    }
}

/// How long the escape at the begin of a text is.
fn escape_length(text: &[u8]) -> usize {
    let digits = |from: usize, max: usize, test: fn(&u8) -> bool| {
        text.iter().skip(from).take(max).take_while(|byte| test(byte)).count()
    };
    let length = match text.get(1) {
        None => 1,
        Some(b'x') => 2 + digits(2, 2, u8::is_ascii_hexdigit),
        Some(b'u') => 2 + digits(2, 4, u8::is_ascii_hexdigit),
        Some(b'U') => 2 + digits(2, 8, u8::is_ascii_hexdigit),
        Some(b'0'..=b'7') => 1 + digits(1, 3, |byte| matches!(byte, b'0'..=b'7')),
        Some(_) => 2,
    };
    length.min(text.len())
}
