import Networks
import Testing
import Torch
import Training

@testable import Experiments

@Suite struct RestoringTests {
  /// Changes that make a snapshot unfit, each found at another step of restoring.
  private static let damages: [(name: String, change: @Sendable (inout State) -> Void)] = [
    ("a counter missing", { $0.values["updates"] = nil }),
    ("a position of another plan", { $0.values["batches"] = "{}" }),
    ("sums that cannot be", { $0.values["online"] = #"{"correct":2,"count":1,"lossSum":0}"# }),
    ("no labels", { $0.tensors.removeAll { $0.name == "task.labels" } }),
    ("a weight missing", { $0.tensors.removeAll { $0.name == "network.hidden1.weight" } }),
    ("a moment missing", { $0.tensors.removeAll { $0.name.hasPrefix("optimizer.second") } }),
    ("an initial norm missing", { $0.tensors.removeAll { $0.name.hasPrefix("projection.") } }),
    ("a method's state too much", { $0.tensors.append(("methods.other.x", Tensor([1, 2]))) }),
  ]

  @Test func `a snapshot that does not fit leaves the run exactly as it was`() throws {
    var source = try Small.training(Arm(.nap), seed: 7)
    _ = try source.advance(20)
    for damage in Self.damages {
      var training = try Small.training(Arm(.nap))
      var untouched = try Small.training(Arm(.nap))
      _ = try training.advance(17)
      _ = try untouched.advance(17)
      var snapshot = try source.snapshot()
      damage.change(&snapshot)
      #expect(throws: (any Error).self, "\(damage.name)") { try training.restore(snapshot) }
      let (left, right) = (try training.snapshot(), try untouched.snapshot())
      #expect(left.values == right.values, "\(damage.name)")
      for (a, b) in zip(left.tensors, right.tensors) {
        #expect(a.name == b.name && a.tensor.isIdentical(to: b.tensor), "\(damage.name): \(a.name)")
      }
      let (first, second) = (try training.advance(19), try untouched.advance(19))
      #expect(!first.isEmpty && first == second, "\(damage.name)")
    }
  }

  @Test func `the network's tensors must be finite, and the first that is not is named`() throws {
    var training = try Small.training(Arm(.plain))
    _ = try training.advance(3)
    #expect(try training.snapshot().firstNotFinite == nil)
    for value in [Float.nan, .infinity, -.infinity] {
      var snapshot = try training.snapshot()
      let index = try #require(
        snapshot.tensors.firstIndex { $0.name == "network.hidden1.weight" })
      var values = snapshot.tensors[index].tensor.floats
      let shape = snapshot.tensors[index].tensor.shape
      values[values.count - 1] = value
      snapshot.tensors[index].tensor = Tensor(values, shape: shape)
      #expect(snapshot.firstNotFinite == "network.hidden1.weight")
      snapshot.mustBeFinite = []
      #expect(snapshot.firstNotFinite == nil)
    }
  }
}
