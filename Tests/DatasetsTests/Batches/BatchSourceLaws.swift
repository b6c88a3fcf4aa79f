import Foundation
import Testing

@testable import Datasets

/// What holds for every ``BatchSource``.
enum BatchSourceLaws {
  /// Reads `count` batches in every way that must give the same ones.
  ///
  /// - Parameters:
  ///   - count: batches that are compared.
  ///   - epoch: batches of an epoch in which each example comes once, and the examples; `nil` where there is none.
  ///   - make: a source at its beginning, the same at every call but for the share.
  ///   - examples: what stands for each example of a batch, in order.
  static func check<Source: BatchSource, Example: Hashable>(
    count: Int, epoch: (batches: Int, examples: Int)? = nil, foreign: [Source.Position] = [],
    _ make: (ProcessShare) throws -> Source, _ examples: (Source.Examples) -> [Example]
  ) throws {
    func read(_ source: inout some BatchSource<Source.Examples, Source.Position>, _ count: Int)
      throws -> [[Example]]
    {
      try (0..<count).map { _ in examples(try source.nextBatch()) }
    }
    var first = try make(.whole)
    let whole = try read(&first, count)
    var twin = try make(.whole)
    #expect(try read(&twin, count) == whole, "equal sources gave different batches")
    #expect(twin.position == first.position)
    if let epoch {
      let once = whole.prefix(epoch.batches).flatMap { $0 }
      #expect(
        once.count == epoch.examples && Set(once).count == epoch.examples,
        "an example came twice, or not at all")
    }

    for stop in 0...count {
      var source = try make(.whole)
      _ = try read(&source, stop)
      let position = try JSONDecoder().decode(
        Source.Position.self, from: JSONEncoder().encode(source.position))
      var resumed = try make(.whole)
      try resumed.seek(position)
      #expect(resumed.position == position)
      #expect(try read(&resumed, count - stop) == Array(whole[stop...]), "resumed at \(stop)")
      // One that has read goes back, and its batch at a position is the one that it gave there.
      try first.seek(position)
      #expect(try read(&first, count - stop) == Array(whole[stop...]), "went back to \(stop)")
      for position in foreign { #expect(throws: DatasetError.self) { try resumed.seek(position) } }
      #expect(resumed.position == twin.position, "a refused position changed the source")
    }

    // Parts make up the whole on any number of processes, and a run goes on with another number.
    let half = count / 2
    for processes in [2, 3, 7] {
      func sources(_ processes: Int) throws -> [Source] {
        try (0..<processes).map { try make(ProcessShare(rank: $0, of: processes)) }
      }
      func joined(_ sources: inout [Source], _ count: Int) throws -> [[Example]] {
        let parts = try sources.indices.map { try read(&sources[$0], count) }
        return (0..<count).map { batch in parts.flatMap { $0[batch] } }
      }
      var some = try sources(processes)
      #expect(try joined(&some, half) == Array(whole[..<half]), "\(processes) processes")
      #expect(Set(some.map(\.position)).count == 1, "processes stand at different places")
      var others = try sources(processes + 1)
      for index in others.indices { try others[index].seek(some[0].position) }
      #expect(
        try joined(&others, count - half) == Array(whole[half...]),
        "\(processes + 1) after \(processes) processes")
    }
  }
}
