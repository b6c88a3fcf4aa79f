import Foundation
import TestSupport
import Testing
import Torch

@Suite struct SafetensorsFileTests {
  /// Every type that a file can hold, as raw bytes that are values of it.
  private func everyType() -> [(name: String, tensor: Tensor)] {
    DType.allCases.filter { $0 != .complex128 }.map { dtype in
      let bytes = (0..<(6 * dtype.byteCount)).map {
        dtype == .bool ? UInt8($0 % 2) : UInt8(truncatingIfNeeded: $0 &* 89 &+ 3)
      }
      let tensor = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [2, 3], dtype: dtype) }
      return ("of \(dtype)", tensor)
    }
  }

  @Test(arguments: [true, false])
  func `every type, scalars and empty tensors come back bit for bit`(checksum: Bool) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "all.safetensors")
      let extra: [(name: String, tensor: Tensor)] = [
        ("scalar", Tensor(2.5)), ("empty", .zeros([0])), ("empty too", .zeros([3, 0, 2])),
        ("truth", Tensor([true], shape: [])), ("", Tensor([Float.nan])),
        ("näme \"quoted\" \\ \n \u{1} 🦆", Tensor([1] as [Int])),
      ]
      let all = everyType() + extra
      let metadata = ["a": "b", "": "empty key", "ключ": "line\nend\t\u{7f}\\\"", "z": ""]
      #expect(
        try SafetensorsFile.write(all, metadata: metadata, to: url, checksum: checksum) == [:])
      let file = try SafetensorsFile(reading: url)
      #expect(file.names == all.map(\.name))
      #expect(file.metadata == metadata)
      #expect(file.tied == [:])
      #expect((file.checksum != nil) == checksum)
      for (name, tensor) in all {
        #expect(file[name]?.shape == tensor.shape && file[name]?.dtype == tensor.dtype)
        #expect(try file.tensor(name).isIdentical(to: tensor), "\(name)")
      }
      #expect(try file.tensors().count == all.count)
    }
  }

  @Test func `a file without tensors, or without anything, is a file`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "none.safetensors")
      try SafetensorsFile.write([], to: url, checksum: false)
      #expect(try Data(contentsOf: url).count == 16)
      #expect(try SafetensorsFile(reading: url).entries == [])
      try SafetensorsFile.write([], metadata: ["only": "this"], to: url)
      #expect(try SafetensorsFile(reading: url).metadata == ["only": "this"])
    }
  }

  @Test func `the header is padded, and every tensor aligned to its elements`() throws {
    try withTemporaryFolder { folder in
      for length in 0..<9 {
        let url = folder.appending(path: "aligned.safetensors")
        let odd = Tensor([true, false, true])
        try SafetensorsFile.write(
          [("odd", odd)] + everyType(), metadata: ["k": String(repeating: "x", count: length)],
          to: url)
        let header = try Data(contentsOf: url).prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(header % 8 == 0)
        for entry in try SafetensorsFile(reading: url).entries {
          #expect(entry.offset % (entry.byteCount / entry.shape.reduce(1, *)) == 0)
        }
      }
    }
  }

  @Test func `views and tensors that require gradients are written by value`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "views.safetensors")
      let x = Tensor.range(from: 0, to: 6).converted(to: .float32).reshaped(to: [2, 3])
      let leaf = x.requiringGradient()
      let all: [(name: String, tensor: Tensor)] = [
        ("turned", x.transposed()), ("row", x[1]), ("leaf", leaf * 2),
        ("expanded", x[0..<1].expanded(to: [4, 3])),
      ]
      try SafetensorsFile.write(all, to: url)
      let file = try SafetensorsFile(reading: url)
      for (name, tensor) in all { #expect(try file.tensor(name).floats == tensor.floats) }
    }
  }

  @Test func `tied tensors are written each, and reported by writer and reader`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "tied.safetensors")
      let table = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
      let all: [(name: String, tensor: Tensor)] = [
        ("embedding", table), ("other", table.cloned()), ("head", table.detached()),
        ("head again", table), ("turned", table.transposed()), ("first row", table[0]),
        ("empty", .zeros([0])), ("empty too", .zeros([0])),
      ]
      let tied = ["head": "embedding", "head again": "embedding"]
      #expect(try SafetensorsFile.write(all, to: url) == tied)
      let file = try SafetensorsFile(reading: url)
      #expect(file.tied == tied)
      #expect(file.metadata == [:])
      #expect(try file.tensor("head").isIdentical(to: table))
    }
  }

  @Test func `the same content gives the same bytes`() throws {
    try withTemporaryFolder { folder in
      let files = try ["a", "b"].map { name in
        let url = folder.appending(path: name)
        let metadata = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key \($0)", "\($0)") })
        try SafetensorsFile.write(everyType(), metadata: metadata, to: url)
        return try Data(contentsOf: url)
      }
      #expect(files[0] == files[1])
    }
  }

  @Test func `a file replaced while it is open is read to the end as it was`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "replaced")
      try SafetensorsFile.write([("x", Tensor([1] as [Float]))], to: url)
      let file = try SafetensorsFile(reading: url)
      try SafetensorsFile.write([("x", Tensor([2] as [Float]))], to: url)
      #expect(try file.tensor("x").item == 1)
      #expect(try SafetensorsFile(reading: url).tensor("x").item == 2)
    }
  }

  @Test func `names and types that cannot be written are refused, and nothing is touched`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "kept")
      try SafetensorsFile.write([("x", Tensor([1] as [Float]))], to: url)
      let x = Tensor([5] as [Float])
      func kind(_ all: [(name: String, tensor: Tensor)], _ metadata: [String: String] = [:])
        -> SafetensorsError.Kind?
      {
        let error = #expect(throws: SafetensorsError.self) {
          try SafetensorsFile.write(all, metadata: metadata, to: url)
        }
        #expect(error?.path == url.path && error?.advice.isEmpty == false)
        return error?.kind
      }
      #expect(kind([("x", x), ("x", x)]) == .invalidName)
      #expect(kind([("__metadata__", x)]) == .invalidName)
      #expect(kind([("x", x)], ["nap.checksum": "mine"]) == .invalidName)
      #expect(kind([("x", .zeros([1], dtype: .complex128))]) == .unsupportedType)
      #expect(try SafetensorsFile(reading: url).tensor("x").item == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept"])
    }
  }

  @Test func `a missing file, a folder and a missing tensor are told apart`() throws {
    try withTemporaryFolder { folder in
      let missing = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(reading: folder.appending(path: "none"))
      }
      #expect(missing?.kind == .unreadable && missing?.path.hasSuffix("/none") == true)
      let directory = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(reading: folder)
      }
      #expect(directory?.kind == .unreadable)
      let url = folder.appending(path: "few")
      try SafetensorsFile.write([("weight", Tensor(1)), ("bias", Tensor(2))], to: url)
      let error = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile(reading: url).tensor("wieght")
      }
      #expect(error?.kind == .missingTensor && error?.tensor == "wieght")
      #expect(error?.found.contains("weight, bias") == true)
      #expect(error?.description.contains("\(url.path): tensor \"wieght\": expected") == true)
    }
  }

  #if os(Linux)
    @Test func `a file is written and read tensor by tensor, whatever its size`() async {
      await #expect(processExitsWith: .success) {
        try withTemporaryFolder { folder in
          let url = folder.appending(path: "large")
          // One storage of 32 MiB under twelve names: 384 MiB on the disk.
          let part = Tensor.ones([8 << 20])
          let before = ProcessMemory.residentBytes
          let names = (0..<12).map { "part \($0)" }
          #expect(try SafetensorsFile.write(names.map { ($0, part) }, to: url).count == 11)
          let file = try SafetensorsFile(reading: url)
          for name in names { #expect(try file.tensor(name).sum().item == Double(8 << 20)) }
          let most = ProcessMemory.peakBytes - before
          #expect(before > 0 && most < 112 << 20, "\(most >> 20) MiB for tensors of 32 MiB")
        }
      }
    }
  #endif
}
