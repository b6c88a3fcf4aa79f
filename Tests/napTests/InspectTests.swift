import Experiments
import Foundation
import Testing
import Torch

@Suite struct InspectTests {
  private func write(_ name: String, _ scale: Double, _ folder: URL) throws -> String {
    let url = folder.appendingPathComponent(name)
    try SafetensorsFile.write(
      [
        ("layer.weight", Tensor.normal([8, 6], generator: Generator(seed: 1)) * scale),
        ("layer.bias", Tensor.zeros([8])),
      ], metadata: [:], to: url)
    return url.path
  }

  @Test func `files are shown as table, JSON and figure`() throws {
    try withProgram { nap in
      let files = [
        try write("a.safetensors", 1, nap.runs), try write("b.safetensors", 2, nap.runs),
      ]
      let table = try nap.run(["inspect"] + files + ["--learning-rate", "0.1"])
      #expect(table.code == 0, "\(table.errors)")
      for word in [
        "layer.weight", "F32 8x6", "Adam rate", "SGD x first", "0.25", "stable rank",
        "Adam rate of layer.bias in file 1: division by zero",
      ] { #expect(table.output.contains(word), "\(word)\n\(table.output)") }
      let svg = nap.runs.appendingPathComponent("norms.svg").path
      let json = try nap.run(["inspect"] + files + ["--json", "-o", svg])
      #expect(json.code == 0, "\(json.errors)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect((object["tensors"] as? [Any])?.count == 2)
      #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("layer.weight"))
      let one = try nap.run(["inspect", files[0], "--only", "layer.w"])
      #expect(one.code == 0 && !one.output.contains("layer.bias") && !one.output.contains("drift"))
    }
  }

  @Test func `of a checkpoint of nap the network is shown, and all of it on request`() throws {
    try withProgram { nap in
      let trained = try nap.run(
        [
          "train", "random-labels", "--name", "small", "--set", "tasks=1", "--set",
          "updatesPerTask=3",
        ] + smallRun)
      #expect(trained.code == 0, "\(trained.errors)")
      let folders = try FileManager.default.contentsOfDirectory(
        at: nap.runs, includingPropertiesForKeys: nil)
      let file = try #require(
        folders.map { $0.appendingPathComponent("checkpoint.safetensors").path }
          .first { FileManager.default.fileExists(atPath: $0) })
      let network = try nap.run(["inspect", file])
      #expect(network.output.contains("network.hidden0.weight"))
      #expect(!network.output.contains("optimizer."))
      #expect(try nap.run(["inspect", file, "--all"]).output.contains("optimizer.first_moment"))
    }
  }

