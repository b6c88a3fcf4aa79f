extension TokenShards {
  /// Reads every file of a folder: digests, the order of the ends, tokens within the vocabulary, the tokenizer.
  ///
  /// Nothing is thrown: problems stand in the reports. Cost: one reading of every file, of whose bytes 4 MiB are in
  /// memory.
  public static func verify(_ folder: String) -> [FileReport] {
    let description: TokenFolder
    let own = folder + "/" + TokenFolder.fileName
    do { description = try TokenFolder(at: folder) } catch {
      return [FileReport(own) { _ in throw error }]
    }
    var reports = [
      FileReport(own) { _ in
        if description.shards == nil { _ = try TokenShards(folder: folder) }
        return description.documents
      }
    ]
    if description.tokenizer.kind != .bytes {
      reports.append(
        FileReport(
          folder + "/" + description.tokenizerFileName, nil, { description.tokenizer.sha256 }
        ) { _ in try description.readTokenizer(in: folder).identity.vocabulary })
    }
    for index in 0..<max(description.shards ?? 0, 0) {
      let path = TokenShardHeader.path(folder, index)
      do {
        let header = try TokenShardHeader(ofShardAt: path)
        reports += [
          FileReport(path + ".tokens", nil, { header.sha256 }) { _ in
            try check(path, header, description.tokenizer)
          },
          FileReport(path + ".ends", nil, { header.endsSHA256 }) { _ in
            try checkEnds(path, header)
          },
        ]
      } catch {
        reports.append(FileReport(path + ".json") { _ in throw error })
      }
    }
    return reports
  }

  private static func refusal(_ path: String, _ expected: String, _ found: String) -> DatasetError {
    DatasetError(
      .malformed, path: path, expected: expected, found: found, remedy: TokenFolder.remedy)
  }

  private static func check(
    _ path: String, _ header: TokenShardHeader, _ tokenizer: TokenizerIdentity
  ) throws -> Int {
    guard header.tokenizer == tokenizer else {
      throw refusal(
        path + ".json", "a shard of \(tokenizer.words)", "one of \(header.tokenizer.words)")
    }
    let file = try MappedFile(path: path + ".tokens", byteCount: header.tokens * header.width)
    let largest =
      header.width == 2
      ? file.bytes.bindMemory(to: UInt16.self).reduce(0) { max($0, Int(UInt16(littleEndian: $1))) }
      : file.bytes.bindMemory(to: UInt32.self).reduce(0) { max($0, Int(UInt32(littleEndian: $1))) }
    guard largest < tokenizer.vocabulary else {
      throw refusal(
        path + ".tokens", "tokens below \(tokenizer.vocabulary), the vocabulary", "\(largest)")
    }
    return header.tokens
  }

  private static func checkEnds(_ path: String, _ header: TokenShardHeader) throws -> Int {
    let file = try MappedFile(path: path + ".ends", byteCount: header.documents * 8)
    var last: UInt64 = 0
    for (index, end) in file.bytes.bindMemory(to: UInt64.self).enumerated() {
      let end = UInt64(littleEndian: end)
      guard end >= last, end <= UInt64(header.tokens) else {
        throw refusal(
          path + ".ends", "ends in order, at most \(header.tokens)",
          "\(end) as that of document \(index), after \(last)")
      }
      last = end
    }
    return header.documents
  }
}
