/// What one measured update did to every parameter: the one source of every number about an update.
///
/// ``StepMeasuring`` makes it. The optimizer's step and what the parameter really moved by are told apart,
/// because methods and the projection change parameters, too.
public struct StepRecord: Sendable {
  /// What the update did to one parameter W.
  public struct Entry: Sendable, Hashable {
    /// The parameter's name.
    public var name: String
    /// What the parameter is for.
    public var role: ParameterRole
    /// The parameters that are scaled together with it.
    public var group = ScaleGroup()
    /// The number of its elements, n.
    public var elementCount: Int
    /// ‖g‖ of the gradient as the optimizer got it, before any clipping.
    public var gradientNorm: Double
    /// ‖W‖ before anything of the update.
    public var normBefore: Double
    /// ‖W‖ after all of the update, methods and projection included.
    public var normAfter: Double
    /// ‖u‖, the norm of the optimizer's step alone.
    public var stepNorm: Double
    /// ‖W' − W‖, the norm of what the parameter moved by in all: step, methods and projection.
    public var changeNorm: Double
    /// How the step's size depends on the gradient.
    public var scaling: UpdateScaling
    /// What the learning rate is multiplied by for this parameter.
    public var rateFactor = 1.0
  }

  /// The learning rate η, every method's factor included.
  public var learningRate: Double
  /// One entry a trainable parameter, in the optimizer's order.
  public var entries: [Entry]
}

extension StepRecord.Entry {
  /// ‖u‖ / ‖W‖: the optimizer's step beside the weight that it moves. Not finite for a weight of zeros.
  public var stepRatio: Double { stepNorm / normBefore }

  /// ‖W' − W‖ / ‖W‖: the whole change beside the weight. Not finite for a weight of zeros.
  public var changeRatio: Double { changeNorm / normBefore }

  /// The angle between W and W', in radians.
  public var rotation: Double {
    UpdateReport.angle(between: normBefore, and: normAfter, opposite: changeNorm)
  }

  /// ‖u‖ / (√n ‖W‖): the root mean square of the step's elements, on a weight of norm 1.
  ///
  /// It is the effective learning rate as it came out, under any optimizer: η / ‖W‖ where each element moves
  /// by η. Source: ours, after definition 1 of Lyle et al. 2024.
  public var realisedRate: Double {
    Self.realisedRate(step: stepNorm, norm: normBefore, elementCount: elementCount)
  }

  /// ``realisedRate`` of a step that no record is of.
  package static func realisedRate(step: Double, norm: Double, elementCount: Int) -> Double {
    step / (Double(elementCount).squareRoot() * norm)
  }
}

extension Sequence<StepRecord.Entry> {
  /// These parameters as one vector: norms, counts and gradients joined.
  ///
  /// The name, role and group are the first one's. The rotation follows from the joint norms. The scaling is
  /// the first one's, its share averaged over all elements. `nil` for no entries.
  public var joined: StepRecord.Entry? {
    func length(_ part: KeyPath<StepRecord.Entry, Double>) -> Double {
      reduce(0) { $0 + $1[keyPath: part] * $1[keyPath: part] }.squareRoot()
    }
    var iterator = makeIterator()
    guard var result = iterator.next() else { return nil }
    result.elementCount = reduce(0) { $0 + $1.elementCount }
    result.gradientNorm = length(\.gradientNorm)
    result.normBefore = length(\.normBefore)
    result.normAfter = length(\.normAfter)
    result.stepNorm = length(\.stepNorm)
    result.changeNorm = length(\.changeNorm)
    if case .adaptive(_, let epsilon, let gain) = result.scaling {
      var sum = 0.0
      for entry in self {
        if case .adaptive(let share, _, _) = entry.scaling {
          sum += share * Double(entry.elementCount)
        }
      }
      result.scaling = .adaptive(
        share: sum / Double(Swift.max(result.elementCount, 1)), epsilon: epsilon, gain: gain)
    }
    return result
  }
}
