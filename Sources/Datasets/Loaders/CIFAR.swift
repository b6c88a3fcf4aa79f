/// The binary format of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3 x 32 x 32 pixels.
///
/// Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images", and the format's
/// description on the dataset's page. A file may hold fewer records than the official one.
public struct CIFARFormat: Hashable, Sendable {
  /// The registry's name.
  public let name: String
  /// What the classes of each label byte are called; the last byte is the finest.
  public let classNames: [[String]]
  /// The most records a file may hold.
  public let mostRecords: Int

  /// CIFAR-10: one label, 10 classes, at most 10,000 records a file.
  public static let cifar10 = CIFARFormat(
    name: "cifar-10", classNames: [CIFARNames.ten], mostRecords: 10_000)

  /// CIFAR-100: a coarse label of 20 and a fine label of 100 classes, at most 50,000 records a file.
  public static let cifar100 = CIFARFormat(
    name: "cifar-100", classNames: [CIFARNames.twenty, CIFARNames.hundred], mostRecords: 50_000)

  /// The size of every image.
  public static let shape = ImageShape(channels: 3, height: 32, width: 32)

  /// Bytes in one record.
  public var recordByteCount: Int { classNames.count + Self.shape.elementCount }

  /// The files of a split, in reading order.
  public func fileNames(_ split: ImageDataset.Split) -> [String] {
    switch (classNames.count, split) {
    case (1, .train): (1...5).map { "data_batch_\($0).bin" }
    case (1, .test): ["test_batch.bin"]
    case (_, .train): ["train.bin"]
    case (_, .test): ["test.bin"]
    }
  }
}

/// Which of CIFAR-100's two labels to use.
public enum CIFARLabel: String, Codable, Hashable, Sendable, CaseIterable {
  /// The finest: 10 classes in CIFAR-10, 100 in CIFAR-100.
  case fine
  /// CIFAR-100's 20 superclasses; in CIFAR-10 the same as fine.
  case coarse
}

extension CIFARFormat {
  /// Reads a split from the folder that holds its files.
  ///
  /// Memory: the split's size and one file's.
  /// - Throws: `DatasetError`: a missing folder or file, one that is empty, truncated or oversized, or
  ///   a label out of range, each with path and record.
  public func load(
    _ split: ImageDataset.Split, fromFolder folder: String, label: CIFARLabel = .fine
  ) throws -> ImageDataset {
    try DataFolder.requireFolder(folder, dataset: name)
    let labelIndex = label == .fine ? classNames.count - 1 : 0
    let sources = try fileNames(split).map { try FileSource(path: folder + "/" + $0) }
    var pixels: [UInt8] = []
    var labels: [Int] = []
    for source in sources { try checkSize(source.storedByteCount, path: source.path) }
    pixels.reserveCapacity(sources.reduce(0) { $0 + $1.storedByteCount })
    var files: [DataFile] = []
    for source in sources {
      let bytes = try source.readExactly(source.storedByteCount, for: "records")
      try append(bytes, path: source.path, labelIndex: labelIndex, to: &pixels, &labels)
      files.append(DataFile(path: source.path, bytes: bytes))
    }
    return try ImageDataset(
      name: name, source: folder, shape: Self.shape, pixels: pixels, labels: labels,
      classNames: classNames[labelIndex], files: files)
  }

  /// Reads the records of one file's bytes; `path` is named in errors. Memory: the bytes' size once more.
  ///
  /// - Throws: `DatasetError` as `load` does.
  public func parse(_ bytes: [UInt8], path: String, label: CIFARLabel = .fine) throws
    -> ImageDataset
  {
    let labelIndex = label == .fine ? classNames.count - 1 : 0
    var pixels: [UInt8] = []
    var labels: [Int] = []
    pixels.reserveCapacity(bytes.count)
    try append(bytes, path: path, labelIndex: labelIndex, to: &pixels, &labels)
    return try ImageDataset(
      name: name, source: path, shape: Self.shape, pixels: pixels, labels: labels,
      classNames: classNames[labelIndex])
  }

  /// The number of records in a file of this size, or why there can be none.
  @discardableResult
  func checkSize(_ byteCount: Int, path: String) throws -> Int {
    let (records, rest) = byteCount.quotientAndRemainder(dividingBy: recordByteCount)
    func refusal(_ kind: DatasetError.Kind, _ found: String) -> DatasetError {
      DatasetError(
        kind, path: path,
        expected: "1 to \(mostRecords) records of \(recordByteCount) bytes", found: found,
        remedy: "delete the file and run `nap data get \(name)`")
    }
    if byteCount == 0 { throw refusal(.empty, "an empty file") }
    if records > mostRecords || (records == mostRecords && rest > 0) {
      throw refusal(.oversized, "\(byteCount) bytes: \(records) records and \(rest) bytes")
    }
    if rest > 0 {
      throw refusal(
        .truncated, "\(byteCount) bytes: \(records) records and \(rest) bytes of another")
    }
    return records
  }

  private func append(
    _ bytes: [UInt8], path: String, labelIndex: Int, to pixels: inout [UInt8],
    _ labels: inout [Int]
  ) throws {
    let records = try checkSize(bytes.count, path: path)
    for record in 0..<records {
      let start = record * recordByteCount
      for (index, names) in classNames.enumerated() where bytes[start + index] >= names.count {
        throw DatasetError(
          .labelOutOfRange, path: path,
          expected: "a label in 0..<\(names.count) at record \(record), byte \(start + index)",
          found: "\(bytes[start + index])",
          remedy: "delete the file and run `nap data get \(name)`")
      }
      labels.append(Int(bytes[start + labelIndex]))
      pixels.append(contentsOf: bytes[start + classNames.count..<start + recordByteCount])
    }
  }
}
