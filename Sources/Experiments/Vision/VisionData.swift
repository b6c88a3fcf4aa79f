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
  /// JPEG files in folders, one a class.
  case folders(Folders)

  /// The name of a source.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case cifar10 = "cifar-10"
    case cifar100 = "cifar-100"
    case procedural
    case folders
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

  /// JPEG files in folders, one a class, or in tar shards, decoded for every batch on threads ahead of training.
  ///
  /// Training sees random boxes of an image, resized to a square; evaluation its middle (see ``ImageNet``).
  public struct Folders: KindSettings, Codable, Hashable, Sendable {
    /// What to train on, below the data folder, or by its whole path: a folder with one folder a class, a folder of
    /// shards, or such as `train-{000000..001280}.tar`.
    public var training = "imagenet/train"
    /// What to evaluate on, whose classes are among those to train on.
    public var test = "imagenet/val"
    /// The number of classes, for shards without a `classes.txt`; 0 for those that are found.
    public var classCount = 0
    /// The sides that the network sees, in pixels.
    public var side = 224
    /// The short side to which an image is resized before its middle is evaluated.
    public var resizedSide = 256
    /// The least fraction of an image's area that a training box takes.
    public var leastArea = 0.08
    /// Whether half of the training views are mirrored.
    public var flips = true
    /// Changes of colour of training views.
    public var jitter = Jitter()
    /// RandAugment's changes of a training view; 0 for none.
    public var randAugment = 0
    /// Their strength, 0 to 30.
    public var randAugmentMagnitude = 9
    /// What becomes of an image that cannot be decoded.
    public var corrupt = CorruptImages.fatal
    /// Threads that decode; 0 for one a processor.
    public var workers = 0
    /// Batches that are decoded ahead.
    public var prefetch = 2

    /// Strengths of changes of colour, as of torchvision's `ColorJitter`.
    public struct Jitter: Codable, Hashable, Sendable {
      /// The factor of brightness is 1 ± this.
      public var brightness = 0.0
      /// The factor of contrast is 1 ± this.
      public var contrast = 0.0
      /// The factor of saturation is 1 ± this.
      public var saturation = 0.0
      /// The turn of hues is ± this, at most 0.5.
      public var hue = 0.0

      /// None.
      public init() {}
    }

    /// The defaults.
    public init() {}

    init(training: String, test: String, side: Int, resizedSide: Int) {
      (self.training, self.test) = (training, test)
      (self.side, self.resizedSide) = (side, resizedSide)
    }

    func validate() throws(ConfigurationError) {
      try ConfigurationError.requireCount(classCount, "data.classCount", from: 0)
      try ConfigurationError.requireCount(side, "data.side", from: 1, to: 10_000)
      try ConfigurationError.requireCount(
        resizedSide, "data.resizedSide", from: side, to: 20_000, "data.side, \(side), to 20,000")
      try ConfigurationError.requireNumber(leastArea, "data.leastArea", to: 1, isOpen: true)
      for (key, value, most) in [
        ("brightness", jitter.brightness, 10), ("contrast", jitter.contrast, 10),
        ("saturation", jitter.saturation, 10), ("hue", jitter.hue, 0.5),
      ] { try ConfigurationError.requireNumber(value, "data.jitter.\(key)", to: most) }
      try ConfigurationError.requireCount(randAugment, "data.randAugment", from: 0, to: 14)
      try ConfigurationError.requireCount(
        randAugmentMagnitude, "data.randAugmentMagnitude", from: 0, to: 30)
      try ConfigurationError.requireCount(workers, "data.workers", from: 0, to: 64)
      try ConfigurationError.requireCount(prefetch, "data.prefetch", from: 1, to: 1_000)
    }

    /// Bytes of the batches that are decoded ahead and at work, of so many images each.
    func preparedBytes(batchSize: Int) -> Double {
      Double(prefetch + 1) * Double(batchSize) * 3 * Double(side) * Double(side)
    }

    /// How images are seen.
    var views: ImageViews {
      var views = ImageViews(
        side: side, resizedSide: resizedSide, leastArea: leastArea, flips: flips)
      (views.jitter.brightness, views.jitter.contrast) = (jitter.brightness, jitter.contrast)
      (views.jitter.saturation, views.jitter.hue) = (jitter.saturation, jitter.hue)
      (views.randAugment.changes, views.randAugment.magnitude) = (randAugment, randAugmentMagnitude)
      return views
    }

    /// How they are prepared.
    var pipeline: ImagePipeline.Settings {
      var settings = ImagePipeline.Settings()
      (settings.workers, settings.depth, settings.corrupt) = (workers, prefetch, corrupt)
      return settings
    }
  }

  package init(_ kind: Kind, _ source: SettingsSource) throws {
    self =
      switch kind {
      case .cifar10: .cifar10(try source.settings())
      case .cifar100: .cifar100(try source.settings())
      case .procedural: .procedural(try source.settings())
      case .folders: .folders(try source.settings())
      }
  }

  package var content: (kind: Kind, settings: any KindSettings) {
    switch self {
    case .cifar10(let settings): (.cifar10, settings)
    case .cifar100(let settings): (.cifar100, settings)
    case .procedural(let settings): (.procedural, settings)
    case .folders(let settings): (.folders, settings)
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
    case .folders(let images): [3, images.side, images.side]
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
    case .folders(let images): try images.validate()
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
    case .folders(let settings):
      func path(_ name: String) -> String {
        name.hasPrefix("/") || name.hasPrefix("~")
          ? DataFolder(path: name).path : folder.appending(name)
      }
      return try StreamedImages(
        training: path(settings.training), test: path(settings.test),
        classCount: settings.classCount, views: settings.views, pipeline: settings.pipeline,
        device: device)
    }
  }
}
