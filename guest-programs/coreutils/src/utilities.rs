//! The table of utilities: the name each is called by, and its entry point.
//!
//! Adding one is a line here, a line in `Cargo.toml`, and nothing else: the image makes a link in `/bin` for each name.

use std::ffi::OsString;

/// The entry point of a utility: takes `argv`, answers the exit status.
type Main = fn(Box<dyn Iterator<Item = OsString>>) -> i32;

/// A utility of the multi-call program.
pub(crate) struct Utility {
    /// The last component of `argv[0]` that selects it.
    pub(crate) name: &'static str,
    /// Name of the messages it loads (an alias uses another's); our own programs have theirs in them.
    pub(crate) messages: Option<&'static str>,
    /// Its entry point.
    pub(crate) main: Main,
}

macro_rules! utilities {
    ($($name:literal => $entry:tt $(as $messages:literal)?,)*) => {
        &[$(Utility { name: $name, messages: utilities!(@messages $name $entry $($messages)?), main: utilities!(@main $entry) },)*]
    };
    (@messages $name:literal ($main:path)) => { None };
    (@messages $name:literal $krate:ident) => { Some($name) };
    (@messages $name:literal $krate:ident $messages:literal) => { Some($messages) };
    (@main ($main:path)) => { $main };
    (@main $krate:ident) => { |argv| $krate::uumain(argv) };
}

/// Every utility, ordered by name.
pub(crate) const UTILITIES: &[Utility] = utilities! {
    "[" => (crate::test::bracket),
    "arch" => (crate::machine::arch),
    "b2sum" => uu_b2sum,
    "base32" => (crate::encode::base32),
    "base64" => (crate::encode::base64),
    "basename" => uu_basename,
    "basenc" => (crate::encode::basenc),
    "cat" => (crate::cat::main),
    "chgrp" => (crate::owner::chgrp),
    "chmod" => (crate::chmod::main),
    "chown" => (crate::owner::chown),
    "cksum" => uu_cksum,
    "comm" => uu_comm,
    "cp" => (crate::copy::main),
    "csplit" => uu_csplit,
    "cut" => uu_cut,
    "date" => uu_date,
    "dd" => (crate::dd::main),
    "df" => (crate::df::main),
    "dir" => (crate::ls::dir),
    "dircolors" => uu_dircolors,
    "dirname" => uu_dirname,
    "du" => (crate::du::main),
    "echo" => uu_echo,
    "expand" => (crate::tabs::expand),
    "expr" => uu_expr,
    "factor" => uu_factor,
    "false" => uu_false,
    "fmt" => uu_fmt,
    "fold" => (crate::fold::main),
    "groups" => (crate::identity::groups),
    "head" => (crate::head::main),
    "hostname" => (crate::machine::hostname),
    "id" => (crate::identity::id),
    "install" => (crate::install::main),
    "join" => uu_join,
    "link" => uu_link,
    "ln" => (crate::ln::main),
    "logname" => (crate::identity::logname),
    "ls" => (crate::ls::main),
    "md5sum" => uu_md5sum,
    "mkdir" => (crate::mkdir::main),
    "mktemp" => (crate::mktemp::main),
    "mv" => (crate::mv::main),
    "nl" => uu_nl,
    "nproc" => uu_nproc,
    "numfmt" => uu_numfmt,
    "od" => uu_od,
    "paste" => (crate::paste::main),
    "pathchk" => uu_pathchk,
    "pr" => uu_pr,
    "printenv" => uu_printenv,
    "printf" => uu_printf,
    "ptx" => uu_ptx,
    "pwd" => uu_pwd,
    "readlink" => uu_readlink,
    "realpath" => uu_realpath,
    "rev" => (crate::reverse::rev),
    "rm" => (crate::rm::main),
    "rmdir" => uu_rmdir,
    "seq" => uu_seq,
    "sha1sum" => uu_sha1sum,
    "sha224sum" => uu_sha224sum,
    "sha256sum" => uu_sha256sum,
    "sha384sum" => uu_sha384sum,
    "sha512sum" => uu_sha512sum,
    "shred" => uu_shred,
    "shuf" => uu_shuf,
    "sleep" => uu_sleep,
    "sort" => (crate::sort::main),
    "split" => (crate::split::main),
    "stat" => (crate::stat::main),
    "sum" => uu_sum,
    "sync" => (crate::sync::main),
    "tac" => (crate::reverse::tac),
    "tail" => (crate::tail::main),
    "tee" => uu_tee,
    "test" => (crate::test::main),
    "touch" => uu_touch,
    "tr" => uu_tr,
    "true" => uu_true,
    "truncate" => uu_truncate,
    "tsort" => uu_tsort,
    "tty" => uu_tty,
    "uname" => (crate::machine::uname),
    "unexpand" => (crate::tabs::unexpand),
    "uniq" => uu_uniq,
    "unlink" => uu_unlink,
    "vdir" => (crate::ls::vdir),
    "wc" => (crate::wc::main),
    "which" => (crate::which::main),
    "whoami" => (crate::identity::whoami),
    "yes" => uu_yes,
};

/// Finds a utility by name.
pub(crate) fn find(name: &str) -> Option<&'static Utility> {
    UTILITIES.binary_search_by(|utility| utility.name.cmp(name)).ok().map(|index| &UTILITIES[index])
}
