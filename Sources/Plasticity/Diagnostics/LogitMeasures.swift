import Networks
import Torch

/// The mean Euclidean norm of the outputs.
///
///     (1/N) Σ_n ‖z_n‖₂
///
/// over the probes, and over the positions of each where outputs are one vector a position. Logits that grow without
/// bound make a softmax sharp and its gradients small; in language models they come before a loss that diverges.
/// Source: Wortsman et al. 2023 (arXiv 2309.14322), which looks at output logits; the norm is our choice.
public struct LogitNorm: Diagnostic {
  /// `logit-norm`.
  public static let name = "logit-norm"
  /// One line.
  public static let summary = "mean norm of the outputs"
  /// Where it comes from.
  public static let source = "Wortsman et al. 2023 (arXiv 2309.14322)"
  /// `logit_norm`.
  public static let metrics = ["logit_norm"]

  /// The measure.
  public init() {}

  /// Cost: a forward pass over the probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 1)
    guard let output = subject.trace.output else { throw .noLayer("layer") }
    let norms = withoutGradients {
      output.detached().vectorNorm(axes: [-1], dtype: .float64).mean().item
    }
    return [DiagnosticReading("logit_norm", DiagnosticOutcome(finite: norms, "the mean norm"))]
  }
}

/// ``AttentionEntropy`` as a diagnostic: of the whole network, and of each attention layer.
public struct AttentionSpread: Diagnostic {
  /// `attention-entropy`.
  public static let name = "attention-entropy"
  /// One line.
  public static let summary = "mean entropy of attention's distributions"
  /// Where it comes from.
  public static let source = "ours; METHOD 1.6 tells why it matters"
  /// `attention_entropy`.
  public static let metrics = ["attention_entropy"]

  /// The measure.
  public init() {}

  /// Undefined for a network without attention. Cost: a forward pass over the probes and attention's distributions.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 1)
    let entropy = AttentionEntropy.measure(subject.network, probes: subject.probes)
    guard let mean = entropy.mean else { throw .noLayer("attention") }
    func reading(_ scope: String, _ value: Double) -> DiagnosticReading {
      DiagnosticReading(
        "attention_entropy", scope: scope, DiagnosticOutcome(finite: value, "the entropy"))
    }
    return [reading("", mean)] + entropy.layers.map { reading($0.name, $0.entropy) }
  }
}
