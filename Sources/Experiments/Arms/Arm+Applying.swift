import NormalizeAndProject
import Plasticity

extension NaP {
  /// The method without the parts that an arm leaves out.
  func applying(_ method: Arm.Method) -> NaP {
    switch method {
    case .plain, .fresh: plain
    case .norm, .freshNorm: normOnly
    case .project: projectOnly
    case .nap: self
    }
  }
}

extension InterventionSet {
  /// Adds baseline methods by name with their default settings, except those that are there already.
  mutating func add(_ names: [String]) {
    for name in names where !self.names.contains(name) {
      if let method = Interventions.named(name) { insert(method) }
    }
  }
}
