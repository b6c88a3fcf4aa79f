internal import Foundation

/// Settings and the values of each. A sweep tries every combination.
public struct SweepGrid: Hashable, Sendable {
  /// One setting and its values, as `--over key=a,b,c` has them.
  public struct Axis: Hashable, Sendable {
    /// The setting.
    public var key: String
    /// The texts of its values, numbers all of them, in the order given.
    public var values: [String]
  }

  /// The settings: at least one, all different.
  public let axes: [Axis]

  /// The keys in order.
  public var keys: [String] { axes.map(\.key) }

  /// The number of combinations.
  public var count: Int { axes.reduce(1) { $0 * $1.values.count } }

  /// A grid from texts such as `optimizer.learningRate=1e-4,1e-3`.
  ///
  /// - Throws: ``UsageError`` without a text, for values that are no numbers or stand twice, and for a setting that
  ///   stands twice.
  public init(parsing texts: [String]) throws(UsageError) {
    guard !texts.isEmpty else {
      throw UsageError("--over: expected key=a,b,c, such as optimizer.learningRate=1e-4,1e-3")
    }
    var axes: [Axis] = []
    for text in texts {
      let override = try ConfigurationOverride(parsing: text)
      let values = override.value.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard !values.isEmpty, values.allSatisfy({ Double($0)?.isFinite == true }) else {
        throw UsageError("--over \(text): expected numbers separated by commas after the =")
      }
      guard Set(values.map { Double($0) }).count == values.count else {
        throw UsageError("--over \(text): expected each value once")
      }
      guard !axes.contains(where: { $0.key == override.key }) else {
        throw UsageError(
          "--over \(override.key) is given twice; give all of its values at once, --over \(override.key)=a,b,c"
        )
      }
      axes.append(Axis(key: override.key, values: values))
    }
    self.axes = axes
  }

  /// Every combination; the last setting changes fastest.
  public var combinations: [[String: String]] {
    axes.reduce([[:]]) { combinations, axis in
      combinations.flatMap { combination in
        axis.values.map { combination.merging([axis.key: $0]) { $1 } }
      }
    }
  }
}
