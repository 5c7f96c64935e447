//! Names: directories, links and renaming, each with the errors that POSIX names.

use crate::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};
use crate::root;

pub(crate) fn main() {
    let root = root();
    root.create_directory_at("tmp/d").expect("a directory");
    let d =
        root.open_at(PathFlags::empty(), "tmp/d", OpenFlags::DIRECTORY, DescriptorFlags::empty()).expect("it opens");
    make(&d, "f");
    directories(&root, &d);
    links(&root, &d);
    renames(&root, &d);
    paths(&root, &d);
}

fn make(directory: &Descriptor, name: &str) {
    directory.open_at(PathFlags::empty(), name, OpenFlags::CREATE, DescriptorFlags::WRITE).expect("a file is made");
}

fn directories(root: &Descriptor, d: &Descriptor) {
    assert_eq!(root.create_directory_at("tmp/d"), Err(ErrorCode::Exist));
    assert_eq!(root.create_directory_at("tmp/none/d"), Err(ErrorCode::NoEntry));
    assert_eq!(d.create_directory_at("f/d"), Err(ErrorCode::NotDirectory));
    assert_eq!(root.remove_directory_at("tmp/d"), Err(ErrorCode::NotEmpty));
    assert_eq!(root.remove_directory_at("tmp/none"), Err(ErrorCode::NoEntry));
    assert_eq!(d.remove_directory_at("f"), Err(ErrorCode::NotDirectory));
    assert_eq!(root.unlink_file_at("tmp/d"), Err(ErrorCode::IsDirectory));
    assert_eq!(root.unlink_file_at("tmp/none"), Err(ErrorCode::NoEntry));
}

fn links(root: &Descriptor, d: &Descriptor) {
    d.link_at(PathFlags::empty(), "f", root, "tmp/hard").expect("a hard link");
    assert_eq!(d.stat_at(PathFlags::empty(), "f").expect("it is there").link_count, 2);
    assert_eq!(d.link_at(PathFlags::empty(), "f", root, "tmp/hard"), Err(ErrorCode::Exist));
    assert_eq!(d.link_at(PathFlags::empty(), ".", root, "tmp/other"), Err(ErrorCode::NotPermitted));
    root.unlink_file_at("tmp/hard").expect("it is there");
    assert_eq!(d.stat_at(PathFlags::empty(), "f").expect("it is there").link_count, 1);

    root.symlink_at("d/f", "tmp/soft").expect("a symbolic link");
    assert_eq!(root.readlink_at("tmp/soft").expect("a link"), "d/f");
    assert_eq!(d.readlink_at("f"), Err(ErrorCode::Invalid));
    let kind = |flags| root.stat_at(flags, "tmp/soft").expect("it is there").type_;
    assert_eq!(kind(PathFlags::empty()), DescriptorType::SymbolicLink);
    assert_eq!(kind(PathFlags::SYMLINK_FOLLOW), DescriptorType::RegularFile);
    let open = |flags, path| root.open_at(flags, path, OpenFlags::empty(), DescriptorFlags::READ).err();
    assert_eq!(open(PathFlags::empty(), "tmp/soft"), Some(ErrorCode::Loop));
    assert_eq!(open(PathFlags::SYMLINK_FOLLOW, "tmp/soft"), None);
    root.symlink_at("loop", "tmp/loop").expect("a symbolic link");
    assert_eq!(open(PathFlags::SYMLINK_FOLLOW, "tmp/loop"), Some(ErrorCode::Loop));
    d.link_at(PathFlags::SYMLINK_FOLLOW, "../soft", d, "followed").expect("a hard link to the file");
    assert_eq!(d.stat_at(PathFlags::empty(), "followed").expect("it is there").type_, DescriptorType::RegularFile);
}

fn renames(root: &Descriptor, d: &Descriptor) {
    make(d, "one");
    make(d, "two");
    d.rename_at("one", d, "two").expect("a file replaces a file");
    assert_eq!(d.stat_at(PathFlags::empty(), "one").err(), Some(ErrorCode::NoEntry));
    d.rename_at("two", root, "tmp/moved").expect("it moves");
    assert_eq!(root.rename_at("tmp/none", d, "x"), Err(ErrorCode::NoEntry));
    assert_eq!(root.rename_at("tmp/moved", root, "tmp/d"), Err(ErrorCode::IsDirectory));
    assert_eq!(root.rename_at("tmp/d", root, "tmp/moved"), Err(ErrorCode::NotDirectory));
    assert_eq!(root.rename_at("tmp/d", d, "inside"), Err(ErrorCode::Invalid));
    root.create_directory_at("tmp/empty").expect("a directory");
    assert_eq!(root.rename_at("tmp/empty", root, "tmp/d"), Err(ErrorCode::NotEmpty));
}

fn paths(root: &Descriptor, d: &Descriptor) {
    let stat = |path: &str| d.stat_at(PathFlags::empty(), path).map(|stat| stat.type_);
    assert_eq!(stat("../d/./f"), Ok(DescriptorType::RegularFile));
    assert_eq!(stat("../../../../tmp"), Ok(DescriptorType::Directory), "the root is its own parent");
    assert_eq!(stat("f/"), Err(ErrorCode::NotDirectory));
    assert_eq!(stat(""), Err(ErrorCode::NoEntry));
    assert_eq!(stat("/tmp"), Err(ErrorCode::NotPermitted));
    assert_eq!(stat("f\0"), Err(ErrorCode::Invalid));
    assert_eq!(stat(&"x".repeat(256)), Err(ErrorCode::NameTooLong));
    assert_eq!(stat(&"x/".repeat(4096)), Err(ErrorCode::NameTooLong));
    root.symlink_at("/tmp/d/f", "tmp/absolute").expect("a symbolic link");
    let followed = root.stat_at(PathFlags::SYMLINK_FOLLOW, "tmp/absolute").expect("the link leads there");
    assert_eq!(followed.type_, DescriptorType::RegularFile);
}
