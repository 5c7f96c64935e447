//! The texts of `tar --help`, `--usage` and `--show-defaults`.

pub(super) const USAGE: &str = "Usage: tar [-AcdrtuxGnSkUWOmpsMBiajJzZhPlRvwo?] [OPTION]... [FILE]...\n";

pub(super) const DEFAULTS: &str = "--format=gnu -f- -b20 --quoting-style=escape\n";

pub(super) const HELP: &str = "\
Usage: tar [OPTION...] [FILE]...
Save many files together in one archive, and restore files from it.

  tar -cf archive.tar foo bar  # Create archive.tar from files foo and bar.
  tar -tvf archive.tar         # List all files in archive.tar verbosely.
  tar -xf archive.tar          # Extract all files from archive.tar.

Operations:
  -A, --catenate, --concatenate  append tar files to an archive
  -c, --create               create a new archive
      --delete               delete members from the archive
  -d, --diff, --compare      find differences between archive and files
  -r, --append               append files to the end of an archive
  -t, --list                 list the contents of an archive
  -u, --update               only append files newer than their copy in the archive
  -x, --extract, --get       extract files from an archive

The archive and its compression:
  -f, --file=ARCHIVE         use this archive (- is standard input or output, and the default)
  -a, --auto-compress        choose the compression by the archive's suffix
  -I, --use-compress-program=PROG  filter through PROG (it must accept -d)
  -j, --bzip2   -J, --xz   --lzma   -z, --gzip   --zstd
  -b, --blocking-factor=BLOCKS  BLOCKS x 512 bytes per record
  -H, --format=FORMAT        gnu, oldgnu, ustar, pax, posix or v7
      --old-archive, --portability, --posix   the same as --format=v7 and pax
  -V, --label=TEXT           create an archive with a volume name
  -i, --ignore-zeros         ignore blocks of zeros in the archive

Which files:
  -C, --directory=DIR        change to DIR for the names behind this option
  -T, --files-from=FILE      read names from FILE (--null, --verbatim-files-from, --no-unquote)
      --add-file=FILE        add FILE, even if its name begins with a dash
      --exclude=PATTERN      leave files out that match PATTERN
  -X, --exclude-from=FILE    leave out what matches a pattern of FILE
      --exclude-backups, --exclude-caches, --exclude-vcs
      --wildcards, --no-wildcards, --anchored, --no-anchored, --ignore-case,
      --wildcards-match-slash, --no-wildcards-match-slash  how names and patterns match
      --no-recursion         do not enter directories
  -h, --dereference          archive the files that symbolic links lead to
      --hard-dereference     archive hard links as the files they are
  -N, --newer=DATE, --newer-mtime=DATE  only files newer than DATE
      --one-file-system      accepted: there is one
      --sort=ORDER           none or name
      --occurrence[=N]       process only the Nth member of each name

What is stored:
      --owner=NAME[:UID], --group=NAME[:GID], --mode=CHANGES, --mtime=DATE, --clamp-mtime
      --numeric-owner        use numbers for owners
  -P, --absolute-names       keep leading slashes and ..
      --transform=EXPRESSION, --xform=EXPRESSION  change names by sed's s/// (flags g i x r R s S h H NUMBER)
      --strip-components=N   take N leading components off names
  -S, --sparse               handle holes efficiently
      --remove-files         remove files that were added
  -W, --verify               compare the archive after writing it

Extraction:
  -k, --keep-old-files       do not replace files: it is an error
      --skip-old-files       do not replace files, silently
      --keep-newer-files     do not replace files that are newer
      --overwrite            write into existing files
  -U, --unlink-first         remove each file before extracting over it
      --recursive-unlink, --overwrite-dir, --no-overwrite-dir, --keep-directory-symlink
      --backup, --suffix=SUFFIX  keep what is replaced
      --one-top-level[=DIR]  extract everything below one directory
  -m, --touch                do not restore times of change
  -p, --preserve-permissions, --same-permissions, --no-same-permissions
      --same-owner, --no-same-owner, -o
  -O, --to-stdout            extract files to standard output
      --to-command=COMMAND   pipe each file to a command

What is told:
  -v, --verbose              list what is processed; twice: with all that is known
      --full-time, --utc, -R, --block-number, --quoting-style=escape|literal,
      --show-transformed-names, --index-file=FILE
      --totals               print how many bytes there were
      --ignore-failed-read   do not fail for files that cannot be read
  -?, --help, --usage, --version, --show-defaults

Compressed archives are recognized when they are read.
";
