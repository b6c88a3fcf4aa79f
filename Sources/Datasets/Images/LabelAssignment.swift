public import Torch

/// Labels drawn at random, the task of continual memorization: each task re-draws a share of them.
public struct LabelAssignment: Codable, Hashable, Sendable {
  /// A class for each example, in 0 ..< `classCount`.
  public let labels: [Int]
  /// The number of classes.
  public let classCount: Int

  /// Takes labels as they are.
  ///
  /// - Throws: `DatasetError` (`labelOutOfRange`) for a label outside 0 ..< `classCount`.
  public init(labels: [Int], classCount: Int) throws {
    if let record = labels.firstIndex(where: { $0 < 0 || $0 >= classCount }) {
      throw DatasetError(
        .labelOutOfRange, path: "label assignment",
        expected: "a label in 0..<\(classCount) at example \(record)", found: "\(labels[record])",
        remedy: "give labels of these classes")
    }
    self.labels = labels
    self.classCount = classCount
  }

  /// Draws every label uniformly from all classes.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if a count is below 1.
  public init(random count: Int, classCount: Int, using generator: inout SeededGenerator) throws {
    guard count > 0, classCount > 0 else {
      throw DatasetError(
        .invalidRequest, path: "label assignment", expected: "at least one example and one class",
        found: "\(count) examples of \(classCount) classes", remedy: "give counts from 1 up")
    }
    self.labels = (0..<count).map { _ in generator.index(below: classCount) }
    self.classCount = classCount
  }

  /// Re-draws a share of the labels, the rest staying as they are.
  ///
  /// Exactly `share * labels.count` examples, rounded half up, are chosen without replacement; each then draws
  /// uniformly from all classes, so that one in `classCount` keeps its label by chance. Share 1 draws
  /// all of them, and share 0 none, without moving the generator.
  /// - Throws: `DatasetError` (`invalidRequest`) if `share` is not within 0...1.
  public func redrawn(share: Double, using generator: inout SeededGenerator) throws
    -> LabelAssignment
  {
    guard (0...1).contains(share) else {
      throw DatasetError(
        .invalidRequest, path: "label assignment", expected: "a share of labels within 0...1",
        found: "\(share)", remedy: "give 1 to re-draw all labels, 0.1 for a tenth")
    }
    let changed = Int((share * Double(labels.count)).rounded())
    guard changed > 0 else { return self }
    var labels = labels
    let chosen =
      changed == labels.count
      ? Array(labels.indices) : Array(generator.permutation(of: labels.count).prefix(changed))
    for index in chosen { labels[index] = generator.index(below: classCount) }
    return try LabelAssignment(labels: labels, classCount: classCount)
  }
}
