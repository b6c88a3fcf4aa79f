import Foundation
import Synchronization

/// Writes the images of class folders as tar shards, mixed by a seed; see ``ImageShards``.
///
/// A shard is written beside its place and renamed when it is whole. Packing that was stopped goes on with the shards
/// that are not there; `packing.json` says what the others were made of. Each image is `CLASS/NAME.jpg` with its class
/// beside it; `classes.txt` names the classes, `index.json` the shards.
package struct ImagePacker {
  private let folders: ClassFolders
  private let output: String
  private let settings: Settings

  /// What a shard depends on beside the images.
  package struct Settings: Codable, Hashable, Sendable {
    /// The short side to which larger images are resized; 0 for images as they are. Images that are not larger, and are
    /// JPEGs, stay byte for byte as they are.
    package var shortSide = 256
    /// Images of a shard; the last has fewer.
    package var shardSize = 1_000
    /// What decides the order.
    package var seed: UInt64 = 0
    /// libjpeg's, of images that are encoded again.
    package var quality = 90

    package init() {}
  }

  /// What is written first, and must be the same when packing goes on.
  private struct Note: Codable, Hashable {
    var settings: Settings
    var listing: String
    var count: Int
  }

  /// Lists the images of a folder.
  ///
  /// - Throws: `DatasetError` as ``ClassFolders``, for two images that would have one key, for an output that is inside
  ///   the folder or has shards made of something else, and for settings out of range.
  package init(_ folder: String, to output: String, _ settings: Settings) throws {
    (self.output, self.settings) = (output, settings)
    func refusal(_ path: String, _ expected: String, _ found: String, _ remedy: String)
      -> DatasetError
    {
      DatasetError(.invalidRequest, path: path, expected: expected, found: found, remedy: remedy)
    }
    for (name, value, range) in [
      ("--short-side", settings.shortSide, 0...20_000),
      ("--shard-size", settings.shardSize, 1...1_000_000),
      ("--quality", settings.quality, 1...100),
    ] where !range.contains(value) {
      throw refusal(
        name, "\(range.lowerBound) to \(range.upperBound)", "\(value)", "choose such a number")
    }
    func whole(_ path: String) -> String {
      URL(filePath: path).resolvingSymlinksInPath().path + "/"
    }
    guard !whole(output).hasPrefix(whole(folder)) else {
      throw refusal(
        output, "a folder outside of \(folder)", "one inside", "write the shards elsewhere")
    }
    folders = try ClassFolders(path: folder)
    // Images are sorted by class, so that the keys of one at a time are enough.
    var (current, keys, classes): (Substring, [String: String], [String: String]) = ("", [:], [:])
    for path in folders.paths {
      let (own, key) = (
        path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex), Self.key(path)
      )
      if own != current {
        (current, keys) = (own, [:])
        let name = String(key.prefix { $0 != "/" })
        if let other = classes.updateValue(String(own), forKey: name) {
          throw refusal(
            String(own), "class names that differ in more than dots", "\(other) besides",
            "rename one")
        }
      }
      if let other = keys.updateValue(path, forKey: key) {
        throw refusal(
          path, "names that differ before their ending", "\(other) besides", "rename one of the two"
        )
      }
    }
    let note = Note(
      settings: settings, listing: folders.listing.checksum, count: folders.count)
    let path = output + "/packing.json"
    if FileManager.default.fileExists(atPath: path) {
      let found = try? JSONDecoder().decode(
        Note.self, from: Data(FileSource(path: path).read(1 << 16)))
      guard found == note else {
        throw refusal(
          path, "the settings and images of this call", "those of another",
          "go on with the same options, or write to another folder")
      }
    } else {
      try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
      guard try FileManager.default.contentsOfDirectory(atPath: output).isEmpty else {
        throw refusal(
          output, "an empty folder, or one that packing was stopped in", "other files",
          "write to another folder")
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      try PartialFile.put([try encoder.encode(note)].flatMap { [UInt8]($0) }, to: path)
    }
  }

  /// Images in all.
  package var count: Int { folders.count }
  /// Shards in all.
  package var shardCount: Int { (count + settings.shardSize - 1) / settings.shardSize }

  private var missing: [Int] {
    (0..<shardCount).filter { !FileManager.default.fileExists(atPath: path(ofShard: $0)) }
  }
  /// Images in shards that are there already.
  package var keptCount: Int { missing.reduce(count) { $0 - places(ofShard: $1).count } }

  private func places(ofShard number: Int) -> Range<Int> {
    number * settings.shardSize..<min((number + 1) * settings.shardSize, count)
  }

  private func path(ofShard number: Int) -> String {
    let digits = "\(number)"
    return output + "/shard-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      + ".tar"
  }

  /// Class and name without endings: dots would begin an ending there.
  private static func key(_ path: String) -> String {
    let parts = path.split(separator: "/").suffix(2).map(String.init)
    let name = (parts[1] as NSString).deletingPathExtension
    return "\(parts[0])/\(name)".replacing(".", with: "_")
  }

  /// Writes what is not there.
  ///
  /// - Parameters:
  ///   - workers: threads, each of which works at a shard of its own with one image in memory.
  ///   - corrupt: what becomes of an image that cannot be decoded.
  ///   - progress: called with the images that are written, on the calling thread; may throw to stop.
  /// - Returns: the paths of images that were left out by this call, with the reason.
  /// - Throws: `DatasetError` naming the image or the file that cannot be written; whole shards are kept.
  package func pack(
    workers: Int, corrupt: CorruptImages, progress: (_ images: Int) throws -> Void
  ) throws -> [String] {
    let order = Bijection(count: count, key: settings.seed)
    let (missing, kept) = (missing, keptCount)
    let shared = SharedPacking(missing)
    let group = DispatchGroup()
    for _ in 0..<max(1, min(workers, missing.count)) {
      group.enter()
      let packer = self
      let thread = Thread {
        defer { group.leave() }
        while let shard = shared.next() {
          do {
            try packer.write(
              shard, packer.places(ofShard: shard).map { order[$0] }, corrupt, shared)
          } catch { shared.fail(error) }
        }
      }
      thread.name = "pack"
      thread.start()
    }
    var stop: (any Error)?
    while group.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      do { try progress(kept + shared.done) } catch {
        stop = error
        shared.fail(error)
        group.wait()
        break
      }
    }
    if let failure = stop ?? shared.failure { throw failure }
    try progress(count)
    try finish()
    return shared.leftOut
  }

  private func write(
    _ shard: Int, _ images: [Int], _ corrupt: CorruptImages, _ shared: SharedPacking
  ) throws {
    let part = try PartialFile(path(ofShard: shard))
    do {
      try part.restart()
      for index in images {
        try shared.check()
        let (bytes, label, path) = try folders.image(index)
        let key = Self.key(path)
        do {
          let packed = try packed(bytes, path: path)
          try part.append(
            TarWriter.file(key + ".jpg", packed)
              + TarWriter.file(key + ".cls", Array("\(label)".utf8)))
        } catch let error as DatasetError where corrupt == .skip && error.path == path {
          shared.leaveOut("\(error)")
        }
        shared.count()
      }
      try part.append(TarWriter.end)
      try part.finish()
    } catch {
      part.discard()
      throw error
    }
  }

  /// The JPEG of an image.
  private func packed(_ bytes: [UInt8], path: String) throws -> [UInt8] {
    let encoded = try EncodedImage(bytes, path: path)
    let short = min(encoded.width, encoded.height)
    // Decoded although it is kept, so that damage is found here.
    let image = try encoded.decoded()
    let isKept = settings.shortSide == 0 || short <= settings.shortSide
    if isKept && !encoded.isPNG { return bytes }
    guard !isKept else { return try image.jpeg(quality: settings.quality, path: path) }
    func side(_ length: Int) -> Int { max(1, length * settings.shortSide / short) }
    return try image.resized(image.box, toWidth: side(image.width), height: side(image.height))
      .jpeg(quality: settings.quality, path: path)
  }

  /// Writes the lists.
  private func finish() throws {
    let shards = try (0..<shardCount).map { number in
      let source = try FileSource(path: path(ofShard: number))
      return ShardIndex.Shard(
        url: (source.path as NSString).lastPathComponent,
        nsamples: try ShardTable(source, classCount: folders.classCount).members.count,
        filesize: source.storedByteCount)
    }
    try PartialFile.put(
      Array(folders.classNames.map { $0 + "\n" }.joined().utf8), to: output + "/classes.txt")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try PartialFile.put(
      [UInt8](encoder.encode(ShardIndex(shardlist: shards))), to: output + "/" + ShardIndex.fileName
    )
  }
}

/// What the threads of a packing share.
private final class SharedPacking: Sendable {
  private struct State {
    var shards: ArraySlice<Int>
    var done = 0
    var leftOut: [String] = []
    var failure: (any Error)?
  }

  private let state: Mutex<State>

  init(_ shards: [Int]) { state = Mutex(State(shards: shards[...])) }

  func next() -> Int? { state.withLock { $0.failure == nil ? $0.shards.popFirst() : nil } }
  func fail(_ error: any Error) { state.withLock { if $0.failure == nil { $0.failure = error } } }
  /// Throws what ended another thread.
  func check() throws { if let failure { throw failure } }
  func count() { state.withLock { $0.done += 1 } }
  func leaveOut(_ words: String) { state.withLock { $0.leftOut.append(words) } }

  var failure: (any Error)? { state.withLock { $0.failure } }
  var done: Int { state.withLock { $0.done } }
  var leftOut: [String] { state.withLock { $0.leftOut } }
}
