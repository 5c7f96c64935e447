//! The shell over the real system: `native [bash's arguments]`, for tests and profiling without Wasm.
//!
//! `--stage STATE STAGE` is how this program starts itself for shell stages. `--run SCRIPT` behaves as a session does.

use std::os::unix::ffi::OsStringExt;
use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::state::decode_child;
use guest_shell::sys::native::NativeSys;
use guest_shell::sys::{OpenFlags, Sys};

fn main() {
    std::process::exit(i32::from(run()));
}

fn run() -> u8 {
    let args: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let env: Vec<Vec<u8>> =
        std::env::vars_os().map(|(name, value)| [name.into_vec(), value.into_vec()].join(&b'=')).collect();
    let Ok(program) = std::env::current_exe() else { return 125 };
    let Ok(sys) = NativeSys::new(program) else { return 125 };
    let sys: Rc<dyn Sys> = Rc::new(sys);
    if let [_, flag, state, stage] = args.as_slice()
        && flag == b"--stage"
    {
        let read = |path: &[u8]| read_whole(&*sys, path).unwrap_or_default();
        return match decode_child(Rc::clone(&sys), &read(state), &read(stage)) {
            Ok((mut shell, list)) => shell.stage(&list),
            Err(error) => {
                let _ = sys.write(2, format!("bash: {error}\n").as_bytes());
                125
            }
        };
    }
    if let [_, flag, script] = args.as_slice()
        && flag == b"--run"
    {
        let mut shell = Shell::session(sys, &env);
        return shell.run(b"bash", script).0;
    }
    let mut argv = args;
    if let Some(name) = argv.first_mut().filter(|name| name.ends_with(b"native")) {
        *name = b"bash".to_vec();
    }
    Shell::new(sys, b"bash", &env).main(&argv)
}

fn read_whole(sys: &dyn Sys, path: &[u8]) -> Option<Vec<u8>> {
    let fd = sys.open(path, OpenFlags::READ, 0).ok()?;
    let mut all = Vec::new();
    loop {
        let piece = sys.read(fd, 1 << 20).ok()?;
        if piece.is_empty() {
            let _ = sys.close(fd);
            return Some(all);
        }
        all.extend_from_slice(&piece);
    }
}
