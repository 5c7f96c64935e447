//! The operations of the cases: a word and its arguments to a call and its answer in words.

use crate::directory;
use crate::sys::{self, Flags, Time, Whence};
use crate::times::Times;
use crate::world::{Errno, World};

type Words<'w> = [&'w [u8]];

/// What a call answered, in words, or its error.
pub type Answered = Result<Vec<u8>, Errno>;

fn answer<T: Answer>(result: Result<T, Errno>) -> Answered {
    result.map(T::words)
}

trait Answer {
    fn words(self) -> Vec<u8>;
}

impl Answer for () {
    fn words(self) -> Vec<u8> {
        b"ok".to_vec()
    }
}

impl Answer for u64 {
    fn words(self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl Answer for Vec<u8> {
    fn words(self) -> Vec<u8> {
        self
    }
}

impl World {
    /// Carries out one operation; an error is a mistake of the case.
    pub fn operate(&mut self, words: &[Vec<u8>]) -> Result<Answered, String> {
        let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let (name, args) = words.split_first().ok_or("an empty line")?;
        let groups = [Self::on_names, Self::on_attributes, Self::on_descriptors, Self::on_process];
        for group in groups {
            if let Some(answered) = group(self, name, args)? {
                return Ok(answered);
            }
        }
        Err(format!("no operation {} with {} arguments", text(name), args.len()))
    }

    fn on_names(&mut self, name: &[u8], args: &Words<'_>) -> Result<Option<Answered>, String> {
        Ok(Some(match (name, args) {
            (b"mkdir", [path]) => answer(sys::mkdir(path, 0o777)),
            (b"rmdir", [path]) => answer(sys::rmdir(path)),
            (b"unlink", [path]) => answer(sys::unlink(path)),
            (b"rename", [old, new]) => answer(sys::rename(old, new)),
            (b"link", [old, new]) => answer(sys::link(old, false, new)),
            (b"link-follow", [old, new]) => answer(sys::link(old, true, new)),
            (b"symlink", [target, path]) => answer(sys::symlink(target, path)),
            (b"readlink", [path]) => answer(sys::readlink(path, 8192)),
            (b"readlink", [path, size]) => answer(sys::readlink(path, number(size)?)),
            (b"list", [path]) => answer(directory::list(path)),
            (b"fill", [path, count]) => answer(directory::fill(path, number(count)?)),
            (b"drain", [path, size]) => answer(directory::drain(path, number(size)?)),
            (b"survey", [path, size]) => answer(directory::survey(path, number(size)?)),
            // A file, made or cut, with this content.
            (b"file", [path]) => answer(make(path, b"")),
            (b"file", [path, content]) => answer(make(path, content)),
            (b"content", [path]) => answer(content(path)),
            _ => return Ok(None),
        }))
    }

    fn on_attributes(&mut self, name: &[u8], args: &Words<'_>) -> Result<Option<Answered>, String> {
        Ok(Some(match (name, args) {
            (b"stat", [path, field]) => answer(sys::stat(path, true).and_then(|stat| stat.field(field))),
            (b"lstat", [path, field]) => answer(sys::stat(path, false).and_then(|stat| stat.field(field))),
            (b"fstat", [fd, field]) => answer(sys::fstat(self.fd(fd)?).and_then(|stat| stat.field(field))),
            (b"same", [one, two]) => answer(same(one, two)),
            (b"chmod", [path, mode]) => answer(sys::chmod(path, octal(mode)?, true)),
            (b"lchmod", [path, mode]) => answer(sys::chmod(path, octal(mode)?, false)),
            (b"chown", [path, uid, gid]) => answer(sys::chown(path, id(uid)?, id(gid)?, true)),
            (b"lchown", [path, uid, gid]) => answer(sys::chown(path, id(uid)?, id(gid)?, false)),
            (b"access", [path, mode]) => answer(sys::access(path, number(mode)?)),
            (b"utimens", [path, atime, mtime]) => answer(sys::utimens(path, true, time(atime)?, time(mtime)?)),
            (b"lutimens", [path, atime, mtime]) => answer(sys::utimens(path, false, time(atime)?, time(mtime)?)),
            (b"futimens", [fd, atime, mtime]) => answer(sys::futimens(self.fd(fd)?, time(atime)?, time(mtime)?)),
            (b"mark", [path]) => {
                let times = Times::mark(path);
                if let Ok(times) = times {
                    self.marks.insert(path.to_vec(), times);
                }
                answer(times.map(drop))
            }
            (b"moved", [path]) => {
                let since = *self.marks.get(*path).ok_or("no mark")?;
                answer(Times::of(path).map(|times| times.moved(since)))
            }
            (b"moved", [path, of]) => {
                let since = *self.marks.get(*of).ok_or("no mark")?;
                answer(Times::of(path).map(|times| times.moved(since)))
            }
            _ => return Ok(None),
        }))
    }

    fn on_descriptors(&mut self, name: &[u8], args: &Words<'_>) -> Result<Option<Answered>, String> {
        Ok(Some(match (name, args) {
            (b"open", [fd, path, flags @ ..]) => {
                let opened = sys::open(path, &parse_flags(flags)?);
                answer(self.keep(fd, opened)?)
            }
            (b"dup", [new, old]) => {
                let copied = sys::dup(self.fd(old)?);
                answer(self.keep(new, copied)?)
            }
            (b"pipe", [reader, writer]) => match sys::pipe() {
                Ok((read, write)) => {
                    let kept = [self.keep(reader, Ok(read))?, self.keep(writer, Ok(write))?];
                    answer(kept[0].and(kept[1]))
                }
                Err(error) => answer::<()>(Err(error)),
            },
            (b"close", [fd]) => {
                let closed = sys::close(self.fd(fd)?);
                self.fds.remove(*fd);
                answer(closed)
            }
            (b"read", [fd, count]) => answer(sys::read(self.fd(fd)?, number(count)?)),
            (b"pread", [fd, count, offset]) => answer(sys::pread(self.fd(fd)?, number(count)?, number(offset)?)),
            (b"write", [fd, data]) => answer(sys::write(self.fd(fd)?, data)),
            (b"write", [fd]) => answer(sys::write(self.fd(fd)?, b"")),
            (b"pwrite", [fd, data, offset]) => answer(sys::pwrite(self.fd(fd)?, data, number(offset)?)),
            (b"seek", [fd, offset, whence]) => answer(sys::seek(self.fd(fd)?, number(offset)?, parse_whence(whence)?)),
            (b"truncate", [fd, len]) if fd.starts_with(b"@") => answer(sys::ftruncate(self.fd(fd)?, number(len)?)),
            (b"truncate", [path, len]) => answer(truncate(path, number(len)?)),
            (b"allocate", [fd, offset, len]) => answer(sys::allocate(self.fd(fd)?, number(offset)?, number(len)?)),
            _ => return Ok(None),
        }))
    }

    fn on_process(&mut self, name: &[u8], args: &Words<'_>) -> Result<Option<Answered>, String> {
        Ok(Some(match (name, args) {
            (b"chdir", [path]) => answer(sys::chdir(path)),
            (b"getcwd", []) => answer(sys::getcwd()),
            (b"umask", [mask]) => answer(sys::umask(octal(mask)?).map(|before| format!("{before:04o}").into_bytes())),
            (b"chain", [name, levels]) => answer(chain(name, number(levels)?)),
            _ => return Ok(None),
        }))
    }

    /// Names a descriptor, which must have a new name.
    fn keep(&mut self, name: &[u8], fd: Result<sys::Fd, Errno>) -> Result<Result<(), Errno>, String> {
        if !name.starts_with(b"@") || self.fds.contains_key(name) {
            return Err(format!("{} cannot name a new descriptor", text(name)));
        }
        Ok(fd.map(|fd| {
            self.fds.insert(name.to_vec(), fd);
        }))
    }
}

fn make(path: &[u8], content: &[u8]) -> Result<(), Errno> {
    let fd = sys::open(path, &sys::CREATE)?;
    let written = if content.is_empty() { Ok(0) } else { sys::write(fd, content) };
    sys::close(fd)?;
    written.map(drop)
}

fn content(path: &[u8]) -> Result<Vec<u8>, Errno> {
    let fd = sys::open(path, &Flags { read: true, ..Flags::default() })?;
    let content = sys::read(fd, 1 << 20);
    sys::close(fd)?;
    content
}

/// `truncate(2)`, by the one way all systems have.
fn truncate(path: &[u8], len: u64) -> Result<(), Errno> {
    let fd = sys::open(path, &Flags { write: true, ..Flags::default() })?;
    let done = sys::ftruncate(fd, len);
    sys::close(fd)?;
    done
}

fn same(one: &[u8], two: &[u8]) -> Result<Vec<u8>, Errno> {
    let same = sys::stat(one, false)?.ino == sys::stat(two, false)?.ino;
    Ok(if same { b"yes".to_vec() } else { b"no".to_vec() })
}

/// Makes directories below one another, going into each; answers how many could be made.
fn chain(name: &[u8], levels: u64) -> Result<u64, Errno> {
    for made in 0..levels {
        if sys::mkdir(name, 0o777).and_then(|()| sys::chdir(name)).is_err() {
            return Ok(made);
        }
    }
    Ok(levels)
}

fn parse_flags(words: &Words<'_>) -> Result<Flags, String> {
    let mut flags = Flags::default();
    for word in words {
        match *word {
            b"rd" => flags.read = true,
            b"wr" => flags.write = true,
            b"rw" => (flags.read, flags.write) = (true, true),
            b"creat" => flags.create = true,
            b"excl" => flags.exclusive = true,
            b"trunc" => flags.truncate = true,
            b"append" => flags.append = true,
            b"dir" => flags.directory = true,
            b"nofollow" => flags.no_follow = true,
            other => return Err(format!("no flag {}", text(other))),
        }
    }
    Ok(flags)
}

fn parse_whence(word: &[u8]) -> Result<Whence, String> {
    match word {
        b"set" => Ok(Whence::Set),
        b"cur" => Ok(Whence::Current),
        b"end" => Ok(Whence::End),
        other => Err(format!("no whence {}", text(other))),
    }
}

/// `now`, `omit`, or nanoseconds.
fn time(word: &[u8]) -> Result<Time, String> {
    match word {
        b"now" => Ok(Time::Now),
        b"omit" => Ok(Time::Omit),
        word => number(word).map(Time::At),
    }
}

fn text(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

fn number<N: std::str::FromStr>(word: &[u8]) -> Result<N, String> {
    text(word).parse().map_err(|_| format!("{} is no number", text(word)))
}

fn octal(word: &[u8]) -> Result<u32, String> {
    u32::from_str_radix(&text(word), 8).map_err(|_| format!("{} is no octal number", text(word)))
}

/// An owner; `-` keeps the one there is.
fn id(word: &[u8]) -> Result<Option<u32>, String> {
    if word == b"-" { Ok(None) } else { number(word).map(Some) }
}
