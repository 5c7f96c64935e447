//! Questions on stderr, answered by a line of standard input.

use std::io;

/// Asks; only an answer that begins with `y` or `Y` is a yes.
pub(crate) fn ask(program: &str, question: &str) -> bool {
    super::output::warn(format!("{program}: {question} ").as_bytes());
    let mut answer = String::new();
    // No answer is a no.
    io::stdin().read_line(&mut answer).is_ok() && answer.starts_with(['y', 'Y'])
}
