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
