public import Torch

extension ObservationSpace {
  /// Inputs of this form by chance, as a network takes them: for questions whose answer does not depend on what is
  /// seen, such as which weights are scale-invariant.
  ///
  /// Bytes are uniform over 0 to 255, numbers are normal.
  ///
  /// - Returns: (`count`, ``stackedShape``), float32.
  public func drawn(_ count: Int, generator: Generator, device: Device) -> Tensor {
    let shape = [count] + stackedShape
    let values =
      switch element {
      case .uint8:
        Tensor.integers(from: 0, to: 256, shape, generator: generator).converted(to: .float32)
      case .float32: Tensor.normal(shape, generator: generator)
      }
    return values.moved(to: device)
  }
}
