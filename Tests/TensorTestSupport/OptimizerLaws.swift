import Foundation
public import Networks
public import Testing
import Torch

/// The laws of every `Optimizer`: it finds the bottom of a bowl, saved state continues bit for bit,
/// element types stay, frozen parameters stay, targetNorms are kept or refused, alone and jointly, and a rate factor is
/// a learning rate.
///
/// - Parameters:
///   - rate: a learning rate at which 400 updates find the bottom of `½‖W − 1‖²`.
///   - holdsNorms: whether hidden matrices keep their initial norms. They then descend a function that does not depend
///     on the norm, as those of a normalized network do: `−⟨W, 1⟩/‖W‖`.
///   - make: the optimizer at its first update.
public func expectOptimizerLaws(
  _ name: String, rate: Double, holdsNorms: Bool = false,
  _ make: ([Parameter]) throws -> any Optimizer,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  for dtype in [DType.float32, .float64, .bfloat16] {
    try expectBottom(name, rate, dtype, holdsNorms, make, sourceLocation)
  }
  try expectResumption(name, rate, make, sourceLocation)
  try expectFrozenStays(name, rate, make, sourceLocation)
  try expectRadii(name, rate, make, sourceLocation)
  try expectRefusedRadii(name, rate, make, sourceLocation)
  try expectJointRadius(name, rate, make, sourceLocation)
  try expectRateFactors(name, rate, make, sourceLocation)
}

private func bowl(_ dtype: DType, seed: UInt64 = 5) -> [Parameter] {
  let generator = Generator(seed: seed)
  return [[4, 3], [5]].map {
    Parameter(
      Tensor.normal($0, generator: generator).converted(to: dtype), role: .weight(fanIn: 3))
  }
}

/// The gradients of `½‖W − 1‖²`.
private func slopes(_ parameters: [Parameter]) -> [Tensor] {
  withoutGradients { parameters.map { $0.value.detached() - 1.0 } }
}

/// The gradients of the bowl, of which hidden matrices have the part along the sphere alone.
private func slopesAlongSpheres(_ parameters: [Parameter]) -> [Tensor] {
  withoutGradients {
    zip(parameters, slopes(parameters)).map { parameter, slope in
      let weight = parameter.value.detached()
      guard parameter.isHiddenMatrix else { return slope }
      return slope - weight * ((slope * weight).sum() / weight.squared().sum())
    }
  }
}

private func expectBottom(
  _ name: String, _ rate: Double, _ dtype: DType, _ holdsNorms: Bool,
  _ make: ([Parameter]) throws -> any Optimizer, _ sourceLocation: SourceLocation
) throws {
  let parameters = bowl(dtype)
  let bottoms = parameters.map { parameter in
    let ones = Tensor.onesLike(parameter.value.detached())
    return holdsNorms && parameter.isHiddenMatrix ? ones * (parameter.norm / ones.norm.item) : ones
  }
  var optimizer = try make(parameters)
  let types = optimizer.state.slots.map { $0.tensors.map { $0?.dtype } }
  for step in 0..<400 {
    try optimizer.step(
      UpdateRequest(
        parameters: parameters,
        gradients: holdsNorms ? slopesAlongSpheres(parameters) : slopes(parameters),
        learningRate: rate * (1 - Double(step) / 400)))
  }
  // Eight bits do not take updates below a 256th of the value.
  let tolerance = dtype == .bfloat16 ? 0.08 : 0.005
  for (parameter, bottom) in zip(parameters, bottoms) {
    expectClose(
      parameter.value.detached(), bottom, relative: 0, absolute: tolerance, "\(name) in \(dtype)",
      sourceLocation: sourceLocation)
    #expect(parameter.value.dtype == dtype, "\(name)", sourceLocation: sourceLocation)
  }
  #expect(optimizer.state.stepCount == 400, "\(name)", sourceLocation: sourceLocation)
  let after = optimizer.state.slots.map { $0.tensors.map { $0?.dtype } }
  #expect(after == types, "\(name)", sourceLocation: sourceLocation)
}

