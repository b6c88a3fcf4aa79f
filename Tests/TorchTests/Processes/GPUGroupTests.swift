import Testing
import Torch

// What goes over NCCL is compared with one process by the cases `processes*` of Tools/gpu-check, which
// Tools/tests/stand-in-cuda rehearses.
@Suite struct GPUGroupTests {
  @Test(
    "a machine without CUDA says why tensors of a GPU cannot be sent",
    .enabled(if: !Device.cuda(0).isAvailable))
  func problem() throws {
    let problem = try #require(ProcessGroup.gpuProblem)
    #expect(problem.contains("CUDA") || problem.contains("nccl"), "\(problem)")
  }
}
