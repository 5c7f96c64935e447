//! Reading directories: whole, and in steps while they change.

use std::collections::BTreeMap;

use crate::sys;
use crate::world::Errno;

/// Names that `survey` and `drain` make for themselves.
const EXTRA: &str = "extra";

/// Answers the sorted names without `.` and `..`, which must be there.
pub fn list(path: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut names = Vec::new();
    let mut dots = 0;
    sys::read_dir(path, 4096, |name| {
        match name {
            b"." | b".." => dots += 1,
            name => names.push(name.to_vec()),
        }
        Ok(())
    })?;
    names.sort();
    let names = names.join(&b","[..]);
    Ok(if dots == 2 { names } else { [&b"without dots: "[..], &names].concat() })
}

/// Makes `count` files named by their numbers.
pub fn fill(path: &[u8], count: u64) -> Result<(), Errno> {
    for number in 0..count {
        sys::close(sys::open(&entry(path, &number.to_string()), &sys::CREATE)?)?;
    }
    Ok(())
}

/// Removes every entry as it is read with a buffer of `size` bytes; answers how many there were.
pub fn drain(path: &[u8], size: usize) -> Result<Vec<u8>, Errno> {
    let mut count = 0u64;
    sys::read_dir(path, size, |name| {
        if name != b"." && name != b".." {
            sys::unlink(&entry(path, &String::from_utf8_lossy(name)))?;
            count += 1;
        }
        Ok(())
    })?;
    Ok(count.to_string().into_bytes())
}

/// Reads with a buffer of `size` bytes, and makes and removes a file beside each entry; answers how many of the entries
/// that were there all the time came exactly once.
pub fn survey(path: &[u8], size: usize) -> Result<Vec<u8>, Errno> {
    let mut seen: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    let mut step = 0u64;
    sys::read_dir(path, size, |name| {
        *seen.entry(name.to_vec()).or_default() += 1;
        // Names before, between and after those that are there.
        let extra = entry(path, &format!("{}{EXTRA}{step}", step % 10));
        sys::close(sys::open(&extra, &sys::CREATE)?)?;
        if step % 3 != 0 {
            sys::unlink(&extra)?;
        }
        step += 1;
        Ok(())
    })?;
    let of_old = |(name, times): &(&Vec<u8>, &u64)| **times == 1 && name.iter().all(u8::is_ascii_digit);
    Ok(seen.iter().filter(of_old).count().to_string().into_bytes())
}

fn entry(path: &[u8], name: &str) -> Vec<u8> {
    [path, b"/", name.as_bytes()].concat()
}
