//! Words: quotes, expansions, braces, tildes, patterns, assignments.

use super::{check, check_extglob};

#[test]
fn quotes_make_quoted_pieces_and_constants_merge() {
    check("a 'b c' \"d e\" f\\ g", "(a 'b c' 'd e' 'f g')");
    check("echo '' \"\" x''", "(echo '' '' 'x')");
    check("echo $x''\"\"", "(echo $x+''+'')");
    check("echo a\"b$x\"'c'", "(echo a+\"'b'+$x\"+'c')");
    check("echo \"a\\\"b\\$c\\d\\`e\"", "(echo 'a\"b$c\\\\d`e')");
    check("echo 'a\nb' c\\\nd", "(echo 'a\\nb' cd)");
}

#[test]
fn ansi_c_strings_are_decoded() {
    check("echo $'a\\tb\\x41\\101\\u00e9\\'q'", "(echo 'a\\tbAA\\xc3\\xa9'q')");
    check("echo $'a\\0b' $'\\cA' $'\\q'", "(echo 'a' '\\x01' '\\\\q')");
    check("echo $\"a $b\" \"$'x'\"", "(echo \"'a '+$b\" '$'x'')");
}

#[test]
fn simple_parameters_take_the_longest_name_or_one_character() {
    check("echo $ab1-$1x $10 $@ $* $# $? $- $$ $! $0 $", "(echo $ab1+-+$1+x $1+0 $@ $* $# $? $- $$ $! $0 $)");
    check("echo \"$\" \"$ \" $% a$", "(echo '$' '$ ' $% a$)");
}

#[test]
fn braced_parameters_have_all_operators() {
    check(
        "echo ${a} ${10} ${@} ${#} ${#a} ${#@} ${##} ${#-x}",
        "(echo $a $10 $@ $# ${a length} ${@ length} ${# length} ${# - x})",
    );
    check("echo ${a-b} ${a:=b c} ${a?} ${a:+$b}", "(echo ${a - b} ${a := b c} ${a ? } ${a :+ $b})");
    check("echo ${a#*.} ${a##x} ${a%\"*\"} ${a%%[0-9]}", "(echo ${a # %*.} ${a ## x} ${a % '*'} ${a %% %[0-9]})");
    check(
        "echo ${a/b/c} ${a//b} ${a/#b/} ${a/%\\/b/$c}",
        "(echo ${a / b c} ${a // b nothing} ${a /# b } ${a /% '/'+b $c})",
    );
    check("echo ${a^} ${a^^[a-c]} ${a,} ${a,,} ${a~~}", "(echo ${a ^} ${a ^^ %[a-c]} ${a ,} ${a ,,} ${a ~~})");
    check("echo ${a@Q} ${a[@]@A} ${a@x}", "(echo ${a @Q} ${a[@] @A} bad(${a@x}))");
    check(
        "echo ${a:1} ${a: -1} ${a:x?1:2:3} ${@:2:${#b}}",
        "(echo ${a slice '1'} ${a slice ' -1'} ${a slice 'x?1:2' '3'} ${@ slice '2' ${b length}})",
    );
}

#[test]
fn indirection_keys_and_name_lists_are_told_apart() {
    check(
        "echo ${!a} ${!a[@]} ${!a[*]} ${!a*} ${!a@} ${!1} ${!a:-b}",
        "(echo $!a ${a[@] keys} ${a[*] keys} ${a names*} ${a names@} $!1 ${!a :- b})",
    );
    check("echo ${!} ${!a@Q} ${!#} ${!a[1]}", "(echo $! ${!a @Q} $!# $!a['1'])");
}

#[test]
fn subscripts_are_one_quoted_word() {
    check(
        "echo ${a[1]} ${a[$i+1]} ${a[\"x y\"]} ${a[b[2]]} ${a[@]:1} ${#a[@]}",
        "(echo $a['1'] $a[$i+'+1'] $a['x y'] $a['b[2]'] ${a[@] slice '1'} ${a[@] length})",
    );
}

#[test]
fn arguments_of_expansions_are_quoted_as_their_surroundings() {
    check("echo ${a:-'b c' \"d\" ~/e}", "(echo ${a :- 'b c'+ +'d'+ ~/e})");
    check("echo \"${a:-'b' \"c $d\" \\}}\"", "(echo \"${a :- ''b' '+\"'c '+$d\"+' }'}\")");
    check("echo ${a:-~} \"${a:-~}\"", "(echo ${a :- tilde(~)} \"${a :- '~'}\")");
    check("echo \"${a#'x'}\" \"${a/'x'/\"y\"}\"", "(echo \"${a # 'x'}\" \"${a / 'x' 'y'}\")");
    check("echo ${a:-${b:-${c}}} ${a:-$(b \"}\")}", "(echo ${a :- ${b :- $c}} ${a :- $((b '}'))})");
}

#[test]
fn what_is_no_expansion_is_kept_for_the_run() {
    check("echo ${a b} ${} ${a[1]b} ${-x", "error: line 1: unexpected EOF while looking for matching `}'");
    check("echo ${a b} ${} ${1x}", "(echo bad(${a b}) bad(${}) bad(${1x}))");
}

