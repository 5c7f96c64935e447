//! `stty`: tells a terminal's size and settings. They cannot be changed: what stands behind a terminal is the server's.

use sandshell_sys::{Fd, is_terminal, quote, window_size};

use crate::options::Grammar;
use crate::program::{Outcome, Program};

/// `stty`.
pub(crate) const PROGRAM: Program = Program {
    name: "stty",
    failure: 1,
    help: "\
Usage: stty [-a] [size]
Print the size or the settings of the terminal on standard input. Changing them is refused.

  -a, --all   all settings
      --help, --version
",
    grammar: Grammar { short: "agF:", long: &[("all", 'a'), ("save", 'g'), ("file=", 'F')], stops_at_operand: true },
    main,
};

const SETTINGS: &str = "\
intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>; eol2 = <undef>; swtch = <undef>; start = ^Q;\n\
stop = ^S; susp = ^Z; rprnt = ^R; werase = ^W; lnext = ^V; discard = ^O; min = 1; time = 0;\n\
-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts\n\
-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl ixon -ixoff -iuclc -ixany -imaxbel -iutf8\n\
opost -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0\n\
isig icanon iexten echo echoe echok -echonl -noflsh -xcase -tostop -echoprt echoctl echoke -flusho -extproc\n";

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    if let Some(option) = given.iter().find(|option| option.letter == 'F') {
        let reason =
            sandshell_sys::stat(option.bytes()).map_or_else(|errno| errno.to_string(), |_| NO_TERMINAL.to_owned());
        return Err(program.fail(&format!("{}: {reason}", option.text())));
    }
    if !is_terminal(Fd::STDIN).unwrap_or(false) {
        return Err(program.fail(&format!("'standard input': {NO_TERMINAL}")));
    }
    let size = window_size().map_err(|errno| program.fail(&format!("'standard input': {errno}")))?;
    if given.iter().any(|option| option.letter == 'a') {
        let head = format!("speed 38400 baud; rows {}; columns {}; line = 0;\n", size.rows, size.columns);
        return Ok(program.print(head + SETTINGS));
    }
    match operands.as_slice() {
        [] => Ok(program.print("speed 38400 baud; line = 0;\n")),
        [word] if word == b"size" => Ok(program.print(format!("{} {}\n", size.rows, size.columns))),
        [word, ..] => Err(program.fail(&format!("{}: the terminal's settings cannot be changed", quote(word)))),
    }
}

/// What `ioctl` says of what is no terminal.
const NO_TERMINAL: &str = "Inappropriate ioctl for device";
