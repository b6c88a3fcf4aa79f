import Networks
import Torch

extension Sequential {
  /// The shape of what each leaf is given, batch included, by running two examples of zeros.
  ///
  /// - Throws: the first `TorchError`, when the network does not run on such examples.
  func leafShapes(inputShape: [Int], dtype: DType) throws -> [[Int]: [Int]] {
    let leaves = self.leaves
    let inputType = leaves.first?.layer is any TokenReadingLayer ? DType.int64 : dtype
    let device = leaves.lazy.flatMap(\.layer.parameters).first?.value.device ?? .cpu
    var shapes: [[Int]: [Int]] = [:]
    try withTorchErrors {
      withoutGradients {
        _ = traced(Tensor.zeros([2] + inputShape, dtype: inputType).moved(to: device)) {
          leaf, input, _ in
          shapes[leaf.path] = input.shape
        }
      }
    }
    return shapes
  }
}
