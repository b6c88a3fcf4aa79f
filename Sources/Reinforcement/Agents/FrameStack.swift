import Environments
import Foundation
import Torch

/// The newest observations of an episode, as a decision sees them.
struct FrameStack {
  let space: ObservationSpace
  /// Oldest first, at most ``/Environments/ObservationSpace/stack`` of them.
  private(set) var observations: [Observation] = []

  init(_ space: ObservationSpace) { self.space = space }

  mutating func begin(_ start: EpisodeStart) { observations = [start.observation] }

  mutating func append(_ observation: Observation) {
    observations.append(observation)
    if observations.count > space.stack { observations.removeFirst() }
  }

  /// (1, S): the frames there are, oldest first, then zeros in the place of those that an episode's beginning lacks, as
  /// DQN Zoo has it.
  func states(on device: Device) -> Tensor {
    let missing = (space.stack - observations.count) * space.count
    let shape = [1] + space.stackedShape
    switch space.element {
    case .uint8:
      var values: [UInt8] = []
      for case .bytes(let bytes) in observations { values += bytes }
      values += [UInt8](repeating: 0, count: missing)
      return Tensor(values, shape: shape, device: device)
    case .float32:
      var values: [Float] = []
      for case .floats(let floats) in observations { values += floats }
      values += [Float](repeating: 0, count: missing)
      return Tensor(values, shape: shape, device: device)
    }
  }

  /// The observations, (count, elements).
  var saved: Tensor {
    let shape = [observations.count, space.count]
    switch space.element {
    case .uint8:
      var values: [UInt8] = []
      for case .bytes(let bytes) in observations { values += bytes }
      return Tensor(values, shape: shape)
    case .float32:
      var values: [Float] = []
      for case .floats(let floats) in observations { values += floats }
      return Tensor(values, shape: shape)
    }
  }

  /// Whether a tensor has the form of ``saved``.
  func accepts(_ tensor: Tensor) -> Bool {
    let shape = tensor.shape
    return shape.count == 2 && shape[1] == space.count && shape[0] <= space.stack
      && tensor.dtype == (space.element == .uint8 ? .uint8 : .float32)
  }

  mutating func restore(_ saved: [Data]) {
    observations = saved.suffix(space.stack).map { Observation($0, of: space) }
  }

  mutating func restore(_ tensor: Tensor) {
    observations = (0..<tensor.shape[0]).map { row in
      space.element == .uint8
        ? .bytes(tensor[row].array(of: UInt8.self)) : .floats(tensor[row].array(of: Float.self))
    }
  }
}
