"""What the module functools has beside its natives: tools for classes."""

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__")


class _Key:
    """A value that is ordered by a function."""

    __slots__ = ("obj", "_compare")

    def __init__(self, obj, compare):
        self.obj = obj
        self._compare = compare

    def __lt__(self, other):
        return self._compare(self.obj, other.obj) < 0

    def __gt__(self, other):
        return self._compare(self.obj, other.obj) > 0

    def __le__(self, other):
        return self._compare(self.obj, other.obj) <= 0

    def __ge__(self, other):
        return self._compare(self.obj, other.obj) >= 0

    def __eq__(self, other):
        return self._compare(self.obj, other.obj) == 0

    __hash__ = None


def cmp_to_key(mycmp):
    """A sorting key of a function that compares two values."""
    return lambda obj: _Key(obj, mycmp)


class cached_property:
    """A property that is computed once and kept in the instance."""

    def __init__(self, func):
        self.func = func
        self.attrname = None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        self.attrname = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        kept = instance.__dict__
        if self.attrname not in kept:
            kept[self.attrname] = self.func(instance)
        return kept[self.attrname]


def total_ordering(cls):
    """Adds the comparisons that follow from one of them and equality."""
    own = [name for name in ("__lt__", "__le__", "__gt__", "__ge__") if name in cls.__dict__]
    if not own:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    root = own[0]

    def less(self, other):
        """Whether self < other, by the one that is defined."""
        if root == "__lt__":
            return cls.__lt__(self, other)
        if root == "__le__":
            answer = cls.__le__(self, other)
            return answer if answer is NotImplemented else answer and self != other
        if root == "__gt__":
            answer = cls.__gt__(self, other)
            return answer if answer is NotImplemented else not answer and self != other
        answer = cls.__ge__(self, other)
        return answer if answer is NotImplemented else not answer

    def other_way(decide):
        def method(self, other):
            answer = less(self, other)
            return answer if answer is NotImplemented else decide(answer, self, other)
        return method

    ways = {
        "__lt__": other_way(lambda below, a, b: below),
        "__le__": other_way(lambda below, a, b: below or a == b),
        "__gt__": other_way(lambda below, a, b: not below and a != b),
        "__ge__": other_way(lambda below, a, b: not below),
    }
    for name, method in ways.items():
        if name not in cls.__dict__:
            method.__name__ = name
            setattr(cls, name, method)
    return cls


class partialmethod:
    """A method with some arguments given."""

    def __init__(self, func, /, *args, **keywords):
        self.func, self.args, self.keywords = func, args, keywords

    def __get__(self, instance, owner=None):
        def method(*args, **keywords):
            return self.func(instance, *self.args, *args, **{**self.keywords, **keywords})
        return method


def singledispatch(func):
    """A function that is chosen by the type of its first argument."""
    registry = {object: func}

    def dispatch(cls):
        for base in cls.__mro__:
            if base in registry:
                return registry[base]
        return func

    def register(cls, function=None):
        if function is None:
            if isinstance(cls, type):
                return lambda function: register(cls, function)
            hints = list(cls.__annotations__.values())
            return register(hints[0], cls)
        registry[cls] = function
        return function

    def wrapper(*args, **kwargs):
        if not args:
            raise TypeError(f"{func.__name__} requires at least 1 positional argument")
        return dispatch(type(args[0]))(*args, **kwargs)

    wrapper.__name__ = func.__name__
    wrapper.__doc__ = func.__doc__
    wrapper.register = register
    wrapper.dispatch = dispatch
    wrapper.registry = registry
    return wrapper
