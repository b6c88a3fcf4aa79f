public import Foundation
public import Testing

/// The law of every parser: whatever the bytes, it ends in time with a value or with an error of its
/// own that names the file, and its memory stays within the input's size times a factor.
///
/// Peak memory is measured for each input as the growth of the process's largest resident size over
/// the call, so the law is checked in a process of its own (an exit test):
///
/// ```swift
/// let end = await #expect(processExitsWith: .success) { law.check { try IDXArray($0.bytes, path: $0.path) } }
/// law.explain(end == nil)
/// ```
///
/// `NAP_NIGHTLY=1` takes 10,000 inputs instead of some hundreds, `NAP_FUZZ_COUNT` any number, and
/// `NAP_FUZZ_ONLY=17` input 17 alone, to see again what it did. `NAP_FUZZ_TALLY=FILE` appends to a
/// file what each parser's inputs led to.
public struct ParserLaw: Sendable {
  /// One damaged input.
  public struct Input {
    /// Its bytes.
    public let bytes: [UInt8]
    /// The name under which the parser is told of it; a file only after ``file()``.
    public let path: String

    /// The input as a file.
    public func file() throws -> URL {
      let url = URL(fileURLWithPath: path)
      try Data(bytes).write(to: url)
      return url
    }
  }

  let name: String
  /// What damages the inputs.
  public let mutator: Mutator
  let factor: Int
  let constant: Int
  let large: [UInt8]
  let deadlineSeconds: Double
  let count: Int

  /// States the law of one parser.
  ///
  /// - Parameters:
  ///   - name: names the parser in reports, and decides the inputs.
  ///   - seeds: sound inputs; each must be read.
  ///   - words: pieces of the format's grammar.
  ///   - factor: bytes of memory that the parser may use for a byte of input.
  ///   - constant: bytes that it may use besides.
  ///   - large: a sound input that is large beside `constant`, on which the factor shows.
  ///   - deadlineSeconds: the longest that one input may take, on a busy machine and unoptimized.
  ///   - share: the inputs of an ordinary run as a share of 200, for parsers that are slow to reach.
  public init(
    _ name: String, seeds: [[UInt8]], words: [String] = [], factor: Int,
    constant: Int = 4 << 20, large: [UInt8] = [], deadlineSeconds: Double = 20, share: Double = 1
  ) {
    let environment = ProcessInfo.processInfo.environment
    self.name = name
    mutator = Mutator(seeds, words: words, name: name)
    self.factor = factor
    self.constant = constant
    self.large = large
    self.deadlineSeconds = deadlineSeconds
    count =
      environment["NAP_FUZZ_COUNT"].flatMap { Int($0) }
      ?? (environment["NAP_NIGHTLY"] == "1" ? 10_000 : Int(200 * share))
  }

