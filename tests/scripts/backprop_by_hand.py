"""The backward pass of a small network of characters, step by step by hand, against autograd."""
import torch
import torch.nn.functional as F

words = ['anna', 'ella', 'lena', 'nela', 'lane', 'alan', 'elena', 'hanna', 'helena', 'johan', 'hanno', 'noel']
letters = ['.'] + sorted(set(''.join(words)))
number = {c: i for i, c in enumerate(letters)}
vocabulary, context, width, hidden, n = len(letters), 3, 4, 12, 16
print(''.join(letters), vocabulary)


def dataset(words):
    X, Y = [], []
    for word in words:
        window = [0] * context
        for c in word + '.':
            X.append(window)
            Y.append(number[c])
            window = window[1:] + [number[c]]
    return torch.tensor(X), torch.tensor(Y)


X, Y = dataset(words)
print(X.shape, Y.shape, X[:3].tolist(), Y[:3].tolist())

g = torch.Generator().manual_seed(2147483647)
C = torch.randn((vocabulary, width), generator=g)
W1 = torch.randn((width * context, hidden), generator=g) * (5 / 3) / (width * context) ** 0.5
b1 = torch.randn(hidden, generator=g) * 0.1
W2 = torch.randn((hidden, vocabulary), generator=g) * 0.1
b2 = torch.randn(vocabulary, generator=g) * 0.1
bngain = torch.randn((1, hidden), generator=g) * 0.1 + 1.0
bnbias = torch.randn((1, hidden), generator=g) * 0.1
parameters = [C, W1, b1, W2, b2, bngain, bnbias]
for p in parameters:
    p.requires_grad = True
print(sum(p.nelement() for p in parameters))
ix = torch.randint(0, X.shape[0], (n,), generator=g)
Xb, Yb = X[ix], Y[ix]
print(ix)

emb = C[Xb]
embcat = emb.view(emb.shape[0], -1)
hprebn = embcat @ W1 + b1
bnmeani = 1 / n * hprebn.sum(0, keepdim=True)
bndiff = hprebn - bnmeani
bndiff2 = bndiff ** 2
bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdim=True)
bnvar_inv = (bnvar + 1e-5) ** -0.5
bnraw = bndiff * bnvar_inv
hpreact = bngain * bnraw + bnbias
h = torch.tanh(hpreact)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdim=True)
counts_sum_inv = counts_sum ** -1
probs = counts * counts_sum_inv
logprobs = probs.log()
loss = -logprobs[range(n), Yb].mean()
steps = [logprobs, probs, counts, counts_sum, counts_sum_inv, norm_logits, logit_maxes, logits, h, hpreact, bnraw,
         bnvar_inv, bnvar, bndiff2, bndiff, hprebn, bnmeani, embcat, emb]
for t in steps:
    t.retain_grad()
loss.backward()
print(f'{loss.item():.4f}')


def compare(name, found, tensor):
    close = torch.allclose(found, tensor.grad, atol=1e-6, rtol=1e-4)
    print(f'{name:15s} {tuple(found.shape)} close: {close}')


with torch.no_grad():
    dlogprobs = torch.zeros_like(logprobs)
    dlogprobs[range(n), Yb] = -1.0 / n
    dprobs = (1.0 / probs) * dlogprobs
    dcounts_sum_inv = (counts * dprobs).sum(1, keepdim=True)
    dcounts = counts_sum_inv * dprobs
    dcounts_sum = (-counts_sum ** -2) * dcounts_sum_inv
    dcounts += torch.ones_like(counts) * dcounts_sum
    dnorm_logits = counts * dcounts
    dlogits = dnorm_logits.clone()
    dlogit_maxes = (-dnorm_logits).sum(1, keepdim=True)
    dlogits += F.one_hot(logits.max(1).indices, num_classes=logits.shape[1]) * dlogit_maxes
    dh = dlogits @ W2.T
    dW2 = h.T @ dlogits
    db2 = dlogits.sum(0)
    dhpreact = (1.0 - h ** 2) * dh
    dbngain = (bnraw * dhpreact).sum(0, keepdim=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdim=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdim=True)
    dbnvar = (-0.5 * (bnvar + 1e-5) ** -1.5) * dbnvar_inv
    dbndiff2 = (1.0 / (n - 1)) * torch.ones_like(bndiff2) * dbnvar
    dbndiff += (2 * bndiff) * dbndiff2
    dhprebn = dbndiff.clone()
    dbnmeani = (-dbndiff).sum(0, keepdim=True)
    dhprebn += 1.0 / n * (torch.ones_like(hprebn) * dbnmeani)
    dembcat = dhprebn @ W1.T
    dW1 = embcat.T @ dhprebn
    db1 = dhprebn.sum(0)
    demb = dembcat.view(emb.shape)
    dC = torch.zeros_like(C)
    for k in range(Xb.shape[0]):
        for j in range(Xb.shape[1]):
            dC[Xb[k, j]] += demb[k, j]

