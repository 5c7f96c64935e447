//! Takes memory until there is none.

use std::hint::black_box;

pub(crate) fn main() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1u8; 1 << 20]));
    }
}