  /// Checks the law, recording an issue for each violation; to be called in a process of its own.
  ///
  /// - Parameters:
  ///   - isRefusal: whether an error is one of the parser's own.
  ///   - naming: what a refusal's message must hold, its path unless given; nil asks for nothing.
  ///   - parse: reads an input; may check what it read.
  public func check(
    isRefusal: (any Error) -> Bool, naming: (Input) -> String? = { $0.path },
    sourceLocation: SourceLocation = #_sourceLocation, _ parse: (Input) throws -> Void
  ) {
    let tally = tally(isRefusal: isRefusal, naming: naming, parse)
    for violation in tally.violations.prefix(5) {
      Issue.record("\(name): \(violation)", sourceLocation: sourceLocation)
    }
    let isWhole = ProcessInfo.processInfo.environment["NAP_FUZZ_ONLY"] == nil
    #expect(
      !isWhole || (!tally.refused.isEmpty && tally.sound + tally.refused.values.reduce(0, +) > 0),
      "\(name): nothing was refused, so nothing was tried", sourceLocation: sourceLocation)
    if let path = ProcessInfo.processInfo.environment["NAP_FUZZ_TALLY"] {
      tally.append(to: path, name)
    }
  }

  /// Says which input a process ended at, when it did not end well.
  public func explain(_ hasFailed: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    guard hasFailed, let text = try? String(contentsOf: note, encoding: .utf8) else { return }
    Issue.record(
      "\(name): the process ended at input \(text); see it again with NAP_FUZZ_ONLY=\(text)",
      sourceLocation: sourceLocation)
  }

  private var note: URL {
    FileManager.default.temporaryDirectory.appending(path: "nap-fuzz-\(name).last-input")
  }

  /// Reads every input and collects what happened.
  public func tally(
    isRefusal: (any Error) -> Bool, naming: (Input) -> String? = { $0.path },
    _ parse: (Input) throws -> Void
  ) -> Tally {
    var tally = Tally()
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "nap-fuzz-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = { (bytes: [UInt8]) in Input(bytes: bytes, path: folder.path + "/fuzzed-input") }
    ProcessMemory.returnFreedMemory()
    let sound = mutator.seeds + (large.isEmpty ? [] : [large])
    for (index, seed) in sound.enumerated() {
      do { try parse(input(seed)) } catch {
        tally.violations.append("the sound input \(index) is refused: \(error)")
      }
    }
    ProcessMemory.limitGrowth(
      to: factor * max(mutator.mostBytes, large.count) + constant + (1 << 30))
    let watch = DeadlineWatch(name, seconds: deadlineSeconds)
    defer { watch.stop() }
    let descriptor = open(note.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    if !large.isEmpty { check(input(large), -1, isRefusal, naming, parse, watch, &tally) }
    let only = ProcessInfo.processInfo.environment["NAP_FUZZ_ONLY"].flatMap { Int($0) }
    for index in only.map({ $0..<$0 + 1 }) ?? 0..<count {
      let text = String(index)
      ftruncate(descriptor, 0)
      pwrite(descriptor, text, text.utf8.count, 0)
      check(input(mutator.input(index)), index, isRefusal, naming, parse, watch, &tally)
    }
    unlink(note.path)
    return tally
  }

  private func check(
    _ input: Input, _ index: Int, _ isRefusal: (any Error) -> Bool,
    _ naming: (Input) -> String?, _ parse: (Input) throws -> Void, _ watch: DeadlineWatch,
    _ tally: inout Tally
  ) {
    ProcessMemory.resetPeak()
    let before = ProcessMemory.residentBytes
    // The large input is read for its memory; its time is that of its size.
    watch.begin(index, seconds: index < 0 ? 10 * deadlineSeconds : deadlineSeconds)
    var caught: (any Error)?
    let took = ContinuousClock().measure {
      do { try parse(input) } catch { caught = error }
    }
    watch.end()
    let growth = ProcessMemory.peakBytes - before
    if index < 0 {
      tally.largeFactor = Double(growth) / Double(input.bytes.count)
    } else {
      tally.mostConstantBytes = max(tally.mostConstantBytes, growth - factor * input.bytes.count)
      tally.longest = max(tally.longest, took)
    }
    // A sanitizer's shadow and its store of freed blocks are not the parser's memory.
    let isSanitized = ProcessInfo.processInfo.environment["NAP_SANITIZER"] != nil
    if !isSanitized, growth > factor * input.bytes.count + constant {
      tally.violations.append(
        "input \(index) of \(input.bytes.count) bytes took \(growth) bytes of memory, "
          + "more than \(factor) times its size and \(constant)")
    }
    guard let caught else {
      tally.sound += 1
      return
    }
    let message = "\(caught)"
    if !isRefusal(caught) {
      tally.violations.append("input \(index) gave \(type(of: caught)): \(message.prefix(300))")
    } else if let name = naming(input), !message.contains(name) {
      tally.violations.append(
        "input \(index): the message names no \(name): \(message.prefix(300))")
    } else if message.contains(where: \.isNewline) || message.utf8.count > 2_000 {
      tally.violations.append(
        "input \(index): a message of \(message.utf8.count) bytes or several lines: "
          + "\(message.prefix(300))")
    }
    tally.refused["\(type(of: caught))", default: 0] += 1
  }
}
