/// Values whose text in a configuration is one word, with a number after a colon where there is one:
/// `layer`, `group:8`, `decay:0.01`. They can be given on a command line as they are.
protocol CompactText {
  /// The value of such a text, `nil` when it is none.
  init?(compactText: String)
  /// The value's text.
  var compactText: String { get }
  /// What can be written, for errors.
  static var choices: String { get }
}

extension CompactText {
  init(decodingText decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = Self(compactText: text) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "found \"\(text)\", expected one of \(Self.choices)"))
    }
    self = value
  }

  func encodeText(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(compactText)
  }
}

extension Normalization.Kind: CompactText {
  static var choices: String { "none, layer, rms, group:N (N groups of channels)" }

  init?(compactText: String) {
    switch compactText {
    case "none": self = .none
    case "layer": self = .layer
    case "rms": self = .rms
    default:
      guard compactText.hasPrefix("group:"), let count = Int(compactText.dropFirst(6)), count > 0
      else { return nil }
      self = .group(count: count)
    }
  }

  var compactText: String {
    switch self {
    case .none: "none"
    case .layer: "layer"
    case .rms: "rms"
    case .group(let count): "group:\(count)"
    }
  }

  /// Reads `none`, `layer`, `rms` or `group:N`.
  public init(from decoder: any Decoder) throws { try self.init(decodingText: decoder) }
  /// Writes `none`, `layer`, `rms` or `group:N`.
  public func encode(to encoder: any Encoder) throws { try encodeText(to: encoder) }
}

extension ScaleAndOffset: CompactText {
  static var choices: String { "none, free, jointProjection, decay:RATE (RATE at least 0)" }

  init?(compactText: String) {
    switch compactText {
    case "none": self = .none
    case "free": self = .free
    case "jointProjection": self = .jointProjection
    default:
      guard compactText.hasPrefix("decay:"), let rate = Double(compactText.dropFirst(6)),
        rate.isFinite, rate >= 0
      else { return nil }
      self = .decay(rate: rate)
    }
  }

  var compactText: String {
    switch self {
    case .none: "none"
    case .free: "free"
    case .jointProjection: "jointProjection"
    case .decay(let rate): "decay:\(rate)"
    }
  }

  /// Reads `none`, `free`, `jointProjection` or `decay:RATE`.
  public init(from decoder: any Decoder) throws { try self.init(decodingText: decoder) }
  /// Writes `none`, `free`, `jointProjection` or `decay:RATE`.
  public func encode(to encoder: any Encoder) throws { try encodeText(to: encoder) }
}
