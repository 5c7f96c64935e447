//! The programs that pack: `tar`, `zip`, `unzip` and the compressors, one program under many names.

fn main() {
    std::process::exit(127)
}
