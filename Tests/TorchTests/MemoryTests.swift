import Foundation
import TestSupport
import Testing
import Torch

#if os(Linux)
  @Suite struct MemoryTests {
    @Test func `ten thousand steps forward and backward do not grow the process`() async {
      await #expect(processExitsWith: .success) {
        // Tensors this small gain nothing from threads, which would wait for one another.
        Machine.threadCount = 1
        let generator = Generator(seed: 1)
        let x_BI = Tensor.normal([16, 32], generator: generator)
        let targets_B = Tensor.integers(from: 0, to: 4, [16], generator: generator)
        var weights = [[64, 32], [4, 64]].map {
          (Tensor.normal($0, generator: generator) * 0.1).requiringGradient()
        }
        func step() {
          let hidden_BH = x_BI.linear(weight: weights[0]).layerNorm(shape: [64]).relu()
          let loss = hidden_BH.linear(weight: weights[1]).crossEntropy(targets_B)
          let slopes = gradients(of: loss, withRespectTo: weights, createGraph: true)
          // A second order, whose graph holds the first.
          let penalty = slopes.map { $0.squared().sum() }.reduce(loss) { $0 + $1 }
          let both = gradients(of: penalty, withRespectTo: weights)
          withoutGradients {
            weights = zip(weights, both).map { ($0 - $1 * 0.01).requiringGradient() }
          }
          _ = try? withTorchErrors { x_BI.matrixProduct(x_BI) }
        }
        for _ in 0..<1_000 { step() }
        let before = ProcessMemory.residentBytes
        for _ in 0..<10_000 { step() }
        let growth = ProcessMemory.residentBytes - before
        // One leaked tensor of 64 × 32 a step would be 80 MB, one leaked handle 2 MB.
        #expect(before > 0 && growth < 1 << 20, "grew by \(growth) bytes")
      }
    }

    @Test func `a large tensor goes when its last reference goes`() async {
      await #expect(processExitsWith: .success) {
        let before = ProcessMemory.residentBytes
        var keep: Tensor? = Tensor.ones([32 << 20])
        var view: Tensor? = keep?[0..<3]
        keep = nil
        #expect(ProcessMemory.residentBytes > before + (100 << 20), "the view holds the storage")
        #expect(view?.floats == [1, 1, 1])
        view = nil
        #expect(ProcessMemory.residentBytes < before + (20 << 20))
      }
    }
  }
#endif
