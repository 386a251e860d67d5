//! Promotion against all pairs recorded from PyTorch. Rows with complex dtypes are left out: there are none here yet.

use crate::recorded::{dtype, lines};
use serde_json::Value;
use tenscope::tensor::dtype::{Category, DType};
use tenscope::tensor::promote::{Operand, Rule};

/// The operand a row describes; none where its dtype is complex. A Python number is given by its text.
fn operand(value: &Value, kind: &Value) -> Option<Operand> {
    Some(match kind.as_str().unwrap() {
        "dim" => Operand::Dimensioned(dtype(value)?),
        "0d" => Operand::ZeroDim(dtype(value)?),
        _ => Operand::Scalar(match value.as_str().unwrap() {
            "True" | "False" => Category::Bool,
            text if text.parse::<i64>().is_ok() => Category::Integer,
            text if text.parse::<f64>().is_ok() => Category::Float,
            _ => return None,
        }),
    })
}

fn check(rule: Rule, operands: &[Operand], expected: &Value, row: &Value) {
    let ours = match rule.result(operands) {
        Ok(types) => types.output.name().to_string(),
        Err(error) => format!("error: {}", error.message()),
    };
    assert_eq!(ours, expected.as_str().unwrap(), "{rule:?} in {row}");
}

#[test]
fn pairs_promote_as_in_pytorch() {
    let binary = [
        ("add", Rule::Arithmetic),
        ("sub", Rule::Subtract),
        ("truediv", Rule::Float),
        ("floordiv", Rule::Number("div_floor_cpu")),
        ("pow", Rule::Power),
        ("lt", Rule::Compare),
        ("and", Rule::Bitwise("bitwise_and_cpu")),
    ];
    let mut checked = 0;
    for row in lines("promotion.jsonl").iter().filter(|row| row["unary"].is_null()) {
        let (Some(a), Some(b)) = (operand(&row["a"], &row["a_kind"]), operand(&row["b"], &row["b_kind"]))
        else {
            continue;
        };
        for (op, rule) in binary {
            check(rule, &[a, b], &row[op], row);
            checked += 1;
        }
    }
    assert!(checked > 1000, "only {checked} pairs were checked");
}

#[test]
fn unary_ops_promote_as_in_pytorch() {
    for row in lines("promotion.jsonl").iter().filter(|row| !row["unary"].is_null()) {
        let Some(dtype) = dtype(&row["a"]) else { continue };
        let rule = match row["unary"].as_str().unwrap() {
            "sum" | "prod" => Rule::Accumulate,
            "mean" => Rule::Mean("mean"),
            "std" => Rule::Spread,
            "exp" | "sqrt" | "sigmoid" | "sin" => Rule::Float,
            "abs" => Rule::Number("abs_cpu"),
            "floor" => Rule::Number("floor_vml_cpu"),
            "max" => Rule::Arithmetic,
            "argmax" => Rule::Place("argmax"),
            "any" => Rule::Truth,
            "cumsum" => continue, // recorded without its dim
            other => panic!("no rule for {other}"),
        };
        check(rule, &[Operand::Dimensioned(dtype)], &row["dtype"], row);
    }
}

#[test]
fn promote_types_is_symmetric_and_idempotent() {
    for a in DType::ALL {
        assert_eq!(a.promote(a), a);
        for b in DType::ALL {
            assert_eq!(a.promote(b), b.promote(a));
        }
    }
}