private func expectResumption(
  _ name: String, _ rate: Double, _ make: ([Parameter]) throws -> any Optimizer,
  _ sourceLocation: SourceLocation
) throws {
  let names = ["a.weight", "b.weight"]
  let straight = bowl(.float32)
  var first = try make(straight)
  var saved: [String: Tensor] = [:]
  let resumed = bowl(.float32, seed: 6)
  for step in 0..<12 {
    if step == 5 {
      for (name, tensor) in first.state.namedTensors(parameters: names) {
        saved[name] = tensor.cloned()
      }
      for (from, to) in zip(straight, resumed) { to.assign(from.value) }
    }
    try first.step(
      UpdateRequest(parameters: straight, gradients: slopes(straight), learningRate: rate))
  }
  var second = try make(resumed)
  #expect(throws: LoadingError.self, "\(name)", sourceLocation: sourceLocation) {
    try second.state.load(saved.filter { $0.key != "step_count" }, parameters: names)
  }
  try second.state.load(saved, parameters: names)
  for _ in 5..<12 {
    try second.step(
      UpdateRequest(parameters: resumed, gradients: slopes(resumed), learningRate: rate))
  }
  for (a, b) in zip(straight, resumed) {
    #expect(
      a.value.detached().isIdentical(to: b.value.detached()), "\(name) did not resume",
      sourceLocation: sourceLocation)
  }
}

private func expectFrozenStays(
  _ name: String, _ rate: Double, _ make: ([Parameter]) throws -> any Optimizer,
  _ sourceLocation: SourceLocation
) throws {
  let parameters = bowl(.float32)
  var optimizer = try make(parameters)
  parameters[0].isTrainable = false
  let before = parameters.map { $0.value.detached().cloned() }
  let report = try optimizer.step(
    UpdateRequest(
      parameters: parameters, gradients: slopes(parameters), learningRate: rate,
      targetNorms: [2, 3],
      isMeasured: true))
  let kept = parameters.map { $0.value.detached() }
  #expect(kept[0].isIdentical(to: before[0]), "\(name)", sourceLocation: sourceLocation)
  #expect(!kept[1].isIdentical(to: before[1]), "\(name)", sourceLocation: sourceLocation)
  #expect(report?.updateNorms.first == 0, "\(name)", sourceLocation: sourceLocation)
  expectClose(
    report?.normsBefore.first ?? .nan, parameters[0].norm, relative: 1e-12, absolute: 0,
    "\(name)'s frozen norm", sourceLocation: sourceLocation)
}

private func expectRadii(
  _ name: String, _ rate: Double, _ make: ([Parameter]) throws -> any Optimizer,
  _ sourceLocation: SourceLocation
) throws {
  for dtype in [DType.float32, .float64, .bfloat16] {
    let parameters = bowl(dtype)
    let before = parameters.map { $0.value.detached().converted(to: .float64, copy: true) }
    var optimizer = try make(parameters)
    let report = try optimizer.step(
      UpdateRequest(
        parameters: parameters, gradients: slopes(parameters), learningRate: rate,
        targetNorms: [2.5, nil], isMeasured: true))
    let tolerance = dtype == .bfloat16 ? 1e-2 : dtype == .float32 ? 1e-6 : 1e-14
    expectClose(
      parameters[0].norm, 2.5, relative: tolerance, absolute: 0, "\(name) in \(dtype)",
      sourceLocation: sourceLocation)
    guard let report else {
      Issue.record("\(name) gave no report", sourceLocation: sourceLocation)
      continue
    }
    // The second parameter keeps its update, so the report can be checked against it.
    let after = parameters[1].value.detached().converted(to: .float64)
    let expected = [
      (report.normsBefore[1], before[1].norm), (report.normsAfter[1], after.norm),
      (report.updateNorms[1], (after - before[1]).norm),
      (report.innerProducts[1], (after * before[1]).sum()),
      (report.normsBefore[0], before[0].norm),
    ]
    for (found, wanted) in expected {
      expectClose(
        found, wanted.item, relative: dtype == .float64 ? 1e-12 : dtype == .float32 ? 1e-5 : 0.02,
        absolute: 0, "\(name)'s report in \(dtype)", sourceLocation: sourceLocation)
    }
  }
}

