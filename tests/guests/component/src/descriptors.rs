//! What can be asked of an open file: reading and writing at offsets, sizes, times, flags, identity.

use crate::bindings::wasi::filesystem::types::{
    Advice, Datetime, Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
use crate::root;

const READ: DescriptorFlags = DescriptorFlags::READ;
const WRITE: DescriptorFlags = DescriptorFlags::WRITE;

pub(crate) fn main() {
    let root = root();
    opening(&root);
    bytes(&root);
    sizes(&root);
    times(&root);
    flags_and_kinds(&root);
    identity(&root);
}

fn open(root: &Descriptor, path: &str, open: OpenFlags, flags: DescriptorFlags) -> Result<Descriptor, ErrorCode> {
    root.open_at(PathFlags::empty(), path, open, flags)
}

fn opening(root: &Descriptor) {
    let error = |path, how, flags| open(root, path, how, flags).err();
    assert_eq!(error("tmp/f", OpenFlags::empty(), READ), Some(ErrorCode::NoEntry));
    assert_eq!(error("tmp/f", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, WRITE), None);
    assert_eq!(error("tmp/f", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, WRITE), Some(ErrorCode::Exist));
    assert_eq!(error("tmp/f", OpenFlags::DIRECTORY, READ), Some(ErrorCode::NotDirectory));
    assert_eq!(error("tmp/f/x", OpenFlags::CREATE, WRITE), Some(ErrorCode::NotDirectory));
    assert_eq!(error("tmp", OpenFlags::empty(), WRITE), Some(ErrorCode::IsDirectory));
    assert_eq!(error("tmp/d", OpenFlags::CREATE | OpenFlags::DIRECTORY, READ), Some(ErrorCode::Invalid));
    assert_eq!(error("/tmp/f", OpenFlags::empty(), READ), Some(ErrorCode::NotPermitted));
    assert_eq!(error("tmp", OpenFlags::DIRECTORY, READ | DescriptorFlags::MUTATE_DIRECTORY), None);
}

fn bytes(root: &Descriptor) {
    let file = open(root, "tmp/f", OpenFlags::TRUNCATE, READ | WRITE).expect("it is there");
    assert_eq!(file.write(b"hello", 0), Ok(5));
    assert_eq!(file.write(b"J", 0), Ok(1));
    assert_eq!(file.write(b"!", 7), Ok(1));
    assert_eq!(file.read(100, 0), Ok((b"Jello\0\0!".to_vec(), false)));
    assert_eq!(file.read(2, 3), Ok((b"lo".to_vec(), false)));
    assert_eq!(file.read(100, 8), Ok((Vec::new(), true)));
    assert_eq!(file.read(0, 0), Ok((Vec::new(), false)));
    assert_eq!(file.advise(0, 8, Advice::WillNeed), Ok(()));
    assert_eq!((file.sync(), file.sync_data()), (Ok(()), Ok(())));
    let reader = open(root, "tmp/f", OpenFlags::empty(), READ).expect("it is there");
    assert_eq!(reader.write(b"x", 0), Err(ErrorCode::BadDescriptor));
    assert_eq!(reader.set_size(0), Err(ErrorCode::BadDescriptor));
    let writer = open(root, "tmp/f", OpenFlags::empty(), WRITE).expect("it is there");
    assert_eq!(writer.read(1, 0), Err(ErrorCode::BadDescriptor));
    let tmp = open(root, "tmp", OpenFlags::DIRECTORY, READ).expect("it is there");
    assert_eq!(tmp.read(1, 0), Err(ErrorCode::IsDirectory));
    assert_eq!(root.read(1, 0), Err(ErrorCode::IsDirectory));
    assert_eq!(file.write(b"x", u64::MAX), Err(ErrorCode::FileTooLarge));
    // An open file outlives its name.
    root.unlink_file_at("tmp/f").expect("it is there");
    assert_eq!(file.read(5, 0), Ok((b"Jello".to_vec(), false)));
    assert_eq!(file.stat().expect("it is open").link_count, 0);
}

fn sizes(root: &Descriptor) {
    let file = open(root, "tmp/sized", OpenFlags::CREATE, READ | WRITE).expect("a file is made");
    let size = || file.stat().expect("it is open").size;
    file.set_size(10_000_000_000).expect("a hole takes no room");
    assert_eq!(size(), 10_000_000_000);
    assert_eq!(file.read(4, 9_999_999_998), Ok((vec![0, 0], false)));
    file.set_size(3).expect("it shrinks");
    assert_eq!((size(), root.stat_at(PathFlags::empty(), "tmp/sized").expect("it is there").size), (3, 3));
    drop(open(root, "tmp/sized", OpenFlags::TRUNCATE, WRITE).expect("it is there"));
    assert_eq!(size(), 0);
}

fn times(root: &Descriptor) {
    let at = |seconds, nanoseconds| Datetime { seconds, nanoseconds };
    let given = |seconds, nanoseconds| NewTimestamp::Timestamp(at(seconds, nanoseconds));
    let file = open(root, "tmp/timed", OpenFlags::CREATE, READ | WRITE).expect("a file is made");
    let told = || {
        let stat = file.stat().expect("it is open");
        [stat.data_access_timestamp, stat.data_modification_timestamp]
            .map(|time| time.map(|time| (time.seconds, time.nanoseconds)))
    };
    file.set_times(given(1, 2), given(3, 999_999_999)).expect("times are set");
    assert_eq!(told(), [Some((1, 2)), Some((3, 999_999_999))]);
    file.set_times(NewTimestamp::NoChange, given(5, 0)).expect("times are set");
    assert_eq!(told(), [Some((1, 2)), Some((5, 0))]);
    root.set_times_at(PathFlags::empty(), "tmp/timed", given(7, 0), NewTimestamp::NoChange).expect("times are set");
    assert_eq!(told(), [Some((7, 0)), Some((5, 0))]);
    file.set_times(NewTimestamp::NoChange, NewTimestamp::Now).expect("times are set");
    assert!(told()[1] > Some((1_000_000_000, 0)));
    assert_eq!(file.set_times(NewTimestamp::NoChange, given(0, 1_000_000_000)), Err(ErrorCode::Invalid));
    assert_eq!(file.set_times(NewTimestamp::NoChange, given(u64::MAX, 0)), Err(ErrorCode::Overflow));
    root.symlink_at("timed", "tmp/timed-link").expect("a link is made");
    let follow = PathFlags::SYMLINK_FOLLOW;
    root.set_times_at(follow, "tmp/timed-link", given(8, 0), given(9, 0)).expect("times are set");
    assert_eq!(told(), [Some((8, 0)), Some((9, 0))]);
    root.set_times_at(PathFlags::empty(), "tmp/timed-link", given(1, 0), given(1, 0))
        .expect("times of the link are set");
    assert_eq!(told(), [Some((8, 0)), Some((9, 0))]);
    root.set_times(given(1, 0), given(2, 0)).expect("times of the root are set");
    assert_eq!(root.stat().expect("it is there").data_modification_timestamp.expect("known").seconds, 2);
}

fn flags_and_kinds(root: &Descriptor) {
    let told = |path, how, flags| {
        let opened = open(root, path, how, flags).expect("it opens");
        (opened.get_flags().expect("it is open"), opened.get_type().expect("it is open"))
    };
    assert_eq!(told("tmp/sized", OpenFlags::empty(), READ), (READ, DescriptorType::RegularFile));
    assert_eq!(told("tmp/sized", OpenFlags::empty(), READ | WRITE).0, READ | WRITE);
    assert_eq!(told("dev/null", OpenFlags::empty(), WRITE), (WRITE, DescriptorType::CharacterDevice));
    let directory = READ | DescriptorFlags::MUTATE_DIRECTORY;
    assert_eq!(told("tmp", OpenFlags::DIRECTORY, READ), (directory, DescriptorType::Directory));
    assert_eq!((root.get_flags(), root.get_type()), (Ok(directory), Ok(DescriptorType::Directory)));
}

fn identity(root: &Descriptor) {
    let open = |path| open(root, path, OpenFlags::empty(), READ).expect("it opens");
    let (one, same, other) = (open("tmp/sized"), open("tmp/sized"), open("tmp/timed"));
    assert!(one.is_same_object(&same) && !one.is_same_object(&other));
    let hash = |descriptor: &Descriptor| descriptor.metadata_hash().map(|hash| (hash.lower, hash.upper));
    assert_eq!(hash(&one), hash(&same));
    assert_ne!(hash(&one), hash(&other));
    let at = root.metadata_hash_at(PathFlags::empty(), "tmp/sized").map(|hash| (hash.lower, hash.upper));
    assert_eq!(at, hash(&one));
    assert_eq!(root.metadata_hash_at(PathFlags::empty(), "tmp/none").err(), Some(ErrorCode::NoEntry));
}
