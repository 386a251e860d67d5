//! The quick way for an op to join what is pending: where one operand is, and the others are numbers or lie as it does,
//! the program takes the op in where it stands. There is nothing to broadcast, to lay out or to move.

use super::map::Operand;
use super::opcode::Opcode;
use super::pending::{self, Pending};
use super::program::Slot;
use crate::error::Result;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::storage::{Storage, byte_len};
use smallvec::SmallVec;
use std::rc::Rc;

/// Applies an op whose first pending operand takes in the others; none where that is not so simple.
pub(super) fn join(
    opcode: &'static Opcode,
    compute: DType,
    output: DType,
    operands: &[Operand<'_>],
    fleeting: bool,
) -> Option<Result<Array>> {
    if !pending::any() || opcode.check.is_some() {
        return None;
    }
    let first = first_pending(operands)?;
    let mut how = first.storage.take_how()?;
    let pending = Rc::get_mut(&mut how).and_then(|how| how.as_any_mut().downcast_mut::<Pending>());
    let Some(pending) = pending.filter(|pending| takes(pending, first, operands)) else {
        first.storage.put_how(how);
        return None;
    };
    if let Err(error) = pending.extend(opcode, compute, output, operands, first) {
        return Some(Err(error));
    }
    let waits = fleeting && !pending.program.is_full();
    if !waits {
        pending::replace(&first.storage, None);
        return Some(pending.run());
    }
    let (layout, dtype) = (pending.layout().clone(), output);
    Some(byte_len(layout.numel(), dtype).map(|bytes| {
        // The operand was read here for the only time: the result may have its storage where it has the length.
        let storage = if bytes == first.storage.len() {
            first.storage.put_how(how);
            first.storage.clone()
        } else {
            let storage = Storage::deferred(bytes, how);
            pending::replace(&first.storage, Some(&storage));
            storage
        };
        Array { storage, layout, dtype }
    }))
}

/// The one operand that is pending.
fn first_pending<'a>(operands: &[Operand<'a>]) -> Option<&'a Array> {
    let mut found = None;
    for operand in operands {
        if let Operand::Array(array) = operand
            && array.storage.is_deferred()
        {
            if found.is_some() {
                return None;
            }
            found = Some(*array);
        }
    }
    found
}

/// Whether the op can stand behind the program: the result has the shape and the order of the pending one.
fn takes(pending: &Pending, first: &Array, operands: &[Operand<'_>]) -> bool {
    let layout = pending.layout();
    !pending.program.is_full()
        && *layout == first.layout
        && layout.row_major().is_some()
        && !pending.program.is_meta()
        && operands.iter().all(|operand| match operand {
            Operand::Array(array) => {
                array.shape() == layout.shape()
                    && (array.storage.same(&first.storage)
                        || (array.storage.has_bytes() && array.layout.row_major().is_some()))
            }
            Operand::Scalar(_) => true,
        })
}

impl Pending {
    /// Adds an op to the program.
    fn extend(
        &mut self,
        opcode: &'static Opcode,
        compute: DType,
        output: DType,
        operands: &[Operand<'_>],
        first: &Array,
    ) -> Result<()> {
        let own = self.result;
        let mut slots: SmallVec<[Slot; 3]> = SmallVec::new();
        for operand in operands {
            slots.push(match operand {
                Operand::Array(array) if array.storage.same(&first.storage) => own,
                Operand::Array(array) => self.program.array(array),
                Operand::Scalar(value) => self.program.scalar(*value),
            });
        }
        let result = self.program.apply(opcode, compute, &slots)?;
        self.result = self.program.cast(result, output);
        Ok(())
    }
}
