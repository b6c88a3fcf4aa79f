import Datasets
import Environments

/// Images of a dataset beside one another: a row for each class.
struct ContactSheet {
  /// Images in it.
  let count: Int
  /// The sheet.
  let image: RenderedImage

  /// Rows and images of a row, at most.
  private static let (mostRows, perRow) = (20, 10)
  private static let gap = 2

  /// The first images of each class; of many classes, some that lie evenly among them.
  static func sample(_ labels: [Int], classes: Int) -> [[Int]] {
    let rows = min(classes, mostRows)
    let chosen = (0..<rows).map { $0 * classes / rows }
    var places: [Int: [Int]] = [:]
    for (index, label) in labels.enumerated() where places[label, default: []].count < perRow {
      places[label, default: []].append(index)
    }
    return chosen.map { places[$0] ?? [] }
  }

  /// Rows of images, each made to fit a square.
  init(_ rows: [[RGBImage]], side: Int) {
    let width = (rows.map(\.count).max() ?? 0) * (side + Self.gap) + Self.gap
    var sheet = RenderedImage(
      width: width, height: rows.count * (side + Self.gap) + Self.gap, .init(255, 255, 255))
    for (row, images) in rows.enumerated() {
      for (column, image) in images.enumerated() {
        sheet.paste(
          image.fitting(side), x: Self.gap + column * (side + Self.gap),
          y: Self.gap + row * (side + Self.gap))
      }
    }
    (count, image) = (rows.reduce(0) { $0 + $1.count }, sheet)
  }

  /// Images in memory, pixel by pixel.
  init(_ dataset: ImageDataset) {
    let shape = dataset.shape
    let rows = Self.sample(dataset.labels, classes: dataset.classCount).map { row in
      row.map { index in
        let pixels = Array(dataset.image(index))
        let plane = shape.height * shape.width
        return RGBImage(
          width: shape.width, height: shape.height,
          pixels: (0..<plane).flatMap { place in
            (0..<3).map { pixels[min($0, shape.channels - 1) * plane + place] }
          })
      }
    }
    self.init(rows, side: max(shape.width, shape.height))
  }
}

extension RGBImage {
  /// The image in a square: its longer side is the square's.
  fileprivate func fitting(_ side: Int) -> RGBImage {
    let longer = max(width, height)
    guard longer != side else { return self }
    return resized(
      Box(left: 0, top: 0, width: width, height: height), toWidth: max(1, width * side / longer),
      height: max(1, height * side / longer))
  }
}

extension RenderedImage {
  fileprivate mutating func paste(_ image: RGBImage, x: Int, y: Int) {
    for row in 0..<image.height {
      for column in 0..<image.width {
        let place = 3 * (row * image.width + column)
        fill(
          x: (x + column)..<(x + column + 1), y: (y + row)..<(y + row + 1),
          Color(image.pixels[place], image.pixels[place + 1], image.pixels[place + 2]))
      }
    }
  }
}
