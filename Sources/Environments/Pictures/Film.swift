public import Foundation
import Torch

/// Pictures one after another, as a film: MP4 or GIF through the program ffmpeg, or PNG files in a folder.
///
///     var film = try Film(at: URL(fileURLWithPath: "play.mp4"))
///     try film.add(picture)
///     let whole = try film.finish()
///
/// A file that is under the name stays until the film is whole: frames go to a file beside it, which takes the name at
/// the end. A folder's `frame-000000.png` onwards of an earlier film, which say that they are ours, give way at the
/// beginning. All pictures must have the size of the first.
public struct Film {
  /// How the film is kept.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// A film that everything plays.
    case mp4
    /// A picture that moves.
    case gif
    /// A folder of PNG files, `frame-000000.png` onwards.
    case frames

    /// The format that a path's ending names: `.mp4`, `.gif`, or none for a folder.
    ///
    /// - Throws: ``FilmError`` for another ending.
    public init(path: String) throws(FilmError) {
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "mp4": self = .mp4
      case "gif": self = .gif
      case "": self = .frames
      default:
        throw FilmError(
          "\(path): expected a name that ends in .mp4 or .gif, or a folder for PNG files")
      }
    }
  }

  /// Where the film will be.
  public let url: URL
  /// How it is kept.
  public let format: Format
  /// Pictures a second.
  public let rate: Double
  /// Pixels that one of a picture becomes in each direction.
  public let scale: Int
  /// Pictures added.
  public private(set) var count = 0

  /// Seconds that ffmpeg may take for one picture.
  var patience = 60

  private let ffmpeg: URL?
  private var encoder: FilmEncoder?
  private var size: (width: Int, height: Int)?

  /// A film without a picture yet.
  ///
  /// - Parameters:
  ///   - rate: pictures a second.
  ///   - scale: pixels that one of a picture becomes in each direction.
  ///   - ffmpeg: the program, ``installedEncoder`` by default.
  /// - Throws: ``FilmError`` for another ending, a missing ffmpeg, and a folder that has files in it.
  public init(
    at url: URL, rate: Double = 15, scale: Int = 1, ffmpeg: URL? = Film.installedEncoder
  ) throws {
    format = try Format(path: url.path)
    self.url = url
    self.rate = rate
    self.scale = scale
    self.ffmpeg = ffmpeg
    guard format == .frames else {
      guard ffmpeg != nil else {
        throw FilmError(
          "\(url.path): it needs the program ffmpeg, which is not on the search path; install it, or give a folder for "
            + "PNG files"
        )
      }
      return
    }
    let inside = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    guard inside.allSatisfy({ Self.isFrame($0, in: url) }) else {
      throw FilmError(
        "\(url.path): expected a new or empty folder, or one of an earlier film, found other files; name another"
      )
    }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      for name in inside {
        try FileManager.default.removeItem(at: url.appendingPathComponent(name))
      }
    } catch {
      throw FilmError("\(url.path): the folder cannot be made or emptied; name another")
    }
  }

  /// Whether a file has a name that a film of frames gives, and says that a film made it.
  private static func isFrame(_ name: String, in folder: URL) -> Bool {
    guard name.hasPrefix("frame-"), name.hasSuffix(".png") else { return false }
    let digits = name.dropFirst(6).dropLast(4)
    guard digits.count >= 6, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let file = try? FileHandle(forReadingFrom: folder.appendingPathComponent(name))
    else { return false }
    defer { try? file.close() }
    let beginning = (try? file.read(upToCount: Picture.markedByteCount)) ?? Data()
    return Picture.isMarked([UInt8](beginning))
  }

  /// ffmpeg on the search path, `nil` where there is none.
  public static var installedEncoder: URL? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").lazy
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent("ffmpeg") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Appends a picture.
  ///
  /// - Throws: ``FilmError`` for a picture of another size, an encoder that failed and a file that cannot be written.
  public mutating func add(_ picture: Picture) throws {
    let (width, height) = size ?? (picture.width, picture.height)
    guard picture.width == width, picture.height == height else {
      throw FilmError(
        "\(url.path): expected pictures of \(width) x \(height), found one of \(picture.width) x \(picture.height)"
      )
    }
    size = (width, height)
    if format == .frames {
      let digits = String(count)
      let name = "frame-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      let file = url.appendingPathComponent("\(name).png")
      do {
        try Data(picture.enlarged(by: scale).png).write(to: file)
      } catch {
        throw FilmError("\(file.path): it cannot be written (\(error.localizedDescription))")
      }
    } else if let ffmpeg {
      let encoder =
        try self.encoder
        ?? FilmEncoder(
          ffmpeg, to: url, format: format, width: width, height: height, rate: rate, scale: scale,
          patience: patience)
      self.encoder = encoder
      try encoder.write(picture.rgb)
    }
    count += 1
  }

  /// Ends the film and gives it its name.
  ///
  /// - Returns: where it is.
  /// - Throws: ``FilmError`` for a film without a picture and for an encoder that failed.
  @discardableResult
  public mutating func finish() throws -> URL {
    guard count > 0 else { throw FilmError("\(url.path): the film has no picture") }
    try encoder?.finish()
    encoder = nil
    return url
  }
}

/// Why there is no film, as one sentence.
public struct FilmError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, what was found and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
