import ArgumentParser
import Datasets
import Experiments
import Foundation

/// `nap data`.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract:
      "Lists, shows, verifies, downloads, packs and exports datasets, and makes tokens of text.",
    subcommands: [
      List.self, Show.self, Verify.self, Get.self, Pack.self, Export.self, Tokenize.self,
    ],
    defaultSubcommand: List.self)

  struct FolderOption: ParsableArguments {
    @Option(
      name: .customLong("data"),
      help: ArgumentHelp(
        "The folder of data (default: $NAP_DATA, else nap/data in $XDG_CACHE_HOME or ~/.cache).",
        valueName: "folder"))
    var folder: String?

    var root: DataFolder { folder.map { DataFolder(path: $0) } ?? DataFolder() }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows every dataset, and whether it is on this machine.")
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
        guard case .debian(let texts) = dataset.content else { continue }
        for text in texts {
          let megabytes = String(format: "%.1f MB", Double(text.byteCount) / 1e6)
          Console.line("    \(text.name)  \(megabytes)  \(text.summary)")
        }
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads every file and checks records and checksums.")
    @Argument(
      help:
        "Datasets, or paths of token shards or class folders (default: every dataset that is here)."
    )
    var names: [String] = []
    @OptionGroup var folder: FolderOption

    func run() throws {
      let installer = DatasetInstaller(root: folder.root)
      let all = DatasetRegistry.all.filter { !$0.downloads.isEmpty }
      var broken: [String] = []
      for name in names.isEmpty ? all.map(\.name) : names {
        let (folder, files) = try reports(name, installer)
        Console.line("\(name)  \(folder)")
        for file in files {
          let records = file.recordCount.map { "\($0) records" } ?? ""
          let bytes = file.byteCount.map { "\($0) bytes" } ?? "not here"
          Console.line("  \(file.path)  \(bytes)  \(records)  \(checksum(file.checksum))")
          if let problem = file.problem, file.byteCount != nil || !names.isEmpty {
            broken.append("\(problem)")
          } else if case .differs(let expected, let found) = file.checksum {
            broken.append("\(file.path): expected SHA-256 \(expected), found \(found)")
          }
        }
      }
      if let first = broken.first { throw Failure.Impossible(description: first) }
    }

    /// The images of class folders or of tar shards.
    private static func images(_ path: String) throws -> any EncodedImages {
      ImageShards.isPattern(path)
        ? try ImageShards(path, classCount: 1 << 20) : try ClassFolders(path: path)
    }

    /// What is found of a dataset, or of a path.
    private func reports(
      _ name: String, _ installer: DatasetInstaller
    ) throws -> (folder: String, files: [FileReport]) {
      let path = DataFolder(path: name).path
      if TokenFolder.isAt(path) { return (path, TokenShards.verify(path)) }
      if ["/", "./", "../", "~"].contains(where: { name.hasPrefix($0) }) {
        return (path, try Self.images(path).verify(path))
      }
      let report = installer.verify(try DatasetRegistry.named(name))
      return (report.folder, report.files)
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
      abstract: "Downloads a dataset and verifies it; resumes a stopped download.",
      discussion: """
        A file is put in place only when it is complete and has the right SHA-256. Until then it is kept \
        as FILE.part, and the next call continues it.

        Behind a mirror:  nap data get mnist --from https://mirror.example/mnist
        The mirror must have the files under these names: cifar-10-binary.tar.gz, cifar-100-binary.tar.gz, \
        train-images-idx3-ubyte.gz and the other three of MNIST, tinyshakespeare.txt, and Debian's packages \
        under their own names.
        """)
    @Argument(help: "A dataset; nap data list shows them.") var name: String
    @Option(
      name: .customLong("from"),
      help: ArgumentHelp(
        "A mirror: the address of the folder with the dataset's files. Their checksums must be those "
          + "of the originals.", valueName: "url"))
    var mirror: String?
    @Option(help: "Seconds without data after which a server counts as silent.")
    var patience = 30.0
    @Option(help: "Attempts per file, with growing pauses from 1 s.")
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
      let megabytes = Double(dataset.downloads.map(\.byteCount).reduce(0, +)) / 1e6
      Console.line(
        "\(dataset.name): \(dataset.downloads.count) file(s), "
          + String(format: "%.1f MB, to download if they are not here", megabytes))
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
