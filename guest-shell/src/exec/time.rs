//! The reserved word `time`: how long a pipeline took, in the format TIMEFORMAT or POSIX wants.

use crate::flow::Flow;
use crate::shell::Shell;
use crate::tree::Timed;
use crate::vars::Name;

/// bash's format when TIMEFORMAT is unset.
const DEFAULT_FORMAT: &[u8] = b"\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS";
/// The format of `time -p`.
const POSIX_FORMAT: &[u8] = b"real %2R\nuser %2U\nsys %2S";

/// Times in nanoseconds.
struct Elapsed {
    real: u64,
    user: u64,
}

impl Shell {
    /// Runs something and tells on the standard error how long it took.
    pub(crate) fn run_timed(&mut self, timed: Timed, run: impl FnOnce(&mut Shell) -> Flow) -> Flow {
        let (own, children) = self.sys.cpu_times();
        let begin = self.sys.monotonic_clock();
        let result = run(self);
        let (own_now, children_now) = self.sys.cpu_times();
        let elapsed = Elapsed {
            real: self.sys.monotonic_clock().saturating_sub(begin),
            user: own_now.saturating_sub(own).saturating_add(children_now.saturating_sub(children)),
        };
        let wanted = self.text_of(Name::TIMEFORMAT).map(|text| text.into_owned());
        let format = match (timed, &wanted) {
            (Timed::Posix, _) => POSIX_FORMAT,
            (Timed::Bash, Some(format)) => format,
            (Timed::Bash, None) => DEFAULT_FORMAT,
        };
        if !format.is_empty() {
            match format_times(format, &elapsed) {
                Ok(mut text) => {
                    text.push(b'\n');
                    self.write_error(&text);
                }
                Err(letter) => {
                    let shown = String::from_utf8_lossy(&[letter]).into_owned();
                    self.report(format!("TIMEFORMAT: `{shown}': invalid format character").as_bytes());
                }
            }
        }
        result
    }
}

/// Expands `%[precision][l]R|U|S`, `%P` and `%%`. All CPU time counts as user time.
/// Another letter is answered as wrong.
fn format_times(format: &[u8], elapsed: &Elapsed) -> Result<Vec<u8>, u8> {
    let mut text = Vec::new();
    let mut rest = format.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            text.push(byte);
            continue;
        }
        let precision = match rest.peek() {
            Some(digit @ b'0'..=b'9') => {
                let digit = usize::from(digit - b'0').min(3);
                rest.next();
                digit
            }
            _ => 3,
        };
        let long = rest.next_if_eq(&b'l').is_some();
        match rest.next() {
            Some(b'R') => push_time(&mut text, elapsed.real, precision, long),
            Some(b'U') => push_time(&mut text, elapsed.user, precision, long),
            Some(b'S') => push_time(&mut text, 0, precision, long),
            Some(b'P') => {
                let hundredths = elapsed.user.saturating_mul(10_000).checked_div(elapsed.real).unwrap_or(0);
                text.extend_from_slice(format!("{}.{:02}", hundredths / 100, hundredths % 100).as_bytes());
            }
            Some(b'%') => text.push(b'%'),
            Some(other) => return Err(other),
            None => text.push(b'%'),
        }
    }
    Ok(text)
}

fn push_time(text: &mut Vec<u8>, ns: u64, precision: usize, long: bool) {
    let (minutes, seconds) =
        if long { (ns / 60_000_000_000, ns / 1_000_000_000 % 60) } else { (0, ns / 1_000_000_000) };
    if long {
        text.extend_from_slice(format!("{minutes}m").as_bytes());
    }
    text.extend_from_slice(seconds.to_string().as_bytes());
    if precision > 0 {
        let millis = format!("{:03}", ns / 1_000_000 % 1000);
        text.push(b'.');
        text.extend_from_slice(millis.get(..precision).unwrap_or(&millis).as_bytes());
    }
    if long {
        text.push(b's');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, ns: u64, expected: &str) {
        let text = format_times(format.as_bytes(), &Elapsed { real: ns, user: ns / 2 });
        assert_eq!(text.as_deref().map(String::from_utf8_lossy), Ok(expected.into()));
    }

    #[test]
    fn timeformat_is_that_of_bash() {
        check("%R", 1_234_567_890, "1.234");
        check("%2lR %0U %P%%", 61_500_000_000, "1m1.50s 30 50.00%");
    }
}
