public import Networks
import Torch

/// Plasticity injection: once, the head is frozen and a new one learns a change to it.
///
///     h(z; θ)  becomes  h(z; θ) + h(z; θ′₁) − h(z; θ′₂),  θ′₁ = θ′₂ drawn again
///
/// θ and θ′₂ no longer change, so that the function is the same at the injection and as many
/// parameters learn as before. The layers before the head continue learning. θ′₁ starts with zero
/// optimizer tensors, while the number of optimizer steps continues.
///
/// Source: Nikishin et al. 2023 (arXiv 2305.15555), expression 1 and figure 2. Which update, and that
/// the head is the last two weighted layers, are our choice. See `InjectedHead`.
public struct PlasticityInjection: Intervention {
  public static let name = "plasticity-injection"
  public static let summary = "once, freezes the head and lets a new one learn a change to it"
  public static let source = "Nikishin et al. 2023, expression 1"

  /// The injection comes before the update after so many.
  public var atUpdate = 1_000
  /// Weighted layers of the head, counted from the end.
  public var headLayers = 2

  public init() {}

  /// Both are at least 1.
  public func validate() throws(ConfigurationError) {
    try requireCount(atUpdate, "atUpdate", from: 1)
    try requireCount(headLayers, "headLayers", from: 1)
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonTooShort(for: Self.name, first: atUpdate, key: "atUpdate")
  }

  public func hook() -> any Hook { Injection(configuration: self) }
}

/// ``PlasticityInjection`` at work.
struct Injection: Hook {
  let configuration: PlasticityInjection
  var memory = Memory()
  private(set) var head: InjectedHead?

  struct Memory: Codable, Sendable, Equatable { var isInjected = false }

  var name: String { PlasticityInjection.name }

  func rewritten(
    _ network: Sequential, at stage: BuildStage, source: ParameterSource
  ) throws -> Sequential {
    guard stage == .normalized else { return network }
    let weighted = network.elements.indices.filter {
      network.elements[$0].layer is any WeightedLayer
    }
    guard weighted.count >= configuration.headLayers else {
      throw InterventionError(
        "\(name) takes the last \(configuration.headLayers) weighted layers as head, and the network "
          + "has \(weighted.count) in its outermost sequence; lower methods.\(name).headLayers")
    }
    let start = weighted[weighted.count - configuration.headLayers]
    let original = Sequential(Array(network.elements[start...]))
    var drawing = source
    drawing.generator = source.generator.split(name)
    let head = InjectedHead(
      original: original, learning: try Self.redrawn(original, from: drawing),
      frozen: try Self.redrawn(original, from: drawing))
    return Sequential(Array(network.elements[..<start]) + [.init("head", head)])
  }

  private static func redrawn(
    _ head: Sequential, from source: ParameterSource
  ) throws -> Sequential {
    try head.replacingLayers { leaf in
      if leaf.layer.parts.isEmpty { return leaf.layer }
      guard let layer = leaf.layer as? any RedrawableLayer else {
        throw InterventionError(
          "\(PlasticityInjection.name) cannot draw \(leaf.name) anew, a \(type(of: leaf.layer)); choose fewer "
            + "layers by methods.\(PlasticityInjection.name).headLayers")
      }
      return layer.redrawn(leaf.name, from: source)
    }
  }

  mutating func begin(_ site: HookSite) throws {
    site.network.visit(prefix: "") { _, part in
      if case .module(_, let module) = part, let found = module as? InjectedHead { head = found }
    }
    head?.setInjected(memory.isInjected)
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    guard !memory.isInjected, moment.update + 1 == configuration.atUpdate else { return }
    memory.isInjected = true
    head?.setInjected(true)
  }

  mutating func restore(_ tensors: [String: Tensor]) throws { head?.setInjected(memory.isInjected) }
}
