extension PyTorchDefinition {
  /// The classes of layers that ``/Networks/GPT`` and ``/Networks/ViT`` are made of.
  var modelSource: String {
    switch self {
    case .groupedAttention:
      """
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
      """
    case .gatedLinearUnit:
      """
      class GatedLinearUnit(nn.Module):
          def __init__(self, gate, up):
              super().__init__()
              self.gate, self.up = gate, up

          def forward(self, x):
              return self.gate(x) * self.up(x)
      """
    case .squaredReLU:
      """
      class SquaredReLU(nn.Module):
          def forward(self, x):
              return x.relu().square()
      """
    case .positionsInARow:
      """
      class PositionsInARow(nn.Module):
          def forward(self, x):
              return x.flatten(2).transpose(1, 2)
      """
    case .positionEmbedding:
      """
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
      """
    case .firstPosition:
      """
      class FirstPosition(nn.Module):
          def forward(self, x):
              return x[:, 0]
      """
    default:
      """
      class PositionMean(nn.Module):
          def forward(self, x):
              return x.mean(1)
      """
    }
  }
}
