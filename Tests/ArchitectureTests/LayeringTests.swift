import Testing

@Suite("Imports go only to lower rows")
struct LayeringTests {
  @Test("Every folder of sources is a target of the manifest, and every target stands in a row")
  func everyTargetHasARow() throws {
    let targets = try SourceTree.manifest().dependencies.keys
    let files = try SourceTree.files(
      under: "Sources", extensions: ["swift", "cpp", "h", "modulemap"])
    let folders = Set(files.map(\.target))
    #expect(folders.count > 5, "the sources were not found")
    for folder in folders {
      #expect(targets.contains(folder), "Sources/\(folder) is no target of Package.swift")
      #expect(Rows.row(of: folder) != nil, "\(folder) stands in no row of Rows.table")
    }
  }

  @Test("Dependencies in the manifest go only downward")
  func manifestGoesDownward() throws {
    let manifest = try SourceTree.manifest()
    for (target, dependencies) in manifest.dependencies where Rows.row(of: target) != nil {
      for dependency in dependencies {
        let objection = Rows.objection(to: target, using: dependency)
        #expect(objection == nil, "Package.swift: \(objection ?? "")")
      }
    }
  }

  @Test("Imports go only downward, and only to declared dependencies")
  func importsGoDownward() throws {
    let manifest = try SourceTree.manifest()
    let files = try SourceTree.files(under: "Sources", extensions: ["swift"])
    let count = files.reduce(0) { $0 + $1.imports.count }
    #expect(count > 5, "no imports were found")
    for file in files {
      for problem in importProblems(in: file, manifest: manifest) { Issue.record("\(problem)") }
    }
  }

  @Test("Tests import only what their target declares")
  func testsImportDeclaredModules() throws {
    let manifest = try SourceTree.manifest()
    for file in try SourceTree.files(under: "Tests", extensions: ["swift"]) {
      for problem in importProblems(in: file, manifest: manifest) { Issue.record("\(problem)") }
    }
  }

  @Test(
    "Tests of the store build neither libtorch nor agents",
    arguments: ["RunStoreTests", "StatisticsTests", "DashboardTests"])
  func testsOfTheStoreAreLight(target: String) throws {
    let manifest = try SourceTree.manifest()
    let needed = manifest.everything(below: target)
    #expect(needed.contains("TestSupport"), "the manifest was not understood")
    #expect(needed.isDisjoint(with: ["CTorch", "Torch", "Networks", "Environments", "Arcade"]))
    #expect(manifest.everything(below: "TensorTestSupport").contains("CTorch"))
  }

  @Test("Only CTorch sees libtorch's headers")
  func onlyTheSeamSeesLibtorch() throws {
    for file in try SourceTree.files(under: "Sources", extensions: ["h", "c", "cpp", "hpp"])
    where !["CTorch", "CLibTorch"].contains(file.target) {
      #expect(!file.text.contains(libtorchInclude), "\(file.path) includes a header of libtorch")
    }
  }

  @Test("Only CArcade sees the Arcade Learning Environment's headers")
  func onlyTheArcadeSeamSeesTheEmulator() throws {
    let files = try SourceTree.files(under: "Sources", extensions: ["h", "c", "cpp", "hpp"])
    #expect(files.contains { $0.text.contains(emulatorInclude) }, "the seam was not found")
    for file in files where file.target != "CArcade" {
      #expect(
        !file.text.contains(emulatorInclude), "\(file.path) includes a header of the emulator")
    }
  }
}

/// What is wrong with the imports of `file`: upward, sideways or undeclared.
func importProblems(in file: SourceFile, manifest: Manifest) -> [String] {
  let declared = manifest.dependencies[file.target] ?? []
  let isTest = file.path.hasPrefix("Tests/")
  return file.imports.compactMap { module, line in
    if Rows.toolchain.contains(module) || module == file.target { return nil }
    if isTest && module == "Testing" { return nil }
    if !isTest, let objection = Rows.objection(to: file.target, using: module) {
      return "\(file.path):\(line): \(objection)"
    }
    // A target sees the system library below its own C dependency through that dependency alone.
    return declared.contains(module)
      ? nil
      : "\(file.path):\(line): imports \(module), which Package.swift does not declare for \(file.target)"
  }
}

/// An include of one of libtorch's header folders.
private var libtorchInclude: Regex<Substring> {
  #/#\s*(?:include|import)\s*[<"](?:ATen|c10|torch)\//#
}

/// An include of one of the Arcade Learning Environment's headers.
private var emulatorInclude: Regex<Substring> {
  #/#\s*(?:include|import)\s*[<"]ale\//#
}
