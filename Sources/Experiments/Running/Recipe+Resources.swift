import Networks
import Torch

extension Recipe {
  /// A run ready for its first update. Throws if memory or the device is missing.
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

/// The machine lacks memory or a device that a run needs.
public struct ResourceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }

  /// A part of the memory that a run needs at least.
  struct Need {
    /// What it is, with the settings that decide it.
    var what: String
    /// Bytes, as a float, since products of sizes may be larger than every integer.
    var bytes: Double
    /// What makes it smaller, such as `a smaller network`.
    var remedy: String
  }

  /// Refuses what the process's memory cannot hold, before any of it is allocated.
  ///
  /// - Parameter needs: everything that is in memory at the same time; errors name the largest.
  static func refuse(_ needs: [Need], limit: MemoryLimit = .current) throws(ResourceError) {
    let total = needs.reduce(0) { $0 + $1.bytes }
    guard total > limit.leftBytes, let largest = needs.max(by: { $0.bytes < $1.bytes }) else {
      return
    }
    throw ResourceError(
      "this machine cannot hold the run: \(largest.what) take "
        + "\(MemoryLimit.gigabytes(largest.bytes)) at least"
        + (needs.count > 1 ? ", of \(MemoryLimit.gigabytes(total)) in all" : "")
        + "; expected at most \(MemoryLimit.gigabytes(limit.leftBytes)), what is left of "
        + "\(limit.words); choose \(largest.remedy)")
  }

  /// Refuses a network, and what a batch takes in it, that the process's memory cannot hold.
  static func refuse(
    _ network: NetworkConfiguration, inputShape: [Int], outputs: Int, batch: Int
  ) throws(ResourceError) {
    let size = network.leastSize(inputShape: inputShape, classes: outputs)
    let bytes = Double(network.dtype.byteCount)
    try refuse([
      weights(size.weights * bytes * 4, setting: "network.hidden"),
      ResourceError.batch(Double(batch) * size.activations * bytes * 2, setting: "batchSize"),
    ])
  }

  /// Weights with a gradient and two moments for each.
  static func weights(_ bytes: Double, setting: String) -> Need {
    Need(
      what: "the network's weights with gradients and moments (\(setting) and the like)",
      bytes: bytes, remedy: "a smaller network")
  }

  /// The memory of an update for its batch.
  static func batch(_ bytes: Double, setting: String) -> Need {
    Need(
      what: "the numbers of one batch (\(setting), and what the layers make of it)", bytes: bytes,
      remedy: "a smaller batch or network")
  }
}
