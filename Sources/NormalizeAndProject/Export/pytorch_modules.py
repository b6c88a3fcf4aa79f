# Modules that PyTorch lacks. An export carries along those that it needs, which need `torch` and `nn`.


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body, self.shortcut = body, nn.Identity() if shortcut is None else shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class Dueling(nn.Module):
    def __init__(self, actions, advantage, value):
        super().__init__()
        self.actions, self.advantage, self.value = actions, advantage, value

    @staticmethod
    def per_action(x, actions):
        return x.transpose(1, 2) if x.dim() == 3 else x.reshape(x.shape[0], actions, -1)

    def forward(self, x):
        advantage = self.per_action(self.advantage(x), self.actions)
        return advantage - advantage.mean(1, keepdim=True) + self.per_action(self.value(x), 1)


class PerAction(nn.Module):
    def __init__(self, actions):
        super().__init__()
        self.actions = actions

    def forward(self, x):
        return x.transpose(1, 2) if x.dim() == 3 else x.reshape(x.shape[0], self.actions, -1)


class ActorCritic(nn.Module):
    def __init__(self, policy, value):
        super().__init__()
        self.policy, self.value = policy, value

    def forward(self, x):
        return torch.cat([self.policy(x), self.value(x)], 1)


class NoisyLinear(nn.Module):
    noise = False  # whether factorized noise is drawn, anew at every call

    def __init__(self, inputs, outputs, bias=True, deviation_bias=True):
        super().__init__()
        def empty(*shape):
            return nn.Parameter(torch.empty(shape))
        self.weight, self.deviation = empty(outputs, inputs), empty(outputs, inputs)
        self.bias = empty(outputs) if bias else None
        self.deviation_bias = empty(outputs) if deviation_bias else None

    def forward(self, x):
        y = nn.functional.linear(x, self.weight, self.bias)
        if not self.noise:
            return y
        def factors(count):
            drawn = nn.init.trunc_normal_(x.new_empty(count))
            return drawn.sign() * drawn.abs().sqrt()
        before, after = factors(self.weight.shape[1]), factors(self.weight.shape[0])
        y = y + nn.functional.linear(x * before, self.deviation) * after
        return y if self.deviation_bias is None else y + self.deviation_bias * after


class CosineFeatures(nn.Module):
    fractions = None  # (batch, fractions); by default 32 midpoints

    def __init__(self, count):
        super().__init__()
        self.count = count

    def forward(self, x):
        fractions = self.fractions
        if fractions is None:
            fractions = ((torch.arange(32, device=x.device) + 0.5) / 32).expand(x.shape[0], 32)
        multiples = torch.pi * torch.arange(1, self.count + 1, device=x.device)
        return torch.cos(fractions.to(x.dtype).unsqueeze(-1) * multiples.to(x.dtype))


class QuantileEmbedding(nn.Module):
    def __init__(self, embedding):
        super().__init__()
        self.embedding = embedding

    def forward(self, x):
        return self.embedding(x) * x.unsqueeze(1)


class InjectedHead(nn.Module):
    def __init__(self, original, learning, frozen, injected):
        super().__init__()
        self.original, self.learning, self.frozen = original, learning, frozen
        self.injected = injected

    def forward(self, x):
        y = self.original(x)
        return y + (self.learning(x) - self.frozen(x)) if self.injected else y


class SelfAttention(nn.Module):
    def __init__(self, features, heads, dimension, causal, query_normalization=None, key_normalization=None):
        super().__init__()
        def empty(*shape):
            return nn.Parameter(torch.empty(shape))
        width = heads * dimension
        self.query, self.key, self.value = (empty(width, features) for _ in range(3))
        self.output = empty(features, width)
        self.heads, self.causal = heads, causal
        self.query_normalization, self.key_normalization = query_normalization, key_normalization

    def forward(self, x):
        def split(weight, normalization=None):
            heads = nn.functional.linear(x, weight).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            return heads if normalization is None else normalization(heads)
        mixed = nn.functional.scaled_dot_product_attention(
            split(self.query, self.query_normalization), split(self.key, self.key_normalization),
            split(self.value), is_causal=self.causal)
        return nn.functional.linear(mixed.transpose(1, 2).flatten(2), self.output)


