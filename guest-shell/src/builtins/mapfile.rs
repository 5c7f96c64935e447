//! `mapfile` and `readarray`.

use crate::flow::Flow;
use crate::shell::Shell;
use crate::sys::Errno;
use crate::vars::{Key, TextPlace, quote_single};

use super::{Call, builtin, options};

builtin! {
    /// Read lines from the standard input into an indexed array variable.
    ///
    /// Options:
    ///   -d delim	Use DELIM to terminate lines, instead of newline
    ///   -n count	Copy at most COUNT lines. If COUNT is 0, all lines are copied
    ///   -O origin	Begin assigning to ARRAY at index ORIGIN. The default index is 0
    ///   -s count	Discard the first COUNT lines read
    ///   -t	Remove a trailing DELIM from each line read (default newline)
    ///   -u fd	Read lines from file descriptor FD instead of the standard input
    ///   -C callback	Evaluate CALLBACK each time QUANTUM lines are read
    ///   -c quantum	Specify the number of lines read between each call to CALLBACK
    MAPFILE = "mapfile", "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]", mapfile
}
builtin! {
    /// Read lines from a file into an array variable. A synonym for `mapfile'.
    READARRAY = "readarray", "readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]", mapfile
}

/// How many lines go by between two calls of a callback.
const QUANTUM_DEFAULT: u64 = 5000;
/// The longest line.
const LINE_MAX: u32 = 16 << 20;

fn mapfile(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"d:n:O:s:tu:C:c:") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let mut numbers = [0u64; 4];
    for (number, letter) in numbers.iter_mut().zip(*b"nOsu") {
        let Some(text) = parsed.value(letter) else { continue };
        match options::number(text).and_then(|value| u64::try_from(value).ok()) {
            Some(value) => *number = value,
            None => {
                let what: &[u8] = match letter {
                    b'O' => b": invalid array origin",
                    b'u' => b": invalid file descriptor specification",
                    _ => b": invalid line count",
                };
                shell.builtin_error(call, &[text, what].concat());
                return Ok(1);
            }
        }
    }
    let [count, origin, skip, fd] = numbers;
    let fd = u32::try_from(fd).unwrap_or(u32::MAX);
    let place = parsed.rest.first().map_or(b"MAPFILE".as_slice(), |name| name);
    if place.is_empty() {
        shell.builtin_error(call, b"empty array variable name");
        return Ok(2);
    }
    let quantum = parsed.value(b'c').map(|text| (text, options::number(text)));
    if let Some((text, None | Some(..=0))) = quantum {
        shell.builtin_error(call, &[text, b": invalid callback quantum"].concat());
        return Ok(1);
    }
    let Some(TextPlace::Variable(name)) = TextPlace::parse(place) else {
        shell.builtin_error(call, &[b"`", place, b"': not a valid identifier"].concat());
        return Ok(1);
    };
    if shell.sys.fd_stat(fd).is_err() {
        shell.builtin_error(call, format!("{fd}: invalid file descriptor: {}", Errno::EBADF).as_bytes());
        return Ok(1);
    }
    if shell.is_assoc(name) {
        shell.builtin_error(call, &[place, b": not an indexed array"].concat());
        return Ok(1);
    }
    if parsed.value(b'O').is_none()
        && let Err(error) = shell.set_array(name, Vec::new())
    {
        return shell.builtin_failed(call, error);
    }
    let delimiter = parsed.value(b'd').map_or(b'\n', |text| text.first().copied().unwrap_or(0));
    let quantum = quantum.and_then(|(_, count)| u64::try_from(count?).ok()).unwrap_or(QUANTUM_DEFAULT);
    let mut taken = 0;
    let mut seen = 0;
    while count == 0 || taken < count {
        let Some(mut line) = next_line(shell, fd, delimiter)? else { break };
        seen += 1;
        if seen <= skip {
            continue;
        }
        if parsed.has(b't') && line.last() == Some(&delimiter) {
            line.pop();
        }
        line.retain(|byte| *byte != 0);
        let index = i64::try_from(origin + taken).unwrap_or(i64::MAX);
        if let Some(callback) = parsed.value(b'C')
            && (taken + 1) % quantum == 0
        {
            let text = [callback, format!(" {index} ").as_bytes(), &quote_single(&line)].concat();
            shell.eval_text(&text, shell.line)?;
        }
        if let Err(error) = shell.set_element(name, &Key::Index(index), &line, false) {
            return shell.builtin_failed(call, error);
        }
        taken += 1;
    }
    Ok(0)
}

fn next_line(shell: &mut Shell, fd: u32, delimiter: u8) -> Flow<Option<Vec<u8>>> {
    loop {
        shell.tick()?;
        match shell.sys.read_until(fd, delimiter, LINE_MAX) {
            Ok(line) if line.is_empty() => return Ok(None),
            Ok(line) => return Ok(Some(line)),
            Err(Errno::EINTR) => shell.poll_signals()?,
            Err(_) => return Ok(None),
        }
    }
}
