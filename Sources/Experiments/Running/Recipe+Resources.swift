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

  /// Refuses a network that the machine's memory cannot hold with a gradient and two moments for each
  /// weight, before a part of it is allocated.
  static func refuseWeights(_ count: Double, setting: String) throws(ResourceError) {
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard count * 16 > memory else { return }
    let weights = count.formatted(.number.notation(.scientific).precision(.significantDigits(3)))
    throw ResourceError(
      "this machine cannot hold the run: \(setting) and the like make \(weights) weights at least, "
        + "expected at most \(Int(memory / 16)), which with their gradients and moments fill its memory; "
        + "choose a smaller network")
  }
}
