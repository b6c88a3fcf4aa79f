import Foundation
import SwiftProtobuf
import Texts

/// The scalars and settings of a folder's event files, in the order of the files' names, as TensorBoard reads them.
struct EventReader {
  /// Values by step, by tag.
  private(set) var scalars: [String: [Int: Double]] = [:]
  /// Hyperparameters by name.
  private(set) var settings: [String: JSON] = [:]
  /// The first and the last wall time.
  private(set) var wallTimes: ClosedRange<Double>?
  /// How the run ended, where that is said.
  private(set) var status = RunStatus.finished

  /// Reads files of one run.
  ///
  /// - Throws: ``StoreError/unreadableImport(path:expected:reason:)`` for a checksum that does not hold, a record that
  ///   is no event, a negative step, and files without a scalar.
  init(_ files: [(path: String, bytes: Data)]) throws {
    for (path, bytes) in files {
      func refusal(_ reason: String) -> StoreError {
        .unreadableImport(path: path, expected: "a TensorBoard event file", reason: reason)
      }
      for payload in try RecordFile.payloads(of: bytes, path: path) {
        guard let event = try? BoardEvent(serializedBytes: payload) else {
          throw refusal("a record is no event")
        }
        guard event.step >= 0 else { throw refusal("an event has step \(event.step)") }
        try take(event, refusal)
      }
    }
    guard !scalars.isEmpty else {
      throw StoreError.unreadableImport(
        path: files.first?.path ?? "", expected: "a TensorBoard event file",
        reason: "it has no scalar")
    }
  }

  private mutating func take(_ event: BoardEvent, _ refusal: (String) -> StoreError) throws {
    let step = Int(event.step)
    switch event.what {
    case .sessionLog(let log) where log.status == .start:
      scalars = scalars.mapValues { $0.filter { $0.key < step } }.filter { !$0.value.isEmpty }
    case .summary(let summary):
      for value in summary.value {
        if value.metadata.pluginData.pluginName == EventStream.hyperparameters.plugin {
          guard let content = try? BoardHParams(serializedBytes: value.metadata.pluginData.content)
          else { throw refusal("its hyperparameters cannot be read") }
          take(content)
        } else if let number = Self.number(value) {
          scalars[value.tag, default: [:]][step] = number
          guard event.wallTime.isFinite else { throw refusal("an event has no time") }
          let known = wallTimes ?? event.wallTime...event.wallTime
          wallTimes =
            min(known.lowerBound, event.wallTime)...max(known.upperBound, event.wallTime)
        }
      }
    default: break
    }
  }

  private mutating func take(_ content: BoardHParams) {
    switch content.data {
    case .sessionStartInfo(let start):
      for (name, value) in start.hparams {
        settings[name] =
          switch value.kind {
          case .boolValue(let value): .bool(value)
          case .numberValue(let value): .number(value)
          case .stringValue(let value): .string(value)
          default: nil
          }
      }
    case .sessionEndInfo(let end):
      if end.status == 3 { status = .interrupted }
      if end.status == 2 { status = .failed(message: "as its event file says") }
    case nil: break
    }
  }

  /// A scalar: a simple value, or a tensor of one float or double.
  private static func number(_ value: BoardSummary.Value) -> Double? {
    switch value.value {
    case .simpleValue(let value): return Double(value)
    case .tensor(let tensor):
      let content = [UInt8](tensor.tensorContent)
      switch tensor.dtype {
      case 1 where tensor.floatVal.count == 1: return Double(tensor.floatVal[0])
      case 2 where tensor.doubleVal.count == 1: return tensor.doubleVal[0]
      case 1 where content.count == 4:
        return Double(Float(bitPattern: content.reversed().reduce(0) { $0 << 8 | UInt32($1) }))
      case 2 where content.count == 8:
        return Double(bitPattern: content.reversed().reduce(0) { $0 << 8 | UInt64($1) })
      default: return nil
      }
    case nil: return nil
    }
  }
}
