//! Gives the program 2 MiB of stack instead of the guests' 8: the stack counts as a process's memory from its start, and a
//! session shall have all its processes at once. What recurses here is bounded by the depth of a file tree.

fn main() {
    println!("cargo:rustc-link-arg-bins=-zstack-size=2097152");
}
