extension ClassFolders {
  /// Decodes every image. Nothing is thrown: of those that cannot be read each has its report, and the folder one with
  /// the number of all.
  package func verify() -> [FileReport] {
    var byteCount = 0
    let damaged = paths.compactMap { path -> FileReport? in
      let report = FileReport(path) { path in
        _ = try EncodedImage(at: path).decoded()
        return 1
      }
      byteCount += report.byteCount ?? 0
      return report.isSound ? nil : report
    }
    let whole = FileReport(
      path: path, split: nil, byteCount: byteCount, recordCount: paths.count - damaged.count,
      checksum: .unknown, problem: nil)
    return [whole] + damaged
  }
}
