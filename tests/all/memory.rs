//! What training keeps: the bytes that are counted stay where they are over thousands of steps, and a graph of any length
//! is differentiated and let go.

use tenscope::budget;
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

fn run(session: &mut Session, text: &str) -> String {
    let mut host = Recorder::default();
    session.run_typed("<test>", text, true, &mut host);
    assert_eq!(host.err, "", "{text}");
    host.out
}

/// The counted bytes after some steps, and after many more.
fn grows(setup: &str, steps: [usize; 2]) {
    let setup = setup.to_owned();
    let work = move || {
        let mut session = Session::new(Settings::default());
        run(&mut session, &setup);
        let mut counted = Vec::new();
        for steps in steps {
            run(&mut session, &format!("for _ in range({steps}): step()\n"));
            counted.push(budget::live());
        }
        assert_eq!(counted[0], counted[1], "bytes in use after {steps:?} steps");
    };
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread can be started");
    thread.join().expect("nothing grows");
}

#[test]
fn ten_thousand_steps_of_training_keep_no_more_than_a_few() {
    grows(
        "import torch\n\
         torch.manual_seed(0)\n\
         x = torch.randn(8, 2)\n\
         y = (x[:, :1] * x[:, 1:]).detach()\n\
         w = torch.randn(2, 4, requires_grad=True)\n\
         v = torch.randn(4, 1, requires_grad=True)\n\
         def step():\n\
         \x20   loss = ((torch.tanh(x @ w) @ v - y) ** 2).mean()\n\
         \x20   loss.backward()\n\
         \x20   with torch.no_grad():\n\
         \x20       for p in (w, v):\n\
         \x20           p -= 0.1 * p.grad\n\
         \x20           p.grad = None\n",
        [20, 10_000],
    );
}

#[test]
fn modules_and_optimizers_keep_no_more_after_many_steps() {
    for optimizer in ["SGD(net.parameters(), lr=0.1, momentum=0.9)", "Adam(net.parameters())"] {
        grows(
            &format!(
                "import torch\n\
                 from torch import nn\n\
                 torch.manual_seed(0)\n\
                 x = torch.randn(8, 2)\n\
                 net = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.LayerNorm(4), nn.Dropout(0.2), nn.Linear(4, 3))\n\
                 opt = torch.optim.{optimizer}\n\
                 t = torch.arange(8) % 3\n\
                 def step():\n\
                 \x20   opt.zero_grad()\n\
                 \x20   nn.functional.cross_entropy(net(x), t).backward()\n\
                 \x20   opt.step()\n"
            ),
            [20, 500],
        );
    }
}

#[test]
fn a_graph_of_a_hundred_thousand_nodes_is_differentiated_and_let_go() {
    // On the stack that a test has: neither may recurse over the graph.
    let mut session = Session::new(Settings::default());
    run(&mut session, "import torch\nx = torch.ones(2, requires_grad=True)\n");
    let before = budget::live();
    run(&mut session, "y = x\nfor _ in range(100000): y = y + 1\n");
    run(&mut session, "z = y * 2\nz.sum().backward()\n");
    assert_eq!(run(&mut session, "x.grad"), "tensor([2., 2.])\n");
    run(&mut session, "y = x\nfor _ in range(100000): y = y * 1.0\n");
    assert!(budget::live() > before + 100_000 * 100, "the graph is there");
    // Let go without a backward pass.
    run(&mut session, "del y, z\n");
    let kept = budget::live() - before;
    assert!(kept < 10_000, "{kept} bytes are kept");
}
