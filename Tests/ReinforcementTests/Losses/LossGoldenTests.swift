import Reinforcement
import TensorTestSupport
import Testing
import Torch

@Suite("Losses are those of a reference in float64, and so are their gradients")
struct LossGoldenTests {
  private let goldens: Goldens

  init() throws { goldens = try Goldens("losses", in: .module) }

  private func expectOutput(_ name: String, _ actual: Tensor) throws {
    expectClose(actual, try goldens["\(name)/out"], relative: 1e-12, absolute: 1e-12, name)
  }

  /// Compares values, and the gradient of `Σ seed · out`.
  private func expectLearned(
    _ name: String, from leafName: String, _ loss: (Tensor) throws -> Tensor
  ) throws {
    let leaf = try goldens["\(name)/\(leafName)"].requiringGradient()
    let output = try loss(leaf)
    try expectOutput(name, output)
    let found = gradients(
      of: [output], seeds: [try goldens["\(name)/seed"]], withRespectTo: [leaf])[0]
    let gradient = try #require(found)
    expectClose(
      gradient, try goldens["\(name)/grad"], relative: 1e-11, absolute: 1e-12, "\(name) gradient")
  }

  @Test("Q-learning and its double")
  func qLearning() throws {
    for (name, selector) in [("q", "q/values"), ("double_q", "double_q/selector")] {
      try expectOutput(
        name,
        QLearning.target(
          returns_B: try goldens["\(name)/returns"], discounts_B: try goldens["\(name)/discounts"],
          selector_BA: try goldens[selector], values_BA: try goldens["\(name)/values"]))
    }
    for (name, threshold) in [("huber_1.0", 1.0), ("huber_0.3", 0.3)] {
      try expectLearned(name, from: "predicted") {
        QLearning.huberLoss(
          predictions_B: $0, targets_B: try goldens["\(name)/goal"], threshold: threshold)
      }
    }
  }

  @Test("The categorical projection, its target, and the cross-entropy")
  func categorical() throws {
    try expectOutput(
      "projection",
      CategoricalLearning.projected(
        probabilities_BM: try goldens["projection/probabilities"],
        values_BM: try goldens["projection/values"],
        support_N: try goldens["projection/support"]))
    try expectOutput(
      "categorical",
      CategoricalLearning.target(
        returns_B: try goldens["categorical/returns"],
        discounts_B: try goldens["categorical/discounts"],
        selector_BA: try goldens["categorical/selector"],
        logits_BAN: try goldens["categorical/logits"],
        support_N: CategoricalLearning.support(from: -2, through: 3, count: 7, dtype: .float64)))
    try expectOutput(
      "categorical_means",
      CategoricalLearning.means(
        logits_BAN: try goldens["categorical_means/logits"],
        support_N: try goldens["categorical_means/support"]))
    try expectLearned("cross_entropy", from: "logits") {
      CategoricalLearning.crossEntropy(
        logits_BN: $0, target_BN: try goldens["cross_entropy/target"])
    }
  }

  @Test("Quantile losses, fixed and drawn, and their target")
  func quantiles() throws {
    try expectOutput(
      "quantile_target",
      QuantileLearning.target(
        returns_B: try goldens["quantile_target/returns"],
        discounts_B: try goldens["quantile_target/discounts"],
        selector_BA: try goldens["quantile_target/selector"],
        quantiles_BAM: try goldens["quantile_target/quantiles"]))
    for (name, threshold) in [("qr", 1.0), ("qr_0", 0), ("iqn", 1), ("iqn_half", 0.5)] {
      try expectLearned(name, from: "predictions") {
        QuantileLearning.huberLoss(
          predictions_BN: $0, fractions: try goldens["\(name)/fractions"],
          targets_BM: try goldens["\(name)/goals"], threshold: threshold)
      }
    }
  }

