import Foundation
import TestSupport
import Testing
import Texts

@testable import Torch

/// Files that lie. Every one must be an error of the right kind, never a crash or a wrong tensor.
@Suite struct SafetensorsHeaderTests {
  static let x = #""x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  /// A file from a header's text and data, or from a length that lies.
  private func file(_ header: [UInt8], _ data: Int = 8, length: UInt64? = nil) -> Data {
    var bytes = Data()
    withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian) {
      bytes.append(contentsOf: $0)
    }
    bytes.append(contentsOf: header)
    bytes.append(contentsOf: repeatElement(0, count: data))
    return bytes
  }

  private func error(_ content: Data) throws -> SafetensorsError? {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "lie.safetensors")
      try content.write(to: url)
      do {
        let file = try SafetensorsFile(reading: url)
        for name in file.names { _ = try file.tensor(name) }
        return nil
      } catch let error as SafetensorsError {
        #expect(error.path == url.path && !error.advice.isEmpty && !error.found.isEmpty)
        return error
      }
    }
  }

  @Test func `the honest file on which the lies are built can be read`() throws {
    #expect(try error(file(Array("{\(Self.x)}".utf8))) == nil)
    #expect(try error(file(Array(" ".utf8))) != nil)
    let spaced = "{ \"x\" :\n{ \"shape\":[ 2 ],\t\"data_offsets\" : [0 , 8],\"dtype\":\"F32\"} }  "
    #expect(try error(file(Array(spaced.utf8))) == nil)
    let escaped = #"{"\u0078\ud83e\udd86\n\/":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    #expect(try error(file(Array(escaped.utf8))) == nil)
  }

  @Test(
    arguments: [
      ("", 0, nil), ("{}", 0, UInt64(3)), ("{}", 0, 1 << 40), ("{}", 0, .max), ("{}", 0, 1 << 63),
    ] as [(String, Int, UInt64?)])
  func `a file too short for its header is of wrong length`(
    header: String, data: Int, length: UInt64?
  ) throws {
    #expect(try error(file(Array(header.utf8), data, length: length))?.kind == .wrongLength)
  }

  @Test func `a file cut off anywhere is refused, and so is one with more at its end`() throws {
    let whole = file(Array("{\(Self.x)}".utf8))
    for count in 0..<whole.count {
      #expect(try error(whole.prefix(count)) != nil, "cut to \(count) bytes")
    }
    #expect(try error(whole + [0])?.kind == .wrongLength)
  }

  @Test(arguments: [
    "[]", "{", "{}}", "{}x", "{\"a\"}", "{\"a\":1}", "{\"a\":{}}", "null", "{,}",
    "{\(x),}", "{\(x) \(x)}", "{\"__metadata__\":{\"a\":1},\(x)}", "{\"__metadata__\":[],\(x)}",
    "{\"__metadata__\":{},\"__metadata__\":{},\(x)}",
    "{\(x),\(x)}",
    #"{"x":{"dtype":"F32","shape":[2]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":01}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":{"a"}}}"#,
    #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":nul}}"#,
    "{\"__metadata__\":{\"a\":null},\(x)}",
    #"{"x":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[2,],"data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}"#,
    #"{"x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#,
    #"{"x\q":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"\ud83e":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"\udd86\ud83e":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    #"{"\u00g0":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
  ])
  func `a header that is not the format's JSON is malformed`(header: String) throws {
    #expect(try error(file(Array(header.utf8)))?.kind == .malformedHeader)
  }

  @Test(arguments: ["[", "{", "{\"a\":", "[[[{\"a\":"])
  func `a header nested a million deep is malformed, not a stack that runs over`(
    opening: String
  ) throws {
    let deep = String(repeating: opening, count: 1_000_000)
    for header in [
      "{\(deep)", "{\"x\":\(deep)", "{\"x\":{\"shape\":\(deep)", "{\"x\":{\"more\":\(deep)",
    ] {
      #expect(try error(file(Array(header.utf8)))?.kind == .malformedHeader)
    }
  }

  @Test func `text that is not UTF-8, or holds control characters, is malformed`() throws {
    let head = Array(#"{"x"#.utf8)
    let tail = Array(#"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#.utf8)
    #expect(try error(file(head + tail)) == nil)
    let lies: [[UInt8]] = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x0a], [0x00]]
    for bytes in lies {
      #expect(try error(file(head + bytes + tail))?.kind == .malformedHeader)
    }
  }

  @Test(
    arguments: [
      (#""dtype":"F32","shape":[3],"data_offsets":[0,8]"#, .wrongLayout),
      (#""dtype":"F64","shape":[2],"data_offsets":[0,8]"#, .wrongLayout),
      (#""dtype":"F32","shape":[2],"data_offsets":[8,0]"#, .wrongLayout),
      (#""dtype":"F32","shape":[1],"data_offsets":[4,8]"#, .wrongLayout),
      (#""dtype":"F32","shape":[1],"data_offsets":[0,4]"#, .wrongLength),
      (#""dtype":"F32","shape":[4],"data_offsets":[0,16]"#, .wrongLength),
      (
        #""dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]"#,
        .wrongLayout
      ),
      (#""dtype":"U8","shape":[1000000000000],"data_offsets":[0,1000000000000]"#, .wrongLength),
      (#""dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]"#, .wrongLayout),
      (#""dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]"#, .wrongLayout),
      (#""dtype":"F4","shape":[3],"data_offsets":[0,1]"#, .wrongLayout),
      (#""dtype":"f32","shape":[2],"data_offsets":[0,8]"#, .unsupportedType),
      (#""dtype":"F128","shape":[2],"data_offsets":[0,8]"#, .unsupportedType),
    ] as [(String, SafetensorsError.Kind)])
  func `offsets, shapes and types must fit one another and the file`(
    entry: String, kind: SafetensorsError.Kind
  ) throws {
    let found = try error(file(Array("{\"x\":{\(entry)}}".utf8)))
    #expect(found?.kind == kind)
    if kind != .wrongLength { #expect(found?.tensor == "x") }
  }

  @Test func `tensors that overlap or leave a hole are refused, in any order`() throws {
    func pair(_ first: (Int, Int), _ second: (Int, Int)) throws -> SafetensorsError? {
      let entries = [("a", first), ("b", second)].map { name, range in
        "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[\(range.1 - range.0)],"
          + "\"data_offsets\":[\(range.0),\(range.1)]}"
      }
      let errors = try [entries, entries.reversed()].map {
        try error(file(Array("{\($0.joined(separator: ","))}".utf8)))
      }
      #expect(errors[0]?.kind == errors[1]?.kind)
      return errors[0]
    }
    #expect(try pair((0, 4), (4, 8)) == nil)
    #expect(try pair((4, 8), (0, 4)) == nil)
    #expect(try pair((0, 8), (8, 8)) == nil)
    #expect(try pair((0, 8), (0, 0)) == nil)
    #expect(try pair((0, 5), (4, 8))?.kind == .wrongLayout)
    #expect(try pair((0, 8), (0, 8))?.kind == .wrongLayout)
    #expect(try pair((0, 8), (3, 3))?.kind == .wrongLayout)
    #expect(try pair((0, 3), (4, 8))?.kind == .wrongLayout)
  }

  @Test func `types without a tensor here are listed but not read`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "foreign")
      let header = #"{"w":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}"#
      try file(Array(header.utf8)).write(to: url)
      let opened = try SafetensorsFile(reading: url)
      #expect(opened["w"]?.dtypeName == "F8_E4M3" && opened["w"]?.dtype == nil)
      let error = #expect(throws: SafetensorsError.self) { try opened.tensor("w") }
      #expect(error?.kind == .unsupportedType && error?.tensor == "w")
    }
  }

  @Test func `a type that is not known spoils its tensor and not the file`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "later")
      let header =
        #"{"w":{"dtype":"F3_E1M1","shape":[9],"data_offsets":[0,5]},"#
        + #""x":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}"#
      try file(Array(header.utf8)).write(to: url)
      let opened = try SafetensorsFile(reading: url)
      #expect(opened["w"]?.dtypeName == "F3_E1M1" && opened["w"]?.dtype == nil)
      #expect(opened["w"]?.byteCount == 5)
      #expect(try opened.tensor("x").array(of: UInt8.self) == [0, 0, 0])
      let error = #expect(throws: SafetensorsError.self) { try opened.tensor("w") }
      #expect(error?.kind == .unsupportedType && error?.found == "F3_E1M1")
    }
  }

  @Test func `a byte that is no truth value is refused`() throws {
    var content = file(Array(#"{"x":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]}}"#.utf8))
    #expect(try error(content) == nil)
    content[content.count - 3] = 2
    #expect(try error(content)?.kind == .invalidValues)
  }

  @Test func `more axes than any operator takes are refused`() throws {
    let shape = [String](repeating: "1", count: 65).joined(separator: ",")
    let header = "{\"x\":{\"dtype\":\"F64\",\"shape\":[\(shape)],\"data_offsets\":[0,8]}}"
    #expect(try error(file(Array(header.utf8)))?.kind == .malformedHeader)
  }

  @Test(arguments: ["", "{", "{\"x\":\"y\"}", "{\"y\":\"x\"}", "{\"x\":\"x\"}", "{\"x\":1}"])
  func `recorded ties must be between tensors of the file`(ties: String) throws {
    let quoted = JSONReader.quoted(ties)
    let header = "{\"__metadata__\":{\"nap.tied\":\(quoted)},\(Self.x)}"
    #expect(try error(file(Array(header.utf8))) != nil)
  }

  #if os(Linux)
    @Test func `a large header takes no more memory than is stated`() async {
      await #expect(processExitsWith: .success) {
        let entry = { (n: Int) in "\"\(n)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
        }
        let many = "{\((0..<300_000).map(entry).joined(separator: ","))}"
        let axes = [String](repeating: "0", count: 64).joined(separator: ",")
        let deep = { (n: Int) in
          "\"\(n)\":{\"dtype\":\"U8\",\"shape\":[\(axes)],\"data_offsets\":[0,0]}"
        }
        let wide = "{\((0..<80_000).map(deep).joined(separator: ","))}"
        let pairs = (0..<1_000_000).map { "\"\($0)\":\"\"" }.joined(separator: ",")
        let metadata = "{\"__metadata__\":{\(pairs)}}"
        for header in [many, wide, metadata] {
          let bytes = Array(header.utf8)
          try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
          let before = ProcessMemory.residentBytes
          _ = try SafetensorsHeader(parsing: bytes, dataLength: 0)
          let factor = Double(ProcessMemory.peakBytes - before) / Double(bytes.count)
          #expect(before > 0 && factor < 12, "\(factor) times \(bytes.count) bytes")
          if factor > 0 { FileHandle.standardError.write(Data("factor \(factor)\n".utf8)) }
        }
      }
    }
  #endif
}
