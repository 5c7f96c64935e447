//! The list of programs, read by this component and by the tests that run it: a program without a test does not compile.

/// Gives the names of all programs to a macro.
macro_rules! for_each_program {
    ($macro:ident) => {
        $macro! {
            aborts, broken_pipe, clocks, copy, descriptors, environment, exit, files, handles, hoard, listing, names, poll,
            random, spin, streams, system,
        }
    };
}
pub(crate) use for_each_program;
