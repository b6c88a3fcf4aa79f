import Foundation
import Plasticity
import TensorTestSupport
import TestSupport
import Testing
import Torch

@Suite struct FileInspectionTests {
  private func inspected(
    _ files: [URL], rate: Double? = nil, prefix: String = "", rankLimit: Int = 1_024
  ) throws -> FileInspection {
    var inspecting = try FileInspecting(
      files, learningRate: rate, prefix: prefix, rankLimit: rankLimit)
    while try inspecting.next() != nil {}
    #expect(inspecting.done == inspecting.total)
    return inspecting.result
  }

  private func write(
    _ tensors: [(name: String, tensor: Tensor)], _ name: String, in folder: URL
  ) throws -> URL {
    let url = folder.appendingPathComponent("\(name).safetensors")
    try SafetensorsFile.write(tensors, metadata: [:], to: url)
    return url
  }

  @Test func `norm, drift and implied rates of two files, by hand`() throws {
    try withTemporaryFolder { folder in
      let first = try write([("w", Tensor([3, 4] as [Float], shape: [1, 2]))], "a", in: folder)
      let second = try write([("w", Tensor([6, 8] as [Float], shape: [1, 2]))], "b", in: folder)
      let result = try inspected([first, second], rate: 0.1)
      let states = result.tensors[0].states.compactMap { $0 }
      #expect(states[0].norm == .value(5) && states[1].norm == .value(10))
      #expect(states[0].drift == nil)
      #expect(states[1].drift == .value(5))
      #expect(states[1].relativeDrift == .value(1))
      #expect(states[0].gradientDescentRate == .value(0.1 / 5 / 5))
      #expect(states[1].gradientDescentRate == .value(0.1 / 10 / 10))
      #expect(states[0].scaleFreeRate == .value(0.1 / 5))
      #expect(states[1].scaleFreeRate == .value(0.1 / 10))
      #expect(states[1].relativeGradientDescentRate == .value(0.25))
      #expect(states[1].relativeScaleFreeRate == .value(0.5))
      #expect(states[0].stableRank == .value(1) && states[0].effectiveRank == .value(1))
    }
  }

