"""Gradients as PyTorch computes them: of every op, with broadcasting, ties and kinks; names of nodes; the sentences of
what is refused. A case whose name begins with n is checked by small steps, first and second derivatives."""

import json
import warnings

import torch

warnings.simplefilter("ignore")

NAMES = """import torch
import torch.nn.functional as F
L = torch.linalg
def weigh(outs):
    total = 0
    for o in outs:
        total = total + (o * torch.arange(1., o.numel() + 1).reshape(o.shape)).sum()
    return total
def several(out):
    outs = out if isinstance(out, (tuple, list)) else (out,)
    return [o for o in outs if o.requires_grad]
def leaves(xs):
    return [x.detach().clone().requires_grad_() for x in xs]
def g(f, *xs):
    xs = leaves(xs)
    outs = several(f(*xs))
    return torch.autograd.grad(weigh(outs), xs, allow_unused=True), [o.grad_fn.name() for o in outs]
def v(f, *xs):
    xs = leaves(xs)
    return torch.autograd.grad(weigh(several(f(*xs))), xs, allow_unused=True)
def n(f, *xs):
    xs = tuple(leaves([x.double() for x in xs]))
    return torch.autograd.gradcheck(f, xs), torch.autograd.gradgradcheck(f, xs)
x = torch.tensor([[0.5, -1.25, 2.0], [-0.75, 1.5, 0.25]])
y = torch.tensor([[1.5, 0.75, -0.5], [2.25, -1.0, 0.4]])
p = torch.tensor([[0.5, 1.25, 2.0], [0.75, 1.5, 0.25]])
u = torch.tensor([[0.5, -0.25, 0.1], [-0.75, 0.3, 0.9]])
k = torch.tensor([0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 0.5])
t = torch.tensor([[2.0, 1.0, 2.0], [2.0, 0.0, 1.0]])
z = torch.tensor([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]])
r = torch.tensor([1.0, -2.0, 0.5])
c = torch.tensor([[2.0], [0.5]])
one = torch.tensor(1.5)
sq = torch.tensor([[2.0, 1.0, 0.5], [0.25, 3.0, -1.0], [1.0, 0.5, 2.5]])
pd = torch.tensor([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.5]])
b3 = torch.arange(12.).reshape(2, 2, 3) / 6 - 1
b4 = torch.arange(18.).reshape(2, 3, 3) / 9 - 1
s1 = torch.sin(torch.arange(1., 13.)).reshape(1, 2, 6)
im = torch.sin(torch.arange(1., 33.) * 1.3).reshape(1, 2, 4, 4)
w1 = torch.cos(torch.arange(1., 13.)).reshape(2, 2, 3) / 2
w2 = torch.cos(torch.arange(1., 19.)).reshape(1, 2, 3, 3) / 3
wt = torch.cos(torch.arange(1., 17.)).reshape(2, 2, 2, 2) / 3
g1 = torch.cos(torch.arange(1., 7.)).reshape(2, 1, 3) / 2
vo = torch.sin(torch.arange(1., 9.)).reshape(1, 1, 2, 2, 2)
wv = torch.cos(torch.arange(1., 9.)).reshape(1, 1, 2, 2, 2)
tall = torch.tensor([[2.0, 1.0], [0.5, -1.5], [1.0, 3.0]])
low = torch.tensor([[2.0, 0.0, 0.0], [0.5, 1.5, 0.0], [-1.0, 0.5, 1.0]])
tau = torch.tensor([0.4, 0.7])
m = torch.tensor([[True, False, True], [False, True, True]])
t1 = torch.tensor([2, 0])
tm = torch.tensor([[1, -1, 0], [0, 2, -1]])
pm = torch.tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]])
i2 = torch.tensor([[0, 2], [1, 1]])
i1 = torch.tensor([0, 0, 1])
"""

