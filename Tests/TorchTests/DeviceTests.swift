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
}
