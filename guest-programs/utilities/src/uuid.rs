//! `uuidgen` of util-linux and `uuid` of OSSP: identifiers that are random, of the time, or made of a name.

use ::uuid::{ContextV1, Timestamp, Uuid};
use sandshell_sys::path_of;

use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `uuidgen`.
pub(crate) const UUIDGEN: Program = Program {
    name: "uuidgen",
    failure: 1,
    help: "\
Usage: uuidgen [OPTION]...
Create a new UUID value.

  -r, --random        generate random-based uuid
  -t, --time          generate time-based uuid
  -n, --namespace NS  generate hash-based uuid in this namespace: a UUID, @dns, @url, @oid or @x500
  -N, --name NAME     generate hash-based uuid from this name
  -m, --md5           generate md5 hash
  -s, --sha1          generate sha1 hash
  -x, --hex           interpret name as hex string
  -h, --help          this help
  -V, --version       the version
",
    grammar: Grammar {
        short: "rtn:N:msxhV",
        long: &[
            ("random", 'r'),
            ("time", 't'),
            ("namespace=", 'n'),
            ("name=", 'N'),
            ("md5", 'm'),
            ("sha1", 's'),
            ("hex", 'x'),
        ],
        stops_at_operand: false,
    },
    main: uuidgen,
};

/// `uuid`.
pub(crate) const UUID: Program = Program {
    name: "uuid",
    failure: 1,
    help: "\
Usage: uuid [-v VERSION] [-n COUNT] [-1] [-u] [-m] [-F FORMAT] [-o FILE] [NAMESPACE NAME]
Create universally unique identifiers.

  -v VERSION  1 (of the time; the default), 3 (MD5 of a name), 4 (random), 5 (SHA-1 of a name) or 7 (of the time, in order)
  -n COUNT    generate so many
  -u          upper case letters
  -m, -1      accepted: no identifier tells of this machine, each is new
  -F FORMAT   str, siv (a decimal number) or bin
  -r          the same as -F bin
  -o FILE     write to FILE
              NAMESPACE is a UUID, ns:DNS, ns:URL, ns:OID or ns:X500
      --help, --version
",
    grammar: Grammar { short: "v:n:1umF:ro:", long: &[], stops_at_operand: false },
    main: uuid,
};

/// Most identifiers of one call: they are written as they are made, and a count beyond this is a slip.
const COUNT_MAX: u64 = 1 << 32;

/// The clock sequence of identifiers of the time: random at the start of a process.
fn now() -> Timestamp {
    Timestamp::now(ContextV1::new_random())
}

/// A node that no machine has: random, with the bit of such.
fn of_time() -> Uuid {
    let mut node = [0; 6];
    node.copy_from_slice(&Uuid::new_v4().as_bytes()[..6]);
    node[0] |= 1;
    Uuid::new_v1(now(), &node)
}

fn uuidgen(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let (mut how, mut namespace, mut name, mut is_hex) = ('r', None, None, false);
    for option in &given {
        match option.letter {
            'n' => namespace = Some(option.text()),
            'N' => name = Some(option.bytes().to_vec()),
            'x' => is_hex = true,
            'h' => return Err(program.print(program.help)),
            'V' => return Err(program.version()),
            letter => how = letter,
        }
    }
    if !operands.is_empty() {
        return Err(program.misuse("unexpected operand"));
    }
    let is_hash = matches!(how, 'm' | 's');
    if !is_hash && (namespace.is_some() || name.is_some()) {
        return Err(program.misuse("--namespace and --name need --md5 or --sha1"));
    }
    let made = match (how, namespace, name) {
        ('t', ..) => of_time(),
        ('m' | 's', Some(namespace), Some(name)) => {
            let space = space(&namespace, '@')
                .ok_or_else(|| program.fail(&format!("unknown namespace alias: '{}'", namespace)))?;
            let name = if is_hex { unhex(&name).ok_or_else(|| program.fail("not a valid hex string"))? } else { name };
            if how == 'm' { Uuid::new_v3(&space, &name) } else { Uuid::new_v5(&space, &name) }
        }
        ('m' | 's', ..) => return Err(program.misuse("--md5 and --sha1 need --namespace and --name")),
        _ => Uuid::new_v4(),
    };
    Ok(program.print(format!("{made}\n")))
}

/// A namespace by its name behind a mark, or as a UUID.
fn space(text: &str, mark: char) -> Option<Uuid> {
    let Some((_, name)) = text.split_once(mark) else { return Uuid::try_parse(text).ok() };
    match name.to_ascii_lowercase().as_str() {
        "dns" => Some(Uuid::NAMESPACE_DNS),
        "url" => Some(Uuid::NAMESPACE_URL),
        "oid" => Some(Uuid::NAMESPACE_OID),
        "x500" => Some(Uuid::NAMESPACE_X500),
        _ => None,
    }
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.chunks(2).map(pair).collect()
}

fn uuid(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let (mut version, mut count, mut upper, mut format, mut output) = (1, 1, false, "str".to_owned(), None);
    for option in &given {
        match option.letter {
            'v' => version = program.number("invalid argument for option 'v'", &option.text())?,
            'n' => {
                count = program.number("invalid argument for option 'n'", &option.text())?;
                if !(1..=COUNT_MAX).contains(&count) {
                    return Err(program.fail("invalid argument for option 'n'"));
                }
            }
            'u' => upper = true,
            'F' => format = option.text().to_ascii_lowercase(),
            'r' => format = "bin".to_owned(),
            'o' => output = Some(option.bytes().to_vec()),
            _ => {}
        }
    }
    if !matches!(format.as_str(), "str" | "siv" | "bin") {
        return Err(program.fail("invalid argument for option 'F'"));
    }
    let named = match (version, operands.as_slice()) {
        (3 | 5, [namespace, name]) => {
            let text = String::from_utf8_lossy(namespace);
            let space = space(&text, ':').ok_or_else(|| program.fail(&format!("invalid namespace '{text}'")))?;
            Some(if version == 3 { Uuid::new_v3(&space, name) } else { Uuid::new_v5(&space, name) })
        }
        (3 | 5, _) => return Err(program.fail("a namespace and a name are needed")),
        (1 | 4 | 7, []) => None,
        (1 | 4 | 7, _) => return Err(program.misuse("invalid number of arguments")),
        _ => return Err(program.fail(&format!("invalid version '{version}' (1, 3, 4, 5 and 7 are known)"))),
    };
    let mut out = match output {
        None => Output::new(),
        Some(path) => Output::to(Box::new(std::fs::File::create(path_of(&path)).map_err(|error| {
            program.fail(&format!("{}: {}", String::from_utf8_lossy(&path), sandshell_sys::reason(&error)))
        })?)),
    };
    let context = ::uuid::ContextV7::new();
    for _ in 0..count {
        let made = match (named, version) {
            (Some(named), _) => named,
            (None, 1) => of_time(),
            (None, 7) => Uuid::new_v7(Timestamp::now(&context)),
            (None, _) => Uuid::new_v4(),
        };
        match format.as_str() {
            "bin" => out.put(made.as_bytes()),
            "siv" => out.text(&format!("{}\n", made.as_u128())),
            _ if upper => out.text(&format!("{made:X}\n")),
            _ => out.text(&format!("{made}\n")),
        }
        if out.has_failed() {
            break;
        }
    }
    Ok(out.finish(program, 0))
}
