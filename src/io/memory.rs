//! The byte limit: what `--max-bytes` says, or a share of what the machine and its control group allow.

use std::fs;
use std::path::{Path, PathBuf};

/// The limit where nothing can be found out.
const FALLBACK: usize = 2 << 30;

/// Reads a size like `4096`, `512M`, `1.5G` or `2GiB`; the suffixes are powers of 1024.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let complaint = || format!("`{text}` is not a size; write bytes, or a number with K, M, G or T");
    let trimmed = text.trim().to_ascii_lowercase();
    let digits = trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &trimmed[digits.len()..] {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(complaint()),
    };
    if let Ok(whole) = digits.trim().parse::<usize>() {
        return Ok(whole.saturating_mul(1 << shift));
    }
    match digits.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((number * (1u64 << shift) as f64) as usize),
        _ => Err(complaint()),
    }
}

/// Half of what is free to use now: the least of the available memory and what every enclosing control
/// group leaves.
pub fn default_limit() -> usize {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available(&text));
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let share = machine.into_iter().chain(group_rooms(&groups)).min().map_or(FALLBACK, |bytes| bytes / 2);
    // Less than this cannot hold the interpreter's own values, and a machine that is full may have it to swap.
    share.max(64 << 20)
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
fn available(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
}

/// What each control group this process is in, and each group around it, leaves: version 2 and version 1.
fn group_rooms(groups: &str) -> Vec<usize> {
    let mut rooms = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (mount, files) = match controllers {
            "" => ("/sys/fs/cgroup", ["memory.max", "memory.current", "memory.stat"]),
            list if list.split(',').any(|name| name == "memory") => {
                let files = ["memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat"];
                ("/sys/fs/cgroup/memory", files)
            }
            _ => continue,
        };
        let inner = PathBuf::from(mount).join(path.trim_start_matches('/'));
        rooms.extend(
            inner.ancestors().take_while(|group| group.starts_with(mount)).filter_map(|g| room(g, files)),
        );
    }
    rooms
}

/// The limit of one group less what it uses; file pages it could give back do not count as used.
fn room(group: &Path, [limit, usage, stat]: [&str; 3]) -> Option<usize> {
    let number = |name: &str| fs::read_to_string(group.join(name)).ok()?.trim().parse::<usize>().ok();
    let limit = number(limit)?;
    let reclaimable = fs::read_to_string(group.join(stat)).ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("inactive_file "))?;
        line.trim().parse::<usize>().ok()
    });
    let used = number(usage).unwrap_or(0).saturating_sub(reclaimable.unwrap_or(0));
    Some(limit.saturating_sub(used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let check =
            |text: &str, expected: Option<usize>| assert_eq!(parse_size(text).ok(), expected, "{text}");
        check("4096", Some(4096));
        check("512M", Some(512 << 20));
        check("1.5g", Some(3 << 29));
        check("2GiB", Some(2 << 30));
        check("99999999999999999T", Some(usize::MAX));
        check("", None);
        check("-1", None);
        check("many", None);
        check("nan", None);
        check("1X", None);
    }

    #[test]
    fn meminfo() {
        assert_eq!(available("MemTotal:  10 kB\nMemAvailable:    7 kB\n"), Some(7168));
        assert_eq!(available("MemTotal:  10 kB\n"), None);
    }

    #[test]
    fn there_is_always_a_limit() {
        assert!(default_limit() >= 64 << 20);
    }
}