  @Test(
    "Munchausen's bonus and target, of samples and of a scalar",
    arguments: ["munchausen", "munchausen_mild"])
  func munchausen(_ name: String) throws {
    let settings = try goldens["\(name)/settings"].doubles
    var learning = MunchausenLearning()
    if name != "munchausen" {
      learning.temperature = settings[0]
      learning.share = settings[1]
      learning.floor = settings[2]
    }
    #expect([learning.temperature, learning.share, learning.floor] == settings)
    let bonus = learning.bonus(
      values_BA: try goldens["\(name)/values"], actions_B: try goldens["\(name)/actions"])
    expectClose(bonus, try goldens["\(name)/bonus"], relative: 1e-11, absolute: 1e-12)
    let (returns, discounts) = (
      try goldens["\(name)/returns"], try goldens["\(name)/discounts"]
    )
    let outputs = try goldens["\(name)/outputs"]
    try expectOutput(
      name,
      learning.target(
        returns_B: returns, discounts_B: discounts, bonus_B: bonus, outputs_BAM: outputs))
    // One sample, the mean, has the mean of the samples' targets.
    let scalar = learning.target(
      returns_B: returns, discounts_B: discounts, bonus_B: bonus,
      outputs_BAM: outputs.mean(axes: [2], keepAxes: true))
    expectClose(
      scalar, try goldens["\(name)/out"].mean(axes: [1], keepAxes: true), relative: 1e-11,
      absolute: 1e-12)
  }

  @Test("The clipped policy loss, both value losses, and the entropy")
  func policy() throws {
    try expectLearned("ppo", from: "logits") {
      PolicyLearning.clippedLoss(
        logProbabilities_B: PolicyLearning.logProbabilities(
          logits_BA: $0, actions_B: try goldens["ppo/actions"]),
        oldLogProbabilities_B: try goldens["ppo/old"],
        advantages_B: try goldens["ppo/advantages"], clip: 0.2)
    }
    try expectLearned("entropy", from: "logits") { PolicyLearning.entropy(logits_BA: $0) }
    for (name, clip) in [("value", nil), ("value_clipped", 0.3)] {
      try expectLearned(name, from: "values") {
        PolicyLearning.valueLoss(
          values_B: $0, oldValues_B: try goldens["\(name)/old"],
          returns_B: try goldens["\(name)/returns"], clip: clip)
      }
    }
  }

  @Test("Generalized advantages stop at ends, and bootstrap where an episode was cut short")
  func advantages() throws {
    func rows(_ name: String) throws -> [[Double]] {
      let tensor = try goldens["gae/\(name)"]
      return (0..<tensor.shape[0]).map { tensor[$0].doubles }
    }
    let settings = try goldens["gae/settings"].doubles
    let found = PolicyLearning.advantages(
      rewards: try rows("rewards"), values: try rows("values"), nextValues: try rows("next"),
      isDiscountZero: try rows("zero").map { $0.map { $0 == 1 } },
      isEnd: try rows("end").map { $0.map { $0 == 1 } }, discount: settings[0], trace: settings[1])
    expectClose(
      Tensor(found.flatMap { $0 }, shape: [8, 3]), try goldens["gae/out"], relative: 1e-12,
      absolute: 1e-12)
  }

  @Test("No gradient goes through a target")
  func noGradientThroughTargets() {
    let generator = Generator(seed: 1)
    let values = Tensor.normal([2, 3], generator: generator).requiringGradient()
    let outputs = Tensor.normal([2, 3, 4], generator: generator).requiringGradient()
    let ones = Tensor.ones([2])
    let actions = Tensor([0, 1])
    let munchausen = MunchausenLearning()
    let bonus = munchausen.bonus(values_BA: values, actions_B: actions)
    let targets = [
      QLearning.target(returns_B: ones, discounts_B: ones, selector_BA: values, values_BA: values),
      CategoricalLearning.target(
        returns_B: ones, discounts_B: ones, selector_BA: values, logits_BAN: outputs,
        support_N: CategoricalLearning.support(from: -1, through: 1, count: 4)),
      QuantileLearning.target(
        returns_B: ones, discounts_B: ones, selector_BA: values, quantiles_BAM: outputs), bonus,
      munchausen.target(
        returns_B: ones, discounts_B: ones, bonus_B: bonus, outputs_BAM: outputs),
    ]
    for target in targets { #expect(!target.requiresGradient) }
    let loss = QLearning.huberLoss(predictions_B: values[0], targets_B: values[1])
    let gradient = gradients(of: loss.sum(), withRespectTo: [values])[0]
    #expect(gradient[1].absolute().sum().item == 0)
    #expect(gradient[0].absolute().sum().item > 0)
  }
}
