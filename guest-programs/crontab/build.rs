//! Gives the program 1 MiB of stack instead of the guests' 8: the stack counts as a process's memory from its start, and
//! nothing here recurses.

fn main() {
    println!("cargo:rustc-link-arg-bins=-zstack-size=1048576");
}
