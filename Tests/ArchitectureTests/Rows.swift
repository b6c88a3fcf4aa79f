/// The rows of targets (docs/decisions/0001): imports go only to lower rows, never sideways.
enum Rows {
  /// Each row's targets, from row 0 upward. A target that is not built yet already has its place.
  static let table: [[String]] = [
    ["CTorch", "CArcade", "CImages", "CSentencePiece", "Texts"],
    ["Torch", "Arcade"],
    ["Networks", "Environments", "Statistics"],
    ["NormalizeAndProject", "Plasticity", "Reinforcement", "Datasets", "RunStore"],
    ["Training"],
    ["Experiments", "Dashboard", "PlanService"],
    ["NapCommand"],
    ["nap"],
  ]

  /// Modules of C libraries, declared by nothing but a module map. They lie below every row.
  static let systemLibraries: Set<String> = [
    "CLibTorch", "CZlib", "CLZ4", "CLibJPEG", "CLibPNG", "CLibSentencePiece", "CZstandard", "CALE",
  ]

  /// What the toolchain brings; any target may import it.
  static let toolchain: Set<String> = [
    "Swift", "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch", "Glibc",
    "Musl", "Darwin", "Synchronization", "RegexBuilder", "Observation",
  ]

  static func row(of target: String) -> Int? {
    if systemLibraries.contains(target) { return -1 }
    return table.firstIndex { $0.contains(target) }
  }

  /// Says what is wrong with `target` using `other`, or `nil` when `other` lies lower.
  static func objection(to target: String, using other: String) -> String? {
    guard let row = row(of: target) else {
      return "\(target) stands in no row; give it one in Rows.table and docs/decisions/0001"
    }
    guard let otherRow = Self.row(of: other) else { return nil }
    if otherRow < row { return nil }
    return otherRow == row
      ? "\(target) uses \(other) sideways (both in row \(row))"
      : "\(target) (row \(row)) uses \(other) (row \(otherRow)) upward"
  }
}
