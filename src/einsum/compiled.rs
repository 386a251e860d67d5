//! An equation over known shapes, ready to run: its letters bound and its order planned. The last ones are kept, so that
//! a repeated call reads and plans nothing.

use super::binding::{Binding, Id, Ids, table};
use super::equation::Equation;
use super::notation::Notation;
use super::pair::pair;
use super::plan::{Network, Plan, Step};
use super::record::{Kernel, Record};
use super::term::Term;
use crate::budget;
use crate::error::{Error, Result};
use crate::kernels::{cast, matmul, reduce};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// An equation, its letters and its plan.
#[derive(Debug)]
pub struct Compiled {
    /// Letters and sizes.
    pub binding: Binding,
    /// What is planned over.
    pub network: Network,
    /// In which order the operands meet.
    pub plan: Plan,
    /// How two matrices are multiplied without further thought, where that is all there is.
    pub quick: Option<Quick>,
    /// Letters that only one operand has and the output has not: summed before the operands meet.
    pub alone: Vec<Ids>,
    /// The same under a limit of elements, if that has ruled out this plan before.
    bounded: RefCell<Option<(f64, Rc<Compiled>)>>,
}

/// A product of two matrices: what there is to do for `ij,jk->ik` and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quick {
    /// Whether the second operand stands to the left.
    swap: bool,
    /// Whether the left and the right one are transposed.
    turned: [bool; 2],
}

impl Quick {
    fn new(binding: &Binding, shapes: &[&[usize]]) -> Option<Quick> {
        let ([a, b], [i, k]) = (&binding.operands[..], &binding.output[..]) else { return None };
        let plain = shapes.iter().flat_map(|shape| shape.iter()).all(|&size| size > 1);
        if a.len() != 2 || b.len() != 2 || i == k || a[0] == a[1] || b[0] == b[1] || !plain {
            return None;
        }
        let swap = !a.contains(i);
        let (left, right) = if swap { (b, a) } else { (a, b) };
        let inner = left.iter().find(|id| *id != i)?;
        let fits = left.contains(i) && right.contains(k) && right.contains(inner) && inner != k;
        fits.then_some(Quick { swap, turned: [left[0] != *i, right[1] != *k] })
    }

    fn run(self, a: &Array, b: &Array) -> Result<Array> {
        let (left, right) = if self.swap { (b, a) } else { (a, b) };
        let turn = |array: &Array| {
            let (shape, strides) = (array.shape(), array.strides());
            let shape = Shape::from_slice(&[shape[1], shape[0]]);
            array.with_layout(Layout::from_parts(
                shape,
                Strides::from_slice(&[strides[1], strides[0]]),
                array.offset(),
            ))
        };
        match self.turned {
            [false, false] => matmul::matmul(left, right),
            [true, false] => matmul::matmul(&turn(left), right),
            [false, true] => matmul::matmul(left, &turn(right)),
            [true, true] => matmul::matmul(&turn(left), &turn(right)),
        }
    }
}

impl Compiled {
    /// Binds and plans.
    pub fn new(equation: &Equation, shapes: &[&[usize]]) -> Result<Compiled> {
        let binding = bind(equation, shapes)?;
        let (network, alone) = network(&binding, shapes);
        let plan = Plan::new(&network)?;
        let quick = Quick::new(&binding, shapes);
        Ok(Compiled { binding, network, plan, quick, alone, bounded: RefCell::default() })
    }

    /// The same in another order.
    pub(super) fn planned(&self, plan: Plan) -> Compiled {
        let (binding, network, alone) = (self.binding.clone(), self.network.clone(), self.alone.clone());
        Compiled { binding, network, plan, quick: None, alone, bounded: RefCell::default() }
    }

    /// The same with a plan of which no result has more elements than `limit`; the last one is remembered, and serves
    /// for a smaller limit that it keeps as well.
    fn bounded(&self, limit: f64) -> Result<Rc<Compiled>> {
        if let Some((known, compiled)) = &*self.bounded.borrow()
            && (*known == limit || (limit <= *known && compiled.plan.largest <= limit))
        {
            return Ok(compiled.clone());
        }
        let compiled = Rc::new(self.planned(self.plan.bounded(&self.network, limit)?));
        *self.bounded.borrow_mut() = Some((limit, compiled.clone()));
        Ok(compiled)
    }

