/// What the environment says of this process's place in a group.
///
/// `torchrun`, `nap launch` and PyTorch's own launchers set `RANK`, `WORLD_SIZE`, `MASTER_ADDR` and `MASTER_PORT`; a
/// step of SLURM with several tasks has `SLURM_PROCID` and `SLURM_STEP_NUM_TASKS`.
public struct ProcessPlace: Hashable, Sendable {
  /// The rank, from 0.
  public var rank: Int
  /// The number of processes.
  public var size: Int
  /// The number of processes on this machine.
  public var localSize: Int
  /// The place among the processes on this machine, from 0.
  public var localRank = 0
  /// The machine that keeps the store.
  public var address: String
  /// Its port.
  public var port: Int
  /// How often the processes were started again.
  public var attempt = 0
  /// Whether rank 0 keeps the store, and not the program that started it.
  public var isStoreOfRank0 = true
  /// The launcher's name for all attempts; empty where it has none.
  public var job = ""

  /// The place; `nil` for a process of its own.
  ///
  /// - Throws: ``ProcessError/environment(_:)`` naming the variable that is missing or no number in range.
  public static func of(_ environment: [String: String]) throws(ProcessError) -> ProcessPlace? {
    if environment["RANK"] != nil, environment["WORLD_SIZE"] != nil {
      return try torch(environment)
    }
    if environment["SLURM_STEP_ID"] != nil, environment["SLURM_PROCID"] != nil {
      return try slurm(environment)
    }
    return nil
  }

  private static func torch(_ environment: [String: String]) throws(ProcessError) -> ProcessPlace? {
    let size = try number("WORLD_SIZE", environment, 1...1_000_000)
    guard size > 1 else { return nil }
    guard let address = environment["MASTER_ADDR"], !address.isEmpty else {
      throw .environment(
        "WORLD_SIZE=\(size) without MASTER_ADDR: expected the address of rank 0's machine; start processes with "
          + "torchrun or nap launch")
    }
    var place = ProcessPlace(
      rank: try number("RANK", environment, 0...(size - 1)), size: size,
      localSize: try number("LOCAL_WORLD_SIZE", environment, 1...size, orElse: size),
      address: address, port: try number("MASTER_PORT", environment, 1...65_535))
    place.localRank = try number(
      "LOCAL_RANK", environment, 0...(size - 1), orElse: place.rank % place.localSize)
    place.attempt = try number("TORCHELASTIC_RESTART_COUNT", environment, 0...1_000_000, orElse: 0)
    place.isStoreOfRank0 = environment["TORCHELASTIC_USE_AGENT_STORE"] != "True"
    place.job = environment["TORCHELASTIC_RUN_ID"] ?? ""
    return place
  }

  private static func slurm(_ environment: [String: String]) throws(ProcessError) -> ProcessPlace? {
    let size = try number("SLURM_STEP_NUM_TASKS", environment, 1...1_000_000, orElse: 1)
    guard size > 1 else { return nil }
    let nodes = environment["SLURM_STEP_NODELIST"] ?? environment["SLURM_JOB_NODELIST"] ?? ""
    guard let address = environment["MASTER_ADDR"] ?? firstNode(nodes) else {
      throw .environment(
        "SLURM_STEP_NODELIST=\(nodes): expected the names of machines; set MASTER_ADDR to the first one's"
      )
    }
    let job = try number("SLURM_JOB_ID", environment, 0...Int.max, orElse: 0)
    let nodeCount = try number("SLURM_STEP_NUM_NODES", environment, 1...size, orElse: 1)
    var place = ProcessPlace(
      rank: try number("SLURM_PROCID", environment, 0...(size - 1)), size: size,
      localSize: max(1, size / nodeCount), address: address,
      // Of the private ports, so that jobs that share a machine seldom take the same.
      port: try number("MASTER_PORT", environment, 1...65_535, orElse: 49_152 + job % 16_384))
    place.localRank = try number(
      "SLURM_LOCALID", environment, 0...(size - 1), orElse: place.rank % place.localSize)
    return place
  }

  /// The first name of a list such as `node[03-05,9],other`.
  static func firstNode(_ list: String) -> String? {
    let first = list.prefix { $0 != "," && $0 != "[" }
    guard !first.isEmpty else { return nil }
    guard list.dropFirst(first.count).first == "[" else { return String(first) }
    let number = list.dropFirst(first.count + 1).prefix { $0.isNumber }
    return number.isEmpty ? nil : String(first + number)
  }

  private static func number(
    _ name: String, _ environment: [String: String], _ range: ClosedRange<Int>,
    orElse fallback: Int? = nil
  ) throws(ProcessError) -> Int {
    let text = environment[name] ?? ""
    if text.isEmpty, let fallback { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw .environment(
        "\(name)=\(text): expected \(range.lowerBound) to \(range.upperBound); start processes with torchrun, srun or "
          + "nap launch")
    }
    return value
  }
}
