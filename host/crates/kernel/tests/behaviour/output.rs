//! A run's output log against a naive one that keeps everything.

use base::Limits;
use kernel::{OutputRecord, Stream};
use proptest::prelude::*;

use crate::common::*;

/// All bytes with the stream each was written to, in order.
type Everything = Vec<(Stream, u8)>;

/// Leaves what a log with these bounds keeps: the first `head` and the last `tail` of the others, of each stream.
fn kept(everything: &Everything, head: usize, tail: usize) -> Everything {
    let total = |stream| everything.iter().filter(|(of, _)| *of == stream).count();
    let totals = [total(Stream::Stdout), total(Stream::Stderr)];
    let mut seen = [0, 0];
    let mut keep = |stream: &Stream| {
        let which = usize::from(*stream == Stream::Stderr);
        seen[which] += 1;
        seen[which] <= head || seen[which] > totals[which].saturating_sub(tail).max(head)
    };
    everything.iter().filter(|(stream, _)| keep(stream)).copied().collect()
}

fn flat(records: &[OutputRecord]) -> Everything {
    records.iter().flat_map(|record| record.data.iter().map(|byte| (record.stream, *byte))).collect()
}

proptest! {
    #[test]
    fn a_log_keeps_exactly_head_and_tail_in_the_order_of_writing(
        writes in proptest::collection::vec((any::<bool>(), 0usize..12), 0..40),
        head in 0u64..20,
        tail in 0u64..20,
        max in 1u64..300,
    ) {
        let limits = Limits { output_head_bytes: head, output_tail_bytes: tail, output_bytes: max, ..Limits::default() };
        let world = World::with_limits(limits);
        let mut everything = Everything::new();
        let mut written = 0;
        for (to_stderr, len) in writes {
            let (fd, stream) = if to_stderr { (2, Stream::Stderr) } else { (1, Stream::Stdout) };
            let data: Vec<u8> = (0..len).map(|n| u8::try_from((written + n) % 251).unwrap()).collect();
            prop_assert_eq!(write_now(&world.shell, fd, &data), Ok(len));
            everything.extend(data.iter().map(|byte| (stream, *byte)));
            written += len;
        }
        let max = usize::try_from(max).unwrap();
        let is_over = written > max;
        everything.truncate(max);
        let output = world.run.output();
        let expected = kept(&everything, usize::try_from(head).unwrap(), usize::try_from(tail).unwrap());
        let records = output.records();
        prop_assert_eq!(flat(&records), expected.clone());
        let skipped: u64 = records.iter().map(|record| record.skipped_bytes).sum();
        let views = [output.stream(Stream::Stdout), output.stream(Stream::Stderr)];
        let skipped_in_views: u64 = views.iter().map(|view| view.skipped_bytes).sum();
        prop_assert_eq!(skipped_in_views, (everything.len() - expected.len()) as u64);
        prop_assert!(skipped <= skipped_in_views, "a stream without a tail has no record to tell it");
        for (view, stream) in views.into_iter().zip([Stream::Stdout, Stream::Stderr]) {
            let own: Vec<u8> = expected.iter().filter(|(of, _)| *of == stream).map(|(_, byte)| *byte).collect();
            prop_assert_eq!(view.into_bytes(), own);
        }
        prop_assert_eq!(output.accepted_bytes() + output.discarded_bytes(), written as u64);
        prop_assert_eq!(world.run.stopped_by().is_some(), is_over);
        prop_assert_eq!(output.is_truncated(), is_over || skipped_in_views > 0);
    }
}
