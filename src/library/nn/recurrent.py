def _sized(hidden, expected, what):
    if tuple(hidden.shape) != expected:
        raise RuntimeError(f"Expected {what} size {expected}, got {list(hidden.shape)}")


def _lstm_step(gates, cell):
    """The new hidden and cell state, from the sums of the four gates."""
    enter, keep, new, show = gates.chunk(4, 1)
    cell = keep.sigmoid() * cell + enter.sigmoid() * new.tanh()
    return show.sigmoid() * cell.tanh(), cell


def _gru_step(entered, recurred, hidden):
    """The new hidden state, from the sums of the three gates over the input and over the hidden state."""
    reset_in, update_in, new_in = entered.chunk(3, 1)
    reset, update, new = recurred.chunk(3, 1)
    reset, update = (reset_in + reset).sigmoid(), (update_in + update).sigmoid()
    new = (new_in + reset * new).tanh()
    return (hidden - new) * update + new


class RNNBase(Module):
    """What RNN, LSTM and GRU share: layers of weights, in one or two directions, and the walk over the steps."""

    _gates = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}

    def __init__(self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
                 bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        if isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
        for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
            if not isinstance(size, int):
                raise TypeError(f"{name} should be of type int, got: {type(size).__name__}")
        for name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
            if size <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if mode not in self._gates:
            raise ValueError(f"Unrecognized RNN mode: {mode}")
        rows = self._gates[mode] * hidden_size
        shown = proj_size or hidden_size
        directions = ["", "_reverse"] if bidirectional else [""]
        self._all_weights = []
        for layer in range(num_layers):
            for direction in directions:
                shapes = {"weight_ih": (rows, input_size if layer == 0 else shown * len(directions)),
                          "weight_hh": (rows, shown)}
                if bias:
                    shapes.update({"bias_ih": (rows,), "bias_hh": (rows,)})
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                names = []
                for part, shape in shapes.items():
                    names.append(f"{part}_l{layer}{direction}")
                    self.register_parameter(names[-1], Parameter(torch.empty(shape, dtype=dtype)))
                self._all_weights.append(names)
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1 / _math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            _init.uniform_(weight, -bound, bound)

    def flatten_parameters(self):
        pass

    @property
    def all_weights(self):
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        for name, usual in (("proj_size", 0), ("num_layers", 1), ("bias", True), ("batch_first", False),
                            ("dropout", 0), ("bidirectional", False)):
            value = getattr(self, name)
            if value != usual:
                text += f", {name}={value}"
        return text

    def _walked(self, input, states):
        """The output and the last states; each of `states` is None or has a row for every layer and direction."""
        batched = input.dim() == 3
        if not batched:
            input = input.unsqueeze(1)
            states = states and [state.unsqueeze(1) for state in states]
        elif self.batch_first:
            input = input.transpose(0, 1)
        weights = self.all_weights
        first = weights[0][0]
        if input.dtype != first.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({first.dtype}). "
                f"Convert input: input.to({first.dtype}), or convert model: model.to({input.dtype})")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}")
        steps, batch, _ = input.shape
        lstm = self.mode == "LSTM"
        shown = (len(weights), batch, self.proj_size or self.hidden_size)
        held = (len(weights), batch, self.hidden_size)
        if states is None:
            states = [torch.zeros(size, dtype=input.dtype) for size in ([shown, held] if lstm else [shown])]
        elif lstm:
            _sized(states[0], shown, "hidden[0]")
            _sized(states[1], held, "hidden[1]")
        else:
            _sized(states[0], shown, "hidden")
        if not steps:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")

        over = {"LSTM": self._lstm, "GRU": self._gru}.get(self.mode, self._plain)
        states = list(zip(*[state.unbind(0) for state in states]))
        directions = 2 if self.bidirectional else 1
        last = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                input = F.dropout(input, self.dropout, self.training)
            outputs = []
            for direction in range(directions):
                at = layer * directions + direction
                output, state = over(input, states[at], weights[at], direction == 1)
                outputs.append(output)
                last.append(state)
            input = torch.cat(outputs, -1) if self.bidirectional else outputs[0]
        last = [torch.stack(each) for each in zip(*last)]
        if not batched:
            return input.squeeze(1), [each.squeeze(1) for each in last]
        return input.transpose(0, 1) if self.batch_first else input, last

    def _biases(self, weights):
        return (weights[2], weights[3]) if self.bias else (None, None)

    def _plain(self, input, state, weights, backward):
        into, back = self._biases(weights)
        entered = F.linear(input, weights[0], into + back if self.bias else None).unbind(0)
        recur, bend = weights[1].t(), torch.tanh if self.mode == "RNN_TANH" else torch.relu
        hidden, = state
        outputs = []
        for each in reversed(entered) if backward else entered:
            hidden = bend(torch.addmm(each, hidden, recur))
            outputs.append(hidden)
        return torch.stack(outputs[::-1] if backward else outputs), (hidden,)

    def _lstm(self, input, state, weights, backward):
        into, back = self._biases(weights)
        entered = F.linear(input, weights[0], into + back if self.bias else None).unbind(0)
        recur = weights[1].t()
        project = weights[-1].t() if self.proj_size else None
        hidden, cell = state
        outputs = []
        for each in reversed(entered) if backward else entered:
            hidden, cell = _lstm_step(torch.addmm(each, hidden, recur), cell)
            if project is not None:
                hidden = hidden @ project
            outputs.append(hidden)
        return torch.stack(outputs[::-1] if backward else outputs), (hidden, cell)

    def _gru(self, input, state, weights, backward):
        into, back = self._biases(weights)
        entered = F.linear(input, weights[0], into).unbind(0)
        hidden, = state
        outputs = []
        for each in reversed(entered) if backward else entered:
            hidden = _gru_step(each, F.linear(hidden, weights[1], back), hidden)
            outputs.append(hidden)
        return torch.stack(outputs[::-1] if backward else outputs), (hidden,)

    def _one_state(self, input, hx):
        if hx is not None and hx.dim() != input.dim():
            kind = "unbatched 2-D" if input.dim() == 2 else "batched 3-D"
            raise RuntimeError(
                f"For {kind} input, hx should also be {input.dim()}-D but got {hx.dim()}-D tensor")
        output, last = self._walked(input, None if hx is None else [hx])
        return output, last[0]


