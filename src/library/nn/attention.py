class _OutProjection(Linear):
    def _get_name(self):
        return "NonDynamicallyQuantizableLinear"


def _float_mask(mask, name, like):
    """The mask as numbers to add to the scores: a bool mask gives -inf where it is True."""
    if mask is None or mask.is_floating_point():
        return mask
    if mask.dtype != torch.bool:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return torch.zeros(mask.shape, dtype=like.dtype).masked_fill(mask, float("-inf"))


class MultiheadAttention(Module):
    """Attention of several heads: each reads the values where its queries meet the keys."""

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False,
                 kdim=None, vdim=None, batch_first=False, device=None, dtype=None):
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, "
                f"got embed_dim={embed_dim} and num_heads={num_heads} instead")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        assert embed_dim % num_heads == 0, "embed_dim must be divisible by num_heads"

        def parameter(name, wanted, *shape):
            self.register_parameter(name, Parameter(torch.empty(shape, dtype=dtype)) if wanted else None)

        same = self._qkv_same_embed_dim
        parameter("in_proj_weight", same, 3 * embed_dim, embed_dim)
        parameter("q_proj_weight", not same, embed_dim, embed_dim)
        parameter("k_proj_weight", not same, embed_dim, self.kdim)
        parameter("v_proj_weight", not same, embed_dim, self.vdim)
        parameter("in_proj_bias", bias, 3 * embed_dim)
        parameter("bias_k", add_bias_kv, 1, 1, embed_dim)
        parameter("bias_v", add_bias_kv, 1, 1, embed_dim)
        self.out_proj = _OutProjection(embed_dim, embed_dim, bias=bias, dtype=dtype)
        self._reset_parameters()

    def _reset_parameters(self):
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                _init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            _init.constant_(self.in_proj_bias, 0.0)
            _init.constant_(self.out_proj.bias, 0.0)
        for weight in (self.bias_k, self.bias_v):
            if weight is not None:
                _init.xavier_normal_(weight)

    def _check(self, query, key, value, key_padding_mask, attn_mask):
        n = query.dim()
        assert n in (2, 3), f"query should be unbatched 2D or batched 3D tensor but received {n}-D query tensor"
        kind = "unbatched (2-D)" if n == 2 else "batched (3-D)"
        assert key.dim() == n and value.dim() == n, (
            f"For {kind} `query`, expected `key` and `value` to be {n}-D "
            f"but found {key.dim()}-D and {value.dim()}-D tensors respectively")
        if key_padding_mask is not None:
            assert key_padding_mask.dim() == n - 1, (
                f"For {kind} `query`, expected `key_padding_mask` to be `None` or {n - 1}-D "
                f"but found {key_padding_mask.dim()}-D tensor instead")
        if attn_mask is not None:
            assert attn_mask.dim() in (2, 3), (
                f"For {kind} `query`, expected `attn_mask` to be `None`, 2-D or 3-D "
                f"but found {attn_mask.dim()}-D tensor instead")
            if n == 2 and attn_mask.dim() == 3:
                expected = (self.num_heads, query.shape[0], key.shape[0])
                assert tuple(attn_mask.shape) == expected, (
                    f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}")

    def _projected(self, query, key, value):
        """Queries, keys and values from the inputs; inputs that are the same tensor are multiplied once."""
        width, bias = self.embed_dim, self.in_proj_bias
        if self._qkv_same_embed_dim:
            weight = self.in_proj_weight
            if query is key and key is value:
                return F.linear(query, weight, bias).chunk(3, -1)
            if key is value:
                own, others = (None, None) if bias is None else bias.split([width, 2 * width])
                of_query, of_others = weight.split([width, 2 * width])
                return F.linear(query, of_query, own), *F.linear(key, of_others, others).chunk(2, -1)
            weights = weight.chunk(3)
        else:
            weights = self.q_proj_weight, self.k_proj_weight, self.v_proj_weight
        biases = (None, None, None) if bias is None else bias.chunk(3)
        return [F.linear(*each) for each in zip((query, key, value), weights, biases)]

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):
        self._check(query, key, value, key_padding_mask, attn_mask)
        batched = query.dim() == 3
        turned = batched and self.batch_first

        def rows_first(x):
            return x.transpose(0, 1) if turned else x if batched else x.unsqueeze(1)

        length, batch, width = rows_first(query).shape
        key_shape, value_shape = rows_first(key).shape, rows_first(value).shape
        heads, depth = self.num_heads, self.head_dim
        key_padding_mask = _float_mask(key_padding_mask, "key_padding_mask", query)
        if is_causal and attn_mask is None:
            raise RuntimeError(
                "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
                "`generate_square_subsequent_mask` to create this mask.")
        causal = is_causal and key_padding_mask is None and not need_weights
        attn_mask = None if causal else _float_mask(attn_mask, "attn_mask", query)
        assert width == self.embed_dim, f"was expecting embedding dimension of {self.embed_dim}, but got {width}"
        if self._qkv_same_embed_dim:
            assert key_shape == value_shape, f"key shape {key_shape} does not match value shape {value_shape}"
        else:
            assert key_shape[:2] == value_shape[:2], (
                f"key's sequence and batch dims {key_shape[:2]} do not match value's {value_shape[:2]}")
            for name, shape, weight in (("key", key_shape, self.k_proj_weight),
                                        ("value", value_shape, self.v_proj_weight)):
                assert shape[2] == weight.shape[1], (
                    f"expecting {name} weights shape of {(width, shape[2])}, but got {weight.shape}")
        q, k, v = [rows_first(each) for each in self._projected(query, key, value)]

        seen = key_shape[0]
        if attn_mask is not None:
            n = attn_mask.dim()
            expected = (length, seen) if n == 2 else (batch * heads, length, seen)
            if tuple(attn_mask.shape) != expected:
                raise RuntimeError(f"The shape of the {n}D attn_mask is {attn_mask.shape}, but should be {expected}.")
        if self.bias_k is not None:
            k = torch.cat([k, self.bias_k.expand(1, batch, width)])
            v = torch.cat([v, self.bias_v.expand(1, batch, width)])
        if self.add_zero_attn:
            zeros = torch.zeros(1, batch, width, dtype=k.dtype)
            k, v = torch.cat([k, zeros]), torch.cat([v, zeros])
        added = k.shape[0] - seen
        if added and attn_mask is not None:
            attn_mask = F.pad(attn_mask, (0, added))
        if key_padding_mask is not None:
            if not batched:
                key_padding_mask = key_padding_mask.unsqueeze(0)
            for at, size in ((0, batch), (1, seen)):
                assert key_padding_mask.shape[at] == size, (
                    f"Expected key_padded_mask.shape[{at}] to be {size}, but got {key_padding_mask.shape[at]}")
            if added:
                key_padding_mask = F.pad(key_padding_mask, (0, added))
            key_padding_mask = key_padding_mask.view(batch, 1, 1, seen + added)
        if attn_mask is not None:
            attn_mask = attn_mask if attn_mask.dim() == 2 else attn_mask.view(batch, heads, length, seen + added)
        if key_padding_mask is not None:
            attn_mask = key_padding_mask if attn_mask is None else attn_mask + key_padding_mask

        q, k, v = [each.reshape(each.shape[0], batch * heads, depth).transpose(0, 1) for each in (q, k, v)]
        if causal:
            attn_mask = torch.full((length, seen + added), float("-inf"), dtype=q.dtype).triu(1)
        weights = self._weights(q * _math.sqrt(1 / depth), k, attn_mask, batch, need_weights)
        read = torch.bmm(weights, v).transpose(0, 1)
        output = self.out_proj(read.reshape(length * batch, width)).view(length, batch, width)
        weights = weights.view(batch, heads, length, seen + added) if need_weights else None
        if need_weights and average_attn_weights:
            weights = weights.mean(dim=1)
        if not batched:
            return output.squeeze(1), weights.squeeze(0) if need_weights else None
        return output.transpose(0, 1) if turned else output, weights

    def _weights(self, q, k, mask, batch, exact):
        """How much of each key a query takes. One that sees no key takes nan of each, or nothing if not `exact`."""
        scores = torch.bmm(q, k.transpose(1, 2))
        blind = None
        if mask is not None:
            whole = scores.view(batch, self.num_heads, *scores.shape[1:]) + mask
            if not exact:
                blind = (mask == float("-inf")).all(-1, keepdim=True)
                blind = blind if bool(blind.any()) else None
            if blind is not None:
                whole = whole.masked_fill(blind, 0.0)
            scores = whole.view(scores.shape)
        weights = torch.softmax(scores, -1)
        if blind is not None:
            weights = weights.view(whole.shape).masked_fill(blind, 0.0).view(scores.shape)
        return F.dropout(weights, self.dropout) if self.dropout and self.training else weights


