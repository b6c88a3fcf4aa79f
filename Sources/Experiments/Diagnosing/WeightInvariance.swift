import Networks
import NormalizeAndProject
import Texts
import Torch

/// Whether a network depends on the scale of a weight, as far as it can be known.
package enum WeightInvariance: Sendable, Hashable {
  /// It does not: an audit found so.
  case invariant
  /// It does not where these are scaled, too: an audit found so.
  case joint(with: [String])
  /// It does: an audit found so.
  case dependent(String)
  /// A normalization of this name follows in the file, of the weight's width; what lies between is not known.
  case likely(normalization: String)
  /// Nothing is known.
  case unknown

  /// A word or three.
  package var words: String {
    switch self {
    case .invariant: "yes"
    case .joint(let others): "with \(others.joined(separator: ", "))"
    case .dependent(let reason): "no: \(reason)"
    case .likely(let normalization): "likely: \(Excerpt.of(normalization)) follows"
    case .unknown: "not known"
    }
  }

  /// Whether an effective learning rate is taken to have a meaning: found, or likely.
  package var isTaken: Bool {
    switch self {
    case .invariant, .joint, .likely: true
    case .dependent, .unknown: false
    }
  }

  /// What an audit found, by the names of hidden weights in nap's checkpoints.
  static func audited(_ report: AuditReport) -> [String: WeightInvariance] {
    var found: [String: WeightInvariance] = [:]
    for row in report.rows where row.isHiddenWeight {
      for name in row.names {
        found[Checkpoint.networkPrefix + name] =
          switch row.verdict {
          case .exact: .invariant
          case .joint(let others): .joint(with: others)
          case .some(let verdict): .dependent(verdict.description)
          case nil: .unknown
          }
      }
    }
    return found
  }

  /// What the order of a file's tensors tells: a matrix or kernel that vectors of another module follow, as many as it
  /// has outputs, has a normalization after it.
  static func following(in file: TensorFile) -> [String: WeightInvariance] {
    let all = file.modelNames
    let shapes = Dictionary(
      all.compactMap { name in file[name].map { (name, $0.shape) } },
      uniquingKeysWith: { first, _ in first })
    let order = file.isSorted ? GPT.parameterOrder(shapes) ?? all : all
    let names = order.filter { file[$0]?.dtype?.isFloatingPoint == true }
    func module(_ name: String) -> Substring {
      name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    }
    var found: [String: WeightInvariance] = [:]
    for (index, name) in names.enumerated() {
      guard let shape = file[name]?.shape, shape.count > 1 else { continue }
      let next = names[(index + 1)...].first { module($0) != module(name) }
      // Of a module of vectors alone.
      let isNormalization =
        next.map { next in
          names.filter { module($0) == module(next) }.allSatisfy { file[$0]?.shape == [shape[0]] }
        } ?? false
      found[name] = isNormalization ? .likely(normalization: String(module(next ?? ""))) : .unknown
    }
    return found
  }
}
