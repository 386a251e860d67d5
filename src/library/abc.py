"""The module abc: classes whose instances must define what is marked abstract."""


def abstractmethod(function):
    """Marks a method that classes deriving from this one must define."""
    function.__isabstractmethod__ = True
    return function


class ABCMeta:
    """Given as a metaclass, it makes a class abstract."""


class ABC(metaclass=ABCMeta):
    """A class whose abstract methods must be defined before there are instances."""

    __slots__ = ()