class RNN(RNNBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh) over the steps, or relu of it."""

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, device=None, dtype=None, **others):
        if "proj_size" in others:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        modes = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}
        if nonlinearity not in modes:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(modes[nonlinearity], input_size, hidden_size, num_layers, bias, batch_first, dropout,
                         bidirectional, device=device, dtype=dtype, **others)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        if input.dim() not in (2, 3):
            raise ValueError(f"RNN: Expected input to be 2D or 3D, got {input.dim()}D tensor instead")
        return self._one_state(input, hx)


class LSTM(RNNBase):
    """Long short-term memory: a hidden state and a cell that gates write to."""

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input, hx=None):
        n = input.dim()
        if n not in (2, 3):
            raise ValueError(f"LSTM: Expected input to be 2D or 3D, got {n}D instead")
        if hx is not None:
            hidden, cell = hx[0], hx[1]
            if hidden.dim() != n or cell.dim() != n:
                kind = "unbatched 2-D" if n == 2 else "batched 3-D"
                raise RuntimeError(
                    f"For {kind} input, hx and cx should also be {n}-D "
                    f"but got ({hidden.dim()}-D, {cell.dim()}-D) tensors")
            hx = [hidden, cell]
        output, last = self._walked(input, hx)
        return output, tuple(last)


class GRU(RNNBase):
    """Gated recurrent units."""

    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input, hx=None):
        if input.dim() not in (2, 3):
            raise ValueError(f"GRU: Expected input to be 2D or 3D, got {input.dim()}D instead")
        return self._one_state(input, hx)


class RNNCellBase(Module):
    """The weights of a single step."""

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(torch.empty((rows, input_size), dtype=dtype))
        self.weight_hh = Parameter(torch.empty((rows, hidden_size), dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(torch.empty(rows, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1 / _math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            _init.uniform_(weight, -bound, bound)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        nonlinearity = self.__dict__.get("nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"

    def _ready(self, cell, input, states, names, count):
        """The input and `count` states, each with a dimension of the batch."""
        if input.dim() not in (1, 2):
            raise ValueError(f"{cell}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for name, state in zip(names, states or ()):
            if state.dim() not in (1, 2):
                raise ValueError(f"{cell}: Expected {name} to be 1D or 2D, got {state.dim()}D instead")
        if input.dim() == 1:
            input = input.unsqueeze(0)
            states = states and [state.unsqueeze(0) for state in states]
        batch, size = input.shape
        if size != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {size} expected {self.input_size}")
        if states is None:
            return input, [torch.zeros(batch, self.hidden_size, dtype=input.dtype)] * count
        for i, state in enumerate(states):
            if state.dim() != 2:
                raise RuntimeError(f"Expected 2D hidden{i} (batch x hidden_size), but got {state.dim()}D tensor")
            if state.shape[0] != batch:
                raise RuntimeError(f"Input batch size {batch} doesn't match hidden{i} batch size {state.shape[0]}")
            if state.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {state.shape[1]}, expected {self.hidden_size}")
        return input, states

    def _sums(self, input, hidden):
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(hidden, self.weight_hh, self.bias_hh)


class RNNCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        rows, (hidden,) = self._ready("RNNCell", input, None if hx is None else [hx], ["hidden"], 1)
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        entered, recurred = self._sums(rows, hidden)
        hidden = torch.tanh(entered + recurred) if self.nonlinearity == "tanh" else torch.relu(entered + recurred)
        return hidden if input.dim() == 2 else hidden.squeeze(0)


class LSTMCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        if isinstance(hx, torch.Tensor):
            raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor")
        if hx is not None and len(hx) != 2:
            raise RuntimeError("lstm_cell expects two hidden states")
        states = None if hx is None else list(hx)
        rows, (hidden, cell) = self._ready("LSTMCell", input, states, ["hx[0]", "hx[1]"], 2)
        entered, recurred = self._sums(rows, hidden)
        hidden, cell = _lstm_step(entered + recurred, cell)
        return (hidden, cell) if input.dim() == 2 else (hidden.squeeze(0), cell.squeeze(0))


class GRUCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        rows, (hidden,) = self._ready("GRUCell", input, None if hx is None else [hx], ["hidden"], 1)
        entered, recurred = self._sums(rows, hidden)
        hidden = _gru_step(entered, recurred, hidden)
        return hidden if input.dim() == 2 else hidden.squeeze(0)
