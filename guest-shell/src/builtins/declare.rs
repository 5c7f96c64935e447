//! `declare`, `typeset`, `local`, `export` and `readonly`: attributes and scopes of variables and functions.

mod show;

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::tree::{Assignment, Value as TreeValue};
use crate::vars::{Attrs, Name, TextPlace, Value, Var, VarError};

use super::{Call, builtin};

builtin! {
    /// Set variable values and attributes.
    ///
    /// Declare variables and give them attributes. If no NAMEs are given, display the attributes and values of all
    /// variables.
    ///
    /// Options:
    ///   -f	restrict action or display to function names and definitions
    ///   -F	restrict display to function names only (plus line number and source file when debugging)
    ///   -g	create global variables when used in a shell function; otherwise ignored
    ///   -I	if creating a local variable, inherit the attributes and value of a variable with the same name at a
    /// 	previous scope
    ///   -p	display the attributes and value of each NAME
    ///
    /// Options which set attributes:
    ///   -a	to make NAMEs indexed arrays (if supported)
    ///   -A	to make NAMEs associative arrays (if supported)
    ///   -i	to make NAMEs have the `integer' attribute
    ///   -l	to convert the value of each NAME to lower case on assignment
    ///   -n	make NAME a reference to the variable named by its value
    ///   -r	to make NAMEs readonly
    ///   -t	to make NAMEs have the `trace' attribute
    ///   -u	to convert the value of each NAME to upper case on assignment
    ///   -x	to make NAMEs export
    DECLARE = "declare", "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]", declare
}
builtin! {
    /// Set variable values and attributes. A synonym for `declare'.
    TYPESET = "typeset", "typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]", declare
}
builtin! {
    /// Define local variables.
    ///
    /// Create a local variable called NAME, and give it VALUE. OPTION can be any option accepted by `declare'.
    /// Local variables can only be used within a function; they are visible only to the function where they are
    /// defined and its children.
    LOCAL = "local", "local [option] name[=value] ...", local
}
builtin! {
    /// Set export attribute for shell variables.
    ///
    /// Marks each NAME for automatic export to the environment of subsequently executed commands.
    ///
    /// Options:
    ///   -f	refer to shell functions
    ///   -n	remove the export property from each NAME
    ///   -p	display a list of all exported variables and functions
    EXPORT = "export", "export [-fn] [name[=value] ...] or export -p", export, special
}
builtin! {
    /// Mark shell variables as unchangeable.
    ///
    /// Mark each NAME as read-only; the values of these NAMEs may not be changed by subsequent assignment.
    ///
    /// Options:
    ///   -a	refer to indexed array variables
    ///   -A	refer to associative array variables
    ///   -f	refer to shell functions
    ///   -p	display a list of all readonly variables or functions
    READONLY = "readonly", "readonly [-aAf] [name[=value] ...] or readonly -p", readonly, special
}

/// What one call wants done to each name.
#[derive(Default, Clone)]
pub(super) struct Wanted {
    pub(super) set: Attrs,
    pub(super) clear: Attrs,
    pub(super) indexed: bool,
    pub(super) assoc: bool,
    pub(super) functions: bool,
    pub(super) names_only: bool,
    pub(super) print: bool,
    /// `+a`, `+A`: what nothing can do to an array.
    no_array: bool,
    global: bool,
    inherit: bool,
    local: bool,
    /// `declare` and its kin make the variable in any case.
    declares: bool,
}

impl Wanted {
    /// Both kinds of letters at once are neither.
    fn without_contradictions(&mut self) {
        let both = Attrs::LOWER.or(Attrs::UPPER);
        if self.set.has(both) {
            self.set.remove(both);
        }
        self.set.remove(self.clear);
    }
}

fn attribute(letter: u8) -> Option<Attrs> {
    Some(match letter {
        b'i' => Attrs::INTEGER,
        b'l' => Attrs::LOWER,
        b'u' => Attrs::UPPER,
        b'c' => Attrs::CAPITAL,
        b'n' => Attrs::NAMEREF,
        b'r' => Attrs::READONLY,
        b't' => Attrs::TRACE,
        b'x' => Attrs::EXPORT,
        _ => return None,
    })
}

