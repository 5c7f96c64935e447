//! A node's description: the attributes of one inode, or the numbers of the whole tree.
//!
//! The first byte is the format of the node, of its items too. This is format 1; numbers are LEB128, times eight bytes
//! of nanoseconds, the lowest first.
//!
//! | inode | bytes |
//! |---|---|
//! | format | 1 |
//! | kind | 1 file, 2 directory, 3 symbolic link, 4 device |
//! | mode, links, owner, group | numbers |
//! | last access, modification, change | times |
//! | version, version paid for | numbers |
//! | file | size as a number; length of the program's name as a number, 0 for none; the name |
//! | directory | 0, or 1 for `/dev/fd` |
//! | symbolic link | the target, to the end |
//! | device | its number |
//!
//! | tree (node 0) | bytes |
//! |---|---|
//! | format | 1 |
//! | next inode number, version, version and next inode number of the template | numbers |

use base::Timestamp;
use bytes::Bytes;
use vfs::{Device, InodeRecord, RecordKind, TreeHead};

use crate::bytes_form::{Reader, put_varint};
use crate::error::RecordError;
use crate::programs::Programs;

/// The node of the tree's own numbers; inodes count from 1.
pub(crate) const HEAD_NODE: u64 = 0;

const FORMAT: u8 = 1;

/// Bytes of an inode's description without name and target at most, to begin with.
const USUAL_BYTES: usize = 48;

const FILE: u8 = 1;
const DIR: u8 = 2;
const SYMLINK: u8 = 3;
const DEVICE: u8 = 4;

/// Writes the numbers of a tree.
pub(crate) fn encode_head(head: &TreeHead) -> Bytes {
    let mut out = vec![FORMAT];
    for number in [head.next_ino, head.version, head.template_version, head.template_next_ino] {
        put_varint(&mut out, number);
    }
    out.into()
}

/// Reads the numbers of a tree.
pub(crate) fn decode_head(meta: &[u8]) -> Result<TreeHead, RecordError> {
    let mut reader = open(HEAD_NODE, meta)?;
    let mut read = || -> Result<TreeHead, &'static str> {
        let [next_ino, version] = [reader.varint()?, reader.varint()?];
        let [template_version, template_next_ino] = [reader.varint()?, reader.varint()?];
        reader.end()?;
        Ok(TreeHead { next_ino, version, template_version, template_next_ino })
    };
    read().map_err(|what| RecordError::Malformed { node: HEAD_NODE, what })
}

/// Writes an inode.
pub(crate) fn encode_inode(record: &InodeRecord, programs: &Programs<'_>) -> Bytes {
    let mut out = Vec::with_capacity(USUAL_BYTES);
    out.push(FORMAT);
    out.push(match record.kind {
        RecordKind::File { .. } => FILE,
        RecordKind::Dir { .. } => DIR,
        RecordKind::Symlink(_) => SYMLINK,
        RecordKind::Device(_) => DEVICE,
    });
    for number in [record.mode, record.nlink, record.uid, record.gid] {
        put_varint(&mut out, u64::from(number));
    }
    for time in [record.atime, record.mtime, record.ctime] {
        out.extend_from_slice(&time.0.to_le_bytes());
    }
    put_varint(&mut out, record.version);
    put_varint(&mut out, record.paid);
    match &record.kind {
        RecordKind::File { size, program } => {
            put_varint(&mut out, *size);
            let name = program.and_then(|tag| (programs.name)(tag)).unwrap_or_default();
            put_varint(&mut out, name.len() as u64);
            out.extend_from_slice(name.as_bytes());
        }
        RecordKind::Dir { lists_fds } => out.push(u8::from(*lists_fds)),
        RecordKind::Symlink(target) => out.extend_from_slice(target),
        RecordKind::Device(device) => out.push(device.number()),
    }
    out.into()
}

/// Reads an inode.
pub(crate) fn decode_inode(node: u64, meta: &[u8], programs: &Programs<'_>) -> Result<InodeRecord, RecordError> {
    let mut reader = open(node, meta)?;
    read_inode(&mut reader, programs).map_err(|what| RecordError::Malformed { node, what })
}

fn open(node: u64, meta: &[u8]) -> Result<Reader<'_>, RecordError> {
    let mut reader = Reader(meta);
    match reader.byte() {
        Ok(FORMAT) => Ok(reader),
        Ok(format) if format > FORMAT => Err(RecordError::TooNew { node, format, known: FORMAT }),
        _ => Err(RecordError::Malformed { node, what: "no description" }),
    }
}

