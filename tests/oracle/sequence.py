"""Recurrent modules, attention and transformers as PyTorch has them, with what is in torch.nn.utils."""

import json

from network import NAMES, run

CASES = [
    "nn.RNN(4, 3), nn.LSTM(4, 3, 2, bias=False, batch_first=True, dropout=0.3, bidirectional=True), nn.GRU(4, 3)",
    "nn.LSTM(4, 3, proj_size=2), nn.RNN(4, 3, nonlinearity='relu'), nn.RNN(4, 3, 2, 'relu', False)",
    "nn.RNNCell(4, 3), nn.RNNCell(4, 3, nonlinearity='relu'), nn.LSTMCell(4, 3, False), nn.GRUCell(4, 3)",
    "nn.MultiheadAttention(4, 2), nn.MultiheadAttention(4, 2, bias=False, kdim=3, vdim=5)",
    "nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, activation=nn.GELU(), batch_first=True), 2, "
    "nn.LayerNorm(4))",
    "nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, 0.2, bias=False), 2)",
    "nn.Transformer(4, 2, 1, 1, 8, batch_first=True)",
    "[(n, tuple(p.shape)) for n, p in nn.LSTM(4, 3, 2, bidirectional=True, proj_size=2).named_parameters()]",
    "[(n, tuple(p.shape)) for n, p in nn.GRU(4, 3, 2, bias=False).named_parameters()]",
    "[[tuple(w.shape) for w in ws] for ws in nn.RNN(4, 3, 2, bidirectional=True).all_weights]",
    "[(n, tuple(p.shape)) for n, p in nn.MultiheadAttention(4, 2, add_bias_kv=True).named_parameters()]",
    "[(n, tuple(p.shape)) for n, p in nn.MultiheadAttention(4, 2, kdim=3, vdim=5).named_parameters()]",
    "[w.detach() for w in seeded(lambda: nn.LSTM(2, 1)).parameters()]",
    "seeded(lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True)).in_proj_weight.detach()[:4]",
    "[w.detach() for w in seeded(lambda: nn.MultiheadAttention(2, 1, kdim=3, vdim=1, add_bias_kv=True)).parameters()]",
    "[w.detach().sum((0, 1)) for w in seeded(lambda: nn.Transformer(4, 2, 1, 1, 3)).parameters() if w.dim() > 1]",
    "slopes(lambda: nn.RNN(4, 3), x3)",
    "slopes(lambda: nn.RNN(4, 2, nonlinearity='relu', bias=False, batch_first=True), x3)",
    "slopes(lambda: nn.RNN(4, 2, 2, bidirectional=True), x4)",
    "slopes(lambda: nn.LSTM(4, 2), x3)",
    "slopes(lambda: nn.LSTM(4, 3, 2, batch_first=True, proj_size=2, bidirectional=True), x3, train=False)[0]",
    "slopes(lambda: nn.GRU(4, 2, 2, batch_first=True, bidirectional=True), x3)[1][:3]",
    "slopes(lambda: nn.GRU(4, 2, bias=False), x4)",
    "slopes(lambda: nn.LSTM(4, 2, 3, dropout=0.5), x3)[0]",
    "slopes(lambda: nn.GRU(4, 2, 2, dropout=0.9), x3, train=False)[0]",
    "slopes(lambda: nn.GRU(4, 2, 2), x4, torch.ones(2, 2))[1][:2]",
    "slopes(lambda: nn.RNNCell(4, 2), x4)",
    "slopes(lambda: nn.LSTMCell(4, 2), x4)",
    "slopes(lambda: nn.GRUCell(4, 2), x4, torch.ones(5, 2))",
    "m = seeded(lambda: nn.LSTM(4, 2, 2)); "
    "[v.detach() for v in m(x3, (torch.ones(2, 3, 2), torch.zeros(2, 3, 2)))[1]]",
    "m = seeded(lambda: nn.LSTM(4, 2, bidirectional=True)); [v.detach() for v in m(x4)[1]]",
    "m = seeded(lambda: nn.LSTM(4, 3, proj_size=2)); [tuple(v.shape) for v in m(x3)[1]]",
    "m = seeded(lambda: nn.LSTMCell(4, 2)); [v.detach() for v in m(x4[0], m(x4[1]))]",
    "slopes(lambda: nn.MultiheadAttention(4, 2), x3, x3, x3)",
    "slopes(lambda: nn.MultiheadAttention(4, 1, bias=False, batch_first=True), x3, x3 * 2, x3 * 2)",
    "slopes(lambda: nn.MultiheadAttention(4, 2, kdim=3, vdim=5), x4, torch.ones(2, 3), yr[:2, :1] * torch.ones(5))",
    "slopes(lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True), x3, x3, x3)[1][3:6]",
    "slopes(lambda: nn.MultiheadAttention(4, 2, dropout=0.5), x4, x4, x4)[0]",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2)); [v.detach() for v in m(x3, x3, x3)]",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2)); m(x3, x3, x3, average_attn_weights=False)[1].detach()",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2, batch_first=True)); m(x3, x3, x3, need_weights=False)[1] is None",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2)); mask = torch.ones(5, 5).triu(1) > 0; "
    "[v.detach() for v in m(x4, x4, x4, attn_mask=mask)]",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2)); mask = nn.Transformer.generate_square_subsequent_mask(5); "
    "m(x4, x4, x4, attn_mask=mask, is_causal=True, need_weights=False)[0].detach()",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2, batch_first=True)); "
    "pad = torch.tensor([[False, False, True], [False, True, True]]); "
    "[v.detach() for v in m(x3, x3, x3, key_padding_mask=pad)]",
    "m = seeded(lambda: nn.MultiheadAttention(4, 2, batch_first=True)); "
    "pad = torch.tensor([[0., 0.5, -1.], [0., 1., 0.]]); "
    "m(x3, x3, x3, key_padding_mask=pad, attn_mask=torch.arange(36.).view(4, 3, 3) / 9)[1].detach()",
    "slopes(lambda: nn.TransformerEncoderLayer(4, 2, 3, 0.0), x3)[1][:5]",
    "slopes(lambda: nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), x3)[0]",
    "slopes(lambda: nn.TransformerEncoderLayer(4, 2, 8, activation='gelu', norm_first=True), x4, train=False)[0]",
    "slopes(lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, bias=False, batch_first=True), 2, "
    "nn.LayerNorm(4)), x3, train=False)[0]",
    "m = seeded(lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2)); "
    "m(x3, nn.Transformer.generate_square_subsequent_mask(2)).detach()",
    "m = seeded(lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2).eval()); "
    "pad = torch.tensor([[False, False, True], [False, True, True]]); m(x3, src_key_padding_mask=pad).detach()",
    "m = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2); "
    "m.layers[0].linear1.weight is m.layers[1].linear1.weight, torch.equal(m.layers[0].linear1.weight, "
    "m.layers[1].linear1.weight), len(list(m.parameters()))",
    "slopes(lambda: nn.TransformerDecoderLayer(4, 2, 3, 0.0), x3, x3 * 2)[1][:3]",
    "slopes(lambda: nn.TransformerDecoderLayer(4, 2, 8, norm_first=True, activation=torch.tanh), x4, x4[:2])[0]",
    "m = seeded(lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, 0.0), 2, nn.LayerNorm(4))); "
    "m(x3, x3 + 1, tgt_mask=nn.Transformer.generate_square_subsequent_mask(2), tgt_is_causal=True).detach()",
    "slopes(lambda: nn.Transformer(4, 2, 1, 1, 8), x3, x3)[0]",
    "slopes(lambda: nn.Transformer(4, 2, 2, 2, 8, batch_first=True, norm_first=True), x3, x3 * 2, train=False)[0]",
    "m = seeded(lambda: nn.GRU(4, 3)); opt = torch.optim.SGD(m.parameters(), lr=0.5); "
    "steps = [[(m(x3)[0] ** 2).sum().backward(), opt.step(), opt.zero_grad()] for _ in range(5)]; "
    "(m(x3)[0] ** 2).sum().detach(), m.weight_hh_l0.detach()[0]",
    "m = seeded(lambda: nn.LSTM(4, 3, 2, bidirectional=True)); opt = torch.optim.Adam(m.parameters(), lr=0.05); "
    "steps = [[(m(x3)[0] - 1).abs().sum().backward(), opt.step(), opt.zero_grad()] for _ in range(5)]; "
    "(m(x3)[0] - 1).abs().sum().detach()",
    "m = seeded(lambda: nn.TransformerEncoderLayer(4, 2, 8)); opt = torch.optim.SGD(m.parameters(), lr=0.05); "
    "steps = [[(m(x3) - 1).abs().sum().backward(), opt.step(), opt.zero_grad()] for _ in range(5)]; "
    "(m.eval()(x3) - 1).abs().sum().detach()",
]

