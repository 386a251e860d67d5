"""The module contextlib: context managers made of generators, and a few that are ready."""


class _Manager:
    def __init__(self, function, args, keywords):
        self._function, self._args, self._keywords = function, args, keywords
        self._generator = function(*args, **keywords)

    def __enter__(self):
        try:
            return next(self._generator)
        except StopIteration:
            raise RuntimeError("generator didn't yield") from None

    def __exit__(self, kind, value, traceback):
        if kind is None:
            try:
                next(self._generator)
            except StopIteration:
                return False
            raise RuntimeError("generator didn't stop")
        try:
            self._generator.throw(value)
        except StopIteration as error:
            return error is not value
        except BaseException as error:
            if error is value:
                return False
            raise
        raise RuntimeError("generator didn't stop after throw()")

    def __call__(self, decorated):
        def inner(*args, **keywords):
            with _Manager(self._function, self._args, self._keywords):
                return decorated(*args, **keywords)

        inner.__name__ = decorated.__name__
        inner.__wrapped__ = decorated
        return inner


def contextmanager(function):
    """Makes a context manager of a generator function: what is before its `yield` enters, what is after leaves."""

    def helper(*args, **keywords):
        return _Manager(function, args, keywords)

    helper.__name__ = function.__name__
    helper.__doc__ = function.__doc__
    helper.__wrapped__ = function
    return helper


class nullcontext:
    """A context manager that does nothing."""

    def __init__(self, enter_result=None):
        self.enter_result = enter_result

    def __enter__(self):
        return self.enter_result

    def __exit__(self, *details):
        pass


class suppress:
    """Forgets exceptions of these classes."""

    def __init__(self, *exceptions):
        self._exceptions = exceptions

    def __enter__(self):
        return None

    def __exit__(self, kind, value, traceback):
        return kind is not None and issubclass(kind, self._exceptions)


class closing:
    """Closes what it was given."""

    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *details):
        self.thing.close()


class ContextDecorator:
    """A context manager that is a decorator as well."""

    def __call__(self, decorated):
        def inner(*args, **keywords):
            with self:
                return decorated(*args, **keywords)

        inner.__name__ = decorated.__name__
        return inner


class ExitStack:
    """Leaves the managers that were entered through it, the last first."""

    def __init__(self):
        self._exits = []

    def enter_context(self, manager):
        result = manager.__enter__()
        self._exits.append(manager.__exit__)
        return result

    def push(self, exit):
        self._exits.append(exit.__exit__ if hasattr(exit, "__exit__") else exit)
        return exit

    def callback(self, function, /, *args, **keywords):
        def leave(kind, value, traceback):
            function(*args, **keywords)

        self._exits.append(leave)
        return function

    def close(self):
        self.__exit__(None, None, None)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        suppressed = False
        while self._exits:
            try:
                if self._exits.pop()(kind, value, traceback):
                    suppressed, kind, value, traceback = True, None, None, None
            except BaseException as error:
                suppressed, kind, value = False, type(error), error
        if value is not None and not suppressed and kind is not None:
            return False
        return suppressed
