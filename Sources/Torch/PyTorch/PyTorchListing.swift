import Texts

/// The tensors, numbers and the optimizer of an unpickled file, by their keys joined by dots.
struct PyTorchListing {
  private(set) var names: [String] = []
  private(set) var places: [String: Unpickler.TensorPlace] = [:]
  private(set) var numbers: [String: Double] = [:]
  private(set) var optimizer: SavedOptimizer?
  private let unpickler: Unpickler
  private var visits = 0
  private let visitLimit: Int

  /// Dictionaries in dictionaries; models have some ten.
  private static let depthLimit = 64

  init(_ unpickler: Unpickler) {
    self.unpickler = unpickler
    visitLimit = 4 * unpickler.containers.reduce(0) { $0 + $1.count } + 16
  }

  /// Lists what is below a value.
  mutating func visit(_ value: Unpickler.Value) throws { try visit(value, []) }

  private mutating func visit(_ value: Unpickler.Value, _ path: [String]) throws {
    visits += 1
    // A value may stand in several places, but a file without cycles has no more places than some times its values.
    guard path.count <= Self.depthLimit, visits <= visitLimit else {
      throw Unpickler.damaged(
        "dictionaries of at most \(Self.depthLimit) levels", "more, or a cycle")
    }
    let name = path.isEmpty ? "tensor" : path.joined(separator: ".")
    switch value {
    case .tensor(let place): insert(name, unpickler.tensors[place])
    case .integer(let number): numbers[name] = Double(number)
    case .number(let number): numbers[name] = number
    case .list(let place):
      for (index, element) in unpickler.containers[place].enumerated() where Self.isGroup(element) {
        try visit(element, path + ["\(index)"])
      }
    case .dictionary(let place):
      let members = members(place)
      if optimizer == nil { optimizer = savedOptimizer(members, name: path.joined(separator: ".")) }
      for (key, value) in members { try visit(value, path + [key]) }
    default: break
    }
  }

  private mutating func insert(_ name: String, _ tensor: Unpickler.TensorPlace) {
    var free = name
    var copy = 2
    while places[free] != nil {
      free = "\(name) (\(copy))"
      copy += 1
    }
    names.append(free)
    places[free] = tensor
  }

  private static func isGroup(_ value: Unpickler.Value) -> Bool {
    switch value {
    case .tensor, .list, .dictionary: true
    default: false
    }
  }

  /// Keys that are words or whole numbers, with their values.
  private func members(_ place: Int) -> [(key: String, value: Unpickler.Value)] {
    let elements = unpickler.containers[place]
    return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index in
      switch elements[index] {
      case .string(let key): (key, elements[index + 1])
      case .integer(let key): ("\(key)", elements[index + 1])
      default: nil
      }
    }
  }

  // MARK: The optimizer

  private typealias Members = [(key: String, value: Unpickler.Value)]

  /// `{"state": {0: {…}}, "param_groups": [{"lr": …, "params": [0, …]}]}`, as every optimizer of PyTorch writes it.
  private func savedOptimizer(_ members: Members, name: String) -> SavedOptimizer? {
    guard case .dictionary(let state)? = Self.value("state", members),
      case .list(let list)? = Self.value("param_groups", members)
    else { return nil }
    let slots = Dictionary(self.members(state).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    let prefix = name.isEmpty ? "" : name + "."
    var parameters: [SavedOptimizer.Parameter] = []
    for (group, value) in unpickler.containers[list].enumerated() {
      guard case .dictionary(let place) = value else { continue }
      let members = self.members(place)
      guard case .list(let order)? = Self.value("params", members) else { return nil }
      let names: [Unpickler.Value]? =
        if case .list(let place)? = Self.value("param_names", members) {
          unpickler.containers[place]
        } else { nil }
      var settings = SavedOptimizer.Settings()
      settings.learningRate = Self.number("lr", members)
      settings.epsilon = Self.number("eps", members)
      settings.momentum = Self.number("momentum", members)
      settings.isNesterov = Self.number("nesterov", members) ?? 0 > 0
      if case .list(let betas)? = Self.value("betas", members) {
        settings.betas = unpickler.containers[betas].compactMap(Self.number)
      }
      for (index, key) in unpickler.containers[order].enumerated() {
        guard case .integer(let number) = key else { continue }
        var parameter = SavedOptimizer.Parameter(settings: settings)
        parameter.group = group
        if let names, index < names.count, case .string(let name) = names[index] {
          parameter.name = name
        }
        if case .dictionary(let slot)? = slots["\(number)"] {
          for (key, value) in self.members(slot) {
            if case .tensor = value {
              parameter.tensors[key] = "\(prefix)state.\(number).\(key)"
            } else if key == "step" {
              parameter.step = Self.number(value)
            }
          }
        }
        parameters.append(parameter)
      }
    }
    return parameters.isEmpty ? nil : SavedOptimizer(parameters: parameters, prefix: prefix)
  }

  private static func value(_ key: String, _ members: Members) -> Unpickler.Value? {
    members.last { $0.key == key }?.value
  }

  private static func number(_ key: String, _ members: Members) -> Double? {
    value(key, members).flatMap(number)
  }

  private static func number(_ value: Unpickler.Value) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .number(let number): number
    case .bool(let isTrue): isTrue ? 1 : 0
    default: nil
    }
  }
}

/// The state of an optimizer, under the names that PyTorch's `state_dict()` gives it: which tensors there are, and the
/// settings.
package struct SavedOptimizer: Sendable {
  /// The settings of a group of parameters.
  package struct Settings: Sendable {
    /// `lr`.
    package var learningRate: Double?
    /// `betas`, which Adam and its like have.
    package var betas: [Double] = []
    /// `eps`.
    package var epsilon: Double?
    /// `momentum`, which gradient descent has.
    package var momentum: Double?
    /// `nesterov`.
    package var isNesterov = false

    /// Settings of which nothing is known.
    package init() {}
  }

  /// One parameter.
  package struct Parameter: Sendable {
    /// The settings of its group.
    package var settings: Settings
    /// The parameter's name where the optimizer knows it.
    package var name: String?
    /// The names of its tensors in the file, by PyTorch's keys: `exp_avg`, `exp_avg_sq`, `momentum_buffer`, `step`.
    package var tensors: [String: String] = [:]
    /// The number of its group, from 0.
    package var group = 0
    /// Updates so far, where they are a plain number.
    package var step: Double?

    /// A parameter without tensors.
    package init(settings: Settings) { self.settings = settings }
  }

  /// In the order of the optimizer's groups.
  package var parameters: [Parameter]
  /// What the names of the optimizer's tensors begin with: `optimizer.`.
  package var prefix: String

  /// A state; see the properties.
  package init(parameters: [Parameter], prefix: String) {
    (self.parameters, self.prefix) = (parameters, prefix)
  }
}
