//! Broadcasting: the shape several shapes meet in, and layouts stretched to a shape by strides of zero.

use crate::error::{Error, Place, Result};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, MAX_DIMS, Shape, Strides, checked_numel, too_large};

/// The shape two shapes meet in: right-aligned, equal or one of the two sizes 1.
pub fn broadcast_shapes(a: &[usize], b: &[usize]) -> Result<Shape> {
    if a == b {
        return Ok(Shape::from_slice(a));
    }
    let ndim = a.len().max(b.len());
    let mut shape = Shape::from_elem(1, ndim);
    for back in 1..=ndim {
        let size_a = if back <= a.len() { a[a.len() - back] } else { 1 };
        let size_b = if back <= b.len() { b[b.len() - back] } else { 1 };
        if size_a != size_b && size_a != 1 && size_b != 1 {
            return Err(mismatch(a, b, size_a, size_b, ndim - back));
        }
        shape[ndim - back] = if size_a == 1 { size_b } else { size_a };
    }
    checked_numel(&shape).map_err(|error| too_large(&shape).unwrap_or(error))?;
    Ok(shape)
}

/// The shape any number of shapes meet in. As in PyTorch, what has met so far is "tensor a" in the sentence.
pub fn broadcast_all<'s>(shapes: impl IntoIterator<Item = &'s [usize]>) -> Result<Shape> {
    let mut shapes = shapes.into_iter();
    let mut met = Shape::from_slice(shapes.next().unwrap_or_default());
    for shape in shapes {
        if met.as_slice() != shape {
            met = broadcast_shapes(&met, shape)?;
        }
    }
    Ok(met)
}

/// Fails where an in-place result does not have the shape that it and its operands have met in.
pub fn check_in_place(written: &[usize], met: &[usize]) -> Result<()> {
    if written == met {
        return Ok(());
    }
    Err(Error::runtime(format!("output with shape {written:?} doesn't match the broadcast shape {met:?}"))
        .note("an in-place result keeps its shape: only the other operands are stretched"))
}

#[cold]
fn mismatch(a: &[usize], b: &[usize], size_a: usize, size_b: usize, dim: usize) -> Error {
    let error = Error::runtime(format!(
        "The size of tensor a ({size_a}) must match the size of tensor b ({size_b}) at non-singleton dimension {dim}"
    ))
    .note(broadcast_note(&[("a", a), ("b", b)]));
    match unsqueeze_fix(a, b) {
        Some((place, dim, title)) => error.fix(place, format!("{{}}.unsqueeze({dim})"), title),
        None => error,
    }
}

/// A size-1 dimension put into the smaller operand that would let the two meet, if there is one.
fn unsqueeze_fix(a: &[usize], b: &[usize]) -> Option<(Place, usize, String)> {
    let (place, small, large) =
        if b.len() <= a.len() { (Place::Arg(1), b, a) } else { (Place::Arg(0), a, b) };
    (1..=small.len()).rev().find_map(|dim| {
        let mut shape = Shape::from_slice(small);
        shape.insert(dim, 1);
        meets(&shape, large).then(|| (place, dim, format!("its shape is then {:?}", shape.as_slice())))
    })
}

/// Whether two shapes broadcast.
pub fn meets(a: &[usize], b: &[usize]) -> bool {
    a.iter().rev().zip(b.iter().rev()).all(|(&x, &y)| x == y || x == 1 || y == 1)
}

/// The shapes below each other, right-aligned as broadcasting aligns them, and a mark under each column that clashes.
pub fn broadcast_note(shapes: &[(&str, &[usize])]) -> String {
    let ndim = shapes.iter().map(|(_, shape)| shape.len()).max().unwrap_or(0);
    let clashes = |back: usize| {
        let mut sizes =
            shapes.iter().filter_map(|(_, shape)| from_back(shape, back)).filter(|&size| size != 1);
        let first = sizes.next();
        sizes.any(|size| Some(size) != first)
    };
    let mut rows: Vec<Vec<String>> = shapes
        .iter()
        .map(|(name, shape)| {
            let sizes = (1..=ndim).rev().map(|back| from_back(shape, back).map(|size| size.to_string()));
            std::iter::once(name.to_string()).chain(sizes.map(Option::unwrap_or_default)).collect()
        })
        .collect();
    if (1..=ndim).any(clashes) {
        let mark = |back| if clashes(back) { "^".to_string() } else { String::new() };
        rows.push(std::iter::once(String::new()).chain((1..=ndim).rev().map(mark)).collect());
    }
    let mut text = String::from("shapes are compared from the right; sizes must be equal, or one of them 1:");
    for row in &rows {
        text.push_str("\n  ");
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            let room = " ".repeat(width - cell.chars().count());
            // Names to the left, numbers to the right.
            let parts = if column == 0 { ["", cell, &room] } else { ["  ", &room, cell] };
            text.extend(parts);
        }
        text.truncate(text.trim_end().len());
    }
    text
}

