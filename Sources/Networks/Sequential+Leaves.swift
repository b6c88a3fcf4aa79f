public import Torch

/// A layer made of sequences that all read its input and whose outputs it joins: a residual block.
///
/// What walks a network (insertion, tracing, rewriting) goes into the branches.
public protocol BranchedLayer: Layer {
  /// The sequences with their names in checkpoints.
  var branches: [(name: String, sequence: Sequential)] { get }

  /// Whether the input itself takes part in the join.
  var passesInputOn: Bool { get }

  /// The layer's output from those of its branches, in their order.
  func joined(_ outputs: [Tensor], input: Tensor) -> Tensor

  /// The same layer with other sequences in the places of its own.
  func replacing(branches: [Sequential]) -> Self
}

extension BranchedLayer {
  /// The branches.
  public var parts: [Part] { branches.map { .module($0.name, $0.sequence) } }

  /// Runs the branches one after another and joins their outputs.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    joined(branches.map { $0.sequence(input) }, input: input)
  }
}

extension Sequential {
  /// A layer that is neither a sequence nor branched, with its place.
  public struct Leaf {
    /// Indices on the way from the outermost sequence; in a branched layer the branch's index, too.
    public let path: [Int]
    /// The names on the way to it, joined by dots.
    public let name: String
    /// Its name in the sequence that holds it.
    public let element: String
    /// The layer.
    public let layer: any Layer
    /// The path of the branch that it stands in; empty outside every branched layer.
    public let branch: [Int]
  }

  /// The layers of this sequence, of those inside it and of the branches of its branched layers, in the
  /// order in which they run.
  public var leaves: [Leaf] {
    var found: [Leaf] = []
    walk(path: [], prefix: "", branch: []) { found.append($0) }
    return found
  }

  private func walk(path: [Int], prefix: String, branch: [Int], _ visit: (Leaf) -> Void) {
    for (index, element) in elements.enumerated() {
      let (place, name) = (path + [index], prefix + element.name)
      if let inner = element.layer as? Sequential {
        inner.walk(path: place, prefix: name + ".", branch: branch, visit)
      } else if let branched = element.layer as? any BranchedLayer {
        for (number, own) in branched.branches.enumerated() {
          own.sequence.walk(
            path: place + [number], prefix: "\(name).\(own.name).", branch: place + [number], visit)
        }
      } else {
        visit(
          Leaf(path: place, name: name, element: element.name, layer: element.layer, branch: branch)
        )
      }
    }
  }

  /// Runs the leaves one by one, without fused kernels across them, and shows each with what it was
  /// given and what it returned.
  ///
  /// - Returns: the network's output.
  public func traced(
    _ input: Tensor, _ observe: (_ leaf: Leaf, _ input: Tensor, _ output: Tensor) -> Void
  ) -> Tensor {
    traced(input, path: [], prefix: "", branch: [], observe)
  }

  private func traced(
    _ input: Tensor, path: [Int], prefix: String, branch: [Int],
    _ observe: (Leaf, Tensor, Tensor) -> Void
  ) -> Tensor {
    var value = input
    for (index, element) in elements.enumerated() {
      let (place, name) = (path + [index], prefix + element.name)
      if let inner = element.layer as? Sequential {
        value = inner.traced(value, path: place, prefix: name + ".", branch: branch, observe)
      } else if let branched = element.layer as? any BranchedLayer {
        let outputs = branched.branches.enumerated().map { number, own in
          own.sequence.traced(
            value, path: place + [number], prefix: "\(name).\(own.name).",
            branch: place + [number], observe)
        }
        value = branched.joined(outputs, input: value)
      } else {
        let output = element.layer(value)
        observe(
          Leaf(
            path: place, name: name, element: element.name, layer: element.layer, branch: branch),
          value, output)
        value = output
      }
    }
    return value
  }

  /// The output of every leaf, by name: what diagnostics read. Runs the leaves one by one.
  public func outputs(_ input: Tensor) -> [(name: String, layer: any Layer, output: Tensor)] {
    var found: [(name: String, layer: any Layer, output: Tensor)] = []
    _ = traced(input) { leaf, _, output in found.append((leaf.name, leaf.layer, output)) }
    return found
  }

  /// The same sequence with every leaf replaced by what `change` returns for it, several layers or none
  /// included; sequences and branched layers are rebuilt around them.
  public func replacingLeaves(
    _ change: (Leaf) throws -> [Element]
  ) rethrows -> Sequential {
    try replacingLeaves(path: [], prefix: "", branch: [], change)
  }

  private func replacingLeaves(
    path: [Int], prefix: String, branch: [Int], _ change: (Leaf) throws -> [Element]
  ) rethrows -> Sequential {
    var made: [Element] = []
    for (index, element) in elements.enumerated() {
      let (place, name) = (path + [index], prefix + element.name)
      if let inner = element.layer as? Sequential {
        let layer = try inner.replacingLeaves(
          path: place, prefix: name + ".", branch: branch, change)
        made.append(Element(element.name, layer))
      } else if let branched = element.layer as? any BranchedLayer {
        let sequences = try branched.branches.enumerated().map { number, own in
          try own.sequence.replacingLeaves(
            path: place + [number], prefix: "\(name).\(own.name).", branch: place + [number],
            change)
        }
        made.append(Element(element.name, branched.replacing(branches: sequences)))
      } else {
        made += try change(
          Leaf(
            path: place, name: name, element: element.name, layer: element.layer, branch: branch))
      }
    }
    return Sequential(made)
  }
}
