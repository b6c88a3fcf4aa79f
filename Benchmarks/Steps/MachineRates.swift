import Foundation
import Torch

/// What the machine can do: the ceilings that steps are measured against.
struct MachineRates {
  /// Float32 matrix products of 2,048, in GFLOP/s.
  var matrixProduct: Double
  /// Copying 256 MiB, bytes read and written, in GB/s.
  var bandwidth: Double

  /// The best of several tries each.
  static func measure(_ device: Device) -> MachineRates {
    let generator = Generator(seed: 1)
    let size = 2_048
    let left = Tensor.normal([size, size], generator: generator).moved(to: device)
    let source = Tensor.normal([64 << 20], generator: generator).moved(to: device)
    let target = Tensor.zerosLike(source)
    let product = best(12, device) { _ = left.matrixProduct2D(left) }
    let copy = best(12, device) { _ = target.copyInPlace(from: source) }
    return MachineRates(
      matrixProduct: 2 * pow(Double(size), 3) / product / 1e9,
      bandwidth: 2 * Double(source.elementCount) * 4 / copy / 1e9)
  }

  func printed() {
    print(String(format: "machine %.1f GFLOP/s %.1f GB/s", matrixProduct, bandwidth))
  }

  private static func best(_ tries: Int, _ device: Device, _ body: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<tries {
      let start = ContinuousClock.now
      body()
      device.synchronize()
      let elapsed = ContinuousClock.now - start
      best = min(best, elapsed / .seconds(1))
    }
    return best
  }
}
