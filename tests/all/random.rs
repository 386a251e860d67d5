//! Random numbers are those of PyTorch, to the last bit.

use crate::{lines, recorded};
use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

#[test]
fn random_lines_give_what_pytorch_gave() {
    lines::replay("draws.jsonl", &[]);
}

/// Programs that seed and draw: five seeds, every function.
#[test]
fn seeded_programs_draw_what_pytorch_drew() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (case, text) in recorded::lines("rng.jsonl").iter().zip(recorded::texts("rng.jsonl")) {
        let script = case["script"].as_str().unwrap();
        // Layers come with gradients.
        if script.contains("nn.Linear") {
            continue;
        }
        count += 1;
        // The numbers are read by the standard library, which rounds them right.
        let values = text.split_once("\"values\": [").unwrap().1.trim_end_matches("]}");
        let values: Vec<f64> = values.split(", ").map(|value| value.parse().unwrap()).collect();
        let code = format!(
            "import torch\n{script}\nprint(tuple(out.shape), out.dtype)\nfor v in out.double().flatten().tolist(): print(v)"
        );
        let mut host = Recorder::default();
        let outcome = Session::new(Settings::default()).run_program("<program>", &code, false, &mut host);
        let mut shown = host.out.lines();
        let shape: Vec<u64> = case["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
        let shape = match shape.as_slice() {
            [one] => format!("({one},)"),
            many => format!("({})", many.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
        };
        let head = format!("{shape} torch.{}", case["dtype"].as_str().unwrap());
        let drawn: Vec<f64> = shown.by_ref().skip(1).map(|line| line.parse().unwrap()).collect();
        if outcome != Outcome::Done || host.out.lines().next() != Some(head.as_str()) || drawn != values {
            wrong.push(format!("{script}\n{}{}", host.out, host.err));
        }
    }
    assert_eq!(count, 155);
    assert!(wrong.is_empty(), "{} programs:\n{}", wrong.len(), wrong.join("\n---\n"));
}

#[test]
fn types_are_asked_for_without_drawing() {
    let mut host = Recorder::default();
    let mut session = Session::new(Settings::default());
    for line in [
        "g = torch.Generator().manual_seed(3)",
        "torch.manual_seed(3)",
        ":type torch.rand(2, 3) + torch.randn(3, generator=g)",
        ":type torch.manual_seed(9)",
        ":type g.manual_seed(8)",
        "torch.rand(2).tolist() == torch.rand(2, generator=g).tolist()",
        "torch.initial_seed(), g.initial_seed()",
    ] {
        session.run_typed("<line>", line, true, &mut host);
    }
    assert!(host.out.contains("float32[2, 3]"), "{}", host.out);
    assert!(host.out.ends_with("True\n(3, 3)\n"), "{}{}", host.out, host.err);
}
