import Foundation
import TensorTestSupport
import TestSupport
import Testing

@testable import Torch

/// Files that PyTorch wrote; see `Tools/goldens/pytorch_files.py`.
@Suite struct PyTorchFileTests {
  private static func url(_ name: String) -> URL {
    let folder = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    return folder.appending(path: "Goldens/pytorch/\(name).pt")
  }

  private static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url(name)))
  }

  @Test(
    "every tensor is PyTorch's: types, views, shared storages, nesting, 64-bit archives",
    arguments: ["types", "views", "nested", "protocol4", "alone", "wide"])
  func contents(name: String) throws {
    let expected = try Goldens("pytorch/contents", in: .module)
    let file = try TensorFile(reading: Self.url(name))
    let names = expected.names.filter { $0.hasPrefix(name + "/") }
    #expect(Set(file.names.map { "\(name)/\($0)" }) == Set(names))
    for key in file.names {
      let (found, golden) = (try file.tensor(key), try expected["\(name)/\(key)"])
      #expect(found.shape == golden.shape && found.dtype == golden.dtype, "\(key)")
      #expect(found.withBytes { Array($0) } == golden.withBytes { Array($0) }, "\(key)")
    }
  }

  @Test func `numbers are there by their keys, and what no tensor can hold is listed`() throws {
    let nested = try TensorFile(reading: Self.url("nested"))
    #expect(nested.numbers["epoch"] == 7 && nested.numbers["best"] == -0.25)
    #expect(nested.numbers["large"] == Double(1 << 40) && nested.numbers["negative"] == -3)
    #expect(nested.optimizer == nil && nested.metadata.isEmpty)
    let unsigned = try TensorFile(reading: Self.url("unsigned"))
    #expect(unsigned["x"]?.dtypeName == "U16" && unsigned["x"]?.dtype == nil)
    #expect(try unsigned.tensor("y").floats == [1, 1])
    #expect(throws: SafetensorsError.self) { try unsigned.tensor("x") }
    #expect(throws: SafetensorsError.self) { try unsigned.tensor("z") }
  }

  @Test(
    "what is no file of tensors is refused with what to do",
    arguments: [
      ("module", "the Python name torch.nn.modules.linear.Linear; nothing of the file was run"),
      (
        "old",
        "convert it: python3 -c 'import torch; torch.save(torch.load(\"old.pt\", weights_only=True"
      ),
      ("script", "torch.jit.load"), ("compressed", "a compressed or encrypted entry"),
    ])
  func refusals(name: String, words: String) throws {
    let error = #expect(throws: SafetensorsError.self) { try TensorFile(reading: Self.url(name)) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix(Self.url(name).path) == true)
  }

  @Test func `a pickle that would run a program names it, and runs nothing`() throws {
    try withTemporaryFolder { folder in
      let trace = folder.appending(path: "was-run")
      let pickle = "\u{80}\u{2}cos\nsystem\nX"
      var bytes = Array(pickle.unicodeScalars.map { UInt8($0.value) })
      let command = Array("touch \(trace.path)".utf8)
      bytes += withUnsafeBytes(of: UInt32(command.count).littleEndian) { Array($0) } + command
      bytes += [0x85, UInt8(ascii: "R"), UInt8(ascii: ".")]
      var unpickler = Unpickler(bytes)
      let error = #expect(throws: SafetensorsProblem.self) { try unpickler.value() }
      #expect(error?.kind == .refusedGlobal && error?.found.contains("os.system") == true)
      #expect(!FileManager.default.fileExists(atPath: trace.path))
    }
  }

  @Test func `cycles, copies without end and repeated elements are refused`() throws {
    // A list that holds itself, in a dictionary.
    var cycle = Unpickler([0x80, 2] + Array("]q\u{0}h\u{0}a.".utf8))
    let root = try cycle.value()
    var listing = PyTorchListing(cycle)
    #expect(throws: SafetensorsProblem.self) { try listing.visit(root) }
    // A dictionary of a dictionary of … copied: each round takes ten bytes and doubles nothing, but adds all.
    let start = Array("}q\u{0}(".utf8) + (0..<200).flatMap { _ in Array("K\u{1}K\u{1}".utf8) }
    let copy = Array("ccollections\nOrderedDict\nh\u{0}".utf8) + [0x85] + Array("R0".utf8)
    let copies = (0..<100).flatMap { _ in copy }
    var growing = Unpickler([0x80, 2] + start + Array("u0".utf8) + copies + Array("N.".utf8))
    #expect(throws: SafetensorsProblem.self) { try growing.value() }
  }

  #if os(Linux)
    private static let words = [
      "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "ctorch._utils\n_rebuild_tensor_v2\n",
      "ctorch\nFloatStorage\n",
      "ccollections\nOrderedDict\n", "(", "]", "}", ")", "R", "Q", "u", "s", "a", "e", "q\u{1}",
      "h\u{1}", "t", "0", "2", "N.",
      "K\u{7f}", "data/0", "byteorder",
    ]

    /// An opcode of one byte makes a container, and an element of the stack, of the memo and of a list.
    private static func law(_ name: String) throws -> ParserLaw {
      let seeds = try ["types", "views", "nested", "protocol4", "wide"].map(bytes)
      guard name == "pickle" else {
        return ParserLaw(name, seeds: seeds, words: words, factor: 600, constant: 48 << 20)
      }
      let pickles = try ["types", "views", "nested", "protocol4"].map { name in
        let file = try ReadableFile(url(name).path)
        let directory = try ZipDirectory(file)
        let key = try #require(directory.entries.keys.first { $0.hasSuffix("data.pkl") })
        return try #require(try directory.bytes(of: key, in: file))
      }
      return ParserLaw(name, seeds: pickles, words: words, factor: 600, constant: 16 << 20)
    }

    @Test func `a damaged file of PyTorch is refused by name, or every tensor can be read`()
      async throws
    {
      let end = await #expect(processExitsWith: .success) {
        try Self.law("pytorch").check(isRefusal: { $0 is SafetensorsError || $0 is TorchError }) {
          input in
          let file = try TensorFile(reading: try input.file())
          for name in file.names where file[name]?.dtype != nil { _ = try file.tensor(name) }
        }
      }
      try Self.law("pytorch").explain(end == nil)
    }

    @Test func `a damaged pickle is refused, or gives a value that can be listed`() async throws {
      let end = await #expect(processExitsWith: .success) {
        try Self.law("pickle").check(isRefusal: { $0 is SafetensorsProblem }, naming: { _ in nil })
        { input in
          var unpickler = Unpickler(input.bytes)
          let root = try unpickler.value()
          var listing = PyTorchListing(unpickler)
          try listing.visit(root)
        }
      }
      try Self.law("pickle").explain(end == nil)
    }
  #endif
}