/// The `back`-th size counted from the end, the last being 1.
fn from_back(shape: &[usize], back: usize) -> Option<usize> {
    shape.len().checked_sub(back).map(|dim| shape[dim])
}

/// The layout stretched to `shape` with strides of zero; none where it does not fit.
pub fn broadcast_layout(layout: &Layout, shape: &[usize]) -> Option<Layout> {
    if layout.shape() == shape {
        return Some(layout.clone());
    }
    let lead = shape.len().checked_sub(layout.ndim())?;
    let mut strides = Strides::from_elem(0, shape.len());
    for (dim, (&size, &stride)) in layout.shape().iter().zip(layout.strides()).enumerate() {
        match (size, shape[lead + dim]) {
            (size, wanted) if size == wanted => strides[lead + dim] = stride,
            (1, _) => {}
            _ => return None,
        }
    }
    Some(Layout::from_parts(Shape::from_slice(shape), strides, layout.offset()))
}

/// `expand`: a view with `sizes`, of which -1 keeps what is there. Takes the array since the sentences name its type.
pub fn expand(array: &Array, sizes: &[i64]) -> Result<Layout> {
    let (layout, ndim) = (&array.layout, array.ndim());
    if sizes.len() > MAX_DIMS {
        return Err(Error::runtime(format!(
            "a tensor of {} dimensions: at most {MAX_DIMS} are supported",
            sizes.len()
        )));
    }
    let Some(lead) = sizes.len().checked_sub(ndim) else {
        return Err(Error::runtime(format!(
            "expand({}{{{:?}}}, size={sizes:?}): the number of sizes provided ({}) must be greater or equal to the number of dimensions in the tensor ({ndim})",
            type_name(array),
            layout.shape(),
            sizes.len()
        )));
    };
    let mut shape = Shape::from_elem(1, sizes.len());
    let mut strides = Strides::from_elem(1, sizes.len());
    for (dim, &wanted) in sizes.iter().enumerate().rev() {
        let (size, stride) = match dim.checked_sub(lead) {
            Some(own) => (layout.shape()[own], layout.strides()[own]),
            None if wanted == -1 && ndim > 0 => {
                return Err(Error::runtime(format!(
                    "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {dim}"
                )));
            }
            None if ndim == 0 => (1, 0),
            // A new dimension of size 1 has the stride that `unsqueeze` would give it.
            None => {
                let inner = dim + 1;
                (
                    1,
                    if inner < sizes.len() {
                        (shape[inner] as isize).wrapping_mul(strides[inner])
                    } else {
                        1
                    },
                )
            }
        };
        let keeps = wanted == size as i64 || (dim >= lead && wanted == -1);
        if !keeps && size != 1 {
            return Err(Error::runtime(format!(
                "The expanded size of the tensor ({wanted}) must match the existing size ({size}) at non-singleton dimension {dim}.  Target sizes: {sizes:?}.  Tensor sizes: {:?}",
                layout.shape()
            ))
            .note(expand_note(layout.shape(), sizes)));
        }
        shape[dim] = if keeps { size } else { usize::try_from(wanted).map_err(|_| overflow())? };
        strides[dim] = if keeps { stride } else { 0 };
    }
    checked_numel(&shape)?;
    Ok(Layout::from_parts(shape, strides, layout.offset()))
}

/// [`broadcast_note`] of a tensor and the sizes it should be stretched to; nothing where one of those is negative.
fn expand_note(shape: &[usize], sizes: &[i64]) -> String {
    let target: Option<Shape> = sizes.iter().map(|&size| usize::try_from(size).ok()).collect();
    match target {
        Some(target) => broadcast_note(&[("tensor", shape), ("target", &target)]),
        None => "only sizes of 1 can be stretched".to_string(),
    }
}

