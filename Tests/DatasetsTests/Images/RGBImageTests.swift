import Foundation
import Testing
import Torch

@testable import Datasets

@Suite("Images of JPEG files")
struct RGBImageTests {
  private struct Golden: Decodable {
    struct Image: Decodable {
      struct View: Decodable {
        var left: Int
        var top: Int
        var width: Int
        var height: Int
        var newWidth: Int
        var newHeight: Int
        var pixels: [UInt8]
      }
      var name: String
      var width: Int
      var height: Int
      var crc32: UInt32
      var corner: [UInt8]
      var views: [View]
    }
    var images: [Image]
  }

  private static func path(_ name: String) -> String {
    RealData.folder.appending("imagenet-sample/\(name)")
  }

  private static let frog = "n01644900/n01644900_tailed_frog.JPEG"

  @Test(
    "Decoding and resizing give Pillow's bytes",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func pillow() throws {
    let url = try #require(Bundle.module.url(forResource: "Goldens/images", withExtension: "json"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    #expect(golden.images.count >= 2)
    for expected in golden.images {
      let image = try RGBImage(jpegAt: Self.path(expected.name))
      #expect(image.width == expected.width && image.height == expected.height)
      let corner = image.cropped(
        .init(left: image.width / 2, top: image.height / 2, width: 6, height: 4))
      #expect(corner.pixels == expected.corner, "\(expected.name)")
      let sum = DataFile.checksum(of: image.pixels)
      #expect(UInt32(sum, radix: 16) == expected.crc32, "\(expected.name)")
      for view in expected.views {
        let box = RGBImage.Box(
          left: view.left, top: view.top, width: view.width, height: view.height)
        let found = image.resized(box, toWidth: view.newWidth, height: view.newHeight)
        #expect(found.pixels == view.pixels, "\(expected.name) \(box)")
      }
    }
  }

  @Test(
    "An image that is cut short, damaged or none names its file and the reason",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func damage() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.path(Self.frog))))
    #expect(throws: Never.self) { try RGBImage(jpeg: bytes, path: "whole") }
    for count in [bytes.count / 2, bytes.count - 40, 300, 20, 2] {
      let error = #expect(throws: DatasetError.self) {
        try RGBImage(jpeg: Array(bytes.prefix(count)), path: "cut.JPEG")
      }
      #expect(error?.kind == .malformed && error?.path == "cut.JPEG", "\(count)")
    }
    for start in stride(from: 0, to: bytes.count, by: bytes.count / 60) {
      var damaged = bytes
      for index in start..<min(start + 3, bytes.count) { damaged[index] ^= 0xA5 }
      do { _ = try RGBImage(jpeg: damaged, path: "damaged") } catch is DatasetError {}
    }
  }

  @Test("What is no JPEG, and one that claims too many pixels, is refused before memory is taken")
  func refusals() throws {
    func refused(_ bytes: [UInt8], _ kind: DatasetError.Kind, _ words: String) {
      let error = #expect(throws: DatasetError.self) { try RGBImage(jpeg: bytes, path: "x.jpg") }
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
    // The same of four colours.
    let four: [UInt8] = [
      0xFF, 0xD8, 0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11,
      0, 0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0,
    ]
    refused(four, .malformed, "CMYK")
    #expect(throws: DatasetError.self) { try RGBImage(jpegAt: "/nowhere/x.JPEG") }
  }

  @Test("Training views stay in the image and have the area and ratio that are asked for")
  func boxes() {
    let views = ImageViews(side: 8, resizedSide: 10, leastArea: 0.2)
    var draws = SeededGenerator(seed: 3)
    var seen: Set<RGBImage.Box> = []
    for (width, height) in [(40, 30), (30, 40), (500, 20), (9, 300), (1, 1)] {
      let image = RGBImage(
        width: width, height: height, pixels: .init(repeating: 9, count: 3 * width * height))
      for _ in 0..<200 {
        let box = views.randomBox(image, &draws)
        #expect(box.left >= 0 && box.left + box.width <= width && box.width > 0)
        #expect(box.top >= 0 && box.top + box.height <= height && box.height > 0)
        guard width * height == 1_200 else { continue }
        seen.insert(box)
        let fraction = Double(box.width * box.height) / 1_200
        #expect((0.15...1).contains(fraction))
        #expect((0.65...1.5).contains(Double(box.width) / Double(box.height)))
      }
      let view = views.random(image, &draws)
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

  @Test(
    "Batches are standardized views, the same for equal numbers; a damaged image is named",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func batches() throws {
    let folder = RealData.folder.appending("imagenet-sample")
    let images = try FolderImages(
      training: folder, test: folder, views: ImageViews(side: 16, resizedSide: 20), device: .cpu)
    #expect(images.trainingCount == 44 && images.testCount == 44 && images.classCount == 44)
    let (one, other) = (
      try images.trainingBatch([3, 0], draws: SeededGenerator(seed: 1)),
      try images.trainingBatch([3, 0], draws: SeededGenerator(seed: 1))
    )
    #expect(one.images.shape == [2, 3, 16, 16] && one.labels.array(of: Int.self) == [3, 0])
    #expect(one.images.isIdentical(to: other.images))
    let next = try images.trainingBatch([3, 0], draws: SeededGenerator(seed: 2))
    #expect(!one.images.isIdentical(to: next.images))
    let test = try images.testBatch(0..<2).images
    let path = folder + "/n01644900/n01644900_tailed_frog.JPEG"
    let view = ImageViews(side: 16, resizedSide: 20).middle(try RGBImage(jpegAt: path))
    let expected = (Float(view.pixels[4]) / 255 - 0.456) / 0.224
    #expect(abs(test[0].floats[256 + 1] - expected) < 1e-5)
  }
}
