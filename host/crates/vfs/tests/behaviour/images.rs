//! Templates and forks.

use base::Errno;
use bytes::Bytes;
use sandshell_vfs::{Changes, Follow, Ino, Quota, Tree, TreeUsage};

use super::{NOW, ROOT, check, file, paths, read, tree};

/// `/bin/ls` and `/bin/dir`, one file of 1 MiB; `/etc/motd`; `/tmp`.
pub(crate) fn template() -> Tree {
    let mut tree = tree();
    tree.mkdir(ROOT, b"/bin", 0o755, NOW).unwrap();
    tree.insert_static(ROOT, b"/bin/ls", Bytes::from(vec![1; 1 << 20]), 0o755, NOW).unwrap();
    tree.link(ROOT, b"/bin/ls", Follow::No, ROOT, b"/bin/dir", NOW).unwrap();
    file(&mut tree, "/etc/motd", b"welcome");
    tree.mkdir(ROOT, b"/tmp", 0o1777, NOW).unwrap();
    tree
}

pub(crate) fn ino(tree: &Tree, path: &str) -> Ino {
    tree.lookup(ROOT, path.as_bytes(), Follow::No).unwrap()
}

#[test]
fn a_new_session_has_the_templates_files_for_nothing() {
    let template = template();
    let mut tree = Tree::from_template(&template, Quota::UNLIMITED);
    assert_eq!(paths(&tree), paths(&template));
    assert_eq!(tree.usage(), TreeUsage::default());
    assert_eq!(tree.take_changes(), Changes::default());
    check(&tree);
}

#[test]
fn a_templates_file_is_charged_whole_at_its_first_change() {
    let template = template();
    let mut tree = Tree::from_template(&template, Quota::UNLIMITED);
    let ls = ino(&tree, "/bin/ls");
    assert_eq!(tree.changed_from_template(ls), Ok(false));
    tree.write_at(ls, 0, b"x", NOW).unwrap();
    assert_eq!(tree.changed_from_template(ls), Ok(true));
    assert_eq!((tree.usage().files, tree.usage().bytes), (1, 1 << 20));
    let charged = tree.usage();
    tree.write_at(ls, 1, b"x", NOW).unwrap();
    assert_eq!(tree.usage(), charged);
    tree.unlink(ROOT, b"/bin/ls", NOW).unwrap();
    tree.unlink(ROOT, b"/bin/dir", NOW).unwrap();
    assert_eq!((tree.usage().files, tree.usage().bytes), (0, 0));
    assert_eq!(template.usage().bytes, (1 << 20) + 7);
    check(&tree);
}

#[test]
fn a_change_that_cannot_pay_for_the_whole_file_is_refused() {
    let mut tree = Tree::from_template(&template(), Quota { max_bytes: Some(1000), ..Quota::UNLIMITED });
    let ls = ino(&tree, "/bin/ls");
    assert_eq!(tree.write_at(ls, 0, b"x", NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.set_mode(ls, 0o700, NOW), Err(Errno::EDQUOT));
    assert_eq!(tree.changed_from_template(ls), Ok(false));
    assert_eq!(tree.usage(), TreeUsage::default());
    // What costs less than before can be paid.
    tree.truncate(ls, 10, NOW).unwrap();
    assert_eq!(tree.usage().bytes, 10);
    check(&tree);
}

#[test]
fn removing_what_the_template_had_gives_nothing_back() {
    let mut tree = Tree::from_template(&template(), Quota { max_bytes: Some(1000), ..Quota::UNLIMITED });
    let ls = ino(&tree, "/bin/ls");
    tree.retain(ls);
    tree.unlink(ROOT, b"/bin/dir", NOW).unwrap();
    tree.unlink(ROOT, b"/bin/ls", NOW).unwrap();
    tree.unlink(ROOT, b"/etc/motd", NOW).unwrap();
    tree.rmdir(ROOT, b"/etc", NOW).unwrap();
    assert_eq!((tree.usage().files, tree.usage().bytes), (0, 0));
    tree.release(ls);
    assert_eq!((tree.usage().files, tree.usage().bytes), (0, 0));
    check(&tree);
}

#[test]
fn a_file_made_in_a_templates_directory_counts_as_one() {
    let mut tree = Tree::from_template(&template(), Quota { max_files: Some(1), ..Quota::UNLIMITED });
    tree.create(ROOT, b"/tmp/f", 0o644, true, NOW).unwrap();
    assert_eq!(tree.usage().files, 1);
    assert_eq!(tree.create(ROOT, b"/tmp/g", 0o644, true, NOW), Err(Errno::EDQUOT));
    check(&tree);
}

#[test]
fn forks_do_not_see_each_others_changes() {
    let mut one = Tree::from_template(&template(), Quota::UNLIMITED);
    file(&mut one, "/tmp/f", b"common");
    let mut two = one.clone();
    assert_eq!(one.usage(), two.usage());
    let f = ino(&one, "/tmp/f");
    one.write_at(f, 0, b"C", NOW).unwrap();
    two.unlink(ROOT, b"/tmp/f", NOW).unwrap();
    two.rename(ROOT, b"/etc", ROOT, b"/tmp/etc", NOW).unwrap();
    assert_eq!(read(&one, "/tmp/f").as_deref(), Ok(&b"Common"[..]));
    assert_eq!(read(&one, "/etc/motd").as_deref(), Ok(&b"welcome"[..]));
    assert_eq!(paths(&two), ["/", "/bin", "/bin/dir", "/bin/ls", "/tmp", "/tmp/etc", "/tmp/etc/motd"]);
    check(&one);
    check(&two);
}

#[test]
fn a_sessions_tree_can_become_a_template() {
    let mut session = Tree::from_template(&template(), Quota::UNLIMITED);
    file(&mut session, "/tmp/f", b"mine");
    let tree = Tree::from_template(&session, Quota::UNLIMITED);
    assert_eq!(tree.usage(), TreeUsage::default());
    assert_eq!(read(&tree, "/tmp/f").as_deref(), Ok(&b"mine"[..]));
    check(&tree);
}

#[test]
fn a_tree_can_be_handed_to_another_thread() {
    fn check<T: Send + Sync + 'static>(_: &T) {}
    check(&tree());
}
