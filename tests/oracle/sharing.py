"""Records what shares memory with what: for each call whether it gives a view, a copy or the tensor itself, found out by
writing to what it gives and to what it was called on, and looking at the other.

A call is on `x`; `record` writes the statement that makes `x`, the call, what it gives (`view`, `copy` or `itself`), `x` after
`y[...] = 99`, and `y` after `x[...] = 55`. Of several results the last is written to.
"""

import json
import warnings

import numpy
import torch

warnings.simplefilter("ignore")

MATRIX = "torch.arange(12.0).reshape(3, 4)"
TURNED = "torch.arange(12.0).reshape(4, 3).t()"
BLOCK = "torch.arange(24.0).reshape(2, 3, 4)"
VECTOR = "torch.arange(6.0)"
SQUARE = "torch.arange(9.0).reshape(3, 3)"
ONE = "torch.arange(3.0).reshape(1, 3, 1)"
INTS = "torch.arange(6).reshape(2, 3)"
SCALAR = "torch.tensor(3.0)"
ARRAY = "np.arange(6.0).reshape(2, 3)"

CALLS = {
    MATRIX: """
        x[1]; x[-1]; x[1, 2]; x[0:2]; x[:, 1]; x[:, ::2]; x[..., 1:3]; x[None]; x[:, None]; x[...]; x[()];
        x[[0, 2]]; x[torch.tensor([0, 2])]; x[x > 5]; x[torch.tensor(1)]; x[[True, False, True]]; x[:, [1, 1]]; x[True]
        x.t(); x.T; x.mT; x.H; x.mH; x.transpose(0, 1); x.swapaxes(0, 1); x.swapdims(0, 1); x.permute(1, 0); x.movedim(0, 1); x.moveaxis(0, 1)
        torch.transpose(x, 0, 1); torch.permute(x, (1, 0)); torch.adjoint(x); x.adjoint(); torch.t(x)
        x.view(2, 6); x.view(-1); x.view_as(torch.zeros(4, 3)); x.view(torch.int32); x.reshape(6, 2); x.reshape(3, 4); x.reshape_as(torch.zeros(2, 6)); torch.reshape(x, (-1,))
        x.flatten(); x.flatten(0, 1); x.ravel(); torch.ravel(x); x.unflatten(1, (2, 2)); x.squeeze(); x.unsqueeze(0); x.squeeze(0); torch.unsqueeze(x, 1)
        x.narrow(0, 1, 2); x.select(0, 1); x.diagonal(); torch.diagonal(x, 1); torch.diag(x); x.diag(); x.unfold(1, 2, 1); x.as_strided((2, 2), (4, 1)); x.as_strided((2,), (1,), 3)
        x.split(2); torch.split(x, [1, 2]); x.chunk(2); x.tensor_split(2); x.unbind(); torch.unbind(x, 1); x.hsplit(2); x.vsplit(3); x.split_with_sizes([1, 2])
        x.expand(3, 4); x.expand(2, 3, 4); x.expand_as(torch.zeros(2, 3, 4)); x.broadcast_to((2, 3, 4)); torch.broadcast_to(x, (3, 4)); torch.broadcast_tensors(x, torch.zeros(1, 4)); torch.broadcast_tensors(torch.zeros(1, 4), x)
        torch.meshgrid(x[0], x[1], indexing='ij'); torch.atleast_1d(x); torch.atleast_2d(x); torch.atleast_3d(x); x.detach(); x.data; x.real; x.conj(); x.resolve_conj(); x.resolve_neg(); x.positive(); +x
        x.clone(); x.contiguous(); x.to(torch.float32); x.to(torch.float64); x.to('cpu'); x.cpu(); x.float(); x.double(); x.type(torch.float32); x.type_as(x); torch.as_tensor(x); torch.asarray(x); torch.tensor(x); torch.Tensor(x)
        x.to(torch.float32, copy=True); torch.as_tensor(x, dtype=torch.float64); torch.asarray(x, copy=True); x.requires_grad_(False); x.view_as(x)
        x.numpy(); x.detach().numpy(); x.__array__(); torch.from_numpy(x.numpy()); np.asarray(x); np.array(x)
        x + 0; x.abs(); x.relu(); x.clamp(min=-1); torch.squeeze(x); x.repeat(1, 1); x.tile((1, 1)); x.flip(0); x.fliplr(); x.flipud(); x.roll(1); x.rot90(2); x.repeat_interleave(1)
        x.tril(5); x.triu(-5); x.index_select(0, torch.tensor([0])); x.masked_select(x > 0); x.take(torch.tensor([0])); x.gather(1, torch.zeros(3, 1, dtype=torch.int64)); x.nonzero(); x.sort().values; x.cumsum(0)
        torch.cat([x]); torch.stack([x]); torch.hstack([x]); torch.vstack([x]); torch.concat([x]); torch.block_diag(x); torch.diag_embed(x); torch.where(x > 0, x, x); torch.zeros_like(x); x.new_zeros(3, 4)
        torch.einsum('ij->ji', x); torch.einsum('ij->ij', x); torch.einsum('ij->i', x); x @ torch.eye(4); x.sum(0); x.sum(()); x.mean(0); x.max(0).values; x.select_scatter(torch.zeros(4), 0, 0); x.slice_scatter(x[:1], 0, 0, 1)
        x.add_(0); x.zero_(); x.t_(); x.unsqueeze_(0); x.squeeze_(); x.resize_(3, 4); x.copy_(x); x.set_(x); torch.relu_(x); x.transpose_(0, 1)
        F.relu(x); F.relu(x, inplace=True); F.dropout(x, 0.0); F.dropout(x, 0.5, training=False); F.pad(x, (0, 0)); F.threshold(x, 0.0, 0.0, True); nn.Identity()(x); nn.Flatten()(x); nn.ReLU(inplace=True)(x); nn.Parameter(x)
        torch.movedim(x, 0, 1); torch.swapaxes(x, 0, 1); torch.narrow(x, 0, 0, 1); torch.select(x, 0, 0); torch.flatten(x); torch.chunk(x, 2); torch.tensor_split(x, 2); torch.unflatten(x, 0, (1, 3)); torch.select_copy(x, 0, 0); torch.view_copy(x, (12,))
        torch.t_copy(x); torch.transpose_copy(x, 0, 1); torch.permute_copy(x, (1, 0)); torch.expand_copy(x, (3, 4)); torch.unsqueeze_copy(x, 0); torch.squeeze_copy(x); torch.slice_copy(x, 0, 0, 2); torch.split_copy(x, 2); torch.unbind_copy(x); torch.narrow_copy(x, 0, 0, 1)
        torch.diagonal_copy(x); torch.detach_copy(x); torch.alias_copy(x); torch.unfold_copy(x, 1, 2, 1); torch.as_strided_copy(x, (2,), (1,))
    """,
    TURNED: """
        x.reshape(-1); x.flatten(); x.ravel(); x.contiguous(); x.clone(); x.reshape(3, 4); x.reshape(3, 2, 2); x.view(3, 1, 4); x.t(); x.unflatten(0, (1, 3)); x.numpy(); x.to(torch.float32)
        F.relu(x); x[:, 1]; x.unsqueeze(0); torch.broadcast_to(x, (2, 3, 4)); x.view(torch.int32); nn.Flatten(0)(x)
    """,
    BLOCK: """
        x[0]; x[:, 1]; x[..., 0]; x[0, :, 1]; x[:, [0, 1]]; x[[0], :, 1]; x.mT; x.permute(2, 0, 1); x.movedim(0, -1); x.flatten(1); x.transpose(1, 2).flatten(1); x.swapaxes(0, 2); x.diagonal(0, 1, 2); x.dsplit(2)
        x.reshape(6, 4); x.transpose(0, 1).reshape(6, 4); x.view(2, 12); x.select(1, 0); x.unfold(2, 2, 2); torch.einsum('bii->bi', x[:, :3, :3]); torch.einsum('bij->bji', x); x.mH
    """,
    VECTOR: """
        x[2]; x[2:4]; x[::2]; x[[1]]; x.unfold(0, 2, 1); x.expand(3, 6); x.view(2, 3); torch.diag(x); torch.diagflat(x); x.unsqueeze(1); torch.atleast_2d(x); torch.atleast_3d(x); x.chunk(3); x.hsplit(2); torch.column_stack([x]); torch.row_stack([x])
        torch.combinations(x[:2]); torch.cartesian_prod(x); torch.meshgrid(x, indexing='ij'); torch.vander(x[:2]); x.T; x.as_strided((2, 2), (1, 1)); x.resize_(2); x.data.view(3, 2)
    """,
    SQUARE: "torch.einsum('ii->i', x); x.diagonal(); torch.trace(x); x.diagonal_scatter(torch.zeros(3)); torch.linalg.diagonal(x); torch.linalg.inv(torch.eye(3) + x)",
    ONE: "x.squeeze(); x.squeeze(0); x.squeeze((0, 2)); x.squeeze(1); x.expand(2, 3, 2); x.expand(-1, -1, 4); x.repeat(2, 1, 1); x.flatten(); x.squeeze_()",
    INTS: "x.view(torch.uint8); x.float(); x.long(); x.to(torch.int64); x.int(); x + 0; x.T; x.type(torch.int64); x.numpy(); x.view(torch.float64); F.one_hot(x)",
    SCALAR: "x.view(1); x.reshape(1, 1); x.expand(3); x.unsqueeze(0); x.squeeze(); torch.atleast_1d(x); x.flatten(); x.ravel(); x.clone(); x[None]; x[...]; x[()]; x.numpy(); x.data; torch.as_tensor(x)",
    ARRAY: """
        torch.from_numpy(x); torch.as_tensor(x); torch.asarray(x); torch.tensor(x); torch.as_tensor(x, dtype=torch.float32); np.asarray(x); np.array(x); x.T; x[0]; x[[0]]; x.reshape(3, 2); x.ravel(); x.flatten(); x.copy(); x.astype(np.float64); x.astype(np.float32)
        x[::-1]; x[:, ::-1]; x[None]; x.transpose(); x.swapaxes(0, 1); np.transpose(x); np.reshape(x, (3, 2)); np.ravel(x); np.squeeze(x); np.expand_dims(x, 0); x.T.ravel(); x.T.reshape(6); x.view()
    """,
}


