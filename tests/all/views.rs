//! Views and indexing against those recorded from PyTorch: layouts, values of copies, and error sentences.

use crate::recorded::{dtype, lines, numbers};
use serde_json::Value;
use tenscope::error::Result;
use tenscope::tensor::array::Array;
use tenscope::tensor::broadcast;
use tenscope::tensor::dtype::DType;
use tenscope::tensor::index::{Gather, IndexPlan, Item, out_of_bounds};
use tenscope::tensor::layout::{Layout, contiguous_strides};
use tenscope::tensor::scalar::Scalar;
use tenscope::tensor::view;

/// What a call gave: a view, or the shape and the values (places in the storage) of a copy.
enum Given {
    View(Layout),
    Copy(Vec<usize>, Vec<usize>),
}

fn base(row: &Value) -> Array {
    let places: Vec<i64> = (0..1000).collect();
    let whole = Array::from_slice(&places, &[1000]).unwrap();
    let (shape, strides) = (numbers::<usize>(&row["base"][0]), numbers::<isize>(&row["base"][1]));
    let offset = row["base"][2].as_u64().unwrap() as usize;
    whole.with_layout(Layout::from_parts(shape.into_iter().collect(), strides.into_iter().collect(), offset))
}

fn item(given: &Value) -> Item {
    let array = |key: &str, dtype| {
        let array = Array::zeros(&numbers::<usize>(&given[key]), dtype).unwrap();
        for (place, value) in given["values"].as_array().unwrap().iter().enumerate() {
            let value = value.as_i64().map_or_else(|| Scalar::Bool(value.as_bool().unwrap()), Scalar::Int);
            assert!(value.write(&mut array.storage.bytes_mut(), place, dtype));
        }
        Item::Array(array)
    };
    match given.as_object().unwrap().keys().next().unwrap().as_str() {
        "int" => Item::Int(given["int"].as_i64().unwrap()),
        "slice" => {
            let part = |n: usize| given["slice"][n].as_i64();
            Item::Slice { start: part(0), stop: part(1), step: part(2) }
        }
        "none" => Item::NewAxis,
        "..." => Item::Ellipsis,
        "bool" => Item::Bool(given["bool"].as_bool().unwrap()),
        "array" => array("array", DType::I64),
        _ => array("mask", DType::Bool),
    }
}

/// The places where a mask is true, column by column.
fn nonzero(mask: &Array) -> Result<Vec<Array>> {
    let mut columns = vec![Vec::new(); mask.ndim()];
    let strides = contiguous_strides(mask.shape());
    for (number, _) in mask.scalars().enumerate().filter(|(_, value)| value.truth()) {
        for (dim, column) in columns.iter_mut().enumerate() {
            column.push((number / strides[dim] as usize % mask.shape()[dim]) as i64);
        }
    }
    columns.iter().map(|column| Array::from_slice(column, &[column.len()])).collect()
}

/// The plain way to carry out a gather, element by element.
fn gathered(gather: &Gather) -> Result<Vec<usize>> {
    let result = Layout::contiguous(&gather.shape)?;
    let (before, inner) = (gather.before, gather.index_shape.len());
    let mut places = Vec::new();
    for number in 0..result.numel() {
        let at: Vec<usize> =
            (0..result.ndim()).map(|d| number / result.strides()[d] as usize % result.shape()[d]).collect();
        let mut index = at[..before].to_vec();
        for (dim, (array, &size)) in gather.indices.iter().zip(gather.indexed_sizes()).enumerate() {
            let Scalar::Int(place) = array.scalar_at(&at[before..before + inner])? else { unreachable!() };
            let wrapped = if place < 0 { place + size as i64 } else { place };
            if !(0..size as i64).contains(&wrapped) {
                return Err(out_of_bounds(place, dim, size));
            }
            index.push(wrapped as usize);
        }
        index.extend_from_slice(&at[before + inner..]);
        places.push(gather.source.place(&index));
    }
    Ok(places)
}

fn run(x: &Array, call: &Value) -> Result<Given> {
    let layout = &x.layout;
    let int = |n: usize| call[n].as_i64().unwrap_or_else(|| panic!("{call}"));
    let ints = |n: usize| numbers::<i64>(&call[n]);
    let copied = |shape: &[usize]| Given::Copy(shape.to_vec(), layout.places().collect());
    let view = match call[0].as_str().unwrap() {
        "unsqueeze" => view::unsqueeze(layout, int(1)),
        "squeeze" => Ok(view::squeeze(layout)),
        "squeeze_dims" => view::squeeze_dims(layout, &ints(1)),
        "view" => view::view(layout, &ints(1)),
        "reshape" => match view::reshape(layout, &ints(1))? {
            (_, Some(view)) => Ok(view),
            (shape, None) => return Ok(copied(&shape)),
        },
        "flatten" => match view::flatten(layout, int(1), int(2))? {
            (_, Some(view)) => Ok(view),
            (shape, None) => return Ok(copied(&shape)),
        },
        "unflatten" => view::unflatten(layout, int(1), &ints(2)),
        "permute" => view::permute(layout, &ints(1)),
        "transpose" => view::transpose(layout, int(1), int(2)),
        "t" => view::t(layout),
        "T" => Ok(view::reverse(layout)),
        "mT" => view::matrix_transpose(layout, "mT"),
        "movedim" => view::movedim(layout, &ints(1), &ints(2)),
        "narrow" => view::narrow(layout, int(1), int(2), int(3)),
        "select" => view::select(layout, int(1), int(2)),
        "slice" => {
            let dim = int(1).rem_euclid(x.ndim() as i64);
            view::slice(layout, dim, call[2].as_i64(), call[3].as_i64(), call[4].as_i64())
        }
        "diagonal" => view::diagonal(layout, int(1), int(2), int(3)),
        "unfold" => view::unfold(layout, int(1), int(2), int(3)),
        "as_strided" => view::as_strided(x, &ints(1), &ints(2), call[3].as_i64()),
        "expand" => broadcast::expand(x, &ints(1)),
        "view_dtype" => view::view_dtype(layout, dtype(&call[1]).unwrap(), dtype(&call[2]).unwrap()),
        "index" => {
            let items: Vec<Item> = call[1].as_array().unwrap().iter().map(item).collect();
            let is_tuple = call[2].as_bool().unwrap() || items.len() != 1;
            let plan = IndexPlan::new(layout, &items, is_tuple)?;
            if !plan.is_view() {
                let gather = plan.gather(nonzero)?;
                return Ok(Given::Copy(gather.shape.to_vec(), gathered(&gather)?));
            }
            Ok(plan.view)
        }
        other => panic!("no {other}"),
    };
    view.map(Given::View)
}

#[test]
fn views_and_indexing_are_pytorchs() {
    let mut wrong = Vec::new();
    for row in lines("views.jsonl") {
        let ours = match run(&base(&row), &row["call"]) {
            Ok(Given::View(view)) => {
                serde_json::json!({"view": [view.shape(), view.strides(), view.offset()]})
            }
            Ok(Given::Copy(shape, values)) => serde_json::json!({"values": [shape, values]}),
            Err(error) => serde_json::json!({"error": error.to_string()}),
        };
        let key = ["view", "values", "error"].into_iter().find(|key| !row[*key].is_null()).unwrap();
        if ours[key] != row[key] {
            wrong.push(format!("{row}\n  ours: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
}
