import Foundation
import Environments
import Testing

@Suite("Environments are named by one text")
struct EnvironmentNameTests {
  @Test(
    "What is written reads as it was meant",
    arguments: [
      ("cartpole", EnvironmentName.cartPole), ("CartPole", .cartPole), ("gridworld", .gridworld),
      ("gymnasium:MinAtar/Breakout-v0", .gymnasium("MinAtar/Breakout-v0")),
      ("Gymnasium:pkg:Thing-v1", .gymnasium("pkg:Thing-v1")),
    ])
  func reading(text: String, name: EnvironmentName) throws {
    #expect(try EnvironmentName(text) == name)
    #expect(try EnvironmentName(name.text) == name)
    let coded = try JSONEncoder().encode([name])
    #expect(try JSONDecoder().decode([EnvironmentName].self, from: coded) == [name])
  }

  @Test(
    "Mistakes are answered with what is near, and with all that is known",
    arguments: [
      ("cartpol", "cartpole?"), ("grid", "gridworld?"), ("gymnasum:CartPole-v1", "gymnasium:NAME?"),
      ("gym:CartPole-v1", "gymnasium:NAME?"), ("pong", "known: cartpole"),
      ("gymnasium:", "expected an id"), ("gymnasium", "expected an id"),
      ("cartpole:3", "nothing after it"), ("", "known: cartpole"),
    ])
  func mistakes(text: String, hint: String) throws {
    let error = try #require(throws: EnvironmentError.self) { try EnvironmentName(text) }
    #expect(error.description.contains(hint), "\(error)")
    let coded = try JSONEncoder().encode([text])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([EnvironmentName].self, from: coded)
    }
  }

  @Test("A name makes environments: the first ones of a larger batch are those of a smaller one")
  func making() throws {
    for name in [EnvironmentName.cartPole, .gridworld] {
      var (two, five) = (
        try name.environments(count: 2, seed: 4), try name.environments(count: 5, seed: 4)
      )
      let few = try two.advance([.reset, .reset])
      let many = try five.advance(Array(repeating: .reset, count: 5))
      #expect(Array(many[..<2]) == few && Set(many).count > 1)
    }
    var options = EnvironmentOptions()
    options.task = -1
    #expect(throws: EnvironmentError.self) {
      try EnvironmentName.gridworld.environments(
        count: 1, seed: 0, options: options)
    }
    #expect(throws: EnvironmentError.self) {
      try EnvironmentName.cartPole.environments(count: 0, seed: 0)
    }
  }

  @Test("An added environment is known by its name, and is made with its seed and task")
  func added() throws {
    try AddedEnvironment.add(
      AddedEnvironment("cart-of-a-test") { seed, task in CartPole(seed: seed + UInt64(task)) })
    let name = try EnvironmentName("cart-of-a-test")
    #expect(name.text == "cart-of-a-test" && name.title == name.text)
    var options = EnvironmentOptions()
    options.task = 2
    var (made, expected) = (try name.environment(seed: 5, options: options), CartPole(seed: 7))
    #expect(try made.reset() == expected.reset())
    #expect(try name.environments(count: 3, seed: 1).specification.name == "CartPole")
    let error = try #require(throws: EnvironmentError.self) {
      try EnvironmentName("cart-of-a-tes")
    }
    #expect(error.description.contains("did you mean cart-of-a-test"))
    for taken in ["cart-of-a-test", "gridworld", "Atari"] {
      #expect(throws: (any Error).self) {
        try AddedEnvironment.add(AddedEnvironment(taken) { seed, _ in CartPole(seed: seed) })
      }
    }
  }
}
