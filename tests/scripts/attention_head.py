"""One head of self-attention, from a running mean in loops to scaled products with a mask; then a block that learns."""
import torch
import torch.nn as nn
from torch.nn import functional as F

torch.manual_seed(1337)
B, T, C = 2, 5, 4
x = torch.randn(B, T, C)

means = torch.zeros(B, T, C)
for b in range(B):
    for t in range(T):
        means[b, t] = x[b, :t + 1].mean(0)
print(means[0])
weights = torch.tril(torch.ones(T, T))
weights = weights / weights.sum(1, keepdim=True)
print(weights)
print(torch.allclose(weights @ x, means, atol=1e-6))
mask = torch.tril(torch.ones(T, T))
scores = torch.zeros(T, T).masked_fill(mask == 0, float('-inf'))
print(scores)
print(torch.allclose(F.softmax(scores, -1) @ x, means, atol=1e-6))


class Head(nn.Module):
    def __init__(self, width, size, context, dropout=0.0):
        super().__init__()
        self.key = nn.Linear(width, size, bias=False)
        self.query = nn.Linear(width, size, bias=False)
        self.value = nn.Linear(width, size, bias=False)
        self.register_buffer('tril', torch.tril(torch.ones(context, context)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        T = x.shape[1]
        k, q, v = self.key(x), self.query(x), self.value(x)
        w = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        w = w.masked_fill(self.tril[:T, :T] == 0, float('-inf'))
        w = F.softmax(w, dim=-1)
        self.last = w
        return self.dropout(w) @ v


head = Head(C, 3, 8)
print(head)
print(sorted(head.state_dict()))
out = head(x)
print(out.shape)
print(out[0])
print(head.last[0])
built_in = F.scaled_dot_product_attention(head.query(x), head.key(x), head.value(x), is_causal=True)
print(torch.allclose(out, built_in, atol=1e-6))
print(torch.allclose(out[:, :3], head(x[:, :3]), atol=1e-6))
out.pow(2).mean().backward()
print(head.key.weight.grad)

# Unscaled scores saturate the softmax.
q, k = torch.randn(64, 32), torch.randn(64, 32)
print(f'{(q @ k.t()).var().item():.2f} {(q @ k.t() * 32 ** -0.5).var().item():.2f}')
print(torch.softmax(torch.tensor([0.1, -0.2, 0.3, -0.2, 0.5]), -1))
print(torch.softmax(torch.tensor([0.1, -0.2, 0.3, -0.2, 0.5]) * 8, -1))


class Block(nn.Module):
    def __init__(self, vocabulary, width, context):
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.place = nn.Embedding(context, width)
        self.heads = nn.ModuleList([Head(width, width // 2, context) for _ in range(2)])
        self.norm = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.out = nn.Linear(width, vocabulary)

    def forward(self, tokens, targets=None):
        T = tokens.shape[1]
        x = self.token(tokens) + self.place(torch.arange(T))
        x = x + torch.cat([head(self.norm(x)) for head in self.heads], dim=-1)
        x = x + self.feed(x)
        logits = self.out(x)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


torch.manual_seed(0)
text = 'abcdabdcabcdabdcabcd'
letters = sorted(set(text))
data = torch.tensor([letters.index(c) for c in text])
tokens = torch.stack([data[i:i + 8] for i in range(0, 8, 2)])
targets = torch.stack([data[i + 1:i + 9] for i in range(0, 8, 2)])
block = Block(len(letters), 8, 8)
print(sum(p.numel() for p in block.parameters()), 'parameters')
optimizer = torch.optim.AdamW(block.parameters(), lr=0.02)
for step in range(31):
    logits, loss = block(tokens, targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f'{loss.item():.3f}')
block.eval()
with torch.no_grad():
    logits, _ = block(tokens[:1])
    print(''.join(letters[i] for i in logits[0].argmax(-1).tolist()))
