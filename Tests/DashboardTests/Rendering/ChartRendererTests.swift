import Foundation
import Testing
import Texts

@testable import Dashboard

@Suite("Finding and running the renderer")
struct ChartRendererTests {
  private func script(_ text: String, in folder: URL, at path: String = "python") throws -> URL {
    let file = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return file
  }

  @Test("Without a Python the error says where it looked and what to run")
  func missing() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: DashboardError.self) {
        try ChartRenderer.find(environment: ["NAP_PYTHON": "/nowhere/python"], in: folder)
      }
      let text = String(describing: error)
      for part in ["make setup", "/nowhere/python", folder.path, "NAP_PYTHON"] {
        #expect(text.contains(part), "\(part)")
      }
    }
  }

  @Test("NAP_PYTHON comes first, then .deps in the program's own folder, and nothing above it")
  func found() throws {
    try withTemporaryFolder { folder in
      let own = try script("exit 0", in: folder)
      let near = try script("exit 0", in: folder, at: ".deps/python/bin/python")
      let first = try ChartRenderer.find(environment: ["NAP_PYTHON": own.path], in: folder)
      #expect(first.python.path == own.path)
      let second = try ChartRenderer.find(environment: [:], in: folder)
      #expect(second.python.path == near.path)
      #expect(throws: DashboardError.self) {
        try ChartRenderer.find(environment: [:], in: folder.appendingPathComponent("below"))
      }
    }
  }

  @Test("A program in a build folder belongs to its package, another to its own folder")
  func own() {
    for (program, folder) in [
      ("/home/me/nap/.build/x86_64/debug/nap", "/home/me/nap"),
      ("/home/me/.build/deps/nap/.build/release/nap", "/home/me/.build/deps/nap"),
      ("/usr/local/lib/nap/nap", "/usr/local/lib/nap"), ("/usr/bin/nap", "/usr/bin"),
    ] {
      #expect(ChartRenderer.ownFolder(of: URL(fileURLWithPath: program)).path == folder)
    }
  }

  @Test("A renderer that fails is named with its last words")
  func failing() throws {
    try withTemporaryFolder { folder in
      let python = try script("echo one >&2; echo 'no module vl_convert' >&2; exit 1", in: folder)
      #expect(
        throws: DashboardError.renderingFailed(
          python: python.path, reason: "no module vl_convert")
      ) { try ChartRenderer(python: python).scriptBundle() }
      let silent = try script("exit 0", in: folder, at: "silent")
      #expect(
        throws: DashboardError.renderingFailed(
          python: silent.path, reason: "it ended with status 0")
      ) { try ChartRenderer(python: silent).scriptBundle() }
      let absent = folder.appendingPathComponent("absent")
      #expect(throws: DashboardError.self) { try ChartRenderer(python: absent).scriptBundle() }
    }
  }

  @Test("Requests and answers far larger than a pipe pass through")
  func large() throws {
    try withTemporaryFolder { folder in
      let python = try script("cat; head -c 200000 /dev/zero >&2", in: folder)
      let chart: JSON = ["text": .string(String(repeating: "x", count: 1_000_000))]
      let data = try ChartRenderer(python: python).image(chart, as: .png)
      #expect(data.count > 1_000_000)
    }
  }
}

/// Python with `vl-convert`, as `make setup` installs it; without it these cannot run.
private let renderer = try? ChartRenderer.find(in: repository)

@Suite(
  "Real images", .enabled(if: renderer != nil, "they need the renderer: run `make setup`"))
struct ChartImageTests {
  @Test("PNG, SVG, PDF and a page come out of one report", arguments: ReportFormat.allCases)
  func draws(format: ReportFormat) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("new/folder/report.\(format.rawValue)")
      try Report.write(.fixture(), to: file.path, renderer: renderer)
      let data = try Data(contentsOf: file)
      let text = String(decoding: data, as: UTF8.self)
      switch format {
      case .png:
        #expect(Array(data.prefix(4)) == [0x89, 0x50, 0x4e, 0x47])
        let width = data[16..<20].reduce(0) { $0 << 8 | Int($1) }
        let height = data[20..<24].reduce(0) { $0 << 8 | Int($1) }
        #expect(width > 1500 && height > 900)
        #expect(data.count > 50_000, "an image without text or lines is smaller")
      case .svg:
        #expect(text.hasPrefix("<svg"))
        for word in ["Accuracy at task end", "Where it pays", "95 % t band", "plain"] {
          #expect(text.contains(">\(word)") || text.contains(word), "\(word)")
        }
      case .pdf: #expect(text.hasPrefix("%PDF"))
      case .html:
        #expect(text.contains("vegaEmbed"))
        #expect(data.count > 800_000)
        #expect(text.range(of: #"<script[^>]*\bsrc"#, options: .regularExpression) == nil)
        #expect(text.range(of: #"<link\b[^>]*href"#, options: .regularExpression) == nil)
      case .csv: #expect(text.hasPrefix("panel,unit,arm,seed,x,y,value\r\n"))
      }
    }
  }

  @Test("Arms with markup, dots and quotes in their names are drawn")
  func names() throws {
    let arms = ["nap.v2", "a \"b\" [c]", "<d>&'e'"]
    let input = ReportInput(
      title: "t", summary: "s", arms: [], panels: [.series(.fixture(arms: arms, seeds: 3))])
    let data = try Report.data(input, as: .svg) { try #require(renderer) }
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("nap.v2"))
    #expect(text.contains("&lt;d&gt;"))
  }
}
