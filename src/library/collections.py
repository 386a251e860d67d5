"""The module collections: containers that derive from dict and tuple, and the queue with two ends."""


class defaultdict(dict):
    """A dict that makes the value of a missing key."""

    def __init__(self, default_factory=None, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable or None")
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        value = self.default_factory()
        self[key] = value
        return value

    def __repr__(self):
        return f"defaultdict({self.default_factory!r}, {dict(self)!r})"

    def copy(self):
        return defaultdict(self.default_factory, self)

    __copy__ = copy


class _View:
    """What an ordered dict gives for its keys, values or items."""

    def __init__(self, name, items):
        self._name, self._items = name, items

    def __iter__(self):
        return iter(self._items())

    def __reversed__(self):
        return iter(list(self._items())[::-1])

    def __len__(self):
        return len(self._items())

    def __contains__(self, item):
        return item in self._items()

    def __eq__(self, other):
        return list(self) == list(other)

    def __repr__(self):
        return f"{self._name}({list(self)!r})"


class OrderedDict(dict):
    """A dict whose order counts when it is compared with another one."""

    def keys(self):
        return _View("odict_keys", super().keys)

    def values(self):
        return _View("odict_values", super().values)

    def items(self):
        return _View("odict_items", super().items)

    def move_to_end(self, key, last=True):
        value = self.pop(key)
        if last:
            self[key] = value
            return
        rest = list(self.items())
        self.clear()
        self[key] = value
        self.update(rest)

    def popitem(self, last=True):
        if not self:
            raise KeyError("dictionary is empty")
        key = next(reversed(self)) if last else next(iter(self))
        return key, self.pop(key)

    def __eq__(self, other):
        if isinstance(other, OrderedDict):
            return dict(self) == dict(other) and list(self) == list(other)
        return dict(self) == other

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def __repr__(self):
        if not self:
            return "OrderedDict()"
        return f"OrderedDict({list(self.items())!r})"

    def copy(self):
        return type(self)(self)

    __copy__ = copy

    @classmethod
    def fromkeys(cls, iterable, value=None):
        made = cls()
        for key in iterable:
            made[key] = value
        return made


class Counter(dict):
    """A dict of how often things occur."""

    def __init__(self, iterable=None, /, **kwargs):
        super().__init__()
        self.update(iterable, **kwargs)

    def __missing__(self, key):
        return 0

    def update(self, iterable=None, /, **kwargs):
        if iterable is not None:
            if isinstance(iterable, dict):
                for key, count in iterable.items():
                    self[key] = self.get(key, 0) + count
            else:
                get = self.get
                for key in iterable:
                    self[key] = get(key, 0) + 1
        for key, count in kwargs.items():
            self[key] = self.get(key, 0) + count

    def subtract(self, iterable=None, /, **kwargs):
        if iterable is not None:
            if isinstance(iterable, dict):
                for key, count in iterable.items():
                    self[key] = self.get(key, 0) - count
            else:
                for key in iterable:
                    self[key] = self.get(key, 0) - 1
        for key, count in kwargs.items():
            self[key] = self.get(key, 0) - count

    def most_common(self, n=None):
        ordered = sorted(self.items(), key=lambda item: item[1], reverse=True)
        return ordered if n is None else ordered[:max(n, 0)]

    def elements(self):
        for key, count in self.items():
            for _ in range(count):
                yield key

    def total(self):
        return sum(self.values())

    def copy(self):
        return Counter(self)

    __copy__ = copy

    def __delitem__(self, key):
        if key in self:
            super().__delitem__(key)

    def __repr__(self):
        if not self:
            return "Counter()"
        try:
            ordered = dict(self.most_common())
        except TypeError:
            ordered = dict(self)
        return f"Counter({ordered!r})"

    def __add__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        return self._combined(other, lambda a, b: a + b)

    def __sub__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        return self._combined(other, lambda a, b: a - b)

    def __or__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        return self._combined(other, max)

    def __and__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        return self._combined(other, min)

    def _combined(self, other, function):
        made = Counter()
        for key in [*self, *(key for key in other if key not in self)]:
            count = function(self[key], other[key])
            if count > 0:
                made[key] = count
        return made

    def __pos__(self):
        return self + Counter()

    def __neg__(self):
        return Counter() - self

    def __iadd__(self, other):
        for key, count in other.items():
            self[key] = self[key] + count
        return self._positive()

    def __isub__(self, other):
        for key, count in other.items():
            self[key] = self[key] - count
        return self._positive()

    def _positive(self):
        for key in [key for key, count in self.items() if count <= 0]:
            del self[key]
        return self

    def __eq__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        return all(self[key] == other[key] for each in (self, other) for key in each)

    __hash__ = None


class deque:
    """A queue with two ends: a ring of places, of which some in a row are taken."""

    def __init__(self, iterable=(), maxlen=None):
        if maxlen is not None and maxlen < 0:
            raise ValueError("maxlen must be non-negative")
        self._places = [None] * 8
        self._first = 0
        self._count = 0
        self._maxlen = maxlen
        self.extend(iterable)

    @property
    def maxlen(self):
        return self._maxlen

    def _place(self, index):
        return (self._first + index) % len(self._places)

    def _room(self):
        if self._count == len(self._places):
            first = self._first
            self._places = self._places[first:] + self._places[:first] + [None] * self._count
            self._first = 0

    def append(self, x):
        if self._maxlen is not None and self._count >= self._maxlen:
            if not self._maxlen:
                return
            self.popleft()
        self._room()
        self._places[self._place(self._count)] = x
        self._count += 1

    def appendleft(self, x):
        if self._maxlen is not None and self._count >= self._maxlen:
            if not self._maxlen:
                return
            self.pop()
        self._room()
        self._first = (self._first - 1) % len(self._places)
        self._places[self._first] = x
        self._count += 1

    def pop(self):
        if not self._count:
            raise IndexError("pop from an empty deque")
        self._count -= 1
        at = self._place(self._count)
        item, self._places[at] = self._places[at], None
        return item

    def popleft(self):
        if not self._count:
            raise IndexError("pop from an empty deque")
        at = self._first
        item, self._places[at] = self._places[at], None
        self._first = (at + 1) % len(self._places)
        self._count -= 1
        return item

    def extend(self, iterable):
        if iterable is self:
            iterable = list(self)
        for item in iterable:
            self.append(item)

    def extendleft(self, iterable):
        if iterable is self:
            iterable = list(self)
        for item in iterable:
            self.appendleft(item)

    def clear(self):
        self._places = [None] * 8
        self._first = self._count = 0

    def rotate(self, n=1):
        if self._count < 2:
            return
        n %= self._count
        if n <= self._count // 2:
            for _ in range(n):
                self.appendleft(self.pop())
        else:
            for _ in range(self._count - n):
                self.append(self.popleft())

    def _index(self, index):
        if not isinstance(index, int):
            raise TypeError(f"sequence index must be integer, not '{type(index).__name__}'")
        at = index + self._count if index < 0 else index
        if not 0 <= at < self._count:
            raise IndexError("deque index out of range")
        return self._place(at)

    def __getitem__(self, index):
        return self._places[self._index(index)]

    def __setitem__(self, index, value):
        self._places[self._index(index)] = value

    def __delitem__(self, index):
        self._index(index)
        items = list(self)
        del items[index]
        self._fill(items)

    def _fill(self, items):
        self.clear()
        for item in items:
            self.append(item)

    def insert(self, index, x):
        if self._maxlen is not None and self._count >= self._maxlen:
            raise IndexError("deque already at its maximum size")
        items = list(self)
        items.insert(index, x)
        self._fill(items)

    def remove(self, value):
        items = list(self)
        if value not in items:
            raise ValueError(f"{value!r} is not in deque")
        items.remove(value)
        self._fill(items)

    def reverse(self):
        self._fill(list(self)[::-1])

    def index(self, x, start=0, stop=None):
        items = list(self)
        stop = len(items) if stop is None else stop
        if x not in items[start:stop]:
            raise ValueError(f"{x!r} is not in deque")
        return items.index(x, start, stop)

    def count(self, x):
        return list(self).count(x)

    def copy(self):
        return type(self)(self, self._maxlen)

    __copy__ = copy

    def __iter__(self):
        count = self._count
        for at in range(count):
            if self._count != count:
                raise RuntimeError("deque mutated during iteration")
            yield self._places[self._place(at)]

    def __reversed__(self):
        return iter(list(self)[::-1])

    def __len__(self):
        return self._count

    def __bool__(self):
        return self._count > 0

    def __contains__(self, item):
        return any(item is known or item == known for known in self)

    def __add__(self, other):
        if not isinstance(other, deque):
            raise TypeError(f'can only concatenate deque (not "{type(other).__name__}") to deque')
        made = self.copy()
        made.extend(other)
        return made

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __mul__(self, n):
        return deque(list(self) * n, self._maxlen)

    def __eq__(self, other):
        if not isinstance(other, deque):
            return NotImplemented
        return list(self) == list(other)

    def __lt__(self, other):
        if not isinstance(other, deque):
            return NotImplemented
        return list(self) < list(other)

    __hash__ = None

    def __repr__(self):
        limit = "" if self._maxlen is None else f", maxlen={self._maxlen}"
        return f"deque({list(self)!r}{limit})"


_KEYWORDS = {
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
    "pass", "raise", "return", "try", "while", "with", "yield",
}


class _Field:
    """Reads an item of a named tuple by name."""

    def __init__(self, index):
        self._index = index
        self.__doc__ = f"Alias for field number {index}"

    def __get__(self, instance, owner=None):
        return self if instance is None else instance[self._index]

    def __set__(self, instance, value):
        raise AttributeError("can't set attribute")


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    """A class of tuples whose items have names."""
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    names = [str(name) for name in field_names]
    typename = str(typename)
    if rename:
        seen = set()
        for at, name in enumerate(names):
            if not name.isidentifier() or name in _KEYWORDS or name.startswith("_") or name in seen:
                names[at] = f"_{at}"
            seen.add(name)
    for name in [typename] + names:
        if not name.isidentifier():
            raise ValueError(f"Type names and field names must be valid identifiers: {name!r}")
        if name in _KEYWORDS:
            raise ValueError(f"Type names and field names cannot be a keyword: {name!r}")
    seen = set()
    for name in names:
        if name.startswith("_") and not rename:
            raise ValueError(f"Field names cannot start with an underscore: {name!r}")
        if name in seen:
            raise ValueError(f"Encountered duplicate field name: {name!r}")
        seen.add(name)
    fields = tuple(names)
    given = () if defaults is None else tuple(defaults)
    if len(given) > len(fields):
        raise TypeError("Got more default values than field names")
    field_defaults = dict(zip(fields[len(fields) - len(given):], given))
    size = len(fields)

    def bind(args, kwargs):
        if not kwargs and len(args) == size:
            return args
        if len(args) > size:
            least = size - len(given) + 1
            takes = f"from {least} to {size + 1}" if given else f"{size + 1}"
            s = "" if size == 0 and not given else "s"
            raise TypeError(
                f"{typename}.__new__() takes {takes} positional argument{s} but {len(args) + 1} were given")
        values = dict(zip(fields, args))
        for name, value in kwargs.items():
            if name not in seen:
                raise TypeError(f"{typename}.__new__() got an unexpected keyword argument '{name}'")
            if name in values:
                raise TypeError(f"{typename}.__new__() got multiple values for argument '{name}'")
            values[name] = value
        missing = [name for name in fields if name not in values and name not in field_defaults]
        if missing:
            s = "" if len(missing) == 1 else "s"
            shown = [repr(name) for name in missing]
            if len(shown) == 1:
                listed = shown[0]
            elif len(shown) == 2:
                listed = f"{shown[0]} and {shown[1]}"
            else:
                listed = ", ".join(shown[:-1]) + f", and {shown[-1]}"
            raise TypeError(
                f"{typename}.__new__() missing {len(missing)} required positional argument{s}: {listed}")
        return tuple([values[name] if name in values else field_defaults[name] for name in fields])

    def __new__(cls, *args, **kwargs):
        return tuple.__new__(cls, bind(args, kwargs))

    def _make(cls, iterable):
        items = tuple(iterable)
        if len(items) != size:
            raise TypeError(f"Expected {size} arguments, got {len(items)}")
        return tuple.__new__(cls, items)

    def _replace(self, /, **kwargs):
        unknown = [name for name in kwargs if name not in seen]
        if unknown:
            raise ValueError(f"Got unexpected field names: {unknown!r}")
        return type(self)._make([kwargs[name] if name in kwargs else self[at] for at, name in enumerate(fields)])

    def _asdict(self):
        return dict(zip(fields, self))

    def __repr__(self):
        shown = ", ".join([f"{name}={self[at]!r}" for at, name in enumerate(fields)])
        return f"{type(self).__name__}({shown})"

    def __getnewargs__(self):
        return tuple(self)

    namespace = {
        "__doc__": f"{typename}({', '.join(fields)})",
        "__slots__": (),
        "_fields": fields,
        "_field_defaults": field_defaults,
        "__match_args__": fields,
        "__new__": __new__,
        "_make": classmethod(_make),
        "_replace": _replace,
        "_asdict": _asdict,
        "__repr__": __repr__,
        "__getnewargs__": __getnewargs__,
    }
    for at, name in enumerate(fields):
        namespace[name] = _Field(at)
    return type(typename, (tuple,), namespace)


class ChainMap:
    """Several dicts that are looked through in order; what is written goes into the first."""

    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def __getitem__(self, key):
        for each in self.maps:
            if key in each:
                return each[key]
        raise KeyError(key)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        if key not in self.maps[0]:
            raise KeyError(f"Key not found in the first mapping: {key!r}")
        del self.maps[0][key]

    def __contains__(self, key):
        return any(key in each for each in self.maps)

    def __iter__(self):
        joined = {}
        for each in reversed(self.maps):
            joined.update(dict.fromkeys(each))
        return iter(joined)

    def __len__(self):
        return len(list(iter(self)))

    def keys(self):
        return list(self)

    def values(self):
        return [self[key] for key in self]

    def items(self):
        return [(key, self[key]) for key in self]

    def new_child(self, m=None):
        return ChainMap({} if m is None else m, *self.maps)

    @property
    def parents(self):
        return ChainMap(*self.maps[1:])

    def __repr__(self):
        return f"ChainMap({', '.join([repr(each) for each in self.maps])})"
