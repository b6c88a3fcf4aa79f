public import Foundation
import OrderedCollections
package import Torch

/// Inspects files of tensors, safetensors or PyTorch's, a tensor at a time.
///
/// Holds at most two tensors and some blocks of 32 MiB, whatever the size of the files, and writes none of
/// them. Where a file has an optimizer's state, three tensors more.
public struct FileInspecting {
  private let learningRate: Double?
  private let rankLimit: Int
  private let files: [TensorFile]
  private var updates: [SavedUpdates?]
  private let names: [String]

  /// The tensors inspected so far.
  public private(set) var result: FileInspection
  /// How many tensors there are.
  public var total: Int { names.count }
  /// How many were inspected.
  public var done: Int { result.tensors.count }

  /// Opens the files as their public counterpart does.
  ///
  /// - Parameter optimizers: the state of an optimizer in each file, where it is known; of files of PyTorch it is.
  package init(
    _ urls: [URL], steps: [Int]?, learningRate: Double?, prefix: String,
    optimizers: [SavedOptimizer?]
  ) throws {
    try self.init(urls, steps: steps, learningRate: learningRate, prefix: prefix)
    updates = try zip(files, optimizers).map { try SavedUpdates($0, $1 ?? $0.optimizer) }
  }

  /// Opens the files and reads their headers; checksums, where there are any, are verified.
  ///
  /// - Parameters:
  ///   - urls: the files, in the order of training.
  ///   - steps: the step that each is of, where it is known.
  ///   - learningRate: η of implied rates; without it they are for η = 1.
  ///   - prefix: only tensors whose name begins so; all when empty.
  ///   - includesOptimizer: whether the tensors of an optimizer that a file of PyTorch holds are inspected, too.
  ///   - rankLimit: the largest smaller side of a matrix whose singular values are all taken. Beyond it
  ///     the stable rank comes from power iteration, and there is no effective rank.
  /// - Throws: `SafetensorsError` naming the file.
  public init(
    _ urls: [URL], steps: [Int]? = nil, learningRate: Double? = nil, prefix: String = "",
    includesOptimizer: Bool = false, rankLimit: Int = 1_024
  ) throws {
    (self.learningRate, self.rankLimit) = (learningRate, rankLimit)
    files = try urls.map { try TensorFile(reading: $0) }
    updates = try files.map { try SavedUpdates($0, $0.optimizer) }
    names =
      OrderedSet(
        files.flatMap { includesOptimizer ? $0.names : $0.modelNames }.filter {
          $0.hasPrefix(prefix)
        }
      ).elements
    result = FileInspection(paths: urls.map(\.path), steps: steps, learningRate: learningRate)
  }

  /// Inspects the next tensor in every file and gives its name; `nil` when all is done.
  ///
  /// - Throws: `SafetensorsError` when a file fails while being read, ``InspectionError`` when a tensor
  ///   is too large for the memory that is left.
  public mutating func next() throws -> String? {
    guard done < names.count else { return nil }
    let name = names[done]
    var states: [FileInspection.TensorState?] = []
    var before: Tensor?
    var firstNorm: DiagnosticOutcome?
    for (file, updates) in zip(files, updates) {
      guard let entry = file[name] else {
        states.append(nil)
        continue
      }
      let (tensor, state) = try InspectionError.named(file, entry) {
        () throws -> (Tensor?, FileInspection.TensorState) in
        let tensor = entry.dtype == nil ? nil : try file.tensor(name)
        var state = self.state(entry, tensor, before: before, firstNorm: firstNorm)
        state.step = try updates?.step(of: name, norm: state.norm)
        return (tensor, state)
      }
      firstNorm = firstNorm ?? state.norm
      before = tensor ?? before
      states.append(state)
    }
    result.tensors.append(FileInspection.TensorHistory(name: name, states: states))
    // The allocator keeps what it had for the next tensor, which need not fit into the pieces.
    before = nil
    Machine.releaseMemory()
    return name
  }

  private func state(
    _ entry: SafetensorsFile.Entry, _ tensor: Tensor?, before: Tensor?,
    firstNorm: DiagnosticOutcome?
  ) -> FileInspection.TensorState {
    let norm =
      tensor.map(BlockwiseNorms.norm)
      ?? .undefined(.notGiven("a type that can be computed with (\(entry.dtypeName)) was"))
    let first = firstNorm ?? norm
    var state = FileInspection.TensorState(
      shape: entry.shape, dtype: entry.dtypeName, norm: norm)
    // A type that cannot be computed with may be a weight's: its rates are missing for the norm's reason.
    if !entry.shape.isEmpty, tensor?.dtype.isFloatingPoint ?? true {
      let rate = DiagnosticOutcome.value(learningRate ?? 1)
      state.gradientDescentRate = Self.quotient(rate, norm, power: 2)
      state.scaleFreeRate = Self.quotient(rate, norm, power: 1)
      state.relativeGradientDescentRate = Self.quotient(first, norm, power: 2, both: true)
      state.relativeScaleFreeRate = Self.quotient(first, norm, power: 1, both: true)
    }
    guard let tensor else { return state }
    if let before {
      let drift = BlockwiseNorms.distance(tensor, before)
      state.drift = drift
      state.relativeDrift = Self.quotient(drift, BlockwiseNorms.norm(before), power: 1)
    }
    if entry.shape.count > 1, tensor.dtype.isFloatingPoint {
      let ranks = MatrixRanks(tensor, norm: norm, limit: rankLimit)
      (state.stableRank, state.effectiveRank) = (ranks.stable, ranks.effective)
    }
    return state
  }

  /// top / bottom^power, or (top / bottom)^power when `both`.
  private static func quotient(
    _ top: DiagnosticOutcome, _ bottom: DiagnosticOutcome, power: Int, both: Bool = false
  ) -> DiagnosticOutcome {
    guard let above = top.number else { return top }
    guard let below = bottom.number else { return bottom }
    guard below != 0 else { return .undefined(.zero("the norm is zero")) }
    let quotient = above / below
    if power == 1 { return DiagnosticOutcome(finite: quotient, "the quotient by the norm") }
    return DiagnosticOutcome(
      finite: both ? quotient * quotient : quotient / below, "the quotient by the norm")
  }
}

/// A tensor that the machine cannot hold.
public struct InspectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// What `body` gives; a failed tensor operation becomes an error that names file and tensor.
  static func named<Value>(
    _ file: TensorFile, _ entry: SafetensorsFile.Entry, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try withTorchErrors(body)
    } catch let error as TorchError {
      throw InspectionError(
        description:
          "\(file.url.path): tensor \"\(entry.name)\" of \(entry.byteCount >> 20) MiB cannot "
          + "be inspected here (\(error)); it needs its own size twice and some 100 MiB of memory")
    }
  }
}