def _copies(layer, count):
    return ModuleList([_copy.deepcopy(layer) for _ in range(count)])


def _activation(wanted):
    if not isinstance(wanted, str):
        return wanted
    if wanted not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {wanted}")
    return F.relu if wanted == "relu" else F.gelu


class TransformerEncoderLayer(Module):
    """Attention of a sequence to itself, then two linear layers; each is added to what it was given."""

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu, layer_norm_eps=1e-05,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = _activation(activation)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        masks = (_float_mask(src_mask, "src_mask", src),
                 _float_mask(src_key_padding_mask, "src_key_padding_mask", src), is_causal)
        if self.norm_first:
            src = src + self._sa_block(self.norm1(src), *masks)
            return src + self._ff_block(self.norm2(src))
        src = self.norm1(src + self._sa_block(src, *masks))
        return self.norm2(src + self._ff_block(src))

    def _sa_block(self, x, attn_mask, key_padding_mask, is_causal=False):
        read, _ = self.self_attn(x, x, x, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False,
                                 is_causal=is_causal)
        return self.dropout1(read)

    def _ff_block(self, x):
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoder(Module):
    """Copies of an encoder layer, one after another."""

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        padding = _float_mask(src_key_padding_mask, "src_key_padding_mask", src)
        mask = _float_mask(mask, "mask", src)
        cleared = None
        if padding is not None and mask is None and self._clears(src, padding):
            cleared = padding != 0
            padding = padding.masked_fill(cleared, float("-inf"))
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=mask, is_causal=bool(is_causal), src_key_padding_mask=padding)
        if cleared is not None:
            output = output.masked_fill(cleared.unsqueeze(-1), 0.0)
        return output if self.norm is None else self.norm(output)

    def _clears(self, src, padding):
        """Whether padded places of the output are zero: so it is where PyTorch packs the rows before the layers."""
        layer = self.layers[0]
        if self.training or not self.enable_nested_tensor or not isinstance(layer, TransformerEncoderLayer):
            return False
        attention = layer.self_attn
        plain = (src.dim() == 3 and attention.batch_first and attention.in_proj_bias is not None
                 and attention._qkv_same_embed_dim and attention.num_heads % 2 == 0 and not layer.norm_first
                 and layer.norm1.eps == layer.norm2.eps
                 and (layer.activation in (F.relu, F.gelu) or isinstance(layer.activation, (ReLU, GELU))))
        if not plain:
            return False
        if torch.is_grad_enabled() and (src.requires_grad or any(each.requires_grad for each in layer.parameters())):
            return False
        padded = padding != 0
        return not bool((padded[:, :-1] & ~padded[:, 1:]).any())


