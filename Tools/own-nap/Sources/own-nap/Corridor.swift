import Environments
import Foundation
import Plasticity

/// Nine cells in a row: the way out, worth 1, lies at the right end.
struct Corridor: Environment, Codable {
  var cell = 4
  var steps = 0

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      name: "Corridor", observations: ObservationSpace(shape: [9], element: .float32),
      actionCount: 2)
  }

  private var view: Observation { .floats((0..<9).map { $0 == cell ? 1 : 0 }) }

  mutating func reset() -> EpisodeStart {
    self = Corridor()
    return EpisodeStart(view)
  }

  mutating func step(_ action: Action) -> Step {
    cell = max(0, cell + (action == .discrete(1) ? 1 : -1))
    steps += 1
    let isOut = cell == 8
    return Step(
      observation: view, reward: isOut ? 1 : 0,
      end: isOut ? .terminated : steps == 50 ? .truncated : nil)
  }

  func savedState() throws -> EnvironmentState {
    EnvironmentState(format: "corridor/1", bytes: Array(try JSONEncoder().encode(self)))
  }

  mutating func restore(_ state: EnvironmentState) throws {
    self = try JSONDecoder().decode(Corridor.self, from: Data(state.bytes))
  }
}

extension AddedEnvironment {
  static let corridor = AddedEnvironment("corridor", returns: (random: 0.6, reference: 1)) { _, _ in
    Corridor()
  }
}

/// The largest element of all parameters.
struct LargestWeight: Diagnostic {
  static let name = "largest-weight"
  static let summary = "the largest element of all parameters"
  static let source = "an example"
  static let metrics = ["largest_weight"]
  static let definitions = [
    MetricDefinition(
      "largest_weight", title: "Largest weight", unit: "metres",
      "the largest element of all parameters")
  ]

  func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    let largest = subject.network.parameters.map { $0.value.detached().absolute().maximum().item }
    return [
      DiagnosticReading("largest_weight", DiagnosticOutcome(finite: largest.max() ?? 0, "it"))
    ]
  }
}
