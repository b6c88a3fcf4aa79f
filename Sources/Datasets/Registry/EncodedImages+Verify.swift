extension EncodedImages {
  /// Decodes every image. Nothing is thrown: of those that cannot be read each has its report, and `path` one with the
  /// number of the others.
  package func verify(_ path: String) -> [FileReport] {
    var (byteCount, sound) = (0, 0)
    var reports: [FileReport] = []
    for index in 0..<count {
      do {
        let image = try image(index)
        byteCount += image.bytes.count
        _ = try EncodedImage(image.bytes, path: image.path).decoded()
        sound += 1
      } catch {
        reports.append(
          FileReport((error as? DatasetError)?.path ?? path) { _ in throw error })
      }
    }
    let whole = FileReport(
      path: path, split: nil, byteCount: byteCount, recordCount: sound, checksum: .unknown,
      problem: nil)
    return [whole] + reports
  }
}
