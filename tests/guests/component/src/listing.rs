//! Directories are listed whole, without `.` and `..`, also while they change.

use std::collections::BTreeSet;

use crate::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use crate::root;

pub(crate) fn main() {
    let root = root();
    root.create_directory_at("tmp/many").expect("a directory");
    let many = root
        .open_at(PathFlags::empty(), "tmp/many", OpenFlags::DIRECTORY, DescriptorFlags::READ)
        .expect("a directory opens");
    assert_eq!(names(&many), BTreeSet::new());
    let expected: BTreeSet<String> = (0..300).map(|n| format!("file-{n:03}")).collect();
    for name in &expected {
        many.open_at(PathFlags::empty(), name, OpenFlags::CREATE, DescriptorFlags::WRITE).expect("a file is made");
    }
    assert_eq!(names(&many), expected);
    let listing = many.read_directory().expect("a listing");
    let mut n = 0;
    while let Some(entry) = listing.read_directory_entry().expect("an entry") {
        many.unlink_file_at(&entry.name).expect("it is there");
        n += 1;
    }
    assert_eq!(n, 300);
    assert_eq!(names(&many), BTreeSet::new());
    let file =
        root.open_at(PathFlags::empty(), "tmp/f", OpenFlags::CREATE, DescriptorFlags::READ).expect("a file is made");
    assert_eq!(file.read_directory().err(), Some(ErrorCode::NotDirectory));
    kinds(&root);
}

fn names(directory: &Descriptor) -> BTreeSet<String> {
    let listing = directory.read_directory().expect("a listing");
    let next = || listing.read_directory_entry().expect("an entry");
    std::iter::from_fn(next).map(|entry| entry.name).collect()
}

fn kinds(root: &Descriptor) {
    root.symlink_at("f", "tmp/link").expect("a link is made");
    let tmp = root
        .open_at(PathFlags::empty(), "tmp", OpenFlags::DIRECTORY, DescriptorFlags::empty())
        .expect("a directory opens");
    let listing = tmp.read_directory().expect("a listing");
    let next = || listing.read_directory_entry().expect("an entry");
    let found: Vec<_> = std::iter::from_fn(next).map(|entry| (entry.name, entry.type_)).collect();
    let expected = [
        ("f", DescriptorType::RegularFile),
        ("link", DescriptorType::SymbolicLink),
        ("many", DescriptorType::Directory),
    ];
    assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind)));
}
