public import Foundation
import Texts
import Torch

/// Images one after another, as a video: MP4 or GIF through the program ffmpeg, or PNG files in a folder.
///
///     var video = try Video(at: URL(fileURLWithPath: "play.mp4"))
///     try video.add(image)
///     let whole = try video.finish()
///
/// A file that is under the name stays until the video is whole: frames go to a file beside it, which takes the name at
/// the end. A folder's `frame-000000.png` onwards of an earlier video, which say that they are ours, give way at the
/// beginning. All images must have the size of the first.
public struct Video {
  /// How the video is kept.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// A video that everything plays.
    case mp4
    /// An image that moves.
    case gif
    /// A folder of PNG files, `frame-000000.png` onwards.
    case frames

    /// The format that a path's ending names: `.mp4`, `.gif`, or none for a folder.
    ///
    /// - Throws: ``VideoError`` for another ending.
    public init(path: String) throws(VideoError) {
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "mp4": self = .mp4
      case "gif": self = .gif
      case "": self = .frames
      default:
        throw VideoError(
          "\(path): expected a name that ends in .mp4 or .gif, or a folder for PNG files")
      }
    }
  }

  /// Where the video will be.
  public let url: URL
  /// How it is kept.
  public let format: Format
  /// Images a second.
  public let rate: Double
  /// Pixels that one of an image becomes in each direction.
  public let scale: Int
  /// Images added.
  public private(set) var count = 0

  /// Seconds that ffmpeg may take for one image.
  var patience = 60

  private let ffmpeg: URL?
  private var encoder: VideoEncoder?
  private var size: (width: Int, height: Int)?

  /// A video without an image yet.
  ///
  /// - Parameters:
  ///   - rate: images a second.
  ///   - scale: pixels that one of an image becomes in each direction.
  ///   - ffmpeg: the program, ``installedEncoder`` by default.
  /// - Throws: ``VideoError`` for another ending, a missing ffmpeg, and a folder that has files in it.
  public init(
    at url: URL, rate: Double = 15, scale: Int = 1, ffmpeg: URL? = Video.installedEncoder
  ) throws {
    format = try Format(path: url.path)
    self.url = url
    self.rate = rate
    self.scale = scale
    self.ffmpeg = ffmpeg
    guard format == .frames else {
      guard ffmpeg != nil else {
        throw VideoError(
          "\(url.path): it needs the program ffmpeg, which is not on the search path: run "
            + "`\(PackageManager.command(installing: "ffmpeg"))`, or give a folder for PNG files"
        )
      }
      return
    }
    let inside = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    guard inside.allSatisfy({ Self.isFrame($0, in: url) }) else {
      throw VideoError(
        "\(url.path): expected a new or empty folder, or one of an earlier video, found other files; name another"
      )
    }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      for name in inside {
        try FileManager.default.removeItem(at: url.appendingPathComponent(name))
      }
    } catch {
      throw VideoError("\(url.path): the folder cannot be made or emptied; name another")
    }
  }

  /// Whether a file has a name that a video of frames gives, and says that a video made it.
  private static func isFrame(_ name: String, in folder: URL) -> Bool {
    guard name.hasPrefix("frame-"), name.hasSuffix(".png") else { return false }
    let digits = name.dropFirst(6).dropLast(4)
    guard digits.count >= 6, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let file = try? FileHandle(forReadingFrom: folder.appendingPathComponent(name))
    else { return false }
    defer { try? file.close() }
    let beginning = (try? file.read(upToCount: RenderedImage.markedByteCount)) ?? Data()
    return RenderedImage.isMarked([UInt8](beginning))
  }

  /// ffmpeg on the search path, `nil` where there is none.
  public static var installedEncoder: URL? {
    PackageManager.path(of: "ffmpeg").map { URL(fileURLWithPath: $0) }
  }

  /// Appends an image.
  ///
  /// - Throws: ``VideoError`` for an image of another size, an encoder that failed and a file that cannot be written.
  public mutating func add(_ image: RenderedImage) throws {
    let (width, height) = size ?? (image.width, image.height)
    guard image.width == width, image.height == height else {
      throw VideoError(
        "\(url.path): expected images of \(width) x \(height), found one of \(image.width) x \(image.height)"
      )
    }
    size = (width, height)
    if format == .frames {
      let digits = String(count)
      let name = "frame-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      let file = url.appendingPathComponent("\(name).png")
      do {
        try Data(image.enlarged(by: scale).png).write(to: file)
      } catch {
        throw VideoError("\(file.path): it cannot be written (\(error.localizedDescription))")
      }
    } else if let ffmpeg {
      let encoder =
        try self.encoder
        ?? VideoEncoder(
          ffmpeg, to: url, format: format, width: width, height: height, rate: rate, scale: scale,
          patience: patience)
      self.encoder = encoder
      try encoder.write(image.rgb)
    }
    count += 1
  }

  /// Ends the video and gives it its name.
  ///
  /// - Returns: where it is.
  /// - Throws: ``VideoError`` for a video without an image and for an encoder that failed.
  @discardableResult
  public mutating func finish() throws -> URL {
    guard count > 0 else { throw VideoError("\(url.path): the video has no image") }
    try encoder?.finish()
    encoder = nil
    return url
  }
}

/// Why there is no video, as one sentence.
public struct VideoError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, what was found and what to do.
  public let description: String

  init(_ description: String) { self.description = description }
}