UNARY = "abs neg exp exp2 expm1 sin cos tan atan sinh cosh tanh asinh sigmoid erf erfc deg2rad rad2deg sinc square positive relu trunc floor ceil round frac sign clone"
POSITIVE = "log log2 log10 log1p sqrt rsqrt reciprocal lgamma"
UNIT = "asin acos atanh erfinv"
ACTIVATIONS = "relu6 hardtanh leaky_relu elu celu selu gelu silu mish softplus logsigmoid hardsigmoid hardswish softsign tanhshrink"
REDUCTIONS = "sum mean prod max min amax amin std var norm nansum nanmean median nanmedian"
BINARY = "add sub mul div atan2 maximum minimum fmax fmin hypot logaddexp"

CASES = """
x + y; x - y; x * y; x / y; x + 1; 2 - x; 3 * x; 1 / x; x / 4; p ** y; p ** 2; p ** 0.5; p ** 3; 2 ** x; x ** 0; -x; p ** 1; x % 0.7; x // 2
x * r; r * x; x * c; c / x; one * x; x / one; x - r; r ** 2 + c; x + x; x * x * x; (x * 2 + y * 3).exp(); x.rsub(y); torch.sub(x, y, alpha=2)
torch.add(x, y, alpha=3); x.remainder(y); x.fmod(y); torch.xlogy(p, p); torch.copysign(x, y); torch.div(x, y, rounding_mode='floor'); torch.float_power(p, 2)
x.clamp(-1, 1); k.clamp(0, 3); k.clamp(min=1); k.clamp_max(0.5); k.clamp_min(0.5); torch.clamp(x, y - 1, y); torch.lerp(x, y, 0.3); torch.lerp(x, y, p)
torch.addcmul(x, y, p, value=2); torch.addcdiv(x, y, p, value=2); u.abs().logit(); p.logit(0.3); x.nan_to_num(); torch.heaviside(x, y) + x; torch.maximum(t, t * 1)
F.softmax(x, 1); F.log_softmax(x, 0); F.softmin(x, 1); torch.logsumexp(x, 1); torch.logsumexp(x, (0, 1)); x.softmax(0); x.log_softmax(1); F.glu(b4[..., :2]); F.threshold(x, 0.5, 9)
F.gelu(x, approximate='tanh'); F.leaky_relu(x, 0.3); F.elu(x, 2.0); F.celu(x, 2.0); F.softplus(x, 2, 1); F.hardtanh(x, -0.5, 0.7); F.normalize(x); F.normalize(x, p=1, dim=0)
F.cosine_similarity(x, y); F.mse_loss(x, y); F.l1_loss(x, y); F.mse_loss(x, y, reduction='sum'); F.mse_loss(x, y, reduction='none'); F.pad(x, (1, 2)); F.pad(x, (0, 1, 2, 0)); F.pad(x, (-1, 1))
x.sum(0); x.sum(1, keepdim=True); x.sum((0, 1)); x.mean(0); x.mean(-1, keepdim=True); x.prod(1); z.prod(1); z.prod(); t.prod(0, keepdim=True); x.std(0); x.var(1); x.std(unbiased=False); x.var(1, keepdim=True)
torch.std_mean(x, 1); torch.var_mean(x); t.max(); t.min(); t.max(1); t.min(0); t.amax(1); t.amin((0, 1)); t.amax(0, keepdim=True); torch.aminmax(t, dim=1); t.median(); t.median(1); t.mode(1); t.nanmedian(1)
x.norm(); x.norm(1); x.norm(dim=1); x.norm(p=3, dim=0); x.norm(float('inf')); z.norm(dim=1); L.norm(x); L.vector_norm(x, 3); torch.dist(x, y); x.norm(p=1.5); torch.max(x, y); torch.min(t, t.flip(0))
x.cumsum(0); x.cumsum(1); x.cumprod(1); z.cumprod(1); z.cumprod(0); x.logcumsumexp(1); t.cummax(1); t.cummin(0); x.sort(); x.sort(0, descending=True); t.sort(1); x.topk(2); x.topk(1, dim=0, largest=False); x.kthvalue(2); x.msort(); x.diff(); x.diff(dim=0, n=1); x.quantile(0.3); x.quantile(0.5, dim=1)
x.t(); x.T; x.transpose(0, 1); b3.permute(2, 0, 1); b3.movedim(0, 2); x.reshape(3, 2); x.view(6); x.t().reshape(6); x.flatten(); x.unsqueeze(1); c.squeeze(1); c.squeeze(); x.expand(2, 2, 3); c.expand(2, 4); r.expand_as(x); x.narrow(1, 1, 2); x.select(1, 2); sq.diagonal(); x.diagonal(1); b4.diagonal(0, 1, 2)
r.unfold(0, 2, 1); x.as_strided((2, 2), (1, 1)); x.t().as_strided((2, 2), (1, 2), 1); x.unbind(1); x.split(2, 1); x.split([1, 2], 1); x.chunk(2); x.tensor_split(2, 1); x.t().contiguous(); x.mT; x.ravel(); x.unflatten(1, (3, 1)); x.view_as(y); x.broadcast_to(2, 2, 3); x.hsplit(3); x.vsplit(2); x.swapaxes(0, 1); x.adjoint()
x[0]; x[:, 1]; x[..., None]; x[1, 2]; x[:, ::2]; x[1:, :2]; x[i1]; x[:, i2]; x[m]; x[i1, i1]; x.t()[1]; x.t()[1:, 0]; x[[0, 0], [1, 1]]; x[None, :, 1:]; x.t()[i1]; x[torch.tensor([True, False])]
torch.cat([x, y]); torch.cat([x, y], 1); torch.stack([x, y]); torch.stack([x, y], 2); torch.hstack([x, y]); torch.vstack([r, x]); torch.dstack([x, y]); torch.column_stack([r, r * 2]); torch.block_diag(x, r); torch.cartesian_prod(r, r); torch.combinations(r); torch.atleast_2d(r); torch.atleast_3d(x); torch.atleast_1d(one)
x.repeat(2, 1); r.repeat(2, 2); r.tile(2); x.repeat_interleave(2); x.repeat_interleave(2, dim=0); x.repeat_interleave(torch.tensor([1, 2]), dim=0); x.flip(0); x.fliplr(); x.flipud(); x.roll(1, 0); x.roll(2); torch.rot90(x); r.diag(); sq.diag(); r.diagflat(); torch.diag_embed(x); sq.tril(); sq.triu(1); torch.broadcast_tensors(x, r); sq.trace(); x.kron(r); torch.kron(x, c)
torch.where(m, x, y); torch.where(x > 0, x, 0.); x.where(m, y); x.masked_fill(m, 0.); x.masked_fill(m, one); x.masked_select(m); x.masked_scatter(m, y); x.gather(1, i2); x.index_select(1, i1); x.take(i2); x.take_along_dim(i2, 1); x.scatter(1, i2, y); x.scatter(1, i2, 5.); x.scatter_add(1, i2, y); x.index_add(1, i1, y); x.index_copy(1, torch.tensor([2, 0]), y[:, :2]); x.index_fill(1, i1, 3.)
x.select_scatter(r, 0, 1); x.slice_scatter(y[:, 1:], 1, 1); sq.diagonal_scatter(r); F.embedding(i2, sq); F.embedding(i2, sq, padding_idx=1); x.double(); x.half().float(); x.to(torch.float64); x.type_as(y.double()); x.contiguous(); x.bfloat16().float()
x @ sq; r @ r; sq @ r; r @ sq; b3 @ b4; b3 @ sq; sq @ b4; b3 @ r; r @ b4; torch.mm(x, sq); torch.bmm(b3, b4); torch.mv(sq, r); torch.dot(r, r); torch.outer(r, r); torch.inner(x, y); torch.tensordot(x, sq, 1); torch.tensordot(x, y, ([0, 1], [0, 1])); torch.cross(r, r * r, dim=0); torch.chain_matmul(x, sq, pd)
F.linear(x, sq); F.linear(x, sq, r); F.linear(b3, sq, r); F.linear(r, sq); torch.addmm(x, x, sq, beta=2, alpha=3); torch.addmv(r, sq, r); torch.baddbmm(b3, b3, b4); torch.addbmm(x, b3, b4); torch.addr(sq, r, r); L.multi_dot([x, sq, pd]); L.vecdot(x, y); x.t() @ y
torch.einsum('ij,jk->ik', x, sq); torch.einsum('ij->ji', x); torch.einsum('ii->i', sq); torch.einsum('ii', sq); torch.einsum('ij->', x); torch.einsum('ij,ij->i', x, y); torch.einsum('...j,jk', b3, sq); torch.einsum('i,j->ij', r, r); torch.einsum('bij,bjk->bik', b3, b4); torch.einsum('ij,jk,kl->il', x, sq, pd); torch.einsum('ij,j->ij', x, r); torch.einsum('iij->j', b4[:1].expand(3, 3, 3)); torch.einsum('ij,kj->ik', c, x)
L.inv(sq); torch.inverse(sq); L.det(sq); sq.logdet(); L.slogdet(sq); L.solve(sq, r); L.solve(sq, sq * 2 + 1); L.cholesky((pd + pd.T) / 2); torch.linalg.matrix_power(sq, 3); torch.matrix_exp(x[:, :2]); L.eigh((pd + pd.T) / 2)[0]; L.svd(x, full_matrices=False)[1]; L.qr(sq)[1].abs(); L.diagonal(sq); L.matrix_power(sq, -1)
p.digamma(); torch.polygamma(1, p); p.polygamma(2); torch.i0(x); torch.special.i0e(x); torch.special.i1(x); torch.special.i1e(x); torch.special.entr(p); torch.special.erfcx(x); torch.special.ndtr(x); torch.special.log_ndtr(x); torch.special.ndtri(p / 3); torch.special.xlog1py(x, p); torch.special.zeta(2.5, p); torch.igamma(torch.tensor(2.5, dtype=p.dtype), p); torch.igammac(torch.tensor(2.5, dtype=p.dtype), p); torch.logaddexp2(x, y); torch.ldexp(x, i1); torch.frexp(x)[0]; F.hardshrink(x); x.angle(); torch.conj(x * 2); torch.real(x * 2); p.mvlgamma(1)
F.conv1d(s1, w1); F.conv1d(s1, w1, padding=1, stride=2); F.conv1d(s1, w1, padding='same'); F.conv1d(s1, g1, groups=2, dilation=2); F.conv1d(s1[0], w1, r[:2]); F.conv2d(im, w2); F.conv2d(im, w2, padding=1, stride=2); F.conv2d(im, w2, padding='same', dilation=2); F.conv2d(im, wt, padding='same'); F.conv3d(vo, wv, padding=1); F.conv_transpose1d(s1, w1); F.conv_transpose1d(s1, w1, stride=2, padding=1, output_padding=1); F.conv_transpose1d(s1, w1[:, :1], groups=2, dilation=2); F.conv_transpose2d(im, wt, stride=2); F.conv_transpose2d(im, wt, r[:2], padding=1); F.conv_transpose3d(vo, wv)
F.unfold(im, 2, stride=2); F.unfold(im, (2, 3), padding=1, dilation=2); F.fold(im.reshape(1, 8, 4), 4, 2, stride=2); F.fold(im.reshape(1, 8, 4), 3, 2)
F.avg_pool1d(s1, 2); F.avg_pool1d(s1, 3, 2, 1, True); F.avg_pool2d(im, 2); F.avg_pool2d(im, 3, 2, 1, count_include_pad=False); F.avg_pool2d(im, 2, divisor_override=3); F.avg_pool2d(im, 3, 2, ceil_mode=True); F.avg_pool3d(vo, 2); F.adaptive_avg_pool1d(s1, 4); F.adaptive_avg_pool2d(im, 3); F.adaptive_avg_pool2d(im, 1); F.adaptive_avg_pool2d(im, (1, 3)); F.adaptive_avg_pool3d(vo, 1); F.adaptive_max_pool1d(s1, 2); F.adaptive_max_pool2d(im, 3); F.adaptive_max_pool3d(vo, 1); F.lp_pool1d(s1, 2, 3); F.lp_pool2d(im, 2, 2); F.max_pool1d(s1, 2); F.max_pool2d(im, 2); F.max_pool3d(vo, 2); F.max_unpool1d(s1[:, :, :1], torch.tensor([[[1], [0]]]), 2); F.max_unpool2d(im[:, :, :1, :1], torch.tensor([[[[3]], [[1]]]]), 2)
F.group_norm(s1, 2); F.group_norm(s1, 1, r[:2], r[1:]); torch.group_norm(im, 2); F.instance_norm(s1); F.instance_norm(im, weight=r[:2], bias=r[1:]); F.layer_norm(x, (3,), r, r); torch.native_layer_norm(x, (3,), None, None, 1e-5)[0]; F.batch_norm(x, None, None, r, r, training=True); F.rms_norm(x, (3,)); F.local_response_norm(s1, 2)
F.smooth_l1_loss(x, y); F.smooth_l1_loss(x, y, reduction='none'); F.smooth_l1_loss(x, y, beta=0.0); F.huber_loss(x, y); F.huber_loss(x, y, 'sum', 0.7); F.binary_cross_entropy(u.sigmoid(), m.to(u.dtype)); F.binary_cross_entropy_with_logits(x, m.to(x.dtype)); F.binary_cross_entropy_with_logits(x, m.to(x.dtype), pos_weight=p[0], reduction='none'); F.soft_margin_loss(x, pm); F.kl_div(x, p, reduction='batchmean'); F.kl_div(x, p); F.poisson_nll_loss(x, p); F.gaussian_nll_loss(x, y, p); F.margin_ranking_loss(x, y, pm); F.hinge_embedding_loss(x, pm); F.cosine_embedding_loss(x, y, t1 - 1); F.triplet_margin_loss(x, y, u); F.multi_margin_loss(x, t1); F.multilabel_margin_loss(x, tm); F.multilabel_margin_loss(x, tm, reduction='none'); F.multilabel_soft_margin_loss(x, m.to(x.dtype)); F.nll_loss(x, t1); F.cross_entropy(x, t1); F.cross_entropy(x, t1, label_smoothing=0.2); F.cross_entropy(x, p); F.pairwise_distance(x, y); torch.cdist(x, y); F.pdist(tall)
x.index_put((torch.tensor([0, 1]), torch.tensor([2, 0])), r[:2]); x.index_put((i1,), r, True); x.put(torch.tensor([1, 4]), r[:2]); x.put(torch.tensor([1, 1]), r[:2], True); x.scatter_reduce(1, i2, y, 'sum'); x.scatter_reduce(1, i2, y, 'prod'); x.scatter_reduce(1, i2, y, 'mean'); x.scatter_reduce(1, i2, y, 'mean', include_self=False); x.scatter_reduce(1, i2, y, 'amax'); x.scatter_reduce(1, i2, y, 'amin', include_self=False); x.index_reduce(1, i1, y, 'prod'); x.index_reduce(1, i1, y, 'mean'); x.index_reduce(1, i1, y, 'amax'); x.index_reduce(1, i1, y, 'amin', include_self=False); x.masked_scatter(m, y * 2); (x * 1).fill_diagonal_(3.)
F.pad(s1, (2, 1), 'reflect'); F.pad(s1, (2, 1), 'replicate'); F.pad(s1, (2, 1), 'circular'); F.pad(im, (1, 2, 0, 1), 'reflect'); F.pad(im, (1, 2, 0, 1), 'replicate'); F.pixel_shuffle(im.reshape(1, 8, 2, 2), 2); F.pixel_unshuffle(im, 2); F.channel_shuffle(im, 2); F.interpolate(s1, 4); F.interpolate(im, 3, mode='bilinear'); F.interpolate(im, scale_factor=2, mode='nearest'); torch.trapezoid(x); torch.trapezoid(x, y); torch.cumulative_trapezoid(x, dx=2)
L.norm(x, 'nuc'); L.norm(x, 1); L.norm(x, float('inf')); L.norm(x, 2); L.norm(r, 3); L.norm(x, dim=1); L.matrix_norm(x); L.matrix_norm(b3, 1, (0, 2)); L.matrix_norm(x, -2); torch.nuclear_norm(x); L.cond(sq); L.cond(sq, 1); L.pinv(x); L.pinv(tall); torch.pinverse(sq); L.lstsq(tall, tall[:, :1] * 2 + 1)[0]; L.svdvals(x); L.eigvalsh((pd + pd.T) / 2); L.solve_triangular(sq, x.T, upper=True); L.solve_triangular(sq, x, upper=False, left=False); L.solve_triangular(sq, x.T, upper=True, unitriangular=True); torch.triangular_solve(x.T, sq)[0]; torch.cholesky_solve(x.T, low); torch.cholesky_inverse(low); L.tensorinv(sq.reshape(3, 3), 1); L.tensorsolve(sq, r); L.vander(r); L.vander(r, N=2); L.lu(sq)[1:]; L.lu_factor(sq)[0]; torch.lu_unpack(*L.lu_factor(sq))[1:]; L.lu_solve(*L.lu_factor(sq), x.T); torch.lu_solve(x.T, *L.lu_factor(sq)); L.householder_product(tall, tau); L.solve(sq, x, left=False); L.cross(x, y); torch.renorm(x, 2, 0, 1.0); torch.cov(x); torch.corrcoef(x)
x.as_strided((2, 2), (1, 2), 1); x.t().as_strided((3, 2), (1, 3)); x[:, 1:].as_strided((2, 2), (3, 1)); r.expand(2, 3).as_strided((3,), (1,)); x.expand(2, 2, 3).as_strided((2, 3), (3, 1)); F.scaled_dot_product_attention(b3, b3 * 2, b3 + 1); F.bilinear(x, y, b4[:, :3, :3].reshape(2, 3, 3)); F.prelu(x, one * 0.2); F.softshrink(x); F.embedding_bag(i2, sq); F.grid_sample(im, torch.stack([u[:, :2], u[:, 1:]])[None], align_corners=False); F.grid_sample(im, torch.stack([u[:, :2], u[:, 1:]])[None] * 1.5, padding_mode='border', align_corners=True); F.affine_grid(x[None], (1, 1, 2, 2), align_corners=False)
"""