def last(value):
    return value[-1] if isinstance(value, (tuple, list)) else value


def scope(setup):
    names = {"torch": torch, "np": numpy, "F": torch.nn.functional, "nn": torch.nn}
    exec(f"x = {setup}", names)
    return names


def changed(x, before):
    return repr(x) != before


def row(setup, call):
    """What a call gives; none where PyTorch refuses the call or one of the writes."""
    try:
        names = scope(setup)
        y = last(eval(call, names))
        itself, before = y is names["x"], repr(names["x"])
        with torch.no_grad():
            y[...] = 99
        written, x = changed(names["x"], before), repr(names["x"])
        names = scope(setup)
        y = last(eval(call, names))
        with torch.no_grad():
            names["x"][...] = 55
        y = repr(y.detach() if isinstance(y, torch.Tensor) else y)
    except Exception as error:
        return {"x": setup, "call": call, "error": f"{type(error).__name__}: {str(error).splitlines()[0]}"}
    gives = "itself" if itself else "view" if written else "copy"
    return {"x": setup, "call": call, "gives": gives, "after_y": x, "after_x": y}


def record(path):
    with open(path, "w", encoding="utf-8") as file:
        for setup, calls in CALLS.items():
            for call in calls.replace("\n", ";").split(";"):
                if call.strip():
                    made = row(setup, call.strip())
                    if "error" in made:
                        print("left out:", made)
                    else:
                        file.write(json.dumps(made) + "\n")
