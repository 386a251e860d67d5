//! What the arrays of a recorded step are called: by a variable, by the step that made them, or not at all.

use crate::eval::Vm;
use crate::inspect::holders::{Held, Walk};
use crate::inspect::shadow::Shadow;
use crate::kernels::trace::Step;
use crate::markup::{Markup, Role};
use crate::tensor::array::Array;
use crate::tensor::storage::Storage;

/// The names of what steps read and write.
pub(super) struct Names {
    /// The storages of variables: their shadows' numbers, and what lies in them under which name.
    variables: Vec<(u64, Array, String)>,
    /// The storages that steps wrote, by the number of the step.
    made: Vec<(u64, usize)>,
}

impl Names {
    /// The names of everything the steps mention.
    pub(super) fn new(vm: &mut Vm<'_>, shadow: &Shadow, steps: &[Step]) -> Names {
        let walk = Walk::of_variables(vm);
        let mut names = Names { variables: Vec::new(), made: Vec::new() };
        let mut known: Vec<(&Storage, u64)> = Vec::new();
        for (n, step) in steps.iter().enumerate() {
            let (reads, writes): (Vec<&Array>, &[Array]) = match step {
                Step::Pass(pass) => (super::pass::arrays(pass).collect(), &pass.writes),
                Step::Kernel(kernel) => (kernel.reads.iter().collect(), &kernel.writes),
                Step::View(view) => (vec![&view.of], &[]),
            };
            for array in reads.into_iter().chain(writes) {
                let id = array.storage.id();
                if let Some(real) = shadow.storage_behind(&array.storage)
                    && !known.iter().any(|(_, other)| *other == id)
                {
                    known.push((real, id));
                }
            }
            names.made.extend(writes.iter().map(|array| (array.storage.id(), n + 1)));
        }
        for (node, held) in walk.found() {
            if let Held::Tensor(tensor) = held {
                let array = tensor.to_array();
                if let Some((_, id)) = known.iter().find(|(real, _)| real.same(&array.storage)) {
                    names.variables.push((*id, array, walk.path(*node)));
                }
            }
        }
        names
    }

    /// The name of what is read.
    pub(super) fn of(&self, array: &Array) -> Markup {
        if let Some(name) = self.outside(array) {
            return name;
        }
        let made = self.made.iter().rev().find(|(id, _)| *id == array.storage.id());
        match made {
            Some((_, step)) => Markup::new().with(Role::Number, format!("[{step}]")),
            None => Markup::text("a constant"),
        }
    }

    /// The name of a variable's tensor; of another look at its storage, what it is a view of.
    pub(super) fn outside(&self, array: &Array) -> Option<Markup> {
        let mine = || self.variables.iter().filter(|(id, ..)| *id == array.storage.id());
        let same = mine().find(|(_, other, _)| other.layout == array.layout && other.dtype == array.dtype);
        if let Some((.., name)) = same {
            return Some(Markup::new().with(Role::Name, name));
        }
        let (.., name) = mine().next()?;
        Some(Markup::text("a view of ").with(Role::Name, name))
    }
}
