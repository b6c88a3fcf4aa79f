internal import CTorch

/// Where a tensor lives and is computed on.
public enum Device: Sendable, Hashable, CustomStringConvertible {
  case cpu
  /// An NVIDIA GPU by index, through the CUDA library of libtorch when one is installed.
  case cuda(Int)
  /// Apple's GPU.
  case mps

  /// The inverse of ``description``: `cpu`, `cuda`, `cuda:1`, `mps`.
  public init?(_ text: String) {
    switch text {
    case "cpu": self = .cpu
    case "cuda": self = .cuda(0)
    case "mps": self = .mps
    default:
      guard text.hasPrefix("cuda:"), let index = Int(text.dropFirst(5)), index >= 0 else {
        return nil
      }
      self = .cuda(index)
    }
  }

  /// `cpu`, `cuda:0`, `mps`.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    case .mps: "mps"
    }
  }

  /// Whether this process can compute there. Asking for CUDA opens its library once.
  public var isAvailable: Bool {
    switch self {
    case .cpu:
      return true
    case .cuda(let index):
      var count: Int32 = 0
      return nap_cuda_device_count(&count) == 0 && (0..<Int(count)).contains(index)
    case .mps:
      return nap_mps_is_available()
    }
  }

  /// Why CUDA cannot be used, in the loader's own words or in ours; `nil` where it can. Opens its library once.
  public static var cudaProblem: String? {
    guard nap_load_cuda() else { return String(cString: nap_cuda_problem()) }
    var count: Int32 = 0
    guard nap_cuda_device_count(&count) == 0 else { return String(cString: nap_last_error()) }
    return count > 0 ? nil : "libtorch has CUDA, but its driver finds no GPU"
  }

  /// The best device that works here: the first NVIDIA GPU, else Apple's, else the CPU.
  public static var best: Device {
    cuda(0).isAvailable ? .cuda(0) : mps.isAvailable ? .mps : .cpu
  }

  /// What the driver calls the GPU, such as `NVIDIA H100 80GB HBM3`; `nil` for the CPU and where the driver does not
  /// say.
  public var name: String? {
    guard case .cuda(let index) = self, isAvailable else { return nil }
    let name = String(cString: nap_cuda_device_name(Int32(clamping: index)))
    return name.isEmpty ? nil : name
  }

  /// NVIDIA's compute capability, such as 9.0; `nil` for other devices and where the driver does not say.
  public var computeCapability: (major: Int, minor: Int)? {
    guard case .cuda(let index) = self, isAvailable else { return nil }
    let found = Int(nap_cuda_compute_capability(Int32(clamping: index)))
    return found < 0 ? nil : (found / 10, found % 10)
  }

  /// The most bytes that tensors took of a GPU at once so far, as libtorch's allocator counts them; `nil` for the CPU,
  /// where tensors are part of the process's memory, and for Apple's GPU.
  public var peakAllocatedBytes: Int? {
    guard case .cuda(let index) = self else { return nil }
    let bytes = nap_cuda_peak_bytes(Int32(clamping: index))
    return bytes < 0 ? nil : Int(bytes)
  }

  /// Waits until everything queued on the device is done; needed before reading a clock.
  public func synchronize() {
    Seam.none("synchronize", []) { nap_synchronize(c) }
  }

  var c: nap_device {
    switch self {
    case .cpu: nap_device(kind: 0, index: 0)
    case .cuda(let index): nap_device(kind: 1, index: Int32(clamping: index))
    case .mps: nap_device(kind: 2, index: 0)
    }
  }

  static func c(_ device: Device?) -> nap_device { device?.c ?? nap_device(kind: -1, index: 0) }
}
