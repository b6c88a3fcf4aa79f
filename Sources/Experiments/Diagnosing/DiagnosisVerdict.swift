import Foundation
import Plasticity

extension Diagnosis {
  /// A fall of the effective rate that is spoken of: by half (our choice).
  static let notableFall = 2.0
  /// A growth of norms that is taken for its cause (our choice).
  static let notableGrowth = 1.5
  /// The share of dead units that is spoken of (our choice).
  static let notableDeath = 0.2

  /// What happened and what to change, in a few sentences.
  package var verdict: String { ([rateVerdict] + unitVerdict).joined(separator: " ") }

  /// Whether the verdict asks for a projection or a schedule.
  package var asksForSchedule: Bool {
    course.map { $0.fall >= Self.notableFall && $0.fallByNorms >= Self.notableGrowth } ?? false
  }

  private var rateVerdict: String {
    guard files.count > 1 else {
      return "One checkpoint shows norms and ranks, and no course: give several of one training."
    }
    guard let course else {
      return
        "No weight has a norm and a rate at every checkpoint, so nothing can be said of the course."
    }
    let taken = counted.filter(\.invariance.isTaken)
    let name = taken.isEmpty ? "the matrices' eta by norm" : "the hidden layers' effective rate"
    let since =
      course.peakStep.map { "step \(Self.grouped($0))" }
      ?? "checkpoint \(course.places[course.peak] + 1)"
    let subject = name.prefix(1).uppercased() + name.dropFirst()
    guard course.fall >= Self.notableFall else {
      return
        "\(subject) stays within a factor of \(Self.number(max(course.fall, 1))) of its highest: "
        + "nothing to change here."
    }
    var text = "\(subject) fell \(Self.number(course.fall))-fold since \(since): "
    var causes: [String] = []
    if course.growth >= 1.1 { causes.append("norms grew \(Self.number(course.growth))-fold") }
    if course.decay >= 1.1 {
      causes.append("the learning rate fell \(Self.number(course.decay))-fold")
    }
    text +=
      causes.isEmpty
      ? "the optimizer's steps became smaller." : causes.joined(separator: ", ") + "."
    guard course.fallByNorms >= Self.notableGrowth else {
      return text + " That is the schedule's doing: change it if the data go on changing."
    }
    if taken.isEmpty {
      text +=
        counted.contains { if case .dependent = $0.invariance { true } else { false } }
        ? " These layers are not scale-invariant, so their norms also change what they compute: put a normalization "
          + "before each nonlinearity, then project."
        : " Whether they are scale-invariant is not known (--network says it): if a normalization follows each of them,"
    }
    return text
      + (taken.isEmpty && !text.hasSuffix(",") ? "" : " Project them")
      .replacingOccurrences(of: "Project", with: text.hasSuffix(",") ? "project" : "Project")
      + (taken.isEmpty && !text.hasSuffix(",")
        ? ""
        : " (scale each weight back to its initial norm after every update), or follow the schedule below, which makes "
          + "up for the growth.")
  }

  /// What units and ranks did, where networks were measured.
  private var unitVerdict: [String] {
    func values(_ metric: String) -> [Double] {
      measurements.compactMap { $0.outcome(metric)?.number }
    }
    var sentences: [String] = []
    let dead = values("dead_units")
    if let last = dead.last, last >= Self.notableDeath {
      let before = dead.count > 1 ? ", \(Self.percent(dead[0])) at the first checkpoint" : ""
      sentences.append(
        "\(Self.percent(last)) of the units never fire on these inputs\(before): normalizations before the "
          + "nonlinearities let gradients reach them, and nap list random-labels names methods that reset them."
      )
    }
    let ranks = values("effective_rank")
    if let first = ranks.first, let last = ranks.last, ranks.count > 1,
      last <= first / Self.notableFall
    {
      sentences.append(
        "The features' effective rank fell from \(Self.number(first)) to \(Self.number(last)).")
    }
    return sentences
  }

  static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }

  /// Two or three digits.
  package static func number(_ value: Double) -> String {
    value >= 100
      ? String(format: "%.0f", value) : String(format: value >= 9.95 ? "%.0f" : "%.2g", value)
  }

  /// 20,000.
  package static func grouped(_ value: Int) -> String {
    var digits = Substring(String(abs(value)))
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}

extension Diagnosis.Course {
  /// A Python module with the schedule that makes up for what norms did to the effective rate: for PyTorch as a
  /// `LambdaLR`, for JAX as a schedule of optax. `nil` where the checkpoints' steps are not known.
  ///
  /// Between the checkpoints from the peak on the factor is linear, outside it is that of the nearest one.
  package var python: String? {
    guard let steps, steps.count == factors.count else { return nil }
    // Six digits: norms are not known better.
    let places = peak..<steps.count
    let list = { (values: [String]) in "[\(values.joined(separator: ", "))]" }
    return """
      \"\"\"A learning rate that grows with the weights' norms, so that the effective rate stays what it was at its \
      highest.

          scheduler = pytorch(optimizer)          # scheduler.step() after every optimizer.step()
          optimizer = optax.adam(optax_schedule(3e-4))

      Written by nap diagnose from the norms of \(count) weights at \(steps.count) checkpoints. With a projection the \
      rate
      is what the schedule says: leave this out, or take 1 / factor(step) to keep the decay that there was.
      \"\"\"
      STEPS = \(list(places.map { String(steps[$0]) }))
      FACTORS = \(list(places.map { String(format: "%.6g", factors[$0]) }))


      def factor(step):
          \"\"\"What the learning rate is multiplied by after this many steps: linear between STEPS.\"\"\"
          if step <= STEPS[0]:
              return FACTORS[0]
          for (left, low), (right, high) in zip(zip(STEPS, FACTORS), zip(STEPS[1:], FACTORS[1:])):
              if step <= right:
                  return low + (high - low) * (step - left) / (right - left)
          return FACTORS[-1]


      def pytorch(optimizer, last_step=-1):
          \"\"\"Multiplies the optimizer's learning rates; last_step as for torch's schedulers, to go on.\"\"\"
          import torch
          return torch.optim.lr_scheduler.LambdaLR(optimizer, factor, last_epoch=last_step)


      def optax_schedule(learning_rate):
          \"\"\"A schedule for any optimizer of optax.\"\"\"
          import jax.numpy
          steps, factors = jax.numpy.array(STEPS, float), jax.numpy.array(FACTORS)
          return lambda step: learning_rate * jax.numpy.interp(step, steps, factors)

      """
  }
}
