import Foundation
import Reinforcement
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
}
