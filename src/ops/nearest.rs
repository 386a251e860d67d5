//! Did you mean: the known name nearest to one that was typed.

/// The candidate nearest to `name`, if one is near enough to be meant: at most a third of the letters differ, where two
/// neighbours that changed places count as one. Case alone does not count.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().map(|c| c.to_ascii_lowercase()).collect();
    if wanted.is_empty() || wanted.len() > 64 {
        return None;
    }
    let limit = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= limit && *candidate != name)
        .filter_map(|candidate| {
            let letters: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
            let distance = distance(&wanted, &letters);
            let alike = wanted.iter().zip(&letters).take_while(|(a, b)| a == b).count();
            // A name of one or two letters is near to everything; it has to share its first.
            (distance <= limit && (wanted.len() > 2 || alike > 0)).then_some((
                distance,
                usize::MAX - alike,
                candidate,
            ))
        })
        .min()
        .map(|(_, _, candidate)| candidate)
}

/// The edit distance with transpositions of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut rows = vec![0; (a.len() + 1) * width];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i * width + j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (rows[(i - 1) * width + j] + 1)
                    .min(rows[i * width + j - 1] + 1)
                    .min(rows[(i - 1) * width + j - 1] + same);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[(i - 2) * width + j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["unsqueeze", "squeeze", "sum", "dim", "size", "reshape", "keepdim"];
        let check = |typed, expected| assert_eq!(nearest(typed, names), expected, "{typed}");
        check("unsqeeze", Some("unsqueeze"));
        check("unsqueez", Some("unsqueeze"));
        check("dmi", Some("dim"));
        check("reshap", Some("reshape"));
        check("keep_dim", Some("keepdim"));
        check("Size", Some("size"));
        check("tensor", None);
        check("", None);
    }
}
