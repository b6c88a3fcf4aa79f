import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Text from a GPT")
struct GenerationTests {
  private func model(_ name: String) throws -> (GPT, Sequential) {
    let reference = try #require(ReferenceCase.all.first { $0.name == name })
    let network = try reference.build()
    try reference.model.referenceLayout().load(
      reference.weights(reference.goldens()), into: network)
    return (try #require(reference.model as? GPT), network)
  }

  @Test(
    "Positions read one by one give the logits of all at once",
    arguments: ["gpt2", "llama", "llama_tied", "qwen3"], [true, false])
  func cache(name: String, areFused: Bool) throws {
    let (_, network) = try model(name)
    let tokens_BT = Tensor([3, 1, 4, 1, 5, 9, 2, 6, 5, 3], shape: [2, 5])
    func compare() {
      let whole = network(tokens_BT).detached()
      let cache = DecodingCache()
      var parts = [network.continued(tokens_BT.narrowed(axis: 1, from: 0, length: 2), cache)]
      for position in 2..<5 {
        parts.append(
          network.continued(tokens_BT.narrowed(axis: 1, from: position, length: 1), cache))
      }
      #expect(cache.length == 5)
      expectClose(
        Tensor.concatenated(parts, axis: 1), whole, relative: 1e-4, absolute: 1e-4, name)
    }
    if areFused { compare() } else { FusedKernels.disabled { compare() } }
  }

  @Test("At temperature 0 each token is the likeliest after all before it")
  func greedy() throws {
    let (gpt, network) = try model("gpt2")
    let added = try gpt.generate(
      network, prompt: [3, 1], count: 7, sampling: TokenSampling(temperature: 0),
      generator: Generator(seed: 1))
    #expect(added.count == 7)
    for count in 0..<7 {
      let before = [3, 1] + added.prefix(count)
      let logits_V = network(Tensor(before, shape: [1, before.count])).selected(axis: 1, at: -1)[0]
      #expect(Int(logits_V.indexOfMaximum().item) == added[count])
    }
  }

  @Test("Draws follow the softmax, only the k likeliest are drawn, and a seed repeats them")
  func sampling() {
    let logits_V = [2.0, 1.0, 0.0, -1.0]
    let many_BV = Tensor(logits_V).expanded(to: [20_000, 4])
    func shares(_ sampling: TokenSampling, seed: UInt64 = 1) -> [Double] {
      let drawn = sampling.draw(many_BV, generator: Generator(seed: seed))
      return (0..<4).map { token in
        drawn.equal(to: .integer(token)).converted(to: .float64).mean().item
      }
    }
    func softmax(_ logits: [Double], _ temperature: Double) -> [Double] {
      (Tensor(logits) / temperature).softmax(axis: 0).doubles
    }
    for temperature in [0.5, 1, 3] {
      for (found, expected) in zip(
        shares(TokenSampling(temperature: temperature)), softmax(logits_V, temperature))
      {
        expectClose(found, expected, relative: 0, absolute: 0.015)
      }
    }
    let two = shares(TokenSampling(topK: 2))
    #expect(two[2] == 0 && two[3] == 0)
    expectClose(two[0], softmax([2, 1], 1)[0], relative: 0, absolute: 0.015)
    #expect(shares(TokenSampling(topK: 9)) == shares(TokenSampling()))
    #expect(shares(TokenSampling()) != shares(TokenSampling(), seed: 2))
    #expect(shares(TokenSampling(temperature: 0)) == [1, 0, 0, 0])
  }

  @Test("A text can be ended, and what does not fit is refused by name")
  func ends() throws {
    let (gpt, network) = try model("llama")
    func generate(_ prompt: [Int], _ count: Int, _ sampling: TokenSampling = TokenSampling()) throws
      -> [Int]
    {
      try gpt.generate(
        network, prompt: prompt, count: count, sampling: sampling, generator: Generator(seed: 4))
    }
    #expect(try generate([1], 0).isEmpty)
    #expect(try generate([1, 2, 3], 6).count == 6)
    #expect(try generate([1, 2, 3], 6) == generate([1, 2, 3], 6))
    var seen: [Int] = []
    let stopped = try gpt.generate(network, prompt: [1], count: 8, generator: Generator(seed: 4)) {
      seen.append($0)
      return seen.count < 3
    }
    #expect(stopped == seen && seen.count == 3)
    let cases: [([Int], Int, TokenSampling, String)] = [
      ([1, 2, 3], 7, TokenSampling(), "network.context"), ([], 1, TokenSampling(), "the prompt"),
      ([20], 1, TokenSampling(), "the prompt"), ([-1], 1, TokenSampling(), "the prompt"),
      ([1], 1, TokenSampling(temperature: -1), "temperature"),
      ([1], 1, TokenSampling(temperature: .nan), "temperature"),
      ([1], 1, TokenSampling(topK: 0), "topK"),
    ]
    for (prompt, count, sampling, option) in cases {
      let error = #expect(throws: ConfigurationError.self) {
        try generate(prompt, count, sampling)
      }
      #expect(error?.option == option)
    }
  }
}
