//! The text of `patch --help`.

pub(crate) const USAGE: &str = "\
Usage: patch [OPTION]... [ORIGFILE [PATCHFILE]]
Applies a patch that diff wrote, to the files it names or to ORIGFILE.

Input:
  -p NUM  --strip=NUM            strip NUM leading components from file names
  -F LINES  --fuzz LINES         set the fuzz factor to LINES for inexact matching
  -l  --ignore-whitespace        ignore white space changes between patch and input
  -c  --context                  interpret the patch as a context difference
  -e  --ed                       interpret the patch as a script for ed
  -n  --normal                   interpret the patch as a normal difference
  -u  --unified                  interpret the patch as a unified difference
  -N  --forward                  ignore patches that appear to be reversed or already applied
  -R  --reverse                  assume patches were created with old and new files swapped
  -i PATCHFILE  --input=PATCHFILE  read the patch from PATCHFILE instead of standard input

Output:
  -o FILE  --output=FILE         output patched files to FILE
  -r FILE  --reject-file=FILE    output rejects to FILE
  -D NAME  --ifdef=NAME          keep both versions: '#ifdef NAME' around what is new
  -E  --remove-empty-files       remove output files that are empty after patching
  -Z  --set-utc                  set times of patched files, assuming the diff uses UTC
  -T  --set-time                 likewise, assuming local time
      --reject-format=FORMAT     write rejects as 'context' or 'unified'

Backup:
  -b  --backup                   back up the original of each file
      --backup-if-mismatch       back up if the patch does not match exactly (the default)
      --no-backup-if-mismatch    back up mismatches only if requested otherwise
  -V STYLE  --version-control=STYLE  'simple', 'numbered' or 'existing'
  -B PREFIX  --prefix=PREFIX     prepend PREFIX to backup file names
  -Y PREFIX  --basename-prefix=PREFIX  prepend PREFIX to the last component of backup file names
  -z SUFFIX  --suffix=SUFFIX     append SUFFIX to backup file names

Miscellaneous:
  -t  --batch                    ask no questions; skip bad patches, assume reversed
  -f  --force                    like -t, but ignore bad patches, and assume unreversed
  -s  --quiet  --silent          work silently unless an error occurs
      --verbose                  output extra information about the work being done
      --dry-run                  do not actually change any files; just print what would happen
      --posix                    conform to the POSIX standard
  -d DIR  --directory=DIR        change the working directory to DIR first
      --binary                   accepted
      --help                     output this help
  -v  --version                  output version information

Exit status: 0 if all was applied, 1 if something was rejected, 2 in trouble.
";
