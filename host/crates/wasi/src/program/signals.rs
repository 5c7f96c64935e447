//! Signals: sending them, what they do to this process, and taking those it holds.

use base::{Errno, Signal};
use kernel::Disposition;
use wasmtime::{Linker, Result};

use super::MODULE;
use crate::call::{Guest, call};
use crate::state::GuestState;
use crate::system;

const DEFAULT: u32 = 0;
const IGNORE: u32 = 1;
/// The signal waits until it is asked for, and calls that wait answer `EINTR` meanwhile.
const HOLD: u32 = 2;

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap(MODULE, "kill", |mut caller: Guest<'_>, target: i32, signal: u32| {
        call(&mut caller, |_, state| system::kill(state, target, signal))
    })?;
    linker.func_wrap(MODULE, "sigaction", |mut caller: Guest<'_>, signal: u32, disposition: u32| {
        call(&mut caller, |_, state| {
            let disposition = match disposition {
                DEFAULT => Disposition::Default,
                IGNORE => Disposition::Ignore,
                HOLD => Disposition::Handle,
                _ => return Err(Errno::EINVAL),
            };
            system::set_disposition(state, signal, disposition)
        })
    })?;
    linker.func_wrap(MODULE, "sigstate", |mut caller: Guest<'_>, signal: u32, out: u32| {
        call(&mut caller, |memory, state| {
            let number = u8::try_from(signal).ok().filter(|number| (1..=SIGNAL_MAX).contains(number));
            let disposition = match state.process.disposition(Signal(number.ok_or(Errno::EINVAL)?)) {
                Disposition::Default => DEFAULT,
                Disposition::Ignore => IGNORE,
                Disposition::Handle => HOLD,
            };
            memory.put_u32(out, disposition)
        })
    })?;
    linker.func_wrap(MODULE, "sigpending", |mut caller: Guest<'_>, out: u32| {
        call(&mut caller, |memory, state| {
            // A signal that is taken must not be lost for want of a place to tell it.
            memory.check(out, 4)?;
            memory.put_u32(out, state.process.take_signal().map_or(0, |signal| signal.0.into()))
        })
    })?;
    Ok(())
}

/// The last signal's number.
const SIGNAL_MAX: u8 = 64;
