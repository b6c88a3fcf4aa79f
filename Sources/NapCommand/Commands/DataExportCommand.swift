import ArgumentParser
import Datasets
import Foundation

extension DataCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the images and labels of a dataset as arrays for NumPy.",
      discussion: """
        nap data export cifar-10 -o arrays

        writes arrays/cifar-10-train-images.npy (uint8, images x channels x height x width), \
        arrays/cifar-10-train-labels.npy (int64), and the same of test. Token shards are raw numbers that NumPy maps \
        as they are, and packed images tar archives; these need no export.
        """)
    @Argument(help: "A dataset of images; nap data list shows them.") var name: String
    @Option(name: [.customShort("o"), .customLong("output")], help: "The folder to write to.")
    var output: String
    @OptionGroup var folder: FolderOption

    func run() throws {
      let dataset = try DatasetRegistry.named(name)
      guard dataset.textNames.isEmpty else {
        throw ValidationError(
          "\(name): expected a dataset of images, found a text; its file is read as it is")
      }
      let place = DataFolder(path: output)
      try OutputFile.require(place.appending("\(name)-test-labels.npy"), option: "-o")
      try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
      for split in ImageDataset.Split.allCases {
        let images = try dataset.images(split, from: folder.root)
        let prefix = place.appending("\(dataset.name)-\(split.rawValue)")
        for path in try images.writeArrays(prefix: prefix) { Console.line(path) }
      }
    }
  }
}