  @Test func `what another program wrote, in every type, agrees with NumPy`() throws {
    try withTemporaryFolder { folder in
      let text = try Python.run(
        """
        import json, sys, numpy as np
        from safetensors.numpy import save_file
        g = np.random.default_rng(0)
        a = {"f32": g.normal(size=(40, 30)), "f64": g.normal(size=(30, 70)), "f16": g.normal(size=(9, 4, 3, 3)),
             "vector": g.normal(size=5), "i64": g.integers(-9, 9, (3, 3)), "scalar": g.normal(size=())}
        types = {"f32": "f4", "f64": "f8", "f16": "f2", "vector": "f4", "i64": "i8", "scalar": "f4"}
        a = {k: np.asarray(v).astype(types[k]) for k, v in a.items()}
        b = {k: np.asarray(v + g.normal(size=v.shape) * 0.1).astype(v.dtype) for k, v in a.items()}
        save_file(a, sys.argv[1] + "/a.safetensors"); save_file(b, sys.argv[1] + "/b.safetensors")
        out = {}
        for k in a:
            x, y = a[k].astype("f8"), b[k].astype("f8")
            out[k] = {"norm": np.linalg.norm(y), "drift": np.linalg.norm(y - x)}
            if y.ndim > 1:
                s = np.linalg.svd(y.reshape(len(y), -1), compute_uv=False)
                p = s / s.sum()
                out[k] |= {"stable": (s ** 2).sum() / s[0] ** 2, "effective": np.exp(-(p * np.log(p)).sum())}
        print(json.dumps(out))
        """, [folder.path])
      let expected = try JSONDecoder().decode(
        [String: [String: Double]].self, from: Data(text.utf8))
      let files = ["a", "b"].map { folder.appendingPathComponent("\($0).safetensors") }
      for limit in [1_024, 3] {
        let result = try inspected(files, rankLimit: limit)
        #expect(Set(result.tensors.map(\.name)) == Set(expected.keys))
        for tensor in result.tensors {
          let state = try #require(tensor.states[1])
          let golden = try #require(expected[tensor.name])
          let name = "\(tensor.name) \(limit)"
          expectClose(try #require(state.norm.number), golden["norm"] ?? 0, relative: 1e-12, name)
          expectClose(
            try #require(state.drift?.number), golden["drift"] ?? 0, relative: 1e-12, name)
          guard tensor.name.hasPrefix("f") else {
            #expect(state.stableRank == nil && state.effectiveRank == nil)
            continue
          }
          let relative = limit == 3 ? 1e-3 : 1e-9
          expectClose(
            try #require(state.stableRank?.number), golden["stable"] ?? 0, relative: relative, name)
          if limit == 3 {
            guard case .undefined(.tooLarge)? = state.effectiveRank else {
              Issue.record("\(name): \(String(describing: state.effectiveRank))")
              continue
            }
          } else {
            expectClose(
              try #require(state.effectiveRank?.number), golden["effective"] ?? 0, relative: 1e-9,
              name)
          }
        }
      }
    }
  }

  @Test func `tensors that come, go, change shape, are zero or NaN are told by name`() throws {
    try withTemporaryFolder { folder in
      let nan = Tensor([1, .nan] as [Float])
      let first = try write(
        [
          ("gone", Tensor.ones([2])), ("zero", Tensor.zeros([2, 2])), ("nan", nan),
          ("shape", Tensor.ones([2])), ("complex", Tensor.ones([2], dtype: .complex64)),
          ("empty", Tensor.zeros([0, 3])),
        ], "a", in: folder)
      let second = try write(
        [("shape", Tensor.ones([3])), ("new", Tensor.ones([2])), ("zero", Tensor.ones([2, 2]))],
        "b", in: folder)
      let result = try inspected([first, second])
      func states(_ name: String) -> [FileInspection.TensorState?] {
        result.tensors.first { $0.name == name }?.states ?? []
      }
      #expect(states("gone").map { $0 == nil } == [false, true])
      #expect(states("new").map { $0 == nil } == [true, false])
      #expect(states("new")[1]?.drift == nil)
      guard case .undefined(.zero)? = states("zero")[0]?.stableRank,
        case .undefined(.zero)? = states("zero")[0]?.scaleFreeRate,
        case .undefined(.zero)? = states("zero")[1]?.relativeDrift,
        case .undefined(.notFinite)? = states("nan")[0]?.norm,
        case .undefined(.notGiven)? = states("shape")[1]?.drift,
        case .undefined(.notGiven)? = states("complex")[0]?.norm
      else {
        Issue.record("\(result)")
        return
      }
      #expect(states("zero")[1]?.drift == .value(2))
      #expect(states("empty")[0]?.norm == .value(0))
      let data = try JSONEncoder().encode(result)
      let back = try JSONDecoder().decode(FileInspection.self, from: data)
      #expect(back.tensors.map(\.states) == result.tensors.map(\.states))
    }
  }

  @Test func `a prefix chooses tensors`() throws {
    try withTemporaryFolder { folder in
      let file = try write(
        [("network.a", Tensor.ones([2])), ("optimizer.a", Tensor.ones([2]))], "a", in: folder)
      #expect(try inspected([file], prefix: "network.").tensors.map(\.name) == ["network.a"])
      #expect(try inspected([file], prefix: "other").tensors.isEmpty)
    }
  }

  @Test func `large tensors are summed block by block to the same digits`() throws {
    try withTemporaryFolder { folder in
      // More than one block of 2²² elements.
      let large = Tensor.normal([5, 1 << 20], generator: Generator(seed: 1))
        .converted(to: .bfloat16)
      let file = try write([("large", large)], "a", in: folder)
      let state = try #require(try inspected([file]).tensors[0].states[0])
      let exact = large.converted(to: .float64)
      expectClose(try #require(state.norm.number), exact.vectorNorm().item, relative: 1e-12)
      let values = exact.singularValues().doubles
      let squares = values.reduce(0) { $0 + $1 * $1 }
      expectClose(
        try #require(state.stableRank?.number), squares / (values.max() ?? 0) / (values.max() ?? 0),
        relative: 1e-9)
    }
  }

  @Test func `files are taken in the order of their numbers, which are the steps`() {
    func series(_ names: String...) -> (names: [String], steps: [Int]?) {
      let found = CheckpointSeries(names.map { URL(fileURLWithPath: "/run-7/\($0)") })
      return (found.files.map(\.lastPathComponent), found.steps)
    }
    let shell = series("step_100000.safetensors", "step_20000.safetensors", "step_3.safetensors")
    #expect(
      shell.names == ["step_3.safetensors", "step_20000.safetensors", "step_100000.safetensors"])
    #expect(shell.steps == [3, 20_000, 100_000])
    // The last number that differs counts, as long as it rises.
    #expect(series("e2-s40", "e1-s9", "e1-s10").names == ["e1-s9", "e1-s10", "e2-s40"])
    #expect(series("e2-s40", "e1-s9", "e1-s10").steps == [9, 10, 40])
    #expect(series("e2-s4", "e1-s9").names == ["e1-s9", "e2-s4"])
    #expect(series("e2-s4", "e1-s9").steps == nil)
    // Names that are not alike but for numbers stay where they were put.
    #expect(series("b", "a").names == ["b", "a"] && series("b", "a").steps == nil)
    #expect(series("last", "step_3").names == ["last", "step_3"])
    #expect(series("step_3").steps == nil)
    #expect(series("x18446744073709551616", "x5").steps == nil)
  }

  @Test func `a type that is not known has no numbers, and the other tensors have theirs`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("later.safetensors")
      let header =
        #"{"w":{"dtype":"F3_E1M1","shape":[3,3],"data_offsets":[0,4]},"#
        + #""x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
      var bytes = Data()
      withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: Data(header.utf8))
      bytes.append(contentsOf: [0, 0, 0, 0])
      withUnsafeBytes(of: Float(2)) { bytes.append(contentsOf: $0) }
      try bytes.write(to: file)
      let result = try inspected([file])
      #expect(result.tensors.map(\.name) == ["w", "x"])
      let (unknown, known) = (
        try #require(result.tensors[0].states[0]), try #require(result.tensors[1].states[0])
      )
      #expect(unknown.dtype == "F3_E1M1" && unknown.norm.number == nil)
      #expect(unknown.norm.reason.map { "\($0)" }?.contains("F3_E1M1") == true)
      #expect(known.norm == .value(2))
    }
  }

  @Test func `what counts has no learning rate`() throws {
    try withTemporaryFolder { folder in
      let file = try write(
        [
          ("weight", Tensor([3, 4] as [Float], shape: [1, 2])),
          ("step", Tensor([7] as [Float], shape: [])),
          ("seen", Tensor([5, 6] as [Int64])),
        ], "a", in: folder)
      let result = try inspected([file, file], rate: 0.1)
      for tensor in result.tensors {
        for state in tensor.states.compactMap({ $0 }) {
          let rates = [
            state.gradientDescentRate, state.scaleFreeRate, state.relativeGradientDescentRate,
            state.relativeScaleFreeRate,
          ]
          #expect(rates.allSatisfy { ($0 != nil) == (tensor.name == "weight") }, "\(tensor.name)")
          #expect(state.norm.number != nil)
        }
        #expect(tensor.states[1]?.drift == .value(0))
      }
    }
  }
}
