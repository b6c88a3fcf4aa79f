import Foundation

extension DatasetInstaller {
  /// Reads every file of a dataset: is it there, sound, how many records, does its digest match.
  ///
  /// Nothing is thrown: problems stand in the report. Cost: one reading of every file.
  public func verify(_ dataset: DatasetDescription) -> VerificationReport {
    let folder = root.appending(dataset.folder)
    let files: [FileReport] =
      switch dataset.content {
      case .procedural: []
      case .text(let fileName):
        [
          FileReport(folder + "/" + fileName, nil, { try digest(of: fileName, dataset, folder) }) {
            try TextDataset(name: dataset.name, path: $0).bytes.count
          }
        ]
      case .debian(let texts):
        texts.map { text in
          FileReport(folder + "/" + text.fileName, nil, { text.sha256 }) {
            try TextDataset(name: text.name, path: $0).bytes.count
          }
        }
      case .cifar(let format):
        ImageDataset.Split.allCases.flatMap { split in
          format.fileNames(split).map { name in
            FileReport(folder + "/" + name, split, { try digest(of: name, dataset, folder) }) {
              path in
              let source = try FileSource(path: path)
              try format.checkSize(source.storedByteCount, path: path)
              let bytes = try source.readExactly(source.storedByteCount, for: "records")
              return try format.parse(bytes, path: path).count
            }
          }
        }
      case .mnist(let format):
        ImageDataset.Split.allCases.flatMap { split in
          [true, false].map { isImages in
            let names = format.fileNames(split, isImages: isImages)
            let name = names.first {
              FileManager.default.fileExists(atPath: folder + "/" + $0)
            }
            let known = { try name.flatMap { try digest(of: $0, dataset, folder) } }
            return FileReport(folder + "/" + (name ?? names[0]), split, known) { path in
              let array = try IDXArray(path: path)
              if isImages { return try format.checkedImages(array, path: path).count }
              return try format.checkedLabels(array, path: path).count
            }
          }
        }
      }
    return VerificationReport(dataset: dataset, folder: folder, files: files)
  }

  /// The digest that is known of a file: the official one, or that noted when the archive was unpacked.
  private func digest(
    of name: String, _ dataset: DatasetDescription, _ folder: String
  ) throws -> String? {
    if let file = dataset.downloads.first(where: { $0.name == name }) { return file.sha256 }
    let path = folder + "/" + Self.digestListName
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let source = try FileSource(path: path)
    return try DigestList(
      source.readExactly(source.storedByteCount, for: "digests"), path: path
    ).digests[name]
  }
}
