class Identity(Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


class Sequential(Module):
    """Layers one after the other."""

    def __init__(self, *args):
        super().__init__()
        if len(args) == 1 and isinstance(args[0], dict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for at, module in enumerate(args):
                self.add_module(str(at), module)

    def forward(self, input):
        for module in self._modules.values():
            # What a call of a module without hooks comes to.
            if module._calls_forward and not module._hooks and not module._pre_hooks:
                input = module.forward(input)
            else:
                input = module(input)
        return input

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(list(self._modules.values()))

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return _item(self, index)

    def __setitem__(self, index, module):
        names = list(self._modules)
        self.add_module(names[index], module)

    def append(self, module):
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        for module in modules:
            self.append(module)
        return self


def _item(container, index):
    modules = list(container._modules.values())
    if not -len(modules) <= index < len(modules):
        raise IndexError(f"index {index} is out of range")
    return modules[index]


class ModuleList(Module):
    """A list of modules."""

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def append(self, module):
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        for module in modules:
            self.append(module)
        return self

    def insert(self, index, module):
        modules = list(self)
        modules.insert(index, module)
        for at, each in enumerate(modules):
            self.add_module(str(at), each)

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(list(self._modules.values()))

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(list(self._modules.values())[index])
        return _item(self, index)

    def __setitem__(self, index, module):
        self.add_module(str(index if index >= 0 else index + len(self)), module)

    def __repr__(self):
        texts = [repr(each) for each in self]
        inner, at = [], 0
        while at < len(texts):
            end = at
            while end + 1 < len(texts) and texts[end + 1] == texts[at]:
                end += 1
            text = texts[at]
            name = f"({at})" if end == at else f"({at}-{end})"
            times = "" if end == at else f"{end - at + 1} x "
            inner.append(f"{name}: {times}{_indented(text, 2)}")
            at = end + 1
        return self._framed([], inner)


class _Named(Module):
    """Modules or parameters under names; `_kind` says which of both."""

    _kind = None

    def __getitem__(self, key):
        return getattr(self, self._kind)[key]

    def __delitem__(self, key):
        del getattr(self, self._kind)[key]

    def __len__(self):
        return len(getattr(self, self._kind))

    def __iter__(self):
        return iter(getattr(self, self._kind))

    def __contains__(self, key):
        return key in getattr(self, self._kind)

    def clear(self):
        getattr(self, self._kind).clear()

    def pop(self, key):
        value = self[key]
        del self[key]
        return value

    def keys(self):
        return getattr(self, self._kind).keys()

    def values(self):
        return getattr(self, self._kind).values()

    def items(self):
        return getattr(self, self._kind).items()


class ModuleDict(_Named):
    """A dict of modules."""

    _kind = "_modules"

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def update(self, modules):
        for name, module in (modules.items() if hasattr(modules, "items") else modules):
            self.add_module(name, module)

    def __setitem__(self, key, module):
        self.add_module(key, module)


class ParameterList(Module):
    """A list of parameters."""

    def __init__(self, values=None):
        super().__init__()
        for value in values or []:
            self.append(value)

    def append(self, value):
        self.register_parameter(str(len(self)), value if isinstance(value, Parameter) else Parameter(value))
        return self

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(list(self._parameters.values()))

    def __getitem__(self, index):
        return list(self._parameters.values())[index]

    def __setitem__(self, index, value):
        self.register_parameter(str(range(len(self))[index]), value)

    def extend(self, values):
        for value in values:
            self.append(value)
        return self

    __iadd__ = extend

    def extra_repr(self):
        return "\n".join([f"  ({name}): {_described(value, value.dtype)}" for name, value in self._parameters.items()])


class ParameterDict(_Named):
    """Parameters by name."""

    _kind = "_parameters"

    def __init__(self, parameters=None):
        super().__init__()
        self.update(parameters or {})

    def update(self, parameters):
        # Names of a dict come in their order, unless the dict is one that says it keeps its own.
        pairs = parameters.items() if hasattr(parameters, "items") else parameters
        if type(parameters) is dict:
            pairs = sorted(pairs)
        for name, value in pairs:
            self[name] = value

    def __setitem__(self, name, value):
        self.register_parameter(name, value if isinstance(value, Parameter) else Parameter(value))

    def get(self, name, default=None):
        return self._parameters.get(name, default)

    def extra_repr(self):
        return "\n".join([f"  ({name}): {_described(value, value.type())}" for name, value in self.items()])


def _described(parameter, kind):
    """A parameter as its list shows it."""
    sizes = "x".join([str(size) for size in parameter.shape])
    return f"Parameter containing: [{kind} of size {sizes}]"
