//! The table of commands.

use super::line::Line;
use super::{explain, help, kind, mem, settings, stats, tape, timing, vars};
use crate::error::Result;
use crate::eval::Vm;

/// A command of the prompt.
pub struct Command {
    /// Its name, without the colon.
    pub name: &'static str,
    /// Shorter names.
    pub aliases: &'static [&'static str],
    /// What follows the name: `EXPR [--all]`.
    pub arguments: &'static str,
    /// One line.
    pub summary: &'static str,
    /// More, for `:help NAME`.
    pub details: &'static str,
    /// Runs it with the text after its name.
    pub run: fn(&mut Vm<'_>, &Line) -> Result<()>,
}

/// Every command, in the order help lists them.
pub static COMMANDS: &[Command] = &[
    Command {
        name: "help",
        aliases: &["h", "?"],
        arguments: "[NAME]",
        summary: "list the commands, or explain a command, a function or a method",
        details: "Without a name: the commands and the kinds of functions.\n\
            With one: its signature, what it does, and an example. `:help unsqueeze`, `:help :mem`, `:help einsum`.",
        run: help::run,
    },
    Command {
        name: "mem",
        aliases: &["memory"],
        arguments: "[EXPR [EXPR]] [OPTIONS]",
        summary: "show how a tensor lies in memory, who shares it, and the bytes",
        details: "`:mem EXPR` shows the strides, what the tensor is a view of, its storage with all who hold it, and the\n\
            raw buffer: byte offset, bytes, value, and which indices read the cell.\n\
            `:mem A B` tells whether and where two tensors share memory.\n\
            `:mem` alone lists all storages with their holders.\n\
            Options, before or after the expression:\n\
            --all       every cell of the buffer; otherwise a long one is shortened in the middle\n\
            --from N    the cells from byte N on (0x10 is fine)\n\
            --rows N    how many cells, 16 unless told\n\
            --json      the same for programs",
        run: mem::run,
    },
    Command {
        name: "type",
        aliases: &["t"],
        arguments: "EXPR",
        summary: "show the shape, dtype, strides and bytes of a result without computing it",
        details: "The expression runs on shapes alone: nothing is computed, printed or changed. Says whether the result is a\n\
            view, and of what. What depends on values, like x[x > 0], is unknown.",
        run: kind::run,
    },
    Command {
        name: "explain",
        aliases: &[],
        arguments: "EXPR [--run] [--json]",
        summary: "show what runs for an expression: passes, kernels, and the bytes they move",
        details: "The expression runs on shapes alone, as for `:type`. Ops that run together are one pass: %1, %2, .. are\n\
            its intermediate results, block by block in the cache; [1] is the result of step 1. Shown are how the operands\n\
            are read, the bytes read and written, and the threads that share the work. Operands of up to 4096 elements\n\
            are computed op by op.\n\
            Of `einsum(..)` it shows the letters with their sizes and roles, the loops it stands for, and the plan: which\n\
            operands meet, by which kernel, with what it costs and copies.\n\
            --run       computes it too: the time of each step of an einsum, and in all\n\
            --json      the same for programs",
        run: explain::run,
    },
    Command {
        name: "tape",
        aliases: &["graph"],
        arguments: "EXPR [--all] [--dot]",
        summary: "show the graph behind a value, and what each node keeps for the backward pass",
        details: "A row for each node, numbered in the order of the backward pass: PyTorch's name of it, what it gave, and\n\
            what it keeps: whether that is an alias of a variable or kept by the graph alone, and its bytes. At the end\n\
            the bytes of all that is kept against those of the leaves.\n\
            --all       every node; otherwise the first sixty rows\n\
            --dot       the graph as a text for Graphviz",
        run: tape::run,
    },
    Command {
        name: "stats",
        aliases: &[],
        arguments: "NAME...",
        summary: "show how the elements of tensors are spread",
        details: "For each tensor a line: mean, standard deviation, least and greatest, shares of zeros, nan and infinities,\n\
            and a histogram. `:stats w1 w2`, `:stats x @ w`; as a function, `stats(x)` prints the same line.",
        run: stats::run,
    },
    Command {
        name: "watch",
        aliases: &[],
        arguments: "EXPR",
        summary: "run an expression and show how the results of its ops are spread",
        details: "A line as that of `:stats` for what each op of a forward pass gives, in order: where the deviation grows\n\
            or shrinks from layer to layer is seen at once. `:watch model(x)`",
        run: stats::watch,
    },
    Command {
        name: "vars",
        aliases: &["who"],
        arguments: "",
        summary: "list the variables with their types, shapes and bytes",
        details: "Tensors that share a storage show its number; what a variable is a view of is said beside it.",
        run: vars::run,
    },
    Command {
        name: "time",
        aliases: &[],
        arguments: "EXPR",
        summary: "run an expression several times and show how long it takes",
        details: "The expression runs until a fifth of a second has passed, at least three times; shown are the best and\n\
            the median time of one run. What it prints is not shown.",
        run: timing::run,
    },
    Command {
        name: "set",
        aliases: &[],
        arguments: "[NAME [VALUE]]",
        summary: "show the settings, or change one",
        details: "`:set` lists them with their values.\n\
            `:set pool 512M` keeps at most so much freed memory for tensors to come; `:set pool 0` keeps none and gives\n\
            back what was kept; `:set pool auto` is the start: an eighth of max-bytes, at most 1 GiB.\n\
            `:set threads N` is how many threads large operations use.\n\
            `:set warn on` has einsum say which letters occur once and are summed away.\n\
            `:set max-bytes 4G` is the most memory that values may take.",
        run: settings::run,
    },
    Command {
        name: "reset",
        aliases: &[],
        arguments: "",
        summary: "forget all variables",
        details: "Variables, and what they hold, are let go; settings stay.",
        run: vars::reset,
    },
    Command {
        name: "quit",
        aliases: &["q", "exit"],
        arguments: "",
        summary: "leave (Ctrl-D, exit() and quit() do as well)",
        details: "",
        run: help::quit,
    },
];