#[cold]
fn overflow() -> Error {
    Error::runtime("numel: integer multiplication overflow")
}

/// PyTorch's older name of a tensor's type, which a few sentences still use: `torch.FloatTensor`, `CPUBoolType`.
pub fn type_name(array: &Array) -> String {
    let name = array.dtype.scalar_type();
    match array.dtype {
        _ if array.is_meta() => format!("Meta{name}Type"),
        DType::Bool | DType::BF16 => format!("CPU{name}Type"),
        _ => format!("torch.{name}Tensor"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &[usize], b: &[usize], expected: &str) {
        let text = match broadcast_shapes(a, b) {
            Ok(shape) => format!("{:?}", shape.as_slice()),
            Err(error) => error.message().to_string(),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn shapes_meet_from_the_right() {
        check(&[2, 3], &[3], "[2, 3]");
        check(&[2, 1], &[3], "[2, 3]");
        check(&[], &[0], "[0]");
        check(&[0], &[1], "[0]");
        check(
            &[2, 3],
            &[2],
            "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1",
        );
        check(
            &[0],
            &[2],
            "The size of tensor a (0) must match the size of tensor b (2) at non-singleton dimension 0",
        );
        assert_eq!(broadcast_all([&[2, 3][..], &[1], &[5, 1, 1]]).unwrap().as_slice(), [5, 2, 3]);
        assert!(broadcast_all([]).unwrap().is_empty());
    }

    #[test]
    fn a_clash_is_shown_and_a_fix_offered() {
        let error = broadcast_shapes(&[2, 13], &[2]).unwrap_err();
        assert_eq!(
            error.data().notes[0],
            "shapes are compared from the right; sizes must be equal, or one of them 1:\n  a  2  13\n  b      2\n         ^"
        );
        let fix = error.data().fix.as_ref().unwrap();
        assert_eq!((fix.place, fix.text.as_str()), (Place::Arg(1), "{}.unsqueeze(1)"));
        assert!(broadcast_shapes(&[2, 3], &[4]).unwrap_err().data().fix.is_none());
    }

    fn expanded(shape: &[usize], dtype: DType, sizes: &[i64]) -> String {
        match expand(&Array::zeros(shape, dtype).unwrap(), sizes) {
            Ok(layout) => format!("{:?} {:?}", layout.shape(), layout.strides()),
            Err(error) => error.message().to_string(),
        }
    }

    #[test]
    fn expand_has_pytorchs_rules_and_sentences() {
        let check = |shape: &[usize], sizes: &[i64], expected: &str| {
            assert_eq!(expanded(shape, DType::F32, sizes), expected, "{shape:?} to {sizes:?}");
        };
        check(&[3], &[2, 3], "[2, 3] [0, 1]");
        check(&[3], &[2, -1], "[2, 3] [0, 1]");
        check(&[2, 1], &[5, -1, -1], "[5, 2, 1] [0, 1, 1]");
        check(&[1], &[0], "[0] [0]");
        check(&[1], &[-1], "[1] [1]");
        check(&[], &[2, 3], "[2, 3] [0, 0]");
        check(&[], &[-1], "numel: integer multiplication overflow");
        check(&[2, 0, 3], &[3, 2, 0, 3], "[3, 2, 0, 3] [0, 3, 3, 1]");
        check(&[2, 3], &[1 << 62, 2, 3], "numel: integer multiplication overflow");
        check(
            &[3],
            &[-1, 3],
            "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension 0",
        );
        check(
            &[3],
            &[2, -2],
            "The expanded size of the tensor (-2) must match the existing size (3) at non-singleton dimension 1.  Target sizes: [2, -2].  Tensor sizes: [3]",
        );
        check(
            &[2, 3],
            &[3],
            "expand(torch.FloatTensor{[2, 3]}, size=[3]): the number of sizes provided (1) must be greater or equal to the number of dimensions in the tensor (2)",
        );
        assert!(expanded(&[2, 3], DType::Bool, &[3]).starts_with("expand(CPUBoolType{[2, 3]}"));
    }
}
