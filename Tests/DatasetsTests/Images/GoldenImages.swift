import Foundation
import Testing

/// What Pillow and torchvision make of images; `Tools/goldens/images.py` writes it.
struct GoldenImages: Decodable {
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
    var middle: UInt32
    var scaled: [Scaled]
  }
  struct Scaled: Decodable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int
    var side: Int
    var denominator: Int
    var crc32: UInt32
  }
  struct Odd: Decodable {
    var name: String
    var file: Data
    var width: Int
    var height: Int
    var crc32: UInt32
  }
  struct Changes: Decodable {
    struct Result: Decodable {
      var name: String
      var value: Double
      var crc32: UInt32
    }
    var width: Int
    var height: Int
    var pixels: Data
    var results: [Result]
  }
  var images: [Image]
  var odd: [Odd]
  var changes: Changes

  static func read() throws -> GoldenImages {
    let url = try #require(
      Bundle.module.url(forResource: "Goldens/images", withExtension: "json"))
    return try JSONDecoder().decode(GoldenImages.self, from: Data(contentsOf: url))
  }

  /// The odd images' files, by name.
  static var odd: [String: [UInt8]] {
    let all = (try? read())?.odd ?? []
    return Dictionary(
      all.map { ($0.name, [UInt8]($0.file)) }, uniquingKeysWith: { first, _ in first })
  }
}
