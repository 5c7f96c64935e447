//! The operations of the model tests. How they are drawn is `draw`'s, or a fuzzer's.

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Create {
        path: Vec<u8>,
        exclusive: bool,
    },
    Mkdir(Vec<u8>),
    Symlink {
        target: Vec<u8>,
        path: Vec<u8>,
    },
    Link {
        old: Vec<u8>,
        follow: bool,
        new: Vec<u8>,
    },
    Unlink(Vec<u8>),
    Rmdir(Vec<u8>),
    Rename {
        old: Vec<u8>,
        new: Vec<u8>,
    },
    Put {
        path: Vec<u8>,
        fill: u8,
        len: usize,
        is_static: bool,
    },
    Write {
        path: Vec<u8>,
        offset: u64,
        fill: u8,
        len: usize,
    },
    Append {
        path: Vec<u8>,
        fill: u8,
        len: usize,
    },
    Truncate {
        path: Vec<u8>,
        len: u64,
    },
    /// Gives memory to a range.
    Allocate {
        path: Vec<u8>,
        offset: u64,
        len: u64,
    },
    Chmod {
        path: Vec<u8>,
        mode: u32,
    },
    Chown {
        path: Vec<u8>,
        uid: Option<u32>,
        gid: Option<u32>,
    },
    SetTimes {
        path: Vec<u8>,
        atime: Option<u64>,
        mtime: Option<u64>,
    },
    /// Reads a part and notes the access.
    Read {
        path: Vec<u8>,
        offset: u64,
        len: usize,
    },
    /// Lists a directory from a name on.
    List {
        path: Vec<u8>,
        after: Vec<u8>,
        max: usize,
    },
    Open(Vec<u8>),
    /// Closes the n-th open inode.
    Close(usize),
    /// Writes to the n-th open inode, which may have no name any more.
    WriteOpen {
        nth: usize,
        offset: u64,
        fill: u8,
        len: usize,
    },
    Lookup {
        path: Vec<u8>,
        follow: bool,
    },
    Charge(u64),
    Discharge,
    Commit,
    /// Remembers the present state, to tell changes from it later.
    Mark,
    /// Goes back to the state marked last.
    RollBack,
    /// Goes on with the tree made again of what differs from its template, as after a restart.
    Resume,
    Fork,
}
