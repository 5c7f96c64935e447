//! The guest programs, one a behaviour of the host. Both sides expand this list: the guest to find a program by its
//! name, the tests to fail to compile when a program has no test function.

macro_rules! foreach_program {
    ($then:ident) => {
        $then! {
            args_environ,
            clocks,
            descriptor_flags,
            descriptors_shared,
            directory_descriptor,
            directory_entries,
            exit_status,
            file_offsets,
            file_read_write,
            file_size,
            file_stat,
            file_sync,
            file_system,
            file_times,
            hard_links,
            modes_owners,
            opening,
            path_slashes,
            paths_within,
            poll_clocks,
            poll_descriptors,
            preopen,
            preopen_overwritten,
            processes,
            raise_signal,
            random_bytes,
            removals,
            renames,
            renumber,
            rights_given_up,
            rights_of_opened,
            signals,
            sockets,
            standard_streams,
            symbolic_links,
            terminals,
            truncation_rights,
            unstable,
            working_directory,
            yields,
        }
    };
}
