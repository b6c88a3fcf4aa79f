// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Zeros.
  public static func zeros(_ size: [Int], dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("zeros", []) { nap_op_zeros(size, size.count, dtype?.code ?? -1, device.c, $0) }
  }

  /// Ones.
  public static func ones(_ size: [Int], dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("ones", []) { nap_op_ones(size, size.count, dtype?.code ?? -1, device.c, $0) }
  }

  /// Memory that has not been set.
  ///
  /// libtorch operator `empty.memory_format`.
  public static func uninitialized(_ size: [Int], dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("uninitialized", []) { nap_op_empty_memory_format(size, size.count, dtype?.code ?? -1, device.c, $0) }
  }

  /// One value everywhere.
  public static func full(_ size: [Int], value fillValue: Scalar, dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("full", []) { nap_op_full(size, size.count, fillValue.c, dtype?.code ?? -1, device.c, $0) }
  }

  /// `from, from + by, …` up to but not including `to`.
  ///
  /// libtorch operator `arange.start_step`.
  public static func range(from start: Scalar, to end: Scalar, by step: Scalar = 1, dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("range", []) { nap_op_arange_start_step(start.c, end.c, step.c, dtype?.code ?? -1, device.c, $0) }
  }

  /// Evenly spaced values, both ends included.
  ///
  /// libtorch operator `linspace`.
  public static func linearlySpaced(from start: Scalar, through end: Scalar, count steps: Int, dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("linearlySpaced", []) { nap_op_linspace(start.c, end.c, steps, dtype?.code ?? -1, device.c, $0) }
  }

  /// The identity matrix.
  ///
  /// libtorch operator `eye`.
  public static func identity(_ n: Int, dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    Seam.one("identity", []) { nap_op_eye(n, dtype?.code ?? -1, device.c, $0) }
  }

  /// Standard normal draws.
  ///
  /// libtorch operator `randn.generator`.
  public static func normal(_ size: [Int], generator: Generator, dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    withExtendedLifetime((generator)) {
      Seam.one("normal", []) { nap_op_randn_generator(size, size.count, generator.pointer, dtype?.code ?? -1, device.c, $0) }
    }
  }

  /// Uniform draws from [0, 1).
  ///
  /// libtorch operator `rand.generator`.
  public static func uniform(_ size: [Int], generator: Generator, dtype: DType? = nil, device: Device = .cpu) -> Tensor {
    withExtendedLifetime((generator)) {
      Seam.one("uniform", []) { nap_op_rand_generator(size, size.count, generator.pointer, dtype?.code ?? -1, device.c, $0) }
    }
  }

  /// Uniform integers from [from, to).
  ///
  /// libtorch operator `randint.low_generator`.
  public static func integers(from low: Int, to high: Int, _ size: [Int], generator: Generator, dtype: DType? = .int64, device: Device = .cpu) -> Tensor {
    withExtendedLifetime((generator)) {
      Seam.one("integers", []) { nap_op_randint_low_generator(low, high, size, size.count, generator.pointer, dtype?.code ?? -1, device.c, $0) }
    }
  }

  /// A random order of 0 ..< n.
  ///
  /// libtorch operator `randperm.generator`.
  public static func permutation(_ n: Int, generator: Generator, dtype: DType? = .int64, device: Device = .cpu) -> Tensor {
    withExtendedLifetime((generator)) {
      Seam.one("permutation", []) { nap_op_randperm_generator(n, generator.pointer, dtype?.code ?? -1, device.c, $0) }
    }
  }

  /// Zeros in another tensor's shape.
  public static func zerosLike(_ other: Tensor, dtype: DType? = nil, device: Device? = nil) -> Tensor {
    Seam.one("zerosLike", other) { nap_op_zeros_like($0, dtype?.code ?? -1, Device.c(device), $1) }
  }

  /// Ones in another tensor's shape.
  public static func onesLike(_ other: Tensor, dtype: DType? = nil, device: Device? = nil) -> Tensor {
    Seam.one("onesLike", other) { nap_op_ones_like($0, dtype?.code ?? -1, Device.c(device), $1) }
  }

  /// Unset memory in another tensor's shape.
  ///
  /// libtorch operator `empty_like`.
  public static func uninitializedLike(_ other: Tensor, dtype: DType? = nil, device: Device? = nil) -> Tensor {
    Seam.one("uninitializedLike", other) { nap_op_empty_like($0, dtype?.code ?? -1, Device.c(device), $1) }
  }

  /// Indices drawn in proportion to weights.
  public func multinomial(samples numSamples: Int, replacing replacement: Bool = false, generator: Generator) -> Tensor {
    withExtendedLifetime((self, generator)) {
      Seam.one("multinomial", [self]) { nap_op_multinomial(self.pointer, numSamples, replacement, generator.pointer, $0) }
    }
  }
}
