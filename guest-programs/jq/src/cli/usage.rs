//! The help of `jq`.

/// The text of `--help`.
pub(super) const HELP: &str = "\
Usage: jq [OPTION]... FILTER [FILE]...
  or:  jq [OPTION]... --args FILTER [STRING]...
  or:  jq [OPTION]... --jsonargs FILTER [JSON]...
Apply FILTER, a program in the language of jq, to each JSON value of the FILEs or of
standard input, and print its results as JSON.

Input:
  -n, --null-input          the only input is null; 'input' and 'inputs' read values
  -R, --raw-input           each line is a string, not JSON
  -s, --slurp               all inputs are one array (with -R, one string)
      --stream              values come in pieces: [PATH, LEAF] and [PATH]
      --stream-errors       the same, and bad JSON is an event, too
      --seq                 records begin with the ASCII RS character, in and out
Output:
  -c, --compact-output      each result on one line
      --tab                 indent with tabs
      --indent N            indent with N spaces (0 to 7)
  -r, --raw-output          strings without quotes and escapes
  -j, --join-output         the same, without newlines after results
      --raw-output0         the same, with NUL after results
  -a, --ascii-output        escape all that is not ASCII
  -S, --sort-keys           sort the keys of objects
  -C, --color-output        in colors ($JQ_COLORS: null:false:true:numbers:strings:
                            arrays:objects:keys)
  -M, --monochrome-output   without colors
      --unbuffered          write each result at once
Program:
  -f, --from-file FILE      the program is in FILE
  -L, --library-path DIR    look for modules in DIR
      --arg NAME VALUE      set $NAME to a string
      --argjson NAME JSON   set $NAME to a JSON value
      --slurpfile NAME FILE set $NAME to the array of all values in FILE
      --rawfile NAME FILE   set $NAME to the text of FILE
      --args                the operands that follow are strings, $ARGS.positional
      --jsonargs            the same with JSON values
Exit status:
  -e, --exit-status         1 if the last result is false or null, 4 without any
Other:
  -h, --help                print this help
  -V, --version             print the version
      --build-configuration print how it was built

The status is 0, 2 for bad usage or files that cannot be read, 3 for a program that
does not compile, 5 after an error or bad JSON, or what halt_error gives.
";

/// What is printed without a filter.
pub(super) const SHORT: &str = "\
Usage: jq [OPTION]... FILTER [FILE]...
For listing the command options, use jq --help.
";