ERRORS = [
    "nn.LSTM(4, 0)",
    "nn.GRU(4, 3.0)",
    "nn.RNN(4, 3, num_layers=0)",
    "nn.RNN(4, 3, dropout=1.5)",
    "nn.GRU(4, 3, proj_size=2)",
    "nn.LSTM(4, 3, proj_size=3)",
    "nn.RNN(4, 3, nonlinearity='x')",
    "nn.RNN(4, 3)(torch.ones(4))",
    "nn.GRU(4, 3)(torch.ones(1, 2, 3, 4))",
    "nn.LSTM(4, 3)(torch.ones(5, 2, 3))",
    "nn.LSTM(4, 3)(x3.double())",
    "nn.GRU(4, 3)(torch.ones(0, 2, 4))",
    "nn.GRU(4, 3)(x3, torch.ones(1, 2, 3))",
    "nn.RNN(4, 3)(x3, torch.ones(1, 3))",
    "nn.RNN(4, 3)(x4, torch.ones(1, 1, 3))",
    "nn.LSTM(4, 3)(x3, (torch.ones(1, 3, 3), torch.ones(1, 2, 3)))",
    "nn.LSTM(4, 3)(x4, (torch.ones(1, 3), torch.ones(1, 1, 3)))",
    "nn.GRUCell(4, 3)(x3)",
    "nn.GRUCell(4, 3)(torch.ones(2, 3))",
    "nn.RNNCell(4, 3)(x4, torch.ones(2, 3))",
    "nn.LSTMCell(4, 3)(x4, (torch.ones(5, 3), torch.ones(5, 2)))",
    "nn.LSTMCell(4, 3)(x4, torch.ones(5, 3))",
    "nn.MultiheadAttention(5, 2)",
    "nn.MultiheadAttention(4, 0)",
    "nn.MultiheadAttention(4, 2)(x4[0], x4[0], x4[0])",
    "nn.MultiheadAttention(4, 2)(x4, x3, x3)",
    "nn.MultiheadAttention(4, 2)(yr, yr, yr)",
    "nn.MultiheadAttention(4, 2)(x4, x4, x4[:2])",
    "nn.MultiheadAttention(4, 2)(x3, x3[:, :2], x3[:, :2])",
    "nn.MultiheadAttention(4, 2)(x3, x3, x3, torch.ones(2, 3))",
    "nn.MultiheadAttention(4, 2)(x3, x3, x3, torch.ones(3))",
    "nn.MultiheadAttention(4, 2)(x3, x3, x3, attn_mask=torch.ones(3, 3))",
    "nn.MultiheadAttention(4, 2)(x3, x3, x3, attn_mask=torch.ones(3, 2, 2))",
    "nn.MultiheadAttention(4, 2)(x3, x3, x3, attn_mask=torch.ones(2, 2).int())",
    "nn.MultiheadAttention(4, 2)(x3, x3, x3, is_causal=True)",
    "nn.TransformerEncoderLayer(4, 2, activation='tanh')",
    "nn.TransformerEncoderLayer(4, 2, 8)(x3, torch.ones(2, 2).int())",
    "nn.Transformer(4, 2, 1, 1, 8)(x3, x3[:, :2])",
    "nn.Transformer(4, 2, 1, 1, 8)(torch.ones(2, 3, 5), x3)",
]

