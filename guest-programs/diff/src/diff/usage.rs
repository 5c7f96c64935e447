//! The text of `diff --help`.

pub(crate) const USAGE: &str = "\
Usage: diff [OPTION]... FILES
Compares FILES line by line: two files, two directories, or a file with the one of its name in a directory.

Output:
      --normal                  the normal format (the default)
  -q, --brief                   only whether files differ
  -s, --report-identical-files  say when two files are the same
  -c, -C NUM, --context[=NUM]   NUM (default 3) lines of context, old and new lines apart
  -u, -U NUM, --unified[=NUM]   NUM (default 3) lines of context, old and new lines together
  -e, --ed                      a script for ed
  -f, --forward-ed              the same in the order of the file
  -n, --rcs                     RCS's format
  -y, --side-by-side            two columns
  -W, --width=NUM               at most NUM (default 130) columns
      --left-column             of common lines only the left column
      --suppress-common-lines   no common lines
  -p, --show-c-function         show which C function each change is in
  -F, --show-function-line=RE   show the last line before each change that matches RE
      --label LABEL             use LABEL instead of name and time (twice: for both files)
  -t, --expand-tabs             write tabs as spaces
  -T, --initial-tab             put a tab before each line, so that tabs line up
      --tabsize=NUM             tab stops every NUM (default 8) columns
      --suppress-blank-empty    no blank or tab before empty lines
      --color[=WHEN]            colors: never, always or auto
      --palette=PALETTE         the colors, as in rs=0:hd=1:ad=32:de=31:ln=36

Directories:
  -r, --recursive               compare subdirectories, too
      --no-dereference          compare symbolic links, not what they point to
  -N, --new-file                treat absent files as empty
      --unidirectional-new-file treat absent first files as empty
      --ignore-file-name-case   names differ in more than case only
  -x, --exclude=PAT             leave out files whose name matches PAT
  -X, --exclude-from=FILE       the same for every line of FILE
  -S, --starting-file=FILE      start with FILE
      --from-file=FILE          compare FILE with every operand
      --to-file=FILE            compare every operand with FILE

Comparison:
  -i, --ignore-case             case does not count
  -E, --ignore-tab-expansion    tabs are the spaces they stand for
  -Z, --ignore-trailing-space   white space at the end of lines does not count
  -b, --ignore-space-change     the amount of white space does not count
  -w, --ignore-all-space        no white space counts
  -B, --ignore-blank-lines      changes of blank lines alone do not count
  -I, --ignore-matching-lines=RE  changes of lines alone that match RE do not count
  -a, --text                    all files are text
      --strip-trailing-cr       remove carriage returns at the end of lines
  -d, --minimal                 find the smallest set of changes
      --horizon-lines=NUM       keep NUM lines of the common beginning and end
      --speed-large-files       accepted

Formats:
  -D, --ifdef=NAME              both files in one, with '#ifdef NAME' around what differs
      --GTYPE-group-format=GFMT write groups of lines by GFMT; GTYPE is old, new, unchanged or changed
      --LTYPE-line-format=LFMT  write lines by LFMT; LTYPE is old, new or unchanged
      --line-format=LFMT        write all lines by LFMT
  GFMT may have %< (lines of the first file), %> (of the second), %= (common lines), %(A=B?T:E) (T if A equals B, else E)
  and numbers, %[-][WIDTH][.[PREC]]{doxX} with a letter: F first line, L last, N how many, E the line before, M the one
  after; upper case for the new group, lower case for the old. LFMT may have %L (the line), %l (the line without newline)
  and the number with the letter n. Both may have %% and %c'C' or %c'\\OOO' (a character).

      --help                    display this help and exit
  -v, --version                 output version information and exit

A FILE of '-' is standard input. Exit status: 0 if nothing differs, 1 if something does, 2 in trouble.
";
