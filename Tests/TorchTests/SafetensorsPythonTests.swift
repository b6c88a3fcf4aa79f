import Foundation
import TestSupport
import Testing
import Torch

/// Files go to Python's own library and come from it.
@Suite struct SafetensorsPythonTests {
  private static let types: [DType: String] = [
    .bool: "BOOL", .uint8: "U8", .int8: "I8", .int16: "I16", .int32: "I32", .int64: "I64",
    .float16: "F16", .bfloat16: "BF16", .float32: "F32", .float64: "F64", .complex64: "C64",
  ]

  private func hexadecimal(_ tensor: Tensor) -> String {
    tensor.withBytes { $0.map { String(0x100 | Int($0), radix: 16).dropFirst() }.joined() }
  }

  @Test func `Python reads every type, scalars, empty tensors and metadata`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "swift.safetensors")
      var all: [(name: String, tensor: Tensor)] = Self.types.keys.map { dtype in
        let tensor = Tensor([1, 0, 3, 7, 0, 2] as [Float], shape: [2, 3]).converted(to: dtype)
        return ("of \(dtype)", tensor)
      }
      all += [("scalar", Tensor(2.5)), ("empty", .zeros([3, 0])), ("naïve \"\\\n🦆", Tensor(1))]
      try SafetensorsFile.write(all, metadata: ["quote": "\"\\\n\u{1}é"], to: url)
      let printed = try Python.run(
        """
        import json, sys, safetensors
        with safetensors.safe_open(sys.argv[1], "numpy") as file:
            metadata = file.metadata()
        content = open(sys.argv[1], "rb").read()
        tensors = {name: [t["dtype"], t["shape"], bytes(t["data"]).hex()]
                   for name, t in safetensors.deserialize(content)}
        print(json.dumps([metadata["quote"], tensors]))
        """, [url.path])
      let object = try JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [Any]
      #expect(object?.first as? String == "\"\\\n\u{1}é")
      let tensors = try #require(object?.last as? [String: [Any]])
      #expect(tensors.count == all.count)
      for (name, tensor) in all {
        let row = try #require(tensors[name], "\(name)")
        #expect(row[0] as? String == Self.types[tensor.dtype])
        #expect(row[1] as? [Int] == tensor.shape)
        #expect(row[2] as? String == hexadecimal(tensor))
      }
    }
  }

  @Test func `numpy gets the values, not only the bytes`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "values.safetensors")
      try SafetensorsFile.write(
        [
          ("b", Tensor([true, false, true])), ("x", Tensor([1.5, -2] as [Double])),
          ("h", Tensor([0.5, 65504] as [Float], dtype: .float16)), ("i", Tensor([Int.min, 3])),
        ], to: url)
      let printed = try Python.run(
        """
        import sys, safetensors.numpy
        t = safetensors.numpy.load_file(sys.argv[1])
        print(t["b"].tolist(), t["x"].tolist(), t["h"].tolist(), t["i"].tolist())
        """, [url.path])
      #expect(
        printed == "[True, False, True] [1.5, -2.0] [0.5, 65504.0] [-9223372036854775808, 3]\n")
    }
  }

  @Test func `what Python writes is read: types, scalars, empty tensors and metadata`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "python.safetensors")
      let printed = try Python.run(
        #"""
        import json, sys, numpy as np, safetensors, safetensors.numpy
        kinds = {"bool": np.bool_, "uint8": np.uint8, "int8": np.int8, "int16": np.int16, "int32": np.int32,
                 "int64": np.int64, "float16": np.float16, "float32": np.float32, "float64": np.float64,
                 "complex64": np.complex64}
        t = {name: np.array([[1, 0, 3], [7, 0, 2]]).astype(kind) for name, kind in kinds.items()}
        t["scalar"] = np.array(2.5, np.float32); t["empty"] = np.zeros((3, 0), np.float32)
        t["na\u00efve \"\\\n\U0001f986"] = np.arange(3)
        safetensors.numpy.save_file(t, sys.argv[1], {"quote": "\"\\\n\x01\u00e9", "": ""})
        print(json.dumps({k: [list(v.shape), v.tobytes().hex()] for k, v in t.items()}))
        """#, [url.path])
      let expected = try #require(
        try JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: [Any]])
      let file = try SafetensorsFile(reading: url)
      #expect(file.metadata == ["quote": "\"\\\n\u{1}é", "": ""])
      #expect(file.checksum == nil)
      #expect(Set(file.names) == Set(expected.keys) && expected.count == 13)
      for (name, row) in expected {
        let tensor = try file.tensor(name)
        #expect(tensor.shape == row[0] as? [Int])
        #expect(hexadecimal(tensor) == row[1] as? String)
        if let dtype = DType(rawValue: name) { #expect(tensor.dtype == dtype) }
      }
      #expect(try file.tensor("int32").integers == [1, 0, 3, 7, 0, 2])
    }
  }

  @Test func `bfloat16 written by Python keeps its bits`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "half.safetensors")
      _ = try Python.run(
        """
        import sys, numpy, safetensors
        data = numpy.array([0x80, 0x3f, 0x49, 0xc0], numpy.uint8)
        spec = safetensors.TensorSpec(dtype="bfloat16", shape=[2], data_ptr=data.ctypes.data, data_len=4)
        safetensors.serialize_file({"x": spec}, sys.argv[1])
        """, [url.path])
      let x = try SafetensorsFile(reading: url).tensor("x")
      #expect(x.dtype == .bfloat16 && x.doubles == [1, -3.140625])
    }
  }

  @Test func `a header that the reference reader opens opens here`() throws {
    let x = #""x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]"#
    let headers = [
      "{\(x)}}", "  \n\t{\(x)}}", "{\(x)}} \r\n ", "{\"__metadata__\":null,\(x)}}",
      "{\(x)},\"__metadata__\": null }", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"},\(x)}}",
      "{\"__metadata__\":{\"a\":null},\(x)}}", "{\"__metadata__\":{\"a\":1},\(x)}}",
      "{\(x),\"quantization\":{\"bits\":4,\"scales\":[1.5e-3,-2,0],\"none\":null}}}",
      "{\(x),\"a\":true,\"a\":false,\"b\":\"\\u00e9\",\"c\":[],\"d\":{}}}", "{\(x),\"a\":01}}",
      "{\(x),\"a\":[1,]}}", "{\(x),\"a\":tru}}", "{\(x),\"a\":1.}}", "{\(x),\"a\":1e}}",
      "{\(x),\"deep\":\(String(repeating: "[", count: 90))\(String(repeating: "]", count: 90))}}",
      "\u{FEFF}{\(x)}}", "[{\(x)}}]", "{\(x)}}}",
    ]
    try withTemporaryFolder { folder in
      for (number, header) in headers.enumerated() {
        var bytes = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += Data(header.utf8) + Data(count: 8)
        try bytes.write(to: folder.appending(path: "\(number).safetensors"))
      }
      let text = try Python.run(
        """
        import sys
        from safetensors import safe_open
        for number in range(int(sys.argv[2])):
            try:
                file = safe_open(f"{sys.argv[1]}/{number}.safetensors", "np")
                print("yes", list(file.keys()), sorted((file.metadata() or {}).items()))
            except Exception:
                print("no")
        """, [folder.path, "\(headers.count)"])
      let answers = text.split(separator: "\n").map(String.init)
      #expect(answers.count == headers.count && answers.contains("no"))
      for (number, answer) in answers.enumerated() {
        let url = folder.appending(path: "\(number).safetensors")
        let file = try? SafetensorsFile(reading: url)
        #expect((file == nil) == (answer == "no"), "\(headers[number]): \(answer)")
        guard let file else { continue }
        let metadata = file.metadata.sorted { $0.key < $1.key }.map {
          "('\($0.key)', '\($0.value)')"
        }
        #expect(answer == "yes ['x'] [\(metadata.joined(separator: ", "))]")
        #expect(try file.tensor("x").array(of: Float.self) == [0, 0])
      }
    }
  }
}
