import ArgumentParser
import Datasets
import Experiments
import Foundation
import Torch

extension DataCommand {
  struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a folder of images, one folder a class, as tar shards.",
      discussion: """
        The shards are WebDataset's: CLASS/NAME.jpg beside CLASS/NAME.cls, which holds the class's number. \
        classes.txt names the classes, index.json lists the shards. Images come in an order that --seed mixes, so \
        that a run that reads few shards at a time sees images of all classes.

        nap data pack ImageNet/train -o shards/train
        nap train imagenet --set data.training=shards/train --set data.test=shards/val

        A shard is put in place when it is whole. The same call goes on where it was stopped, and keeps the shards \
        that are there; with other options or images it stops. Images larger than --short-side are resized by a \
        triangle filter and encoded again; others stay byte for byte as they are.
        """)
    @Argument(help: "The folder, with one folder a class.") var folder: String
    @Option(
      name: [.customShort("o"), .customLong("output")], help: "The folder to write, empty or new.")
    var output: String
    @Option(help: "The short side of larger images, in pixels; 0 keeps all images as they are.")
    var shortSide = 256
    @Option(help: "Images of a shard.") var shardSize = 1_000
    @Option(help: "What mixes the order.") var seed: UInt64 = 0
    @Option(help: "libjpeg's quality of images that are encoded again, 1 to 100.") var quality = 90
    @Option(help: "Threads; 0 for one a processor.") var workers = 0
    @Flag(
      help:
        "Leaves out images that cannot be decoded, and tells their names, instead of stopping at the first."
    )
    var skipCorrupt = false

    func validate() throws {
      guard (0...1_024).contains(workers) else {
        throw ValidationError("--workers \(workers): expected 0 to 1,024")
      }
    }

    func run() throws {
      var settings = ImagePacker.Settings()
      (settings.shortSide, settings.shardSize) = (shortSide, shardSize)
      (settings.seed, settings.quality) = (seed, quality)
      Interruption.listen()
      let packer = try ImagePacker(folder, to: output, settings)
      Console.line("\(packer.count) images in \(packer.shardCount) shards, to \(output)")
      let kept = packer.keptCount
      if kept > 0 { Console.line("\(kept) images are in shards that are there") }
      var progress = Progress(Progress.automatic, unit: "images", startedAt: kept)
      let leftOut = try packer.pack(
        workers: workers > 0 ? workers : Machine.usableProcessorCount,
        corrupt: skipCorrupt ? .skip : .fatal
      ) { images in
        progress.show(images, of: packer.count)
        if Interruption.isRequested {
          throw Failure.Abandoned(what: "whole shards are kept; the same call goes on")
        }
      }
      progress.clear()
      for words in leftOut { Console.error("left out: \(words)") }
      Console.line(
        "packed in \(output)\(leftOut.isEmpty ? "" : ", \(leftOut.count) images left out")")
    }
  }
}
