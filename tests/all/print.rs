//! The text of tensors against what PyTorch printed.

use crate::recorded::{dtype, lines, numbers};
use serde_json::Value;
use tenscope::tensor::array::Array;
use tenscope::tensor::dtype::DType;
use tenscope::tensor::format::{PrintOptions, tensor_repr};
use tenscope::tensor::scalar::Scalar;
use tenscope::tensor::view;

fn tensor(row: &Value) -> Array {
    let dtype = dtype(&row["dtype"]).expect("a dtype we have");
    let shape: Vec<usize> = numbers(&row["shape"]);
    let array = Array::zeros(&shape, dtype).unwrap();
    if let Some(bits) = row["bits"].as_array() {
        let mut bytes = array.storage.bytes_mut();
        for (element, bits) in bytes.chunks_mut(dtype.size()).zip(bits) {
            element.copy_from_slice(&bits.as_i64().unwrap().to_le_bytes()[..dtype.size()]);
        }
    } else {
        let [mul, add, modulus, divisor] = numbers::<i64>(&row["formula"])[..] else { panic!("{row}") };
        for place in 0..array.numel() {
            let value = (place as i64 * mul + add).rem_euclid(modulus) as f64 / divisor as f64;
            assert!(Scalar::Float(value).write(&mut array.storage.bytes_mut(), place, dtype));
        }
    }
    if row["transposed"].as_bool() == Some(true) {
        return array.with_layout(view::transpose(&array.layout, 0, -1).unwrap());
    }
    array
}

fn options(row: &Value) -> PrintOptions {
    let mut options = PrintOptions::default();
    let given = &row["options"];
    let number = |key: &str| given[key].as_u64().map(|n| n as usize);
    options.precision = number("precision").unwrap_or(options.precision);
    options.threshold = given["threshold"].as_f64().unwrap_or(options.threshold);
    options.edgeitems = number("edgeitems").unwrap_or(options.edgeitems);
    options.linewidth = number("linewidth").unwrap_or(options.linewidth);
    options.sci_mode = given["sci_mode"].as_bool();
    options
}

#[test]
fn tensors_print_as_pytorch_prints_them() {
    let mut wrong = Vec::new();
    for row in lines("print.jsonl") {
        let extras: Vec<String> = row["extra"].as_str().map(String::from).into_iter().collect();
        let text = tensor_repr(&tensor(&row), &options(&row), &extras).unwrap();
        let expected = row["text"].as_str().unwrap();
        if text != expected {
            wrong.push(format!("{} {} {}\n{text}\n{expected}\n", row["dtype"], row["shape"], row["options"]));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ, ours first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}

#[test]
fn a_summary_reads_only_what_it_shows() {
    let big = Array::zeros(&[1, 1], DType::F32).unwrap();
    let sizes = [1_000_000_000, 1_000_000_000];
    let layout = tenscope::tensor::broadcast::expand(&big, &sizes).unwrap();
    let text = tensor_repr(&big.with_layout(layout), &PrintOptions::default(), &[]).unwrap();
    assert!(text.starts_with("tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"), "{text}");
}

#[test]
fn meta_tensors_print_their_size() {
    // PyTorch's text.
    let layout = tenscope::tensor::layout::Layout::contiguous(&[2, 3]).unwrap();
    let text = |dtype| {
        tensor_repr(&Array::meta(layout.clone(), dtype).unwrap(), &PrintOptions::default(), &[]).unwrap()
    };
    assert_eq!(text(DType::F32), "tensor(..., device='meta', size=(2, 3))");
    assert_eq!(text(DType::I64), "tensor(..., device='meta', size=(2, 3), dtype=torch.int64)");
}
