//! The gradient of an op that is one node, by the formula it could have been computed by: the formula is recorded and
//! differentiated when the backward pass comes to the node. The forward pass is the op's own kernel.

use super::{engine, record, strided, with_mode};
use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::value::entry::{Bindings, ParamType};
use crate::value::graph::Step;
use crate::value::{Ctx, Tensor, Value};
use smallvec::SmallVec;
use std::cell::Cell;

/// A formula: the function an entry could be computed by, of differentiable ops.
pub type Formula = fn(&mut dyn Ctx, &Bindings) -> Result<Value>;

impl Step<'_> {
    /// Gives the gradients of all operands that ask for one, by differentiating a formula. All operands must be saved.
    pub fn through(&self, formula: Formula) -> Result<()> {
        let mut operands: SmallVec<[Tensor; 4]> = SmallVec::new();
        let mut asked: SmallVec<[(usize, Tensor); 2]> = SmallVec::new();
        for place in 0..self.op.inputs.len() {
            let term = self.saved_operand(place);
            let Some(tensor) = term.tensor() else {
                return Err(self.error.take().unwrap_or_else(|| Error::runtime("an operand was not kept")));
            };
            let own = Tensor::new(tensor.to_array());
            if self.wants_operand(place) {
                // A node of its own: the formula's gradients end here, whatever leads from one operand to another.
                if self.again && tensor.requires_grad() {
                    strided::alias(tensor, &own);
                } else {
                    own.set_requires_grad(true);
                }
                asked.push((place, own.clone()));
            }
            operands.push(own);
        }
        let bindings = self.with_operands(&operands);
        let inputs: SmallVec<[Tensor; 2]> = asked.iter().map(|(_, tensor)| tensor.clone()).collect();
        let grads = with_mode(&mut **self.ctx.borrow_mut(), true, |ctx| {
            let value = formula(ctx, &bindings)?;
            let mut roots = Vec::new();
            for (result, grad) in record::results_of(&value).into_iter().zip(self.grads) {
                if let (Some(result), Some(grad)) = (result, grad)
                    && result.requires_grad()
                {
                    roots.push((result, grad.clone()));
                }
            }
            let request =
                engine::Request { roots, keep: self.again, again: self.again, inputs: Some(&inputs) };
            engine::run(ctx, &request)
        })?;
        for ((place, tensor), grad) in asked.iter().zip(grads) {
            let grad = match grad {
                Some(grad) => grad,
                None => {
                    let array = tensor.to_array();
                    Tensor::new(Array::zeros(array.shape(), array.dtype)?)
                }
            };
            self.give_operand(*place, self.term(grad))?;
        }
        Ok(())
    }

    /// The arguments of the call, with tensors in their places again.
    fn with_operands(&self, operands: &[Tensor]) -> Bindings {
        let args = self.args();
        let params = args.entry.parsed().overloads.get(args.overload).map(|overload| &overload.params);
        let mut values = args.values.clone();
        for (param, value) in values.iter_mut().enumerate() {
            if !matches!(value, Value::Unbound) {
                continue;
            }
            let own = self.op.inputs.iter().zip(operands).filter(|(input, _)| input.param == param);
            let mut own: Vec<Value> = own.map(|(_, tensor)| tensor.clone().into()).collect();
            let types = params.and_then(|params| params.get(param)).map(|param| param.types.as_slice());
            let list = types.is_some_and(|types| {
                types.contains(&ParamType::Tensors) && !types.contains(&ParamType::Tensor)
            });
            *value = if own.len() == 1 && !list { own.remove(0) } else { Value::tuple(own) };
        }
        Bindings { entry: args.entry, overload: args.overload, values, in_place: Cell::new(false) }
    }

    /// An argument as it was given: a tensor, or a list of tensors, must be saved for that.
    pub fn argument(&self, param: usize) -> Value {
        let value = self.args().value(param);
        if !matches!(value, Value::Unbound) {
            return value.clone();
        }
        let places = (0..self.op.inputs.len()).filter(|&place| self.op.inputs[place].param == param);
        let mut own: Vec<Value> =
            places.filter_map(|place| self.saved_operand(place).value().cloned()).collect();
        if own.len() == 1 { own.remove(0) } else { Value::tuple(own) }
    }
}
