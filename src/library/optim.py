"""The module torch.optim: rules that change parameters by their gradients."""

import math as _math
import torch


def _typename(value):
    return value.type() if isinstance(value, torch.Tensor) else type(value).__name__


class Optimizer:
    """What optimizers derive from: groups of parameters with their settings, and what is remembered of each parameter."""

    def __init__(self, params, defaults):
        if isinstance(params, torch.Tensor):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                            + _typename(params))
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        self.defaults = defaults
        self.param_groups = []
        self.state = {}
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, group):
        inner = group["params"]
        made = {"params": [inner] if isinstance(inner, torch.Tensor) else
                [each[1] if isinstance(each, tuple) else each for each in inner]}
        for each in made["params"]:
            if not isinstance(each, torch.Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + _typename(each))
            if not each.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, value in {**self.defaults, **{k: v for k, v in group.items() if k != "params"}}.items():
            made[name] = value
        self.param_groups.append(made)

    def zero_grad(self, set_to_none=True):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    if set_to_none:
                        p.grad = None
                    else:
                        p.grad.zero_()

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._update(p, p.grad, group)
        return loss

    def _remembered(self, p):
        return self.state.setdefault(p, {})

    def state_dict(self):
        numbers, packed, state = {}, [], {}
        for group in self.param_groups:
            for p in group["params"]:
                numbers[id(p)] = len(numbers)
            settings = {name: value for name, value in group.items() if name != "params"}
            settings["params"] = [numbers[id(p)] for p in group["params"]]
            packed.append(settings)
        for p, kept in self.state.items():
            state[numbers[id(p)]] = kept
        return {"state": state, "param_groups": packed}

    def load_state_dict(self, state_dict):
        params = [p for group in self.param_groups for p in group["params"]]
        for group, saved in zip(self.param_groups, state_dict["param_groups"]):
            for name, value in saved.items():
                if name != "params":
                    group[name] = value
        self.state = {params[at]: dict(kept) for at, kept in state_dict["state"].items()}

    def __repr__(self):
        lines = []
        for at, group in enumerate(self.param_groups):
            lines.append(f"\nParameter Group {at}\n")
            for name in sorted(name for name in group if name != "params"):
                lines.append(f"    {name}: {group[name]}\n")
        return f"{type(self).__name__} (" + "".join(lines) + ")"


def _check(name, value, below=None):
    if value < 0 or (below is not None and value >= below):
        raise ValueError(f"Invalid {name}: {value}")


class SGD(Optimizer):
    def __init__(self, params, lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False,
                 foreach=None, differentiable=False, fused=None):
        _check("learning rate", lr)
        _check("momentum value", momentum)
        _check("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay,
                                      nesterov=nesterov, maximize=maximize, foreach=foreach,
                                      differentiable=differentiable, fused=fused))

    def step(self, closure=None):
        for group in self.param_groups:
            simple = closure is None and isinstance(group["lr"], float)
            if not simple or group["momentum"] or group["weight_decay"] or group["maximize"]:
                return super().step(closure)
        for group in self.param_groups:
            torch.autograd._descend(group["params"], group["lr"])

    def _update(self, p, grad, group):
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            grad = grad.add(p, alpha=group["weight_decay"])
        momentum = group["momentum"]
        if momentum:
            kept = self._remembered(p)
            buffer = kept.get("momentum_buffer")
            if buffer is None:
                buffer = kept["momentum_buffer"] = grad.detach().clone()
            else:
                buffer.mul_(momentum).add_(grad, alpha=1 - group["dampening"])
            grad = grad.add(buffer, alpha=momentum) if group["nesterov"] else buffer
        p.add_(grad, alpha=-group["lr"])


class Adam(Optimizer):
    """Kingma and Ba, 2015."""

    _decoupled = False

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, amsgrad=False, *, foreach=None,
                 maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False):
        _check("learning rate", lr)
        _check("epsilon value", eps)
        for at, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {at}: {beta}")
        _check("weight_decay value", weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
                                      maximize=maximize, foreach=foreach, capturable=capturable,
                                      differentiable=differentiable, fused=fused,
                                      decoupled_weight_decay=self._decoupled or decoupled_weight_decay))

    def _update(self, p, grad, group):
        if group["maximize"]:
            grad = -grad
        kept = self._remembered(p)
        if not kept:
            kept["step"] = torch.tensor(0.0)
            kept["exp_avg"] = torch.zeros_like(p)
            kept["exp_avg_sq"] = torch.zeros_like(p)
            if group["amsgrad"]:
                kept["max_exp_avg_sq"] = torch.zeros_like(p)
        first, second = group["betas"]
        kept["step"] += 1
        step = kept["step"].item()
        lr, decay = group["lr"], group["weight_decay"]
        if decay:
            if group["decoupled_weight_decay"]:
                p.mul_(1 - lr * decay)
            else:
                grad = grad.add(p, alpha=decay)
        average, squares = kept["exp_avg"], kept["exp_avg_sq"]
        average.lerp_(grad, 1 - first)
        squares.mul_(second).addcmul_(grad, grad, value=1 - second)
        root = _math.sqrt(1 - second ** step)
        if group["amsgrad"]:
            largest = kept["max_exp_avg_sq"]
            torch.maximum(largest, squares, out=largest)
            squares = largest
        spread = (squares.sqrt() / root).add_(group["eps"])
        p.addcdiv_(average, spread, value=-(lr / (1 - first ** step)))


class AdamW(Adam):
    """Loshchilov and Hutter, 2019: the weights decay apart from the gradient."""

    _decoupled = True

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01, amsgrad=False, **rest):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **rest)


class RMSprop(Optimizer):
    def __init__(self, params, lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, centered=False, **rest):
        super().__init__(params, dict(lr=lr, momentum=momentum, alpha=alpha, eps=eps, centered=centered,
                                      weight_decay=weight_decay, **rest))

    def _update(self, p, grad, group):
        kept = self._remembered(p)
        if not kept:
            kept["square_avg"] = torch.zeros_like(p)
        if group["weight_decay"]:
            grad = grad.add(p, alpha=group["weight_decay"])
        alpha = group["alpha"]
        squares = kept["square_avg"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group["centered"]:
            average = kept.setdefault("grad_avg", torch.zeros_like(p)).lerp_(grad, 1 - alpha)
            spread = squares.addcmul(average, average, value=-1).sqrt_()
        else:
            spread = squares.sqrt()
        spread = spread.add_(group["eps"])
        if group["momentum"] > 0:
            buffer = kept.setdefault("momentum_buffer", torch.zeros_like(p))
            buffer.mul_(group["momentum"]).addcdiv_(grad, spread)
            p.add_(buffer, alpha=-group["lr"])
        else:
            p.addcdiv_(grad, spread, value=-group["lr"])


class Adagrad(Optimizer):
    def __init__(self, params, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, **rest):
        super().__init__(params, dict(lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay,
                                      initial_accumulator_value=initial_accumulator_value, **rest))

    def _update(self, p, grad, group):
        kept = self._remembered(p)
        if not kept:
            kept["step"] = torch.tensor(0.0)
            kept["sum"] = torch.full_like(p, group["initial_accumulator_value"])
        kept["step"] += 1
        if group["weight_decay"]:
            grad = grad.add(p, alpha=group["weight_decay"])
        lr = group["lr"] / (1 + (kept["step"].item() - 1) * group["lr_decay"])
        total = kept["sum"].addcmul_(grad, grad, value=1)
        p.addcdiv_(grad, total.sqrt().add_(group["eps"]), value=-lr)
