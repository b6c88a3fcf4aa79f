import Environments
import Reinforcement

/// A corridor of cells 0 … 5: action 1 goes right, action 0 ends the episode with 0.2. The far end pays 1.
/// Deterministic; the best return is 1, that of haste 0.2.
struct Corridor: Environment {
  static let length = 5
  private(set) var cell: Int?
  private(set) var steps = 0

  var specification: EnvironmentSpecification {
    EnvironmentSpecification(
      name: "corridor", observations: ObservationSpace(shape: [6], element: .float32),
      actionCount: 2)
  }

  mutating func reset() throws -> EpisodeStart {
    cell = 0
    steps = 0
    return EpisodeStart(observation(0))
  }

  mutating func step(_ action: Action) throws -> Step {
    guard let cell, case .discrete(let action) = action, (0...1).contains(action) else {
      throw EnvironmentError("corridor", "expected a reset and an action 0 or 1, found \(action)")
    }
    steps += 1
    let next = cell + action
    let isOver = action == 0 || next == Self.length
    self.cell = isOver ? nil : next
    return Step(
      observation: observation(next), reward: action == 0 ? 0.2 : (isOver ? 1 : 0),
      end: isOver ? .terminated : nil)
  }

  private func observation(_ cell: Int) -> Observation {
    .floats((0...Self.length).map { $0 == cell ? 1 : 0 })
  }

  func savedState() throws -> EnvironmentState {
    EnvironmentState(
      format: "corridor/1", bytes: [UInt8(cell ?? 255), UInt8(truncatingIfNeeded: steps)])
  }

  mutating func restore(_ state: EnvironmentState) throws {
    guard state.format == "corridor/1", state.bytes.count == 2 else {
      throw EnvironmentError("corridor", "expected corridor/1 of two bytes, found \(state)")
    }
    cell = state.bytes[0] == 255 ? nil : Int(state.bytes[0])
    steps = Int(state.bytes[1])
  }
}
