"""Functions of torch.nn.functional as PyTorch prints them: values, defaults, dtypes, strides and error sentences."""

import json
import warnings

import torch

warnings.simplefilter("ignore")

SETUP = """import torch
import torch.nn.functional as F
_ = torch.manual_seed(7)
x = torch.randn(3, 5)
y = torch.randn(3, 5)
t = torch.tensor([1, 0, 4])
p = torch.softmax(y, 1)
u = torch.rand(3, 5)
b = torch.tensor([[1., 0, 1, 1, 0], [0, 0, 1, 0, 1], [1, 1, 1, 0, 0]])
w = torch.tensor([0.5, 1., 2., 1.5, 1.])
m = torch.randn(2, 3, 4)
mt = torch.tensor([[0, 1, 2, 1], [2, 2, 0, 1]])
im = torch.randn(2, 4, 6, 5)
sig = torch.randn(2, 4, 9)
vol = torch.randn(1, 2, 4, 5, 3)
k1 = torch.randn(6, 4, 3)
k2 = torch.randn(6, 4, 3, 2)
kg = torch.randn(4, 2, 3, 3)
k3 = torch.randn(3, 2, 2, 2, 2)
b6 = torch.randn(6)
g4 = torch.randn(4)
h4 = torch.randn(4)
ints = torch.arange(6).reshape(2, 3)
"""

