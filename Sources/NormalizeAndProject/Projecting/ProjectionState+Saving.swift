import Networks
public import Torch

extension ProjectionState: Stateful {
  /// Adds ``savedTensors``.
  public func save(into state: inout State) { state.tensors += savedTensors }

  /// Continues from ``savedTensors``; see ``restore(_:)-([String:Tensor])``.
  public mutating func restore(_ state: State) throws { try restore(state.tensorsByName) }

  /// What a checkpoint must hold, by name in order: `initial_norm.NAME`, a float64 scalar for each
  /// projected parameter, and `initial_value.NAME` for each scale and offset that decays.
  public var savedTensors: [(name: String, tensor: Tensor)] {
    let norms = initialNorms.map { name, norm in
      (name: "initial_norm.\(name)", tensor: Tensor(norm, dtype: .float64))
    }
    guard case .decay = nap.scaleAndOffset else { return norms }
    return norms
      + normalizations.flatMap { normalization in
        zip(normalization.members, normalization.initialValues).map { member, value in
          (name: "initial_value.\(member.name)", tensor: value)
        }
      }
  }

  /// Takes the initial norms and values of a checkpoint instead of those recorded at the start.
  ///
  /// Nothing is taken unless everything fits.
  /// - Throws: ``ProjectionError/doesNotFit(problems:)`` naming each tensor that is missing, left over,
  ///   of another shape or element type, or no usable norm.
  public mutating func restore(_ tensors: [String: Tensor]) throws(ProjectionError) {
    let own = savedTensors
    var problems: [String] = []
    for (name, tensor) in own {
      guard let saved = tensors[name] else {
        problems.append("\(name) is missing")
        continue
      }
      if saved.shape != tensor.shape || saved.dtype != tensor.dtype {
        problems.append("\(name) is \(saved.summary), expected \(tensor.summary)")
      } else if name.hasPrefix("initial_norm."), !(saved.item.isFinite && saved.item >= 0) {
        problems.append("\(name) is \(saved.item), expected a finite norm")
      }
    }
    let known = Set(own.map(\.name))
    problems += tensors.keys.filter { !known.contains($0) }.sorted().map {
      "\($0) belongs to nothing that is projected here"
    }
    guard problems.isEmpty else { throw .doesNotFit(problems: problems) }
    take(tensors)
  }

  private mutating func take(_ tensors: [String: Tensor]) {
    for index in groups.indices {
      groups[index].initialNorms = groups[index].members.map {
        tensors["initial_norm.\($0.name)"]?.item ?? .nan
      }
    }
    guard case .decay = nap.scaleAndOffset else { return }
    for index in normalizations.indices {
      let members = normalizations[index].members
      normalizations[index].initialValues = zip(members, normalizations[index].initialValues).map {
        member, own in
        tensors["initial_value.\(member.name)"]?.moved(to: own.device, dtype: own.dtype) ?? own
      }
    }
  }
}
