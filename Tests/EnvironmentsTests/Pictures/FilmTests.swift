import Foundation
import TestSupport
@testable import Environments
import Testing

@Suite("Films")
struct FilmTests {
  private func picture(_ index: Int) -> Picture {
    var picture = Picture(width: 9, height: 7, .init(250, 250, 250))
    picture.fill(x: index..<(index + 2), y: 2..<4, .init(0, 100, 200))
    return picture
  }

  /// A program in ffmpeg's place.
  private func program(_ script: String, in folder: URL) throws -> URL {
    let url = folder.appendingPathComponent("ffmpeg")
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    return url
  }

  @Test(
    "Without an ending pictures become numbered files in a folder, which an earlier film's give way to"
  )
  func frames() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("film")
      for count in [5, 3] {
        var film = try Film(at: url, scale: 2, ffmpeg: nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: url.path).isEmpty)
        for index in 0..<count { try film.add(picture(index)) }
        #expect(try film.finish() == url)
        let files = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
        #expect(files == (0..<count).map { "frame-00000\($0).png" })
        let last = try Data(contentsOf: url.appendingPathComponent("frame-000002.png"))
        #expect([UInt8](last) == picture(2).enlarged(by: 2).png)
        // As a full disk leaves it.
        try last.prefix(20).write(to: url.appendingPathComponent("frame-000002.png"))
      }
    }
  }

  @Test("Names, folders and pictures that will not do are refused, and nothing is lost")
  func refusals() throws {
    try withTemporaryFolder { folder in
      #expect { try Film.Format(path: "a.avi") } throws: { "\($0)".contains(".mp4 or .gif") }
      #expect {
        try Film(at: folder.appendingPathComponent("a.mp4"), ffmpeg: nil)
      } throws: { "\($0)".contains("ffmpeg") }
      let other = folder.appendingPathComponent("letter.txt")
      try Data("dear".utf8).write(to: other)
      #expect { try Film(at: folder, ffmpeg: nil) } throws: { "\($0)".contains("other files") }
      #expect(try String(contentsOf: other, encoding: .utf8) == "dear")
      // Frames of another program, by their names alone ours.
      let foreign = folder.appendingPathComponent("frames/frame-000000.png")
      try FileManager.default.createDirectory(
        at: foreign.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("another's".utf8).write(to: foreign)
      #expect {
        try Film(at: foreign.deletingLastPathComponent(), ffmpeg: nil)
      } throws: { "\($0)".contains("other files") }
      #expect(try String(contentsOf: foreign, encoding: .utf8) == "another's")
      var film = try Film(at: folder.appendingPathComponent("film"), ffmpeg: nil)
      #expect { try film.finish() } throws: { "\($0)".contains("no picture") }
      try film.add(picture(0))
      for (width, height) in [(3, 7), (9, 3)] {
        #expect {
          try film.add(Picture(width: width, height: height, .init(0, 0, 0)))
        } throws: { "\($0)".contains("9 x 7") }
      }
    }
  }

  @Test("The encoder gets every picture as raw bytes, and its file takes the name at the end")
  func encoder() throws {
    try withTemporaryFolder { folder in
      let script = #"for last; do :; done; cat > "$last"; echo "$@" > "$(dirname "$0")/arguments""#
      let url = folder.appendingPathComponent("film.mp4")
      try Data("earlier".utf8).write(to: url)
      var film = try Film(at: url, rate: 12, scale: 3, ffmpeg: try program(script, in: folder))
      for index in 0..<4 { try film.add(picture(index)) }
      #expect(try String(contentsOf: url, encoding: .utf8) == "earlier")
      try film.finish()
      #expect([UInt8](try Data(contentsOf: url)) == (0..<4).flatMap { picture($0).rgb })
      let words = try String(
        contentsOf: folder.appendingPathComponent("arguments"), encoding: .utf8)
      for word in ["-video_size 9x7", "-framerate 12.0", "scale=iw*3:ih*3:flags=neighbor"] {
        #expect(words.contains(word), "\(words)")
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(files == ["arguments", "ffmpeg", "film.mp4"])
    }
  }

  @Test(
    "An encoder that dies or fails is quoted; what was under the name stays",
    arguments: [true, false])
  func failure(atOnce: Bool) throws {
    try withTemporaryFolder { folder in
      let script = (atOnce ? "" : "cat > /dev/null; ") + "echo Unknown encoder >&2; exit 3"
      let url = folder.appendingPathComponent("film.gif")
      try Data("earlier".utf8).write(to: url)
      var film = try Film(at: url, ffmpeg: try program(script, in: folder))
      #expect {
        // More than any buffer between the two holds.
        for index in 0..<20_000 { try film.add(picture(index % 5)) }
        try film.finish()
      } throws: { "\($0)".contains("Unknown encoder") }
      #expect(try String(contentsOf: url, encoding: .utf8) == "earlier")
    }
  }

  @Test("An encoder that takes no pictures is ended, and what was under the name stays")
  func hung() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("film.mp4")
      try Data("earlier".utf8).write(to: url)
      var film = try Film(at: url, ffmpeg: try program("exec sleep 1000", in: folder))
      film.patience = 1
      #expect {
        for index in 0..<20_000 { try film.add(picture(index % 5)) }
      } throws: { "\($0)".contains("took no picture for 1 s") }
      // So few that the socket holds them.
      var short = try Film(at: url, ffmpeg: try program("exec sleep 1000", in: folder))
      short.patience = 1
      try short.add(picture(0))
      #expect { try short.finish() } throws: { "\($0)".contains("did not end for 1 s") }
      #expect(try String(contentsOf: url, encoding: .utf8) == "earlier")
    }
  }

  @Test(
    "ffmpeg makes a film that it reads as so many pictures",
    .enabled(if: Film.installedEncoder != nil))
  func real() throws {
    try withTemporaryFolder { folder in
      for name in ["film.mp4", "film.gif"] {
        let url = folder.appendingPathComponent(name)
        var film = try Film(at: url, rate: 10, scale: 8)
        for index in 0..<7 { try film.add(picture(index)) }
        try film.finish()
        let process = Process()
        process.executableURL = Film.installedEncoder
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
