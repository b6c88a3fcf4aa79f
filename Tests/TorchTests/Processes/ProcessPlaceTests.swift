import Testing

@testable import Torch

/// Places from environments.
@Suite struct ProcessPlaceTests {
  private let torchrun = [
    "RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "node3",
    "MASTER_PORT": "29500", "TORCHELASTIC_RESTART_COUNT": "2",
    "TORCHELASTIC_USE_AGENT_STORE": "True", "TORCHELASTIC_RUN_ID": "job",
  ]

  @Test("torchrun's variables")
  func torch() throws {
    let place = try ProcessPlace.of(torchrun)
    #expect(
      place
        == ProcessPlace(
          rank: 1, size: 4, localSize: 2, localRank: 1, address: "node3", port: 29_500, attempt: 2,
          isStoreOfRank0: false, job: "job"))
    // A launcher that gives ranks to machines in turn says which place is whose.
    #expect(try ProcessPlace.of(torchrun.merging(["LOCAL_RANK": "0"]) { $1 })?.localRank == 0)
    #expect(try ProcessPlace.of(torchrun.merging(["WORLD_SIZE": "1", "RANK": "0"]) { $1 }) == nil)
    #expect(try ProcessPlace.of([:]) == nil)
  }

  @Test(
    "Variables that are missing or out of range are named",
    arguments: [
      ("RANK", "4"), ("LOCAL_RANK", "4"), ("WORLD_SIZE", "many"), ("MASTER_PORT", ""),
      ("MASTER_ADDR", ""),
    ])
  func faults(name: String, value: String) {
    let error = #expect(throws: ProcessError.self) {
      try ProcessPlace.of(torchrun.merging([name: value]) { $1 })
    }
    #expect(error?.description.contains(name) == true, "\(String(describing: error))")
  }

  @Test("SLURM's variables, inside a step alone")
  func slurm() throws {
    var variables = [
      "SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "8", "SLURM_STEP_NUM_NODES": "2",
      "SLURM_STEP_NODELIST": "gpu[007-008]", "SLURM_JOB_ID": "100000",
    ]
    #expect(try ProcessPlace.of(variables) == nil)
    variables["SLURM_STEP_ID"] = "0"
    #expect(
      try ProcessPlace.of(variables)
        == ProcessPlace(
          rank: 3, size: 8, localSize: 4, localRank: 3, address: "gpu007",
          port: 49_152 + 100_000 % 16_384))
    variables["SLURM_LOCALID"] = "1"
    #expect(try ProcessPlace.of(variables)?.localRank == 1)
    variables["SLURM_STEP_NUM_TASKS"] = "1"
    #expect(try ProcessPlace.of(variables) == nil)
  }

  @Test("First names of lists of machines")
  func nodes() {
    #expect(ProcessPlace.firstNode("a,b") == "a")
    #expect(ProcessPlace.firstNode("node[03-05,9],x") == "node03")
    #expect(ProcessPlace.firstNode("n[12]") == "n12")
    #expect(ProcessPlace.firstNode("") == nil && ProcessPlace.firstNode("n[") == nil)
  }
}
