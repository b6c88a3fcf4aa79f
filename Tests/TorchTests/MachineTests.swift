import Foundation
import TensorTestSupport
import TestSupport
import Testing

@testable import Torch

@Suite struct MachineTests {
  @Test func `the version is one that is supported`() {
    let parts = Machine.libtorchVersion.split(separator: ".").compactMap { Int($0) }
    #expect(parts.count >= 2 && parts[0] == 2 && (11...13).contains(parts[1]))
  }

  @Test func `the libraries of libtorch are named with their versions`() throws {
    #expect(Machine.libtorchPath.contains("libtorch_cpu"))
    let libraries = Machine.kernelLibraries
    #expect(libraries.map(\.name) == ["oneDNN", "MKL", "OpenMP", "vector instructions"])
    let oneDNN = try #require(libraries[0].version)
    #expect(oneDNN.split(separator: ".").allSatisfy { Int($0) != nil }, "\(oneDNN)")
  }

  @Test(arguments: [
    ("Intel(R) MKL-DNN v3.11.2 (Git Hash 0badc0de)", "3.11.2"),
    ("Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 2024", "2024.2"),
    ("OpenMP 201511 (a.k.a. OpenMP 4.5)", "201511"), ("AVX512", "AVX512"),
    ("MKL not found", nil), ("", nil),
  ])
  func `a version is read from a library's own words`(words: String, version: String?) {
    #expect(Machine.version(in: words) == version)
  }

  @Test func `as many threads compute as were asked for`() async {
    // In a process of its own: the setting belongs to the whole process.
    await #expect(processExitsWith: .success) {
      func work() { _ = Tensor.ones([4_000_000]).exponential().sum().item }
      Machine.threadCount = 1
      #expect(Machine.threadCount == 1)
      work()
      let alone = ProcessMemory.threadCount
      Machine.threadCount = 4
      #expect(Machine.threadCount == 4)
      work()
      #if os(Linux)
        let together = ProcessMemory.threadCount
        #expect(together >= alone + 3, "\(alone), then \(together)")
      #endif
    }
  }

  @Test func `an absurd number of threads is refused and changes nothing`() async {
    await #expect(processExitsWith: .success) {
      let before = Machine.threadCount
      #expect(throws: TorchError.self) { try withTorchErrors { Machine.threadCount = 0 } }
      #expect(throws: TorchError.self) { try withTorchErrors { Machine.threadCount = -3 } }
      #expect(Machine.threadCount == before)
    }
  }

  @Test func `results do not depend on the number of threads, up to rounding`() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.normal([300, 301], generator: Generator(seed: 1), dtype: .float64)
      func result() -> Tensor { x.matrixProduct(x.transposed()).softmax(axis: 1).sum(axes: [0]) }
      Machine.threadCount = 1
      let alone = result()
      Machine.threadCount = 4
      expectClose(result(), alone, relative: 1e-10)
    }
  }

  @Test func `numbers too small for full precision are flushed when asked`() async {
    await #expect(processExitsWith: .success) {
      let tiny = Tensor([Double.leastNormalMagnitude / 4])
      #expect((tiny * 0.5).item > 0)
      if Machine.flushDenormals(true) { #expect((tiny * 0.5).item == 0) }
      Machine.flushDenormals(false)
      #expect((tiny * 0.5).item > 0)
    }
  }

  #if os(Linux)
    @Test func `a configured allocator keeps the memory of one step for the next`() async {
      await #expect(processExitsWith: .success) {
        // Below 64 MiB, where the heaps end that glibc makes for threads other than the first.
        func residentAfterTensor() -> Int {
          _ = Tensor.ones([4 << 20]).sum().item
          return ProcessMemory.residentBytes
        }
        let before = residentAfterTensor()
        Machine.configureAllocator()
        let after = residentAfterTensor()
        #expect(after > before + (12 << 20), "16 MiB were to be kept: \(before), then \(after)")
      }
    }
  #endif
}
