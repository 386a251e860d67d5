class _Activation(Module):
    """A function of each element: `_call` with the values of `_shown`, and `inplace` where that is one of them."""

    _call = None
    _shown = ()

    def forward(self, input):
        given = {name: getattr(self, name) for name in self._shown}
        return self._call(input, **given, inplace=True) if getattr(self, "inplace", False) else self._call(input, **given)

    def extra_repr(self):
        parts = [f"{name}={getattr(self, name)!r}" for name in self._shown]
        return ", ".join(parts + ["inplace=True"] if getattr(self, "inplace", False) else parts)


class _InPlace(_Activation):
    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace


class ReLU(_InPlace):
    _call = staticmethod(F.relu)


class ReLU6(_InPlace):
    _call = staticmethod(F.relu6)


class SELU(_InPlace):
    _call = staticmethod(F.selu)


class SiLU(_InPlace):
    _call = staticmethod(F.silu)


class Mish(_InPlace):
    _call = staticmethod(F.mish)


class Hardsigmoid(_InPlace):
    _call = staticmethod(F.hardsigmoid)

    def extra_repr(self):
        return ""


class Hardswish(Hardsigmoid):
    _call = staticmethod(F.hardswish)


class Sigmoid(_Activation):
    _call = staticmethod(torch.sigmoid)


class Tanh(_Activation):
    _call = staticmethod(torch.tanh)


class LogSigmoid(_Activation):
    _call = staticmethod(F.logsigmoid)


class Softsign(_Activation):
    _call = staticmethod(F.softsign)


class Tanhshrink(_Activation):
    _call = staticmethod(F.tanhshrink)


class GELU(_Activation):
    _call = staticmethod(F.gelu)
    _shown = ("approximate",)

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate


class Hardtanh(_Activation):
    _call = staticmethod(F.hardtanh)
    _shown = ("min_val", "max_val")

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__()
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace
        assert self.max_val > self.min_val


class LeakyReLU(_Activation):
    _call = staticmethod(F.leaky_relu)
    _shown = ("negative_slope",)

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace


class ELU(_Activation):
    _call = staticmethod(F.elu)
    _shown = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__()
        self.alpha, self.inplace = alpha, inplace


class CELU(ELU):
    _call = staticmethod(F.celu)


class RReLU(Module):
    def __init__(self, lower=0.125, upper=0.3333333333333333, inplace=False):
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input):
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self):
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")


class PReLU(Module):
    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(torch.full((num_parameters,), float(init), dtype=dtype))

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"


class Softplus(_Activation):
    _call = staticmethod(F.softplus)
    _shown = ("beta", "threshold")

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta, self.threshold = beta, threshold


class Hardshrink(_Activation):
    _call = staticmethod(F.hardshrink)

    def __init__(self, lambd=0.5):
        super().__init__()
        self.lambd = lambd

    def forward(self, input):
        return self._call(input, self.lambd)

    def extra_repr(self):
        return f"{self.lambd}"


class Softshrink(Hardshrink):
    _call = staticmethod(F.softshrink)


class Threshold(_Activation):
    _call = staticmethod(F.threshold)
    _shown = ("threshold", "value")

    def __init__(self, threshold, value, inplace=False):
        super().__init__()
        self.threshold, self.value, self.inplace = threshold, value, inplace


class GLU(_Activation):
    _call = staticmethod(F.glu)
    _shown = ("dim",)

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim


class _AlongDim(_Activation):
    _shown = ("dim",)

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim


class Softmax(_AlongDim):
    _call = staticmethod(F.softmax)


class Softmin(_AlongDim):
    _call = staticmethod(F.softmin)


class LogSoftmax(_AlongDim):
    _call = staticmethod(F.log_softmax)


class Softmax2d(Module):
    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3)


class _Dropout(Module):
    _call = None

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input):
        return self._call(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    _call = staticmethod(F.dropout)


class Dropout1d(_Dropout):
    _call = staticmethod(F.dropout1d)


class Dropout2d(_Dropout):
    _call = staticmethod(F.dropout2d)


class Dropout3d(_Dropout):
    _call = staticmethod(F.dropout3d)


class AlphaDropout(_Dropout):
    def forward(self, input):
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    def forward(self, input):
        return F.feature_alpha_dropout(input, self.p, self.training)
