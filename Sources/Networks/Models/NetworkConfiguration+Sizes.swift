/// Sizes by name, whatever the shape: none where a shape does not have them.
///
/// - Precondition: a size is set of a shape that has it.
extension NetworkConfiguration {
  /// Which shape. Another one takes over the sizes whose names it has, too.
  public var kind: Kind {
    get { shape.kind }
    set { shape.kind = newValue }
  }

  /// Widths of the dense hidden layers; see the shapes.
  public var hidden: [Int] {
    get { shape.value(\MLP.hidden, \CNN.hidden, \VGG.hidden, \ResNet18.hidden) ?? [] }
    set {
      shape.set("hidden", to: newValue, \MLP.hidden, \CNN.hidden, \VGG.hidden, \ResNet18.hidden)
    }
  }

  /// Output channels of each convolution or stage.
  public var channels: [Int] {
    get { shape.value(\CNN.channels, \VGG.channels, \ResNet18.channels) ?? [] }
    set { shape.set("channels", to: newValue, \CNN.channels, \VGG.channels, \ResNet18.channels) }
  }

  /// Sides of kernels.
  public var kernels: [Int] {
    get { shape.value(\CNN.kernels, \ResNet18.kernels) ?? [] }
    set { shape.set("kernels", to: newValue, \CNN.kernels, \ResNet18.kernels) }
  }

  /// Strides of convolutions.
  public var strides: [Int] {
    get { shape.value(\CNN.strides, \ResNet18.strides) ?? [] }
    set { shape.set("strides", to: newValue, \CNN.strides, \ResNet18.strides) }
  }

  /// Convolutions or residual blocks of each stage.
  public var convolutions: [Int] {
    get { shape.value(\VGG.convolutions, \ResNet18.convolutions) ?? [] }
    set { shape.set("convolutions", to: newValue, \VGG.convolutions, \ResNet18.convolutions) }
  }

  /// A size of a transformer; the default of other shapes.
  public subscript<Value>(dynamicMember path: WritableKeyPath<Transformer, Value>) -> Value {
    get { shape.value(path) ?? Transformer()[keyPath: path] }
    set { shape.set("a size of transformers", to: newValue, path) }
  }
}