fn read_inode(reader: &mut Reader<'_>, programs: &Programs<'_>) -> Result<InodeRecord, &'static str> {
    let kind = reader.byte()?;
    let [mode, nlink] = [reader.varint32()?, reader.varint32()?];
    let [uid, gid] = [reader.varint32()?, reader.varint32()?];
    let [atime, mtime, ctime] = [reader.fixed()?, reader.fixed()?, reader.fixed()?].map(Timestamp);
    let [version, paid] = [reader.varint()?, reader.varint()?];
    let kind = match kind {
        FILE => {
            let size = reader.varint()?;
            let name_len = reader.varint()?;
            let name = reader.take(usize::try_from(name_len).unwrap_or(usize::MAX))?;
            let name = std::str::from_utf8(name).map_err(|_| "a program's name that is no text")?;
            RecordKind::File { size, program: if name.is_empty() { None } else { (programs.tag)(name) } }
        }
        DIR => match reader.byte()? {
            flag @ 0..=1 => RecordKind::Dir { lists_fds: flag == 1 },
            _ => return Err("a directory of an unknown sort"),
        },
        SYMLINK => RecordKind::Symlink(reader.rest().into()),
        DEVICE => RecordKind::Device(Device::of_number(reader.byte()?).ok_or("an unknown device")?),
        _ => return Err("an inode of an unknown kind"),
    };
    reader.end()?;
    Ok(InodeRecord { kind, mode, nlink, uid, gid, atime, mtime, ctime, version, paid })
}

#[cfg(test)]
mod tests {
    use vfs::ProgramTag;

    use super::*;

    const PROGRAMS: Programs<'static> = Programs {
        name: &|tag| (tag == ProgramTag(7)).then(|| "ls".to_owned()),
        tag: &|name| (name == "ls").then_some(ProgramTag(8)),
    };

    fn record(kind: RecordKind) -> InodeRecord {
        InodeRecord {
            kind,
            mode: 0o755,
            nlink: 2,
            uid: 0,
            gid: 300,
            atime: Timestamp(1),
            mtime: Timestamp(2),
            ctime: Timestamp(0x0102_0304_0506_0708),
            version: 1000,
            paid: 999,
        }
    }

    /// What [`record`] has before its kind.
    const COMMON: &[u8] = b"\xed\x03\x02\x00\xac\x02\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\
        \x08\x07\x06\x05\x04\x03\x02\x01\xe8\x07\xe7\x07";

    /// Stored bytes: another text here is another format.
    #[track_caller]
    fn check(kind: RecordKind, number: u8, end: &[u8]) {
        let meta = encode_inode(&record(kind.clone()), &PROGRAMS);
        assert_eq!(meta[..], [&[1, number], COMMON, end].concat());
        // The program has another number in the server that reads.
        let kind = match kind {
            RecordKind::File { size, program: Some(_) } => RecordKind::File { size, program: Some(ProgramTag(8)) },
            kind => kind,
        };
        assert_eq!(decode_inode(5, &meta, &PROGRAMS), Ok(record(kind)));
    }

    #[test]
    fn an_inode_has_the_form_that_it_had() {
        check(RecordKind::File { size: 300, program: None }, 1, b"\xac\x02\0");
        check(RecordKind::File { size: 1, program: Some(ProgramTag(7)) }, 1, b"\x01\x02ls");
        check(RecordKind::Dir { lists_fds: false }, 2, b"\0");
        check(RecordKind::Dir { lists_fds: true }, 2, b"\x01");
        check(RecordKind::Symlink((*b"../t").into()), 3, b"../t");
        check(RecordKind::Device(Device::Stderr), 4, b"\x09");
        for number in 0..=255 {
            let device = Device::of_number(number);
            assert_eq!(device.map(Device::number), (1..=9).contains(&number).then_some(number));
        }
    }

    #[test]
    fn a_tree_has_the_form_that_it_had() {
        let head = TreeHead { next_ino: 300, version: 1, template_version: 0, template_next_ino: 127 };
        let meta = encode_head(&head);
        assert_eq!(meta[..], *b"\x01\xac\x02\x01\0\x7f");
        assert_eq!(decode_head(&meta), Ok(head));
    }

    #[test]
    fn a_program_that_is_gone_leaves_an_ordinary_file() {
        let meta = encode_inode(&record(RecordKind::File { size: 1, program: Some(ProgramTag(7)) }), &PROGRAMS);
        let read = decode_inode(5, &meta, &Programs::NONE).unwrap();
        assert_eq!(read.kind, RecordKind::File { size: 1, program: None });
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        let mut meta = encode_inode(&record(RecordKind::Dir { lists_fds: false }), &PROGRAMS).to_vec();
        meta[0] = 2;
        let newer = |node| RecordError::TooNew { node, format: 2, known: 1 };
        assert_eq!(decode_inode(5, &meta, &PROGRAMS), Err(newer(5)));
        assert_eq!(decode_head(&meta), Err(newer(0)));
        assert!(!newer(0).is_corrupt());
        meta[0] = 0;
        assert!(decode_inode(5, &meta, &PROGRAMS).unwrap_err().is_corrupt());
    }

    #[test]
    fn a_description_that_is_cut_or_goes_on_is_refused() {
        for kind in [RecordKind::File { size: 1, program: None }, RecordKind::Dir { lists_fds: false }] {
            let meta = encode_inode(&record(kind), &PROGRAMS);
            for len in 0..meta.len() {
                assert!(decode_inode(5, &meta[..len], &PROGRAMS).unwrap_err().is_corrupt());
            }
            let longer = [&meta, &b"x"[..]].concat();
            assert!(decode_inode(5, &longer, &PROGRAMS).unwrap_err().is_corrupt());
        }
    }
}
