//! `poll_oneoff` with clocks: relative and absolute, real and monotonic.

use super::*;

const MS: u64 = 1_000_000;

fn clock(userdata: u64, id: u32, timeout: u64, absolute: bool) -> Vec<u8> {
    let mut record = vec![0; 48];
    record[..8].copy_from_slice(&userdata.to_le_bytes());
    record[16..20].copy_from_slice(&id.to_le_bytes());
    record[24..32].copy_from_slice(&timeout.to_le_bytes());
    record[40] = u8::from(absolute);
    record
}

/// (userdata, errno, type)
fn told(event: &[u8; 32]) -> (u64, u16, u8) {
    (word(event, 0), u16::from_le_bytes([event[8], event[9]]), event[10])
}

pub fn run(_: &str) {
    for id in [0, 1] {
        let start = clock_time_get(id).unwrap();
        let events = poll_oneoff(&[clock(5, id, 2 * MS, false)]).unwrap();
        assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [(5, 0, 0)]);
        assert!(clock_time_get(id).unwrap() >= start + 2 * MS);
        let due = clock_time_get(id).unwrap() + 2 * MS;
        assert_eq!(poll_oneoff(&[clock(6, id, due, true)]).unwrap().len(), 1);
        assert!(clock_time_get(id).unwrap() >= due);
        // The past is due at once, alone.
        let events = poll_oneoff(&[clock(1, id, u64::MAX, false), clock(2, id, 1, true)]).unwrap();
        assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [(2, 0, 0)]);
    }
    let events = poll_oneoff(&[clock(7, 9, 1, false)]).unwrap();
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [(7, EINVAL as u16, 0)]);
    fails!(poll_oneoff(&[]), EINVAL);
}
