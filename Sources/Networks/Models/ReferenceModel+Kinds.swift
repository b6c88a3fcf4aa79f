/// Models as kinds of a configuration: a kind's word alone is its small one for images of some 32 pixels.
extension ResNet: KindSettings {
  package init() { self = .cifar18 }
}

extension ViT: KindSettings {
  package init() { self = .cifar }
}
