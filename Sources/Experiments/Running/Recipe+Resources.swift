import Foundation
import Torch

extension Recipe {
  /// A run ready for its first update, with memory or a device that cannot be had as a thrown error.
  static func started(
    _ configuration: Configuration, seed: Int, device: Device
  ) throws -> Training {
    do {
      return try withTorchErrors { try start(configuration, seed: seed, device: device) }
    } catch let error as TorchError {
      throw ResourceError(
        "this machine cannot hold the run: \(error); choose a smaller network or batch, fewer images, "
          + "or another device")
    }
  }
}

/// Memory or a device that a run needs and the machine does not have.
public struct ResourceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}
