internal import Foundation
import Torch

/// Rotary positions: each pair of a head's features is turned by an angle that grows with the position (Su et al.
/// 2021), so that a query and a key meet at an angle of their distance.
///
///     (x_i, x_{i+D/2}) turned by t θ^{−2i/D} at position t
///
/// Feature i is paired with i + D/2, as in transformers' Llama. Norms stay. Angles are computed in float64.
public struct RotaryPositions: Sendable, Hashable {
  /// θ; 10,000 in the source.
  public var base: Double
  /// Positions that can be turned, from 0.
  public var count: Int

  /// Angles of a base for so many positions.
  public init(base: Double = 10_000, count: Int) {
    self.base = base
    self.count = count
  }

  /// Cosines and sines of all positions and half of the features.
  struct Table {
    let cosines_TE: Tensor
    let sines_TE: Tensor

    init(_ positions: RotaryPositions, features: Int, device: Device) {
      let half = features / 2
      let rates_E = Tensor(
        (0..<half).map { pow(positions.base, -2 * Double($0) / Double(features)) })
      let times_T = Tensor((0..<positions.count).map(Double.init))
      let angles_TE = times_T.outer(rates_E)
      cosines_TE = angles_TE.cosine().moved(to: device)
      sines_TE = angles_TE.sine().moved(to: device)
    }

    /// (B, H, T, D) turned, its first position being `start`.
    func turned(_ input_BHTD: Tensor, from start: Int) -> Tensor {
      let length = input_BHTD.shape[2]
      func rows(_ table: Tensor) -> Tensor {
        table.narrowed(axis: 0, from: start, length: length).converted(to: input_BHTD.dtype)
      }
      let (cosines_TE, sines_TE) = (rows(self.cosines_TE), rows(self.sines_TE))
      let halves = input_BHTD.chunked(into: 2, axis: -1)
      return Tensor.concatenated(
        [
          halves[0] * cosines_TE - halves[1] * sines_TE,
          halves[1] * cosines_TE + halves[0] * sines_TE,
        ], axis: -1)
    }
  }
}