/// Takes `-xyz` and `+xyz`; answers where the names begin.
fn take_options(shell: &mut Shell, call: &mut Call<'_>, wanted: &mut Wanted) -> Result<usize, u8> {
    let args = call.args();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        if word == b"--" {
            return Ok(at + 1);
        }
        let (on, letters) = match word.split_first() {
            Some((b'-', letters)) if !letters.is_empty() => (true, letters),
            Some((b'+', letters)) if !letters.is_empty() => (false, letters),
            _ => break,
        };
        at += 1;
        for letter in letters {
            match (letter, attribute(*letter)) {
                (_, Some(attrs)) if on => wanted.set.add(attrs),
                (_, Some(attrs)) => wanted.clear.add(attrs),
                (b'a', _) if on => wanted.indexed = true,
                (b'A', _) if on => wanted.assoc = true,
                (b'a' | b'A', _) => wanted.no_array = true,
                (b'f', _) => wanted.functions = true,
                (b'F', _) => (wanted.functions, wanted.names_only) = (true, true),
                (b'g', _) => wanted.global = true,
                (b'I', _) => wanted.inherit = true,
                (b'p', _) => wanted.print = true,
                _ => {
                    let sign = if on { b'-' } else { b'+' };
                    shell.builtin_error(call, &[&[sign, *letter][..], b": invalid option"].concat());
                    return Err(shell.usage_error(call));
                }
            }
        }
    }
    Ok(at)
}

fn declare(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let mut wanted = Wanted { local: shell.vars.in_function(), declares: true, ..Wanted::default() };
    let begin = match take_options(shell, call, &mut wanted) {
        Ok(begin) => begin,
        Err(status) => return Ok(status),
    };
    wanted.local &= !wanted.global;
    wanted.without_contradictions();
    let names = call.args().get(begin..).unwrap_or_default();
    if wanted.functions {
        return Ok(shell.declare_functions(call, &wanted, names));
    }
    if wanted.print || names.is_empty() {
        return Ok(shell.show_variables(call, &wanted, names));
    }
    declare_all(shell, call, &wanted, begin)
}

fn local(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if !shell.vars.in_function() {
        shell.builtin_error(call, b"can only be used in a function");
        // bash carries out array assignments among the arguments before it gets here.
        for (_, assignment) in call.arrays {
            shell.assign(assignment)?;
        }
        return Ok(1);
    }
    let mut wanted = Wanted { local: true, ..Wanted::default() };
    if let [only] = call.args()
        && only == b"-"
    {
        let options = shell.options;
        shell.exec.local_options.get_or_insert(options);
        return Ok(0);
    }
    let begin = match take_options(shell, call, &mut wanted) {
        Ok(begin) => begin,
        Err(status) => return Ok(status),
    };
    wanted.without_contradictions();
    let names = call.args().get(begin..).unwrap_or_default();
    if wanted.functions {
        return Ok(shell.declare_functions(call, &wanted, names));
    }
    if names.is_empty() {
        shell.show_locals(call);
        return Ok(0);
    }
    if wanted.print {
        return Ok(shell.show_variables(call, &wanted, names));
    }
    declare_all(shell, call, &wanted, begin)
}

fn export(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"fnp") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let mut wanted = Wanted { functions: parsed.has(b'f'), ..Wanted::default() };
    if parsed.has(b'n') {
        wanted.clear = Attrs::EXPORT;
    } else {
        wanted.set = Attrs::EXPORT;
    }
    let names = parsed.rest;
    let begin = call.args().len() - names.len();
    if names.is_empty() {
        wanted.set = Attrs::EXPORT;
        if wanted.functions {
            return Ok(shell.declare_functions(call, &wanted, names));
        }
        return Ok(shell.show_variables(call, &wanted, names));
    }
    if wanted.functions {
        return Ok(shell.export_functions(call, names, !parsed.has(b'n')));
    }
    declare_all(shell, call, &wanted, begin)
}

fn readonly(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"aAfp") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let wanted = Wanted {
        set: Attrs::READONLY,
        indexed: parsed.has(b'a'),
        assoc: parsed.has(b'A'),
        functions: parsed.has(b'f'),
        ..Wanted::default()
    };
    let names = parsed.rest;
    let begin = call.args().len() - names.len();
    if wanted.functions {
        return Ok(shell.declare_functions(call, &wanted, names));
    }
    if names.is_empty() {
        return Ok(shell.show_variables(call, &wanted, names));
    }
    declare_all(shell, call, &wanted, begin)
}

