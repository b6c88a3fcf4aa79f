public import Torch

/// How the next token is chosen.
public struct TokenSampling: Sendable, Hashable, Codable {
  /// Logits are divided by it; 0 takes the likeliest token.
  public var temperature: Double
  /// Only so many of the likeliest tokens can be drawn; `nil` for all.
  public var topK: Int?

  /// Draws from the model's own distribution by default.
  public init(temperature: Double = 1, topK: Int? = nil) {
    self.temperature = temperature
    self.topK = topK
  }

  /// Checks both fields.
  ///
  /// - Throws: ``ConfigurationError``.
  public func validate() throws(ConfigurationError) {
    try ConfigurationError.requireNumber(temperature, "temperature")
    if let topK { try ConfigurationError.requireCount(topK, "topK", from: 1) }
  }

  /// A token (B) for each row of logits (B, V).
  ///
  /// The largest of `logits / temperature + g` with Gumbel noise g is a draw from their softmax.
  public func draw(_ logits_BV: Tensor, generator: Generator) -> Tensor {
    withoutGradients {
      var scores_BV = logits_BV.detached().converted(to: .float64)
      let tokenCount = logits_BV.shape[1]
      if let topK, topK < tokenCount {
        let (largest_BK, _) = scores_BV.largest(topK, axis: 1)
        let least_B1 = largest_BK.narrowed(axis: 1, from: topK - 1, length: 1)
        scores_BV = scores_BV.filled(
          where: scores_BV.less(than: least_B1), with: .real(-.infinity))
      }
      guard temperature > 0 else { return scores_BV.indexOfMaximum(axis: 1) }
      let uniform_BV = Tensor.uniform(
        scores_BV.shape, generator: generator, dtype: .float64, device: generator.device
      ).moved(to: scores_BV.device)
      let noise_BV = uniform_BV.logarithm().negated().logarithm().negated()
      return (scores_BV / temperature + noise_BV).indexOfMaximum(axis: 1)
    }
  }
}

extension GPT {
  /// Continues a text token by token.
  ///
  /// - Parameters:
  ///   - network: a network of this configuration, whatever was inserted.
  ///   - prompt: at least one token.
  ///   - count: tokens to add; prompt and these must fit ``context``.
  ///   - sampling: how each is chosen.
  ///   - generator: where draws come from; its state moves.
  ///   - onToken: shown each token as it is chosen; `false` ends the text after it.
  /// - Returns: the tokens that were added.
  /// - Throws: ``ConfigurationError`` for a prompt that is empty, too long, or of tokens outside the vocabulary.
  /// - Cost: one pass over the prompt and one position a token (``DecodingCache``).
  public func generate(
    _ network: Sequential, prompt: [Int], count: Int, sampling: TokenSampling = TokenSampling(),
    generator: Generator, onToken: (Int) -> Bool = { _ in true }
  ) throws(ConfigurationError) -> [Int] {
    try sampling.validate()
    try requireTokens(prompt)
    try ConfigurationError.requireCount(count, "the number of tokens", from: 0)
    try requireFits(length: prompt.count + count)
    let device = network.parameters.first?.value.device ?? .cpu
    let cache = DecodingCache()
    var added: [Int] = []
    var next = prompt
    while added.count < count {
      let tokens_BT = Tensor(next, shape: [1, next.count]).moved(to: device)
      let logits_BV = network.continued(tokens_BT, cache).selected(axis: 1, at: -1)
      let token = Int(sampling.draw(logits_BV, generator: generator)[0].item)
      added.append(token)
      guard onToken(token) else { break }
      next = [token]
    }
    return added
  }

  private func requireTokens(_ tokens: [Int]) throws(ConfigurationError) {
    try ConfigurationError.require(!tokens.isEmpty, "the prompt", "at least one token", "empty")
    for token in tokens where !(0..<vocabulary).contains(token) {
      throw ConfigurationError(
        option: "the prompt", expected: "tokens from 0 to \(vocabulary - 1)", found: "\(token)")
    }
  }
}
