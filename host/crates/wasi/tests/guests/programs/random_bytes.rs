//! `random_get`: any number of bytes.

use super::*;

pub fn run(_: &str) {
    random_get(&mut []).unwrap();
    for len in [1, 1024, 9 << 20] {
        let mut bytes = vec![0; len + 1];
        random_get(&mut bytes[..len]).unwrap();
        assert_eq!(bytes[len], 0, "not one more");
        if len > 1000 {
            let zeros = bytes.iter().filter(|byte| **byte == 0).count();
            assert!(zeros < len / 100, "{zeros} of {len}");
            assert!(bytes[len - 64..len].iter().any(|byte| *byte != 0), "to the end");
        }
    }
}
