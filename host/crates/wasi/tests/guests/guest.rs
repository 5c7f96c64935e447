//! The guest: all programs in one binary, which is compiled once. Its first argument names the program, its second the
//! directory to work in.

#[macro_use]
mod list;
mod p1;
mod programs;
mod v1;

fn main() {
    let mut args = std::env::args();
    let name = args.next().expect("a program's name");
    let scratch = args.next().unwrap_or_else(|| "/".to_owned());
    programs::run(&name, &scratch);
}
