import Foundation

/// Environments of one configuration in one Python process.
///
/// A command is a byte through the socket, so that the system's own barriers order what both sides write into the
/// shared memory: per environment the number of a discrete action, 0 for a continuous one, or -1 for a reset, then a
/// reward, an end, an observation and the numbers of a continuous action.
final class GymnasiumProcess {
  let count: Int
  let specification: EnvironmentSpecification
  let configuration: GymnasiumConfiguration
  let child: ChildProcess
  /// Of Gymnasium, and of the package that the environment is from where that is another.
  let versions: [String: String]
  private let memory: SharedMemory
  private let layout: Layout
  private let shared: UnsafeMutableRawBufferPointer

  /// What Python runs.
  private static let program = String(
    decoding: PackageResources.gymnasium_program_py, as: UTF8.self)

  private struct Told: Encodable {
    var id: String
    var arguments: String
    var seeds: [UInt32]
    var layout: String
    var channels: Int?
    var spin: Double
    var patience: Double
  }

  private struct Hello: Decodable {
    var shape: [Int]
    var element: ObservationSpace.Element
    var actions: ActionSpace
    var versions: [String: String]
  }

  /// Where things lie in the shared memory, in bytes.
  private struct Layout: Encodable {
    var rewards: Int
    var ends: Int
    var observations: Int
    var actions: Int
    var size: Int

    init(count: Int, observationBytes: Int, actionBytes: Int) {
      func aligned(_ offset: Int) -> Int { (offset + 63) / 64 * 64 }
      rewards = aligned(4 * count)
      ends = aligned(rewards + 8 * count)
      observations = aligned(ends + count)
      actions = aligned(observations + count * observationBytes)
      size = max(4096, actions + count * actionBytes)
    }
  }

  init(_ configuration: GymnasiumConfiguration, seeds: [UInt32], python: String) throws {
    self.configuration = configuration
    count = seeds.count
    let id = configuration.id
    do {
      try configuration.validate()
    } catch {
      throw GymnasiumError.unsupported(id: id, reason: "environments.gymnasium." + error.reason)
    }
    let told = Told(
      id: id, arguments: configuration.arguments, seeds: seeds,
      layout: configuration.imageLayout.rawValue,
      channels: configuration.channels, spin: configuration.spinMicroseconds,
      patience: configuration.stepTimeout / 2)
    do {
      memory = try SharedMemory()
      let text = String(decoding: try JSONEncoder().encode(told), as: UTF8.self)
      child = try ChildProcess(
        executable: python, arguments: ["-c", Self.program, text],
        memory: memory.descriptor, sendTimeout: configuration.stepTimeout)
    } catch let refusal as Descriptors.Refusal {
      if refusal.what.hasPrefix("to run ") {
        let reason = String(cString: strerror(refusal.code))
        throw GymnasiumError.pythonMissing(python: python, reason: reason)
      }
      throw GymnasiumError.system(id: id, reason: refusal.description)
    }
    let conversation = Conversation(child: child, configuration: configuration)
    let content = try conversation.answer("h", within: configuration.startTimeout)
    let hello = try conversation.decoded(Hello.self, from: content)
    try Self.check(hello, id: id)
    versions = hello.versions
    let observations = ObservationSpace(
      shape: hello.shape, element: hello.element, stack: configuration.stack)
    specification = EnvironmentSpecification(
      name: "Gymnasium/\(id)", observations: observations, actions: hello.actions,
      actionRepeat: configuration.framesPerStep)
    layout = Layout(
      count: count, observationBytes: observations.count * (hello.element == .uint8 ? 1 : 4),
      actionBytes: 4 * hello.actions.count)
    do {
      try memory.map(layout.size)
    } catch {
      throw GymnasiumError.system(id: id, reason: "\(error)")
    }
    guard let shared = memory.bytes else {
      throw GymnasiumError.system(id: id, reason: "no shared memory")
    }
    self.shared = shared
    let places = [UInt8](try JSONEncoder().encode(layout))
    try conversation.send(Conversation.number(places.count) + places)
  }

  /// Refuses spaces whose sizes could not be computed with, whatever says so.
  private static func check(_ hello: Hello, id: String) throws(GymnasiumError) {
    let bytes = hello.shape.reduce(hello.element == .uint8 ? 1.0 : 4) { $0 * Double($1) }
    guard hello.shape.allSatisfy({ $0 >= 1 }), !hello.shape.isEmpty, bytes < Double(1 << 30) else {
      throw .unsupported(
        id: id,
        reason: "expected observations of at least one number and below 1 GiB, found the shape "
          + "\(hello.shape.prefix(8)): wrap the environment")
    }
    guard (1...1_000_000).contains(hello.actions.count) else {
      throw .unsupported(
        id: id,
        reason:
          "expected 1 to 1,000,000 actions, found \(hello.actions.count): wrap the environment")
    }
    if case .continuous(let low, let high) = hello.actions,
      low.count != high.count || !zip(low, high).allSatisfy({ $0 <= $1 })
    {
      throw .unsupported(id: id, reason: "expected bounds of actions, found \(low) to \(high)")
    }
  }

  private var conversation: Conversation {
    Conversation(child: child, configuration: configuration)
  }

  /// Moves each environment by its command.
  func advance(_ commands: some Collection<EnvironmentCommand>) throws {
    for (index, command) in commands.enumerated() {
      var number: Int32 = 0
      switch command {
      case .reset: number = -1
      case .act(.discrete(let action)): number = Int32(action)
      case .act(.continuous(let values)):
        let start = layout.actions + 4 * values.count * index
        for (place, value) in values.enumerated() {
          shared.storeBytes(of: value, toByteOffset: start + 4 * place, as: Float.self)
        }
      }
      shared.storeBytes(of: number, toByteOffset: 4 * index, as: Int32.self)
    }
    try conversation.send([UInt8(ascii: "s")])
  }

  /// Waits for what the last ``advance(_:)`` brought.
  func awaitResults() throws { try conversation.signal() }

  /// What an environment shows.
  func observation(_ index: Int) -> Observation {
    let elements = specification.observations.count
    switch specification.observations.element {
    case .uint8:
      let start = layout.observations + index * elements
      return .bytes([UInt8](shared[start..<(start + elements)]))
    case .float32:
      let start = layout.observations + index * elements * 4
      let bytes = UnsafeRawBufferPointer(rebasing: shared[start..<(start + 4 * elements)])
      return .floats(bytes.withMemoryRebound(to: Float.self) { [Float]($0) })
    }
  }

  /// What an environment's last step brought; whether it is finite is asked by whoever plays.
  func step(_ index: Int) -> Step {
    let reward = shared.load(fromByteOffset: layout.rewards + 8 * index, as: Double.self)
    let end: EpisodeEnd? =
      switch shared[layout.ends + index] {
      case 0: nil
      case 1: .terminated
      default: .truncated
      }
    return Step(
      observation: observation(index), reward: reward, end: end,
      frames: Frames(configuration.framesPerStep))
  }

  /// An environment's pickle, after a proof that it plays on as the environment does.
  func savedState(_ index: Int) throws -> [UInt8] {
    try conversation.send([UInt8(ascii: "g")] + Conversation.number(index))
    return try conversation.answer(
      "b", within: configuration.stepTimeout, atMost: Conversation.largestState)
  }

  /// Puts a pickle in an environment's place.
  func restore(_ index: Int, _ pickle: [UInt8]) throws {
    try conversation.send(
      [UInt8(ascii: "p")] + Conversation.number(index) + Conversation.number(pickle.count) + pickle)
    _ = try conversation.answer("k", within: configuration.stepTimeout)
  }
}