#[test]
fn substitutions_hold_trees() {
    check("echo $(a | b; c) \"$(d \"e\")\" `f \\`g\\``", "(echo $((| (a) (b)); (c)) \"$((d 'e'))\" $((f $((g)))))");
    check("x=$(case a in a) b;; (c) d;; esac)", "(x=$((case a [a) (b) ;;] [c) (d) ;;])))");
    check("echo $(echo ')' # )\n)", "(echo $((echo ')')))");
    check("echo $(<f) $( ) $()", "(echo $(( <f)) $() $())");
    check("a <(b) >(c) d<(e)", "(a Read((b)) Write((c)) d+Read((e)))");
}

#[test]
fn broken_backquotes_run_up_to_the_error() {
    check("echo `a; b\nfi`", "(echo $((a); (b) error: line 2: syntax error near unexpected token `fi'\nline 2: `fi'))");
}

#[test]
fn double_parentheses_are_arithmetic_only_when_they_close_together() {
    check("echo $((1+(2))) $[3]", "(echo $(('1+(2)')) $(('3')))");
    check("echo $((a); (b))", "(echo $((sub (a)); (sub (b))))");
    check("echo $((x[\"1\"] + $y))", "(echo $(('x['+'1'+'] + '+$y)))");
    check("((x = 1 < 2)); ((a) || (b))", "(('x = 1 < 2')); (sub (|| (sub (a)) (sub (b))))");
}

#[test]
fn brace_expansions_are_lowered() {
    check("echo {a,b}c{1..3} x{,y}", "(echo {a,b}+c+{1..3..1 width 0} x+{,y})");
    check(
        "echo {01..10..2} {a..e} {3..-1} {-05..5}",
        "(echo {1..10..2 width 2} {a..e..1} {3..-1..1 width 0} {-5..5..1 width 3})",
    );
    check("echo {a} {} {a,b {a..} {1..b} a,b} \\{a,b}", "(echo {a} {} {a,b {a..} {1..b} a,b} '{a,b}')");
    check("echo {a,{b,c}d} {x{1,2}}", "(echo {a,{b,c}+d} {x+{1,2}+})");
    check("echo {\"a,b\",$c} '{a,b}' \"{a,b}\"", "(echo {'a,b',$c} '{a,b}' '{a,b}')");
    check("a={b,c} d", "(a={b,c} (d))".replace("(d)", "d").as_str());
}

#[test]
fn tildes_count_at_the_start_and_in_assignments() {
    check("echo ~ ~/x ~u/y a~ '~' ~\"x\" ~$x", "(echo tilde(~) tilde(~)+/x tilde(~u)+/y a~ '~' '~x' ~+$x)");
    check("a=~/b:~c:d~ e=~", "(a=tilde(~)+/b:+tilde(~c)+:d~ e=tilde(~))");
    check("echo a=~/b --x=~/c", "(echo a=+tilde(~)+/b --x=~/c)");
    check("echo {~,x}/y", "(echo {~,x}+/y)");
}

#[test]
fn globs_mark_their_words() {
    check("echo *.c [ab]? \"*\" \\* a", "(echo %*.c %[ab]? '*' '*' a)");
    check("x=*", "(x=*)");
}

#[test]
fn extended_patterns_are_words_when_the_option_is_on() {
    check_extglob("echo @(a|b \"c)\") !(x)+(y)", "(echo %@(a|b +'c)'+) %!(x)+(y))");
    check("echo @(a)", "error: line 1: syntax error near unexpected token `('\nline 1: `echo @(a)'");
    check("[[ a == @(b|c d) ]]", "[[(== a %@(b|c d))]]");
}

#[test]
fn assignments_stand_before_the_command_or_after_declarations() {
    check("a=1 b+=2 c d=3", "(a=1 b+=2 c d=3)");
    check("a[1+ 2]=x a[\"k\"]+=y a[b c", "error: line 1: unexpected EOF while looking for matching `]'");
    check("a[1+ 2]=x a['k y']+=z", "(a['1+ 2']=x a['k y']+=z)");
    check("declare -a a=(1 2) b=\"$c d\"", "(declare -a <a=(1 2)> <b=\"$c+' d'\">)");
    check("command export A=~/x", "(command export <A=tilde(~)+/x>)");
    check("echo a=(1)", "error: line 1: syntax error near unexpected token `('\nline 1: `echo a=(1)'");
    check("eval a=(1 $b)", "(eval 'a=(1 $b)')");
    check("1a=2 a-b=c =d", "(1a=2 a-b=c =d)");
}

#[test]
fn compound_arrays_hold_words_and_keyed_elements() {
    check(
        "a=(1 'b c' $d *.e\n# comment\n[5]=f [x y]+=$g {h,i} [ab]*)",
        "(a=(1 'b c' $d %*.e ['5']=f ['x y']+=$g {h,i} %[ab]*))",
    );
    check("a=() b+=( )", "(a=() b+=())");
    check("a=(1 & 2)", "error: line 1: syntax error near unexpected token `&'\nline 1: `a=(1 & 2)'");
}
