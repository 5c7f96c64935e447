//! Path resolution: dots, links, slashes, limits, `/dev/fd`.

use base::Errno;
use sandshell_vfs::{Device, Follow, Ino, Kind, LINKS_MAX, NAME_MAX, PATH_MAX, Tree};

use super::{LATER, NOW, ROOT, check, file, read, tree};

/// `/d/f`, `/d/s -> f`, `/l -> d`, `/abs -> /d/f`, `/dangling -> none`.
fn sample() -> Tree {
    let mut tree = tree();
    file(&mut tree, "/d/f", b"content");
    tree.symlink(b"f", ROOT, b"/d/s", NOW).unwrap();
    tree.symlink(b"d", ROOT, b"/l", NOW).unwrap();
    tree.symlink(b"/d/f", ROOT, b"/abs", NOW).unwrap();
    tree.symlink(b"none", ROOT, b"/dangling", NOW).unwrap();
    tree
}

#[test]
fn every_spelling_of_a_path_leads_to_the_same_file() {
    let tree = sample();
    for path in
        ["/d/f", "d/f", "//d///f", "/./d/./f", "/d/../d/f", "/../../d/f", "/d/s", "/l/f", "/l/s", "/abs", "l/../abs"]
    {
        assert_eq!(read(&tree, path).as_deref(), Ok(&b"content"[..]), "{path}");
    }
}

#[test]
fn a_path_that_leads_nowhere_says_why() {
    let tree = sample();
    let cases = [
        ("", Errno::ENOENT),
        ("/none", Errno::ENOENT),
        ("/none/f", Errno::ENOENT),
        ("/dangling", Errno::ENOENT),
        ("/d/f/", Errno::ENOTDIR),
        ("/d/f/.", Errno::ENOTDIR),
        ("/d/f/..", Errno::ENOTDIR),
        ("/d/f/x", Errno::ENOTDIR),
        ("/abs/", Errno::ENOTDIR),
    ];
    for (path, errno) in cases {
        assert_eq!(tree.lookup(ROOT, path.as_bytes(), Follow::Yes), Err(errno), "{path}");
    }
}

#[test]
fn the_last_link_is_followed_when_asked_to_or_before_a_slash() {
    let tree = sample();
    let kind = |path: &[u8], follow| tree.stat(tree.lookup(ROOT, path, follow).unwrap()).unwrap().kind;
    assert_eq!(kind(b"/l", Follow::No), Kind::Symlink);
    assert_eq!(kind(b"/l", Follow::Yes), Kind::Dir);
    assert_eq!(kind(b"/l/", Follow::No), Kind::Dir);
    assert_eq!(kind(b"/dangling", Follow::No), Kind::Symlink);
}

#[test]
fn forty_links_are_followed_and_no_more() {
    let mut tree = tree();
    file(&mut tree, "/0", b"");
    for link in 1..=LINKS_MAX + 1 {
        let target = (link - 1).to_string();
        tree.symlink(target.as_bytes(), ROOT, link.to_string().as_bytes(), NOW).unwrap();
    }
    assert!(tree.lookup(ROOT, LINKS_MAX.to_string().as_bytes(), Follow::Yes).is_ok());
    assert_eq!(tree.lookup(ROOT, (LINKS_MAX + 1).to_string().as_bytes(), Follow::Yes), Err(Errno::ELOOP));
    tree.symlink(b"self/x", ROOT, b"self", NOW).unwrap();
    assert_eq!(tree.lookup(ROOT, b"self", Follow::Yes), Err(Errno::ELOOP));
    assert_eq!(tree.create(ROOT, b"self", 0o644, false, NOW), Err(Errno::ELOOP));
}

#[test]
fn names_and_paths_have_a_longest_length() {
    let mut tree = tree();
    let longest = vec![b'n'; NAME_MAX];
    tree.create(ROOT, &longest, 0o644, true, NOW).unwrap();
    assert!(tree.lookup(ROOT, &longest, Follow::Yes).is_ok());
    let longer = vec![b'n'; NAME_MAX + 1];
    assert_eq!(tree.create(ROOT, &longer, 0o644, true, NOW), Err(Errno::ENAMETOOLONG));
    let path = |len: usize| b"/.".iter().copied().cycle().take(len).collect::<Vec<u8>>();
    assert_eq!(tree.lookup(ROOT, &path(PATH_MAX), Follow::Yes), Ok(ROOT));
    assert_eq!(tree.lookup(ROOT, &path(PATH_MAX + 1), Follow::Yes), Err(Errno::ENAMETOOLONG));
    assert_eq!(tree.symlink(&path(PATH_MAX + 1), ROOT, b"s", NOW), Err(Errno::ENAMETOOLONG));
}

