import NormalizeAndProject
import Plasticity

extension NaP {
  /// This with the parts that an arm leaves out switched off.
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
  /// Adds rivals by name, those that are not there yet, with their default settings.
  mutating func add(_ names: [String]) {
    for name in names where !self.names.contains(name) {
      if let method = Interventions.named(name) { insert(method) }
    }
  }
}
