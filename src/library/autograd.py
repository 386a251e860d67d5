"""The part of torch.autograd that is written in Python: functions with gradients of their own, and gradient checks."""

import itertools
import torch


class FunctionCtx:
    """What forward leaves for backward."""

    def __init__(self):
        self._to_save = ()
        self._kept = None
        self._fixed = ()
        self._dirty = ()
        self._materialize = True
        self.needs_input_grad = ()

    def save_for_backward(self, *tensors):
        self._to_save = tensors

    def save_for_forward(self, *tensors):
        pass

    @property
    def saved_tensors(self):
        return _saved_tensors(self._to_save if self._kept is None else self._kept)

    def mark_non_differentiable(self, *tensors):
        self._fixed = tensors

    def mark_dirty(self, *tensors):
        self._dirty = tensors

    def set_materialize_grads(self, value):
        self._materialize = value


class Function(FunctionCtx):
    """A function whose gradient is written by hand: static methods forward(ctx, ..) and backward(ctx, ..)."""

    @staticmethod
    def forward(*args, **kwargs):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    @classmethod
    def apply(cls, *args):
        ctx = FunctionCtx()
        recording = torch.is_grad_enabled()
        needed = []
        for arg in args:
            needed.append(isinstance(arg, torch.Tensor) and arg.requires_grad)
        ctx.needs_input_grad = tuple(needed)
        setup = getattr(cls, "setup_context", None)
        with torch.no_grad():
            if setup is None:
                outputs = cls.forward(ctx, *args)
            else:
                outputs = cls.forward(*args)
                setup(ctx, args, outputs)
        outputs, ctx._kept = _record_function(
            cls.__name__ + "Backward", cls.backward, ctx, args, outputs, ctx._to_save, ctx._fixed, ctx._dirty,
            ctx._materialize,
        )
        ctx._to_save = ()
        ctx._fixed = ()
        ctx._dirty = ()
        return outputs


class _Once(Function):
    """A value whose gradient is refused."""

    @staticmethod
    def forward(ctx, *values):
        return values if len(values) > 1 else values[0]

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def once_differentiable(fn):
    """Marks a backward whose own gradient is not to be asked for."""

    def backward(ctx, *grads):
        with torch.no_grad():
            outputs = fn(ctx, *grads)
        if not torch.is_grad_enabled():
            return outputs
        if not any(isinstance(grad, torch.Tensor) and grad.requires_grad for grad in grads):
            return outputs
        alone = not isinstance(outputs, tuple)
        marked = []
        for out in (outputs,) if alone else outputs:
            marked.append(None if out is None else _Once.apply(out.detach().requires_grad_()))
        return marked[0] if alone else tuple(marked)

    return backward


class GradcheckError(RuntimeError):
    """The error of gradcheck and gradgradcheck."""


def _tensors(value):
    return (value,) if isinstance(value, torch.Tensor) else tuple(value)


def _numerical(func, inputs, n, output, eps):
    """The slopes of an output along each element of an input, one column for each element of the output."""
    x = inputs[n]
    data = x.data
    rows = []
    for place in itertools.product(*map(range, x.shape)):
        was = data[place].item()
        data[place] = was + eps
        high = _tensors(func(*inputs))[output].detach().clone()
        data[place] = was - eps
        low = _tensors(func(*inputs))[output].detach().clone()
        data[place] = was
        rows.append(((high - low) / (2 * eps)).reshape(-1))
    return torch.stack(rows) if rows else torch.zeros(0, 0, dtype=x.dtype)


def _analytical(outputs, output, x):
    out = outputs[output]
    columns = []
    for j in range(out.numel()):
        seed = torch.zeros(out.numel(), dtype=out.dtype)
        seed[j] = 1
        (grad,) = torch.autograd.grad(out, x, seed.reshape(out.shape), retain_graph=True, allow_unused=True)
        columns.append(torch.zeros_like(x).reshape(-1) if grad is None else grad.reshape(-1))
    return torch.stack(columns, 1) if columns else torch.zeros(x.numel(), 0, dtype=x.dtype)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0.0,
              check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False,
              check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False,
              masked=None):
    """Whether the gradients of a function are the slopes that small steps show."""
    inputs = _tensors(inputs)
    if not any(isinstance(x, torch.Tensor) and x.requires_grad for x in inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True."
        )
    outputs = _tensors(func(*inputs))
    for output, out in enumerate(outputs):
        if not out.requires_grad:
            continue
        for n, x in enumerate(inputs):
            if not isinstance(x, torch.Tensor) or not x.requires_grad:
                continue
            numerical = _numerical(func, inputs, n, output, eps)
            analytical = _analytical(outputs, output, x)
            if not torch.allclose(analytical, numerical, rtol, atol):
                if not raise_exception:
                    return False
                raise GradcheckError(
                    f"Jacobian mismatch for output {output} with respect to input {n},\n"
                    f"numerical:{numerical}\nanalytical:{analytical}\n"
                )
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, gen_non_contig_grad_outputs=False,
                  raise_exception=True, nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False,
                  check_batched_grad=False, check_fwd_over_rev=False, check_rev_over_rev=True, fast_mode=False,
                  masked=False):
    """The same for the gradients of a function."""
    inputs = _tensors(inputs)
    if grad_outputs is None:
        seeds = []
        for out in _tensors(func(*inputs)):
            if out.requires_grad:
                seeds.append(torch.randn_like(out).requires_grad_())
        grad_outputs = tuple(seeds)
    grad_outputs = _tensors(grad_outputs)
    count = len(inputs)

    def slopes(*args):
        own = args[:count]
        seeds = args[count:]
        outputs = [out for out in _tensors(func(*own)) if out.requires_grad]
        wanted = [x for x in own if isinstance(x, torch.Tensor) and x.requires_grad]
        grads = torch.autograd.grad(outputs, wanted, seeds, create_graph=True, allow_unused=True)
        return tuple(g for g in grads if g is not None and g.requires_grad)

    return gradcheck(slopes, inputs + grad_outputs, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)
