import Foundation
import Testing
import Torch

@Suite struct DeviceTests {
  @Test(arguments: [Device.cpu, .cuda(0), .cuda(3), .mps])
  func `a device is named and read back`(device: Device) {
    #expect(Device(device.description) == device)
  }

  @Test(arguments: ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"])
  func `what names no device is refused`(text: String) {
    #expect(Device(text) == nil)
  }

  @Test func `the CPU is always there, absurd devices never`() {
    #expect(Device("cuda") == .cuda(0))
    #expect(Device.cpu.isAvailable)
    #expect(!Device.cuda(-1).isAvailable)
    #expect(!Device.cuda(4096).isAvailable)
    Device.cpu.synchronize()
  }

  @Test(arguments: [Device.cuda(0), .cuda(4096), .cuda(.max), .mps])
  func `a device that is not there is an error, one that is computes`(device: Device) throws {
    if device.isAvailable {
      #expect(Tensor([1, 2] as [Float], device: device).sum().item == 3)
    } else {
      let error = #expect(throws: TorchError.self) {
        try withTorchErrors { Tensor.ones([2], device: device) }
      }
      #expect(error?.operation == "ones")
      #expect(error?.reason.isEmpty == false)
    }
  }

  @Test func `CUDA works, or says in words why it does not`() {
    #expect((Device.cudaProblem == nil) == Device.cuda(0).isAvailable)
    #expect(Device.cudaProblem?.isEmpty != true)
    #expect(Device.best.isAvailable)
    #expect((Device.best == .cuda(0)) == Device.cuda(0).isAvailable)
  }

  @Test func `deterministic kernels are a switch, which tells cuBLAS too`() async {
    // In a process of its own: the switch is the process's.
    await #expect(processExitsWith: .success) {
      #expect(!Machine.isDeterministic)
      Machine.isDeterministic = true
      #expect(Machine.isDeterministic)
      #expect(getenv("CUBLAS_WORKSPACE_CONFIG").map { String(cString: $0) } == ":4096:8")
      Machine.isDeterministic = false
      #expect(!Machine.isDeterministic)
    }
  }
}
