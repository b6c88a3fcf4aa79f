import Networks
import Testing
import Torch

@testable import Plasticity

@Suite("Re-warming the learning rate")
struct RewarmingTests {
  @Test("a cycle warms up linearly, falls as a cosine to the final share, and begins again")
  func cycle() {
    var method = LearningRateRewarming()
    method.warmUpUpdates = 4
    method.decayUpdates = 12
    method.finalShare = 0.1
    let hook = method.hook()
    let factors = (0..<24).map { hook.learningRateFactor(at: $0) }
    #expect(Array(factors.prefix(12)) == Array(factors.suffix(12)))
    for time in 0..<4 {
      #expect(abs(factors[time] - (0.1 + 0.9 * Double(time + 1) / 4)) < 1e-15)
    }
    #expect(factors[4] == 1)
    #expect(abs(factors[8] - 0.55) < 1e-15)
    #expect(factors[11] < factors[10] && factors[11] > 0.1)
    #expect(abs(method.share(at: 12) - 0.1) < 1e-15)
    #expect(abs(method.share(at: 1_000) - 0.1) < 1e-15)
  }

  private func rewarming(_ method: LearningRateRewarming, updatesPerTask: Int?) -> Rewarming {
    let network = Sequential([any Layer]())
    var hook = Rewarming(configuration: method)
    hook.begin(
      HookSite(
        network: network, parameters: [], generator: Generator(seed: 1),
        updatesPerTask: updatesPerTask, redrawn: { _ in network }))
    return hook
  }

  @Test("by default a cycle is 7/10 of a task, with a warm-up of a fifth of it at most")
  func period() {
    let method = LearningRateRewarming()
    for (task, period, warmUp) in [(150, 105, 10), (40, 28, 5), (3, 10, 2)] {
      let hook = rewarming(method, updatesPerTask: task)
      let factors = (0..<2 * period).map { hook.learningRateFactor(at: $0) }
      #expect(Array(factors.prefix(period)) == Array(factors.suffix(period)))
      #expect(factors[warmUp - 1] == 1 && factors[warmUp] == 1 && factors[warmUp + 1] < 1)
      #expect(factors[period - 1] < 0.2 && factors[period] < factors[period + 1])
      #expect(
        factors.indices.filter { factors[$0] == 1 } == [
          warmUp - 1, warmUp, period + warmUp - 1, period + warmUp,
        ])
    }
    // Where the length of a task is not known, and where a period is set.
    #expect(rewarming(method, updatesPerTask: nil).configuration.decayUpdates == 200)
    var own = method
    own.decayUpdates = 30
    #expect(rewarming(own, updatesPerTask: 150).configuration == own)
    // No multiple of the period falls on the same place of every task.
    #expect(105 % 150 != 0 && 150 % 105 != 0)
  }

  @Test("cycles end where they are told to, and from the first raise on the peak is another")
  func stopping() {
    var method = LearningRateRewarming()
    method.warmUpUpdates = 2
    method.decayUpdates = 6
    method.stopAfterCycles = 2
    method.laterPeak = 3
    let hook = rewarming(method, updatesPerTask: nil)
    let factors = (0..<20).map { hook.learningRateFactor(at: $0) }
    #expect(factors[2] == 1 && factors[8] == 3)
    #expect(abs(factors[6] - (0.01 + 2.99 / 2)) < 1e-15)
    #expect(abs(factors[10] - (0.01 + 2.99 / 2)) < 1e-14)
    #expect(factors[12...].allSatisfy { $0 == 0.01 })
    method.laterPeak = 0.001
    #expect(throws: ConfigurationError.self) { try method.validate() }
  }

  @Test("signals end where they are told to: the rate then falls for good")
  func lastSignal() throws {
    var method = LearningRateRewarming()
    method.trigger = .cusum
    method.warmUpUpdates = 0
    method.decayUpdates = 5
    method.settlingUpdates = 4
    method.threshold = 2
    method.laterPeak = 2
    method.stopAfterCycles = 1
    var bench = try Bench(method)
    var raised: [Int] = []
    for update in 0..<60 {
      // A ripple, and every twenty updates a level much higher.
      let loss = Double(update / 20) * 10 + Double(update % 3) * 0.1
      var moment = bench.moment(update, loss: loss)
      try bench.chain.afterUpdate(&moment)
      if bench.chain.learningRateFactor(at: update + 1) == 2 { raised.append(update + 1) }
    }
    #expect(raised == [21])
    #expect(bench.chain.learningRateFactor(at: 59) == 0.01)
  }

  @Test("CUSUM stays silent on noise, signals a jump once, and raises the rate at the next update")
  func signal() throws {
    var method = LearningRateRewarming()
    method.trigger = .cusum
    method.warmUpUpdates = 0
    method.decayUpdates = 50
    method.settlingUpdates = 20
    method.smoothing = 0.95
    method.drift = 1
    method.threshold = 8
    var bench = try Bench(method)
    var signals: [Int] = []
    var factors: [Double] = []
    for update in 0..<200 {
      factors.append(bench.chain.learningRateFactor(at: update))
      // A small regular ripple, and from update 100 on a level ten ripples higher.
      let ripple = Double((update * 7) % 5) * 0.01
      var moment = bench.moment(update, loss: (update < 100 ? 1 : 1.4) + ripple)
      let before = (bench.chain.hooks[0] as? Rewarming)?.memory.signalCount
      try bench.chain.afterUpdate(&moment)
      if (bench.chain.hooks[0] as? Rewarming)?.memory.signalCount != before {
        signals.append(update)
      }
    }
    #expect(signals == [100])
    #expect(factors[99] < 0.02 && factors[100] < 0.02)
    #expect(factors[101] == 1)
  }

  @Test("the sum grows by the standardized excess over the drift and never falls below zero")
  func sum() {
    var method = LearningRateRewarming()
    method.settlingUpdates = 2
    method.drift = 0.5
    method.threshold = 100
    var memory = Rewarming.Memory()
    _ = memory.observe(1, method)
    _ = memory.observe(3, method)
    #expect(memory.mean == 2)
    #expect(memory.variance == 1)
    _ = memory.observe(4, method)
    #expect(memory.sum == 1.5)
    _ = memory.observe(-50, method)
    #expect(memory.sum == 0)
  }

  @Test("the scheduled rate is multiplied by every hook's factor")
  func product() {
    var method = LearningRateRewarming()
    method.warmUpUpdates = 2
    method.decayUpdates = 10
    let chain = InterventionSet([method, L2Regularization()]).hookChain()
    #expect(chain.learningRateFactor(at: 0) == method.share(at: 0))
  }
}
