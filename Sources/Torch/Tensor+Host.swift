internal import CTorch

extension Tensor {
  /// A tensor from an array in row-major order, copied.
  ///
  /// - Parameters:
  ///   - values: as many as the product of `shape`.
  ///   - shape: the axes; a vector of all the values when absent.
  ///   - dtype: converts to another element type; the array's own when absent.
  ///   - device: where the copy goes; to a CUDA device without waiting.
  public init<Element: TensorElement>(
    _ values: [Element], shape: [Int]? = nil, dtype: DType? = nil, device: Device = .cpu
  ) {
    let sizes = shape ?? [values.count]
    let copy = values.withUnsafeBytes { bytes in
      guard case .cuda = device, sizes.reduce(1, *) == values.count else {
        return Tensor(bytes: bytes, shape: sizes, dtype: Element.dtype)
      }
      return Tensor(shape: sizes, dtype: Element.dtype, device: device) {
        $0.copyMemory(from: bytes)
      }
    }
    self = copy.moved(to: device, dtype: dtype ?? Element.dtype)
  }

  /// A scalar tensor.
  public init(_ value: Double, dtype: DType = .float32, device: Device = .cpu) {
    self.init([value], shape: [], dtype: dtype, device: device)
  }

  /// A CPU tensor from raw bytes in row-major order, copied; the byte count must fit the shape.
  public init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) {
    self = Seam.one("Tensor(bytes:)", []) {
      nap_tensor_from_bytes(
        bytes.baseAddress, bytes.count, shape, shape.count, dtype.code, $0)
    }
  }

  /// A tensor whose bytes in row-major order `body` writes, all of them.
  ///
  /// For a CUDA device they are written to page-locked memory and copied from there on a stream of their own, while
  /// this thread and the work that the device has been asked for go on.
  package init(
    shape: [Int], dtype: DType, device: Device = .cpu,
    writing body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    let isPinned = if case .cuda = device { true } else { false }
    let host = Seam.one("Tensor(writing:)", []) {
      nap_tensor_uninitialized(shape, shape.count, dtype.code, isPinned, $0)
    }
    // After a failed allocation there is nothing to write to.
    let count = shape.reduce(dtype.byteCount, *)
    try host.withMutableBytes { if $0.count == count { try body($0) } }
    if isPinned {
      self = Seam.one("Tensor(writing:)", [host]) { nap_tensor_upload(host.pointer, device.c, $0) }
    } else {
      self = device == .cpu ? host : host.moved(to: device)
    }
  }

  /// The elements in row-major order, copied from any device.
  ///
  /// - Precondition: `type` matches ``dtype`` exactly; convert with ``converted(to:asynchronously:copy:)``.
  public func array<Element: TensorElement>(of type: Element.Type) -> [Element] {
    guard dtype == Element.dtype else {
      Seam.report(
        TorchError(
          operation: "array(of: \(Element.self))", operands: [summary],
          reason: "the elements are \(dtype); convert first with converted(to: .\(Element.dtype))"))
      return []
    }
    HostReads.note()
    let count = elementCount
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      let copied = Seam.succeeds("array", [self]) {
        nap_tensor_to_bytes(pointer, raw.baseAddress, count * dtype.byteCount)
      }
      initialized = copied ? count : 0
    }
  }

  /// The elements as float32, whatever their type; copied.
  public var floats: [Float] { converted(to: .float32).array(of: Float.self) }

  /// The elements as float64, whatever their type; copied.
  public var doubles: [Double] { converted(to: .float64).array(of: Double.self) }

  /// The elements as integers, whatever their type (fractions are cut off); copied.
  public var integers: [Int] { converted(to: .int64).array(of: Int.self) }

  /// The value of a tensor with one element. Waits for the device.
  public var item: Double {
    HostReads.note()
    var value = Double.nan
    Seam.none("item", [self]) { nap_tensor_item(pointer, &value) }
    return value
  }

  /// The value of an integer tensor with one element. Waits for the device.
  public var integerItem: Int {
    HostReads.note()
    var value: Int64 = 0
    Seam.none("integerItem", [self]) { nap_tensor_item_integer(pointer, &value) }
    return Int(value)
  }

  /// The row-major bytes of the elements, copied to `body` (for writing files).
  public func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    HostReads.note()
    let source = detached().moved(to: .cpu, dtype: dtype).contiguous()
    var data: UnsafeMutableRawPointer?
    Seam.none("withBytes", [self]) { nap_tensor_data(source.pointer, &data) }
    let count = data == nil ? 0 : source.elementCount * dtype.byteCount
    return try withExtendedLifetime(source) {
      try body(UnsafeRawBufferPointer(start: data, count: count))
    }
  }

  /// A hash of the elements' bytes, the same for equal bits. Cost: one pass over the tensor.
  package var bitHash: UInt64 {
    HostReads.note()
    var hash: UInt64 = 0
    Seam.none("bitHash", [self]) { nap_tensor_hash(pointer, &hash) }
    return hash
  }

  /// The bytes of a contiguous CPU tensor, to be filled in place (from a file).
  func withMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    var data: UnsafeMutableRawPointer?
    Seam.none("withMutableBytes", [self]) { nap_tensor_data(pointer, &data) }
    let count = data == nil ? 0 : elementCount * dtype.byteCount
    return try withExtendedLifetime(self) {
      try body(UnsafeMutableRawBufferPointer(start: data, count: count))
    }
  }

  /// The same values on `device` with `dtype`; itself when both already match.
  public func moved(to device: Device, dtype: DType? = nil) -> Tensor {
    let dtype = dtype ?? self.dtype
    if device == self.device { return dtype == self.dtype ? self : converted(to: dtype) }
    return converted(toDevice: device, dtype: dtype)
  }
}
