"""The module dataclasses: classes made of their annotated attributes."""


class FrozenInstanceError(AttributeError):
    """An attribute of a frozen instance was set or deleted."""


class _Missing:
    def __repr__(self):
        return "<dataclasses._MISSING_TYPE object>"


MISSING = _Missing()


class _KwOnly:
    def __repr__(self):
        return "<dataclasses._KW_ONLY_TYPE object>"


KW_ONLY = _KwOnly()

_FIELDS = "__dataclass_fields__"


class Field:
    """What is known of one attribute."""

    def __init__(self, default, default_factory, init, repr, hash, compare, metadata, kw_only):
        self.name = None
        self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.metadata = {} if metadata is None else metadata
        self.kw_only = kw_only

    def __repr__(self):
        return (f"Field(name={self.name!r},type={self.type!r},default={self.default!r},"
                f"default_factory={self.default_factory!r},init={self.init!r},repr={self.repr!r},hash={self.hash!r},"
                f"compare={self.compare!r},metadata={self.metadata!r},kw_only={self.kw_only!r})")


def field(*, default=MISSING, default_factory=MISSING, init=True, repr=True, hash=None, compare=True, metadata=None,
          kw_only=MISSING):
    """More about an attribute than its default."""
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError("cannot specify both default and default_factory")
    return Field(default, default_factory, init, repr, hash, compare, metadata, kw_only)


def _is_classvar(annotation):
    return "ClassVar" in (annotation if isinstance(annotation, str) else repr(annotation))


def _own_fields(cls, kw_only):
    """The fields of a class itself, in the order of its annotations."""
    found = []
    for name, annotation in cls.__dict__.get("__annotations__", {}).items():
        if annotation is KW_ONLY or annotation == "KW_ONLY":
            kw_only = True
            continue
        if _is_classvar(annotation):
            continue
        default = cls.__dict__.get(name, MISSING)
        if isinstance(default, Field):
            made = default
            if made.default is MISSING:
                if name in cls.__dict__:
                    delattr(cls, name)
            else:
                setattr(cls, name, made.default)
        else:
            if isinstance(default, (list, dict, set)):
                raise ValueError(
                    f"mutable default {type(default)} for field {name} is not allowed: use default_factory")
            made = field(default=default)
        made.name = name
        made.type = annotation
        if made.kw_only is MISSING:
            made.kw_only = kw_only
        found.append(made)
    for name, value in list(cls.__dict__.items()):
        if isinstance(value, Field) and name not in cls.__dict__.get("__annotations__", {}):
            raise TypeError(f"{name!r} is a field but has no type annotation")
    return found


def _listed(names):
    shown = [repr(name) for name in names]
    if len(shown) == 1:
        return shown[0]
    if len(shown) == 2:
        return f"{shown[0]} and {shown[1]}"
    return ", ".join(shown[:-1]) + f", and {shown[-1]}"


def _arguments(who, positional, keyword_only, args, kwargs):
    """Matches arguments with fields; says what is wrong as a function would."""
    if len(args) > len(positional):
        least = len([each for each in positional if not _has_default(each)]) + 1
        most = len(positional) + 1
        takes = f"{most}" if least == most else f"from {least} to {most}"
        s = "" if most == 1 else "s"
        raise TypeError(f"{who}.__init__() takes {takes} positional argument{s} but {len(args) + 1} were given")
    values = {}
    for each, value in zip(positional, args):
        values[each.name] = value
    known = {each.name for each in positional} | {each.name for each in keyword_only}
    for name, value in kwargs.items():
        if name not in known:
            raise TypeError(f"{who}.__init__() got an unexpected keyword argument '{name}'")
        if name in values:
            raise TypeError(f"{who}.__init__() got multiple values for argument '{name}'")
        values[name] = value
    for kind, fields in (("positional", positional), ("keyword-only", keyword_only)):
        missing = [each.name for each in fields if each.name not in values and not _has_default(each)]
        if missing:
            s = "" if len(missing) == 1 else "s"
            raise TypeError(f"{who}.__init__() missing {len(missing)} required {kind} argument{s}: {_listed(missing)}")
    return values


def _has_default(each):
    return each.default is not MISSING or each.default_factory is not MISSING


def _make_init(cls, all_fields):
    who = cls.__qualname__
    taken = [each for each in all_fields if each.init]
    positional = [each for each in taken if not each.kw_only]
    keyword_only = [each for each in taken if each.kw_only]
    seen_default = None
    for each in positional:
        if _has_default(each):
            seen_default = each
        elif seen_default is not None:
            raise TypeError(f"non-default argument {each.name!r} follows default argument")
    put = object.__setattr__
    plain = [each.name for each in all_fields]
    direct = len(positional) == len(all_fields)
    post = hasattr(cls, "__post_init__")

    def __init__(self, *args, **kwargs):
        if direct and not kwargs and len(args) == len(plain):
            for name, value in zip(plain, args):
                put(self, name, value)
        else:
            values = _arguments(who, positional, keyword_only, args, kwargs)
            for each in all_fields:
                name = each.name
                if name in values:
                    put(self, name, values[name])
                elif each.default_factory is not MISSING:
                    put(self, name, each.default_factory())
                elif each.default is not MISSING:
                    put(self, name, each.default)
        if post:
            self.__post_init__()

    return __init__


