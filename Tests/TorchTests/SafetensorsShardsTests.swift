import Foundation
import TestSupport
import Testing
import Torch

@Suite("Tensors in several files with an index")
struct SafetensorsShardsTests {
  private let tensors: [(name: String, tensor: Tensor)] = (0..<5).map {
    ("layer.\($0).weight", Tensor.full([3, $0 + 1], value: .real(Double($0)), dtype: .float64))
  }

  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "shards-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func expectAll(_ shards: SafetensorsShards) throws {
    let found = try shards.tensors()
    #expect(Set(shards.names) == Set(tensors.map(\.name)))
    for (name, tensor) in tensors {
      #expect(found[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
  }

  @Test("Written in shards of at most so many bytes, they are read by folder and by index")
  func roundTrip() throws {
    try inFolder { folder in
      try SafetensorsShards.write(tensors, largestShard: 150, to: folder)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(
        files == [
          "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
          "model-00003-of-00003.safetensors", "model.safetensors.index.json",
        ])
      let shards = try SafetensorsShards(reading: folder)
      #expect(shards.files.count == 3)
      try expectAll(shards)
      try expectAll(SafetensorsShards(reading: folder.appending(path: files[3])))
      #expect(try shards.tensor("layer.4.weight").shape == [3, 5])
      #expect(throws: SafetensorsError.self) { try shards.tensor("other") }
    }
  }

  @Test("A single file is read the same way, by its name and by its folder")
  func single() throws {
    try inFolder { folder in
      let file = folder.appending(path: "model.safetensors")
      try SafetensorsFile.write(tensors, to: file)
      try expectAll(SafetensorsShards(reading: folder))
      try expectAll(SafetensorsShards(reading: file))
    }
  }

  @Test(
    "An index that does not fit its files, or leads out of its folder, is refused",
    arguments: [
      (#"{"weight_map": {"a": "../secret.safetensors"}}"#, "with a file beside the index"),
      (#"{"weight_map": {"a": "/etc/passwd"}}"#, "with a file beside the index"),
      (#"{"weight_map": {"a": ".."}}"#, "with a file beside the index"),
      (#"{"weight_map": {"a": "x", "a": "x"}}"#, "every name once"),
      (#"{"weight_map": {"other": "one.safetensors"}}"#, "this tensor in one.safetensors"),
      (#"{"weight_map": {"a": "gone.safetensors"}}"#, "gone.safetensors"),
      (#"{"metadata": {"total_size": 3}}"#, "a weight_map"),
      (#"{"weight_map": {}}"#, "a weight_map"),
      (#"{"weight_map": 3}"#, "the weight_map"), ("[]", "the index's object"),
      ("", "the index's object"),
      (#"{"weight_map": {"a": "one.safetensors"}} x"#, "nothing after"),
    ])
  func refusals(text: String, part: String) throws {
    try inFolder { folder in
      try SafetensorsFile.write(
        [("a", Tensor.ones([2]))], to: folder.appending(path: "one.safetensors"))
      let index = folder.appending(path: "model.safetensors.index.json")
      try Data(text.utf8).write(to: index)
      let error = #expect(throws: SafetensorsError.self) {
        try SafetensorsShards(reading: folder)
      }
      #expect(error?.description.contains(part) == true, "\(String(describing: error))")
      #expect(error?.path.hasPrefix(folder.path) == true)
    }
  }

  @Test("An empty folder names the file that it lacks")
  func empty() throws {
    try inFolder { folder in
      let error = #expect(throws: SafetensorsError.self) {
        try SafetensorsShards(reading: folder)
      }
      #expect(error?.path.hasSuffix("model.safetensors") == true)
    }
  }
}
