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
vol = torch.randn(1, 2, 3, 4, 3)
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
nn.ParameterList([torch.zeros(2, 3), torch.zeros(1)]); nn.ParameterDict({'w': torch.zeros(2, 3), 'b': torch.zeros(1)})
nn.EmbeddingBag(5, 3, mode='sum', padding_idx=-1); nn.Conv3d(1, 2, 3, padding='same'); nn.ConvTranspose1d(2, 4, 3, stride=2)
nn.ConvTranspose2d(2, 4, 3, output_padding=1, stride=2, groups=2, bias=False); nn.Conv2d(2, 2, 3, padding_mode='circular', padding=1)
nn.MaxPool3d(2); nn.AvgPool3d(2); nn.LPPool2d(2, 3); nn.FractionalMaxPool2d(3, output_ratio=.5); nn.MaxUnpool2d(2)
nn.AdaptiveMaxPool2d((3, None)); nn.AdaptiveAvgPool3d(2); nn.Fold((4, 5), 2); nn.Unfold(2); nn.PixelShuffle(2); nn.PixelUnshuffle(2)
nn.ChannelShuffle(2); nn.Upsample(scale_factor=2); nn.Upsample(size=(2, 3), mode='bilinear'); nn.UpsamplingNearest2d(scale_factor=2)
nn.UpsamplingBilinear2d((2, 2)); nn.ZeroPad2d(1); nn.ConstantPad1d((1, 2), 3.); nn.ReflectionPad2d((1, 2, 0, 1)); nn.CircularPad1d(1)
nn.LocalResponseNorm(2); nn.InstanceNorm2d(3, affine=True, track_running_stats=True); nn.BatchNorm3d(3, affine=False)
nn.BatchNorm1d(3, bias=False); nn.GroupNorm(1, 3, bias=False); nn.Hardshrink(); nn.Softshrink(0.3); nn.RReLU(); nn.Threshold(.1, 20)
nn.GLU(); nn.Hardtanh(-2, 2, inplace=True); nn.ELU(0.5, inplace=True); nn.Hardswish(True); nn.Hardsigmoid(); nn.CELU(2.0); nn.Softmin(1)
nn.Softmax2d(); nn.Tanhshrink(); nn.Softsign(); nn.SELU(True); nn.Mish(True); nn.LeakyReLU(0.1, True); nn.Dropout2d(inplace=True)
nn.AlphaDropout(.2); nn.TripletMarginLoss(); nn.CTCLoss(); nn.MultiMarginLoss(p=2); nn.PairwiseDistance(); nn.CosineSimilarity()
nn.MSELoss(reduction='sum').reduction; nn.MSELoss(size_average=False).reduction; nn.L1Loss(reduce=False).reduction
nn.Conv2d(3, 2, 3, groups=2); nn.Conv2d(4, 2, 3, padding='full'); nn.Conv2d(4, 2, 3, padding='same', stride=2)
nn.Conv2d(4, 2, 3, padding_mode='mirror'); nn.ConvTranspose1d(2, 2, 2, padding_mode='circular'); nn.GroupNorm(2, 3)
nn.FractionalMaxPool2d(2); nn.TripletMarginLoss(margin=0); nn.MultiMarginLoss(p=3); nn.Dropout2d(-1); nn.Bilinear(0, 1, 1)
nn.Softmax2d()(torch.ones(2)); nn.BatchNorm3d(2)(torch.ones(2, 2)); nn.InstanceNorm1d(2)(torch.ones(2)); nn.CircularPad1d(1)(torch.ones(3))
nn.InstanceNorm1d(3, affine=True)(torch.ones(2, 2, 5)); nn.ConvTranspose1d(2, 2, 3, stride=2)(torch.ones(1, 2, 4), output_size=[12])
seeded(lambda: nn.ConvTranspose1d(2, 2, 3, stride=2))(torch.ones(1, 2, 4), output_size=[10]).shape
""".replace("\n", ";")

SLOPES = [
    ("nn.Linear(4, 3)", "x4"), ("nn.LayerNorm(4)", "x3"), ("nn.LayerNorm((3, 4))", "x3"), ("nn.BatchNorm1d(4)", "x4"),
    ("nn.BatchNorm1d(3)", "x3"), ("nn.BatchNorm2d(3)", "img"), ("nn.Conv1d(3, 2, 3)", "seq"), ("nn.Conv2d(3, 2, 3)", "img"),
    ("nn.Conv2d(3, 6, 3, groups=3)", "img"), ("nn.Conv2d(3, 4, (3, 2), stride=2, padding=1)", "img"),
    ("nn.Conv2d(3, 2, 2, dilation=2)", "img"), ("nn.Conv1d(3, 2, 3, padding=1, stride=2)", "seq"), ("nn.MaxPool2d(2)", "img"),
    ("nn.MaxPool2d(3, stride=1, padding=1)", "img"), ("nn.MaxPool1d(2)", "seq"), ("nn.Embedding(5, 3)", "ids"),
    ("nn.GELU()", "x4"), ("nn.Softmax(dim=1)", "x4"), ("nn.LogSoftmax(dim=1)", "x4"), ("Net()", "x4"), ("nn.RMSNorm(4)", "x4"),
    ("nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 2))", "img"),
    ("nn.EmbeddingBag(5, 3)", "ids"), ("nn.EmbeddingBag(5, 3, mode='max', padding_idx=2)", "ids"), ("nn.Bilinear(4, 4, 2)", "x4, x4 * 2"),
    ("nn.Conv3d(2, 3, 2, padding=1)", "vol"), ("nn.Conv2d(3, 2, 3, padding='same')", "img"), ("nn.Conv1d(3, 2, 4, padding='same', dilation=2)", "seq"),
    ("nn.Conv2d(3, 2, 3, padding=(1, 2), padding_mode='reflect')", "img"), ("nn.Conv2d(3, 2, 3, padding='same', padding_mode='circular')", "img"),
    ("nn.ConvTranspose1d(3, 2, 3, stride=2, padding=1, output_padding=1)", "seq"), ("nn.ConvTranspose2d(3, 6, (2, 3), groups=3)", "img"),
    ("nn.ConvTranspose2d(3, 2, 3, dilation=2, bias=False)", "img"), ("nn.ConvTranspose3d(2, 1, 2)", "vol"), ("nn.MaxPool3d(2)", "vol"),
    ("nn.AvgPool1d(2, padding=1)", "seq"), ("nn.AvgPool2d(2, divisor_override=3)", "img"), ("nn.AvgPool3d(2, ceil_mode=True)", "vol"),
    ("nn.LPPool1d(2, 3)", "seq"), ("nn.LPPool2d(3, 2, stride=1)", "img"), ("nn.LPPool3d(2, 2)", "vol"), ("nn.FractionalMaxPool2d(2, output_size=3)", "img"),
    ("nn.FractionalMaxPool3d(2, output_ratio=0.5)", "vol"), ("nn.AdaptiveAvgPool1d(4)", "seq"), ("nn.AdaptiveAvgPool2d((2, None))", "img"),
    ("nn.AdaptiveAvgPool3d(2)", "vol"), ("nn.AdaptiveMaxPool1d(4)", "seq"), ("nn.AdaptiveMaxPool2d(2, return_indices=True)", "img"),
    ("nn.AdaptiveMaxPool3d(2)", "vol"), ("nn.Flatten(0, 1)", "img"), ("nn.Unflatten(1, (3, 1))", "img"), ("nn.Unfold(2, padding=1)", "img"),
    ("nn.Sequential(nn.Unfold(2), nn.Fold((6, 5), 2))", "img"), ("nn.PixelShuffle(2)", "torch.cat([img, img[:, :1]], 1)"),
    ("nn.PixelUnshuffle(2)", "img[..., :4]"), ("nn.ChannelShuffle(3)", "img"), ("nn.Upsample(scale_factor=2)", "seq"),
    ("nn.Upsample(size=(4, 7), mode='bilinear')", "img"), ("nn.Upsample(scale_factor=(1.5, 2), mode='bicubic', align_corners=True)", "img"),
    ("nn.UpsamplingNearest2d(scale_factor=2)", "img"), ("nn.UpsamplingBilinear2d(size=(3, 9))", "img"), ("nn.ZeroPad1d((1, 2))", "seq"),
    ("nn.ZeroPad2d(1)", "img"), ("nn.ZeroPad3d(1)", "vol"), ("nn.ConstantPad1d(2, 3.5)", "seq"), ("nn.ConstantPad2d((1, 0, 2, -1), 1)", "img"),
    ("nn.ConstantPad3d(1, 2.)", "vol"), ("nn.ReflectionPad1d(3)", "seq"), ("nn.ReflectionPad2d((1, 2, 0, 1))", "img"), ("nn.ReflectionPad3d(1)", "vol"),
    ("nn.ReplicationPad1d(2)", "seq"), ("nn.ReplicationPad2d(1)", "img"), ("nn.ReplicationPad3d(1)", "vol"), ("nn.CircularPad1d(2)", "seq"),
    ("nn.CircularPad2d((1, 2, 0, 1))", "img"), ("nn.CircularPad3d(1)", "vol"), ("nn.LocalResponseNorm(2)", "img"), ("nn.GroupNorm(3, 3)", "img"),
    ("nn.BatchNorm2d(3, momentum=None)", "img"), ("nn.BatchNorm2d(3, track_running_stats=False)", "img"), ("nn.BatchNorm3d(2, bias=False)", "vol"),
    ("nn.InstanceNorm1d(3)", "seq"), ("nn.InstanceNorm1d(2)", "seq[:, 0]"), ("nn.InstanceNorm2d(3, affine=True, track_running_stats=True)", "img"),
    ("nn.InstanceNorm3d(2, affine=True)", "vol"), ("nn.ReLU(inplace=False)", "x4"), ("nn.ReLU6()", "x4 * 5"), ("nn.SELU()", "x4"), ("nn.CELU(0.5)", "x4"),
    ("nn.ELU(0.5)", "x4"), ("nn.SiLU()", "x4"), ("nn.Mish()", "x4"), ("nn.Hardsigmoid()", "x4 * 3"), ("nn.Hardswish()", "x4 * 3"), ("nn.Sigmoid()", "x4"),
    ("nn.Tanh()", "x4"), ("nn.LogSigmoid()", "x4"), ("nn.Softsign()", "x4"), ("nn.Tanhshrink()", "x4"), ("nn.GELU('tanh')", "x4"),
    ("nn.Hardtanh(-0.5, 0.5)", "x4"), ("nn.LeakyReLU(0.2)", "x4"), ("nn.RReLU()", "x4"), ("nn.PReLU(4)", "x4"), ("nn.Softplus(2.0, 1.0)", "x4"),
    ("nn.Hardshrink()", "x4"), ("nn.Softshrink(0.2)", "x4"), ("nn.Threshold(0.1, 20.)", "x4"), ("nn.GLU()", "x4"), ("nn.GLU(0)", "x4[:4]"),
    ("nn.Softmin(dim=1)", "x4"), ("nn.Softmax2d()", "img"), ("nn.Dropout(0.4)", "x4"), ("nn.Dropout1d(0.4)", "x3"), ("nn.Dropout2d(0.4)", "img"),
    ("nn.Dropout3d(0.4)", "vol"), ("nn.AlphaDropout(0.4)", "x4"), ("nn.FeatureAlphaDropout(0.4)", "img"), ("nn.PairwiseDistance(1.0)", "x4, x4 * 2 + 1"),
    ("nn.CosineSimilarity()", "x4, x4 * 2 + 1"), ("nn.MSELoss()", "x4, x4 * 2"), ("nn.L1Loss(reduction='sum')", "x4, x4 * 2"),
    ("nn.SmoothL1Loss(beta=0.5)", "x4, x4 * 2"), ("nn.HuberLoss(delta=0.5)", "x4, x4 * 2"), ("nn.KLDivLoss(reduction='batchmean')", "x4, x4.softmax(1)"),
    ("nn.KLDivLoss(log_target=True)", "x4, x4 * 2"), ("nn.SoftMarginLoss()", "x4, (x4 > 0).long() * 2 - 1"), ("nn.HingeEmbeddingLoss(0.5)", "x4, x4.sign()"),
    ("nn.MultiLabelMarginLoss()", "yr, torch.tensor([[0, -1, 0], [1, 2, -1], [2, 0, -1], [0, 1, 2], [-1, 0, 0]])"),
    ("nn.MultiLabelSoftMarginLoss()", "yr, (yr > 0).float()"), ("nn.MultiMarginLoss(weight=torch.tensor([1., 2., 0.5]))", "yr, yc"),
    ("nn.PoissonNLLLoss()", "x4, x4.abs()"), ("nn.PoissonNLLLoss(log_input=False, full=True)", "x4.abs() + 1, x4.abs() + 2"),
    ("nn.GaussianNLLLoss(full=True)", "x4, x4 * 2, x4.abs() + 0.1"), ("nn.CosineEmbeddingLoss(0.1)", "x4, x4 * 2 + 1, x4[:, 0].sign()"),
    ("nn.MarginRankingLoss(0.1)", "x4[:, 0], x4[:, 1], x4[:, 2].sign()"), ("nn.TripletMarginLoss(swap=True)", "x4, x4 + 0.1, x4 * 0.9"),
    ("nn.TripletMarginWithDistanceLoss()", "x4, x4 + 0.1, x4 * 0.9"), ("nn.CrossEntropyLoss(label_smoothing=0.1)", "yr, yc"),
    ("nn.NLLLoss(ignore_index=2)", "yr, yc"), ("nn.BCELoss()", "x4.sigmoid(), (x4 > 0).float()"), ("nn.BCEWithLogitsLoss()", "x4, (x4 > 0).float()"),
    ("nn.CTCLoss()", "yr[:, None].expand(5, 2, 3).log_softmax(2), torch.tensor([[1, 2], [2, 1]]), torch.tensor([5, 4]), torch.tensor([2, 1])"),
]

IN_PLACE = """
nn.ReLU(True); nn.ReLU6(True); nn.SELU(True); nn.CELU(0.5, True); nn.ELU(0.5, True); nn.SiLU(True); nn.Mish(True); nn.Hardsigmoid(True)
nn.Hardswish(True); nn.Hardtanh(-0.5, 0.5, True); nn.LeakyReLU(0.2, True); nn.RReLU(0.1, 0.1, True); nn.Threshold(0.1, 2.0, True)
nn.Dropout(0.4, True); nn.Dropout1d(0.4, True)
""".replace("\n", ";")

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
F.interpolate(torch.tensor([[[1., float('nan'), 3., 4., float('inf'), 6.]]], requires_grad=True), size=9, mode='linear')
x = torch.ones(1, 1, 5, requires_grad=True); F.interpolate(x, size=8, mode='linear').backward(torch.tensor([[[float('nan'), 1., 1., 1., 1., 1., 1., 1.]]])); x.grad
x = torch.ones(1, 1, 4, requires_grad=True); F.avg_pool1d(x, 2, 1).backward(torch.tensor([[[float('nan'), 1., 1.]]])); x.grad
x = torch.ones(1, 1, 5, requires_grad=True); F.adaptive_avg_pool1d(x, 3).backward(torch.tensor([[[float('nan'), 1., 1.]]])); x.grad
"""


def parts(text):
    return [part.strip() for part in text.split(";") if part.strip()]


def calls():
    yield from CODE.strip().splitlines()
    yield from parts(MODULES)
    for module, args in SLOPES:
        yield f"slopes(lambda: {module}, {args})"
        yield f"slopes(lambda: {module}, {args}, train=False)"
    for module in parts(IN_PLACE):
        yield f"m = {module}; y = x3.clone(); z = m(y); (z is y, y)"
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
