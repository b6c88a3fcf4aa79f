import Foundation
import Testing
import Torch

@testable import Datasets

@Suite("Images of JPEG files")
struct RGBImageTests {
  private typealias Golden = GoldenImages

  private static func path(_ name: String) -> String {
    RealData.folder.appending("imagenet-sample/\(name)")
  }

  private static let frog = "n01644900/n01644900_tailed_frog.JPEG"

  @Test(
    "Decoding and resizing give Pillow's bytes",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func pillow() throws {
    let golden = try Golden.read()
    #expect(golden.images.count >= 2)
    for expected in golden.images {
      let encoded = try EncodedImage(at: Self.path(expected.name))
      let image = try encoded.decoded()
      #expect(image.width == expected.width && image.height == expected.height)
      let corner = image.cropped(
        .init(left: image.width / 2, top: image.height / 2, width: 6, height: 4))
      #expect(corner.pixels == expected.corner, "\(expected.name)")
      #expect(Self.sum(image) == expected.crc32, "\(expected.name)")
      let middle = ImageViews(side: 24, resizedSide: 29).middle(image)
      #expect(Self.sum(middle) == expected.middle, "\(expected.name)")
      for scaled in expected.scaled {
        let box = RGBImage.Box(
          left: scaled.left, top: scaled.top, width: scaled.width, height: scaled.height)
        let found = try encoded.resized(box, toSide: scaled.side)
        #expect(Self.sum(found) == scaled.crc32, "\(expected.name) \(scaled)")
      }
      #expect(Set(expected.scaled.map(\.denominator)).count > 1)
      for view in expected.views {
        let box = RGBImage.Box(
          left: view.left, top: view.top, width: view.width, height: view.height)
        let found = image.resized(box, toWidth: view.newWidth, height: view.newHeight)
        #expect(found.pixels == view.pixels, "\(expected.name) \(box)")
      }
    }
  }

  private static func sum(_ image: RGBImage) -> UInt32? {
    UInt32(DataFile.checksum(of: image.pixels), radix: 16)
  }

  @Test("Odd JPEGs and PNGs, whatever their name, decode as in Pillow")
  func odd() throws {
    let odd = try Golden.read().odd
    #expect(odd.count >= 18)
    for expected in odd {
      let image = try EncodedImage([UInt8](expected.file), path: "odd.JPEG").decoded()
      #expect(image.width == expected.width && image.height == expected.height)
      #expect(Self.sum(image) == expected.crc32, "\(expected.name)")
    }
  }

  @Test("Changes of colour and shape give torchvision's bytes")
  func changes() throws {
    let golden = try Golden.read().changes
    let image = RGBImage(
      width: golden.width, height: golden.height, pixels: [UInt8](golden.pixels))
    let names: [String: RandAugment.Change] = [
      "Identity": .identity, "ShearX": .shearX, "ShearY": .shearY, "TranslateX": .translateX,
      "TranslateY": .translateY, "Rotate": .rotate, "Brightness": .brightness, "Color": .colour,
      "Contrast": .contrast, "Sharpness": .sharpness, "Posterize": .posterize,
      "Solarize": .solarize, "AutoContrast": .autocontrast, "Equalize": .equalize,
    ]
    #expect(golden.results.count > 80)
    for expected in golden.results {
      let value = expected.value
      let found =
        switch expected.name {
        case "brightness": image.brightened(value)
        case "contrast": image.contrasted(value)
        case "saturation": image.saturated(value)
        case "hue": image.hueTurned(value)
        default:
          try #require(names[expected.name])
            .apply(image, Int(abs(value).rounded(.down)), isNegative: value < 0)
        }
      #expect(Self.sum(found) == expected.crc32, "\(expected.name) \(value)")
    }
    // What is drawn is drawn whether it is switched on or not, and both change most images.
    var (jitter, rand) = (ColourJitter(), RandAugment())
    var (one, other) = (SeededGenerator(seed: 1), SeededGenerator(seed: 1))
    #expect(jitter.apply(image, &one) == image && rand.apply(image, &one) == image)
    (jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue) = (0.4, 0.4, 0.4, 0.1)
    #expect(jitter.apply(image, &other) != image && one == other)
    rand.changes = 2
    let some = (0..<40).filter { _ in rand.apply(image, &other) != image }
    #expect(some.count > 20)
  }

  @Test(
    "A box that is decoded by itself has the pixels of the whole image",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func boxesOfWholes() throws {
    var draws = SeededGenerator(seed: 5)
    let golden = try Golden.read()
    let files =
      try golden.odd.map { try EncodedImage([UInt8]($0.file), path: $0.name) }
      + golden.images.map { try EncodedImage(at: Self.path($0.name)) }
    for encoded in files {
      for denominator in encoded.isPNG ? [1] : [1, 2, 4, 8] {
        func above(_ length: Int) -> Int { (length + denominator - 1) / denominator }
        let (width, height) = (above(encoded.width), above(encoded.height))
        let whole = try encoded.decoded(
          .init(left: 0, top: 0, width: width, height: height), scaledBy: denominator)
        for _ in 0..<12 {
          let (left, top) = (draws.index(below: width), draws.index(below: height))
          let box = RGBImage.Box(
            left: left, top: top, width: 1 + draws.index(below: width - left),
            height: 1 + draws.index(below: height - top))
          let part = try encoded.decoded(box, scaledBy: denominator)
          #expect(part == whole.cropped(box), "\(encoded.path) \(box) 1/\(denominator)")
          guard denominator == 1 else { continue }
          let side = min(box.width, box.height) / 2 + 1
          #expect(
            try encoded.resized(box, toSide: side)
              == part.resized(part.box, toWidth: side, height: side), "\(encoded.path) \(box)")
        }
      }
    }
  }

  @Test("What is encoded is a JPEG that is nearly the image")
  func encodes() throws {
    let golden = try Golden.read().odd[3]
    let image = try EncodedImage([UInt8](golden.file), path: "x").decoded()
    let again = try EncodedImage(image.jpeg(quality: 95, path: "x"), path: "x").decoded()
    let differences = zip(image.pixels, again.pixels).map { abs(Int($0) - Int($1)) }
    #expect(again.width == image.width && again != image)
    #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 12)
    let wide = RGBImage(width: 70_000, height: 1, pixels: .init(repeating: 1, count: 210_000))
    #expect(throws: DatasetError.self) { try wide.jpeg(quality: 90, path: "wide") }
  }

  @Test(
    "An image that is cut short, damaged or none names its file and the reason",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func damage() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.path(Self.frog))))
    #expect(throws: Never.self) { try EncodedImage(bytes, path: "whole").decoded() }
    for count in [bytes.count / 2, bytes.count - 40, 300, 20, 2] {
      let error = #expect(throws: DatasetError.self) {
        try EncodedImage(Array(bytes.prefix(count)), path: "cut.JPEG").decoded()
      }
      #expect(error?.kind == .malformed && error?.path == "cut.JPEG", "\(count)")
    }
    for start in stride(from: 0, to: bytes.count, by: bytes.count / 60) {
      var damaged = bytes
      for index in start..<min(start + 3, bytes.count) { damaged[index] ^= 0xA5 }
      do { _ = try EncodedImage(damaged, path: "damaged").decoded() } catch is DatasetError {}
    }
  }

  @Test("What is no JPEG, and one that claims too many pixels, is refused before memory is taken")
  func refusals() throws {
    func refused(_ bytes: [UInt8], _ kind: DatasetError.Kind, _ words: String) {
      let error = #expect(throws: DatasetError.self) {
        try EncodedImage(bytes, path: "x.jpg").decoded()
      }
      #expect(error?.kind == kind && "\(error as Any)".contains(words), "\(error as Any)")
    }
    refused([], .empty, "an empty file")
    refused(Array("PNG, surely".utf8), .malformed, "Not a JPEG file")
    // A header alone: 60,000 x 60,000 pixels of three colours.
    let header: [UInt8] = [
      0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xEA, 0x60, 0xEA, 0x60, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11,
      0, 0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0,
    ]
    refused(header, .oversized, "60000 x 60000")
    // Fewer pixels than is allowed, but more than so few bytes can hold.
    var small = header
    (small[7], small[8], small[9], small[10]) = (0x10, 0, 0x10, 0)
    refused(small, .malformed, "4096 x 4096 pixels in \(small.count) bytes")
    let png: [UInt8] =
      [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13] + Array("IHDR".utf8)
      + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0]
    let sum = UInt32(DataFile.checksum(of: Array(png[12...])), radix: 16) ?? 0
    refused(
      png + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) } + [0, 0, 0, 0]
        + Array("IDAT".utf8)
        + [0x35, 0xAF, 0x06, 0x1E], .oversized, "60000 x 60000")
    #expect(throws: DatasetError.self) { try EncodedImage(at: "/nowhere/x.JPEG") }
  }

  @Test("Training views stay in the image and have the area and ratio that are asked for")
  func boxes() throws {
    let views = ImageViews(side: 8, resizedSide: 10, leastArea: 0.2)
    var draws = SeededGenerator(seed: 3)
    var seen: Set<RGBImage.Box> = []
    for (width, height) in [(40, 30), (30, 40), (500, 20), (9, 300), (1, 1)] {
      let image = RGBImage(
        width: width, height: height, pixels: .init(repeating: 9, count: 3 * width * height))
      for _ in 0..<200 {
        let box = views.randomBox(width: width, height: height, &draws)
        #expect(box.left >= 0 && box.left + box.width <= width && box.width > 0)
        #expect(box.top >= 0 && box.top + box.height <= height && box.height > 0)
        guard width * height == 1_200 else { continue }
        seen.insert(box)
        let fraction = Double(box.width * box.height) / 1_200
        #expect((0.15...1).contains(fraction))
        #expect((0.65...1.5).contains(Double(box.width) / Double(box.height)))
      }
      let file = try EncodedImage(image.jpeg(quality: 90, path: "x"), path: "x")
      let view = try views.random(file, &draws)
      #expect(view.width == 8 && view.height == 8 && view.pixels.allSatisfy { $0 == 9 })
      #expect(views.middle(image).pixels == view.pixels)
    }
    #expect(seen.count > 100)
  }

  @Test("Resizing to the same size changes nothing; mirroring twice neither")
  func identity() {
    var draws = SeededGenerator(seed: 1)
    let image = RGBImage(
      width: 7, height: 5, pixels: (0..<105).map { _ in UInt8(draws.index(below: 256)) })
    #expect(image.resized(image.box, toWidth: 7, height: 5) == image)
    #expect(image.flipped != image && image.flipped.flipped == image)
  }
}

