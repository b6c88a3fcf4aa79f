internal import CTorch

/// Settings and facts of the process that tensors are computed in.
public enum Machine {
  /// libtorch's version, such as `2.13.0`.
  public static var libtorchVersion: String { String(cString: nap_libtorch_version()) }

  /// Threads that one operator may use. Set it before the first operator.
  public static var threadCount: Int {
    get { Int(nap_thread_count()) }
    set { Seam.none("threadCount", []) { nap_set_thread_count(Int32(clamping: newValue)) } }
  }

  /// Sets glibc's trimming and mmap thresholds, and one arena for all threads, so that the memory of one step is kept
  /// for the next, whichever thread takes it.
  ///
  /// Call once at start, before other threads allocate. `docs/log.md` has the measurements. The price is memory: with
  /// glibc 2.36, up to nine times the largest transient tensor stays resident. Does nothing on other C libraries.
  public static func configureAllocator() { nap_configure_allocator() }

  /// Gives memory that is not in use any more back to the system, which ``configureAllocator()`` otherwise keeps for
  /// the next step. Does nothing on other C libraries than glibc.
  public static func releaseMemory() { nap_release_memory() }

  /// Bytes of the process's heaps that are in use, tensors on the CPU included; `nil` on other C libraries than glibc
  /// 2.33 and later.
  public static var allocatedBytes: Int? {
    let bytes = nap_allocated_bytes()
    return bytes < 0 ? nil : Int(bytes)
  }

  /// Whether arithmetic flushes numbers too small for full precision to zero.
  ///
  /// - Returns: whether the processor supports it.
  @discardableResult
  public static func flushDenormals(_ enabled: Bool) -> Bool { nap_set_flush_denormal(enabled) }

  /// Whether kernels that add up in an order of chance are replaced by ones that give the same bits every time.
  ///
  /// On CPU all kernels do so anyway. On CUDA libtorch's default is the quicker kernel; set this before the first
  /// operator there. An operator that has no such kernel is then an error that names it. Cost: some kernels are slower.
  public static var isDeterministic: Bool {
    get { nap_is_deterministic() }
    set { Seam.none("isDeterministic", []) { nap_set_deterministic(newValue) } }
  }
}
