"""The modules of torch.nn: layers that hold parameters, and containers of layers."""

import copy as _copy
import math as _math
import torch
from collections import OrderedDict
from torch.nn import functional as F
from torch.nn import init as _init


def _typename(value):
    if isinstance(value, torch.Tensor):
        return value.type()
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _pair(value, n):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


def _indented(text, by):
    first, *rest = text.split("\n")
    return "\n".join([first] + [" " * by + line for line in rest]) if rest else first


class _Handle:
    """Takes a hook away again."""

    _count = 0

    def __init__(self, hooks):
        self.hooks = hooks
        self.id = _Handle._count
        _Handle._count += 1

    def remove(self):
        self.hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


class _Keys:
    """What load_state_dict found missing and unexpected."""

    def __init__(self, missing_keys, unexpected_keys):
        self.missing_keys, self.unexpected_keys = missing_keys, unexpected_keys

    def __iter__(self):
        return iter((self.missing_keys, self.unexpected_keys))

    def __repr__(self):
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module:
    """What layers and networks derive from: it knows its parameters, buffers and inner modules.

    They are kept in three dicts, in the order in which they were set, and as attributes as well, so that reading one
    costs no more than any attribute.
    """

    def __init__(self, *args, **kwargs):
        put = object.__setattr__
        put(self, "training", True)
        put(self, "_parameters", {})
        put(self, "_buffers", {})
        put(self, "_modules", {})
        put(self, "_not_saved", set())
        put(self, "_hooks", {})
        put(self, "_pre_hooks", {})
        put(self, "_calls_forward", type(self).__call__ is Module.__call__)

    def __setattr__(self, name, value):
        kind = "_parameters" if isinstance(value, Parameter) else "_modules" if isinstance(value, Module) else None
        own = self.__dict__
        if kind is not None:
            if kind not in own:
                what = "parameters" if kind == "_parameters" else "module"
                raise AttributeError(f"cannot assign {what} before Module.__init__() call")
            for other in ("_parameters", "_buffers", "_modules"):
                if other != kind:
                    own[other].pop(name, None)
            own[kind][name] = value
        elif "_parameters" in own:
            if name in own["_parameters"]:
                if value is not None:
                    raise TypeError(
                        f"cannot assign '{_typename(value)}' as parameter '{name}' "
                        "(torch.nn.Parameter or None expected)")
                own["_parameters"][name] = None
            elif name in own["_modules"]:
                if value is not None:
                    raise TypeError(
                        f"cannot assign '{_typename(value)}' as child module '{name}' "
                        "(torch.nn.Module or None expected)")
                own["_modules"][name] = None
            elif name in own["_buffers"]:
                if value is not None and not isinstance(value, torch.Tensor):
                    raise TypeError(
                        f"cannot assign '{_typename(value)}' object to buffer '{name}' "
                        "(torch.Tensor or None required)")
                own["_buffers"][name] = value
        object.__setattr__(self, name, value)

    def __getattr__(self, name):
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name):
        for kind in ("_parameters", "_buffers", "_modules"):
            self.__dict__[kind].pop(name, None)
        object.__delattr__(self, name)

    def register_parameter(self, name, param):
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_typename(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)")
        self._parameters[name] = param
        object.__setattr__(self, name, param)

    def register_buffer(self, name, tensor, persistent=True):
        if name in self.__dict__ and name not in self._buffers:
            raise KeyError(f"attribute '{name}' already exists")
        self._buffers[name] = tensor
        if persistent:
            self._not_saved.discard(name)
        else:
            self._not_saved.add(name)
        object.__setattr__(self, name, tensor)

    def register_module(self, name, module):
        self.add_module(name, module)

    def add_module(self, name, module):
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{_typename(module)} is not a Module subclass")
        self._modules[name] = module
        object.__setattr__(self, name, module)

    def forward(self, *args, **kwargs):
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args, **kwargs):
        if not self._hooks and not self._pre_hooks:
            return self.forward(*args, **kwargs)
        for hook in list(self._pre_hooks.values()):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*args, **kwargs)
        for hook in list(self._hooks.values()):
            changed = hook(self, args, result)
            if changed is not None:
                result = changed
        return result

    def register_forward_hook(self, hook, **_):
        handle = _Handle(self._hooks)
        self._hooks[handle.id] = hook
        return handle

    def register_forward_pre_hook(self, hook, **_):
        handle = _Handle(self._pre_hooks)
        self._pre_hooks[handle.id] = hook
        return handle

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        seen = set() if memo is None else memo
        waiting = [(prefix, self)]
        while waiting:
            name, module = waiting.pop()
            if id(module) in seen:
                continue
            if remove_duplicate:
                seen.add(id(module))
            yield name, module
            inner = [(f"{name}.{key}" if name else key, each) for key, each in module._modules.items()
                     if each is not None]
            waiting.extend(reversed(inner))

    def modules(self):
        for _, module in self.named_modules():
            yield module

    def named_children(self):
        seen = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self):
        for _, module in self.named_children():
            yield module

    def _named(self, kind, prefix, recurse):
        seen = set()
        for name, module in (self.named_modules(prefix=prefix) if recurse else [(prefix, self)]):
            for key, value in module.__dict__[kind].items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{name}.{key}" if name else key), value

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse=True):
        for _, value in self.named_parameters(recurse=recurse):
            yield value

    def named_buffers(self, prefix="", recurse=True, remove_duplicate=True):
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse=True):
        for _, value in self.named_buffers(recurse=recurse):
            yield value

    def get_submodule(self, target):
        module = self
        for name in target.split(".") if target else []:
            if name not in module._modules:
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = module._modules[name]
        return module

    def get_parameter(self, target):
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._parameters[name]

    def state_dict(self, *args, prefix="", keep_vars=False):
        saved = OrderedDict()
        self._save(saved, prefix, keep_vars)
        return saved

    def _save(self, saved, prefix, keep_vars):
        for name, value in [*self._parameters.items(), *self._buffers.items()]:
            if value is not None and name not in self._not_saved:
                saved[prefix + name] = value if keep_vars else value.detach()
        for name, module in self._modules.items():
            if module is not None:
                module._save(saved, f"{prefix}{name}.", keep_vars)

    def load_state_dict(self, state_dict, strict=True, assign=False):
        own = self.state_dict(keep_vars=True)
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        faults = []
        if strict and unexpected:
            listed = ", ".join([f'"{name}"' for name in unexpected])
            faults.append(f"Unexpected key(s) in state_dict: {listed}. ")
        if strict and missing:
            listed = ", ".join([f'"{name}"' for name in missing])
            faults.append(f"Missing key(s) in state_dict: {listed}. ")
        with torch.no_grad():
            for name, value in own.items():
                if name in state_dict:
                    given = state_dict[name]
                    if tuple(given.shape) != tuple(value.shape):
                        faults.append(
                            f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, "
                            f"the shape in current model is {value.shape}.")
                    else:
                        value.copy_(given)
        if faults:
            lines = "\n\t".join(faults)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{lines}")
        return _Keys(missing, unexpected)

    def train(self, mode=True):
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        for parameter in self.parameters():
            if parameter.grad is not None:
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad.detach_()
                    parameter.grad.zero_()

    def apply(self, fn):
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _convert(self, change):
        for module in self.modules():
            for values in (module._parameters, module._buffers):
                for name, value in values.items():
                    if value is not None:
                        with torch.no_grad():
                            changed = change(value)
                        if values is module._parameters:
                            value.data = changed
                        else:
                            values[name] = changed
                            object.__setattr__(module, name, changed)
        return self

    def to(self, *args, **kwargs):
        def change(value):
            dtypes = [each for each in args if isinstance(each, torch.dtype)]
            if (dtypes or "dtype" in kwargs) and not value.is_floating_point():
                return value
            return value.to(*args, **kwargs)

        return self._convert(change)

    def float(self):
        return self._convert(lambda value: value.float() if value.is_floating_point() else value)

    def double(self):
        return self._convert(lambda value: value.double() if value.is_floating_point() else value)

    def half(self):
        return self._convert(lambda value: value.half() if value.is_floating_point() else value)

    def bfloat16(self):
        return self._convert(lambda value: value.bfloat16() if value.is_floating_point() else value)

    def type(self, dst_type):
        return self._convert(lambda value: value.type(dst_type))

    def cpu(self):
        return self

    def extra_repr(self):
        return ""

    def _get_name(self):
        return type(self).__name__

    def __repr__(self):
        extra = self.extra_repr()
        first = extra.split("\n") if extra else []
        inner = [f"({name}): {_indented(repr(module), 2)}" for name, module in self._modules.items()]
        return self._framed(first, inner)

    def _framed(self, first, inner):
        name = self._get_name()
        if len(first) == 1 and not inner:
            return f"{name}({first[0]})"
        if not first and not inner:
            return f"{name}()"
        return f"{name}(\n  " + "\n  ".join(first + inner) + "\n)"

    def __dir__(self):
        return sorted(set(list(self.__dict__) + dir(type(self))))
