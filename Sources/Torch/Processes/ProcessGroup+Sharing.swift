import Texts

extension ProcessGroup {
  /// A text of rank 0, in every process.
  ///
  /// - Parameter text: rank 0's; of no account elsewhere.
  package func shared(_ text: String) throws -> String {
    let bytes = Array(text.utf8)
    let count = Tensor([bytes.count])
    try broadcast(count)
    let all =
      rank == 0 ? Tensor(bytes) : Tensor.zeros([count.integerItem], dtype: .uint8)
    try broadcast(all)
    return String(decoding: all.array(of: UInt8.self), as: UTF8.self)
  }

  /// A state of rank 0, in every process: from the same state they go on to the same bytes. It lies in the host's
  /// memory.
  ///
  /// - Parameter state: rank 0's; of no account elsewhere.
  /// - Cost: one broadcast a tensor.
  package func shared(_ state: State) throws -> State {
    let form = try JSONText.decode(
      SharedForm.self,
      from: shared(
        JSONText.encode(
          SharedForm(
            tensors: state.tensors.map {
              .init(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape)
            }, values: state.values, mustBeFinite: state.mustBeFinite.sorted()))))
    var result = State(values: form.values)
    result.mustBeFinite = Set(form.mustBeFinite)
    result.folder = rank == 0 ? state.folder : nil
    for (index, entry) in form.tensors.enumerated() {
      let tensor =
        rank == 0
        ? state.tensors[index].tensor.detached().moved(to: .cpu, dtype: entry.dtype).contiguous()
        : Tensor.zeros(entry.shape, dtype: entry.dtype)
      if tensor.elementCount > 0 { try broadcast(tensor.reshaped(to: [-1])) }
      result.tensors.append((entry.name, tensor))
    }
    return result
  }

  /// A number of every process, by rank.
  package func gathered(_ number: UInt64) throws -> [UInt64] {
    try allGather(Tensor([Int(truncatingIfNeeded: number)])).array(of: Int.self)
      .map { UInt64(truncatingIfNeeded: $0) }
  }
}

private struct SharedForm: Codable {
  struct Entry: Codable {
    var name: String
    var dtype: DType
    var shape: [Int]
  }

  var tensors: [Entry]
  var values: [String: String]
  var mustBeFinite: [String]
}
