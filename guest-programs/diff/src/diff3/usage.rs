//! The text of `diff3 --help`.

pub(crate) const USAGE: &str = "\
Usage: diff3 [OPTION]... MYFILE OLDFILE YOURFILE
Compares three files line by line: writes where they differ, or takes the changes from OLDFILE to YOURFILE into MYFILE.

Scripts for ed, one of:
  -e, --ed                    take all changes
  -3, --easy-only             take those that do not overlap with mine
  -x, --overlap-only          take those that overlap with mine only
  -X                          the same
  -E, --show-overlap          like -e, but put both between marks where they overlap
  -A, --show-all              like -E, with the old lines, and where both made the same change
  -i                          end the script with 'w' and 'q'

Other output:
  -m, --merge                 the merged file itself, as one of the above has it, else -A
  -T, --initial-tab           put a tab before each line of the listing, so that tabs line up
  -L, --label=LABEL           use LABEL instead of the file's name (up to three times)

  -a, --text                  all files are text
      --strip-trailing-cr     remove carriage returns at the end of lines
      --help                  display this help and exit
  -v, --version               output version information and exit

A FILE of '-' is standard input. Exit status: 0 if all is well, 1 if there are conflicts between marks, 2 in trouble.
";
