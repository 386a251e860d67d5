"""Modules, losses and optimizers as PyTorch has them: text, initial values under a seed, gradients of parameters, training."""

import json
import warnings

import torch

warnings.simplefilter("ignore")

NAMES = """import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(1)
x4 = torch.randn(5, 4)
x3 = torch.randn(2, 3, 4)
img = torch.randn(2, 3, 6, 5)
seq = torch.randn(2, 3, 9)
yc = torch.tensor([0, 2, 1, 2, 0])
yr = torch.randn(5, 3)
yb = torch.tensor([1., 0., 1., 1., 0.])
ids = torch.tensor([[1, 2, 4], [4, 0, 2]])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(4, 6)
        self.norm = nn.LayerNorm(6)
        self.layers = nn.ModuleList([nn.Linear(6, 6) for _ in range(2)])
        self.head = nn.Sequential(nn.Tanh(), nn.Linear(6, 3, bias=False))
        self.register_buffer('scale', torch.tensor(2.0))
    def forward(self, x):
        x = self.norm(torch.relu(self.fc1(x)))
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x) * self.scale
def seeded(make, s=0):
    torch.manual_seed(s)
    return make()
def slopes(make, *xs, train=True):
    m = seeded(make)
    m.train(train)
    xs = [x.clone().requires_grad_() if x.is_floating_point() else x for x in xs]
    out = m(*xs)
    out = out[0] if isinstance(out, tuple) else out
    weights = torch.arange(1., out.numel() + 1).reshape(out.shape)
    (out * weights).sum().backward()
    grads = [x.grad for x in xs if x.is_floating_point()] + [p.grad for p in m.parameters()]
    return out.detach(), grads
def trained(optimizer, loss=F.cross_entropy, y=yc, steps=6, schedule=None):
    net = seeded(Net)
    opt = optimizer(net.parameters())
    sched = schedule(opt) if schedule else None
    seen = []
    for _ in range(steps):
        value = loss(net(x4), y)
        opt.zero_grad()
        value.backward()
        opt.step()
        if sched:
            sched.step()
        seen.append(round(value.item(), 4))
    return seen, net.fc1.weight.detach()[0], [g['lr'] for g in opt.param_groups]
"""

MODULES = """
nn.Linear(4, 3); nn.Linear(4, 3, bias=False); nn.Embedding(5, 3); nn.Embedding(5, 3, padding_idx=0); nn.LayerNorm(4)
nn.LayerNorm((3, 4)); nn.LayerNorm(4, elementwise_affine=False); nn.BatchNorm1d(4); nn.BatchNorm2d(3); nn.GroupNorm(1, 3)
nn.RMSNorm(4); nn.Conv1d(3, 2, 3); nn.Conv1d(3, 2, 3, padding=1, stride=2); nn.Conv2d(3, 2, 3); nn.Conv2d(3, 6, 3, groups=3)
nn.Conv2d(3, 4, (3, 2), stride=2, padding=1, dilation=1, bias=False); nn.MaxPool2d(2); nn.MaxPool1d(3); nn.AvgPool2d(2)
nn.AvgPool1d(2); nn.AdaptiveAvgPool2d(1); nn.Flatten(); nn.Unflatten(1, (2, 2)); nn.Dropout(0.3); nn.ReLU(); nn.ReLU(inplace=True)
nn.Sigmoid(); nn.Tanh(); nn.GELU(); nn.GELU(approximate='tanh'); nn.SiLU(); nn.Softmax(dim=1); nn.LogSoftmax(dim=-1)
nn.LeakyReLU(0.2); nn.ELU(); nn.PReLU(); nn.Softplus(); nn.Hardtanh(); nn.Mish(); nn.SELU(); nn.ReLU6(); nn.LogSigmoid()
nn.Identity(); nn.MSELoss(); nn.CrossEntropyLoss(); nn.BCEWithLogitsLoss(); nn.NLLLoss(); nn.L1Loss(); nn.Bilinear(2, 3, 4)
nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 2), nn.Tanh())); nn.ModuleList([nn.Linear(2, 2), nn.ReLU()])
nn.ModuleDict({'a': nn.Linear(2, 2), 'b': nn.ReLU()}); nn.Sequential(); nn.ModuleList()
""".replace("\n", ";")

