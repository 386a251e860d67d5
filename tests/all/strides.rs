//! The strides of results against those recorded from PyTorch.

use crate::recorded::{lines, numbers};
use serde_json::Value;
use tenscope::tensor::array::Array;
use tenscope::tensor::broadcast::broadcast_all;
use tenscope::tensor::dtype::DType;
use tenscope::tensor::index::{IndexPlan, Item};
use tenscope::tensor::layout::Layout;
use tenscope::tensor::order::{elementwise_layout, preserved_layout};

fn layout(shape: &Value, strides: &Value) -> Layout {
    let (shape, strides): (Vec<usize>, Vec<isize>) = (numbers(shape), numbers(strides));
    Layout::from_parts(shape.into_iter().collect(), strides.into_iter().collect(), 0)
}

fn index(shape: &Value, strides: &Value) -> Array {
    let layout = layout(shape, strides);
    let reach = layout.reach().map_or(0, |(_, last)| last + 1);
    Array::zeros(&[reach], DType::I64).unwrap().with_layout(layout)
}

fn result(row: &Value) -> Layout {
    let operands: Vec<Layout> =
        row["operands"].as_array().unwrap().iter().map(|operand| layout(&operand[0], &operand[1])).collect();
    match row["kind"].as_str().unwrap() {
        "elementwise" => {
            let shape = broadcast_all(operands.iter().map(Layout::shape)).unwrap();
            elementwise_layout(&operands.iter().collect::<Vec<_>>(), &shape)
        }
        "copy" => preserved_layout(&operands[0]),
        _ => {
            let all = || Item::Slice { start: None, stop: None, step: None };
            let mut items: Vec<Item> = (0..operands[0].ndim()).map(|_| all()).collect();
            for given in row["indices"].as_array().unwrap() {
                items[given[0].as_u64().unwrap() as usize] = Item::Array(index(&given[1], &given[2]));
            }
            let plan = IndexPlan::new(&operands[0], &items, true).unwrap();
            plan.gather(|_| panic!("there are no masks")).unwrap().result_layout()
        }
    }
}

#[test]
fn results_have_pytorchs_strides() {
    let mut wrong = Vec::new();
    for row in lines("strides.jsonl") {
        let ours = result(&row);
        if ours != layout(&row["result"][0], &row["result"][1]) {
            wrong.push(format!("{row}\n  ours: {:?} {:?}", ours.shape(), ours.strides()));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
}
