//! One guest to compile: its name, its file, and whether what is there is up to date.
//!
//! Writes are by temporary name and rename, the key last: an interrupted run leaves nothing that looks finished.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use cap_std::fs::Dir;
use engine::Compiler;

/// A guest to compile, parsed from the path of its Wasm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Where the Wasm is and the code goes.
    pub(crate) folder: PathBuf,
    /// File name without `.wasm`.
    pub(crate) name: String,
}

/// What a job came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// The code was up to date.
    Fresh,
    /// It was compiled to so many bytes.
    Compiled {
        /// Size of the code.
        bytes: usize,
    },
}

impl FromStr for Job {
    type Err = String;

    fn from_str(arg: &str) -> Result<Self, String> {
        let path = Path::new(arg);
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".wasm"));
        let name = name.filter(|name| !name.is_empty()).ok_or_else(|| format!("{arg}: expected FILE.wasm"))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self { folder: folder.to_owned(), name: name.to_owned() })
    }
}

impl Job {
    /// Compiles the Wasm in `folder` unless the code there was made of the same.
    pub(crate) fn compile(&self, compiler: &Compiler, folder: &Dir) -> Result<Done, String> {
        let wasm =
            folder.read(format!("{}.wasm", self.name)).map_err(|error| format!("{}.wasm: {error}", self.name))?;
        let (code_name, key_name) = (format!("{}.cwasm", self.name), format!("{}.cwasm.key", self.name));
        let key = format!("{}\n{}\n", blake3::hash(&wasm).to_hex(), compiler.compatibility());
        let is_fresh = folder.read(&key_name).is_ok_and(|old| old == key.as_bytes()) && folder.is_file(&code_name);
        if is_fresh {
            return Ok(Done::Fresh);
        }
        let code = compiler.compile(&self.name, &wasm).map_err(|error| error.to_string())?;
        replace(folder, &code_name, &code)?;
        replace(folder, &key_name, key.as_bytes())?;
        Ok(Done::Compiled { bytes: code.len() })
    }
}

fn replace(folder: &Dir, name: &str, content: &[u8]) -> Result<(), String> {
    let temporary = format!(".{name}.tmp");
    folder
        .write(&temporary, content)
        .and_then(|()| folder.rename(&temporary, folder, name))
        .map_err(|error| format!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;
    use engine::Metering;

    use super::*;

    #[test]
    fn a_job_is_the_path_of_a_wasm_file() {
        let check = |arg: &str, folder: &str, name: &str| {
            let job = Job { folder: PathBuf::from(folder), name: name.to_owned() };
            assert_eq!(arg.parse::<Job>(), Ok(job));
        };
        check("a/b/ls.wasm", "a/b", "ls");
        check("ls.wasm", ".", "ls");
        for wrong in ["ls", ".wasm", "", "a/", "ls.wat"] {
            assert!(wrong.parse::<Job>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn code_is_made_again_only_when_its_wasm_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = Dir::open_ambient_dir(folder.path(), ambient_authority()).expect("the folder");
        let compiler = Compiler::new(Metering::FuelAndEpoch).expect("a compiler");
        let job: Job = "guest.wasm".parse().expect("a job");
        let put = |text: &str| folder.write("guest.wasm", wat::parse_str(text).expect("a module")).expect("a file");
        put("(module (func (export \"f\")))");
        assert!(matches!(job.compile(&compiler, &folder), Ok(Done::Compiled { .. })));
        assert_eq!(job.compile(&compiler, &folder), Ok(Done::Fresh));
        put("(module (func (export \"g\")))");
        assert!(matches!(job.compile(&compiler, &folder), Ok(Done::Compiled { .. })));
        folder.remove_file("guest.cwasm").expect("the code was there");
        assert!(matches!(job.compile(&compiler, &folder), Ok(Done::Compiled { .. })));
        folder.write("guest.wasm", b"junk").expect("a file");
        assert!(job.compile(&compiler, &folder).is_err());
    }
}
