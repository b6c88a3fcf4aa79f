import Foundation
import Networks
import Plasticity
package import Torch

/// Measures the networks of files that nap did not write, one after another: every diagnostic that needs no run.
///
/// Changes are relative to the file before; the first file stands for the initial weights.
package struct NetworkMeasuring {
  private let description: NetworkDescription
  private let given: GivenInputs
  private let suite: DiagnosticSuite
  private let prefix: String
  private var previous: Sequential?
  private var initial: [String: Tensor]?

  /// Which tensor is which layer's, in the file measured last.
  package private(set) var lines: [String] = []

  /// Plans.
  ///
  /// - Throws: ``UsageError`` for a diagnostic that does not exist.
  package init(
    _ description: NetworkDescription, _ given: GivenInputs, diagnostics: [String], prefix: String
  ) throws(UsageError) {
    (self.description, self.given, self.prefix) = (description, given, prefix)
    suite = try DiagnosticRecorder.suite(diagnostics).thorough
  }

  /// Measures a file.
  ///
  /// - Parameter updates: the step that the file is of, where it is known.
  /// - Throws: ``UsageError`` for a file whose tensors do not fit; errors of reading.
  package mutating func measure(_ file: TensorFile, updates: Int?) throws -> CheckpointMeasurement {
    let match = try description.match(
      file, prefix: prefix, shape: Array(given.inputs.shape.dropFirst()))
    lines = match.lines + [given.line]
    let generator = Generator(seed: 0)
    let reference = previous.map {
      DiagnosticReference(
        DiagnosticSubject(network: $0, probes: given.inputs, generator: generator))
    }
    let subject = DiagnosticSubject(
      network: match.network, probes: given.inputs, labels: given.labels, loss: given.loss,
      initial: initial, reference: reference, generator: generator)
    let readings = suite.measure(subject)
    initial = initial ?? DiagnosticRecorder.values(of: match.network)
    previous = match.network
    return CheckpointMeasurement(path: file.url.path, updates: updates, readings: readings)
  }
}
