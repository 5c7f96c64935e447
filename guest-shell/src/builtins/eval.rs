//! `eval`, `.` and `source`.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::options::{SetOption, ShellOption};
use crate::parse::Source;
use crate::shell::{Frame, FrameKind, Shell};
use crate::sys::FileKind;
use crate::traps::Event;
use crate::vars::Positional;

use super::{Call, builtin};

builtin! {
    /// Execute arguments as a shell command.
    ///
    /// Combine ARGs into a single string, use the result as input to the shell, and execute the resulting commands.
    EVAL = "eval", "eval [arg ...]", eval, special
}
builtin! {
    /// Execute commands from a file in the current shell.
    ///
    /// Read and execute commands from FILENAME in the current shell. The entries in $PATH are used to find the
    /// directory containing FILENAME. If any ARGUMENTS are supplied, they become the positional parameters when
    /// FILENAME is executed.
    DOT = ".", ". filename [arguments]", source, special
}
builtin! {
    /// Execute commands from a file in the current shell.
    ///
    /// Read and execute commands from FILENAME in the current shell. The entries in $PATH are used to find the
    /// directory containing FILENAME. If any ARGUMENTS are supplied, they become the positional parameters when
    /// FILENAME is executed.
    SOURCE = "source", "source filename [arguments]", source, special
}

fn eval(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let text = args.join(&b' ');
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(0);
    }
    shell.note_script(&text);
    let line = shell.line;
    shell.exec.trace_level += 1;
    let outer = shell.exec.parsing.replace("eval");
    let result = shell.eval_text(&text, line);
    shell.exec.parsing = outer;
    shell.exec.trace_level -= 1;
    result.map(|()| shell.status)
}

fn source(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let Some((name, args)) = args.split_first() else {
        shell.builtin_error(call, b"filename argument required");
        return Ok(shell.usage_error(call));
    };
    if name.contains(&b'/') && shell.is_restricted() {
        shell.builtin_error(call, &[name, b": restricted".as_slice()].concat());
        return Ok(1);
    }
    let path = find(shell, name);
    if shell.is_set(SetOption::Posix) && path == *name && !name.contains(&b'/') {
        shell.builtin_error(call, &[name, b": file not found".as_slice()].concat());
        return Err(Unwind::Exit(1));
    }
    let directory = shell.sys.stat(&path, true).is_ok_and(|stat| stat.kind == FileKind::Directory);
    if directory {
        shell.builtin_error(call, &[name, b": is a directory".as_slice()].concat());
        return Ok(1);
    }
    let script = match shell.read_file(&path) {
        Ok(script) => script,
        Err(error) => {
            let text = [name, b": ".as_slice(), error.text().as_bytes()].concat();
            shell.report(&text);
            // POSIX: a special builtin's failure ends a shell that reads a script.
            return if shell.is_set(SetOption::Posix) { Err(Unwind::Exit(1)) } else { Ok(1) };
        }
    };
    shell.note_script(&script);
    run_file(shell, &path, script, args)
}

fn find(shell: &Shell, name: &[u8]) -> Vec<u8> {
    if name.contains(&b'/') || !shell.is_shopt(ShellOption::SourcePath) {
        return name.to_vec();
    }
    let path = shell.text_of(crate::vars::Name::PATH).map(|path| path.into_owned()).unwrap_or_default();
    for directory in path.split(|byte| *byte == b':').filter(|directory| !directory.is_empty()) {
        let candidate = [directory, b"/", name].concat();
        if shell.sys.stat(&candidate, true).is_ok_and(|stat| stat.kind == FileKind::Regular) {
            return candidate;
        }
    }
    name.to_vec()
}

fn run_file(shell: &mut Shell, path: &[u8], script: Vec<u8>, args: &[Vec<u8>]) -> Flow<u8> {
    let frame = Frame {
        kind: FrameKind::Source,
        name: Rc::from(&b"source"[..]),
        source: Rc::from(path),
        call_line: shell.line,
        arguments: shell.noted_arguments(args),
    };
    let positional = (!args.is_empty()).then(|| shell.vars.set_positional(Positional::new(args.to_vec())));
    let parameters_set = shell.builtins.parameters_set;
    let line = shell.line;
    Rc::make_mut(&mut shell.frames).push(frame);
    shell.exec.trace_level += 1;
    let outer = shell.exec.parsing.take();
    let result = shell.eval_source(&mut Source::new(script, 1));
    shell.exec.parsing = outer;
    shell.exec.trace_level -= 1;
    if let Err(Unwind::Return(status)) = result {
        shell.status = status;
    }
    let traced = !shell.traps.is_empty() && matches!(result, Ok(()) | Err(Unwind::Return(_)));
    let trapped = if traced { shell.run_trap(Event::Return) } else { Ok(()) };
    Rc::make_mut(&mut shell.frames).pop();
    shell.line = line;
    if let Some(positional) = positional
        && shell.builtins.parameters_set == parameters_set
    {
        shell.vars.set_positional(positional);
    }
    trapped?;
    match result {
        Ok(()) | Err(Unwind::Return(_)) => Ok(shell.status),
        Err(other) => Err(other),
    }
}
