import Foundation
import TensorTestSupport
@testable import Environments
import Testing
import Torch

@Suite("CartPole is Gymnasium's")
struct CartPoleTests {
  static let trajectories = ["random", "left", "drifting", "balanced"]

  @Test(
    "Every step from Gymnasium's own states gives its next state, observation, reward and end",
    arguments: trajectories)
  func steps(trajectory: String) throws {
    let goldens = try Goldens("cart_pole", in: .module)
    func golden(_ name: String) throws -> Tensor { try goldens["\(trajectory)/\(name)"] }
    let states = try golden("states").doubles
    let observations = try golden("observations").floats
    let actions = try golden("actions").integers
    let rewards = try golden("rewards").doubles
    let ends = try golden("ends").integers
    var world = CartPole(seed: 1)
    _ = world.reset()
    for index in actions.indices {
      world.body = CartPole.Body(Array(states[(4 * index)..<(4 * index + 4)]))
      let step = try world.step(actions[index])
      let next = (4 * index + 4)..<(4 * index + 8)
      let found = [world.body.x, world.body.xVelocity, world.body.angle, world.body.angleVelocity]
      for (ours, theirs) in zip(found, states[next]) {
        #expect(abs(ours - theirs) < 4e-15, "step \(index)")
      }
      guard case .floats(let shown) = step.observation else {
        Issue.record("expected numbers")
        return
      }
      for (ours, theirs) in zip(shown, observations[next]) {
        #expect(abs(ours - theirs) <= theirs.ulp, "step \(index)")
      }
      #expect(step.reward == rewards[index] && step.rawReward == rewards[index])
      let end: EpisodeEnd? = [nil, .terminated, .truncated][ends[index]]
      #expect(step.end == end, "step \(index)")
      #expect(step.isDiscountZero == (end == .terminated))
      #expect(step.frames == 1)
    }
  }

  @Test("The goldens show both ways to terminate, and the limit of time")
  func goldensCoverEveryEnd() throws {
    let goldens = try Goldens("cart_pole", in: .module)
    let lasts = try Self.trajectories.map { try goldens["\($0)/ends"].integers.last }
    #expect(lasts == [1, 1, 1, 2])
    let states = try goldens["drifting/states"].doubles
    #expect(abs(states[states.count - 4]) > 2.4 && abs(states[states.count - 2]) < 0.2)
    #expect(try goldens["balanced/actions"].integers.count == CartPole.stepLimit)
  }

  @Test("Seeds repeat, states are saved exactly, damage is refused")
  func laws() throws {
    try EnvironmentLaws.check { CartPole(seed: 3) }
  }

  @Test("Episodes begin anywhere within 0.05 of upright, each at another place")
  func starts() {
    var world = CartPole(seed: 5)
    let starts = (0..<2000).map { _ -> [Float] in
      if case .floats(let values) = world.reset().observation { values } else { [] }
    }
    let all = starts.joined()
    #expect(all.allSatisfy { abs($0) <= 0.05 } && Set(starts).count == 2000)
    #expect((all.min() ?? 0) < -0.0499 && (all.max() ?? 0) > 0.0499)
    let mean = all.reduce(0) { $0 + Double($1) } / 8000
    #expect(abs(mean) < 0.0015)
  }
}

extension CartPole.Body {
  init(_ values: [Double]) {
    self.init(x: values[0], xVelocity: values[1], angle: values[2], angleVelocity: values[3])
  }
}
