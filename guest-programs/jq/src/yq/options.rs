//! The options of `yq`, read once.

/// A format of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Json,
}

/// What a call asks for. Any value is fine.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Options {
    pub(super) filter: Option<String>,
    pub(super) files: Vec<String>,
    /// What the input is; by the file's name, or YAML, when absent.
    pub(super) input: Option<Format>,
    pub(super) output: Option<Format>,
    pub(super) null_input: bool,
    pub(super) in_place: bool,
    /// Strings without quotes: for YAML unless it is refused, for JSON when it is asked for.
    pub(super) raw: Option<bool>,
    pub(super) compact: bool,
    pub(super) indent: usize,
    pub(super) exit_status: bool,
    pub(super) separators: bool,
    /// All documents are one array.
    pub(super) slurp: bool,
    pub(super) variables: Vec<(String, String)>,
}

/// What is to be done.
pub(super) enum Request {
    Run(Options),
    Help,
    Version,
}

/// The widest indentation that is taken.
const INDENT_MAX: usize = 16;

/// The text of `--help`.
pub(super) const HELP: &str = "\
Usage: yq [eval] [OPTION]... [FILTER] [FILE]...
Apply FILTER, a program in the language of jq, to each YAML document of the FILEs or of
standard input, and print its results as YAML. Comments and anchors are not kept.

  -p, --input-format FMT    the input is yaml or json (by default by the file's name)
  -o, --output-format FMT   print yaml or json
  -j, --tojson              the same as -o json
  -y, --yaml-output         the same as -o yaml
  -c, --compact-output      JSON on one line
  -I, --indent N            indent with N spaces (2)
  -P, --prettyPrint         in block style, as it is by default
  -r, --unwrapScalar        strings without quotes (the default for YAML;
                            --unwrapScalar=false for quotes)
  -n, --null-input          the only input is null
  -s, --slurp               all documents are one array
  -i, --inplace             write the result into the first FILE
  -N, --no-doc              no --- between documents
  -e, --exit-status         1 if the last result is false or null, or without any
      --arg NAME VALUE      set $NAME to a string
  -C, --colors, -M, --no-colors   accepted; output has no colors
  -h, --help                print this help
  -V, --version             print the version

env(NAME) and strenv(NAME) are variables of the environment, as YAML and as text.
";

/// Reads the command line.
///
/// # Errors
///
/// The message; the status is 1.
pub(super) fn parse(args: Vec<String>) -> Result<Request, String> {
    let mut options = Options {
        filter: None,
        files: Vec::new(),
        input: None,
        output: None,
        null_input: false,
        in_place: false,
        raw: None,
        compact: false,
        indent: 2,
        exit_status: false,
        separators: true,
        slurp: false,
        variables: Vec::new(),
    };
    let mut operands = Vec::new();
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            operands.extend(args.by_ref());
        } else if let Some(name) = arg.strip_prefix("--") {
            let (name, value) =
                name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value.to_owned())));
            if let Some(request) = long(&mut options, name, value, &mut args)? {
                return Ok(request);
            }
        } else if arg.len() > 1 && arg.starts_with('-') && arg.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic()) {
            if let Some(request) = short(&mut options, &arg, &mut args)? {
                return Ok(request);
            }
        } else {
            operands.push(arg);
        }
    }
    place(&mut options, operands);
    Ok(Request::Run(options))
}

/// Which operands are the filter and the files: a lone file needs no filter.
fn place(options: &mut Options, mut operands: Vec<String>) {
    if matches!(operands.first().map(String::as_str), Some("eval" | "e" | "eval-all" | "ea")) {
        operands.remove(0);
    }
    let is_file = |name: &String| std::path::Path::new(name).is_file();
    if operands.first().is_some_and(|first| !is_file(first)) {
        options.filter = Some(operands.remove(0));
    }
    operands.retain(|name| name != "-");
    options.files = operands;
}

fn format(name: &str) -> Result<Format, String> {
    match name {
        "yaml" | "y" | "yml" | "auto" | "a" => Ok(Format::Yaml),
        "json" | "j" => Ok(Format::Json),
        _ => Err(format!("unknown format '{name}' please use [yaml|json]")),
    }
}

fn indent(text: &str) -> Result<usize, String> {
    let bad = || format!("invalid argument \"{text}\" for \"-I, --indent\" flag");
    text.parse().ok().filter(|indent| *indent <= INDENT_MAX).ok_or_else(bad)
}

type Rest<'a> = &'a mut std::vec::IntoIter<String>;

fn long(options: &mut Options, name: &str, value: Option<String>, rest: Rest<'_>) -> Result<Option<Request>, String> {
    let mut argument = |value: Option<String>| {
        value.or_else(|| rest.next()).ok_or_else(|| format!("flag needs an argument: --{name}"))
    };
    match name {
        "help" => return Ok(Some(Request::Help)),
        "version" => return Ok(Some(Request::Version)),
        "input-format" => options.input = Some(format(&argument(value)?)?),
        "output-format" => options.output = Some(format(&argument(value)?)?),
        "tojson" => options.output = Some(Format::Json),
        "yaml-output" => options.output = Some(Format::Yaml),
        "indent" => options.indent = indent(&argument(value)?)?,
        "compact-output" => options.compact = true,
        "prettyPrint" | "colors" | "no-colors" | "color-output" | "monochrome-output" => {}
        "unwrapScalar" | "raw-output" => options.raw = Some(value.as_deref() != Some("false")),
        "null-input" => options.null_input = true,
        "slurp" => options.slurp = true,
        "inplace" | "in-place" => options.in_place = true,
        "no-doc" => options.separators = false,
        "exit-status" => options.exit_status = true,
        "arg" => {
            let name = argument(None)?;
            options.variables.push((name, argument(None)?));
        }
        _ => return Err(format!("unknown flag: --{name}")),
    }
    Ok(None)
}

fn short(options: &mut Options, arg: &str, rest: Rest<'_>) -> Result<Option<Request>, String> {
    for (at, letter) in arg.char_indices().skip(1) {
        match letter {
            'h' => return Ok(Some(Request::Help)),
            'V' => return Ok(Some(Request::Version)),
            'p' | 'o' | 'I' => {
                let attached = arg.get(at + 1..).unwrap_or_default();
                let attached = attached.strip_prefix('=').unwrap_or(attached);
                let value = if attached.is_empty() { rest.next() } else { Some(attached.to_owned()) };
                let value = value.ok_or_else(|| format!("flag needs an argument: '{letter}' in {arg}"))?;
                match letter {
                    'p' => options.input = Some(format(&value)?),
                    'o' => options.output = Some(format(&value)?),
                    _ => options.indent = indent(&value)?,
                }
                return Ok(None);
            }
            'j' => options.output = Some(Format::Json),
            'y' => options.output = Some(Format::Yaml),
            'c' => options.compact = true,
            'P' | 'C' | 'M' => {}
            'r' => options.raw = Some(true),
            'n' => options.null_input = true,
            's' => options.slurp = true,
            'i' => options.in_place = true,
            'N' => options.separators = false,
            'e' => options.exit_status = true,
            _ => return Err(format!("unknown shorthand flag: '{letter}' in {arg}")),
        }
    }
    Ok(None)
}
