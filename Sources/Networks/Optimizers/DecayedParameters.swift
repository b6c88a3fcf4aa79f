/// Which parameters an optimizer's weight decay shrinks, by their roles.
public enum DecayedParameters: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every parameter, as PyTorch's optimizers do.
  case all
  /// Weights alone: no biases, scales, offsets or embeddings.
  ///
  /// The field's usual choice for transformers, of which GPT-2's public trainings (nanoGPT, by the number of axes)
  /// decay embeddings, too.
  case weights

  /// Whether parameters of a role are shrunk.
  public func includes(_ role: ParameterRole) -> Bool {
    switch role {
    case .bias, .scale, .offset, .embedding: self == .all
    case .weight, .output, .noise, .residualOutput, .attentionLogit: true
    }
  }
}
