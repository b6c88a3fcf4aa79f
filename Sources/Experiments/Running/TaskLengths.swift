import Torch

/// Where each task of a run begins, in updates.
public struct TaskLengths: Equatable, Sendable {
  /// The first update of each task, and after the last task the number of all updates.
  private let starts: [Int]

  /// Tasks one after another.
  ///
  /// - Parameter lengths: updates of each task; a sum beyond every integer stops at the largest.
  public init(_ lengths: [Int]) {
    var total = 0
    starts = lengths.reduce(into: [0]) { starts, length in
      total = total.saturatingSum(length)
      starts.append(total)
    }
  }

  /// Updates of the whole run.
  var total: Int { starts[starts.count - 1] }

  /// The mean of all tasks' updates.
  var meanLength: Int { total / (starts.count - 1) }

  /// Updates of one task.
  func length(ofTask index: Int) -> Int { starts[index + 1] - starts[index] }

  /// The task of the update after `updates` completed ones, and how many of them were in the task.
  ///
  /// At a boundary that is the task to come. - Precondition: `updates` is in 0 ..< ``total``.
  func place(after updates: Int) -> (task: Int, updateInTask: Int) {
    var low = 0
    var high = starts.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= updates { low = middle } else { high = middle }
    }
    return (low, updates - starts[low])
  }

  /// The task that was last at work after `updates` completed ones; `nil` before the first.
  func lastTask(after updates: Int) -> Int? {
    updates == 0 ? nil : place(after: updates - 1).task
  }
}