CODE = """
a = torch.ones(2, requires_grad=True); a += 1
a = torch.ones(2, requires_grad=True); a[0] = 1
a = torch.ones(2, requires_grad=True); a.view(2).mul_(2)
a = torch.ones(2, requires_grad=True); b = a * 1; b[0] = 5; b
a = torch.ones(2, requires_grad=True); b = a * 1; b[0] = 5; (b * b).sum().backward(); a.grad
a = torch.ones(3, requires_grad=True); b = a * 3; w = b[1:]; w *= 2; (b.sum() + w.sum()).backward(); (a.grad, w.grad_fn.name(), b.grad_fn.name())
b = torch.zeros(3); a = torch.ones(2, requires_grad=True); b[1:] = a * 2; (b * torch.arange(3.)).sum().backward(); a.grad
b = torch.zeros(3); a = torch.ones(2, requires_grad=True); b[torch.tensor([0, 2])] = a * 2; (b, (b * torch.arange(3.)).sum().backward(), a.grad)
b = torch.zeros(3); w = b[1:]; w.mul_(torch.ones(2, requires_grad=True)); (w, b, b.requires_grad)
a = torch.ones(2, requires_grad=True); b = a.exp(); b.add_(1); b.sum().backward()
a = torch.ones(2, requires_grad=True); b = a * 2; e = b.sin(); b.add_(1); e.sum().backward()
a = torch.ones(2, requires_grad=True); b = (a * 2).exp(); b.sum().backward(); b.sum().backward()
a = torch.ones(2, requires_grad=True); b = a + 2; b.sum().backward(); b.sum().backward(); a.grad
a = torch.ones(2, requires_grad=True); (a * 2).backward()
torch.ones(2).sum().backward()
a = torch.ones(2, requires_grad=True); (a * 2).backward(torch.ones(3))
a = torch.ones(2, requires_grad=True); b = a * 2; b.requires_grad_(False)
a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); torch.autograd.grad(a.sum(), b)
a = torch.ones(2, requires_grad=True); b = torch.ones(2, requires_grad=True); torch.autograd.grad(a.sum(), [a, b], allow_unused=True)
a = torch.ones(2, requires_grad=True); o = a.sigmoid(); o.data.zero_(); o.sum().backward(); a.grad
a = torch.tensor(2., requires_grad=True); d, = torch.autograd.grad(a ** 4, a, create_graph=True); e, = torch.autograd.grad(d, a, create_graph=True); torch.autograd.grad(e, a)
a = torch.ones(2, requires_grad=True); b = a.clone(); b.unbind()[0].mul_(2)
a = torch.zeros(2); s = a._version; a.add_(1); a[0] = 2; a.zero_(); a.view(2).mul_(2); a.detach().mul_(3); a._version
a = torch.ones(2, requires_grad=True); h = a.register_hook(lambda d: d * 3); a.sum().backward(); h.remove(); a.sum().backward(); a.grad
a = torch.ones(2, requires_grad=True); b = a * 2; h = b.register_hook(lambda d: d * 3); b.sum().backward(); a.grad
a = torch.ones(2, requires_grad=True); b = a * 2; b.retain_grad(); (b * b).sum().backward(); (b.grad, b.is_leaf, a.is_leaf)
a = torch.ones(2, 2, requires_grad=True); b = a.clone(); b.t_(); b.mul_(a); (b, torch.autograd.grad(weigh([b]), a))
a = torch.ones(2, requires_grad=True); b = a * 1; b.zero_(); (b, torch.autograd.grad(b.sum(), a))
a = torch.ones(3, requires_grad=True); b = a * 2; b.relu_(); b.sub_(1); b.div_(2); b.clamp_(0, 1); torch.autograd.grad(b.sum(), a)
torch.autograd.functional.jacobian(lambda q: q ** 2, r)
torch.autograd.functional.hessian(lambda q: (q ** 3).sum(), r)
torch.add(torch.ones(2, requires_grad=True), 1, out=torch.zeros(2))
torch.ones(2, requires_grad=True).numpy()
"""