SLOPES = [
    ("nn.Linear(4, 3)", "x4"), ("nn.LayerNorm(4)", "x3"), ("nn.LayerNorm((3, 4))", "x3"), ("nn.BatchNorm1d(4)", "x4"),
    ("nn.BatchNorm1d(3)", "x3"), ("nn.BatchNorm2d(3)", "img"), ("nn.Conv1d(3, 2, 3)", "seq"), ("nn.Conv2d(3, 2, 3)", "img"),
    ("nn.Conv2d(3, 6, 3, groups=3)", "img"), ("nn.Conv2d(3, 4, (3, 2), stride=2, padding=1)", "img"),
    ("nn.Conv2d(3, 2, 2, dilation=2)", "img"), ("nn.Conv1d(3, 2, 3, padding=1, stride=2)", "seq"), ("nn.MaxPool2d(2)", "img"),
    ("nn.MaxPool2d(3, stride=1, padding=1)", "img"), ("nn.MaxPool1d(2)", "seq"), ("nn.Embedding(5, 3)", "ids"),
    ("nn.GELU()", "x4"), ("nn.Softmax(dim=1)", "x4"), ("nn.LogSoftmax(dim=1)", "x4"), ("Net()", "x4"), ("nn.RMSNorm(4)", "x4"),
    ("nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 2))", "img"),
]

LOSSES = """
F.cross_entropy(yr, yc); F.cross_entropy(yr, yc, label_smoothing=0.1); F.cross_entropy(yr, yc, weight=torch.tensor([1., 2., .5]))
F.cross_entropy(yr, yc, reduction='sum'); F.cross_entropy(yr, yc, reduction='none'); F.cross_entropy(yr, yc, ignore_index=2)
F.nll_loss(F.log_softmax(yr, 1), yc); F.cross_entropy(yr, F.softmax(yr * 2, 1).detach()); F.mse_loss(yr, yr.detach() + 1)
F.l1_loss(yr, torch.zeros(5, 3)); F.smooth_l1_loss(yr, torch.zeros(5, 3)); F.huber_loss(yr, torch.zeros(5, 3), delta=0.5)
F.binary_cross_entropy_with_logits(yr[:, 0], yb); F.binary_cross_entropy(torch.sigmoid(yr[:, 0]), yb)
F.binary_cross_entropy_with_logits(yr[:, 0], yb, pos_weight=torch.tensor(2.)); F.kl_div(F.log_softmax(yr, 1), torch.ones(5, 3) / 3)
F.mse_loss(yr, torch.zeros(5, 3), reduction='sum'); F.mse_loss(yr, torch.zeros(5, 3), reduction='none')
F.layer_norm(yr, (3,)); F.normalize(yr); F.cosine_similarity(yr[:2], yr[2:4]); F.scaled_dot_product_attention(yr[None], yr[None], yr[None])
""".replace("\n", ";")

OPTIMIZERS = """
lambda p: torch.optim.SGD(p, lr=0.1); lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)
lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01); lambda p: torch.optim.Adam(p, lr=0.01)
lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1, betas=(0.8, 0.9)); lambda p: torch.optim.AdamW(p, lr=0.01)
lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True); lambda p: torch.optim.RMSprop(p, lr=0.01); lambda p: torch.optim.Adagrad(p, lr=0.1)
lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True)
""".replace("\n", ";")

SCHEDULES = """
torch.optim.lr_scheduler.StepLR(o, 2, gamma=0.5); torch.optim.lr_scheduler.ExponentialLR(o, 0.9)
torch.optim.lr_scheduler.CosineAnnealingLR(o, 10); torch.optim.lr_scheduler.LambdaLR(o, lambda e: 1 / (1 + e))
torch.optim.lr_scheduler.MultiStepLR(o, [1, 3])
""".replace("\n", ";")

