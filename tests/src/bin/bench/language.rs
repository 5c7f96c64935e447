//! The shell's language: work without a program, in a session and in GNU bash.

use crate::side_by_side;

/// What is timed: (what, preparation, work).
const WORK: &[(&str, &str, &str)] = &[
    ("empty loop, 1,000,000 x (( ))", "", "for ((i=0;i<1000000;i++)); do :; done"),
    ("while [ $i -lt 200000 ]", "i=0", "while [ $i -lt 200000 ]; do i=$((i+1)); done"),
    ("string append and slice, 20,000 rounds", "s=", "for ((i=0;i<20000;i++)); do s+=ab; t=${s:i:3}; done"),
    (
        "array fill and sum, 100,000",
        "",
        "for ((i=0;i<100000;i++)); do a[i]=$i; done; n=0; for v in \"${a[@]}\"; do ((n+=v)); done",
    ),
    (
        "associative counting, 100,000 of 1,000 keys",
        "declare -A h",
        "for ((i=0;i<100000;i++)); do k=key$((i%1000)); h[$k]=$((h[$k]+1)); done",
    ),
    ("function calls, 100,000", "f() { local x=$1; r=$x; }", "for ((i=0;i<100000;i++)); do f $i; done"),
    (
        "recursive fib(20)",
        "fib() { if (($1<2)); then r=$1; else local a; fib $(($1-1)); a=$r; fib $(($1-2)); ((r+=a)); fi; }",
        "fib 20",
    ),
    (
        "case dispatch, 200,000",
        "w=(start stop status x42)",
        "for ((i=0;i<200000;i++)); do case ${w[i&3]} in start) ((a++));; stop|halt) ((b++));; s*s) ((c++));; *[0-9]) ((d++));; esac; done",
    ),
    (
        "read loop over 100,000 lines",
        "for ((i=0;i<100000;i++)); do echo \"line $i of it\"; done >lines",
        "while read -r a b c; do n=$b; done <lines",
    ),
    ("printf to a file, 100,000 lines", "", "for ((i=0;i<100000;i++)); do printf '%05d %s\\n' $i x; done >out"),
    (
        "glob over 5,000 files, 20 times",
        "mkdir d; for ((i=0;i<5000;i++)); do : >d/f$i.txt; done",
        "for ((i=0;i<20;i++)); do a=(d/*7.txt); done",
    ),
    ("10,000 command substitutions of a builtin", "", "for ((i=0;i<10000;i++)); do x=$(echo $i); done"),
    (
        "nested data munging, 20,000 records",
        "declare -A sum; for ((i=0;i<20000;i++)); do rec[i]=\"user$((i%97)):x:$i:grp$((i%13)):/home/u$i\"; done",
        "for line in \"${rec[@]}\"; do IFS=: read -r u x n g h <<<\"$line\"; [[ $u == user?* && $h =~ ^/home/u([0-9]+)$ ]] && \
         sum[$g]=$((sum[$g]+BASH_REMATCH[1])); u=${u#user}; x=${h##*/}; done",
    ),
];

/// Measures on one server.
pub(crate) fn measure() {
    side_by_side::measure(WORK.iter().map(|(what, preparation, work)| (*what, *preparation, *work, "<= 1.0")));
}
