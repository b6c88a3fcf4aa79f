import Foundation

/// Fetches files of known content: resumed after a cut, checked, and put in place only when whole.
///
/// Bytes are gathered in a `.part` file beside the place, continued by later attempts and later runs. A file of the
/// wrong digest never takes the place, and its bytes are thrown away. Of several addresses the first is left where it
/// is so slow that the rest would take long: each of the others goes on from there for some seconds, and the quickest
/// to the end.
public struct Downloader: Hashable, Sendable {
  /// Attempts in all, over all addresses.
  public let attempts: Int
  /// Seconds for a connection to come about.
  public let connectSeconds: Double
  /// Seconds without a byte, or with less than 1,000 per second, after which a server counts as silent.
  public let stallSeconds: Double
  /// Seconds before the second attempt; each further pause is twice as long.
  public let firstPauseSeconds: Double

  /// Seconds over which an address's rate is measured.
  public let trialSeconds: Double
  /// Seconds that the rest of a file may take before another address is tried.
  public let slowSeconds: Double

  /// States the patience to have. - Precondition: at least one attempt.
  public init(
    attempts: Int = 5, connectSeconds: Double = 15, stallSeconds: Double = 30,
    firstPauseSeconds: Double = 1, trialSeconds: Double = 5, slowSeconds: Double = 30
  ) {
    precondition(attempts > 0, "Downloader: attempts must be above 0, got \(attempts)")
    self.attempts = attempts
    self.connectSeconds = connectSeconds
    self.stallSeconds = stallSeconds
    self.firstPauseSeconds = firstPauseSeconds
    self.trialSeconds = trialSeconds
    self.slowSeconds = slowSeconds
  }

  /// Fetches `file` to `path`, unless it is there already.
  ///
  /// `progress` is called for every block; what it throws stops the download, whose part stays for the next time.
  /// - Throws: `DatasetError`: `downloadFailed`, `timedOut`, `checksumMismatch`, `oversized`, `busy` or `unwritable`.
  public func fetch(
    _ file: RemoteFile, to path: String, progress: (DownloadProgress) throws -> Void = { _ in }
  ) throws {
    if FileManager.default.fileExists(atPath: path),
      try SHA256.hexadecimal(ofFileAt: path) == file.sha256
    {
      return
    }
    let part = try PartialFile(path)
    var usable = file.addresses
    var lastError = failure(file.name, "an address", "none")
    var pause = firstPauseSeconds
    var rates = AddressRates()
    var attempt = 0
    while attempt < attempts, !usable.isEmpty {
      let address = rates.choice(of: usable, attempt)
      let isResumed = part.byteCount > 0
      do {
        try gather(file, from: address, into: part, progress) { [slowSeconds] rate, rest in
          rest > rate * slowSeconds && rates.suggestLeaving(address, at: rate, for: usable)
        }
        try part.finish()
        return
      } catch let slow as Slow {
        rates.measured[address] = slow.rate
        continue
      } catch let refusal as Refusal {
        usable.removeAll { $0 == address }
        lastError = refusal.error
      } catch let error as DatasetError where Self.isWorthAnotherTry(error.kind) {
        lastError = error
        // Wrong content may come of bytes from before; wrong from the start, it will stay wrong.
        let isWrong = error.kind == .checksumMismatch || error.kind == .oversized
        if isWrong && !isResumed { usable.removeAll { $0 == address } }
      }
      if !rates.measured.isEmpty { rates.measured[address] = 0 }
      attempt += 1
      if attempt < attempts, !usable.isEmpty {
        Thread.sleep(forTimeInterval: pause)
        pause *= 2
      }
    }
    if part.byteCount == 0 { part.discard() }
    throw lastError
  }

  /// An address that is left for another, with its bytes a second.
  private struct Slow: Error {
    let rate: Double
  }

  /// An address that will not do.
  private struct Refusal: Error {
    let error: DatasetError
  }

  private static func isWorthAnotherTry(_ kind: DatasetError.Kind) -> Bool {
    [.downloadFailed, .timedOut, .checksumMismatch, .oversized].contains(kind)
  }

  /// One attempt: returns once the part is whole and has the right digest.
  private func gather(
    _ file: RemoteFile, from address: String, into part: PartialFile,
    _ progress: (DownloadProgress) throws -> Void,
    leaves: (_ rate: Double, _ rest: Double) -> Bool
  ) throws {
    if part.byteCount > file.byteCount { try part.restart() }
    if part.byteCount < file.byteCount {
      var outcome = try request(file, address, part, progress, leaves)
      if outcome == .cannotResume {
        // What another address gave is not thrown away for one that may be no quicker.
        if leaves(0, Double(file.byteCount - part.byteCount)) { throw Slow(rate: 0) }
        try part.restart()
        outcome = try request(file, address, part, progress, leaves)
      }
      switch outcome {
      case .finished: break
      case .stalled:
        throw DatasetError(
          .timedOut, path: address,
          expected: "an answer within \(stallSeconds) s, and "
            + "\(Int(CurlTransfer.leastSpeed)) bytes a second",
          found: "\(part.byteCount) of \(file.byteCount) bytes, then silence or next to nothing",
          remedy: "run the command again later: it continues where it stopped")
      case .refused(let reason):
        throw Refusal(
          error: DatasetError(
            .downloadFailed, path: address, expected: "the file \(file.name)", found: reason,
            remedy:
              "find the file of that name elsewhere (its SHA-256 is \(file.sha256)), put it at "
              + "\(part.finalPath) and run the command again"))
      case .cannotResume, .broken:
        let reason = if case .broken(let text) = outcome { text } else { "no whole file" }
        throw failure(
          address, "\(file.byteCount) bytes", "\(part.byteCount) bytes (\(reason))")
      }
    }
    guard part.byteCount == file.byteCount else {
      throw failure(address, "\(file.byteCount) bytes", "\(part.byteCount) bytes")
    }
    let digest = try SHA256.hexadecimal(ofFileAt: part.path)
    guard digest == file.sha256 else {
      try part.restart()
      throw DatasetError(
        .checksumMismatch, path: address, expected: "SHA-256 \(file.sha256)", found: digest,
        remedy: "check the network for a proxy that alters files, or fetch the file elsewhere")
    }
  }

  private func request(
    _ file: RemoteFile, _ address: String, _ part: PartialFile,
    _ progress: (DownloadProgress) throws -> Void, _ leaves: (Double, Double) -> Bool
  ) throws -> CurlTransfer.Outcome {
    let (start, before) = (ContinuousClock.now, part.byteCount)
    var isMeasured = false
    let transfer = CurlTransfer(
      address: address, offset: part.byteCount, connectSeconds: connectSeconds,
      stallSeconds: stallSeconds)
    return try transfer.run { block in
      guard part.byteCount + block.count <= file.byteCount else {
        try part.restart()
        throw DatasetError(
          .oversized, path: address, expected: "\(file.byteCount) bytes", found: "more",
          remedy: "check that the address gives the file itself and not a page about it")
      }
      try part.append(block)
      try progress(
        DownloadProgress(
          name: file.name, receivedByteCount: part.byteCount, byteCount: file.byteCount))
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      guard !isMeasured, seconds >= trialSeconds else { return }
      isMeasured = true
      let rate = Double(part.byteCount - before) / seconds
      if leaves(rate, Double(file.byteCount - part.byteCount)) { throw Slow(rate: rate) }
    }
  }

  private func failure(_ path: String, _ expected: String, _ found: String) -> DatasetError {
    DatasetError(
      .downloadFailed, path: path, expected: expected, found: found,
      remedy: "check the network and run the command again: it continues where it stopped")
  }
}
