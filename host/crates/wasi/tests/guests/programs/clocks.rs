//! `clock_res_get` and `clock_time_get`: four clocks, and none besides.

use super::*;

const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;
const YEAR_2020: u64 = 1_577_836_800_000_000_000;

pub fn run(_: &str) {
    for clock in 0..4 {
        assert!(clock_res_get(clock).unwrap() > 0);
        let first = clock_time_get(clock).unwrap();
        assert!(clock_time_get(clock).unwrap() >= first);
    }
    assert!(clock_time_get(REALTIME).unwrap() > YEAR_2020);
    let start = clock_time_get(MONOTONIC).unwrap();
    while clock_time_get(MONOTONIC).unwrap() == start {}
    fails!(clock_res_get(4), EINVAL);
    fails!(clock_time_get(4), EINVAL);
}
