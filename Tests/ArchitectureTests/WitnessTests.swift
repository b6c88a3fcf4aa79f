import Testing

/// Each rule is broken once here, on purpose, to see that the check behind it finds it.
@Suite("The architecture checks find what they look for")
struct WitnessTests {
  private let manifest = Manifest(
    text: """
      // library("Commented", ["nap"]),
      func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
        .target(name: name, dependencies: dependencies)
      }
      let package = Package(products: [.library(name: "Product", targets: ["Torch"])], targets: [
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CTorch", dependencies: ["CLibTorch"]),
        library("Torch", ["CTorch"]),
        library("RunStore", [.product(name: "GRDB", package: "GRDB.swift")]),
        .executableTarget(
          name: "nap",
          dependencies: [
            "Torch", .product(name: "ArgumentParser", package: "swift-argument-parser"), "RunStore",
          ]),
        tests("TorchTests", ["Torch"]),
      ])
      """)

  private func file(_ text: String, in target: String = "Torch") -> SourceFile {
    SourceFile(path: "Sources/\(target)/Example.swift", text: text)
  }

  @Test("The manifest's targets and dependencies are read")
  func manifestIsRead() {
    #expect(
      manifest.dependencies == [
        "CZlib": [], "CTorch": ["CLibTorch"], "Torch": ["CTorch"], "RunStore": ["GRDB"],
        "nap": ["Torch", "ArgumentParser", "RunStore"], "TorchTests": ["Torch", "TestSupport"],
      ])
  }

  @Test("An upward, a sideways and an undeclared import are found; a declared one is not")
  func importsAreJudged() throws {
    let upward = importProblems(
      in: file("import Foundation\npublic import nap"), manifest: manifest)
    let (row, top) = (try #require(Rows.row(of: "Torch")), Rows.table.count - 1)
    #expect(
      upward == ["Sources/Torch/Example.swift:2: Torch (row \(row)) uses nap (row \(top)) upward"])
    let sideways = importProblems(in: file("import Datasets", in: "RunStore"), manifest: manifest)
    #expect(sideways.first?.contains("sideways") == true)
    let undeclared = importProblems(in: file("import GRDB"), manifest: manifest)
    #expect(undeclared.first?.contains("does not declare") == true)
    #expect(importProblems(in: file("@preconcurrency import CTorch"), manifest: manifest).isEmpty)
    #expect(
      importProblems(
        in: file("internal import struct GRDB.Row", in: "RunStore"), manifest: manifest
      ).isEmpty)
  }

  @Test("An unknown target is found")
  func unknownTargetIsFound() {
    #expect(Rows.objection(to: "Cellar", using: "Torch")?.contains("no row") == true)
  }

  @Test("Comments and strings are not code")
  func commentsAreNotCode() {
    // Text for the rule to read, which is never compiled.
    let text =
      "let a = \"try! \\\" x\" // try!\n/* override /* as! */ */ let b = \"\"\"\n  try!\n  \"\"\"\n"
    #expect(file(text).code == "let a =  \n let b = \n\n\n")
    #expect(forbiddenConstructs(in: file(text)).isEmpty)
    #expect(file("// import nap\n\"import nap\"").imports.isEmpty)
  }

  @Test(
    "A forbidden construct is found",
    // Samples of what the rule must find, as text.
    arguments: [
      "let x = try! f()", "let x = y as! Int", "open class A {}", "override func f() {}",
      "public override class var x: Int { 1 }",
      "fatalError()", "let m = Mirror(reflecting: x)",
    ])
  func forbiddenIsFound(line: String) {
    #expect(forbiddenConstructs(in: file("\n" + line)).first?.contains(":2:") == true)
  }

  @Test("Names that are spelled like forbidden words are none")
  func namesAreAllowed() {
    #expect(
      forbiddenConstructs(in: file("func apply(override: Int) { let open = override }")).isEmpty)
  }

  @Test("A mark of unfinished work is found")
  func postponementIsFound() {
    #expect(postponements(in: file("// TO" + "DO later")).count == 1)
  }

  @Test("Lines are counted")
  func linesAreCounted() {
    #expect(file("a\nb\n").lineCount == 2)
    #expect(file(String(repeating: "a\n", count: lineLimit + 1)).lineCount > lineLimit)
  }
}