fn declare_all(shell: &mut Shell, call: &mut Call<'_>, wanted: &Wanted, begin: usize) -> Flow<u8> {
    let mut status = 0;
    for (at, arg) in call.args().iter().enumerate().skip(begin) {
        let array = call.arrays.iter().find(|(word, _)| *word == at + 1).map(|(_, assignment)| *assignment);
        match declare_one(shell, wanted, arg, array)? {
            Ok(()) => {}
            Err(VarError::Unwound(unwind)) => return Err(unwind),
            Err(error @ VarError::Readonly(_)) if matches!(call.name, "export" | "readonly") => {
                shell.report(&error.text());
                status = 1;
            }
            // A list that does not fit the array gives the line up before the builtin runs.
            Err(error)
                if array.is_some() && error.text().starts_with(&[arg, b": cannot convert".as_slice()].concat()) =>
            {
                shell.report(&error.text());
                return Err(Unwind::Discard(1));
            }
            Err(error) => {
                shell.builtin_error(call, &error.text());
                status = 1;
                if matches!(error, VarError::Expression(_)) {
                    return Err(Unwind::Discard(1));
                }
            }
        }
    }
    Ok(status)
}

/// The parts of `name[sub]+=value`.
struct Request<'a> {
    place: &'a [u8],
    append: bool,
    value: Option<&'a [u8]>,
}

fn split(arg: &[u8]) -> Request<'_> {
    // The `=` inside a subscript is none of ours.
    let mut depth = 0usize;
    let at = arg.iter().position(|byte| {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *byte == b'=' && depth == 0
    });
    match at {
        Some(at) => {
            let left = &arg[..at];
            let (place, append) = left.strip_suffix(b"+").map_or((left, false), |place| (place, true));
            Request { place, append, value: Some(&arg[at + 1..]) }
        }
        None => Request { place: arg, append: false, value: None },
    }
}

fn declare_one(
    shell: &mut Shell,
    wanted: &Wanted,
    arg: &[u8],
    array: Option<&Assignment>,
) -> Flow<Result<(), VarError>> {
    let request = match array {
        Some(assignment) => {
            Request { place: arg.strip_suffix(b"+").unwrap_or(arg), append: assignment.append, value: None }
        }
        None => split(arg),
    };
    let place = match TextPlace::parse(request.place) {
        Some(place) => place,
        None => {
            return Ok(Err(VarError::identifier(if request.value.is_some() && !wanted.set.has(Attrs::NAMEREF) {
                arg
            } else {
                request.place
            })));
        }
    };
    let (TextPlace::Variable(name) | TextPlace::Element(name, _)) = place;
    if wanted.global && shell.vars.in_function() {
        return shell.in_global_scope(name, |shell| declare_placed(shell, wanted, &place, &request, array));
    }
    declare_placed(shell, wanted, &place, &request, array)
}

