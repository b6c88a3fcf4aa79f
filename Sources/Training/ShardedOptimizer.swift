import Networks
import Torch

/// An optimizer of which each process of a group keeps and steps its own share of the parameters (ZeRO stage 1,
/// Rajbhandari et al. 2020).
///
/// Parameters are shared out whole, those of one scale group together, so that norms are those of whole matrices and
/// are restored where the matrix is stepped. Gradients are summed over all processes first: the joint norm that clips
/// them needs all. The new values then go to every process.
///
/// Cost: memory for the state of about 1/n of the parameters; an update sends each parameter once more than without.
struct ShardedOptimizer: Optimizer {
  private let group: ProcessGroup
  /// The rank that steps each parameter.
  private let owners: [Int]
  /// Places of this process's parameters.
  private let own: [Int]
  private var inner: any Optimizer
  private var scalings: [UpdateScaling]

  init(
    _ configuration: OptimizerConfiguration, for parameters: [Parameter], group: ProcessGroup
  ) throws(ConfigurationError) {
    self.group = group
    owners = Self.owners(of: parameters, among: group.size)
    own = owners.indices.filter { [owners] in owners[$0] == group.rank }
    inner = try configuration.make(for: own.map { parameters[$0] })
    scalings = parameters.map { _ in .gradient(gain: 1) }
  }

  /// The largest scale group first, each to the process that has the least so far.
  static func owners(of parameters: [Parameter], among size: Int) -> [Int] {
    let groups = Dictionary(grouping: parameters.indices) { ObjectIdentifier(parameters[$0].group) }
      .values.sorted { $0[0] < $1[0] }
    func length(_ members: [Int]) -> Int {
      members.reduce(0) { $0 + parameters[$1].value.elementCount }
    }
    var loads = Array(repeating: 0, count: size)
    var owners = Array(repeating: 0, count: parameters.count)
    for members in groups.sorted(by: { (length($0), $1[0]) > (length($1), $0[0]) }) {
      let owner = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
      loads[owner] += length(members)
      for member in members { owners[member] = owner }
    }
    return owners
  }

  /// The own share's tensors in their places; none for other parameters.
  var state: OptimizerState {
    get {
      let held = inner.state
      func placed<Value>(_ values: [Value?]) -> [Value?] {
        var all = [Value?](repeating: nil, count: owners.count)
        for (place, value) in zip(own, values) { all[place] = value }
        return all
      }
      return OptimizerState(
        stepCount: held.stepCount, slots: held.slots.map { ($0.name, placed($0.tensors)) },
        initialNorms: held.initialNorms.isEmpty ? [] : placed(held.initialNorms))
    }
    set {
      inner.state = OptimizerState(
        stepCount: newValue.stepCount,
        slots: newValue.slots.map { slot in (slot.name, own.map { slot.tensors[$0] }) },
        initialNorms: newValue.initialNorms.isEmpty ? [] : own.map { newValue.initialNorms[$0] })
    }
  }

  mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    var failure: OptimizerError?
    var report: UpdateReport?
    do {
      report = try inner.step(share(of: request))
    } catch {
      failure = error
    }
    let count = request.parameters.count
    // Every process learns of a failure, or all would wait for the one that left. Codes are least for the first place.
    let code = failure.map { Self.code($0, own) } ?? Double.infinity
    let first = Tensor([code], dtype: .float64)
    collective { try group.allReduce(first, .least) }
    if first.item.isFinite { throw Self.error(first.item) }
    for owner in 0..<group.size {
      let theirs = owners.indices.filter { owners[$0] == owner }
      let byType = Dictionary(grouping: theirs) { request.parameters[$0].value.dtype }
      for (_, places) in byType.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        collective {
          try group.broadcast(places.map { request.parameters[$0].value }, from: owner)
        }
      }
    }
    guard request.isMeasured else { return nil }
    return joined(report, count)
  }

  /// The request of the own share. Gradients are clipped by the joint norm of all.
  private func share(of request: UpdateRequest) -> UpdateRequest {
    var result = request
    func owned<Value>(_ values: [Value]) -> [Value] {
      values.isEmpty ? [] : own.map { values[$0] }
    }
    result.parameters = owned(request.parameters)
    result.gradients = owned(request.gradients)
    result.targetNorms = owned(request.targetNorms)
    result.rateFactors = owned(request.rateFactors)
    let places = Dictionary(uniqueKeysWithValues: own.enumerated().map { ($1, $0) })
    result.jointTargetNorms = request.jointTargetNorms.compactMap { joint in
      let members = joint.members.compactMap { places[$0] }
      return members.isEmpty ? nil : JointTargetNorm(members: members, radius: joint.radius)
    }
    if let limit = request.gradientClip {
      result.gradientClip = nil
      result.gradients = withoutGradients {
        let factor = FusedOperators.clipScale(of: request.gradients, limit: limit)
        return result.gradients.map { ($0 * factor).converted(to: $0.dtype) }
      }
    }
    return result
  }

  /// The report of all shares, and the scaling of each parameter's update.
  private mutating func joined(_ report: UpdateReport?, _ count: Int) -> UpdateReport {
    var rows = [[Double]](repeating: Array(repeating: 0, count: count), count: 8)
    for (index, place) in own.enumerated() {
      if let report {
        rows[0][place] = report.normsBefore[index]
        rows[1][place] = report.normsAfter[index]
        rows[2][place] = report.updateNorms[index]
        rows[3][place] = report.innerProducts[index]
      }
      let numbers = Self.numbers(inner.updateScaling(at: index))
      for (row, number) in zip(4..<8, numbers) { rows[row][place] = number }
    }
    let sums = Tensor(rows.flatMap { $0 }, shape: [8, count])
    collective { try group.allReduce(sums) }
    let all = (0..<8).map { sums[$0].doubles }
    scalings = (0..<count).map { place in Self.scaling(all[4...].map { $0[place] }) }
    return UpdateReport(
      normsBefore: all[0], normsAfter: all[1], updateNorms: all[2], innerProducts: all[3])
  }

  func updateScaling(at index: Int) -> UpdateScaling { scalings[index] }

  /// The whole state in every process, for a checkpoint; all processes ask for it together.
  func gathered(_ parameters: [Parameter]) throws -> OptimizerState {
    var state = state
    // What slots there are, and for which parameters, is the owners' knowledge.
    for slot in state.slots.indices {
      let held = Tensor(state.slots[slot].tensors.map { $0 == nil ? 0 : 1 })
      try group.allReduce(held)
      for (place, isHeld) in held.integers.enumerated() where isHeld > 0 {
        let tensor =
          state.slots[slot].tensors[place] ?? .zerosLike(parameters[place].value.detached())
        try group.broadcast([tensor], from: owners[place])
        state.slots[slot].tensors[place] = tensor
      }
    }
    let norms = Tensor(
      owners.indices.map { place in
        state.initialNorms.indices.contains(place) ? state.initialNorms[place] ?? 0 : 0
      }, dtype: .float64)
    let counts = Tensor([state.initialNorms.count])
    try group.allReduce(norms)
    try group.allReduce(counts)
    state.initialNorms = counts.integerItem == 0 ? [] : norms.doubles.map { $0 > 0 ? $0 : nil }
    return state
  }

  /// A lost process ends the operation where it cannot throw; the next one that can says who is missing.
  private func collective(_ body: () throws -> Void) {
    do { try body() } catch { group.noteFailure(error) }
  }

  private static func code(_ error: OptimizerError, _ places: [Int]) -> Double {
    switch error {
    case .zeroNorm(let index): Double(2 * places[index])
    case .notFiniteNorm(let index): Double(2 * places[index] + 1)
    case .mismatch, .rateFactorMismatch: -1
    }
  }

  private static func error(_ code: Double) -> OptimizerError {
    guard code >= 0 else { return .mismatch(state: 0, parameters: 0, gradients: 0, targetNorms: 0) }
    let index = Int(code) / 2
    return Int(code) % 2 == 0 ? .zeroNorm(index: index) : .notFiniteNorm(index: index)
  }

  private static func numbers(_ scaling: UpdateScaling) -> [Double] {
    switch scaling {
    case .gradient(let gain): [0, gain, 0, 0]
    case .adaptive(let share, let epsilon, let gain): [1, gain, share, epsilon]
    case .relative: [2, 0, 0, 0]
    }
  }

  private static func scaling(_ numbers: [Double]) -> UpdateScaling {
    switch numbers[0] {
    case 1: .adaptive(share: numbers[2], epsilon: numbers[3], gain: numbers[1])
    case 2: .relative
    default: .gradient(gain: numbers[1])
    }
  }
}
