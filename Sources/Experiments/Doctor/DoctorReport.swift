import Arcade
public import Datasets
import Environments
public import Foundation
import Texts
#if Arcade
  import Reinforcement
#endif
import RunStore
import Torch

/// What is here, what is missing, and what this machine can run.
public struct DoctorReport: Codable, Hashable, Sendable {
  /// The machine.
  public var machine: MachineFacts
  /// What the program uses.
  public var components: [Component]
  /// The data.
  public var datasets: [DatasetCondition]
  /// What presets need, as far as they were measured.
  public var presets: [PresetNeeds]

  /// The room that the demonstration is allowed on the disk, in bytes: four runs with their series,
  /// checkpoints and a report come to some 20 MB; the rest is margin.
  public static let demonstrationDiskBytes = 200_000_000

  /// Looks at everything but the presets.
  ///
  /// - Parameters:
  ///   - runsFolder: where runs would go.
  ///   - data: where datasets lie.
  ///   - renderer: the chart renderer, which the caller knows.
  /// - Cost: reads every file of the datasets that are here; calls two programs for their versions.
  public init(runsFolder: URL, data: DataFolder, renderer: Component) {
    machine = .now(runsFolder: runsFolder)
    components = Self.builtIn(machine) + [renderer]
    components.append(
      ExternalProgram(name: "curl", versionArgument: "--version")
        .component(for: "downloads datasets"))
    components.append(
      ExternalProgram(name: "ffmpeg", versionArgument: "-version").component(for: "writes videos"))
    datasets = DatasetCondition.all(in: data)
    presets = []
  }

  /// Why the demonstration cannot run here, a sentence each; empty when it can.
  public var obstacles: [String] {
    var found = components.filter { $0.isNeededForDemo && !$0.isPresent }.map { component in
      "\(component.name) is missing" + (component.remedy.map { ": \($0)" } ?? "")
    }
    if !machine.canWriteRuns {
      found.append("files cannot be made in \(machine.runsFolder): set NAP_RUNS to another folder")
    }
    if let free = machine.freeDiskBytes, free < Self.demonstrationDiskBytes {
      found.append(
        "the disk of \(machine.runsFolder) has \(free / 1_000_000) MB free, the demonstration is "
          + "allowed \(Self.demonstrationDiskBytes / 1_000_000): set NAP_RUNS to another disk")
    }
    if let demonstration, let problem = demonstration.problem {
      found.append(
        "\(demonstration.recipe) --preset \(demonstration.preset) does not run: \(problem)")
    }
    return found
  }

  /// What the demonstration's preset needs, where it was measured; with built-in images if that is how it runs here.
  public var demonstration: PresetNeeds? {
    let subject = PresetSurvey.demonstration
    return presets.last { $0.recipe == subject?.recipe && $0.preset == subject?.preset }
  }

  /// Whether the demonstration runs, but on built-in images since CIFAR-10 is not here.
  public var usesBuiltInImages: Bool {
    demonstration?.settings.contains(PresetSurvey.builtInImages) == true
  }

  /// The share of a core that training had, when that was less than nine tenths: the machine was busy,
  /// and the times of ``presets`` are longer than they would be alone. `nil` otherwise.
  public var busyShare: Double? {
    let shares = presets.compactMap { $0.measurement?.coreShare }
    guard let least = shares.min(), least < 0.9 else { return nil }
    return least
  }

  /// The report as JSON with sorted keys: everything that is stored, and as `verdict` whether the
  /// demonstration can run, why not, and the longest presets that fit.
  public func json(within hours: Double) throws -> String {
    struct Verdict: Codable {
      var canRunDemo: Bool
      var demoUsesBuiltInImages: Bool
      var obstacles: [String]
      var hours: Double
      var largestComparison: String?
      var largestRun: String?
    }
    struct Whole: Codable {
      var report: DoctorReport
      var verdict: Verdict
    }
    let obstacles = obstacles
    return try JSONText.encode(
      Whole(
        report: self,
        verdict: Verdict(
          canRunDemo: obstacles.isEmpty, demoUsesBuiltInImages: usesBuiltInImages,
          obstacles: obstacles, hours: hours,
          largestComparison: presets.largest(within: hours).map { "\($0.recipe)/\($0.preset)" },
          largestRun: presets.largestRun(within: hours).map { "\($0.recipe)/\($0.preset)" })),
      pretty: true)
  }

  private static func builtIn(_ machine: MachineFacts) -> [Component] {
    let provenance = Provenance.current(
      napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion, device: "cpu",
      threadCount: Machine.threadCount)
    var components = [
      Component(
        name: "nap", purpose: "this program", version: provenance.napVersion,
        detail: [Bundle.main.executablePath, provenance.gitCommit.map { "commit \($0)" }]
          .compactMap { $0 }.joined(separator: ", ")),
      Component(
        name: "Swift", purpose: "what it was built with", version: provenance.swiftVersion),
      Component(
        name: "libtorch", purpose: "tensors and gradients", version: Machine.libtorchVersion,
        detail: Machine.libtorchPath + (chosenLibtorch.map { " (\($0))" } ?? ""),
        isNeededForDemo: true),
    ]
    components += Machine.kernelLibraries.map { library in
      Component(
        name: library.name, purpose: "kernels of libtorch", version: library.version,
        detail: library.version == nil ? "this libtorch was built without it" : "")
    }
    return components + [arcade] + accelerators(machine)
  }

  /// Which libtorch set-up took and why, where set-up brought it: `cuda: nvidia-smi finds NVIDIA H200`.
  private static var chosenLibtorch: String? {
    // Beside the folder torch with its lib.
    let folder = URL(filePath: Machine.libtorchPath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return (try? String(contentsOf: folder.appending(path: ".kind"), encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static var arcade: Component {
    let name = "Arcade Learning Environment"
    #if Arcade
      return Component(
        name: name, purpose: "Atari games", version: AtariROMs.emulatorVersion,
        detail: "games in \(AtariROMs.folder.path)")
    #else
      return Component(
        name: name, purpose: "Atari games", version: nil,
        detail: "this program was built without it, as an installed one is",
        remedy: "make setup build")
    #endif
  }

  private static func accelerators(_ machine: MachineFacts) -> [Component] {
    let cuda = machine.devices.filter { $0.hasPrefix("cuda") }
    let hasCard = FileManager.default.fileExists(atPath: "/proc/driver/nvidia/version")
    let mps = machine.devices.contains("mps")
    return [
      Component(
        name: "CUDA", purpose: "training on an NVIDIA GPU", version: cuda.isEmpty ? nil : "",
        detail: cuda.isEmpty
          ? (hasCard ? "a GPU is here, but " : "no NVIDIA GPU here; ") + (Device.cudaProblem ?? "")
          : cuda.joined(separator: ", "),
        remedy: cuda.isEmpty && hasCard ? "NAP_SETUP_LIBTORCH=cuda make setup build" : nil),
      Component(
        name: "MPS", purpose: "training on Apple's GPU", version: mps ? "" : nil,
        detail: mps ? "" : "no GPU of Apple's here"),
    ]
  }
}
