/// Models as kinds of a configuration: a kind's word alone is its small one for images of some 32 pixels.
extension ResNet: KindSettings {
  /// ``cifar18``.
  public init() { self = .cifar18 }
}

extension ViT: KindSettings {
  /// ``cifar``.
  public init() { self = .cifar }
}