compare('logprobs', dlogprobs, logprobs)
compare('probs', dprobs, probs)
compare('counts_sum_inv', dcounts_sum_inv, counts_sum_inv)
compare('counts_sum', dcounts_sum, counts_sum)
compare('counts', dcounts, counts)
compare('norm_logits', dnorm_logits, norm_logits)
compare('logit_maxes', dlogit_maxes, logit_maxes)
compare('logits', dlogits, logits)
compare('h', dh, h)
compare('W2', dW2, W2)
compare('b2', db2, b2)
compare('hpreact', dhpreact, hpreact)
compare('bngain', dbngain, bngain)
compare('bnbias', dbnbias, bnbias)
compare('bnraw', dbnraw, bnraw)
compare('bnvar_inv', dbnvar_inv, bnvar_inv)
compare('bnvar', dbnvar, bnvar)
compare('bndiff2', dbndiff2, bndiff2)
compare('bndiff', dbndiff, bndiff)
compare('bnmeani', dbnmeani, bnmeani)
compare('hprebn', dhprebn, hprebn)
compare('embcat', dembcat, embcat)
compare('W1', dW1, W1)
compare('b1', db1, b1)
compare('emb', demb, emb)
compare('C', dC, C)

# The whole of cross entropy in one step, and the whole of the normalisation.
fast = F.softmax(logits, 1)
fast[range(n), Yb] -= 1
fast /= n
compare('logits', fast, logits)
quick = bngain * bnvar_inv / n * (n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0))
compare('hprebn', quick, hprebn)

# Training with the gradients by hand.
for step in range(101):
    batch = torch.randint(0, X.shape[0], (n,), generator=g)
    Xb, Yb = X[batch], Y[batch]
    with torch.no_grad():
        embcat = C[Xb].view(n, -1)
        hprebn = embcat @ W1 + b1
        mean, var = hprebn.mean(0, keepdim=True), hprebn.var(0, keepdim=True, unbiased=True)
        bnvar_inv = (var + 1e-5) ** -0.5
        bnraw = (hprebn - mean) * bnvar_inv
        h = torch.tanh(bngain * bnraw + bnbias)
        logits = h @ W2 + b2
        loss = F.cross_entropy(logits, Yb)
        dlogits = F.softmax(logits, 1)
        dlogits[range(n), Yb] -= 1
        dlogits /= n
        dh = dlogits @ W2.T
        dpre = (1.0 - h ** 2) * dh
        dhprebn = bngain * bnvar_inv / n * (n * dpre - dpre.sum(0) - n / (n - 1) * bnraw * (dpre * bnraw).sum(0))
        demb = (dhprebn @ W1.T).view(n, context, width)
        dC = torch.zeros_like(C).index_put_((Xb.reshape(-1),), demb.reshape(-1, width), accumulate=True)
        grads = [dC, embcat.T @ dhprebn, dhprebn.sum(0), h.T @ dlogits, dlogits.sum(0),
                 (bnraw * dpre).sum(0, keepdim=True), dpre.sum(0, keepdim=True)]
        for p, grad in zip(parameters, grads):
            p.data += -0.1 * grad
    if step % 50 == 0:
        print(step, f'{loss.item():.3f}')
