public import Networks
public import NormalizeAndProject
public import Torch

/// The network of a recipe of images, one of the reference models with its sizes.
///
/// Written flat: the model's word under `kind` beside its settings. A word alone (`network=vit`) is that model for
/// images of some 32 pixels, with the method's settings for it (``nap``).
public enum VisionNetwork: KindChoice, Codable {
  /// A residual network with batch normalizations.
  case resnet(ResNet)
  /// A vision transformer.
  case vit(ViT)

  /// The name of a model.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case resnet, vit
  }

  package init(_ kind: Kind, _ source: SettingsSource) throws {
    self =
      switch kind {
      case .resnet: .resnet(try source.settings())
      case .vit: .vit(try source.settings())
      }
  }

  package var content: (kind: Kind, settings: any KindSettings) {
    switch self {
    case .resnet(let model): (.resnet, model)
    case .vit(let model): (.vit, model)
    }
  }

  /// The model.
  public var model: any ReferenceModel {
    switch self {
    case .resnet(let model): model
    case .vit(let model): model
    }
  }

  /// The parameters' element type.
  public var dtype: DType {
    switch self {
    case .resnet(let model): model.dtype
    case .vit(let model): model.dtype
    }
  }

  /// What METHOD's table of defaults says of the model.
  public var nap: NaP {
    switch self {
    case .resnet: .residualNetwork
    case .vit: .transformer
    }
  }

  /// Reads a model; its word alone has its defaults, as has one whose text is another model's.
  public init(from decoder: any Decoder) throws {
    if let kind = try? decoder.singleValueContainer().decode(Kind.self) {
      self.init(kind)
      return
    }
    do {
      try self.init(from: decoder, otherwise: .resnet)
    } catch {
      // Both have `blocks`, of different types.
      let kind = try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .kind)
      let isOfAnother =
        switch kind {
        case .resnet: (try? ViT(from: decoder)) != nil
        case .vit: (try? ResNet(from: decoder)) != nil
        }
      guard isOfAnother else { throw error }
      self.init(kind)
    }
  }

  private enum CodingKeys: String, CodingKey { case kind }

  /// Writes the word and the model's settings.
  public func encode(to encoder: any Encoder) throws { try encode(to: encoder, key: "kind") }
}
