"""The module tqdm: a bar that shows how far a loop has come, on a terminal; nothing anywhere else."""

import time as _time


def _clock(seconds):
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


class tqdm:
    """An iterable that shows how many of its items have been taken."""

    def __init__(self, iterable=None, desc=None, total=None, leave=True, unit="it", disable=False, initial=0,
                 postfix=None, mininterval=0.1, **_):
        self.iterable = iterable
        self.desc = desc or ""
        self.unit = unit
        self.leave = leave
        self.n = initial
        self.postfix = ""
        self.total = total
        if total is None and iterable is not None and hasattr(iterable, "__len__"):
            self.total = len(iterable)
        self.disable = bool(disable) or not _shows()
        self._every = mininterval
        self._start = self._shown = 0.0 if self.disable else _time.perf_counter()
        if postfix:
            self.set_postfix(postfix)

    def __len__(self):
        return self.total if self.total is not None else len(self.iterable)

    def __iter__(self):
        if self.disable:
            for item in self.iterable:
                yield item
            return
        try:
            for item in self.iterable:
                yield item
                self.update()
        finally:
            self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def update(self, n=1):
        self.n += n
        if self.disable:
            return
        now = _time.perf_counter()
        if now - self._shown >= self._every:
            self._shown = now
            _show(str(self))

    def refresh(self):
        if not self.disable:
            _show(str(self))

    def close(self):
        if self.disable:
            return
        self.disable = True
        if self.leave:
            _leave(str(self))
        else:
            _clear()

    def set_description(self, desc=None, refresh=True):
        self.desc = desc or ""

    set_description_str = set_description

    def set_postfix(self, ordered=None, refresh=True, **kwargs):
        pairs = {**(ordered or {}), **kwargs}
        texts = [f"{name}={value if isinstance(value, (str, int)) else format(value, '.3g')}"
                 for name, value in pairs.items()]
        self.postfix = ", ".join(texts)

    def set_postfix_str(self, s="", refresh=True):
        self.postfix = str(s)

    def __str__(self):
        elapsed = max(_time.perf_counter() - self._start, 1e-9)
        rate = self.n / elapsed
        speed = f"{rate:.2f}{self.unit}/s" if rate >= 1 or not self.n else f"{1 / rate:.2f}s/{self.unit}"
        head = f"{self.desc}: " if self.desc else ""
        tail = f", {self.postfix}" if self.postfix else ""
        if not self.total:
            return f"{head}{self.n}{self.unit} [{_clock(elapsed)}, {speed}{tail}]"
        share = min(self.n / self.total, 1.0)
        left = (self.total - self.n) / rate if rate else 0
        right = f"| {self.n}/{self.total} [{_clock(elapsed)}<{_clock(left)}, {speed}{tail}]"
        left_side = f"{head}{share * 100:3.0f}%|"
        width = max(_columns() - len(left_side) - len(right) - 1, 10)
        full = int(share * width * 8)
        bar = "█" * (full // 8) + (" ▏▎▍▌▋▊▉"[full % 8] if full % 8 else "")
        return f"{left_side}{bar:<{width}}{right}"

    @staticmethod
    def write(s, file=None, end="\n", nolock=False):
        print(s, end=end)


def trange(*args, **kwargs):
    """A range that shows how far it has come."""
    return tqdm(range(*args), **kwargs)


tqdm_notebook = tqdm