private func expectRefusedRadii(
  _ name: String, _ rate: Double, _ make: ([Parameter]) throws -> any Optimizer,
  _ sourceLocation: SourceLocation
) throws {
  for (value, index, expected) in [
    (0.0, 0, OptimizerError.zeroNorm(index: 0)),
    (Double.infinity, 1, .notFiniteNorm(index: 1)), (.nan, 1, .notFiniteNorm(index: 1)),
  ] {
    let parameters = bowl(.float32)
    var optimizer = try make(parameters)
    parameters[index].assign(
      Tensor.full(parameters[index].value.shape, value: .real(value), dtype: .float32))
    let zeros = parameters.map { Tensor.zerosLike($0.value.detached()) }
    #expect(throws: expected, "\(name)", sourceLocation: sourceLocation) {
      try optimizer.step(
        UpdateRequest(
          parameters: parameters, gradients: zeros, learningRate: rate, targetNorms: [1, 1]))
    }
  }
}

private func expectJointRadius(
  _ name: String, _ rate: Double, _ make: ([Parameter]) throws -> any Optimizer,
  _ sourceLocation: SourceLocation
) throws {
  for value in [1.0, .nan] {
    let parameters = bowl(.float64)
    var optimizer = try make(parameters)
    if value.isNaN {
      parameters[1].assign(Tensor.full([5], value: .real(value), dtype: .float64))
    }
    let request = UpdateRequest(
      parameters: parameters, gradients: slopes(parameters), learningRate: rate,
      jointTargetNorms: [JointTargetNorm(members: [0, 1], radius: 3)])
    guard !value.isNaN else {
      #expect(throws: OptimizerError.notFiniteNorm(index: 0), sourceLocation: sourceLocation) {
        try optimizer.step(request)
      }
      continue
    }
    let before = parameters.map { $0.value.detached().cloned() }
    try optimizer.step(request)
    let norm = parameters.reduce(0) { $0 + $1.norm * $1.norm }.squareRoot()
    expectClose(norm, 3, relative: 1e-13, absolute: 0, name, sourceLocation: sourceLocation)
    for (parameter, old) in zip(parameters, before) {
      #expect(!parameter.value.detached().isIdentical(to: old), sourceLocation: sourceLocation)
    }
  }
}

private func expectRateFactors(
  _ name: String, _ rate: Double, _ make: ([Parameter]) throws -> any Optimizer,
  _ sourceLocation: SourceLocation
) throws {
  for dtype in [DType.float32, .float64, .bfloat16] {
    /// Two updates at a learning rate.
    func stepped(_ learningRate: Double, _ factors: [Double]) throws -> [Tensor] {
      let parameters = bowl(dtype)
      var optimizer = try make(parameters)
      for _ in 0..<2 {
        let gradients = slopes(parameters)
        try optimizer.step(
          UpdateRequest(
            parameters: parameters, gradients: gradients, learningRate: learningRate,
            rateFactors: factors))
      }
      return parameters.map { $0.value.detached() }
    }
    let own = try stepped(rate, [])
    let ones = try stepped(rate, [1, 1])
    let mixed = try stepped(rate, [4, 0.5])
    let (fast, slow) = (try stepped(rate * 4, []), try stepped(rate * 0.5, []))
    let pairs = [(own[0], ones[0]), (own[1], ones[1]), (mixed[0], fast[0]), (mixed[1], slow[1])]
    for (found, wanted) in pairs {
      #expect(
        found.isIdentical(to: wanted), "\(name)'s rate factors in \(dtype)",
        sourceLocation: sourceLocation)
    }
  }
  let parameters = bowl(.float32)
  var optimizer = try make(parameters)
  #expect(
    throws: OptimizerError.rateFactorMismatch(parameters: 2, rateFactors: 1),
    sourceLocation: sourceLocation
  ) {
    try optimizer.step(
      UpdateRequest(
        parameters: parameters, gradients: slopes(parameters), learningRate: rate, rateFactors: [1])
    )
  }
}
