class _Conv(Module):
    """Filters of `_n` dimensions that go over the input."""

    _n = 0
    _convolve = None
    output_padding = ()

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None):
        super().__init__()
        n = self._n
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups:
            raise ValueError("out_channels must be divisible by groups")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride = _pair(kernel_size, n), _pair(stride, n)
        self.padding = padding if isinstance(padding, str) else _pair(padding, n)
        self.dilation, self.groups, self.padding_mode = _pair(dilation, n), groups, padding_mode
        self._check_padding()
        self.weight = Parameter(torch.empty(*self._weight_shape(), *self.kernel_size, dtype=dtype))
        if bias:
            self.bias = Parameter(torch.empty(out_channels, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _check_padding(self):
        if isinstance(self.padding, str):
            if self.padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string {self.padding!r}, should be one of {{'same', 'valid'}}")
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        modes = ("zeros", "reflect", "replicate", "circular")
        if self.padding_mode not in modes:
            listed = "{" + ", ".join([repr(mode) for mode in modes]) + "}"
            raise ValueError(f"padding_mode must be one of {listed}, but got padding_mode='{self.padding_mode}'")

    def _weight_shape(self):
        return self.out_channels, self.in_channels // self.groups

    def reset_parameters(self):
        _init.kaiming_uniform_(self.weight, a=_math.sqrt(5))
        if self.bias is not None:
            fan_in = self.weight[0].numel()
            if fan_in:
                bound = 1 / _math.sqrt(fan_in)
                _init.uniform_(self.bias, -bound, bound)

    def _widths(self):
        """What is added on either side, the last dimension first, as pad takes it."""
        widths = []
        for size, step in zip(reversed(self.kernel_size), reversed(self.dilation)):
            total = step * (size - 1) if self.padding == "same" else 0
            widths += [total // 2, total - total // 2]
        if not isinstance(self.padding, str):
            widths = [width for width in reversed(self.padding) for _ in range(2)]
        return widths

    def forward(self, input):
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._widths(), mode=self.padding_mode), 0
        return self._convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * len(self.kernel_size):
            text += f", padding={self.padding}"
        if self.dilation != (1,) * len(self.kernel_size):
            text += f", dilation={self.dilation}"
        if any(self.output_padding):
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class Conv1d(_Conv):
    _n = 1
    _convolve = staticmethod(F.conv1d)


class Conv2d(_Conv):
    _n = 2
    _convolve = staticmethod(F.conv2d)


class Conv3d(_Conv):
    _n = 3
    _convolve = staticmethod(F.conv3d)


class _ConvTranspose(_Conv):
    """The gradient of a convolution to its input, as a layer."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
                         device, dtype)
        self.output_padding = _pair(output_padding, self._n)

    def _weight_shape(self):
        return self.in_channels, self.out_channels // self.groups

    def _output_padding(self, input, output_size):
        """What brings the output to a size that is asked for."""
        n = self._n
        spatial = input.dim() - n
        size = list(output_size)
        if len(size) == n + spatial:
            size = size[spatial:]
        if len(size) != n:
            raise ValueError(f"ConvTranspose{n}D: for {input.dim()}D input, output_size must have {n} or {n + spatial} "
                             f"elements (got {len(output_size)})")
        least = [(input.size(d + spatial) - 1) * self.stride[d] - 2 * self.padding[d]
                 + self.dilation[d] * (self.kernel_size[d] - 1) + 1 for d in range(n)]
        most = [least[d] + self.stride[d] - 1 for d in range(n)]
        if any(not low <= wanted <= high for low, wanted, high in zip(least, size, most)):
            raise ValueError(f"requested an output size of {size}, but valid sizes range from {least} to {most} "
                             f"(for an input of {input.size()[2:]})")
        return tuple(wanted - low for wanted, low in zip(size, least))

    def forward(self, input, output_size=None):
        extra = self.output_padding if output_size is None else self._output_padding(input, output_size)
        return self._convolve(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups,
                              self.dilation)


class ConvTranspose1d(_ConvTranspose):
    _n = 1
    _convolve = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    _n = 2
    _convolve = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTranspose):
    _n = 3
    _convolve = staticmethod(F.conv_transpose3d)
