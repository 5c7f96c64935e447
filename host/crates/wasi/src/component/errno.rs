//! Between the kernel's errors and the enum of our WIT packages.

use base::Errno;

use super::bindings::shell::sandshell::shell::kernel as wit;

/// Names an errno in the WIT's words.
pub(super) fn to_wit(errno: Errno) -> wit::Errno {
    match errno {
        Errno::E2BIG => wit::Errno::E2big,
        Errno::EACCES => wit::Errno::Eacces,
        Errno::EAGAIN => wit::Errno::Eagain,
        Errno::EBADF => wit::Errno::Ebadf,
        Errno::EBUSY => wit::Errno::Ebusy,
        Errno::ECANCELED => wit::Errno::Ecanceled,
        Errno::ECHILD => wit::Errno::Echild,
        Errno::EDOM => wit::Errno::Edom,
        Errno::EDQUOT => wit::Errno::Edquot,
        Errno::EEXIST => wit::Errno::Eexist,
        Errno::EFAULT => wit::Errno::Efault,
        Errno::EFBIG => wit::Errno::Efbig,
        Errno::EILSEQ => wit::Errno::Eilseq,
        Errno::EINTR => wit::Errno::Eintr,
        Errno::EINVAL => wit::Errno::Einval,
        Errno::EISDIR => wit::Errno::Eisdir,
        Errno::ELOOP => wit::Errno::Eloop,
        Errno::EMFILE => wit::Errno::Emfile,
        Errno::EMLINK => wit::Errno::Emlink,
        Errno::ENAMETOOLONG => wit::Errno::Enametoolong,
        Errno::ENFILE => wit::Errno::Enfile,
        Errno::ENODEV => wit::Errno::Enodev,
        Errno::ENOENT => wit::Errno::Enoent,
        Errno::ENOEXEC => wit::Errno::Enoexec,
        Errno::ENOMEM => wit::Errno::Enomem,
        Errno::ENOSPC => wit::Errno::Enospc,
        Errno::ENOSYS => wit::Errno::Enosys,
        Errno::ENOTDIR => wit::Errno::Enotdir,
        Errno::ENOTEMPTY => wit::Errno::Enotempty,
        Errno::ENOTSUP => wit::Errno::Enotsup,
        Errno::ENOTTY => wit::Errno::Enotty,
        Errno::ENXIO => wit::Errno::Enxio,
        Errno::EOVERFLOW => wit::Errno::Eoverflow,
        Errno::EPERM => wit::Errno::Eperm,
        Errno::EPIPE => wit::Errno::Epipe,
        Errno::ERANGE => wit::Errno::Erange,
        Errno::EROFS => wit::Errno::Erofs,
        Errno::ESPIPE => wit::Errno::Espipe,
        Errno::ESRCH => wit::Errno::Esrch,
        Errno::ETIMEDOUT => wit::Errno::Etimedout,
        Errno::ETXTBSY => wit::Errno::Etxtbsy,
        Errno::EXDEV => wit::Errno::Exdev,
        Errno::ENOTCAPABLE => wit::Errno::Enotcapable,
        // EIO, and what our WIT packages have no name for.
        _ => wit::Errno::Eio,
    }
}
