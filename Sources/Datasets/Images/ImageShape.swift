/// The size of one image: channels, height, width. Pixels lie in that order, rows top to bottom.
public struct ImageShape: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Colour channels.
  public let channels: Int
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// States a size. - Precondition: each is at least 1.
  public init(channels: Int, height: Int, width: Int) {
    precondition(
      channels > 0 && height > 0 && width > 0,
      "ImageShape: sizes must be above 0, got \(channels) x \(height) x \(width)")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Values in one image.
  public var elementCount: Int { channels * height * width }

  /// As "3 x 32 x 32".
  public var description: String { "\(channels) x \(height) x \(width)" }
}