@Suite("Images in class folders")
struct ClassFolderTests {
  @Test("Classes are sorted folders, images sorted files; what is missing is named")
  func listing() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String) throws {
      let url = URL(filePath: folder.path + "/" + name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
    }
    func refused(_ path: String, _ words: String, _ names: [String]? = nil) {
      let error = #expect(throws: DatasetError.self) {
        try ClassFolders(path: path, classNames: names)
      }
      #expect("\(error as Any)".contains(words), "\(error as Any)")
    }
    refused(folder.path + "/none", "found nothing")
    refused(folder.path, "found no folders")
    for name in ["b/2.JPEG", "b/1.jpg", "a/x.jpeg", "list.txt", "a/notes.txt"] { try write(name) }
    let found = try ClassFolders(path: folder.path)
    #expect(found.classNames == ["a", "b"] && found.labels == [0, 1, 1])
    #expect(
      found.paths.map { $0.dropFirst(folder.path.count) } == ["/a/x.jpeg", "/b/1.jpg", "/b/2.JPEG"])
    let same = try ClassFolders(path: folder.path, classNames: ["0", "a", "b"])
    #expect(same.labels == [1, 2, 2] && same.listing.checksum == found.listing.checksum)
    refused(folder.path, "another class", ["a"])
    try write("c/readme.txt")
    refused(folder.path, "/c: expected files that end in .JPEG")
    #expect(throws: DatasetError.self) { try ClassFolders(path: folder.path + "/list.txt") }
  }
}
