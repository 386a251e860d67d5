//! einsum as a person meets it: carets inside the equation, notes, options, reports.

use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

/// What some lines print, and what they complain about.
fn typed(lines: &str) -> (String, String) {
    let mut session = Session::new(Settings::default());
    let mut host = Recorder::default();
    for line in lines.lines() {
        session.run_typed("<typed>", line, true, &mut host);
    }
    (host.out, host.err)
}

#[test]
fn a_caret_stands_under_the_letter() {
    let (_, err) = typed("einsum('ij,jk->ik', torch.ones(2, 3), torch.ones(4, 5))");
    assert!(
        err.contains("einsum('ij,jk->ik', torch.ones(2, 3), torch.ones(4, 5))\n  |            ^\n"),
        "{err}"
    );
    assert!(
        err.contains("operand 0 is [2, 3]: i = 2, j = 3")
            && err.contains("operand 1 is [4, 5]: j = 4, k = 5"),
        "{err}"
    );
}

#[test]
fn a_letter_that_is_summed_silently_is_a_note_where_that_is_wanted() {
    assert_eq!(typed("einsum('ij->i', torch.ones(2, 3))").1, "");
    let (out, err) = typed(":set warn on\neinsum('ij->i', torch.ones(2, 3))\n:set warn off");
    assert!(out.contains("tensor([3., 3.])"), "{out}");
    assert!(err.contains("j occurs once, in operand 0, and is summed away"), "{err}");
}

#[test]
fn options_belong_to_numpy() {
    let (out, err) = typed("torch.einsum('i->', torch.ones(2), optimize=True)");
    assert!(out.is_empty() && err.contains("unexpected keyword argument 'optimize'"), "{out}{err}");
    let three = "'ij,jk,kl->il', np.ones((2, 3)), np.ones((3, 4)), np.ones((4, 5))";
    let (out, err) = typed(&format!(
        "np.einsum_path({three}, optimize=['einsum_path', (0, 1), (0, 1)])[0]\nprint(np.einsum_path({three})[1])\nnp.einsum({three}, optimize=['einsum_path', (0, 2), (0, 1)]).shape"
    ));
    assert_eq!(err, "");
    assert!(
        out.starts_with("['einsum_path', (0, 1), (0, 1)]\n  Complete contraction:  ij,jk,kl->il\n"),
        "{out}"
    );
    assert!(out.contains("      Naive FLOP count:  3.600e+02\n") && out.ends_with("(2, 5)\n"), "{out}");
}

#[test]
fn letters_and_numbers_have_no_end() {
    let (out, err) = typed(
        "torch.einsum('αβ,βγ->αγ', torch.ones(2, 3), torch.ones(3, 2))[0]\ntorch.einsum(torch.ones(2, 3), [70, 71], torch.ones(3, 2), [71, 72], [70, 72])[0]",
    );
    assert_eq!((out.as_str(), err.as_str()), ("tensor([3., 3.])\ntensor([3., 3.])\n", ""));
}

#[test]
fn an_account_can_be_read_by_programs() {
    let (out, _) = typed(":explain --json einsum('bi,bi->b', torch.ones(4, 5), torch.ones(4, 5))");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let einsum = report["steps"].as_array().expect("steps").last().expect("one").clone();
    assert_eq!(einsum["letters"][0]["role"], "batch");
    assert_eq!(einsum["steps"][0]["kernel"], "products summed in one pass");
    let (out, _) = typed(":explain einsum('ij,jk->ik', torch.ones(20, 30), torch.ones(30, 40)) --run");
    assert!(out.contains("GFLOP/s") && out.contains("it ran once"), "{out}");
}

#[test]
fn ints_are_exact_whatever_their_size() {
    let large = "x = torch.full((40, 40), 3037000499)\ny = torch.einsum('ij,jk->ik', x, x)\nprint(y[0, 0].item() == (3037000499 * 3037000499 * 40 + 2**63) % 2**64 - 2**63)";
    let small = "x = torch.full((40, 40), 100, dtype=torch.uint8)\nprint(torch.einsum('ij,jk->ik', x, x)[0, 0].item() == 100 * 100 * 40 % 256)";
    assert_eq!(typed(&format!("{large}\n{small}")), ("True\nTrue\n".to_owned(), String::new()));
}

#[test]
fn the_dimensions_of_operands_are_looked_at_before_the_output() {
    let (_, err) = typed("torch.einsum('a,a->&', torch.ones(2, 3), torch.ones(2))");
    assert!(err.contains("does not match the number of dimensions (2) for operand 0"), "{err}");
    let (_, err) = typed("torch.einsum('a,a->b&', torch.ones(2), torch.ones(2))");
    assert!(err.contains("output subscript b does not appear"), "{err}");
    let (_, err) = typed("torch.einsum('a,a->&b', torch.ones(2), torch.ones(2))");
    assert!(err.contains("invalid subscript given at index 5"), "{err}");
    // Sizes come last.
    let (_, err) = typed("torch.einsum('a,a->b', torch.ones(2), torch.ones(3))");
    assert!(err.contains("output subscript b does not appear"), "{err}");
}