class TokenEmbedding(nn.Module):
    def __init__(self, vocabulary, positions, features):
        super().__init__()
        self.tokens = nn.Parameter(torch.empty(vocabulary, features))
        self.positions = nn.Parameter(torch.empty(positions, features))

    def forward(self, x):
        return nn.functional.embedding(x, self.tokens) + self.positions[:x.shape[1]]


class LastPosition(nn.Module):
    def forward(self, x):
        return x[:, -1]


class InputScaling(nn.Module):
    def __init__(self, divisor):
        super().__init__()
        self.divisor = divisor

    def forward(self, x):
        numbers = x if x.is_floating_point() else x.float()
        return numbers if self.divisor == 1 else numbers * (1 / self.divisor)


class AppendedOne(nn.Module):
    def forward(self, x):
        return torch.cat([x, x.new_ones(x.shape[0], 1)], 1)


class CReLU(nn.Module):
    def forward(self, x):
        return torch.cat([x.relu(), (-x).relu()], 1)


class FourierFeatures(nn.Module):
    def forward(self, x):
        return torch.cat([x.sin(), x.cos()], 1)


class ChannelNormalization(nn.Module):
    def __init__(self, each):
        super().__init__()
        self.each = each

    def forward(self, x):
        return self.each(x.movedim(1, -1)).movedim(-1, 1)


class ShiftedRMSNorm(nn.RMSNorm):
    def __init__(self, shape, eps):
        super().__init__(shape, eps)
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return super().forward(x) + self.bias


class GroupedAttention(nn.Module):
    def __init__(self, features, heads, key_heads, dimension, causal, bias, rotary_base,
                 query_normalization=None, key_normalization=None):
        super().__init__()
        def empty(*shape):
            return nn.Parameter(torch.empty(shape))
        wide, narrow = heads * dimension, key_heads * dimension
        self.query, self.key, self.value = (empty(width, features) for width in (wide, narrow, narrow))
        self.output = empty(features, wide)
        widths = dict(query=wide, key=narrow, value=narrow, output=features)
        for name in ("query", "key", "value", "output"):
            self.register_parameter(name + "_bias", empty(widths[name]) if name in bias else None)
        self.heads, self.key_heads, self.causal, self.rotary_base = heads, key_heads, causal, rotary_base
        self.query_normalization, self.key_normalization = query_normalization, key_normalization

    def turned(self, x):
        if self.rotary_base is None:
            return x
        half = x.shape[-1] // 2
        rates = self.rotary_base ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
        angles = torch.outer(torch.arange(x.shape[2], dtype=torch.float64, device=x.device), rates)
        cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        first, second = x[..., :half], x[..., half:]
        return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)

    def forward(self, x):
        def split(weight, bias, heads, normalization=None):
            split = nn.functional.linear(x, weight, bias).unflatten(-1, (heads, -1)).transpose(1, 2)
            return split if normalization is None else normalization(split)
        queries = self.turned(split(self.query, self.query_bias, self.heads, self.query_normalization))
        keys = self.turned(split(self.key, self.key_bias, self.key_heads, self.key_normalization))
        mixed = nn.functional.scaled_dot_product_attention(
            queries, keys, split(self.value, self.value_bias, self.key_heads), is_causal=self.causal,
            enable_gqa=self.heads != self.key_heads)
        return nn.functional.linear(mixed.transpose(1, 2).flatten(2), self.output, self.output_bias)


class GatedLinearUnit(nn.Module):
    def __init__(self, gate, up):
        super().__init__()
        self.gate, self.up = gate, up

    def forward(self, x):
        return self.gate(x) * self.up(x)


class SquaredReLU(nn.Module):
    def forward(self, x):
        return x.relu().square()


class PositionsInARow(nn.Module):
    def forward(self, x):
        return x.flatten(2).transpose(1, 2)


class PositionEmbedding(nn.Module):
    def __init__(self, count, features, has_class):
        super().__init__()
        self.register_parameter("class", nn.Parameter(torch.empty(features)) if has_class else None)
        self.positions = nn.Parameter(torch.empty(count, features))

    def forward(self, x):
        first = getattr(self, "class")
        if first is not None:
            x = torch.cat([first.expand(x.shape[0], 1, -1), x], 1)
        return x + self.positions


class FirstPosition(nn.Module):
    def forward(self, x):
        return x[:, 0]


class PositionMean(nn.Module):
    def forward(self, x):
        return x.mean(1)
