extension EncodedImages {
  /// Decodes every image. Nothing is thrown: of those that cannot be read each has its report, and `path` one with the
  /// number of the others.
  package func verify(_ path: String) -> [FileReport] {
    var (byteCount, sound) = (0, 0)
    var reports: [FileReport] = []
    for index in 0..<count {
      do {
        let image = try self.image(index)
        byteCount += image.bytes.count
        _ = try EncodedImage(image.bytes, path: image.path).decoded()
        sound += 1
      } catch {
        // What an image is called need not be a file: it may lie in a shard.
        let problem =
          error as? DatasetError
          ?? DatasetError(
            .unreadable, path: path, expected: "images that can be read", found: "\(error)",
            remedy: Remedy.fetchAgain)
        reports.append(
          FileReport(
            path: problem.path, split: nil, byteCount: nil, recordCount: nil, checksum: .unknown,
            problem: problem))
      }
    }
    let whole = FileReport(
      path: path, split: nil, byteCount: byteCount, recordCount: sound, checksum: .unknown,
      problem: nil)
    return [whole] + reports
  }
}