UTILS = [
    "m = seeded(lambda: nn.Linear(4, 3)); v = (m(x4) ** 2).sum().backward(); n = nn.utils.clip_grad_norm_(m.parameters(), 1.0); "
    "n, m.weight.grad, m.bias.grad",
    "m = seeded(lambda: nn.Linear(4, 3)); v = m(x4).sum().backward(); nn.utils.clip_grad_norm_(m.parameters(), 0.5, 'inf'), m.bias.grad",
    "m = seeded(lambda: nn.Linear(4, 3)); v = m(x4).sum().backward(); nn.utils.clip_grad_norm_(m.parameters(), 100, 1), m.bias.grad",
    "nn.utils.clip_grad_norm_(seeded(lambda: nn.Linear(4, 3)).parameters(), 1.0)",
    "m = seeded(lambda: nn.Linear(4, 3)); v = (m(x4) * float('inf')).sum().backward(); "
    "nn.utils.clip_grad_norm_(m.parameters(), 1.0, error_if_nonfinite=True)",
    "m = seeded(lambda: nn.Linear(4, 3)); v = (m(x4) ** 2).sum().backward(); n = nn.utils.clip_grad_value_(m.parameters(), 0.5); m.weight.grad",
    "v = nn.utils.parameters_to_vector(seeded(lambda: nn.Linear(2, 2)).parameters()); v.shape, v",
    "m = seeded(lambda: nn.Linear(2, 2)); n = nn.utils.vector_to_parameters(torch.arange(6.), m.parameters()); m.weight, m.bias",
    "nn.utils.rnn.pad_sequence([torch.ones(2, 2), torch.zeros(3, 2)])",
    "nn.utils.rnn.pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], batch_first=True, padding_value=-1)",
    "nn.utils.rnn.pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], True, padding_side='left')",
    "nn.utils.rnn.unpad_sequence(torch.arange(6.).reshape(3, 2), torch.tensor([2, 3]))",
    "nn.utils.rnn.pad_sequence([])",
]

