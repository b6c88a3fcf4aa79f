public import Networks

/// Which parameters a method acts on, told by their roles.
public enum ParameterSelection: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every trainable parameter.
  case all
  /// Hidden and output weights, embeddings and noise: everything but biases, scales and offsets.
  case weights
  /// Hidden weights alone: what the projection can restore.
  case hidden

  /// Whether a parameter is chosen; a frozen one never is.
  public func includes(_ parameter: Parameter) -> Bool {
    parameter.isTrainable && includes(parameter.role)
  }

  /// Whether trainable parameters of a role are chosen.
  public func includes(_ role: ParameterRole) -> Bool {
    switch (self, role) {
    case (.all, _): return true
    case (_, .bias), (_, .scale), (_, .offset): return false
    case (.weights, _): return true
    case (.hidden, .output), (.hidden, .embedding): return false
    case (.hidden, _): return true
    }
  }
}