#[test]
fn symbols_that_opt_einsum_numbers_letters_by_are_letters() {
    let (out, err) = typed("torch.einsum('a×,×÷->a÷', torch.ones(2, 3), torch.ones(3, 2))[0]");
    assert_eq!((out.as_str(), err.as_str()), ("tensor([3., 3.])\n", ""));
    let (_, err) = typed("torch.einsum('ij→j', torch.ones(2, 3))");
    assert!(err.contains("invalid subscript given at index 2"), "{err}");
}

/// Three tensors of which the cheapest order makes a matrix, and another one a few numbers only.
fn three(a: usize, c: usize, b: usize, device: &str) -> String {
    let ones = |shape: &str| format!("torch.ones({shape}, device='{device}')");
    let (first, last) = (ones(&format!("{a}, 3, {c}")), ones(&format!("{a}, {c}, {b}")));
    format!("s = [{first}, {}, {last}]", ones("3"))
}

#[test]
fn a_limit_of_memory_is_kept_and_said() {
    let largest = |call: &str| {
        let report = typed(&format!("{}\n:explain --json {call}", three(20, 4, 20, "cpu"))).0;
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        report["steps"][0]["largest_elements"].as_f64().expect("a number")
    };
    assert_eq!(largest("einsum('adc,d,acb->b', *s)"), 80.0);
    let call = "einsum('adc,d,acb->b', *s, optimize=('greedy', 79))";
    assert!(largest(call) < 80.0);
    let (out, err) =
        typed(&format!("{}\n:explain {call}\nprint(({call} == 240).all())", three(20, 4, 20, "cpu")));
    assert!(
        out.contains("results fit into the limit of") && out.contains("a cheaper one does not"),
        "{out}{err}"
    );
    assert!(out.ends_with("tensor(True)\n"), "{out}{err}");
    // The session's own limit is one as well.
    let call = ":explain einsum('adc,d,acb->b', *s)";
    let (out, err) = typed(&format!("{}\n:set max-bytes 1M\n{call}", three(1000, 400, 40, "meta")));
    assert!(out.contains("fit into the limit of"), "{out}{err}");
    let (out, err) = typed(&format!("{}\n:set max-bytes 3M\n{call}", three(1000, 400, 40, "meta")));
    assert!(!out.contains("limit") && err.is_empty(), "{out}{err}");
    let (_, err) = typed("einsum('i->', torch.ones(2), optimize=('greedy', 'x'))");
    assert!(err.contains("a limit is the most elements"), "{err}");
}

#[test]
fn lists_and_options_go_together() {
    let (out, err) = typed(
        "x = np.ones((2, 3))\nnp.einsum(x, [0, 1], x, [2, 1], [0, 2], optimize=['einsum_path', (0, 1)]).shape\nnp.einsum_path(x, [0, 1], x, [2, 1])[0]",
    );
    assert_eq!((out.as_str(), err.as_str()), ("(2, 2)\n['einsum_path', (0, 1)]\n", ""));
}

#[test]
fn patterns_are_explained_by_their_axes() {
    let explained = |call: &str| {
        let (out, err) = typed(&format!("x = torch.ones(6, 4)\n:explain {call}"));
        assert_eq!(err, "");
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let out = explained("rearrange(x, '(a b) c -> c (b a)', a=2)");
    assert!(
        out.starts_with("1 rearrange (a b) c -> c (b a): [6, 4] -> [4, 6], by what follows axes a = 2"),
        "{out}"
    );
    assert!(
        out.contains("a = 2 split off dimension 0, which also holds b -> joined with b to dimension 1"),
        "{out}"
    );
    assert!(out.contains("c = 4 dimension 1 -> dimension 0"), "{out}");
    let out = explained("reduce(x, 'a b -> b', 'mean')");
    assert!(out.starts_with("1 reduce a b -> b by mean: [6, 4] -> [4]"), "{out}");
    assert!(out.contains("a = 6 dimension 0; not on the right side, so it is reduced"), "{out}");
    let (out, _) = typed(":explain --json repeat(torch.ones(3), 'a -> a 2')");
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let step = report["steps"].as_array().and_then(|steps| steps.iter().find(|step| step["op"] == "repeat"));
    assert_eq!(step.expect("one")["axes"][1]["to"], 1);
}

#[test]
fn reports_of_large_networks_stay_short() {
    let chain = "args = [y for n in range(300) for y in (torch.ones(2, 2) / 2, [n, n + 1])]";
    let (out, err) =
        typed(&format!("{chain}\nprint(len(einsum_path(*args, [])[1]) < 60_000, einsum(*args, []))"));
    assert_eq!((out.as_str(), err.as_str()), ("True tensor(2.)\n", ""));
}
