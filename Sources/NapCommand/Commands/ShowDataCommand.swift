import ArgumentParser
import Datasets
import Environments
import Foundation
import Texts

extension DataCommand {
  /// `nap data show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Shows what is in a dataset: counts, classes, sizes, images, documents, tokens.",
      discussion: """
        nap data show cifar-10 -o sheet.png         counts, classes, and a sheet of images of each class
        nap data show debian-texts/bible            the first lines, and how often each byte comes
        nap data show ./c4-tokens                   documents, tokens and the first documents of token shards
        nap data show ./imagenet/val -o sheet.png   a folder with a folder of JPEGs for each class, or tar shards

        A path begins with /, ./, ../ or ~.
        """)

    @Argument(
      help:
        "A dataset (nap data list), DATASET/PART, or a path of token shards, class folders or tar shards."
    )
    var name: String

    @Option(name: .shortAndLong, help: "Writes a contact sheet of images: a .png file.")
    var output: String?

    @Option(help: "Documents of a text or of token shards to show.") var documents = 3

    @OptionGroup var folder: FolderOption

    func validate() throws {
      guard (0...1_000).contains(documents) else {
        throw ValidationError("--documents \(documents): expected 0 to 1000")
      }
      if let output, !output.lowercased().hasSuffix(".png") {
        throw ValidationError("-o \(output): expected a name that ends in .png")
      }
    }

    func run() throws {
      if let output { try OutputFile.require(output, option: "-o") }
      let path = DataFolder(path: name).path
      if TokenFolder.isAt(path) {
        try requireNoSheet("token shards")
        return try TokensTable(shards: TokenShards(folder: path), documents: documents).show()
      }
      if ["/", "./", "../", "~"].contains(where: { name.hasPrefix($0) }) {
        return try show(imagesAt: path)
      }
      let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
      let dataset = try DatasetRegistry.named(parts.first ?? name)
      Console.line("\(dataset.name)  \(dataset.summary)")
      guard dataset.textNames.isEmpty else {
        try requireNoSheet("a text")
        for text in parts.count > 1 ? [parts[1]] : dataset.textNames {
          try show(dataset.text(named: text, from: folder.root))
        }
        return
      }
      var sheet: ContactSheet?
      for split in ImageDataset.Split.allCases {
        let images = try dataset.images(split, from: folder.root)
        let megabytes = String(format: "%.1f MB", Double(images.pixels.count) / 1e6)
        Console.line(
          "\(split.rawValue): \(images.count) images of \(images.shape) in \(images.classCount) classes, \(megabytes)"
        )
        Self.list(images.classNames, images.labelHistogram)
        if sheet == nil { sheet = ContactSheet(images) }
      }
      if let sheet { try write(sheet) }
    }

    /// Class folders or tar shards. Sizes are those of a sample, and so are the classes of shards, whose labels lie
    /// beside the images.
    private func show(imagesAt path: String) throws {
      let isPacked = ImageShards.isPattern(path)
      let folders = isPacked ? nil : try ClassFolders(path: path)
      let images: any EncodedImages =
        if let folders { folders } else { try ImageShards(path, classCount: 1 << 20) }
      let places = stride(from: 0, to: images.count, by: max(1, images.count / Self.mostSampled))
      let labels = try folders?.labels ?? places.map { try images.image($0).label }
      let names = folders?.classNames ?? (0...(labels.max() ?? 0)).map { "class \($0)" }
      var counts = [Int](repeating: 0, count: names.count)
      for label in labels { counts[label] += 1 }
      let of =
        isPacked
        ? "of \(labels.count) of them \(counts.filter { $0 > 0 }.count)" : "\(counts.count)"
      Console.line("\(path): \(images.count) images, \(of) classes")
      Self.list(names, counts)
      let step = isPacked ? max(1, images.count / Self.mostSampled) : 1
      let sample = try ContactSheet.sample(labels, classes: counts.count)
        .map { row in
          try row.map { place in
            let image = try images.image(place * step)
            return try EncodedImage(image.bytes, path: image.path).decoded()
          }
        }
      let sizes = sample.joined().map { ($0.width, $0.height) }
      let (widths, heights) = (sizes.map(\.0), sizes.map(\.1))
      Console.line(
        "sizes of \(sizes.count) of them: \(widths.min() ?? 0) to \(widths.max() ?? 0) wide, "
          + "\(heights.min() ?? 0) to \(heights.max() ?? 0) high")
      try write(ContactSheet(sample, side: 112))
    }

    /// Images of tar shards that are looked at.
    private static let mostSampled = 2_000

    private func show(_ text: TextDataset) throws {
      let lines = text.bytes.reduce(0) { $0 + ($1 == 0x0a ? 1 : 0) }
      Console.line("\(text.name): \(text.bytes.count) bytes, \(lines) lines  \(text.source)")
      let paragraphs = text.bytes.split(separator: 0x0a).prefix(documents)
      for line in paragraphs {
        Console.line(
          "  " + Excerpt.of(String(decoding: line.prefix(400), as: UTF8.self), atMost: 100))
      }
      var counts = [Int](repeating: 0, count: 256)
      for byte in text.bytes { counts[Int(byte)] += 1 }
      TokensTable.list(counts, of: text.bytes.count) {
        (0x21..<0x7f).contains($0) ? String(UnicodeScalar(UInt8($0))) : String(format: "0x%02x", $0)
      }
    }

    /// The counts of classes: of many, the first, and the smallest and largest.
    private static func list(_ names: [String], _ counts: [Int]) {
      for (name, count) in zip(names, counts).prefix(20) { Console.line("  \(name)  \(count)") }
      guard names.count > 20, let least = counts.min(), let most = counts.max() else { return }
      Console.line("  … \(names.count - 20) more classes; \(least) to \(most) images in a class")
    }

    private func requireNoSheet(_ what: String) throws {
      guard output == nil else {
        throw ValidationError("-o: expected a dataset of images, found \(what); leave -o out")
      }
    }

    private func write(_ sheet: ContactSheet) throws {
      guard let output else {
        return Console.line("-o sheet.png writes a contact sheet of \(sheet.count) images")
      }
      let url = URL(fileURLWithPath: output)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(sheet.image.png).write(to: url, options: .atomic)
      Console.line("\(output): \(sheet.count) images, a row for each class")
    }
  }
}