fn declare_placed(
    shell: &mut Shell,
    wanted: &Wanted,
    place: &TextPlace<'_>,
    request: &Request<'_>,
    array: Option<&Assignment>,
) -> Flow<Result<(), VarError>> {
    let (TextPlace::Variable(name) | TextPlace::Element(name, _)) = place;
    let mut name = *name;
    if wanted.local {
        if let Err(error) = make_local(shell, wanted, name) {
            return Ok(Err(error));
        }
    } else if !wanted.set.has(Attrs::NAMEREF) && !wanted.clear.has(Attrs::NAMEREF) {
        // Attributes go to what a reference leads to.
        name = shell.referred(name).unwrap_or(name);
    }
    let present = shell.vars.var(name).map(|var| var.attrs).unwrap_or_default();
    if present.has(Attrs::READONLY) {
        let changes = request.value.is_some() || array.is_some() || wanted.clear.has(Attrs::READONLY);
        let kind_changes = (wanted.assoc || wanted.indexed) && request.value.is_some();
        if changes || kind_changes {
            return Ok(Err(VarError::Readonly(name.bytes().to_vec())));
        }
    }
    let is_array = matches!(shell.vars.var(name).map(|var| &var.value), Some(Value::Indexed(_) | Value::Assoc(_)));
    if wanted.no_array && is_array {
        let text = [name.bytes(), b": cannot destroy array variables in this way"].concat();
        return Ok(Err(VarError::message(text)));
    }
    if wanted.set.has(Attrs::NAMEREF) && is_array && !wanted.local {
        let text = [name.bytes(), b": reference variable cannot be an array"].concat();
        return Ok(Err(VarError::message(text)));
    }
    if wanted.set.has(Attrs::NAMEREF) && request.value.is_some_and(<[u8]>::is_empty) {
        return Ok(Err(VarError::identifier(b"")));
    }
    // What is not there has no attribute to lose.
    let loses = wanted.set.is_none() && wanted.clear.has(Attrs::EXPORT) && !wanted.local;
    if loses && !wanted.declares && request.value.is_none() && array.is_none() && shell.vars.var(name).is_none() {
        return Ok(Ok(()));
    }
    if let Err(error) = shape(shell, wanted, name, matches!(place, TextPlace::Element(..)) || array.is_some()) {
        return Ok(Err(error));
    }
    // Readonly comes last: the value is assigned first.
    let mut early = wanted.set;
    early.remove(Attrs::READONLY.or(Attrs::NAMEREF));
    apply(shell, name, early, wanted.clear);
    if let Err(error) = assign_value(shell, wanted, place, name, request, array)? {
        return Ok(Err(error));
    }
    let late = wanted.set.and(Attrs::READONLY.or(Attrs::NAMEREF));
    apply(shell, name, late, Attrs::NONE);
    Ok(Ok(()))
}

fn make_local(shell: &mut Shell, wanted: &Wanted, name: Name) -> Result<(), VarError> {
    if shell.vars.is_local_here(name) {
        return Ok(());
    }
    if shell.vars.var(name).is_some_and(|var| var.attrs.has(Attrs::READONLY) && !var.attrs.has(Attrs::LOCAL)) {
        return Err(VarError::Readonly(name.bytes().to_vec()));
    }
    let before = shell.vars.make_local(name);
    let inherits = wanted.inherit || shell.is_shopt(crate::options::ShellOption::LocalVarInherit);
    if inherits && let Some(Some(old)) = before {
        let mut var = old.as_ref().clone();
        var.attrs.add(Attrs::LOCAL);
        shell.vars.put(name, var);
    }
    Ok(())
}

/// Makes the variable an array of the wanted kind.
fn shape(shell: &mut Shell, wanted: &Wanted, name: Name, element: bool) -> Result<(), VarError> {
    let kind = shell.vars.var(name).map(|var| std::mem::discriminant(&var.value));
    let is = |value: Value| kind == Some(std::mem::discriminant(&value));
    if wanted.assoc {
        if is(Value::Indexed(Default::default())) {
            return Err(VarError::message([name.bytes(), b": cannot convert indexed to associative array"].concat()));
        }
        if !is(Value::Assoc(Default::default())) {
            let old = shell.vars.var(name).and_then(|var| var.text().map(<[u8]>::to_vec));
            shell.vars.change(name, |var| {
                let mut array = crate::vars::AssocArray::default();
                if let Some(old) = old {
                    array.set(b"0", old);
                }
                var.value = Value::Assoc(array);
            });
            mark_fresh(shell, kind.is_none(), name);
        }
        return Ok(());
    }
    if wanted.indexed || element {
        if is(Value::Assoc(Default::default())) {
            if wanted.indexed {
                return Err(VarError::message(
                    [name.bytes(), b": cannot convert associative to indexed array"].concat(),
                ));
            }
            return Ok(());
        }
        if !is(Value::Indexed(Default::default())) {
            let old = shell.vars.var(name).and_then(|var| var.text().map(<[u8]>::to_vec));
            shell.vars.change(name, |var| var.value = Value::Indexed(old.into_iter().collect::<Vec<_>>().into()));
            mark_fresh(shell, kind.is_none(), name);
        }
        return Ok(());
    }
    if kind.is_none() {
        shell.vars.put(name, Var::declared(Attrs::NONE));
    }
    Ok(())
}

fn mark_fresh(shell: &mut Shell, fresh: bool, name: Name) {
    if fresh {
        shell.vars.change(name, |var| var.attrs.add(Attrs::INVISIBLE));
    }
}

