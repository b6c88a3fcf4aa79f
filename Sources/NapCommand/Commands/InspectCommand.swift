import ArgumentParser
import Dashboard
import Experiments
import Foundation
import Plasticity
import RunStore
import Texts
import Torch

/// `nap inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows norms, drift, effective rates and ranks of any model's checkpoints.",
    discussion: """
      nap inspect model.safetensors
      nap inspect step-1000.safetensors step-2000.safetensors --learning-rate 3e-4
      nap inspect runs/RUN/checkpoints/*.safetensors --only network. -o norms.png
      nap inspect checkpoint-1000.pt checkpoint-2000.pt          what torch.save wrote; nothing of it is run
      nap inspect llama/model.safetensors.index.json             shards, or the folder that they are in
      nap inspect checkpoint-500 checkpoint-1000                 folders of transformers' trainer, with optimizer.pt

      Files whose names differ in a number are sorted by the number, which becomes the axis of the figure. \
      Other files keep the given order. Files are read one tensor at a time, so they may be larger than memory. \
      Drift is relative to the file before. Rates are eta/|W|^2 (SGD) and eta/|W| (Adam), which hold for a \
      scale-invariant weight, and relative to the first file. The realised rate is the root mean square of the \
      optimizer's step on a weight of norm 1; it is there where a .pt file, or optimizer.pt beside the model of \
      transformers' trainer, holds the state of Adam, AdamW or SGD with momentum. Of nap's own checkpoints and of \
      .pt files only the network is shown unless --all is given.
      """)

  @Argument(help: "Files of one training: safetensors, an index of shards, or .pt of torch.save.")
  var files: [String]

  @Option(
    name: .customLong("learning-rate"),
    help: "The learning rate; without it rates are only relative to the first file.")
  var learningRate: Double?

  @Option(help: ArgumentHelp("Only tensors whose names begin with this.", valueName: "prefix"))
  var only: String?

  @Flag(help: "All tensors of a checkpoint, including the optimizer's.")
  var all = false

  @Option(
    name: .customLong("rank-limit"),
    help:
      "The largest smaller side of a matrix that gets an effective rank: it takes side^3 operations."
  )
  var rankLimit = 1_024

  @Flag(help: "Writes the whole result as JSON to standard output.")
  var json = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Writes a figure of the largest matrices: .html, .png, .svg, .pdf or .csv.",
      valueName: "file"))
  var output: String?

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("name at least one file of tensors") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate \(learningRate): expected a number above 0")
    }
    guard rankLimit >= 0 else {
      throw ValidationError("--rank-limit \(rankLimit): expected 0 or more")
    }
  }

  func run() throws {
    if let output { try OutputFile.requireReport(output, option: "-o") }
    let series = try series()
    let urls = series.files
    var inspecting = try FileInspecting(
      urls, steps: series.steps, learningRate: learningRate, prefix: try prefix(urls),
      includesOptimizer: all, rankLimit: rankLimit)
    guard inspecting.total > 0 else {
      throw UsageError(
        only.map { "--only \($0): no tensor of these files has a name that begins with this" }
          ?? "\(files.joined(separator: ", ")): it has no tensors")
    }
    var progress = Progress(json ? .silent : Progress.automatic, unit: "tensors")
    while let name = try inspecting.next() {
      progress.show(inspecting.done, of: inspecting.total, name)
    }
    progress.clear()
    if json {
      Console.line(try JSONText.encode(inspecting.result))
    } else {
      Console.line(InspectTable.text(inspecting.result))
    }
    if let output {
      try Report.write(InspectTable.figure(inspecting.result), to: output)
      Console.error("figure: \(output)")
    }
  }

  /// The files in order. Checkpoints of nap contain their number of updates.
  private func series() throws -> (files: [URL], steps: [Int]?) {
    let given = files.map { URL(fileURLWithPath: $0) }
    let series = CheckpointSeries(given)
    if series.steps == nil, let updates = try Checkpoint.updates(of: given) {
      let sorted = zip(given, updates).sorted { $0.1 < $1.1 }
      let isRising = zip(sorted, sorted.dropFirst()).allSatisfy { $0.1 < $1.1 }
      if isRising { return (sorted.map(\.0), sorted.map(\.1)) }
    }
    if series.files != given { Console.error("the files are sorted by their numbers") }
    return (series.files, series.steps)
  }

  private func prefix(_ urls: [URL]) throws -> String {
    if let only { return only }
    return try !all && Checkpoint.areAll(urls) ? Checkpoint.networkPrefix : ""
  }
}
