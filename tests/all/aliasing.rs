//! Writes whose operands lie in the storage that is written: PyTorch's cases, one by one, at the prompt.

use super::program::run;

/// What a program says on both streams.
fn said(statement: &str) -> String {
    let code =
        format!("a = torch.arange(9.).reshape(3, 3); x = torch.arange(3.); e = x.expand(3, 3); {statement}");
    let ran = run(["-c", &code]);
    format!("{}{}", ran.out, ran.err)
}

#[test]
fn what_would_read_what_it_writes_is_refused() {
    let refused =
        ["a[1:] += a[:-1]", "a[1:] = a[:-1]", "a += a.t()", "a[:] = a.t()", "a -= a[0]", "a /= a[2, 2]"];
    for statement in refused {
        let said = said(statement);
        assert!(
            said.contains(
                "RuntimeError: unsupported operation: some elements of the input tensor and the written-to tensor \
                 refer to a single memory location. Please clone() the tensor before performing the operation."
            ),
            "{statement}: {said}"
        );
    }
}

#[test]
fn what_reads_only_the_place_it_writes_or_another_part_runs() {
    let fine = [
        ("a += a; a[1].tolist()", "[6.0, 8.0, 10.0]\n"),
        ("a[0] += a[1]; a[0].tolist()", "[3.0, 5.0, 7.0]\n"),
        ("a[:, 0] += a[:, 1]; a[:, 0].tolist()", "[1.0, 7.0, 13.0]\n"),
        ("b = torch.arange(6.); b[::2] += b[1::2]; b.tolist()", "[1.0, 1.0, 5.0, 3.0, 9.0, 5.0]\n"),
    ];
    for (statement, expected) in fine {
        assert_eq!(said(statement), expected, "{statement}");
    }
}

#[test]
fn a_stretched_tensor_takes_what_gives_every_place_one_value() {
    let fine = [
        ("e.fill_(7); x.tolist()", "[7.0, 7.0, 7.0]\n"),
        ("e.zero_(); x.tolist()", "[0.0, 0.0, 0.0]\n"),
        ("e[:] = 1; x.tolist()", "[1.0, 1.0, 1.0]\n"),
        ("e[0, 0] = 5; x.tolist()", "[5.0, 1.0, 2.0]\n"),
        ("e[0] += 1; x.tolist()", "[1.0, 2.0, 3.0]\n"),
    ];
    for (statement, expected) in fine {
        let said = said(statement);
        assert!(said.ends_with(expected), "{statement}: {said}");
    }
    for statement in ["e += 1", "e.copy_(a)", "e.relu_()"] {
        let said = said(statement);
        assert!(
            said.contains(
                "more than one element of the written-to tensor refers to a single memory location"
            ),
            "{statement}: {said}"
        );
    }
}

#[test]
fn what_depends_on_the_order_of_the_loop_is_refused_though_pytorch_misses_it() {
    let said = said("b = torch.arange(10.); b[2:8:2] = b[0:6:2]");
    assert!(said.contains("refer to a single memory location"), "{said}");
    assert!(said.contains("order"), "{said}");
}