class TransformerDecoderLayer(Module):
    """Attention of a sequence to itself, then to a memory, then two linear layers."""

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu, layer_norm_eps=1e-05,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _activation(activation)

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False):
        own = tgt_mask, tgt_key_padding_mask, tgt_is_causal
        others = memory, memory_mask, memory_key_padding_mask, memory_is_causal
        if self.norm_first:
            tgt = tgt + self._sa_block(self.norm1(tgt), *own)
            tgt = tgt + self._mha_block(self.norm2(tgt), *others)
            return tgt + self._ff_block(self.norm3(tgt))
        tgt = self.norm1(tgt + self._sa_block(tgt, *own))
        tgt = self.norm2(tgt + self._mha_block(tgt, *others))
        return self.norm3(tgt + self._ff_block(tgt))

    def _sa_block(self, x, attn_mask, key_padding_mask, is_causal=False):
        read, _ = self.self_attn(x, x, x, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False,
                                 is_causal=is_causal)
        return self.dropout1(read)

    def _mha_block(self, x, mem, attn_mask, key_padding_mask, is_causal=False):
        read, _ = self.multihead_attn(x, mem, mem, attn_mask=attn_mask, key_padding_mask=key_padding_mask,
                                      need_weights=False, is_causal=is_causal)
        return self.dropout2(read)

    def _ff_block(self, x):
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoder(Module):
    """Copies of a decoder layer, one after another."""

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=None, memory_is_causal=False):
        output = tgt
        for layer in self.layers:
            output = layer(output, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                           tgt_key_padding_mask=tgt_key_padding_mask, memory_key_padding_mask=memory_key_padding_mask,
                           tgt_is_causal=bool(tgt_is_causal), memory_is_causal=memory_is_causal)
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """An encoder, and a decoder that reads what it gives."""

    def __init__(self, d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048,
                 dropout=0.1, activation=F.relu, custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-05,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        layer = d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias

        def norm():
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        if custom_encoder is None:
            custom_encoder = TransformerEncoder(
                TransformerEncoderLayer(*layer, dtype=dtype), num_encoder_layers, norm())
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*layer, dtype=dtype), num_decoder_layers, norm())
        self.encoder, self.decoder = custom_encoder, custom_decoder
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def _reset_parameters(self):
        for weight in self.parameters():
            if weight.dim() > 1:
                _init.xavier_uniform_(weight)

    def forward(self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
                tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None,
                memory_is_causal=False):
        at = 0 if self.batch_first else 1
        if src.size(at) != tgt.size(at) and src.dim() == 3:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.size(-1) != self.d_model or tgt.size(-1) != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                            tgt_key_padding_mask=tgt_key_padding_mask, memory_key_padding_mask=memory_key_padding_mask,
                            tgt_is_causal=tgt_is_causal, memory_is_causal=memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=None):
        """-inf above the diagonal: no place looks at a later one."""
        return torch.full((sz, sz), float("-inf"), dtype=dtype).triu(1)