/// What `nap data show` says of token shards.
struct TokensTable {
  let shards: TokenShards
  let documents: Int

  /// Tokens that the histogram counts.
  static let mostCounted = 10_000_000

  func show() throws {
    let about = shards.description
    let bytes = shards.headers.reduce(0) { $0 + $1.textBytes }
    let skipped = shards.headers.reduce(0) { $0 + $1.skipped }
    Console.line(
      "\(shards.folder): \(shards.tokenCount) tokens of \(shards.documentCount) documents in "
        + "\(shards.headers.count) shard(s), \(shards.headers.first?.dtype ?? "")")
    Console.line(
      "tokenizer: \(about.tokenizer.words); "
        + String(
          format: "%.2f bytes of text per token", Double(bytes) / Double(max(shards.tokenCount, 1)))
        + (skipped > 0 ? "; left out as damaged: \(skipped)" : ""))
    Console.line(
      "files: \(about.corpus.files.count), the first \(about.corpus.files.first?.path ?? "none")")
    let tokenizer = try about.readTokenizer(in: shards.folder)
    for index in 0..<min(documents, shards.documentCount) {
      let places = shards.document(index)
      let text = try tokenizer.text(
        of: shards.tokens(places.prefix(400)).filter { $0 < about.tokenizer.vocabulary })
      Console.line(
        "  document \(index), \(places.count) tokens: "
          + Excerpt.of(String(decoding: text, as: UTF8.self)))
    }
    var counts = [Int](repeating: 0, count: about.tokenizer.vocabulary)
    let counted = min(shards.tokenCount, Self.mostCounted)
    for start in stride(from: 0, to: counted, by: 1 << 16) {
      for token in shards.tokens(start..<min(start + 1 << 16, counted)) where token < counts.count {
        counts[Int(token)] += 1
      }
    }
    Self.list(counts, of: counted) { token in
      let text = (try? tokenizer.text(of: [UInt32(token)])) ?? []
      return "\(token) \"\(Excerpt.of(String(decoding: text, as: UTF8.self), atMost: 20))\""
    }
  }

  /// The commonest tokens, and how many never come.
  static func list(_ counts: [Int], of total: Int, _ name: (Int) -> String) {
    let order = counts.indices.sorted { (counts[$0], $1) > (counts[$1], $0) }
    let unseen = counts.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
    Console.line(
      "tokens by how often they come in \(total) of them; \(unseen) of \(counts.count) never do")
    for token in order.prefix(10) where counts[token] > 0 {
      let share = Double(counts[token]) / Double(max(total, 1))
      let bar = String(repeating: "━", count: max(1, Int((share * 200).rounded())))
      Console.line(String(format: "  %5.2f %%  ", share * 100) + bar + "  " + name(token))
    }
  }
}
