import Networks
import RunStore
import Torch

/// What one update takes in and computes, for rates.
public struct UpdateWork: Hashable, Sendable {
  /// Examples of a batch.
  public var examples: Int
  /// Tokens of a batch; `nil` where examples are none.
  public var tokens: Int?
  /// Floating-point operations that the model's definition asks for; `nil` where they are not known.
  public var operations: Double?
  /// The type of products.
  public var precision: Computation.Precision

  /// Work; see the properties.
  public init(
    examples: Int, tokens: Int? = nil, operations: Double? = nil,
    precision: Computation.Precision = .full
  ) {
    self.examples = examples
    self.tokens = tokens
    self.operations = operations
    self.precision = precision
  }
}

/// Turns updates and their time into rates. A point covers what was trained since the last one.
///
/// A device is waited for where values are read, which is where points are, so that the time is whole.
struct RateMeter {
  private let device: Device
  private let peak: DevicePeak?
  private var seconds = 0.0
  private var updates = 0

  init(_ device: Device) {
    self.device = device
    peak = DevicePeak(device)
  }

  /// Adds the time of an update.
  mutating func add(_ time: Duration) {
    seconds += time / .seconds(1)
    updates += 1
  }

  /// The rates since the last point at an event that has measurements; the next point begins there.
  mutating func values(_ work: UpdateWork, after event: TrainingEvent) -> [MetricValue] {
    guard updates > 0, seconds > 0 else { return [] }
    let rate = Double(updates) / seconds
    (seconds, updates) = (0, 0)
    let operations = work.operations.map { $0 * rate }
    let values: [(Metric, Double?)] = [
      (.examplesPerSecond, Double(work.examples) * rate),
      (.tokensPerSecond, work.tokens.map { Double($0) * rate }),
      (.modelOperationRate, operations),
      (
        .modelUtilization,
        operations.flatMap { done in peak?[work.precision].map { done / $0 } }
      ),
      (.peakMemory, Double(ProcessUsage.peakMemoryBytes)),
      (.devicePeakMemory, device.peakAllocatedBytes.map(Double.init)),
    ]
    return values.compactMap { metric, value in
      value.map {
        MetricValue(metric, task: event.task, updates: event.updates, value: $0)
      }
    }
  }
}

/// The published peaks of a device, without sparsity, in floating-point operations per second.
///
/// Source: NVIDIA's data sheets of B200 (2024), H200 and H100 (2023), A100 (2021), L40S and L4 (2023); where a sheet
/// has the figure with sparsity alone, half of it. A name that the table does not have has no peak.
struct DevicePeak: Equatable {
  /// Products of bfloat16 with sums in float32.
  let bfloat16: Double
  /// float32 without tensor cores.
  let float32: Double

  /// A device's; `nil` for a CPU and for one that the table does not have.
  init?(_ device: Device) {
    guard let name = device.name else { return nil }
    self.init(named: name)
  }

  /// By the name that the driver gives, such as `NVIDIA H100 80GB HBM3`. More special names come first.
  init?(named name: String) {
    let known: [(words: [String], bfloat16: Double, float32: Double)] = [
      (["B200"], 2_250e12, 75e12),
      (["H200", "NVL"], 836e12, 60e12), (["H200"], 989e12, 67e12),
      (["H100", "NVL"], 835e12, 60e12), (["H100", "PCIe"], 756e12, 51e12),
      (["H100"], 989e12, 67e12),
      (["A100"], 312e12, 19.5e12), (["L40S"], 362e12, 91.6e12), (["L4"], 121e12, 30.3e12),
    ]
    let own = name.split(separator: " ").map(String.init)
    let found = known.first { entry in
      entry.words.allSatisfy { word in own.contains { $0 == word || $0.hasPrefix(word + "-") } }
    }
    guard let found else { return nil }
    (bfloat16, float32) = (found.bfloat16, found.float32)
  }

  subscript(precision: Computation.Precision) -> Double? {
    precision == .bfloat16 ? bfloat16 : float32
  }
}
