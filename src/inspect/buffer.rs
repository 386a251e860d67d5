//! The raw buffer of a storage as a table: byte offset, bytes as they lie, decoded value, and who reads the cell.

use super::options::Options;
use super::report::{counted, grouped};
use super::write;
use crate::budget;
use crate::error::{Error, Result};
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::tensor::array::Array;
use crate::tensor::cells::{Readers, readers};
use crate::tensor::scalar::Scalar;
use std::fmt::Write;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// How many cells are shown where nothing else was asked for.
const ROWS: usize = 16;

/// How many rows are written at a time.
const BLOCK: usize = 256;

/// A cell of the buffer.
pub struct Cell {
    /// Its byte offset.
    pub byte: usize,
    /// Its bytes, in hexadecimal.
    pub hex: String,
    /// Its value; none for bytes at the end that are no whole element.
    pub value: Option<Scalar>,
    /// Who reads it.
    pub readers: Readers,
}

/// The cells that are shown, as ranges; between two of them cells are left out. The bytes at the end that are no whole
/// cell count as one.
pub fn windows(array: &Array, options: &Options) -> Result<Vec<Range<usize>>> {
    let size = array.dtype.size();
    let cells = array.storage.len().div_ceil(size);
    if let Some(from) = options.from {
        if from >= array.storage.len() && !array.storage.is_empty() {
            let has = super::report::bytes(array.storage.len());
            return Err(Error::value(format!("--from {from} lies beyond the storage, which has {has}")));
        }
        let first = from / size;
        let rows = if options.all { cells } else { options.rows.unwrap_or(ROWS) };
        return Ok(std::iter::once(first..first.saturating_add(rows).min(cells)).collect());
    }
    let rows = options.rows.unwrap_or(ROWS);
    if options.all || cells <= rows {
        return Ok(std::iter::once(0..cells).collect());
    }
    // The beginning and the end; and where the tensor's own first and last cell lie elsewhere, these too.
    let (low, high) = array.layout.reach().unwrap_or((0, 0));
    let half = rows.div_ceil(2);
    let ends = [0..half, cells - (rows - half)..cells];
    if [low, high].iter().all(|cell| ends.iter().any(|end| end.contains(cell))) || rows < 8 {
        return Ok(ends.into_iter().filter(|range| !range.is_empty()).collect());
    }
    let part = rows / 4;
    let wanted = [
        0..part,
        low.saturating_sub(1)..(low + part - 1).min(cells),
        (high + 2).saturating_sub(part)..(high + 2).min(cells),
        cells - part..cells,
    ];
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in wanted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    Ok(merged)
}

/// The cell of a number; its first `limit` readers are spelled out.
pub fn cell(array: &Array, number: usize, limit: usize) -> Cell {
    let size = array.dtype.size();
    let bytes = array.storage.bytes();
    let start = number.saturating_mul(size).min(bytes.len());
    let own = &bytes[start..start.saturating_add(size).min(bytes.len())];
    let mut hex = String::with_capacity(size * 3);
    for (n, byte) in own.iter().enumerate() {
        let _ = write!(hex, "{}{byte:02x}", if n > 0 { " " } else { "" });
    }
    let whole = own.len() == size;
    let value = Scalar::read(&bytes, number, array.dtype).filter(|_| whole);
    let readers = if whole {
        readers(&array.layout, number, limit)
    } else {
        Readers { first: Vec::new(), count: Some(0) }
    };
    Cell { byte: start, hex, value, readers }
}

/// The widths of the columns.
struct Columns {
    byte: usize,
    hex: usize,
    value: usize,
    readers: usize,
}