def _order(name, compare):
    def method(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compare(_compared(self), _compared(other))

    method.__name__ = name
    return method


def _compared(instance):
    return tuple([getattr(instance, each.name) for each in fields(instance) if each.compare])


def _process(cls, init, repr_, eq, order, unsafe_hash, frozen, kw_only):
    collected = {}
    for base in reversed(cls.__mro__[1:]):
        if hasattr(base, _FIELDS):
            collected.update(getattr(base, _FIELDS))
    for each in _own_fields(cls, kw_only):
        collected[each.name] = each
    setattr(cls, _FIELDS, collected)
    all_fields = list(collected.values())
    own = cls.__dict__
    if init and "__init__" not in own:
        cls.__init__ = _make_init(cls, all_fields)
    if repr_ and "__repr__" not in own:
        shown = [each.name for each in all_fields if each.repr]

        def __repr__(self):
            parts = ", ".join([f"{name}={getattr(self, name)!r}" for name in shown])
            return f"{type(self).__qualname__}({parts})"

        cls.__repr__ = __repr__
    if eq and "__eq__" not in own:
        cls.__eq__ = _order("__eq__", lambda a, b: a == b)
    if order:
        if not eq:
            raise ValueError("eq must be true if order is true")
        for name, compare in (("__lt__", lambda a, b: a < b), ("__le__", lambda a, b: a <= b),
                              ("__gt__", lambda a, b: a > b), ("__ge__", lambda a, b: a >= b)):
            if name in own:
                raise TypeError(f"Cannot overwrite attribute {name} in class {cls.__name__}. "
                                "Consider using functools.total_ordering")
            setattr(cls, name, _order(name, compare))
    if frozen:
        names = set(collected)

        def __setattr__(self, name, value):
            if type(self) is cls or name in names:
                raise FrozenInstanceError(f"cannot assign to field {name!r}")
            super(cls, self).__setattr__(name, value)

        def __delattr__(self, name):
            if type(self) is cls or name in names:
                raise FrozenInstanceError(f"cannot delete field {name!r}")
            super(cls, self).__delattr__(name)

        cls.__setattr__ = __setattr__
        cls.__delattr__ = __delattr__
    if unsafe_hash or (eq and frozen and "__hash__" not in own):
        def __hash__(self):
            return hash(tuple([getattr(self, each.name) for each in fields(self)
                               if (each.compare if each.hash is None else each.hash)]))

        cls.__hash__ = __hash__
    elif eq and "__hash__" not in own:
        cls.__hash__ = None
    cls.__match_args__ = tuple([each.name for each in all_fields if each.init and not each.kw_only])
    return cls


def dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False,
              match_args=True, kw_only=False, slots=False, weakref_slot=False):
    """Gives a class the methods that follow from its annotated attributes."""
    def wrap(cls):
        return _process(cls, init, repr, eq, order, unsafe_hash, frozen, kw_only)

    return wrap if cls is None else wrap(cls)


def fields(class_or_instance):
    """The fields of a dataclass, in order."""
    if not hasattr(class_or_instance, _FIELDS):
        raise TypeError("must be called with a dataclass type or instance")
    return tuple(getattr(class_or_instance, _FIELDS).values())


def is_dataclass(obj):
    """Whether it is a dataclass or an instance of one."""
    return hasattr(obj if isinstance(obj, type) else type(obj), _FIELDS)


def _converted(value, make, factory):
    if hasattr(type(value), _FIELDS):
        return make([(each.name, _converted(getattr(value, each.name), make, factory)) for each in fields(value)])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[_converted(item, make, factory) for item in value])
    if isinstance(value, (list, tuple)):
        return type(value)([_converted(item, make, factory) for item in value])
    if isinstance(value, dict):
        return {_converted(key, make, factory): _converted(item, make, factory) for key, item in value.items()}
    import copy
    return copy.deepcopy(value)


def asdict(obj, *, dict_factory=dict):
    """The fields and their values, also of what is inside."""
    if isinstance(obj, type) or not is_dataclass(obj):
        raise TypeError("asdict() should be called on dataclass instances")
    return _converted(obj, dict_factory, dict_factory)


def astuple(obj, *, tuple_factory=tuple):
    """The values of the fields, also of what is inside."""
    if isinstance(obj, type) or not is_dataclass(obj):
        raise TypeError("astuple() should be called on dataclass instances")
    return _converted(obj, lambda pairs: tuple_factory([value for _, value in pairs]), tuple_factory)


def replace(obj, /, **changes):
    """A new instance with some fields changed."""
    if isinstance(obj, type) or not is_dataclass(obj):
        raise TypeError("replace() should be called on dataclass instances")
    for each in fields(obj):
        if not each.init:
            if each.name in changes:
                raise ValueError(f"field {each.name} is declared with init=False, it cannot be specified with replace()")
            continue
        if each.name not in changes:
            changes[each.name] = getattr(obj, each.name)
    return type(obj)(**changes)


def make_dataclass(cls_name, fields, *, bases=(), namespace=None, **options):
    """A dataclass made of names, types and defaults."""
    body = dict(namespace or {})
    annotations = {}
    for item in fields:
        if isinstance(item, str):
            annotations[item] = "typing.Any"
        else:
            annotations[item[0]] = item[1]
            if len(item) == 3:
                body[item[0]] = item[2]
    body["__annotations__"] = annotations
    return dataclass(type(cls_name, tuple(bases), body), **options)
