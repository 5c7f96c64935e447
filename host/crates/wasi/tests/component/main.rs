//! WASI 0.2 as components use it: programs of `tests/guests/component` run here, each in a process of a small session.
//!
//! A program without a test does not compile: `tested` has a module of each program's name.

mod endings;
mod fixture;
mod guest;
mod storage;
mod world;

#[path = "../../../../../tests/guests/component/src/list.rs"]
mod list;

macro_rules! assert_tested {
    ($($name:ident),* $(,)?) => {
        #[allow(unused_imports, reason = "they are imported to be sure that they exist")]
        mod tested {
            $(use super::tests_of::$name as _;)*
        }

        #[test]
        #[expect(clippy::disallowed_methods, reason = "a test reads the sources")]
        fn every_program_is_on_the_list() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/guests/component/src");
            let names = std::fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("an entry").file_name());
            let names = names.filter_map(|name| name.to_str()?.strip_suffix(".rs").map(str::to_owned));
            let mut found: Vec<String> = names.filter(|name| name != "main" && name != "list").collect();
            found.sort();
            assert_eq!(found, [$(stringify!($name)),*]);
        }
    };
}
list::for_each_program!(assert_tested);

/// The tests, one module a program.
mod tests_of {
    pub(crate) use crate::endings::*;
    pub(crate) use crate::storage::*;
    pub(crate) use crate::world::*;
}