fn apply(shell: &mut Shell, name: Name, set: Attrs, clear: Attrs) {
    if set.is_none() && clear.is_none() {
        return;
    }
    shell.vars.change(name, |var| {
        if set.has(Attrs::LOWER) {
            var.attrs.remove(Attrs::UPPER.or(Attrs::CAPITAL));
        }
        if set.has(Attrs::UPPER) {
            var.attrs.remove(Attrs::LOWER.or(Attrs::CAPITAL));
        }
        if set.has(Attrs::CAPITAL) {
            var.attrs.remove(Attrs::LOWER.or(Attrs::UPPER));
        }
        var.attrs.remove(clear);
        var.attrs.add(set);
    });
}

fn assign_value(
    shell: &mut Shell,
    wanted: &Wanted,
    place: &TextPlace<'_>,
    name: Name,
    request: &Request<'_>,
    array: Option<&Assignment>,
) -> Flow<Result<(), VarError>> {
    if let Some(assignment) = array {
        if let TreeValue::Array(elements) = &assignment.value {
            shell.assign_elements(name, elements, request.append)?;
        }
        return Ok(Ok(()));
    }
    let Some(value) = request.value else { return Ok(Ok(())) };
    if wanted.set.has(Attrs::NAMEREF) && value.is_empty() {
        return Ok(Err(VarError::identifier(value)));
    }
    if wanted.set.has(Attrs::NAMEREF) {
        return Ok(bind_nameref(shell, name, value));
    }
    if let TextPlace::Element(_, subscript) = place {
        let key = match shell.key_of_text(name, subscript) {
            Ok(key) => key,
            Err(error) => return Ok(Err(error)),
        };
        return Ok(shell.set_element(name, &key, value, request.append));
    }
    // `declare -a "x=(1 2)"`: a compound assignment that came out of an expansion.
    let is_array = matches!(shell.vars.var(name).map(|var| &var.value), Some(Value::Indexed(_) | Value::Assoc(_)));
    if is_array
        && value.starts_with(b"(")
        && value.ends_with(b")")
        && let Ok(TreeValue::Array(elements)) = crate::parse::compound(value, shell.parse_options())
    {
        shell.assign_elements(name, &elements, request.append)?;
        return Ok(Ok(()));
    }
    Ok(shell.set_variable(name, value, request.append))
}

fn bind_nameref(shell: &mut Shell, name: Name, target: &[u8]) -> Result<(), VarError> {
    if let Some(TextPlace::Variable(other)) = TextPlace::parse(target)
        && other == name
        && !shell.vars.in_function()
    {
        let text = [name.bytes(), b": nameref variable self references not allowed"].concat();
        return Err(VarError::message(text));
    }
    if TextPlace::parse(target).is_none() && !target.is_empty() {
        let text = [b"`", target, b"': invalid variable name for name reference"].concat();
        return Err(VarError::message(text));
    }
    shell.vars.put(name, {
        let mut var = Var::scalar(target);
        var.attrs = shell.vars.var(name).map(|old| old.attrs).unwrap_or_default();
        var.attrs.remove(Attrs::INVISIBLE);
        if target.is_empty() {
            var.attrs.add(Attrs::INVISIBLE);
        }
        var
    });
    Ok(())
}

impl Shell {
    /// Runs something while `name` is bound to its global variable.
    fn in_global_scope<R>(&mut self, name: Name, work: impl FnOnce(&mut Shell) -> R) -> R {
        let mut vars = std::mem::take(&mut self.vars);
        let answer = vars.with_global(name, |vars| {
            std::mem::swap(&mut self.vars, vars);
            let answer = work(self);
            std::mem::swap(&mut self.vars, vars);
            answer
        });
        self.vars = vars;
        answer
    }

    /// `export -f` and `export -fn`.
    fn export_functions(&mut self, call: &mut Call<'_>, names: &[Vec<u8>], on: bool) -> u8 {
        let mut status = 0;
        for name in names {
            match Rc::make_mut(&mut self.functions).get_mut(name) {
                Some(function) => function.exported = on,
                None => {
                    self.builtin_error(call, &[name, b": not a function".as_slice()].concat());
                    status = 1;
                }
            }
        }
        status
    }
}
