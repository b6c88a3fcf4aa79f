import Networks
import Torch

/// Draws a part of a network again: ``HeadReset``, ``LayerReset`` and ``FullReset`` at work.
struct ParameterReset: Hook {
  /// What is drawn again.
  enum Scope {
    /// Output layers, wherever they stand.
    case outputs
    /// The last weighted layers and everything after the first of them.
    case last(Int)
    /// Every parameter and buffer, and the optimizer.
    case everything
  }

  let name: String
  let scope: Scope
  let everyUpdates: Int
  private var site: HookSite?
  /// Names of the parameters and buffers that are drawn again.
  private var names: Set<String> = []

  init(name: String, scope: Scope, everyUpdates: Int) {
    self.name = name
    self.scope = scope
    self.everyUpdates = everyUpdates
  }

  var changesParameters: Bool { everyUpdates > 0 }

  mutating func begin(_ site: HookSite) throws {
    self.site = site
    switch scope {
    case .everything: names = Set(site.network.namedTensors.map(\.name))
    case .outputs:
      names = Set(
        site.network.outputLayers.flatMap { name, layer in
          layer.namedTensors.map { "\(name).\($0.name)" }
        })
    case .last(let count):
      let network = try InterventionError.sequential(site.network, for: name)
      names = try lastNames(count, of: network)
    }
    guard !names.isEmpty else {
      throw InterventionError(
        "\(name) found nothing to reset: no layer of the network has the role output; make the last "
          + "weighted layer with isOutput: true")
    }
  }

  /// The weighted layers are counted through an injected head, whose three copies count once and are
  /// reset together.
  private func lastNames(_ count: Int, of network: Sequential) throws -> Set<String> {
    var stages: [Set<String>] = []
    func add(_ element: Sequential.Element, prefix: String) {
      let prefix = prefix + element.name
      if let inner = element.layer as? Sequential {
        for element in inner.elements { add(element, prefix: prefix + ".") }
        return
      }
      if let branched = element.layer as? any BranchedLayer {
        for (branch, sequence) in branched.branches {
          for element in sequence.elements { add(element, prefix: "\(prefix).\(branch).") }
        }
        return
      }
      if let head = element.layer as? InjectedHead {
        for element in head.original.elements {
          let before = stages.count
          add(element, prefix: prefix + ".original.")
          let twins = stages.isEmpty ? 0..<0 : max(before - 1, 0)..<stages.count
          for place in twins {
            for name in stages[place] where name.hasPrefix(prefix + ".original.") {
              let rest = name.dropFirst((prefix + ".original.").count)
              stages[place].insert("\(prefix).learning.\(rest)")
              stages[place].insert("\(prefix).frozen.\(rest)")
            }
          }
        }
        return
      }
      let own = Set(element.layer.namedTensors.map { "\(prefix).\($0.name)" })
      if element.layer is any WeightedLayer {
        stages.append(own)
      } else if !stages.isEmpty {
        stages[stages.count - 1].formUnion(own)
      }
    }
    for element in network.elements { add(element, prefix: "") }
    guard stages.count >= count else {
      throw InterventionError(
        "\(name) resets the last \(count) weighted layers, and the network has \(stages.count); lower "
          + "methods.\(name).layers")
    }
    return stages.suffix(count).reduce(into: []) { $0.formUnion($1) }
  }

  mutating func atBoundary(_ moment: inout TrainingMoment) throws {
    if everyUpdates == 0 { try apply(&moment, "task-\(moment.task)") }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    if everyUpdates > 0, (moment.update + 1) % everyUpdates == 0 {
      try apply(&moment, "update-\(moment.update)")
    }
  }

  private func apply(_ moment: inout TrainingMoment, _ occasion: String) throws {
    guard let site else { return }
    let fresh = Dictionary(
      try site.redrawn(site.generator.split(occasion)).namedTensors.map { ($0.name, $0.tensor) },
      uniquingKeysWith: { first, _ in first })
    withoutGradients {
      for (own, tensor) in site.network.namedTensors where names.contains(own) {
        if let new = fresh[own] { _ = tensor.copyInPlace(from: new) }
      }
      for (index, parameter) in moment.parameters.enumerated() where names.contains(parameter.name)
      {
        for tensor in moment.optimizerTensors(at: index) { _ = tensor.zeroInPlace() }
      }
    }
    if case .everything = scope { moment.optimizer.state.stepCount = 0 }
  }
}
