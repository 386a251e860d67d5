"""The module enum: classes whose members are named values."""


class auto:
    """Stands for the next value: one more than the last."""


class _Members:
    def __get__(self, member, owner):
        return dict(owner._members)


def _made(cls, value):
    for kind in (int, str, float, tuple):
        if issubclass(cls, kind):
            return kind.__new__(cls, value)
    return object.__new__(cls)


class Enum:
    """A class whose members are named values."""

    _members = {}
    __members__ = _Members()

    def __init_subclass__(cls, **keywords):
        if cls._members:
            raise TypeError(f"cannot extend enumeration {cls._members and cls.__mro__[1].__name__!r}")
        members, last = {}, 0
        flags = cls._flags
        for name, value in list(cls.__dict__.items()):
            plain = not name.startswith("_") and not callable(value)
            if not plain or isinstance(value, (property, staticmethod, classmethod)):
                if not isinstance(value, auto):
                    continue
            if isinstance(value, auto):
                value = (last * 2 or 1) if flags else last + 1
            if isinstance(value, int):
                last = value
            same = [member for member in members.values() if member._value_ == value]
            if same:
                member = same[0]
            else:
                member = _made(cls, value)
                object.__setattr__(member, "_name_", name)
                object.__setattr__(member, "_value_", value)
                if "__init__" in cls.__dict__:
                    member.__init__(*(value if isinstance(value, tuple) else (value,)))
            members[name] = member
            setattr(cls, name, member)
        if members:
            cls._members = members

            def find(cls, value, *rest):
                return cls._find(value)

            def nothing(self, *args):
                pass

            cls._member_init = cls.__init__
            cls.__new__ = staticmethod(find)
            cls.__init__ = nothing

    _flags = False

    @classmethod
    def _find(cls, value):
        if isinstance(value, cls):
            return value
        for member in cls._members.values():
            if member._value_ == value:
                return member
        return cls._missing_(value)

    @classmethod
    def _missing_(cls, value):
        raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")

    @property
    def name(self):
        return self._name_

    @property
    def value(self):
        return self._value_

    @classmethod
    def __class_getitem__(cls, name):
        return cls._members[name]

    @classmethod
    def __class_iter__(cls):
        seen = []
        for member in cls._members.values():
            if not any(member is other for other in seen):
                seen.append(member)
        return iter(seen)

    @classmethod
    def __class_len__(cls):
        return len(list(cls.__class_iter__()))

    @classmethod
    def __class_contains__(cls, value):
        return isinstance(value, cls) or any(member._value_ == value for member in cls._members.values())

    def __repr__(self):
        return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        return f"{type(self).__name__}.{self._name_}"

    def __format__(self, spec):
        return format(str(self), spec)

    def __hash__(self):
        return hash(self._name_)

    def __eq__(self, other):
        return self is other


class IntEnum(int, Enum):
    """An enumeration whose members are ints."""

    def __str__(self):
        return str(self._value_)

    def __format__(self, spec):
        return format(self._value_, spec)

    def __hash__(self):
        return hash(self._value_)

    def __eq__(self, other):
        return self._value_ == (other._value_ if isinstance(other, IntEnum) else other)


class StrEnum(str, Enum):
    """An enumeration whose members are strings."""

    def __str__(self):
        return self._value_

    def __format__(self, spec):
        return format(self._value_, spec)

    def __hash__(self):
        return hash(self._value_)

    def __eq__(self, other):
        return self._value_ == (other._value_ if isinstance(other, StrEnum) else other)


def unique(cls):
    """Fails where two names have one value."""
    names = [(name, member.name) for name, member in cls._members.items() if name != member.name]
    if names:
        listed = ", ".join(f"{alias} -> {name}" for alias, name in names)
        raise ValueError(f"duplicate values found in {cls!r}: {listed}")
    return cls
