//! The byte limit: what `--max-bytes` says, or a share of what the machine and its control group allow.

use std::fs;
use std::path::{Path, PathBuf};

/// The limit where nothing can be found out.
const FALLBACK: usize = 2 << 30;

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
    fn meminfo() {
        assert_eq!(available("MemTotal:  10 kB\nMemAvailable:    7 kB\n"), Some(7168));
        assert_eq!(available("MemTotal:  10 kB\n"), None);
    }

    #[test]
    fn there_is_always_a_limit() {
        assert!(default_limit() >= 64 << 20);
    }
}
