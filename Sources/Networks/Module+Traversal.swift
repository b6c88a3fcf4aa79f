public import Torch

extension Module {
  /// Every parameter in checkpoint order; a parameter that two modules share appears once, under its
  /// first name.
  public var namedParameters: [NamedParameter] {
    var seen: Set<ObjectIdentifier> = []
    var found: [NamedParameter] = []
    visit(prefix: "") { name, part in
      guard case .parameter(_, let parameter) = part,
        seen.insert(ObjectIdentifier(parameter)).inserted
      else { return }
      found.append(NamedParameter(name: name, parameter: parameter))
    }
    return found
  }

  /// Every parameter in checkpoint order, without names.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// The parameters that training changes.
  public var trainableParameters: [NamedParameter] {
    namedParameters.filter(\.parameter.isTrainable)
  }

  /// The number of elements of all parameters.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.elementCount } }

  /// Every parameter and buffer by name in checkpoint order: what a checkpoint holds.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    var found: [(name: String, tensor: Tensor)] = []
    var seen: Set<ObjectIdentifier> = []
    visit(prefix: "") { name, part in
      switch part {
      case .parameter(_, let parameter):
        if seen.insert(ObjectIdentifier(parameter)).inserted {
          found.append((name, parameter.value.detached()))
        }
      case .buffer(_, let buffer):
        if seen.insert(ObjectIdentifier(buffer)).inserted { found.append((name, buffer.value)) }
      case .module: break
      }
    }
    return found
  }

  /// Writes saved tensors into the parameters and buffers of the same names.
  ///
  /// Nothing is written unless everything fits.
  /// - Throws: ``LoadingError`` naming each tensor that is missing, left over, or of another shape
  ///   or element type.
  public func load(_ tensors: [String: Tensor]) throws(LoadingError) {
    try LoadingError.load(tensors, into: namedTensors, owner: "this network")
  }

  /// Makes every parameter trainable or frozen.
  public func setTrainable(_ trainable: Bool) {
    for parameter in parameters { parameter.isTrainable = trainable }
  }

  /// Calls `body` for every part below this module, depth first in checkpoint order, with its full name.
  public func visit(prefix: String, _ body: (String, Part) -> Void) {
    for part in parts {
      switch part {
      case .parameter(let name, _), .buffer(let name, _): body(prefix + name, part)
      case .module(let name, let module):
        body(prefix + name, part)
        module.visit(prefix: prefix + name + ".", body)
      }
    }
  }
}

/// Saved tensors that do not fit what they are loaded into.
public struct LoadingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence per tensor.
  public let problems: [String]

  /// An error with its problems.
  public init(problems: [String]) { self.problems = problems }

  /// Writes saved tensors into `own` by name, once everything fits.
  package static func load(
    _ saved: [String: Tensor], into own: [(name: String, tensor: Tensor)], owner: String
  ) throws(LoadingError) {
    var problems: [String] = []
    var left = Set(saved.keys)
    for (name, tensor) in own {
      left.remove(name)
      guard let found = saved[name] else {
        problems.append("\(name) is missing (expected \(tensor.summary))")
        continue
      }
      if found.shape != tensor.shape || found.dtype != tensor.dtype {
        problems.append("\(name) is \(found.summary), expected \(tensor.summary)")
      }
    }
    problems += left.sorted().map { "\($0) is not part of \(owner)" }
    guard problems.isEmpty else { throw LoadingError(problems: problems) }
    withoutGradients {
      for (name, tensor) in own {
        if let found = saved[name] { _ = tensor.copyInPlace(from: found) }
      }
    }
  }

  /// The first few problems, and how many there are.
  public var description: String {
    let shown = problems.prefix(5).joined(separator: "; ")
    let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
    return "the saved tensors do not fit: \(shown)\(more)"
  }
}
