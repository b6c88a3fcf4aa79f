import Networks
import Torch

/// Translates layer by layer, collecting tensors.
struct PyTorchTranslation {
  private(set) var shapes: [[Int]: [Int]]
  let isFolding: Bool
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  private(set) var folded: [String] = []
  /// Classes that PyTorch lacks and the expression uses, in the order of their first use.
  private(set) var definitions: [PyTorchDefinition] = []

  init(shapes: [[Int]: [Int]], isFolding: Bool) {
    self.shapes = shapes
    self.isFolding = isFolding
  }

  /// The name of a class, which is carried along from here on.
  mutating func uses(_ definition: PyTorchDefinition) -> String {
    if !definitions.contains(definition) { definitions.append(definition) }
    return definition.rawValue
  }

  /// Translates a part whose layers have other places than the network's.
  mutating func within(
    _ inner: [[Int]: [Int]],
    _ body: (inout PyTorchTranslation) throws(ExportError) -> String
  ) throws(ExportError) -> String {
    let outer = shapes
    shapes = inner
    defer { shapes = outer }
    return try body(&self)
  }

  /// `nn.Sequential(OrderedDict([…]))`.
  mutating func sequence(
    _ network: Sequential, path: [Int], prefix: String
  ) throws(ExportError) -> String {
    var entries: [String] = []
    var carried: (any FeatureNormalization)?
    for (index, element) in network.elements.enumerated() {
      guard !element.name.isEmpty, !element.name.contains("."), !element.name.contains("\"") else {
        throw .unusableName(element.name)
      }
      let name = prefix + element.name
      let place = path + [index]
      let next = index + 1 < network.elements.count ? network.elements[index + 1].layer : nil
      let text: String
      if let inner = element.layer as? Sequential {
        text = try sequence(inner, path: place, prefix: name + ".")
      } else if let linear = element.layer as? Linear {
        text = self.linear(linear, name, after: carried)
      } else if let norm = element.layer as? any FeatureNormalization, folds(norm, into: next) {
        folded.append(name)
        carried = norm
        entries.append("(\"\(element.name)\", \(try normalization(norm, name, place, false)))")
        continue
      } else {
        text = try module(element.layer, name, place)
      }
      carried = nil
      entries.append("(\"\(element.name)\", \(text))")
    }
    return "nn.Sequential(OrderedDict([\(entries.joined(separator: ", "))]))"
  }

  /// Whether a normalization's gain goes into the layer that directly follows it.
  private func folds(_ norm: any FeatureNormalization, into next: (any Layer)?) -> Bool {
    guard isFolding, let linear = next as? Linear, let scale = norm.scale else { return false }
    return scale.value.shape == [linear.weight.value.shape[1]] && norm.axes == .last(1)
  }

  mutating func linear(
    _ layer: Linear, _ name: String, after norm: (any FeatureNormalization)?
  ) -> String {
    var weight_OI = layer.weight.value.detached()
    var bias_O = layer.bias?.value.detached()
    if let norm {
      let dtype = weight_OI.dtype
      let wide_OI = weight_OI.converted(to: .float64)
      if let offset_I = norm.offset?.value.detached().converted(to: .float64) {
        let shift_O = wide_OI.matrixProduct(offset_I)
        bias_O = (bias_O.map { $0.converted(to: .float64) + shift_O } ?? shift_O)
          .converted(to: dtype)
      }
      if let scale_I = norm.scale?.value.detached().converted(to: .float64) {
        weight_OI = (wide_OI * scale_I).converted(to: dtype)
      }
    }
    add(name, "weight", weight_OI)
    add(name, "bias", bias_O)
    let bias = bias_O == nil ? ", bias=False" : ""
    return "nn.Linear(\(weight_OI.shape[1]), \(weight_OI.shape[0])\(bias))"
  }

  mutating func add(_ layer: String, _ name: String, _ tensor: Tensor?) {
    if let tensor { tensors.append(("\(layer).\(name)", tensor.detached())) }
  }
}
