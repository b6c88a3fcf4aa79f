import ArgumentParser
import Datasets
import Experiments
import Foundation

/// `nap data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Datasets: list, verify, get.",
    subcommands: [List.self, Verify.self, Get.self], defaultSubcommand: List.self)

  struct FolderOption: ParsableArguments {
    @Option(
      name: .customLong("data"),
      help: ArgumentHelp(
        "The folder of data ($NAP_DATA, else nap/data in $XDG_CACHE_HOME or ~/.cache).",
        valueName: "folder"))
    var folder: String?

    var root: DataFolder { folder.map { DataFolder(path: $0) } ?? DataFolder() }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every dataset, and whether it is here.")
    @OptionGroup var folder: FolderOption

    func run() throws {
      Console.line("data folder: \(folder.root.path)")
      let installer = DatasetInstaller(root: folder.root)
      for dataset in DatasetRegistry.all {
        let report = installer.verify(dataset)
        let state: String
        if dataset.downloads.isEmpty {
          state = "built in"
        } else if report.isComplete {
          state = "complete"
        } else if report.files.contains(where: \.isSound) {
          state = "in part"
        } else {
          state = "not here"
        }
        Console.line("  \(dataset.name)  [\(state)]  \(dataset.summary)")
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads every file: records, checksums.")
    @Argument(help: "Datasets; all when none is named.") var names: [String] = []
    @OptionGroup var folder: FolderOption

    func run() throws {
      let installer = DatasetInstaller(root: folder.root)
      let chosen =
        try names.isEmpty
        ? DatasetRegistry.all.filter { !$0.downloads.isEmpty } : names.map(DatasetRegistry.named)
      var broken: [String] = []
      for dataset in chosen {
        let report = installer.verify(dataset)
        Console.line("\(dataset.name)  \(report.folder)")
        for file in report.files {
          let records = file.recordCount.map { "\($0) records" } ?? ""
          let bytes = file.byteCount.map { "\($0) bytes" } ?? "not here"
          Console.line("  \(file.path)  \(bytes)  \(records)  \(checksum(file.checksum))")
          if let problem = file.problem, file.byteCount != nil || !names.isEmpty {
            broken.append("\(problem)")
          }
        }
      }
      if let first = broken.first { throw VerificationFailure(description: first) }
    }

    private func checksum(_ checksum: FileReport.Checksum) -> String {
      switch checksum {
      case .matches: "checksum matches"
      case .differs: "CHECKSUM DIFFERS"
      default: "no checksum on record"
      }
    }
  }

  struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Downloads a dataset, resuming, and verifies it.",
      discussion: """
        A file takes its place only when whole and of the right SHA-256; what came of it before lies \
        beside it as FILE.part, and the next call goes on from there.

        Behind a mirror:  nap data get mnist --from https://mirror.example/mnist
        It must hold the files under their names: cifar-10-binary.tar.gz, cifar-100-binary.tar.gz, \
        train-images-idx3-ubyte.gz and the other three of MNIST, tinyshakespeare.txt.
        """)
    @Argument(help: "A dataset; nap data list shows them.") var name: String
    @Option(
      name: .customLong("from"),
      help: ArgumentHelp(
        "A mirror: the address of the folder that holds the dataset's files. Checksums stay those "
          + "of the originals.", valueName: "url"))
    var mirror: String?
    @Option(help: "Seconds without a byte after which a server counts as silent.")
    var patience = 30.0
    @Option(help: "Attempts for each file, the pauses between them growing from 1 s.")
    var attempts = 5
    @OptionGroup var folder: FolderOption

    func validate() throws {
      if let mirror {
        let url = URL(string: mirror)
        guard let url, ["http", "https"].contains(url.scheme), url.host()?.isEmpty == false else {
          throw ValidationError(
            "--from '\(mirror)': expected an address such as https://mirror.example/folder")
        }
      }
      guard patience > 0, patience <= 86_400 else {
        throw ValidationError("--patience \(patience): expected more than 0 s, at most a day")
      }
      guard (1...100).contains(attempts) else {
        throw ValidationError("--attempts \(attempts): expected 1 to 100")
      }
    }

    func run() throws {
      let known = try DatasetRegistry.named(name)
      let dataset = mirror.flatMap { URL(string: $0) }.map(known.mirrored) ?? known
      if dataset.downloads.isEmpty {
        Console.line("\(dataset.name) is built in; there is nothing to download")
        return
      }
      var progress = Progress(Progress.automatic, unit: "bytes")
      let downloader = Downloader(
        attempts: attempts, connectSeconds: min(15, patience), stallSeconds: patience)
      try DatasetInstaller(root: folder.root, downloader: downloader).install(dataset) {
        progress.show($0.receivedByteCount, of: $0.byteCount, $0.name)
      }
      progress.clear()
      Console.line("\(dataset.name) is in \(folder.root.appending(dataset.folder))")
    }
  }
}

/// A dataset with a file that is not as it should be.
struct VerificationFailure: Error, CustomStringConvertible {
  var description: String
}
