"""Warnings: shown once on the error stream, or what a filter says."""

import sys as _sys

filters = []
_shown = set()
_recorded = []


class WarningMessage:
    """A warning that was recorded."""

    def __init__(self, message, category, filename="", lineno=0):
        self.message, self.category, self.filename, self.lineno = message, category, filename, lineno

    def __str__(self):
        return f"{{message : {self.message!r}, category : {self.category.__name__!r}}}"


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    """Says what becomes of warnings of a class whose text begins so; what was said last goes first."""
    if action not in ("error", "ignore", "always", "all", "default", "module", "once"):
        raise AssertionError(f"invalid action: {action!r}")
    entry = (action, message, category)
    if append:
        filters.append(entry)
    else:
        filters.insert(0, entry)
    _shown.clear()


def simplefilter(action, category=Warning, lineno=0, append=False):
    """Says what becomes of all warnings of a class."""
    filterwarnings(action, "", category, append=append)


def resetwarnings():
    """Forgets all filters."""
    filters.clear()
    _shown.clear()


def _matches(pattern, text):
    pattern, text = pattern.lower(), text.lower()
    return pattern[2:].rstrip(".*") in text if pattern.startswith(".*") else text.startswith(pattern.rstrip(".*"))


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    """Warns, as the filters say."""
    if isinstance(message, Warning):
        message, category = message, type(message)
    else:
        category = UserWarning if category is None else category
        if not (isinstance(category, type) and issubclass(category, Warning)):
            raise TypeError(f"category must be a Warning subclass, not '{type(category).__name__}'")
        message = category(message)
    text = str(message)
    action = "default"
    for does, pattern, of in filters:
        if issubclass(category, of) and _matches(pattern, text):
            action = does
            break
    if action == "ignore":
        return
    if action == "error":
        raise message
    if action not in ("always", "all"):
        if (text, category) in _shown:
            return
        _shown.add((text, category))
    if _recorded:
        _recorded[-1].append(WarningMessage(message, category))
    else:
        print(f"{category.__name__}: {text}", file=_sys.stderr)


class catch_warnings:
    """Within it filters may be changed; with `record=True` warnings come into a list instead."""

    def __init__(self, *, record=False, module=None, action=None, category=Warning, lineno=0, append=False):
        self._record, self._action, self._category = record, action, category

    def __enter__(self):
        self._filters = list(filters)
        if self._action is not None:
            simplefilter(self._action, self._category)
        _shown.clear()
        if self._record:
            _recorded.append([])
            return _recorded[-1]

    def __exit__(self, *_):
        filters[:] = self._filters
        _shown.clear()
        if self._record:
            _recorded.pop()
