import Foundation
import TestSupport
@testable import Environments
import Testing

@Suite("Videos")
struct VideoTests {
  private func image(_ index: Int) -> RenderedImage {
    var image = RenderedImage(width: 9, height: 7, .init(250, 250, 250))
    image.fill(x: index..<(index + 2), y: 2..<4, .init(0, 100, 200))
    return image
  }

  /// A program in ffmpeg's place.
  private func program(_ script: String, in folder: URL) throws -> URL {
    let url = folder.appendingPathComponent("ffmpeg")
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    return url
  }

  @Test(
    "Without an ending images become numbered files in a folder, which an earlier video's give way to"
  )
  func frames() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("video")
      for count in [5, 3] {
        var video = try Video(at: url, scale: 2, ffmpeg: nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty)
        for index in 0..<count { try video.add(image(index)) }
        #expect(try video.finish() == url)
        let files = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
        #expect(files == (0..<count).map { "frame-00000\($0).png" })
        let last = try Data(contentsOf: url.appendingPathComponent("frame-000002.png"))
        #expect([UInt8](last) == image(2).enlarged(by: 2).png)
        // As a full disk leaves it.
        try last.prefix(20).write(to: url.appendingPathComponent("frame-000002.png"))
      }
    }
  }

  @Test("Names, folders and images that will not do are refused, and nothing is lost")
  func refusals() throws {
    try withTemporaryFolder { folder in
      #expect { try Video.Format(path: "a.avi") } throws: { "\($0)".contains(".mp4 or .gif") }
      #expect {
        try Video(at: folder.appendingPathComponent("a.mp4"), ffmpeg: nil)
      } throws: { "\($0)".contains("ffmpeg") }
      let other = folder.appendingPathComponent("letter.txt")
      try Data("dear".utf8).write(to: other)
      #expect { try Video(at: folder, ffmpeg: nil) } throws: { "\($0)".contains("other files") }
      #expect(try String(contentsOf: other, encoding: .utf8) == "dear")
      // Frames of another program, by their names alone ours.
      let foreign = folder.appendingPathComponent("frames/frame-000000.png")
      try FileManager.default.createDirectory(
        at: foreign.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("another's".utf8).write(to: foreign)
      #expect {
        try Video(at: foreign.deletingLastPathComponent(), ffmpeg: nil)
      } throws: { "\($0)".contains("other files") }
      #expect(try String(contentsOf: foreign, encoding: .utf8) == "another's")
      var video = try Video(at: folder.appendingPathComponent("video"), ffmpeg: nil)
      #expect { try video.finish() } throws: { "\($0)".contains("no image") }
      try video.add(image(0))
      for (width, height) in [(3, 7), (9, 3)] {
        #expect {
          try video.add(RenderedImage(width: width, height: height, .init(0, 0, 0)))
        } throws: { "\($0)".contains("9 x 7") }
      }
    }
  }

  @Test("The encoder gets every image as raw bytes, and its file takes the name at the end")
  func encoder() throws {
    try withTemporaryFolder { folder in
      let script = #"for last; do :; done; cat > "$last"; echo "$@" > "$(dirname "$0")/arguments""#
      let url = folder.appendingPathComponent("video.mp4")
      try Data("earlier".utf8).write(to: url)
      var video = try Video(at: url, rate: 12, scale: 3, ffmpeg: try program(script, in: folder))
      for index in 0..<4 { try video.add(image(index)) }
      #expect(try String(contentsOf: url, encoding: .utf8) == "earlier")
      try video.finish()
      #expect([UInt8](try Data(contentsOf: url)) == (0..<4).flatMap { image($0).rgb })
      let words = try String(
        contentsOf: folder.appendingPathComponent("arguments"), encoding: .utf8)
      for word in ["-video_size 9x7", "-framerate 12.0", "scale=iw*3:ih*3:flags=neighbor"] {
        #expect(words.contains(word), "\(words)")
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(files == ["arguments", "ffmpeg", "video.mp4"])
    }
  }

  @Test(
    "An encoder that dies or fails is quoted; what was under the name stays",
    arguments: [true, false])
  func failure(atOnce: Bool) throws {
    try withTemporaryFolder { folder in
      let script = (atOnce ? "" : "cat > /dev/null; ") + "echo Unknown encoder >&2; exit 3"
      let url = folder.appendingPathComponent("video.gif")
      try Data("earlier".utf8).write(to: url)
      var video = try Video(at: url, ffmpeg: try program(script, in: folder))
      #expect {
        // More than any buffer between the two holds.
        for index in 0..<20_000 { try video.add(image(index % 5)) }
        try video.finish()
      } throws: { "\($0)".contains("Unknown encoder") }
      #expect(try String(contentsOf: url, encoding: .utf8) == "earlier")
    }
  }

  @Test("An encoder that takes no images is ended, and what was under the name stays")
  func hung() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("video.mp4")
      try Data("earlier".utf8).write(to: url)
      var video = try Video(at: url, ffmpeg: try program("exec sleep 1000", in: folder))
      video.patience = 1
      #expect {
        for index in 0..<20_000 { try video.add(image(index % 5)) }
      } throws: { "\($0)".contains("took no image for 1 s") }
      // So few that the socket holds them.
      var short = try Video(at: url, ffmpeg: try program("exec sleep 1000", in: folder))
      short.patience = 1
      try short.add(image(0))
      #expect { try short.finish() } throws: { "\($0)".contains("did not end for 1 s") }
      #expect(try String(contentsOf: url, encoding: .utf8) == "earlier")
    }
  }

  @Test(
    "ffmpeg makes a video that it reads as so many images",
    .enabled(if: Video.installedEncoder != nil))
  func real() throws {
    try withTemporaryFolder { folder in
      for name in ["video.mp4", "video.gif"] {
        let url = folder.appendingPathComponent(name)
        var video = try Video(at: url, rate: 10, scale: 8)
        for index in 0..<7 { try video.add(image(index)) }
        try video.finish()
        let process = Process()
        process.executableURL = Video.installedEncoder
        process.arguments = [
          "-nostdin", "-loglevel", "error", "-i", url.path, "-f", "rawvideo", "-pix_fmt", "rgb24",
          folder.appendingPathComponent("\(name).raw").path,
        ]
        try process.run()
        process.waitUntilExit()
        let bytes = try Data(contentsOf: folder.appendingPathComponent("\(name).raw"))
        #expect(bytes.count == 7 * 72 * 56 * 3, "\(name)")
      }
    }
  }
}
