//! Many processes on several threads at once: no wake-up is lost, no byte, no status.

use base::Signal;
use kernel::{KillTarget, WaitStatus};

use crate::common::*;

/// Pipelines that run at the same time.
const PIPELINES: usize = 12;

/// Bytes through each: many times a pipe's capacity.
const BYTES: usize = 1 << 20;

async fn cat(spec: kernel::ProcessSpec) -> WaitStatus {
    loop {
        match read(&spec.process, 0, 10_000).await {
            Ok(data) if data.is_empty() => return WaitStatus::Exited(0),
            Ok(data) if write(&spec.process, 1, &data).await.is_ok() => {}
            _ => return WaitStatus::Exited(1),
        }
    }
}

fn on_four_threads<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
    runtime.block_on(body)
}

#[test]
fn pipelines_on_many_threads_end_with_every_byte() {
    let world = World::new();
    world.program("/bin/source", |spec| async move {
        write(&spec.process, 1, &vec![b'x'; BYTES]).await.expect("the reader reads on");
        WaitStatus::Exited(0)
    });
    world.program("/bin/cat", cat);
    on_four_threads(async {
        let shell = &world.shell;
        let mut ends = Vec::new();
        let mut children = Vec::new();
        for _ in 0..PIPELINES {
            let (first_in, first_out) = shell.pipe(10).unwrap();
            let (second_in, second_out) = shell.pipe(10).unwrap();
            let (last_in, last_out) = shell.pipe(10).unwrap();
            children.push(spawn(shell, "/bin/source", &[(1, first_out)]));
            children.push(spawn(shell, "/bin/cat", &[(0, first_in), (1, second_out)]));
            children.push(spawn(shell, "/bin/cat", &[(0, second_in), (1, last_out)]));
            for fd in [first_in, first_out, second_in, second_out, last_out] {
                shell.close(fd).unwrap();
            }
            let shell = shell.clone();
            ends.push(tokio::spawn(async move { read_all(&shell, last_in).await.unwrap().len() }));
        }
        for end in ends {
            assert_eq!(end.await.unwrap(), BYTES);
        }
        for child in children {
            assert_eq!(status_of(shell, child).await, WaitStatus::Exited(0));
        }
    });
    world.check();
}

#[test]
fn killing_in_the_middle_of_everything_leaves_nothing_behind() {
    let world = World::new();
    world.program("/bin/cat", cat);
    world.program("/bin/yes", |spec| async move {
        while write(&spec.process, 1, b"yes\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
        WaitStatus::Exited(1)
    });
    on_four_threads(async {
        let shell = &world.shell;
        for round in 0..60 {
            let (reader, writer) = shell.pipe(10).unwrap();
            let yes = spawn(shell, "/bin/yes", &[(1, writer)]);
            let cat = spawn(shell, "/bin/cat", &[(0, reader), (1, 1)]);
            shell.close(reader).unwrap();
            shell.close(writer).unwrap();
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            let victim = if round % 2 == 0 { yes } else { cat };
            shell.kill(KillTarget::Pid(victim), Some(Signal::TERM)).unwrap();
            let others_end = if round % 2 == 0 { WaitStatus::Exited(0) } else { killed_by(Signal::PIPE) };
            assert_eq!(status_of(shell, victim).await, killed_by(Signal::TERM));
            let other = if round % 2 == 0 { cat } else { yes };
            assert_eq!(status_of(shell, other).await, others_end);
        }
        assert_eq!(world.kernel.n_jobs(), 0);
    });
    world.check();
}
