import Foundation
import TestSupport
import Testing

/// `nap data tokenize`, `show` and `verify` of what it made.
@Suite(.timeLimit(.minutes(10))) struct TokenizeTests {
  /// A text of the package, some 40 kB.
  private static let text = packageRoot.appending(path: "docs/metrics.md").path

  private static func files(_ folder: URL) -> [String: Data] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.reduce(into: [:]) { $0[$1] = try? Data(contentsOf: folder.appending(path: $1)) }
  }

  @Test
  func `a vocabulary is trained, a text tokenized, shown, verified, trained on and generated`()
    throws
  {
    try withProgram { nap in
      let out = nap.runs.appending(path: "tokens").path
      let command = [
        "data", "tokenize", Self.text, "--train-vocabulary", "400", "-o", out, "--documents",
        "paragraphs",
      ]
      let first = try nap.run(command)
      #expect(first.code == 0, "\(first.errors)")
      #expect(first.errors.contains("in memory") && first.output.contains("network.vocabulary=400"))
      let files = Self.files(URL(filePath: out))
      #expect(files.count == 5 && files["tokenizer.model"] != nil)
      #expect(try nap.run(command).code == 0)
      #expect(Self.files(URL(filePath: out)) == files)
      let shown = try nap.run("data", "show", out)
      #expect(shown.code == 0, "\(shown.errors)")
      for word in ["sentencepiece of 400 tokens", "document 0", "uint16", "never do", "metrics.md"]
      {
        #expect(shown.output.contains(word), "\(word): \(shown.output)")
      }
      #expect(try nap.run("data", "verify", out).code == 0)
      let trained = try nap.run(
        "train", "language", "--preset", "smoke", "--set", "texts=\(out)", "--set",
        "network.vocabulary=400", "--set", "updatesPerTask=2", "--name", "run")
      #expect(trained.code == 0, "\(trained.errors)")
      try FileManager.default.removeItem(atPath: out)
      let written = try nap.run("generate", "run", "--prompt", "The loss", "--tokens", "5")
      #expect(written.code == 0 && written.output.hasPrefix("The loss"), "\(written)")
    }
  }

  @Test
  func
    `a full disk ends in an error that keeps finished shards; with room it comes to the same bytes`()
    throws
  {
    try #require(SmallDisk.isPossible || geteuid() != 0)
    guard SmallDisk.isPossible else { return }
    try withSmallDisk(megabytes: 4) { disk in
      try withProgram { nap in
        let text = nap.runs.appending(path: "text.txt")
        let lines = (0..<60_000).map { "line \($0) of a text that is long\n" }.joined()
        try Data(lines.utf8).write(to: text)
        func tokenize(_ out: URL) throws -> Program.Result {
          try nap.run(
            "data", "tokenize", text.path, "--tokenizer", "bytes", "-o", out.path, "--documents",
            "lines",
            "--shard-tokens", "300000")
        }
        let whole = nap.runs.appending(path: "whole")
        #expect(try tokenize(whole).code == 0)
        let out = disk.folder.appending(path: "out")
        try disk.fill(leaving: 1_500_000)
        let full = try tokenize(out)
        #expect(full.code == 3, "\(full)")
        #expect(
          full.errors.contains("shard-0000") && full.errors.contains("No space left"),
          "\(full.errors)")
        let kept = Self.files(out)
        #expect(kept["shard-00000.json"] != nil && kept["shard-00005.json"] == nil)
        #expect(kept.keys.allSatisfy { !$0.hasSuffix(".part") })
        try disk.free()
        try SmallDisk.command("mount", "-o", "remount,size=40m", disk.folder.path)
        #expect(try tokenize(out).code == 0)
        #expect(Self.files(out).filter { $0.key != "x" } == Self.files(whole))
      }
    }
  }

  @Test func `a killed program is gone on with, to the same bytes`() throws {
    try withProgram { nap in
      let text = nap.runs.appending(path: "text.txt")
      let lines = (0..<200_000).map { "line \($0) of a text that is long\n" }.joined()
      try Data(lines.utf8).write(to: text)
      func command(_ name: String) -> [String] {
        [
          "data", "tokenize", text.path, "--tokenizer", "bytes", "-o",
          nap.runs.appending(path: name).path,
          "--documents", "lines", "--shard-tokens", "500000",
        ]
      }
      #expect(try nap.run(command("whole")).code == 0)
      let started = try nap.start(command("killed"))
      let shard = nap.runs.appending(path: "killed/shard-00002.json").path
      let deadline = Date().addingTimeInterval(60)
      while !FileManager.default.fileExists(atPath: shard), Date() < deadline {
        Thread.sleep(forTimeInterval: 0.005)
      }
      kill(started.process.processIdentifier, SIGKILL)
      started.process.waitUntilExit()
      #expect(try nap.run(command("killed")).code == 0)
      #expect(
        Self.files(nap.runs.appending(path: "killed")).filter { !$0.key.hasSuffix(".part") }
          == Self.files(nap.runs.appending(path: "whole")))
    }
  }

  @Test(arguments: [
    (["--tokenizer", "bytes", "--train-vocabulary", "400"], "both"), ([], "neither"),
    (["--tokenizer", "bytes", "--documents", "words"], "--documents words"),
    (["--tokenizer", "bytes", "--threads", "0"], "--threads 0"),
    (["--train-vocabulary", "5"], "--train-vocabulary 5"),
    (["--tokenizer", "bytes", "--shard-tokens", "0"], "--shard-tokens"),
  ])
  func `options that cannot be are usage errors`(options: [String], word: String) throws {
    try withProgram { nap in
      let result = try nap.run(["data", "tokenize", Self.text, "-o", "out"] + options)
      #expect(result.code == 2 && result.errors.contains(word), "\(result)")
    }
  }

  @Test
  func `Parquet, a lost tokenizer and a line without text are told before or where they are met`()
    throws
  {
    try withProgram { nap in
      func tokenize(_ file: String, _ tokenizer: String = "bytes", _ more: String...) throws
        -> Program.Result
      {
        try nap.run(
          [
            "data", "tokenize", file, "--tokenizer", tokenizer, "-o",
            nap.runs.appending(path: "o").path,
          ] + more)
      }
      let parquet = try tokenize("c4.parquet")
      #expect(parquet.code == 3 && parquet.errors.contains("read_parquet"), "\(parquet)")
      #expect(try tokenize(Self.text, "none.model").errors.contains("none.model"))
      let file = nap.runs.appending(path: "a.jsonl")
      try Data("{\"text\":\"one\"}\n{\"other\":1}\n".utf8).write(to: file)
      let broken = try tokenize(file.path)
      #expect(broken.code == 3 && broken.errors.contains("a.jsonl, line 2"), "\(broken)")
      try FileManager.default.removeItem(at: nap.runs.appending(path: "o"))
      let skipped = try tokenize(file.path, "bytes", "--skip-damaged")
      #expect(skipped.code == 0 && skipped.output.contains("left out as damaged: 1"), "\(skipped)")
    }
  }

  @Test func `a dataset of images has a contact sheet, and class folders too`() throws {
    try withProgram { nap in
      let sheet = nap.runs.appending(path: "sheet.png")
      let shown = try nap.run("data", "show", "procedural", "-o", sheet.path)
      #expect(shown.code == 0, "\(shown.errors)")
      #expect(
        shown.output.contains("train: 10000 images of 3 x 32 x 32 in 10 classes"), "\(shown.output)"
      )
      let png = [UInt8](try Data(contentsOf: sheet))
      #expect(png.prefix(4) == [137, 80, 78, 71])
      // Ten classes of ten images of 32, with gaps of 2.
      #expect(png[16..<24] == [0, 0, 1, 86, 0, 0, 1, 86])
      #expect(try nap.run("data", "show", "nothing").code == 3)
      guard let folder = dataFolder?.appending(path: "imagenet-sample").path,
        FileManager.default.fileExists(atPath: folder)
      else { return }
      let folders = try nap.run("data", "show", folder, "-o", sheet.path)
      #expect(folders.code == 0 && folders.output.contains("sizes of"), "\(folders)")
      let verified = try nap.run("data", "verify", folder)
      #expect(verified.code == 0 && verified.output.contains("records"), "\(verified)")
    }
  }
}
