//! `:set`: what can be set while a session runs.

use super::line::Line;
use super::write;
use crate::budget::{self, human};
use crate::einsum;
use crate::error::{Class, Result};
use crate::eval::Vm;
use crate::kernels::threads;
use crate::markup::{Markup, Role};
use crate::ops::nearest::nearest;
use crate::tensor::storage;

/// One setting.
struct Setting {
    /// Its name.
    name: &'static str,
    /// What it is, in a few words.
    summary: &'static str,
    /// What may be given, for the error where something else was.
    values: &'static str,
    /// Its value now.
    show: fn() -> String,
    /// Takes a new value; false where it is none.
    set: fn(&str) -> bool,
}

/// Every setting, in the order they are listed.
static SETTINGS: &[Setting] = &[
    Setting {
        name: "pool",
        summary: "the most freed memory kept for the next tensors",
        values: "a size like 512M, 0 for none, or auto",
        show: || human(storage::pool_bound()),
        set: |text| match text {
            "auto" => {
                storage::set_pool_bound(None);
                true
            }
            _ => budget::parse_size(text).map(|bytes| storage::set_pool_bound(Some(bytes))).is_ok(),
        },
    },
    Setting {
        name: "threads",
        summary: "how many threads large operations use",
        values: "a number from 1 to 1024",
        show: || threads::count().to_string(),
        set: |text| match text.parse() {
            Ok(count @ 1..=1024) => {
                threads::limit(count);
                true
            }
            _ => false,
        },
    },
    Setting {
        name: "warn",
        summary: "whether einsum tells of letters that are silently summed",
        values: "on or off",
        show: || if einsum::warns() { "on".to_owned() } else { "off".to_owned() },
        set: |text| {
            if matches!(text, "on" | "off") {
                einsum::warn(text == "on");
            }
            matches!(text, "on" | "off")
        },
    },
    Setting {
        name: "max-bytes",
        summary: "the most memory that values may take",
        values: "a size like 512M or 4G",
        show: || human(budget::limit()),
        set: |text| budget::parse_size(text).map(budget::set_limit).is_ok(),
    },
];

/// `:set`, `:set NAME`, `:set NAME VALUE`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    let (name, value) = line.first();
    let mut out = Markup::new();
    if name.text().is_empty() {
        SETTINGS.iter().for_each(|setting| describe(&mut out, setting));
        return write(vm, &out);
    }
    let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name.text()) else {
        let error = name.error(Class::NameError, format!("there is no setting '{}'", name.text()));
        return Err(match nearest(name.text(), SETTINGS.iter().map(|setting| setting.name)) {
            Some(near) => error.note(format!("did you mean '{near}'?")),
            None => error.note("':set' lists the settings"),
        });
    };
    if value.text().is_empty() {
        describe(&mut out, setting);
        return write(vm, &out);
    }
    if (setting.set)(value.text()) {
        return Ok(());
    }
    Err(value.error(Class::ValueError, format!("{} is {}", setting.name, setting.values)))
}

fn describe(out: &mut Markup, setting: &Setting) {
    let width = SETTINGS.iter().map(|setting| setting.name.len()).max().unwrap_or(0);
    out.push(Role::Name, format!("{:width$}", setting.name));
    out.push(Role::Number, format!("  {:>9}", (setting.show)()));
    out.push(Role::Dim, format!("  {}\n", setting.summary));
}