    /// The result for operands of the shapes it was made for, all of one dtype.
    pub fn run(&self, operands: &[Array], record: &mut Record<'_>) -> Result<Array> {
        if let [operand] = operands {
            return self.single(operand, record);
        }
        let steps = self.plan.steps.len();
        let mut terms: Vec<Option<Term>> = Vec::with_capacity(operands.len() + steps);
        for ((array, ids), alone) in operands.iter().zip(&self.binding.operands).zip(&self.alone) {
            let term = Term::new(array, ids);
            if alone.is_empty() {
                terms.push(Some(term));
                continue;
            }
            record.begin(0, steps);
            record.kernel(Kernel::Sum);
            terms.push(Some(term.keep(|id| !alone.contains(&id))?));
            record.end();
        }
        for (n, Step { left, right, result, .. }) in self.plan.steps.iter().enumerate() {
            let (Some(a), Some(b)) = (terms[*left].take(), terms[*right].take()) else {
                return Err(Error::runtime("einsum(): a term was used twice"));
            };
            record.begin(n + 1, steps);
            let last = n + 1 == steps;
            terms.push(Some(pair(a, b, result, &self.binding.output, last, record)?));
            record.end();
        }
        match terms.pop().flatten() {
            Some(term) => arrange(&term, &self.binding),
            None => Err(Error::runtime("einsum(): a term was lost")),
        }
    }

    /// The result for two matrices whose product it is, if it is one.
    #[inline]
    pub fn quickly(&self, a: &Array, b: &Array) -> Option<Result<Array>> {
        if a.dtype != b.dtype || a.dtype == DType::Bool {
            return None;
        }
        self.quick.map(|quick| quick.run(a, b))
    }

    /// One operand: a view, or a sum.
    fn single(&self, operand: &Array, record: &mut Record<'_>) -> Result<Array> {
        record.begin(1, 1);
        let term = Term::new(operand, &self.binding.operands[0]);
        let sums = !self.binding.keeps_all();
        if sums {
            record.kernel(Kernel::Sum);
        }
        let result = arrange(&term.keep(|id| self.binding.output.contains(&id))?, &self.binding)?;
        let dtype = reduce::sum_dtype(result.dtype);
        let shares = result.storage.same(&operand.storage);
        // Sums over sizes of one only: nothing was added up, but the result is fresh and widened all the same.
        let result = match sums && (result.dtype != dtype || shares) {
            true => cast::cast(&result, dtype)?,
            false => result,
        };
        record.end();
        Ok(result)
    }

    /// Whether the result shares the storage of the one operand.
    pub fn is_view(&self) -> bool {
        self.binding.operands.len() == 1 && self.binding.keeps_all()
    }
}

/// Binds, and shows in an error what each letter was bound to.
fn bind(equation: &Equation, shapes: &[&[usize]]) -> Result<Binding> {
    Binding::new(equation, shapes).map_err(|mut error| {
        for line in table(equation, shapes) {
            error = error.note(line);
        }
        error
    })
}

/// What there is to plan, and what is summed before.
fn network(binding: &Binding, shapes: &[&[usize]]) -> (Network, Vec<Ids>) {
    let mut terms: Vec<Ids> = Vec::with_capacity(shapes.len());
    let mut users = vec![0u32; binding.labels.len()];
    for (ids, shape) in binding.operands.iter().zip(shapes) {
        let mut own = Ids::new();
        for (&id, &size) in ids.iter().zip(*shape) {
            if size != 1 && !own.contains(&id) {
                own.push(id);
                users[id as usize] += 1;
            }
        }
        terms.push(own);
    }
    let mut needed = vec![false; binding.labels.len()];
    binding.output.iter().for_each(|&id| needed[id as usize] = true);
    let alone = |id: Id| users[id as usize] == 1 && !needed[id as usize];
    let summed = terms.iter().map(|ids| ids.iter().copied().filter(|&id| alone(id)).collect()).collect();
    terms.iter_mut().for_each(|ids| ids.retain(|id| !alone(*id)));
    let output = binding.output.iter().copied().filter(|&id| users[id as usize] > 0).collect();
    let sizes = binding.sizes.iter().map(|&size| size as f64).collect();
    (Network { sizes, terms, output }, summed)
}

