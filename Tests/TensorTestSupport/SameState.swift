public import Testing
public import Torch

/// Records an issue for each tensor that two states do not both have with the same shape and the same numbers, and for
/// values that differ.
///
/// - Parameter except: values that may differ, such as the place of a snapshot on a disk.
public func expectSame(
  _ left: State, _ right: State, except: Set<String> = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(left.tensors.map(\.name) == right.tensors.map(\.name), sourceLocation: sourceLocation)
  for (own, other) in zip(left.tensors, right.tensors) {
    #expect(
      own.tensor.shape == other.tensor.shape
        && own.tensor.equal(to: other.tensor).all().item == 1,
      "\(own.name)", sourceLocation: sourceLocation)
  }
  let values = [left, right].map { $0.values.filter { !except.contains($0.key) } }
  #expect(values[0] == values[1], sourceLocation: sourceLocation)
}
