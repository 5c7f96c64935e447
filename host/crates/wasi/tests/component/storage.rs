//! `wasi:filesystem` and the streams over it. What holds is checked in the guests; here they are run.

/// Open files.
pub(crate) mod descriptors {
    use crate::fixture::succeed;

    #[test]
    fn open_files_are_read_written_sized_timed_and_told_apart() {
        succeed(&["descriptors"]);
    }
}

/// Names.
pub(crate) mod names {
    use crate::fixture::succeed;

    #[test]
    fn directories_links_and_renaming_fail_with_the_codes_of_posix() {
        succeed(&["names"]);
    }
}

/// Directories.
pub(crate) mod listing {
    use crate::fixture::succeed;

    #[test]
    fn a_directory_is_listed_whole_while_it_changes() {
        succeed(&["listing"]);
    }
}

/// The standard library.
pub(crate) mod files {
    use crate::fixture::succeed;

    #[test]
    fn the_standard_library_finds_the_file_system_it_expects() {
        succeed(&["files"]);
    }
}

/// Streams.
pub(crate) mod streams {
    use bytes::Bytes;
    use kernel::Stdin;

    use crate::fixture::{End, Setup, run_with};

    #[test]
    fn streams_keep_their_offsets_end_append_and_splice() {
        let stdin = Stdin::Bytes(Bytes::from_static(b"first\nsecond\n"));
        let (session, ended) = run_with(Setup { stdin, ..Setup::default() }, &["streams"]);
        assert_eq!(ended.end, End::Returned(0), "{}", session.stderr());
        assert_eq!(ended.n_waits, 0, "files never make anybody wait");
        assert_eq!(session.stderr(), "unflushed", "what was written is there without a flush");
    }
}

/// Limits on what is open.
pub(crate) mod handles {
    use base::Limits;

    use crate::fixture::{End, Setup, run_with};

    #[test]
    fn files_streams_and_listings_count_as_descriptors_of_the_process() {
        let limits = Limits { fds_per_process: 64, ..Limits::default() };
        let (session, ended) = run_with(Setup { limits, ..Setup::default() }, &["handles"]);
        assert_eq!(ended.end, End::Returned(0), "{}", session.stderr());
        assert_eq!(session.stdout(), "61 files\n");
    }
}
