//! `nice`: starts a program with another niceness, or tells the present one.
//!
//! A session's processes share its processors fairly whatever their niceness; it is kept and inherited as POSIX wants.

use sandshell_sys::options::{HELP, Letters, OptionReader, Order, VERSION};
use sandshell_sys::{Command, exec_failure_status, niceness, quote};

use crate::message::Program;

pub(crate) const USAGE: &str = "\
Usage: nice [OPTION] [COMMAND [ARG]...]
Runs COMMAND with an adjusted niceness. With no COMMAND, prints the current niceness.
Niceness values range from -20 (most favorable to the process) to 19 (least favorable).

  -n, --adjustment=N   add integer N to the niceness (default 10)
      --help           display this help and exit
      --version        output version information and exit

Exit status: 125 if nice itself fails, 126 if COMMAND cannot be invoked, 127 if it cannot be found, else COMMAND's.
";

const SPEC: Letters = Letters { short: "n:", long: &[("adjustment=", 'n')] };

/// What is added without an option.
const DEFAULT_ADJUSTMENT: i32 = 10;

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let mut arguments = OptionReader::new(&SPEC, Order::BeforeOperands, argv);
    let mut adjustment = None;
    loop {
        // The older syntax: -10, --5 and -+5 are adjustments themselves.
        if let Some(digits) = arguments.peek().and_then(old_adjustment) {
            adjustment = Some(digits);
            arguments.take();
            continue;
        }
        match arguments.next_option() {
            Ok(None) => break,
            Ok(Some((HELP, _))) => return program.help(),
            Ok(Some((VERSION, _))) => return program.version(),
            Ok(Some((_, argument))) => adjustment = argument,
            Err(message) => return program.misuse(&message),
        }
    }
    let increment = match adjustment.as_deref().map(read) {
        None => DEFAULT_ADJUSTMENT,
        Some(Some(increment)) => increment,
        Some(None) => {
            return program.fail(&format!("invalid adjustment {}", quote(&adjustment.unwrap_or_default())));
        }
    };
    let command = arguments.rest();
    let Some((name, rest)) = command.split_first() else {
        if adjustment.is_some() {
            return program.misuse("a command must be given with an adjustment");
        }
        return match niceness(0) {
            Ok(niceness) => program.print(format!("{niceness}\n")),
            Err(errno) => program.fail(&format!("cannot get niceness: {errno}")),
        };
    };
    if let Err(errno) = niceness(increment) {
        return program.fail(&format!("cannot set niceness: {errno}"));
    }
    let errno = Command::new(name).arguments(rest).exec();
    program.complain(&format!("{}: {errno}", quote(name)));
    exec_failure_status(errno)
}

/// The adjustment of the older syntax.
fn old_adjustment(argument: &[u8]) -> Option<Vec<u8>> {
    let text = argument.strip_prefix(b"-")?;
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    digits.first()?.is_ascii_digit().then(|| text.to_vec())
}

/// Reads an integer; what is beyond the range of niceness is cut to it.
fn read(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?;
    let (digits, is_negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // The whole range is 40 wide.
    let value = digits.parse::<i32>().unwrap_or(i32::MAX).min(40);
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjustments_are_integers_of_any_length() {
        assert_eq!((read(b"5"), read(b"+5"), read(b"-5")), (Some(5), Some(5), Some(-5)));
        assert_eq!((read(b"99999999999"), read(b""), read(b"1x"), read(b"-")), (Some(40), None, None, None));
    }

    #[test]
    fn the_older_syntax_is_a_number_behind_a_minus() {
        assert_eq!(old_adjustment(b"-5"), Some(b"5".to_vec()));
        assert_eq!(old_adjustment(b"--5"), Some(b"-5".to_vec()));
        assert_eq!(old_adjustment(b"-+5"), Some(b"+5".to_vec()));
        assert_eq!((old_adjustment(b"-n"), old_adjustment(b"--"), old_adjustment(b"5")), (None, None, None));
    }
}
