//! Numbers: the functions of C's math library, and the kinds of numbers.

use std::rc::Rc;

use super::{Native, Result, take};
use crate::message::{Failure, type_error};
use crate::value::Value;

macro_rules! unary {
    ($($name:literal: $function:expr),* $(,)?) => {
        &[$(Native { name: $name, arity: 0, run: |_, input, _| {
            let function: fn(f64) -> f64 = $function;
            number(&input).map(|x| Value::Num(function(x)))
        } }),*]
    };
}

macro_rules! binary {
    ($($name:literal: $function:expr),* $(,)?) => {
        &[$(Native { name: $name, arity: 2, run: |_, _, args| {
            let function: fn(f64, f64) -> f64 = $function;
            let (a, b) = (take(args, 0), take(args, 1));
            Ok(Value::Num(function(number(&a)?, number(&b)?)))
        } }),*]
    };
}

pub(super) const UNARY: &[Native] = unary! {
    "floor": f64::floor, "ceil": f64::ceil, "round": f64::round, "trunc": f64::trunc, "sqrt": f64::sqrt,
    "fabs": f64::abs, "rint": f64::round_ties_even, "nearbyint": f64::round_ties_even, "cbrt": libm::cbrt,
    "exp": libm::exp, "exp2": libm::exp2, "exp10": libm::exp10, "pow10": libm::exp10, "expm1": libm::expm1,
    "log": libm::log, "log2": libm::log2, "log10": libm::log10, "log1p": libm::log1p,
    "sin": libm::sin, "cos": libm::cos, "tan": libm::tan, "asin": libm::asin, "acos": libm::acos, "atan": libm::atan,
    "sinh": libm::sinh, "cosh": libm::cosh, "tanh": libm::tanh, "asinh": libm::asinh, "acosh": libm::acosh,
    "atanh": libm::atanh, "gamma": libm::lgamma, "lgamma": libm::lgamma, "tgamma": libm::tgamma,
    "j0": libm::j0, "j1": libm::j1, "y0": libm::y0, "y1": libm::y1, "logb": logb, "significand": significand,
};

pub(super) const BINARY: &[Native] = binary! {
    "pow": libm::pow, "atan2": libm::atan2, "fmod": libm::fmod, "fmin": libm::fmin, "fmax": libm::fmax,
    "fdim": libm::fdim, "hypot": libm::hypot, "copysign": libm::copysign, "nextafter": libm::nextafter,
    "nexttoward": libm::nextafter, "drem": libm::remainder, "ldexp": scale, "scalb": scale, "scalbln": scale,
};

pub(super) const OTHERS: &[Native] = &[
    Native {
        name: "fma",
        arity: 3,
        run: |_, _, args| {
            let (a, b, c) = (take(args, 0), take(args, 1), take(args, 2));
            Ok(Value::Num(libm::fma(number(&a)?, number(&b)?, number(&c)?)))
        },
    },
    Native {
        name: "frexp",
        arity: 0,
        run: |_, input, _| {
            number(&input).map(|x| {
                let (fraction, exponent) = libm::frexp(x);
                Value::array(vec![Value::Num(fraction), Value::Num(exponent.into())])
            })
        },
    },
    Native {
        name: "modf",
        arity: 0,
        run: |_, input, _| {
            number(&input).map(|x| {
                let fraction = if x.is_infinite() { 0.0_f64.copysign(x) } else { (x - x.trunc()).copysign(x) };
                Value::array(vec![Value::Num(fraction), Value::Num(x.trunc())])
            })
        },
    },
    Native {
        name: "lgamma_r",
        arity: 0,
        run: |_, input, _| {
            number(&input).map(|x| {
                let (log, sign) = libm::lgamma_r(x);
                Value::array(vec![Value::Num(log), Value::Num(sign.into())])
            })
        },
    },
    Native { name: "abs", arity: 0, run: |_, input, _| abs(input) },
    Native { name: "infinite", arity: 0, run: |_, _, _| Ok(Value::Num(f64::INFINITY)) },
    Native { name: "nan", arity: 0, run: |_, _, _| Ok(Value::Num(f64::NAN)) },
    Native { name: "isinfinite", arity: 0, run: |_, input, _| number(&input).map(|x| Value::Bool(x.is_infinite())) },
    Native { name: "isnan", arity: 0, run: |_, input, _| number(&input).map(|x| Value::Bool(x.is_nan())) },
    Native { name: "isnormal", arity: 0, run: |_, input, _| number(&input).map(|x| Value::Bool(x.is_normal())) },
    Native {
        name: "isfinite",
        arity: 0,
        run: |_, input, _| Ok(Value::Bool(input.as_number().is_some_and(|x| !x.is_infinite()))),
    },
    Native { name: "have_literal_numbers", arity: 0, run: |_, _, _| Ok(Value::Bool(true)) },
    Native { name: "have_decnum", arity: 0, run: |_, _, _| Ok(Value::Bool(true)) },
];

fn number(value: &Value) -> std::result::Result<f64, Failure> {
    value.as_number().ok_or_else(|| type_error(value, "number required"))
}

fn abs(input: Value) -> Result {
    match &input {
        Value::Num(x) => Ok(if *x < 0.0 { Value::Num(-x) } else { input }),
        Value::Literal(literal) if literal.is_negative() => Ok(Value::Literal(Rc::new(literal.negated()))),
        Value::Literal(_) => Ok(input),
        // What is not below zero is left alone, as `if . < 0 then -. end` does.
        Value::Null | Value::Bool(_) => Err(type_error(&input, "cannot be negated")),
        _ => Ok(input),
    }
}

fn logb(x: f64) -> f64 {
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x.is_infinite() {
        f64::INFINITY
    } else if x.is_nan() {
        x
    } else {
        f64::from(libm::ilogb(x))
    }
}

fn significand(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() { x } else { libm::scalbn(x, -libm::ilogb(x)) }
}

#[expect(clippy::cast_possible_truncation, reason = "casts of doubles saturate")]
fn scale(x: f64, exponent: f64) -> f64 {
    libm::scalbn(x, exponent as i32)
}