impl Columns {
    fn new(array: &Array, shown: &[Range<usize>], width: usize) -> Columns {
        let size = array.dtype.size();
        let last = shown.last().map_or(0, |range| range.end.saturating_sub(1).saturating_mul(size));
        let byte = last.to_string().len().max(4);
        let hex = (size * 3 - 1).max(6);
        let rows: usize = shown.iter().map(ExactSizeIterator::len).sum();
        let value = if rows <= 4 * BLOCK {
            let bytes = array.storage.bytes();
            let cells = shown.iter().cloned().flatten();
            let lens =
                cells.filter_map(|n| Scalar::read(&bytes, n, array.dtype)).map(|v| v.to_string().len());
            lens.max().unwrap_or(0)
        } else {
            // Too many to look at first: the longest there can be.
            match size {
                1 => 5,
                _ if !array.dtype.is_integer() => 24,
                2 => 6,
                4 => 11,
                _ => 20,
            }
        };
        let value = value.max(5);
        let readers = width.saturating_sub(byte + hex + value + 8).max(12);
        Columns { byte, hex, value, readers }
    }
}

/// Writes the table, a block at a time, so that the whole of a large buffer streams.
pub fn table(vm: &mut Vm<'_>, array: &Array, options: &Options, width: usize) -> Result<()> {
    let mut out = Markup::new();
    if array.storage.is_meta() {
        out.push(Role::Dim, "  a meta tensor has a shape and no data: there are no bytes to show\n");
        return write(vm, &out);
    }
    if array.storage.is_empty() {
        out.push(Role::Dim, "  the storage is empty: there are no bytes to show\n");
        return write(vm, &out);
    }
    let shown = windows(array, options)?;
    let columns = Columns::new(array, &shown, width);
    let Columns { byte, hex, value, .. } = columns;
    out.newline();
    out.push(
        Role::Heading,
        format!("  {:>byte$}  {:hex$}  {:>value$}  read by\n", "byte", "memory", "value"),
    );
    let mut rows = 0;
    let mut end = 0;
    for range in &shown {
        gap(&mut out, array, &columns, end..range.start);
        for number in range.clone() {
            row(&mut out, array, number, &columns);
            rows += 1;
            if rows == BLOCK {
                budget::poll()?;
                write(vm, &std::mem::take(&mut out))?;
                rows = 0;
            }
        }
        end = range.end;
    }
    let cells = array.storage.len().div_ceil(array.dtype.size());
    gap(&mut out, array, &columns, end..cells);
    write(vm, &out)
}

/// Cells that are left out.
fn gap(out: &mut Markup, array: &Array, columns: &Columns, left_out: Range<usize>) {
    if left_out.is_empty() {
        return;
    }
    let first = left_out.start.saturating_mul(array.dtype.size());
    let many = counted(left_out.len() as u128, "cell");
    let text = format!("  {:>1$}  {many} not shown (--all, --from {first})\n", "…", columns.byte);
    out.push(Role::Dim, text);
}

fn row(out: &mut Markup, array: &Array, number: usize, columns: &Columns) {
    let Columns { byte, hex, value, readers } = *columns;
    let cell = cell(array, number, readers / 3 + 1);
    out.push(Role::Address, format!("  {:>byte$}", cell.byte))
        .push(Role::Text, format!("  {:hex$}", cell.hex));
    let shown = cell.value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    out.push(Role::Number, format!("  {shown:>value$}"));
    if cell.readers.count == Some(0) {
        let why = if cell.value.is_some() { "not reached" } else { "not a whole element" };
        out.push(Role::Dim, format!("  {why}\n"));
    } else {
        out.push(Role::Text, format!("  {}\n", readers_text(&cell.readers, readers)));
    }
}

/// As many indices as fit, and how many more there are.
pub fn readers_text(readers: &Readers, room: usize) -> String {
    let count = readers.count;
    let texts: Vec<String> = readers.first.iter().map(|index| format!("{index:?}")).collect();
    for shown in (0..=texts.len()).rev() {
        let mut text = texts[..shown].join(" ");
        let more = count.map(|count| count.saturating_sub(shown as u128));
        match more {
            Some(0) => {}
            Some(more) if shown == 0 => text = counted(more, "index"),
            Some(more) => text.push_str(&format!(" and {} more", grouped(more))),
            None if shown == 0 => text.push_str("some index"),
            None => text.push_str(" and more"),
        }
        if text.width() <= room {
            return text;
        }
    }
    count.map_or_else(|| "some index".to_owned(), |count| counted(count, "index"))
}
