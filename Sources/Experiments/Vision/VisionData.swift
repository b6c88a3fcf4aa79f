public import Datasets
public import Networks
import Torch

/// The images of a run: where they come from, and how training sees them.
///
/// Written flat: the source's word under `source` beside its settings.
public enum VisionData: KindChoice, Codable {
  /// CIFAR-10.
  case cifar10(Resident)
  /// CIFAR-100.
  case cifar100(Resident)
  /// Built-in structured images of CIFAR-10's shape; need no files.
  case procedural(Resident)

  /// The name of a source.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case cifar10 = "cifar-10"
    case cifar100 = "cifar-100"
    case procedural
  }

  /// Images that lie whole on the device.
  public struct Resident: KindSettings, Codable, Hashable, Sendable {
    /// Training images, the first of the split; 0 takes all.
    public var imageCount = 0
    /// Test images, the first of the split; 0 takes all.
    public var testCount = 0
    /// Pixels around an image that a training crop may reach into; 0 for no crop.
    public var margin = 4
    /// What lies there.
    public var padding = CropAndFlip.Padding.zero
    /// Whether half of the training images are mirrored.
    public var flips = true

    /// The defaults.
    public init() {}
  }

  package init(_ kind: Kind, _ source: SettingsSource) throws {
    self =
      switch kind {
      case .cifar10: .cifar10(try source.settings())
      case .cifar100: .cifar100(try source.settings())
      case .procedural: .procedural(try source.settings())
      }
  }

  package var content: (kind: Kind, settings: any KindSettings) {
    switch self {
    case .cifar10(let settings): (.cifar10, settings)
    case .cifar100(let settings): (.cifar100, settings)
    case .procedural(let settings): (.procedural, settings)
    }
  }

  /// Reads a source with its settings, or its word for its defaults.
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(kind)
    } else {
      try self.init(from: decoder, key: "source")
    }
  }

  /// Writes the word and the source's settings.
  public func encode(to encoder: any Encoder) throws { try encode(to: encoder, key: "source") }

  /// Channels, height and width of what the network sees.
  var inputShape: [Int] {
    switch self {
    case .cifar10, .cifar100, .procedural: [3, 32, 32]
    }
  }

  /// Checks ranges.
  ///
  /// - Throws: `ConfigurationError` naming the key.
  func validate() throws(ConfigurationError) {
    switch self {
    case .cifar10(let images), .cifar100(let images), .procedural(let images):
      try ConfigurationError.requireCount(images.imageCount, "data.imageCount", from: 0)
      try ConfigurationError.requireCount(images.testCount, "data.testCount", from: 0)
      try ConfigurationError.requireCount(
        images.margin, "data.margin", from: 0, to: 31, "0 to 31 pixels of an image of 32")
    }
  }

  /// Reads the images.
  ///
  /// - Throws: `DatasetError` naming the file or the request.
  func load(from folder: DataFolder, device: Device) throws -> any ImageBatches {
    switch self {
    case .cifar10(let settings), .cifar100(let settings), .procedural(let settings):
      func split(_ split: ImageDataset.Split, _ count: Int) throws -> ImageDataset {
        if kind == .procedural {
          return try ProceduralImages()
            .dataset(split, count: count > 0 ? count : split == .train ? 10_000 : 2_000)
        }
        let all = try DatasetRegistry.named(kind.rawValue).images(split, from: folder)
        return count > 0 ? try all.first(count) : all
      }
      let isAugmented = settings.margin > 0 || settings.flips
      return try ResidentImages(
        split(.train, settings.imageCount), test: split(.test, settings.testCount),
        augmentation: isAugmented
          ? CropAndFlip(
            margin: settings.margin, padding: settings.padding, flips: settings.flips) : nil,
        device: device)
    }
  }
}