#[test]
fn a_relative_path_starts_at_its_base() {
    let tree = sample();
    let dir = tree.lookup(ROOT, b"/d", Follow::Yes).unwrap();
    assert_eq!(tree.lookup(dir, b"f", Follow::Yes), tree.lookup(ROOT, b"/d/f", Follow::Yes));
    assert_eq!(tree.lookup(dir, b"..", Follow::Yes), Ok(ROOT));
    assert_eq!(tree.lookup(dir, b"/d", Follow::Yes), Ok(dir));
    let file = tree.lookup(dir, b"f", Follow::Yes).unwrap();
    assert_eq!(tree.lookup(file, b"x", Follow::Yes), Err(Errno::ENOTDIR));
    assert_eq!(tree.lookup(file, b"/d", Follow::Yes), Ok(dir));
    assert_eq!(tree.lookup(Ino(999), b"x", Follow::Yes), Err(Errno::ENOENT));
}

#[test]
fn creating_follows_a_dangling_link_unless_exclusive() {
    let mut tree = sample();
    assert_eq!(tree.create(ROOT, b"/dangling", 0o644, true, NOW), Err(Errno::EEXIST));
    let made = tree.create(ROOT, b"/dangling", 0o600, false, NOW).unwrap();
    assert_eq!(tree.lookup(ROOT, b"/none", Follow::No), Ok(made));
    assert_eq!(tree.create(ROOT, b"/none", 0o644, false, LATER), Ok(made));
    assert_eq!(tree.stat(made).unwrap().mode, 0o600);
    assert_eq!(tree.create(ROOT, b"/d", 0o644, false, NOW), Err(Errno::EISDIR));
    assert_eq!(tree.create(ROOT, b"/new/", 0o644, false, NOW), Err(Errno::EISDIR));
}

#[test]
fn a_directory_knows_its_path_even_after_its_parent_has_moved() {
    let mut tree = tree();
    file(&mut tree, "/a/b/c/f", b"");
    let dir = tree.lookup(ROOT, b"/a/b/c", Follow::Yes).unwrap();
    tree.mkdir(ROOT, b"/x", 0o755, NOW).unwrap();
    tree.rename(ROOT, b"/a/b", ROOT, b"/x/y", NOW).unwrap();
    assert_eq!(tree.path_of(dir).as_deref(), Ok(&b"/x/y/c"[..]));
    assert_eq!(tree.path_of(ROOT).as_deref(), Ok(&b"/"[..]));
    assert_eq!(tree.path_of(tree.lookup(dir, b"f", Follow::Yes).unwrap()), Err(Errno::ENOTDIR));
    check(&tree);
}

#[test]
fn every_number_in_dev_fd_is_a_link_to_that_descriptor() {
    let mut tree = tree();
    tree.mkdir(ROOT, b"/dev", 0o755, NOW).unwrap();
    tree.insert_device(ROOT, b"/dev/null", Device::Null, 0o666, NOW).unwrap();
    let dir = tree.insert_fd_dir(ROOT, b"/dev/fd", NOW).unwrap();
    let null = tree.lookup(ROOT, b"/dev/null", Follow::Yes).unwrap();
    assert_eq!(tree.stat(null).unwrap().kind, Kind::Device(Device::Null));
    assert_eq!(tree.create(ROOT, b"/dev/null", 0o644, false, NOW), Ok(null));
    let link = tree.lookup(ROOT, b"/dev/fd/63", Follow::Yes).unwrap();
    assert_eq!(tree.stat(link).unwrap().kind, Kind::FdLink(63));
    assert_eq!(tree.create(ROOT, b"/dev/fd/63", 0o644, false, NOW), Ok(link));
    assert_eq!(tree.lookup(ROOT, b"/dev/fd/x", Follow::Yes), Err(Errno::ENOENT));
    assert_eq!(tree.lookup(ROOT, b"/dev/fd/3/x", Follow::Yes), Err(Errno::ENOTDIR));
    assert!(tree.lists_fds(dir) && tree.read_dir(dir, None, 10).unwrap().is_empty());
    assert_eq!(tree.create(ROOT, b"/dev/fd/x", 0o644, false, NOW), Err(Errno::EACCES));
    assert_eq!(tree.rename(ROOT, b"/dev/null", ROOT, b"/dev/fd/x", NOW), Err(Errno::EACCES));
    assert_eq!(tree.unlink(ROOT, b"/dev/fd/1", NOW), Err(Errno::EPERM));
    assert_eq!(tree.rename(ROOT, b"/dev/fd/1", ROOT, b"/x", NOW), Err(Errno::EPERM));
    assert_eq!(tree.rename(ROOT, b"/dev/null", ROOT, b"/dev/fd/1", NOW), Err(Errno::EPERM));
    assert_eq!(tree.link(ROOT, b"/dev/fd/1", Follow::No, ROOT, b"/x", NOW), Err(Errno::EPERM));
    assert_eq!(tree.rmdir(ROOT, b"/dev/fd/1", NOW), Err(Errno::ENOTDIR));
    assert_eq!(tree.set_mode(link, 0o600, NOW), Err(Errno::EINVAL));
    assert_eq!(tree.write_at(null, 0, b"x", NOW), Err(Errno::EINVAL));
    check(&tree);
}
