//! What there is to say about a pattern: its axes with their lengths, where each comes from and where it goes. Facts
//! only; `:explain` makes text of them.

/// A pattern bound to a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `rearrange`, `repeat`, or the name of a reduction.
    pub operation: String,
    /// The pattern as it was written.
    pub pattern: String,
    /// The shape before.
    pub from: Vec<usize>,
    /// The shape afterwards.
    pub to: Vec<i64>,
    /// The axes, those of the left side first.
    pub axes: Vec<Axis>,
}

/// One axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Its name, or the number that stands for it.
    pub name: String,
    /// Its length.
    pub length: i64,
    /// Its place on the left side, unless it is new.
    pub from: Option<Seat>,
    /// Its place on the right side, unless it goes.
    pub to: Option<Seat>,
}

/// A place on one side of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The dimension.
    pub dim: usize,
    /// The other axes of that dimension.
    pub others: Vec<String>,
}

impl Axis {
    /// What becomes of it, in words.
    pub fn fate(&self) -> String {
        let with = |seat: &Seat| seat.others.join(", ");
        let from = self.from.as_ref().map(|seat| match seat.others.is_empty() {
            true => format!("dimension {}", seat.dim),
            false => format!("split off dimension {}, which also holds {}", seat.dim, with(seat)),
        });
        let to = self.to.as_ref().map(|seat| match seat.others.is_empty() {
            true => format!("dimension {}", seat.dim),
            false => format!("joined with {} to dimension {}", with(seat), seat.dim),
        });
        match (from, to) {
            (Some(from), Some(to)) if from == to => format!("stays {to}"),
            (Some(from), Some(to)) => format!("{from} -> {to}"),
            (Some(from), None) => format!("{from}; not on the right side, so it is reduced"),
            (None, Some(to)) => format!("new, elements are repeated along it -> {to}"),
            (None, None) => String::new(),
        }
    }
}