COPIES = [
    "import copy; m = seeded(Net); n = copy.deepcopy(m); n, n is m, n.fc1.weight is m.fc1.weight, torch.equal(n.fc1.weight, m.fc1.weight)",
    "import copy; m = seeded(Net); n = copy.deepcopy(m); v = m(x4).sum().backward(); n.fc1.weight.grad, type(n.fc1.weight), n.scale",
    "import copy; m = seeded(lambda: nn.Linear(2, 2)); v = m(x4[:, :2]).sum().backward(); copy.deepcopy(m).bias.grad",
    "import copy; m = nn.Linear(2, 2); n = copy.copy(m); n is m, n.weight is m.weight",
    "import copy; a = torch.arange(6.); x, y = copy.deepcopy([a, a[2:4]]); x[2] = 9.; y, y.storage_offset()",
    "import copy; copy.deepcopy(torch.arange(6.).reshape(2, 3).t()).stride()",
    "import copy; copy.deepcopy(yr.requires_grad_() * 2)",
    "import copy; x = copy.copy(yr.requires_grad_() * 2); x.grad_fn, x.is_leaf",
    "import copy; o = torch.optim.SGD(seeded(Net).parameters(), lr=0.1); copy.deepcopy(o.state_dict())",
]

ATTENTION = [
    "q = x3[None].clone().requires_grad_(); v = torch.manual_seed(0); y = F.scaled_dot_product_attention(q, q, q, dropout_p=0.5); "
    "v = y.sum().backward(); y.detach(), q.grad, torch.rand(1)",
    "q = x3[None].clone().requires_grad_(); m = torch.full((3, 3), float('-inf')); m[0, 0] = 0.; "
    "y = F.scaled_dot_product_attention(q, q, q, m); v = y.sum().backward(); y, q.grad",
    "q = x3.clone().requires_grad_(); v = torch.manual_seed(0); y = F.dropout(q.transpose(0, 1), 0.5); v = y.sum().backward(); y, q.grad",
]


def record(path):
    cases = CASES + ERRORS + UTILS + COPIES + ATTENTION
    rows = [{"setup": NAMES}] + [{"code": code, **run(code)} for code in cases]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(f"{len(rows) - 1} calls, {sum('error' in row for row in rows)} errors")
