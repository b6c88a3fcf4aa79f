/// Labelled images as the bytes of their files, read one at a time by any thread.
package protocol EncodedImages: Sendable {
  /// Images.
  var count: Int { get }
  /// The number of classes.
  var classCount: Int { get }
  /// What is read together; `nil` for images that lie each by itself.
  var blocks: ExampleBlocks? { get }
  /// A list of the images as a file, of which a run's manifest keeps the checksum. The images themselves are not in it.
  var listing: DataFile { get }
  /// The bytes of an image, its class, and what it is called in errors.
  ///
  /// - Throws: `DatasetError` naming the file.
  func image(_ index: Int) throws -> (bytes: [UInt8], label: Int, path: String)
}

/// What becomes of an image that cannot be decoded.
public enum CorruptImages: String, Codable, Hashable, Sendable, CaseIterable {
  /// The run ends with the name of the file.
  case fatal
  /// The batch has one image less, which is counted.
  case skip
}
