import Foundation
import TestSupport
import Testing

/// `nap data pack` itself.
@Suite(.timeLimit(.minutes(10))) struct DataPackTests {
  private static let images = dataFolder.map { $0.appending(path: "imagenet-sample").path }

  @Test(
    .enabled(
      if: images.map { FileManager.default.fileExists(atPath: $0) } ?? false,
      "needs imagenet-sample in NAP_DATA"))
  func `a folder becomes shards, once, and what cannot be is said`() throws {
    let images = try #require(Self.images)
    try withProgram { nap in
      let shards = nap.runs.appending(path: "shards").path
      let call = ["data", "pack", images, "-o", shards, "--shard-size", "20", "--short-side", "64"]
      let first = try nap.run(call)
      #expect(first.code == 0 && first.output.contains("44 images in 3 shards"), "\(first.errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: shards).sorted()
      #expect(
        files == [
          "classes.txt", "index.json", "packing.json", "shard-000000.tar", "shard-000001.tar",
          "shard-000002.tar",
        ])
      let again = try nap.run(call)
      #expect(again.code == 0 && again.output.contains("44 images are in shards that are there"))
      let other = try nap.run(call + ["--quality", "50"])
      #expect(
        other.code == 3 && other.errors.contains("packing.json"), "\(other.code) \(other.errors)")
      let none = try nap.run(["data", "pack", "/nowhere/at/all", "-o", shards + "2"])
      #expect(
        none.code == 3 && none.errors.contains("a folder with one folder a class"), "\(none.errors)"
      )
      #expect(try nap.run(call + ["--workers", "-1"]).code == 2)
    }
  }
}
