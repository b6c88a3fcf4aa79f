/// True labels and the same examples in every task: ordinary training.
struct StationaryStream: TaskStream {
  let task: ClassificationTask

  func exampleCount(ofTask index: Int) -> Int { task.count }

  mutating func begin(_ index: Int) throws -> TaskData { task.data }
}
