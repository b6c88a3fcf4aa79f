import Foundation
import Texts

/// A file that `torch.save` wrote, opened and checked; tensors are read one at a time.
///
/// The archive and its pickle are read as data: nothing of the file is run (``Unpickler``). Tensors stand under their
/// keys, joined by dots through dictionaries and lists; views of one storage are read each by itself, with their offset
/// and strides. Memory is that of the pickle, some hundred times its size at most, and of the tensor that is read.
///
/// Source: pytorch/pytorch, `torch/serialization.py`; `caffe2/serialize/inline_container.cc` for the archive.
package struct PyTorchFile {
  /// The tensors in the order of the file.
  package let entries: [SafetensorsFile.Entry]
  /// What an optimizer's `state_dict()` in the file says; the first where there are several.
  package let optimizer: SavedOptimizer?
  /// Whole numbers and fractions of dictionaries, by their keys joined by dots: `epoch`, `global_step`.
  package let numbers: [String: Double]

  private let url: URL
  private let file: ReadableFile
  private let places: [String: Unpickler.TensorPlace]
  private let directory: ZipDirectory
  private let folder: String

  init(_ url: URL, _ file: ReadableFile) throws {
    (self.url, self.file) = (url, file)
    directory = try ZipDirectory(file)
    guard !directory.compressed.contains(where: { $0.hasSuffix("/data.pkl") }) else {
      throw SafetensorsProblem(
        kind: .unsupportedType, expected: "an archive without compression",
        found: "a compressed or encrypted entry", advice: "write it with torch.save")
    }
    let pickles = directory.entries.keys.filter { $0.hasSuffix("/data.pkl") }.sorted()
    guard let name = pickles.first, pickles.count == 1 else {
      throw SafetensorsProblem(
        expected: "an archive of torch.save with one data.pkl", found: "\(pickles.count)",
        advice: "take a file that torch.save or safetensors wrote")
    }
    folder = String(name.dropLast("data.pkl".count))
    guard directory.entries[folder + "constants.pkl"] == nil else {
      throw SafetensorsProblem(
        kind: .unsupportedType, expected: "tensors", found: "a TorchScript program",
        advice: "write its tensors: torch.save(torch.jit.load(\"…\").state_dict(), \"model.pt\")")
    }
    let order = try directory.bytes(of: folder + "byteorder", in: file) ?? Array("little".utf8)
    guard order == Array("little".utf8) else {
      throw SafetensorsProblem(
        kind: .unsupportedType, expected: "bytes in little-endian order",
        found: Excerpt.of(String(decoding: order, as: UTF8.self)),
        advice: "write it again with torch.serialization.set_default_load_endianness")
    }
    guard directory.entries[name].map({ $0.count <= ZipDirectory.limit }) == true else {
      throw SafetensorsProblem(
        kind: .wrongLength, expected: "a pickle of at most \(ZipDirectory.limit) bytes",
        found: "more",
        advice: "write the tensors alone: torch.save(model.state_dict(), \"model.pt\")")
    }
    var unpickler = Unpickler(try directory.bytes(of: name, in: file) ?? [])
    let root = try unpickler.value()
    var listing = PyTorchListing(unpickler)
    try listing.visit(root)
    (numbers, optimizer, places) = (listing.numbers, listing.optimizer, listing.places)
    let (sizes, prefix) = (directory.entries, folder)
    entries = try listing.names.compactMap { name in
      try listing.places[name].map { place in
        try Self.entry(name, place, sizes[prefix + "data/" + place.storage])
      }
    }
  }

  /// What can be said of a tensor, once it is known to lie in its storage.
  private static func entry(
    _ name: String, _ place: Unpickler.TensorPlace, _ storage: Range<Int>?
  ) throws -> SafetensorsFile.Entry {
    let type = SafetensorsType(pyTorchName: place.type)
    let bytes = (type?.bitCount ?? 8) / 8
    guard let storage else {
      throw SafetensorsProblem(
        kind: .missingTensor, tensor: name, expected: "the bytes of its storage", found: "none",
        advice: "the file is damaged: copy or write it again")
    }
    guard place.offset >= 0, (place.shape + place.strides).allSatisfy({ $0 >= 0 }),
      let last = place.lastElement,
      let size = type.map({ SafetensorsHeader.byteCount(of: $0, place.shape) })
        ?? place.elementCount,
      size == 0 || type == nil || last < storage.count / bytes
    else {
      throw SafetensorsProblem(
        kind: .wrongLayout, tensor: name,
        expected: "elements within a storage of \(storage.count) bytes",
        found:
          "\(place.type), shape \(place.shape), strides \(place.strides), offset \(place.offset)",
        advice: "the file is damaged: copy or write it again")
    }
    return SafetensorsFile.Entry(
      name: name, type: type, shape: place.shape, offset: storage.lowerBound, byteCount: size,
      dtypeName: type?.rawValue ?? place.type)
  }

  /// Reads one tensor in row-major order.
  func tensor(_ entry: SafetensorsFile.Entry) throws -> Tensor {
    guard let place = places[entry.name], let dtype = entry.dtype,
      let storage = directory.entries[folder + "data/" + place.storage]
    else {
      throw SafetensorsProblem(
        kind: .unsupportedType, tensor: entry.name, expected: "a type that tensors have here",
        found: entry.dtypeName, advice: "convert the tensor to another type")
    }
    guard entry.byteCount > 0, let last = place.lastElement else {
      return try withTorchErrors { Tensor.zeros(place.shape, dtype: dtype) }
    }
    // An expanded tensor repeats elements; one that repeats them beyond measure is no model's.
    guard entry.byteCount <= storage.count + (4 << 20) else {
      throw SafetensorsProblem(
        kind: .wrongLayout, tensor: entry.name,
        expected: "at most \(storage.count) bytes and 4 MiB, as its storage has",
        found: "\(entry.byteCount), elements that are repeated",
        advice: "write a copy: torch.save({name: t.clone() for name, t in tensors.items()}, …)")
    }
    let count = last - place.offset + 1
    let flat = try withTorchErrors { Tensor.uninitialized([count], dtype: dtype) }
    try flat.withMutableBytes {
      try file.read($0, at: storage.lowerBound + place.offset * dtype.byteCount)
    }
    if dtype == .bool, let byte = flat.withBytes({ $0.first { $0 > 1 } }) {
      throw SafetensorsProblem(
        kind: .invalidValues, tensor: entry.name, expected: "bytes 0 and 1 in a BOOL tensor",
        found: "byte \(byte)", advice: "the file is damaged: copy or write it again")
    }
    return try withTorchErrors {
      guard !place.isContiguous else { return flat.reshaped(to: place.shape) }
      var indices = Tensor.zeros(place.shape, dtype: .int64)
      for (axis, (size, stride)) in zip(place.shape, place.strides).enumerated() {
        var shape = [Int](repeating: 1, count: place.shape.count)
        shape[axis] = size
        indices = indices + Tensor((0..<size).map { $0 * stride }, shape: shape)
      }
      return flat.selected(axis: 0, indices: indices.reshaped(to: [-1])).reshaped(to: place.shape)
    }
  }
}

extension Unpickler.TensorPlace {
  /// Elements; `nil` where they do not fit an `Int`.
  var elementCount: Int? {
    shape.reduce(1) { total, size in
      total.flatMap { total in
        let (product, overflow) = total.multipliedReportingOverflow(by: size)
        return overflow ? nil : product
      }
    }
  }

  /// The place of the last element in the storage; `nil` where it does not fit an `Int`.
  var lastElement: Int? {
    var last = offset
    for (size, stride) in zip(shape, strides) where size > 1 {
      let (reach, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, more) = last.addingReportingOverflow(reach)
      if overflow || more { return nil }
      last = sum
    }
    return last
  }

  /// Whether the elements lie in row-major order without holes.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }
}