  @Test func `bad files and options are refused in words`() throws {
    try withProgram { nap in
      let good = try write("a.safetensors", 1, nap.runs)
      #expect(try nap.run(["inspect"]).code == 2)
      #expect(try nap.run(["inspect", good, "--learning-rate", "-1"]).code == 2)
      let none = try nap.run(["inspect", good, "--only", "nothing"])
      #expect(none.code == 2 && none.errors.contains("--only nothing"))
      let missing = try nap.run(["inspect", good + ".no"])
      #expect(missing.code == 3 && missing.errors.contains(good + ".no"))
      // A header that promises more bytes than there are.
      let lying = nap.runs.appendingPathComponent("lying.safetensors")
      let header =
        #"{"w":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}"#
      var bytes = Data()
      withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: Data(header.utf8))
      bytes.append(Data(count: 16))
      try bytes.write(to: lying)
      let result = try nap.run(["inspect", good, lying.path])
      #expect(result.code == 3)
      #expect(result.errors.contains(lying.path) && result.errors.contains("\"w\""))
    }
  }

  @Test func `a file larger than the memory that the program may have is inspected`() throws {
    try withProgram { nap in
      // Twelve tensors of 128 MiB in a file that takes no room on the disk.
      let (count, size) = (12, 1 << 27)
      let entries = (0..<count).map {
        #""t\#($0)":{"dtype":"BF16","shape":[4096,16384],"data_offsets":[\#($0 * size),\#(($0 + 1) * size)]}"#
      }
      let header = "{\(entries.joined(separator: ","))}"
      let url = nap.runs.appendingPathComponent("large.safetensors")
      var bytes = Data()
      withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: Data(header.utf8))
      try bytes.write(to: url)
      let handle = try FileHandle(forWritingTo: url)
      try handle.truncate(atOffset: UInt64(bytes.count + count * size))
      try handle.close()

      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      // The address space is limited to two thirds of the file.
      process.arguments = [
        "-c", "ulimit -v 1048576; exec \"$0\" inspect \"$1\" --only t --json", Program.url.path,
        url.path,
      ]
      var environment = ProcessInfo.processInfo.environment
      environment["OMP_NUM_THREADS"] = "1"
      process.environment = environment
      let (output, errors) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      let reader = Reader(output)
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(text)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(reader.finish().utf8)) as? [String: Any])
      #expect((object["tensors"] as? [Any])?.count == count)
    }
  }

  @Test func `a rank that is not found in time names the setting that finds it`() throws {
    try withProgram { nap in
      // Singular values so close to the largest that power iteration has not told them apart by its end.
      let count = 600
      var values = [Float](repeating: 0, count: count * count)
      for index in 0..<count {
        let share = Float(index) / Float(count)
        values[index * (count + 1)] = 1 - share * share
      }
      let url = nap.runs.appendingPathComponent("dense.safetensors")
      try SafetensorsFile.write(
        [("w", Tensor(values, shape: [count, count]))], metadata: [:], to: url)
      let result = try nap.run(["inspect", url.path, "--rank-limit", "0"])
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        result.output.contains("stable rank of w: not converged")
          && result.output.contains("--rank-limit \(count) computes it"), "\(result.output)")
      let whole = try nap.run(["inspect", url.path, "--rank-limit", "\(count)"])
      #expect(whole.code == 0 && !whole.output.contains("not converged"), "\(whole.output)")
    }
  }

  @Test func `checkpoints of nap tell their updates themselves, whatever they are called`() throws {
    try withProgram { nap in
      let trained = try nap.run(
        FaultRun.arguments(tasks: 2) + ["--set", "recording.keepCheckpointEveryTasks=1"])
      #expect(trained.code == 0, "\(trained.errors)")
      let run = RunRecord.checkpoint(of: try onlyRecord(nap).run, in: nap.runs)
        .deletingLastPathComponent()
      let kept = Checkpoint.all(in: run)
      #expect(kept.count == 2)
      let files = ["late", "early"].map { nap.runs.appendingPathComponent("\($0).safetensors") }
      for (kept, file) in zip(kept.reversed(), files) {
        try FileManager.default.copyItem(at: kept, to: file)
      }
      let result = try nap.run(["inspect"] + files.map(\.path))
      #expect(result.code == 0, "\(result.errors)")
      for line in ["1  step 8  ", "2  step 16  "] {
        #expect(result.output.contains(line), "\(result.output)")
      }
    }
  }

  @Test func `files in a shell's order are put in that of their steps, which the figure shows`()
    throws
  {
    try withProgram { nap in
      let files = try [("step_100000", 3.0), ("step_20000", 2), ("step_9000", 1)].map {
        try write("\($0).safetensors", $1, nap.runs)
      }
      let csv = nap.runs.appendingPathComponent("norms.csv").path
      let result = try nap.run(["inspect"] + files + ["-o", csv])
      #expect(result.code == 0 && result.errors.contains("sorted by their numbers"))
      #expect(
        result.output.contains("1  step 9000  ") && result.output.contains("3  step 100000  "))
      let rows = try String(contentsOfFile: csv, encoding: .utf8).split(whereSeparator: \.isNewline)
        .filter { $0.hasPrefix("Norm,") }
      #expect(
        rows.map { $0.split(separator: ",", omittingEmptySubsequences: false)[4] } == [
          "9000", "20000", "100000",
        ])
    }
  }
}
