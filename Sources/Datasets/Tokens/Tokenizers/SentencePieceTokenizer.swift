import CSentencePiece
import Texts
import Torch

/// A model of SentencePiece (Kudo and Richardson 2018), read and used by its own library.
///
/// Ids are those of `encode` in Python's `sentencepiece`. The end of a document is the model's `</s>`.
public struct SentencePieceTokenizer: Tokenizer {
  public let identity: TokenizerIdentity
  public let file: [UInt8]
  private let path: String
  private let model: Model

  /// A handle that is freed with its last copy. Any number of threads may use it: its functions are const.
  private final class Model: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { nap_sentencepiece_free(pointer) }
  }

  /// Reads a model.
  ///
  /// - Parameter path: the file that the bytes come from, for errors.
  /// - Throws: `DatasetError` (`malformed`) for bytes that are no model.
  public init(_ bytes: [UInt8], path: String) throws {
    var pointer: OpaquePointer?
    let reason = Self.reason { pointer = nap_sentencepiece_load(bytes, bytes.count, $0) }
    guard let pointer else {
      throw DatasetError(
        .malformed, path: path, expected: "a model of SentencePiece", found: reason,
        remedy: Tokenizers.remedy)
    }
    let model = Model(pointer)
    let end = nap_sentencepiece_end(pointer)
    identity = TokenizerIdentity(
      kind: .sentencePiece, vocabulary: Int(nap_sentencepiece_vocabulary(pointer)),
      endOfDocument: end < 0 ? nil : Int(end), sha256: SHA256.hexadecimal(of: bytes))
    (file, self.path, self.model) = (bytes, path, model)
  }

  public func tokens(of text: [UInt8]) throws -> [UInt32] {
    let bytes = try given { nap_sentencepiece_encode(model.pointer, text, text.count, $0, $1, $2) }
    return bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
  }

  public func text(of tokens: [UInt32]) throws -> [UInt8] {
    let ids = tokens.map(Int32.init)
    return try given { nap_sentencepiece_decode(model.pointer, ids, ids.count, $0, $1, $2) }
  }

  /// The bytes of what a call gives.
  private func given(
    _ call: (nap_sentencepiece_give, UnsafeMutableRawPointer, UnsafeMutablePointer<CChar>) -> Int32
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var status: Int32 = 0
    let reason = withUnsafeMutablePointer(to: &bytes) { target in
      Self.reason { reason in
        status = call(
          { context, items, count in
            context?.assumingMemoryBound(to: [UInt8].self).pointee =
              Array(UnsafeRawBufferPointer(start: items, count: count))
          }, target, reason)
      }
    }
    guard status == 0 else {
      throw DatasetError(
        .malformed, path: path, expected: "tokens of a text", found: reason,
        remedy: "train the model again, or take another --tokenizer")
    }
    return bytes
  }

  /// What a call writes as its reason, on one line.
  private static func reason(_ call: (UnsafeMutablePointer<CChar>) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(nap_sentencepiece_message_limit)) {
      buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "" }
      call(start)
      return Excerpt.of(String(cString: start), atMost: 200)
    }
  }
}

extension SentencePieceTokenizer {
  /// Sentences that a model is trained on; our choice, some gigabyte of memory.
  static let mostSentences = 1_000_000

  /// Trains a unigram model with byte fallback, by SentencePiece's own trainer and its defaults.
  ///
  /// - Parameters:
  ///   - vocabulary: its tokens, control symbols and 256 bytes included.
  ///   - path: what errors name.
  ///   - next: the next sentence in UTF-8, nil at the end; what it throws ends the training. Longer ones than 4,192
  ///     bytes are left out by SentencePiece.
  /// - Returns: the bytes of the model's file: equal ones for equal sentences.
  /// - Throws: `DatasetError` (`invalidRequest`) with SentencePiece's reason, such as a vocabulary that the sentences
  ///   are too few for.
  public static func train(
    vocabulary: Int, path: String, sentences next: () throws -> [UInt8]?
  ) throws -> [UInt8] {
    try withoutActuallyEscaping(next) { next in
      let training = Training(next)
      var status: Int32 = 0
      let reason = Self.reason {
        status = nap_sentencepiece_train(
          Int32(clamping: vocabulary), { Training.of($0).next($1, $2) },
          { context, items, count in
            Training.of(context).model = Array(UnsafeRawBufferPointer(start: items, count: count))
          }, Unmanaged.passUnretained(training).toOpaque(), $0)
      }
      if let error = training.error { throw error }
      guard status == 0 else {
        throw DatasetError(
          .invalidRequest, path: path,
          expected: "text that a vocabulary of \(vocabulary) can be trained on", found: reason,
          remedy: "another --train-vocabulary, or more text")
      }
      return training.model
    }
  }

  /// Trains on the first million lines of a corpus; see ``train(vocabulary:path:sentences:)``.
  ///
  /// - Parameter show: is given the bytes of the files that were read, for each line.
  /// - Throws: also `DatasetError` for a corpus that cannot be read, and `StopRequest.Stopped` while it is.
  public static func train(
    vocabulary: Int, on corpus: Corpus, skipsDamaged: Bool = false, show: (Int) -> Void = { _ in }
  ) throws -> [UInt8] {
    let reader = CorpusReader(corpus)
    let documents = BlockDocuments(split: corpus.split, key: corpus.key, skipsDamaged: skipsDamaged)
    var lines: ArraySlice<[UInt8]> = []
    return try train(vocabulary: vocabulary, path: corpus.files.first?.path ?? "") {
      while lines.isEmpty, let block = try reader.next() {
        try StopRequest.check()
        show(reader.readByteCount)
        var found: [[UInt8]] = []
        _ = try documents.forEachText(of: block) { text, _ in
          found += text.split(separator: 0x0a).map(Array.init)
        }
        lines = found[...]
      }
      return lines.popFirst()
    }
  }

  /// What the trainer asks, and what it gave. It asks on the thread that called it.
  private final class Training {
    private let sentences: () throws -> [UInt8]?
    private var count = 0
    private var sentence: UnsafeMutableBufferPointer<CChar>?
    var model: [UInt8] = []
    var error: (any Error)?

    init(_ sentences: @escaping () throws -> [UInt8]?) { self.sentences = sentences }
    deinit { sentence?.deallocate() }

    static func of(_ context: UnsafeMutableRawPointer?) -> Training {
      guard let context else { preconditionFailure("SentencePiece lost its context") }
      return Unmanaged.fromOpaque(context).takeUnretainedValue()
    }

    func next(
      _ text: UnsafeMutablePointer<UnsafePointer<CChar>?>?, _ length: UnsafeMutablePointer<Int>?
    ) -> Int32 {
      guard error == nil, count < SentencePieceTokenizer.mostSentences else { return 0 }
      do {
        guard let bytes = try sentences() else { return 0 }
        sentence?.deallocate()
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(bytes.count, 1))
        _ = copy.initialize(fromContentsOf: bytes.map { CChar(bitPattern: $0) })
        sentence = copy
        text?.pointee = UnsafePointer(copy.baseAddress)
        length?.pointee = bytes.count
        count += 1
        return 1
      } catch {
        self.error = error
        return 0
      }
    }
  }
}