/// Puts a contracted term in the order of the output, with its sizes of one.
fn arrange(term: &Term, binding: &Binding) -> Result<Array> {
    let layout = &term.array.layout;
    let (mut shape, mut strides): (Shape, Strides) = Default::default();
    for (n, &id) in binding.output.iter().enumerate() {
        match term.ids.iter().position(|&l| l == id) {
            Some(at) => {
                shape.push(layout.shape()[at]);
                strides.push(layout.strides()[at]);
            }
            None if binding.size(id) == 1 => {
                shape.push(1);
                let inside =
                    binding.output[n + 1..].iter().find_map(|l| term.ids.iter().position(|t| t == l));
                strides.push(
                    inside.map_or(1, |at| layout.strides()[at].wrapping_mul(layout.shape()[at] as isize)),
                );
            }
            None => return Err(Error::runtime("einsum(): an output letter was lost")),
        }
    }
    Ok(term.array.with_layout(Layout::from_parts(shape, strides, layout.offset())))
}

/// What a call is known by: its equation as text, and the shapes of its operands, one after the other.
#[derive(Debug)]
struct Key {
    equation: Rc<str>,
    ranks: Box<[u8]>,
    sizes: Box<[usize]>,
}

impl Key {
    fn fits<'a>(&self, equation: &str, shapes: impl ExactSizeIterator<Item = &'a [usize]>) -> bool {
        if self.ranks.len() != shapes.len() || *self.equation != *equation {
            return false;
        }
        let mut sizes = &self.sizes[..];
        shapes.zip(&self.ranks).all(|(shape, &rank)| {
            let fits = shape.len() == usize::from(rank) && sizes.starts_with(shape);
            if fits {
                sizes = &sizes[shape.len()..];
            }
            fits
        })
    }
}

/// How many are kept.
const KEPT: usize = 64;

thread_local! {
    static CACHE: RefCell<VecDeque<(Key, Rc<Compiled>)>> = const { RefCell::new(VecDeque::new()) };
}

/// What an equation over these operands compiles to: remembered, or found now. Results of steps that have more than
/// `most` elements, or that would not fit into the memory that may still be taken, make the plan another one, where one
/// is found.
pub fn compiled(notation: Notation<'_>, operands: &[Array], most: Option<f64>) -> Result<Rc<Compiled>> {
    let key = notation.key();
    let free = match remembered(&key, operands.iter().map(Array::shape)) {
        Some(known) => known,
        None => {
            let parsed = notation.parse(operands.len())?;
            let shapes: Vec<&[usize]> = operands.iter().map(Array::shape).collect();
            let found = Rc::new(Compiled::new(&parsed, &shapes)?);
            remember(&key, operands, &found);
            found
        }
    };
    if operands.len() <= 2 {
        return Ok(free);
    }
    let item = operands.first().map_or(1, |array| array.dtype.size()) as f64;
    let room = (budget::limit() - budget::live().min(budget::limit())) as f64 / item;
    if free.plan.largest <= most.map_or(room, |most| most.min(room)) {
        return Ok(free);
    }
    // What is free changes by a little from call to call; that is no reason to plan again.
    let step = (room.max(1.0).log2().floor() - 4.0).exp2();
    let room = (room / step).floor() * step;
    free.bounded(most.map_or(room, |most| most.min(room)))
}

/// What was compiled before for an equation over these shapes.
#[inline]
pub fn remembered<'a>(
    equation: &str,
    shapes: impl ExactSizeIterator<Item = &'a [usize]> + Clone,
) -> Option<Rc<Compiled>> {
    CACHE.with_borrow_mut(|cache| {
        let at = cache.iter().position(|(key, _)| key.fits(equation, shapes.clone()))?;
        if at > 0 {
            let entry = cache.remove(at)?;
            cache.push_front(entry);
        }
        cache.front().map(|(_, compiled)| compiled.clone())
    })
}

fn remember(equation: &str, operands: &[Array], compiled: &Rc<Compiled>) {
    let Some(ranks) = operands.iter().map(|array| u8::try_from(array.ndim()).ok()).collect() else { return };
    let sizes = operands.iter().flat_map(|array| array.shape().iter().copied()).collect();
    let key = Key { equation: equation.into(), ranks, sizes };
    CACHE.with_borrow_mut(|cache| {
        cache.truncate(KEPT - 1);
        cache.push_front((key, compiled.clone()));
    });
}
