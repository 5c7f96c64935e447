//! Rust's standard library on `wasm32-wasip1`, through wasi-libc: a real program, compiled here and run.

use std::sync::Arc;

use base::{Limits, MonoNanos, SystemClock};
use bytes::Bytes;
use kernel::{RunSpec, Stdin, Stream};
use sandshell_wasi::{GuestExit, GuestSpec, GuestState};
use wasmtime::{Module, Store};

use crate::fixture;

#[test]
fn files_streams_and_time_work_as_rust_programs_expect() {
    let clock = Arc::new(SystemClock::new());
    let (kernel, launcher) = fixture::session(&Limits::default(), clock);
    let stdin = Stdin::Bytes(Bytes::from_static(b"first line\nsecond\n"));
    let run = kernel.begin_run(RunSpec { stdin, deadline: MonoNanos(u64::MAX / 2), fuel: u64::MAX / 2 });
    let process = fixture::spawn_process(&kernel, &launcher);
    let state = GuestState::for_module(GuestSpec {
        process,
        argv: ["std", "one two", ""].map(|text| text.as_bytes().to_vec()).into(),
        env: vec![b"HOME=/root".to_vec()],
        slot: Box::new(fixture::CountedSlot::default()),
        metered: false,
        slice_ticks: 1,
    })
    .expect("descriptors are left");
    let engine = fixture::engine(false);
    let module =
        Module::new(&engine, fixture::compile("std", "abi/guests/std.rs").expect("it compiles")).expect("valid");
    let mut store = Store::new(&engine, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_async_yield_and_update(1);
    store.set_epoch_deadline(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(async {
        let instance = fixture::linker(&engine).instantiate_async(&mut store, &module).await.expect("it links");
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("a command");
        start.call_async(&mut store, ()).await
    });
    let stderr = String::from_utf8_lossy(&run.output().stream(Stream::Stderr).into_bytes()).into_owned();
    let end = ended.as_ref().err().and_then(GuestExit::of);
    assert_eq!(end, Some(GuestExit::Exited(3)), "{ended:?}\n{stderr}");
    assert_eq!(stderr, "terminals: false false false\n");
    let stdout = String::from_utf8_lossy(&run.output().stream(Stream::Stdout).into_bytes()).into_owned();
    assert_eq!(stdout, "got first line\ngot second\n16 bytes\n");
    kernel.with_tree(|tree| tree.check_invariants()).expect("the tree is whole");
}