CASES = """
# losses over classes
F.cross_entropy(x, t); F.cross_entropy(x, t, reduction='none'); F.cross_entropy(x, t, reduction='sum'); F.cross_entropy(x, t, weight=w); F.cross_entropy(x, t, w, reduction='none')
F.cross_entropy(x, t, w, reduction='sum'); F.cross_entropy(x, t, ignore_index=0); F.cross_entropy(x, t, ignore_index=0, reduction='none'); F.cross_entropy(x, torch.tensor([-100, 2, 3]))
F.cross_entropy(x, torch.tensor([-100, -100, -100])); F.cross_entropy(x, torch.tensor([-100, -100, -100]), reduction='sum'); F.cross_entropy(x, t, label_smoothing=0.1)
F.cross_entropy(x, t, w, label_smoothing=0.2); F.cross_entropy(x, t, w, label_smoothing=0.2, reduction='none'); F.cross_entropy(x, t, label_smoothing=0.2, reduction='sum', ignore_index=4)
F.cross_entropy(x, t, w, ignore_index=1, label_smoothing=0.3); F.cross_entropy(x, p); F.cross_entropy(x, p, reduction='none'); F.cross_entropy(x, p, w); F.cross_entropy(x, p, w, reduction='sum')
F.cross_entropy(x, p, w, label_smoothing=0.1); F.cross_entropy(x, p, label_smoothing=0.1, reduction='none'); F.cross_entropy(x[0], t[0]); F.cross_entropy(x[0], p[0]); F.cross_entropy(m, mt)
F.cross_entropy(m, mt, reduction='none'); F.cross_entropy(m, mt, torch.tensor([1., 2., 3.])); F.cross_entropy(m, torch.softmax(m, 1)); F.cross_entropy(m, mt, label_smoothing=0.1, reduction='none')
F.cross_entropy(x.double(), t); F.cross_entropy(x.half(), t); F.cross_entropy(x.bfloat16(), t); F.cross_entropy(x, t.int()); F.cross_entropy(x, t.float()); F.cross_entropy(x, t[:2]); F.cross_entropy(x, torch.tensor([1, 5, 0]))
F.cross_entropy(x, torch.tensor([1, -1, 0])); F.cross_entropy(x, t, label_smoothing=1.5); F.cross_entropy(x, t, reduction='avg'); F.cross_entropy(x, t, weight=torch.ones(4)); F.cross_entropy(x, p.double()); F.cross_entropy(x, p[:2])
F.cross_entropy(torch.zeros(0, 5), torch.zeros(0, dtype=torch.int64)); F.cross_entropy(torch.zeros(0, 5), torch.zeros(0, dtype=torch.int64), reduction='sum'); F.cross_entropy(torch.arange(6).reshape(2, 3), torch.tensor([0, 1])); F.cross_entropy(x, p, ignore_index=2)
F.cross_entropy(torch.randn(2, 3, 2, 2), torch.tensor([[[0, 1], [2, 1]], [[0, 0], [1, 2]]])); F.cross_entropy(torch.randn(2, 3, 2, 2), torch.tensor([[[0, 1], [2, 1]], [[0, 0], [1, 2]]]), reduction='none'); F.cross_entropy(m, t)
F.cross_entropy(torch.tensor(1.), torch.tensor(0)); F.cross_entropy(x, t, size_average=False); F.cross_entropy(x, t, reduce=False); torch.nn.functional.cross_entropy(x, t); F.cross_entropy(input=x, target=t)
F.nll_loss(torch.log_softmax(x, 1), t); F.nll_loss(x, t, reduction='none'); F.nll_loss(x, t, w); F.nll_loss(x, t, w, reduction='none'); F.nll_loss(x, t, ignore_index=4, reduction='sum'); F.nll_loss(m, mt); F.nll_loss(m, mt, reduction='none')
F.nll_loss(x[0], t[0]); F.nll_loss(x, t[:2]); F.nll_loss(x, torch.tensor([7, 0, 0])); F.nll_loss(x, t.float()); F.nll_loss(torch.tensor(1.), torch.tensor(0)); F.nll_loss(x, t, reduction='x'); F.nll_loss(x, torch.zeros(3, 5)); F.nll_loss(m, t); F.nll_loss(x, t, torch.ones(3))
# losses of differences
F.mse_loss(x, y); F.mse_loss(x, y, reduction='sum'); F.mse_loss(x, y, reduction='none'); F.mse_loss(x, y[0]); F.mse_loss(x, y, reduction='q'); F.mse_loss(x, y[:, :2]); F.mse_loss(x, y.double()); F.mse_loss(x, t); F.mse_loss(ints, ints); F.mse_loss(x.half(), y.half())
F.mse_loss(ints, ints, reduction='none'); F.mse_loss(x, torch.ones(3, 5, dtype=torch.int64)); F.mse_loss(x, y, weight=u); F.mse_loss(x, y, weight=u, reduction='sum'); F.mse_loss(x, y, weight=u, reduction='none'); F.mse_loss(x, y, size_average=False)
F.l1_loss(x, y); F.l1_loss(x, y, reduction='sum'); F.l1_loss(x, y, reduction='none'); F.l1_loss(x, y[0]); F.l1_loss(x, y, reduction='q'); F.l1_loss(x.half(), y); F.l1_loss(ints, ints + 1, reduction='sum'); F.l1_loss(ints, ints)
F.smooth_l1_loss(x, y); F.smooth_l1_loss(x, y, beta=0.5); F.smooth_l1_loss(x, y, beta=0.); F.smooth_l1_loss(x, y, beta=-1.); F.smooth_l1_loss(x, y, reduction='none'); F.smooth_l1_loss(x, y, reduction='sum', beta=2.); F.smooth_l1_loss(x, y.double()); F.smooth_l1_loss(ints, ints)
F.huber_loss(x, y); F.huber_loss(x, y, delta=0.5); F.huber_loss(x, y, reduction='none'); F.huber_loss(x, y, delta=0.); F.huber_loss(x, y, delta=-1.); F.huber_loss(x, y, reduction='sum', delta=2.); F.huber_loss(x, y[0])
F.binary_cross_entropy(u, b); F.binary_cross_entropy(u, b, reduction='none'); F.binary_cross_entropy(u, b, weight=w); F.binary_cross_entropy(u, b, reduction='sum'); F.binary_cross_entropy(x, b); F.binary_cross_entropy(u, b[0]); F.binary_cross_entropy(u, b.long())
F.binary_cross_entropy(torch.tensor([0., 1., 0., 1.]), torch.tensor([0., 1., 1., 0.]), reduction='none'); F.binary_cross_entropy(u, b.double()); F.binary_cross_entropy(u, b, reduction='z'); F.binary_cross_entropy(u.double(), b.double()); F.binary_cross_entropy(u, b, weight=torch.ones(4))
F.binary_cross_entropy_with_logits(x, b); F.binary_cross_entropy_with_logits(x, b, reduction='none'); F.binary_cross_entropy_with_logits(x, b, pos_weight=w); F.binary_cross_entropy_with_logits(x, b, weight=w, reduction='sum'); F.binary_cross_entropy_with_logits(x, b[0])
F.binary_cross_entropy_with_logits(x * 100, b, reduction='none'); F.binary_cross_entropy_with_logits(x, b, w, pos_weight=w); F.binary_cross_entropy_with_logits(x, b.long()); F.binary_cross_entropy_with_logits(x, b, reduction='m'); F.binary_cross_entropy_with_logits(x.double(), b)
F.kl_div(torch.log_softmax(x, 1), p); F.kl_div(torch.log_softmax(x, 1), p, reduction='batchmean'); F.kl_div(torch.log_softmax(x, 1), p, reduction='sum'); F.kl_div(torch.log_softmax(x, 1), p, reduction='none'); F.kl_div(torch.log_softmax(x, 1), p.log(), log_target=True, reduction='batchmean')
F.kl_div(torch.log_softmax(x, 1), b, reduction='none'); F.kl_div(x, p, reduction='k'); F.kl_div(x, p[0]); F.kl_div(torch.log_softmax(x, 1), b, log_target=True)
F.poisson_nll_loss(x, u); F.poisson_nll_loss(u, u * 5, log_input=False); F.poisson_nll_loss(x, u * 5, full=True); F.poisson_nll_loss(x, u, reduction='none'); F.poisson_nll_loss(x, u, reduction='g'); F.gaussian_nll_loss(x, y, u); F.gaussian_nll_loss(x, y, u, full=True, reduction='sum')
F.gaussian_nll_loss(x, y, 2.0); F.gaussian_nll_loss(x, y, torch.ones(3), reduction='none'); F.gaussian_nll_loss(x, y, -u); F.gaussian_nll_loss(x, y, torch.ones(3, 2)); F.gaussian_nll_loss(x, y, u, reduction='v')
F.margin_ranking_loss(x, y, torch.sign(u - 0.5)); F.margin_ranking_loss(x, y, torch.sign(u - 0.5), margin=0.5, reduction='none'); F.margin_ranking_loss(x, y[0], torch.ones(5)); F.margin_ranking_loss(x, y, torch.ones(3)); F.hinge_embedding_loss(x, torch.sign(y)); F.hinge_embedding_loss(x, torch.sign(y), margin=0.3, reduction='none')
F.soft_margin_loss(x, torch.sign(y)); F.soft_margin_loss(x, torch.sign(y), reduction='none'); F.multi_margin_loss(x, t); F.multi_margin_loss(x, t, p=2, margin=0.5, weight=w); F.multi_margin_loss(x, t, reduction='none'); F.multi_margin_loss(x, t, p=3); F.multi_margin_loss(x[0], t[0]); F.multi_margin_loss(x, t[:2])
F.multilabel_margin_loss(x, torch.tensor([[1, 3, -1, 0, 0], [0, -1, 0, 0, 0], [4, 2, 1, 0, 3]])); F.multilabel_margin_loss(x, torch.tensor([[1, 3, -1, 0, 0], [0, -1, 0, 0, 0], [4, 2, 1, 0, 3]]), reduction='none'); F.multilabel_soft_margin_loss(x, b); F.multilabel_soft_margin_loss(x, b, weight=w, reduction='none'); F.multilabel_soft_margin_loss(x, b, reduction='sum')
F.cosine_embedding_loss(x, y, torch.tensor([1, -1, 1])); F.cosine_embedding_loss(x, y, torch.tensor([1, -1, 1]), margin=0.2, reduction='none'); F.cosine_embedding_loss(x, y, torch.ones(3, 5)); F.cosine_embedding_loss(x, y[:, :2], torch.ones(3)); F.triplet_margin_loss(x, y, u); F.triplet_margin_loss(x, y, u, margin=2., p=1, swap=True, reduction='none')
F.triplet_margin_loss(x, y, u, reduction='sum', swap=True); F.triplet_margin_loss(x, y, u[0]); F.triplet_margin_loss(x, y, u, margin=-1.); F.triplet_margin_with_distance_loss(x, y, u); F.triplet_margin_with_distance_loss(x, y, u, distance_function=lambda a, b: (a - b).abs().sum(-1), margin=0.5)
# distances
F.pairwise_distance(x, y); F.pairwise_distance(x, y, p=1); F.pairwise_distance(x, y, keepdim=True); F.pairwise_distance(x, y[0]); F.pairwise_distance(x[0], y[0], p=float('inf')); F.pairwise_distance(x, x); F.pairwise_distance(x, y, 3., 1e-3); torch.pairwise_distance(x, y); F.pairwise_distance(x, y[:, :2])
F.cosine_similarity(x, y); F.cosine_similarity(x, y, dim=0); F.cosine_similarity(x, y[0], dim=-1); F.cosine_similarity(x, y, dim=2); F.cosine_similarity(x, torch.zeros(3, 5)); F.cosine_similarity(x, y, eps=1.); F.cosine_similarity(x, y.double()); F.cosine_similarity(ints, ints); F.cosine_similarity(x[:, None], y[None], dim=2)
F.normalize(x); F.normalize(x, p=1.); F.normalize(x, dim=0); F.normalize(x, p=float('inf')); F.normalize(torch.zeros(2, 3)); F.normalize(x, dim=(0, 1)); F.normalize(x, eps=5.); F.normalize(ints); F.normalize(x, dim=2); F.pdist(x); F.pdist(x, p=1.); F.pdist(x, p=0.); F.pdist(x, p=float('inf')); F.pdist(x[0])
# linear and embeddings
F.linear(x, y); F.linear(x, y, torch.ones(3)); F.linear(x[0], y); F.linear(m, torch.ones(2, 4)); F.linear(m, torch.ones(2, 4), torch.arange(2.)); F.linear(x, y.t()); F.linear(x, y, torch.ones(2)); F.linear(x, y[0]); F.linear(x, y[0], torch.tensor(1.)); F.linear(x.double(), y); F.linear(ints, ints); F.linear(x, y, torch.ones(3).double())
F.bilinear(x, y, torch.ones(2, 5, 5)); F.bilinear(x, y, torch.ones(2, 5, 5), torch.arange(2.)); F.bilinear(x, y[:, :2], torch.ones(2, 5, 5)); F.bilinear(m, m[..., :2], torch.ones(3, 4, 2)); F.bilinear(x, y[:2], torch.ones(2, 5, 5))
F.embedding(t, torch.arange(10.).reshape(5, 2)); F.embedding(mt, torch.arange(6.).reshape(3, 2)); F.embedding(t, torch.arange(6.).reshape(3, 2)); F.embedding(t.float(), x); F.embedding(torch.tensor([-1]), x); F.embedding(torch.tensor([0, 1]), x, padding_idx=1); F.embedding(torch.tensor([0, 1]), x, padding_idx=7); F.embedding(torch.tensor([0, 1]), x[0]); F.embedding(torch.tensor([0, 1]), x.clone(), max_norm=1.)
F.one_hot(t); F.one_hot(t, 6); F.one_hot(t, 3); F.one_hot(mt).shape; F.one_hot(torch.tensor(2)); F.one_hot(t.float()); F.one_hot(torch.tensor([-1])); F.one_hot(t, num_classes=-1); F.one_hot(torch.zeros(0, dtype=torch.int64)); F.one_hot(torch.zeros(0, dtype=torch.int64), 3)
F.embedding_bag(torch.tensor([1, 2, 0, 1]), x, torch.tensor([0, 2])); F.embedding_bag(torch.tensor([[1, 2], [0, 1]]), x); F.embedding_bag(torch.tensor([[1, 2], [0, 1]]), x, mode='sum'); F.embedding_bag(torch.tensor([[1, 2], [0, 1]]), x, mode='max'); F.embedding_bag(torch.tensor([1, 2]), x); F.embedding_bag(torch.tensor([[1, 2], [0, 1]]), x, mode='sum', per_sample_weights=torch.tensor([[1., 2], [3, 4]]))
# normalisation
F.layer_norm(x, (5,)); F.layer_norm(x, (5,), torch.arange(5.), torch.ones(5)); F.layer_norm(x, [3, 5]); F.layer_norm(x, (3,)); F.layer_norm(x, (5,), torch.ones(4)); F.layer_norm(x, (5,), eps=1.); F.layer_norm(m, (4,)); F.layer_norm(m, (3, 4), torch.ones(3, 4), torch.ones(3, 4)); F.layer_norm(x, ()); F.layer_norm(x, 5); F.layer_norm(ints, (3,)); F.layer_norm(x.half(), (5,)); F.layer_norm(x.double(), (5,))
F.layer_norm(x, (5,), None, torch.ones(5)); F.layer_norm(x, (5,), torch.ones(5).double()); F.layer_norm(x.t(), (3,)); F.layer_norm(torch.zeros(2, 0), (0,)); F.layer_norm(torch.zeros(0, 3), (3,)); torch.layer_norm(x, (5,)); torch.native_layer_norm(x, (5,), None, None, 1e-5)
F.rms_norm(x, (5,)); F.rms_norm(x, (5,), torch.arange(5.)); F.rms_norm(x, (5,), eps=0.5); F.rms_norm(x, (4,)); F.rms_norm(m, (3, 4)); F.rms_norm(x.double(), (5,)); torch.rms_norm(x, (5,)); F.rms_norm(x.half(), (5,))
F.batch_norm(x, None, None, training=True); F.batch_norm(x, torch.zeros(5), torch.ones(5)); F.batch_norm(x, torch.arange(5.), torch.arange(5.) + 1, w, torch.ones(5)); F.batch_norm(x, None, None); F.batch_norm(x[:1], None, None, training=True); F.batch_norm(x, torch.zeros(4), torch.ones(4)); F.batch_norm(m, None, None, torch.ones(3), torch.zeros(3), training=True); F.batch_norm(im, None, None, g4, h4, True)
F.batch_norm(x, torch.zeros(5), torch.ones(5), eps=0.5); F.batch_norm(x.double(), torch.zeros(5).double(), torch.ones(5).double(), training=True); F.batch_norm(x, torch.zeros(5), torch.ones(5), weight=torch.ones(4)); F.batch_norm(x.half(), None, None, training=True); F.batch_norm(ints, None, None, training=True)
rm, rv = torch.zeros(5), torch.ones(5); _ = F.batch_norm(x, rm, rv, training=True); (rm, rv)|rm, rv = torch.zeros(4), torch.ones(4); _ = F.batch_norm(im, rm, rv, training=True, momentum=0.3); (rm, rv)
F.group_norm(im, 2); F.group_norm(im, 4, g4, h4); F.group_norm(im, 3); F.group_norm(x, 5); F.group_norm(im, 1, eps=0.1).abs().sum(); F.group_norm(im, 2, torch.ones(3)); F.group_norm(x[0], 1); F.group_norm(im, 0); torch.group_norm(im, 2).abs().sum()
F.instance_norm(im); F.instance_norm(im, weight=g4, bias=h4); F.instance_norm(im, torch.zeros(4), torch.ones(4), use_input_stats=False); F.instance_norm(x); F.instance_norm(m, eps=0.5); F.instance_norm(torch.zeros(2, 3, 1)); F.local_response_norm(im, 2); F.local_response_norm(im, 3, alpha=0.1, beta=0.5, k=2.); F.local_response_norm(m[0], 2); F.local_response_norm(x[0], 2)
# convolution
F.conv1d(sig, k1); F.conv1d(sig, k1, b6); F.conv1d(sig, k1, stride=2); F.conv1d(sig, k1, padding=2); F.conv1d(sig, k1, padding='same'); F.conv1d(sig, k1, padding='valid'); F.conv1d(sig, k1, dilation=3); F.conv1d(sig, torch.ones(6, 2, 3), groups=2); F.conv1d(sig, torch.ones(4, 1, 2), groups=4, padding='same'); F.conv1d(sig[0], k1); F.conv1d(sig, k1, stride=(2,), padding=(1,), dilation=(2,))
F.conv1d(sig, torch.ones(6, 3, 3)); F.conv1d(sig, torch.ones(5, 2, 3), groups=2); F.conv1d(sig, k1, groups=3); F.conv1d(sig[0, 0], k1); F.conv1d(sig, k1, stride=0); F.conv1d(sig, k1, padding=-1); F.conv1d(sig[..., :2], k1); F.conv1d(sig, k1, b6[:5]); F.conv1d(sig, k1, padding='same', stride=2); F.conv1d(sig, k1, padding='full'); F.conv1d(sig.double(), k1); F.conv1d(sig, k2); F.conv1d(sig, k1, dilation=0)
F.conv1d(sig, k1, stride=(1, 2)); F.conv1d(torch.ones(1, 4, 5, dtype=torch.int64), torch.ones(6, 4, 3, dtype=torch.int64)); F.conv1d(sig.half(), k1.half()); F.conv1d(sig.double(), k1.double()); F.conv1d(torch.zeros(0, 4, 9), k1).shape; F.conv1d(sig, k1.transpose(0, 1)[:, :4]); F.conv1d(sig, k1, groups=0); torch.conv1d(sig, k1).sum(); F.conv1d(sig, k1, b6.double())
F.conv2d(im, k2); F.conv2d(im, k2, b6); F.conv2d(im, k2, stride=2); F.conv2d(im, k2, stride=(1, 2), padding=(2, 1)); F.conv2d(im, k2, padding='same'); F.conv2d(im, k2, dilation=2); F.conv2d(im, kg, groups=2); F.conv2d(im, torch.ones(8, 1, 2, 2), groups=4).sum((2, 3)); F.conv2d(im[0], k2); F.conv2d(im, torch.ones(2, 4, 1, 1)); F.conv2d(im, k2).stride(); F.conv2d(im, k2, padding='same', dilation=2).shape
F.conv2d(im, torch.ones(6, 3, 3, 2)); F.conv2d(im, k2, groups=2); F.conv2d(im[0, 0], k2); F.conv2d(im, k1); F.conv2d(im, torch.ones(6, 4, 7, 2)); F.conv2d(im, torch.ones(6, 4, 7, 2), padding=1).shape; F.conv2d(im, k2, padding=(1, 2, 3)); F.conv2d(im.double(), k2.double()).sum(); F.conv2d(im, k2, None, 2, 1, 1, 1).sum(); F.conv2d(im.half(), k2.half()).dtype; F.conv2d(im.permute(0, 1, 3, 2), k2).sum((1, 2)); F.conv2d(im.transpose(1, 2)[:, :4], k2).sum((2, 3))
F.conv2d(torch.arange(16.).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3)); F.conv2d(torch.arange(16).reshape(1, 1, 4, 4), torch.ones(1, 1, 3, 3, dtype=torch.int64)); F.conv3d(vol, k3); F.conv3d(vol, k3, padding=1, stride=2); F.conv3d(vol, k3, torch.ones(3), dilation=(1, 2, 1)); F.conv3d(vol[0], k3).shape; F.conv3d(im, k3); F.conv3d(vol, k3, padding='same').sum()
F.conv_transpose1d(sig, torch.ones(4, 3, 2)); F.conv_transpose1d(sig, k1[:4], stride=2, padding=1, output_padding=1); F.conv_transpose1d(sig, torch.ones(4, 2, 3), groups=2, dilation=2); F.conv_transpose1d(sig, torch.ones(3, 2, 3)); F.conv_transpose2d(im, kg); F.conv_transpose2d(im, kg, torch.ones(2), stride=2, padding=1).sum((1, 2)); F.conv_transpose2d(im, kg, stride=2, output_padding=2); F.conv_transpose2d(im[0], kg).shape; F.conv_transpose2d(im, kg, stride=(2, 3), output_padding=(1, 0), dilation=2, groups=2).sum((2, 3)); F.conv_transpose3d(vol, torch.ones(2, 1, 2, 2, 2)).sum((2, 3)); F.conv_transpose2d(im, kg, b6)
F.unfold(im, 3).shape; F.unfold(im[:1, :2], (2, 3)); F.unfold(im, 2, stride=2, padding=1, dilation=2).sum(1); F.unfold(im[0], 2).shape; F.unfold(im, 9); F.unfold(x, 2); F.fold(torch.ones(1, 4, 9), (4, 4), 2); F.fold(torch.arange(72.).reshape(1, 8, 9), (4, 4), 2); F.fold(torch.ones(1, 4, 9), (4, 4), 2, padding=1, stride=2); F.fold(torch.ones(1, 5, 9), (4, 4), 2); F.fold(torch.ones(1, 4, 8), (4, 4), 2); F.fold(torch.ones(4, 9), (4, 4), 2)
# pooling
F.max_pool1d(sig, 3); F.max_pool1d(sig, 2, 1); F.max_pool1d(sig, 3, return_indices=True); F.max_pool1d(sig, 3, padding=1, ceil_mode=True); F.max_pool1d(sig[0], 2); F.max_pool1d(sig, 3, padding=2); F.max_pool1d(sig, 20); F.max_pool1d(sig, 2, dilation=3); F.max_pool1d(x[0], 2); F.max_pool1d(sig, 0); F.max_pool1d(sig, 2, stride=0); F.max_pool1d(torch.arange(8).reshape(1, 8), 2)
F.max_pool2d(im, 2); F.max_pool2d(im, 2, return_indices=True); F.max_pool2d(im, (3, 2), stride=(1, 2), padding=1); F.max_pool2d(im, 3, ceil_mode=True); F.max_pool2d(im, 2, dilation=2, return_indices=True); F.max_pool2d(im[0], 2); F.max_pool2d(im, 3, padding=2); F.max_pool2d(im, 7); F.max_pool2d(x, 2); F.max_pool2d(im, 2).stride(); F.max_pool2d(torch.arange(16).reshape(1, 4, 4), 2); F.max_pool2d(torch.tensor([[[1., float('nan')], [2., 3.]]]), 2); F.max_pool2d(im, 2, stride=[]); F.max_pool2d(im, 0); F.max_pool2d(im, 2, 0)
F.max_pool2d(im.half(), 2).dtype; F.max_pool2d(im, (2, 2, 2)); F.max_pool2d(torch.full((1, 1, 2, 2), float('-inf')), 2, return_indices=True); F.max_pool2d_with_indices(im, 3)[1]; F.max_pool3d(vol, 2); F.max_pool3d(vol, 2, return_indices=True)[1]; F.max_pool2d(im, 2, ceil_mode=True, return_indices=True)[1].shape
F.avg_pool1d(sig, 3); F.avg_pool1d(sig, 3, stride=1, padding=1); F.avg_pool1d(sig, 3, 2, 1, count_include_pad=False); F.avg_pool1d(sig, 2, ceil_mode=True); F.avg_pool1d(sig[0], 4); F.avg_pool1d(sig, 3, padding=2); F.avg_pool1d(x[0], 2); F.avg_pool2d(im, 2); F.avg_pool2d(im, 3, stride=2, padding=1); F.avg_pool2d(im, 3, 2, 1, count_include_pad=False); F.avg_pool2d(im, 2, divisor_override=3); F.avg_pool2d(im, 3, ceil_mode=True); F.avg_pool2d(im, 3, 2, 1, True, False)
F.avg_pool2d(im, 9); F.avg_pool2d(im, 2, divisor_override=0); F.avg_pool2d(torch.arange(16).reshape(1, 4, 4), 2); F.avg_pool2d(im[0], (2, 1)); F.avg_pool2d(x, 2); F.avg_pool3d(vol, 2); F.avg_pool3d(vol, 2, ceil_mode=True); F.lp_pool1d(sig.abs(), 2, 3); F.lp_pool2d(im.abs(), 2, 2); F.lp_pool2d(im, 1.5, 2, stride=1).shape
F.adaptive_avg_pool1d(sig, 4); F.adaptive_avg_pool1d(sig, 1); F.adaptive_avg_pool2d(im, (3, 2)); F.adaptive_avg_pool2d(im, 1); F.adaptive_avg_pool2d(im, (None, 2)); F.adaptive_avg_pool2d(im[0], 4); F.adaptive_avg_pool3d(vol, 2); F.adaptive_max_pool1d(sig, 4); F.adaptive_max_pool1d(sig, 2, return_indices=True); F.adaptive_max_pool2d(im, (3, 2)); F.adaptive_max_pool2d(im, 2, return_indices=True)[1]; F.adaptive_avg_pool2d(x, 2); F.adaptive_avg_pool2d(im, 7).shape; F.adaptive_avg_pool1d(x[0], 2)
F.max_unpool1d(*F.max_pool1d(sig, 2, return_indices=True), 2); F.max_unpool2d(*F.max_pool2d(im, 2, return_indices=True), 2, output_size=(6, 5)).shape
# padding and resampling
F.pad(x, (1, 2)); F.pad(x, (1, 0, 0, 1), value=9.); F.pad(x, (-1, 1)); F.pad(x, (1,)); F.pad(x, (1, 1, 1, 1, 1, 1)); F.pad(m, (1, 2), mode='reflect'); F.pad(m, (1, 2), mode='replicate'); F.pad(m, (2, 1), mode='circular'); F.pad(im, (1, 1, 2, 0), mode='reflect').sum((1, 2)); F.pad(im, (1, 1, 2, 0), mode='replicate').sum((1, 2)); F.pad(im, (1, 1, 2, 0), mode='circular').sum((1, 2))
F.pad(m, (4, 0), mode='reflect'); F.pad(m, (5, 0), mode='circular'); F.pad(m, (4, 0), mode='replicate'); F.pad(x, (1, 1), mode='reflect'); F.pad(x, (1, 1, 1, 1), mode='replicate'); F.pad(m, (1, 1), mode='edge'); F.pad(m, (1, 1), mode='reflect', value=1.); F.pad(vol, (1, 1, 1, 1, 1, 1), mode='reflect').sum((3, 4)); F.pad(ints, (1, 1), value=7); F.pad(ints, (1, 1), value=1.5); F.pad(m, (1, -1), mode='replicate'); F.pad(m, (-1, 1), mode='circular'); F.pad(m, (-9, 1))
F.pad(m[0], (1, 2), 'reflect'); F.pad(m[0], (2, 2), 'replicate'); F.pad(vol, (1, 1, 1, 1, 1, 1), mode='replicate').sum((3, 4)); F.pad(vol, (1, 1, 1, 1, 1, 1), mode='circular').sum((3, 4)); F.pad(x, ()); F.pad(x > 0, (1, 1)); F.pad(m, (1, 2), mode='reflect').stride(); F.pad(im, (1, 1), mode='reflect')
F.interpolate(sig, scale_factor=2).shape; F.interpolate(m, size=6); F.interpolate(m, scale_factor=1.5); F.interpolate(m, size=7, mode='linear'); F.interpolate(m, size=7, mode='linear', align_corners=True); F.interpolate(im, scale_factor=2).sum((2, 3)); F.interpolate(im, size=(4, 8), mode='bilinear').sum(1); F.interpolate(im, size=(4, 8), mode='bilinear', align_corners=True).sum(1); F.interpolate(im, scale_factor=(2, 1.5), mode='bilinear').sum(1); F.interpolate(im, size=3, mode='area').sum(1)
F.interpolate(im, scale_factor=0.5, mode='nearest').sum(1); F.interpolate(im, size=(4, 7), mode='nearest-exact').sum(1); F.interpolate(im, size=(9, 3), mode='bicubic').sum(1); F.interpolate(im, size=(9, 3), mode='bicubic', align_corners=True).sum(1); F.interpolate(vol, size=(2, 3, 4), mode='trilinear').sum((1, 2)); F.interpolate(vol, scale_factor=2).shape; F.interpolate(m, mode='bilinear', size=3); F.interpolate(m, size=3, scale_factor=2.); F.interpolate(m); F.interpolate(x, size=3); F.interpolate(m, size=3, align_corners=True); F.interpolate(im, size=(2, 2, 2)); F.interpolate(im, size=2, mode='quadratic'); F.interpolate(im, size=0)
F.interpolate(im, scale_factor=1.7, mode='bilinear', recompute_scale_factor=True).sum(1); F.interpolate(im, scale_factor=0.7, mode='bilinear', align_corners=False).sum(1); F.interpolate(im, size=(3, 3), mode='bilinear', antialias=True).sum(1); F.upsample(im, scale_factor=2).shape; F.upsample_nearest(m, size=5); F.interpolate(ints[None], size=5)
F.pixel_shuffle(im, 2).shape; F.pixel_shuffle(im, 2); F.pixel_unshuffle(im, 1).shape; F.pixel_unshuffle(im[..., :4], 2); F.pixel_shuffle(im, 3); F.pixel_unshuffle(im, 2); F.pixel_shuffle(im, 0); F.pixel_shuffle(x, 2); F.channel_shuffle(im, 2); F.channel_shuffle(im, 3); torch.pixel_shuffle(im, 2).shape
F.affine_grid(torch.tensor([[[1., 0, 0.2], [0, 1., -0.1]]]), (1, 1, 2, 3)); F.affine_grid(torch.tensor([[[1., 0, 0.2], [0, 1., -0.1]]]), (1, 1, 2, 3), align_corners=True); F.grid_sample(im[:1], F.affine_grid(torch.tensor([[[1., 0.3, 0.2], [0, 1.4, -0.1]]]), (1, 4, 3, 3))).sum(1); F.grid_sample(im[:1], F.affine_grid(torch.tensor([[[1., 0.3, 0.2], [0, 1.4, -0.1]]]), (1, 4, 3, 3)), mode='nearest', padding_mode='border').sum(1); F.grid_sample(im[:1], F.affine_grid(torch.tensor([[[1., 0.3, 0.2], [0, 1.4, -0.1]]]), (1, 4, 3, 3)), padding_mode='reflection', align_corners=True).sum(1)
# activations
F.softmax(x, 1); F.softmax(x, dim=0); F.log_softmax(x, -1); F.softmin(x, 1); F.softmax(ints, 0); F.softmax(ints, 0, dtype=torch.float64); F.gelu(x); F.gelu(x, approximate='tanh'); F.gelu(x, approximate='x'); F.silu(x); F.mish(x); F.hardtanh(x); F.hardtanh(x, -0.5, 0.25); F.hardtanh(x, 1., -1.); F.hardsigmoid(x); F.hardswish(x * 3); F.relu6(x * 5); F.elu(x); F.elu(x, 0.5); F.celu(x, 2.); F.selu(x); F.glu(m); F.glu(x); F.glu(m, 2); F.glu(m, 0)
F.prelu(x, torch.tensor([0.25])); F.prelu(x, w); F.prelu(x, torch.ones(3)); F.prelu(m, torch.arange(3.)); F.prelu(x[0], torch.tensor(0.1)); F.prelu(x, torch.ones(5, 1)); F.prelu(x.double(), torch.ones(1)); F.leaky_relu(x); F.leaky_relu(x, 0.2); F.logsigmoid(x); F.softplus(x); F.softplus(x, 2., 1.); F.softsign(x); F.tanhshrink(x); F.threshold(x, 0.1, 20.); F.hardshrink(x); F.hardshrink(x, 1.); F.softshrink(x); F.softshrink(x, 1.); F.softshrink(x, -1.); F.rrelu(x); F.rrelu(x, 0.5, 0.5, training=True); F.celu(x, 0.); F.relu(ints - 2)
_ = torch.manual_seed(3); F.rrelu(x, training=True)|_ = torch.manual_seed(3); F.gumbel_softmax(x)|_ = torch.manual_seed(3); F.gumbel_softmax(x, tau=0.5, hard=True)|_ = torch.manual_seed(3); F.dropout(x)|_ = torch.manual_seed(3); F.alpha_dropout(x, 0.3, True)|_ = torch.manual_seed(3); F.feature_alpha_dropout(m, 0.5, True)
F.dropout(x, training=False) is x; F.dropout(x, 2.); F.alpha_dropout(x); torch.hardshrink(x); torch.celu(x); torch.prelu(x, w); torch.softmax(x, 1); F.sigmoid(x); F.tanh(x); F.softmax(x, 2); F.softmax(torch.tensor(1.), 0); F.hardswish(ints); F.softsign(ints); F.logsigmoid(ints); F.hardsigmoid(ints); F.selu(ints); F.threshold(ints, 1, 5); F.threshold(x, 0.1, 20., True) is x
# attention
F.scaled_dot_product_attention(m, m, m); F.scaled_dot_product_attention(m, m, m, is_causal=True); F.scaled_dot_product_attention(m, m[:, :2], m[:, :2]); F.scaled_dot_product_attention(m, m, m, scale=1.); F.scaled_dot_product_attention(m, m, m, attn_mask=torch.ones(3, 3).tril().bool()); F.scaled_dot_product_attention(m, m, m, attn_mask=torch.zeros(3, 3, dtype=torch.bool)); F.scaled_dot_product_attention(m, m, m, attn_mask=torch.randn(3, 3))
F.scaled_dot_product_attention(m, m, m, attn_mask=torch.randn(3, 3), is_causal=True); F.scaled_dot_product_attention(m, m[..., :2], m); F.scaled_dot_product_attention(x[0], x[0], x[0]); F.scaled_dot_product_attention(im, im, im).sum(1); F.scaled_dot_product_attention(torch.randn(1, 4, 3, 2), torch.randn(1, 2, 3, 2), torch.randn(1, 2, 3, 2), enable_gqa=True); F.scaled_dot_product_attention(m, m.double(), m); F.scaled_dot_product_attention(m[:, :2], m, m, is_causal=True); F.scaled_dot_product_attention(m.double(), m.double(), m.double()); F.scaled_dot_product_attention(m, m, m, 0.0); F.scaled_dot_product_attention(m[0], m[0], m[0])
"""


def result(names, code):
    names = dict(names)
    *first, last = code.split("; ")
    try:
        for line in first:
            exec(line, names)
        value = eval(last, names)
        return {"out": repr(value)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def calls():
    """Each call; those that set something up first stand between bars."""
    for line in CASES.strip().splitlines():
        if not line.startswith("#"):
            yield from line.split("|") if "|" in line or line.startswith("rm") else line.split("; ")


def record(path):
    with open(path, "w") as out:
        out.write(json.dumps({"setup": SETUP}) + "\n")
        for code in calls():
            names = {}
            exec(SETUP, names)
            out.write(json.dumps({"code": code.strip()} | result(names, code.strip())) + "\n")