CODE = """
seeded(Net)
[n for n, _ in seeded(Net).named_parameters()]
[n for n, _ in seeded(Net).named_modules()]
[n for n, _ in seeded(Net).named_children()]
[n for n, _ in seeded(Net).named_buffers()]
sum(p.numel() for p in seeded(Net).parameters())
list(seeded(Net).state_dict().keys())
seeded(Net).state_dict()['head.1.weight']
seeded(Net)(x4)
seeded(Net).eval().training, seeded(Net).training
seeded(lambda: nn.Linear(2, 2)).weight
seeded(lambda: nn.Linear(2, 2)).bias
nn.Parameter(torch.ones(2))
nn.Parameter(torch.ones(2), requires_grad=False)
isinstance(nn.Parameter(torch.ones(2)), nn.Parameter), isinstance(nn.Parameter(torch.ones(2)), torch.Tensor), isinstance(torch.ones(2), nn.Parameter)
type(nn.Parameter(torch.ones(2)))
nn.Parameter(torch.ones(2)) * 2
nn.Parameter(torch.tensor([1, 2]))
seeded(Net).load_state_dict(seeded(Net, 3).state_dict())
seeded(Net).load_state_dict({'a': torch.ones(1)})
seeded(lambda: nn.Linear(2, 2)).load_state_dict({'weight': torch.ones(3, 2), 'bias': torch.zeros(2)})
nn.Module()(1)
nn.Linear(2, 2)(torch.ones(3))
seeded(lambda: nn.Linear(2, 2)).missing
nn.Sequential(nn.ReLU())[1]
nn.Dropout(1.5)
torch.optim.SGD([], lr=0.1)
torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=-1)
torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1)
torch.optim.SGD([torch.ones(1)], lr=0.1)
len(nn.Sequential(nn.ReLU(), nn.Tanh())), nn.Sequential(nn.ReLU(), nn.Tanh())[0], nn.Sequential(nn.ReLU(), nn.Tanh())[-1:]
seeded(lambda: nn.Linear(3, 2)).double().weight.dtype
seeded(lambda: nn.Embedding(4, 2))(torch.tensor([3, 0]))
seeded(lambda: nn.Embedding(4, 2, padding_idx=1)).weight
seeded(lambda: nn.BatchNorm1d(4))(x4)
seeded(lambda: nn.BatchNorm1d(4).eval())(x4)
nn.init.constant_(torch.empty(2), 0.5)
seeded(lambda: nn.init.xavier_uniform_(torch.empty(2, 3)))
seeded(lambda: nn.init.kaiming_normal_(nn.Linear(3, 2).weight))
"""


def parts(text):
    return [part.strip() for part in text.split(";") if part.strip()]


def calls():
    yield from CODE.strip().splitlines()
    yield from parts(MODULES)
    for module, args in SLOPES:
        yield f"slopes(lambda: {module}, {args})"
        yield f"slopes(lambda: {module}, {args}, train=False)"
    for loss in parts(LOSSES):
        yield f"yr.requires_grad_(); loss = {loss}; loss.sum().backward(); (loss, yr.grad)"
    for optimizer in parts(OPTIMIZERS):
        yield f"trained({optimizer})"
    for schedule in parts(SCHEDULES):
        yield f"trained(lambda p: torch.optim.SGD(p, lr=0.1), schedule=lambda o: {schedule})"
    yield "trained(lambda p: torch.optim.SGD(p, lr=0.1), loss=F.mse_loss, y=yr)"
    yield "trained(lambda p: torch.optim.SGD(p, lr=0.1), loss=nn.CrossEntropyLoss())"


def run(code):
    scope = {}
    exec(NAMES, scope)
    *before, last = code.split("; ")
    try:
        for line in before:
            exec(line, scope)
        value = eval(last, scope)
        return {"out": "" if value is None else repr(value)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0]}"}


def record(path):
    rows = [{"setup": NAMES}] + [{"code": code, **run(code)} for code in calls()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(f"{len(rows) - 1} calls, {sum('error' in row for row in rows)} errors")
