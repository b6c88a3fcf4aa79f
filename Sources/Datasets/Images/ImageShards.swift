import Foundation
import Synchronization

/// The images of tar shards as WebDataset writes them: `NAME.jpg` (or `.jpeg`, `.png`) beside `NAME.cls`, which holds
/// the number of its class in digits.
///
/// Shards are read at random places. In an epoch they come in a mixed order, ``together`` of them at a time, whose
/// images are mixed with one another; ``ImagePacker`` has mixed the images of all shards before. Memory: a few numbers
/// a shard, and tables of twice ``together`` shards (some 100 bytes an image), whatever the number of images.
package final class ImageShards: EncodedImages {
  /// Shards whose images are mixed with one another.
  static let together = 32
  /// The classes, from `classes.txt` beside the shards; `nil` where there is none.
  package let classNames: [String]?
  package let classCount: Int
  package let blocks: ExampleBlocks?
  package let count: Int
  private let pattern: String
  private let shards: [Shard]
  /// The first image of each shard, and the number of all.
  private let starts: [Int]
  private let tables = Mutex<(kept: [Int: ShardTable], order: [Int])>(([:], []))

  /// One shard: its place, its images and its bytes.
  struct Shard: Hashable, Sendable {
    var path: String
    var count: Int
    var byteCount: Int
  }

  /// Whether a path is one of shards rather than of class folders: it has braces, ends in `.tar` or `.tar.gz`, or is a
  /// folder of files that do, and of no folders.
  package static func isPattern(_ path: String) -> Bool {
    if path.contains("{") || path.hasSuffix(".tar") || path.hasSuffix(".gz") { return true }
    let names = members(path)
    var isFolder: ObjCBool = false
    return !names.isEmpty
      && !((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).contains {
        FileManager.default.fileExists(atPath: "\(path)/\($0)", isDirectory: &isFolder)
          && isFolder.boolValue
      }
  }

  /// Finds shards, by `index.json` beside them where that lists them; without it every shard's headers are read.
  ///
  /// - Parameters:
  ///   - pattern: a folder with shards, a shard, or such as `train-{000000..001280}.tar`.
  ///   - classCount: the number of classes, where no `classes.txt` says it; 0 for what that says.
  /// - Throws: `DatasetError` for a shard that is missing, has another size than listed or is damaged, for a pattern
  ///   that names none, and where nobody says the number of classes.
  package init(_ pattern: String, classCount: Int) throws {
    self.pattern = pattern
    let paths = try Self.paths(pattern)
    if let packed = paths.first(where: { $0.hasSuffix(".gz") }) {
      throw DatasetError(
        .malformed, path: packed, expected: "a plain tar, which is read at random places",
        found: "a compressed one",
        remedy: "unpack it (gunzip); images do not become smaller by gzip")
    }
    let folder = (paths[0] as NSString).deletingLastPathComponent
    let list = folder + "/classes.txt"
    classNames =
      FileManager.default.fileExists(atPath: list)
      ? try String(decoding: FileSource(path: list).read(1 << 26), as: UTF8.self).split(
        separator: "\n"
      )
      .map(String.init) : nil
    self.classCount = classCount > 0 ? classCount : classNames?.count ?? 0
    guard self.classCount > 0 else {
      throw DatasetError(
        .invalidRequest, path: pattern,
        expected: "a number of classes, or their names in classes.txt",
        found: "neither", remedy: "set data.classCount, such as 1000 for ImageNet")
    }
    let listed = try ShardIndex.counts(inFolder: folder)
    let classes = self.classCount
    shards = try paths.map { path in
      let source = try FileSource(path: path)
      guard let known = listed[(path as NSString).lastPathComponent] else {
        return Shard(
          path: path, count: try ShardTable(source, classCount: classes).members.count,
          byteCount: source.storedByteCount)
      }
      guard known.byteCount == source.storedByteCount else {
        throw DatasetError(
          source.storedByteCount < known.byteCount ? .truncated : .oversized, path: path,
          expected: "\(known.byteCount) bytes, as index.json beside it says",
          found: "\(source.storedByteCount)",
          remedy: "fetch the shard again, or remove index.json if it is of other shards")
      }
      return Shard(path: path, count: known.count, byteCount: known.byteCount)
    }.filter { $0.count > 0 }
    starts = shards.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    count = starts[shards.count]
    guard count > 0 else {
      throw DatasetError(
        .empty, path: pattern, expected: "images NAME.jpg beside their classes NAME.cls",
        found: "none",
        remedy: "write shards with `nap data pack`")
    }
    blocks = ExampleBlocks(counts: shards.map(\.count), together: Self.together)
  }

  private static func members(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { ($0.hasSuffix(".tar") || $0.hasSuffix(".tar.gz")) && !$0.hasPrefix(".") }.sorted()
  }

  /// The shards of a pattern; `{a..b}` counts with as many digits as it has, `{a,b}` lists.
  static func paths(_ pattern: String) throws -> [String] {
    func refusal(_ expected: String, _ found: String) -> DatasetError {
      DatasetError(
        .unknownName, path: pattern, expected: expected, found: found,
        remedy: "name a folder of shards, or write such as train-{000000..001280}.tar")
    }
    guard let open = pattern.firstIndex(of: "{") else {
      let names = members(pattern)
      return names.isEmpty ? [pattern] : names.map { "\(pattern)/\($0)" }
    }
    guard let close = pattern[open...].firstIndex(of: "}") else {
      throw refusal("} after {", "none")
    }
    let inner = pattern[pattern.index(after: open)..<close]
    let words: [String]
    let ends = inner.components(separatedBy: "..")
    if ends.count == 2 {
      guard let first = Int(ends[0]), let last = Int(ends[1]), 0 <= first, first <= last,
        last - first < 1_000_000,
        ends[0].utf8.count <= 18
      else { throw refusal("numbers from small to large, at most a million of them", "{\(inner)}") }
      words = (first...last).map {
        String(repeating: "0", count: max(0, ends[0].utf8.count - "\($0)".utf8.count)) + "\($0)"
      }
    } else {
      words = inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let paths = try words.flatMap {
      try Self.paths(pattern[..<open] + $0 + pattern[pattern.index(after: close)...])
    }
    guard paths.count <= 1_000_000 else {
      throw refusal("at most a million shards", "\(paths.count)")
    }
    return paths
  }

  package func image(_ index: Int) throws -> (bytes: [UInt8], label: Int, path: String) {
    precondition((0..<count).contains(index), "ImageShards: image \(index) of \(count)")
    var (low, high) = (0, shards.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= index { low = middle } else { high = middle }
    }
    let table = try table(low)
    let member = table.members[index - starts[low]]
    return (
      try table.file.read(at: member.offset, count: member.byteCount), member.label,
      "\(shards[low].path):\(member.name)"
    )
  }

  /// The table of a shard, read on first use; the oldest are let go.
  private func table(_ number: Int) throws -> ShardTable {
    if let kept = tables.withLock({ $0.kept[number] }) { return kept }
    let shard = shards[number]
    let source = try FileSource(path: shard.path)
    let table = try ShardTable(source, classCount: classCount)
    guard table.members.count == shard.count, source.storedByteCount == shard.byteCount else {
      throw DatasetError(
        .truncated, path: shard.path,
        expected: "\(shard.count) images in \(shard.byteCount) bytes, as when the run began",
        found: "\(table.members.count) in \(source.storedByteCount)",
        remedy:
          "let nothing write to the shards while a run reads them; remove index.json if it is of other shards"
      )
    }
    tables.withLock {
      guard $0.kept.updateValue(table, forKey: number) == nil else { return }
      $0.order.append(number)
      if $0.order.count > 2 * Self.together { $0.kept[$0.order.removeFirst()] = nil }
    }
    return table
  }

  /// Names, images and bytes of the shards, one a line.
  package var listing: DataFile {
    let lines = shards.map {
      "\(($0.path as NSString).lastPathComponent) \($0.count) \($0.byteCount)\n"
    }.joined()
    return DataFile(path: pattern, bytes: Array(lines.utf8))
  }
}

/// Where the images of one shard lie in it.
struct ShardTable: Sendable {
  struct Member: Sendable {
    var name: String
    var offset: Int
    var byteCount: Int
    var label: Int
  }

  let file: OpenFile
  private(set) var members: [Member] = []

  /// Reads the headers of a shard and its classes, not its images. Other files than images and classes are passed over.
  ///
  /// - Throws: `DatasetError` naming shard and key for a damaged archive, an image without a class or the reverse, a
  ///   class that there is not, and a key that comes twice.
  init(_ source: FileSource, classCount: Int) throws {
    file = try OpenFile(source.path)
    var (key, image, label): (String, Member?, Int?) = ("", nil, nil)
    var keys: Set<String> = []
    func refusal(_ kind: DatasetError.Kind, _ expected: String, _ found: String) -> DatasetError {
      DatasetError(
        kind, path: "\(source.path):\(key)", expected: expected, found: found,
        remedy: "write the shard again, with NAME.jpg beside NAME.cls and every NAME once")
    }
    var found: [Member] = []
    func finish() throws {
      guard image != nil || label != nil else { return }
      guard var member = image, let label else {
        throw refusal(
          .malformed, "an image and its class", image == nil ? "a class alone" : "an image alone")
      }
      guard keys.insert(key).inserted else {
        throw refusal(.malformed, "a key that comes once", "it twice")
      }
      member.label = label
      found.append(member)
    }
    try TarReader(source, requiresEnd: true).forEachFile { entry, next in
      let base = entry.baseName
      guard let dot = base.firstIndex(of: "."), dot != base.startIndex else { return }
      let own = String(entry.name.dropLast(base.count)) + base[..<dot]
      if own != key {
        try finish()
        (key, image, label) = (own, nil, nil)
      }
      switch base[base.index(after: dot)...].lowercased() {
      case "jpg", "jpeg", "png":
        guard image == nil else {
          throw refusal(.malformed, "one image", "two, the other \(entry.name)")
        }
        image = Member(name: entry.name, offset: entry.offset, byteCount: entry.byteCount, label: 0)
      case "cls":
        let text = entry.byteCount <= 32 ? String(decoding: try next(), as: UTF8.self) : ""
        guard let number = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), label == nil
        else {
          throw refusal(
            .malformed, "one class in digits",
            label == nil ? "\(entry.byteCount) other bytes" : "two")
        }
        guard (0..<classCount).contains(number) else {
          throw refusal(.labelOutOfRange, "a class in 0..<\(classCount)", "\(number)")
        }
        label = number
      default: break
      }
    }
    try finish()
    members = found
  }
}

/// `index.json` beside shards, in the form of WebDataset's `wids`: names, numbers of examples, bytes.
struct ShardIndex: Codable {
  struct Shard: Codable {
    var url: String
    var nsamples: Int
    var filesize: Int
  }

  var kind = "wids-shard-index-v1"
  var version = 1
  var shardlist: [Shard]

  private enum CodingKeys: String, CodingKey {
    case kind = "__kind__"
    case version = "wids_version"
    case shardlist
  }

  static let fileName = "index.json"

  /// What a folder's list says of each shard; nothing where there is no list.
  static func counts(inFolder folder: String) throws -> [String: ImageShards.Shard] {
    let path = folder + "/" + fileName
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    return try counts(FileSource(path: path).read(1 << 28), path: path)
  }

  static func counts(_ bytes: [UInt8], path: String) throws -> [String: ImageShards.Shard] {
    let index: ShardIndex
    do { index = try JSONDecoder().decode(ShardIndex.self, from: Data(bytes)) } catch {
      throw refusal(path, "another content")
    }
    let most = 1 << 40
    guard index.kind == "wids-shard-index-v1",
      index.shardlist.allSatisfy({
        (0...most).contains($0.nsamples) && (0...most).contains($0.filesize)
      })
    else { throw refusal(path, "another kind, or numbers that cannot be") }
    return Dictionary(
      index.shardlist.map {
        let name = ($0.url as NSString).lastPathComponent
        return (name, ImageShards.Shard(path: name, count: $0.nsamples, byteCount: $0.filesize))
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func refusal(_ path: String, _ found: String) -> DatasetError {
    DatasetError(
      .malformed, path: path,
      expected: "a list of shards with url, nsamples and filesize of each, as wids writes it",
      found: found, remedy: "remove it, so that the shards' own headers are read")
  }
}