def calls():
    """Every expression as a function of the names it uses."""
    floats = ["x", "y", "p", "u", "k", "t", "z", "r", "c", "one", "sq", "pd", "b3", "b4",
              "s1", "im", "w1", "w2", "wt", "g1", "vo", "wv", "tall", "low", "tau"]
    texts = [f"x.{op}()" for op in UNARY.split()] + [f"p.{op}()" for op in POSITIVE.split()]
    texts += [f"u.{op}()" for op in UNIT.split()] + ["(p + 1).acosh()"]
    texts += [f"F.{op}({name})" for op in ACTIVATIONS.split() for name in "xk"] + ["k.relu()", "k.abs()"]
    texts += [f"x.{op}()" for op in REDUCTIONS.split()]
    texts += [f"torch.{op}({a}, {b})" for op in BINARY.split() for a, b in (("x", "y"), ("x", "r"), ("c", "p"))]
    texts += [part.strip() for line in CASES.strip().splitlines() for part in line.split(";")]
    for text in texts:
        words = "".join(ch if ch.isalnum() or ch == "_" else " " for ch in text.replace("torch.", "").replace(".t()", ""))
        used = [name for name in floats if name in words.split()]
        if used:
            yield f"g(lambda {', '.join(used)}: {text}, {', '.join(used)})"
            yield f"n(lambda {', '.join(used)}: {text}, {', '.join(used)})"


def run(code):
    scope = {}
    exec(NAMES, scope)
    *before, last = code.split("; ")
    try:
        for line in before:
            exec(line, scope)
        try:
            value = eval(last, scope)
        except SyntaxError:
            exec(last, scope)
            value = None
        return {"out": "" if value is None else repr(value)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0]}"}


def record(path):
    rows = [{"setup": NAMES}]
    for code in [*calls(), *CODE.strip().splitlines()]:
        row = {"code": code, **run(code)}
        if code.startswith("n(") and row.get("out") != "(True, True)":
            continue
        if code.startswith("g(") and "error" in row:
            continue
        rows.append(row)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
