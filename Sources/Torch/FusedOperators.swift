internal import CTorch

/// Kernels of this package that do several operators' work in one pass.
///
/// On CPU in float32 and float64 they are loops of our own on all threads; elsewhere the same
/// results come from libtorch's operators. Results do not depend on the number of threads.
public enum FusedOperators {
  /// Norms to restore: tensors that share a group share one joint Frobenius norm.
  public struct Constraint: Sendable, Equatable {
    /// Per tensor an index into ``targetNorms``, or −1 for a tensor that is left alone.
    public var groups: [Int]
    /// The target norm of each group: `W ← W·radius/‖W‖`.
    public var targetNorms: [Double]

    /// A constraint; see the properties.
    public init(groups: [Int], targetNorms: [Double]) {
      self.groups = groups
      self.targetNorms = targetNorms
    }

    /// One group per tensor with a target norm.
    public init(targetNorms: [Double?]) {
      var groups: [Int] = []
      var kept: [Double] = []
      for radius in targetNorms {
        groups.append(radius == nil ? -1 : kept.count)
        if let radius { kept.append(radius) }
      }
      self.init(groups: groups, targetNorms: kept)
    }

    /// Nothing is restored.
    public static let none = Constraint(groups: [], targetNorms: [])
  }

  /// What every optimizer step shares.
  public struct Step {
    /// The step size.
    public var learningRate: Double
    /// Gradients are multiplied by this first.
    public var gradientScale: Double
    /// A scalar of ``FusedOperators/clipScale(of:limit:)`` by which gradients are multiplied, too.
    public var clipScale: Tensor?
    /// The factor λ of weight decay.
    public var weightDecay: Double
    /// Whether the report is wanted, for which devices other than the CPU are waited for.
    public var isMeasured: Bool
    /// Per tensor what the step size is multiplied by; empty: 1 for each.
    public var rateFactors: [Double]
    /// The step size and Adam's count of updates where the parameters are, in the place of the numbers. The CPU takes
    /// the numbers.
    public var deviceNumbers: DeviceNumbers?

    /// A step; see the properties.
    public init(
      learningRate: Double, gradientScale: Double = 1, clipScale: Tensor? = nil,
      weightDecay: Double = 0, isMeasured: Bool = false, rateFactors: [Double] = [],
      deviceNumbers: DeviceNumbers? = nil
    ) {
      self.learningRate = learningRate
      self.gradientScale = gradientScale
      self.clipScale = clipScale
      self.weightDecay = weightDecay
      self.isMeasured = isMeasured
      self.rateFactors = rateFactors
      self.deviceNumbers = deviceNumbers
    }
  }

  /// The numbers of a step that change from one update to the next, as scalars of a device, where a step that was
  /// recorded finds them.
  public struct DeviceNumbers {
    /// The step size, in float64. Adam rounds it to float32.
    public var learningRate: Tensor
    /// Updates taken, this one included, in float32.
    public let updates: Tensor

    /// Both numbers on a device.
    public init(learningRate: Double, updates: Int, on device: Device) {
      self.learningRate = Tensor.full(
        [], value: .real(learningRate), dtype: .float64, device: device)
      self.updates = Tensor.full(
        [], value: .real(Double(updates)), dtype: .float32, device: device)
    }

    /// Writes both. Waits for nothing.
    public func set(learningRate: Double, updates: Int) {
      _ = self.learningRate.fillInPlace(with: .real(learningRate))
      _ = self.updates.fillInPlace(with: .real(Double(updates)))
    }
  }

  /// What a step did; sums in float64. Of a device other than the CPU norms are NaN and failures unknown unless they
  /// were asked for; a group that failed was left alone all the same.
  public struct Report: Sendable {
    /// Per group, the joint norm just before it was restored.
    public var normsBefore: [Double]
    /// Per tensor ‖W‖² before the step; empty unless measured.
    public var oldSquares: [Double]
    /// Per tensor ‖u‖² of the optimizer's update u, before anything was restored.
    public var updateSquares: [Double]
    /// Per tensor ⟨W, u⟩.
    public var oldDotUpdates: [Double]
    /// The first group whose norm is zero or not finite; it was not restored.
    public var failedGroup: Int?
  }

  /// One Adam or AdamW step of all tensors, their norms restored in the same pass.
  ///
  ///     m ← m + (1−β₁)(g−m);  v ← β₂v + (1−β₂)g²
  ///     W ← W − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
  ///
  /// - Parameters:
  ///   - update: t, which counts from 1.
  ///   - isDecoupled: AdamW, `W ← (1−ηλ)W` first; otherwise `g ← g + λW`.
  public static func adam(
    _ parameters: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor],
    beta1: Double, beta2: Double, epsilon: Double, update: Int, isDecoupled: Bool, step: Step,
    constraint: Constraint = .none
  ) -> Report {
    reporting("FusedOperators.adam", parameters, constraint, step) { projection, step, report in
      withExtendedLifetime((parameters, gradients, firstMoments, secondMoments)) {
        nap_kernel_adam(
          parameters.map(\.pointer), gradients.map(\.pointer), firstMoments.map(\.pointer),
          secondMoments.map(\.pointer), parameters.count, beta1, beta2, epsilon, update,
          isDecoupled, step, projection, report)
      }
    }
  }

  /// One step of gradient descent: `v ← μv + (1−δ)g; W ← W − ηv`, Nesterov `W − η(g + μv)`.
  ///
  /// - Parameters:
  ///   - velocities: empty when `momentum` is 0.
  ///   - update: counts from 1; at the first the velocity is the gradient, undamped.
  public static func sgd(
    _ parameters: [Tensor], gradients: [Tensor], velocities: [Tensor], momentum: Double,
    dampening: Double = 0, isNesterov: Bool, update: Int, step: Step,
    constraint: Constraint = .none
  ) -> Report {
    reporting("FusedOperators.sgd", parameters, constraint, step) { projection, step, report in
      let list = velocities.isEmpty ? nil : velocities.map(\.pointer)
      return withExtendedLifetime((parameters, gradients, velocities)) {
        nap_kernel_sgd(
          parameters.map(\.pointer), gradients.map(\.pointer), list, parameters.count, momentum,
          dampening, isNesterov, update, step, projection, report)
      }
    }
  }

  /// One RMSProp step: `s ← αs + (1−α)g²; W ← W − ηg/(√s + ε)`, with momentum on the quotient.
  ///
  /// - Parameters:
  ///   - averages: running means of gradients for the centered form, else empty.
  ///   - velocities: empty when `momentum` is 0.
  public static func rmsProp(
    _ parameters: [Tensor], gradients: [Tensor], squares: [Tensor], averages: [Tensor] = [],
    velocities: [Tensor], alpha: Double, epsilon: Double, momentum: Double, step: Step,
    constraint: Constraint = .none
  ) -> Report {
    reporting("FusedOperators.rmsProp", parameters, constraint, step) { projection, step, report in
      let means = averages.isEmpty ? nil : averages.map(\.pointer)
      let list = velocities.isEmpty ? nil : velocities.map(\.pointer)
      return withExtendedLifetime((parameters, gradients, squares, averages, velocities)) {
        nap_kernel_rmsprop(
          parameters.map(\.pointer), gradients.map(\.pointer), squares.map(\.pointer), means, list,
          parameters.count, alpha, epsilon, momentum, step, projection, report)
      }
    }
  }

  /// Hyperball's step: `W ← R n(W + η R n(D))`, `n(x) = x/‖x‖`, for each group of the constraint as one vector, R its
  /// radius.
  ///
  /// A group of D = 0 whose norm is R (to 1e-6) keeps every bit.
  /// - Parameters:
  ///   - directions: D, what a base optimizer would add; only the direction counts.
  ///   - step: its rate η is the tangent of the angle by which W turns where D is orthogonal to it; the gradient scale
  ///     and λ are of no account.
  ///   - constraint: has every tensor in a group; of a group's rate factors the first tensor's counts.
  public static func turn(
    _ parameters: [Tensor], directions: [Tensor], step: Step, constraint: Constraint
  ) -> Report {
    reporting("FusedOperators.turn", parameters, constraint, step) { projection, step, report in
      withExtendedLifetime((parameters, directions)) {
        nap_kernel_turn(
          parameters.map(\.pointer), directions.map(\.pointer), parameters.count, step, projection,
          report)
      }
    }
  }

  /// Restores norms: `W ← W·radius/‖W‖` for every group, or changes nothing when a norm is zero or
  /// not finite (see ``Report/failedGroup``).
  ///
  /// - Parameter readsBack: whether devices other than the CPU are waited for, so that the report has their norms.
  public static func project(
    _ parameters: [Tensor], constraint: Constraint, readsBack: Bool = true
  ) -> Report {
    if readsBack { HostReads.note() }
    return reporting("FusedOperators.project", parameters, constraint, Step(learningRate: 0)) {
      projection, _, report in
      withExtendedLifetime(parameters) {
        nap_kernel_project(
          parameters.map(\.pointer), parameters.count, projection, readsBack, report)
      }
    }
  }

  /// What gradients are multiplied by so that their joint norm is at most `limit`, `min(1, limit / norm)`: a float64
  /// scalar where they are (float32 on MPS), from float64 sums. NaN for a norm that is not a number, 0 for an infinite
  /// one. Waits for nothing.
  public static func clipScale(of gradients: [Tensor], limit: Double) -> Tensor {
    withExtendedLifetime(gradients) {
      Seam.one("FusedOperators.clipScale", gradients) {
        nap_kernel_clip_scale(gradients.map(\.pointer), gradients.count, limit, $0)
      }
    }
  }

  /// Per tensor the sum of squares, added up in float64. Waits for the device.
  public static func squareSums(_ tensors: [Tensor]) -> [Double] {
    HostReads.note()
    var sums = [Double](repeating: 0, count: tensors.count)
    Seam.none("FusedOperators.squareSums", tensors) {
      withExtendedLifetime(tensors) {
        nap_kernel_square_sums(tensors.map(\.pointer), tensors.count, &sums)
      }
    }
    return sums
  }

  /// How many threads the kernels' work is spread over, found by trying.
  public static var threadCount: Int {
    var count: Int32 = 0
    Seam.none("FusedOperators.threadCount", []) { nap_kernel_thread_count(&count) }
    return Int(count)
  }

  private static func reporting(
    _ name: StaticString, _ parameters: [Tensor], _ constraint: Constraint, _ step: Step,
    _ call: (nap_projection, nap_step, UnsafeMutablePointer<nap_report>) -> Int32
  ) -> Report {
    if step.isMeasured { HostReads.note() }
    let (rates, clipScale, numbers) = (step.rateFactors, step.clipScale, step.deviceNumbers)
    precondition(
      rates.isEmpty || rates.count == parameters.count,
      "\(name): \(rates.count) rate factors for \(parameters.count) tensors")
    var norms = [Double](repeating: .nan, count: constraint.targetNorms.count)
    let count = step.isMeasured ? parameters.count : 0
    var squares = [Double](repeating: .nan, count: 3 * count)
    var failed = -1
    norms.withUnsafeMutableBufferPointer { norms in
      squares.withUnsafeMutableBufferPointer { squares in
        constraint.groups.withUnsafeBufferPointer { groups in
          constraint.targetNorms.withUnsafeBufferPointer { targetNorms in
            rates.withUnsafeBufferPointer { rates in
              let base = step.isMeasured ? squares.baseAddress : nil
              var report = nap_report(
                norm_before: norms.baseAddress, old_square: base,
                update_square: base.map { $0 + count },
                old_dot_update: base.map { $0 + 2 * count }, failed_group: -1)
              let projection = nap_projection(
                group: groups.baseAddress, radius: targetNorms.baseAddress,
                radius_count: targetNorms.count)
              let step = nap_step(
                learning_rate: step.learningRate, gradient_scale: step.gradientScale,
                clip_scale: clipScale?.pointer, weight_decay: step.weightDecay,
                measure: step.isMeasured, rate_factor: rates.isEmpty ? nil : rates.baseAddress,
                device_rate: numbers?.learningRate.pointer,
                device_updates: numbers?.updates.pointer)
              withExtendedLifetime((clipScale, numbers)) {
                Seam.none(name, parameters) { call(projection, step, &report) }
              }
              failed = report.failed_group
            }
          }
        }
      }
    }
    return Report(
      normsBefore: norms, oldSquares: Array(squares.prefix(count)),
      updateSquares: Array(squares.dropFirst(count).prefix(count)),
      oldDotUpdates: Array(squares.dropFirst(2 * count)), failedGroup: failed < 0 ? nil : failed)
  }
}

extension Tensor {
  /// Which statistics a fused normalization removes.
  public enum NormKind: Int32, Sendable {
    /// Mean and deviation.
    case layer = 0
    /// Root mean square.
    case rms = 1
  }

  /// A normalization over the last `size` elements and the rectifier after it, as one kernel:
  /// `act(scale·(x − mean)/√(var + ε) + offset)`, `act(z) = z` above zero and `slope·z` below.
  ///
  /// Differentiable once; a second derivative is an error that says so.
  /// - Parameters:
  ///   - size: a product of the last axes' sizes.
  ///   - scale: `size` elements, or none.
  ///   - offset: `size` elements, or none.
  ///   - slope: 0 for ReLU, 1 for no activation.
  public func normalizedRectified(
    _ kind: NormKind, size: Int, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double,
    slope: Double
  ) -> Tensor {
    withExtendedLifetime((self, scale, offset)) {
      Seam.one("normalizedRectified", [self] + Seam.list(scale) + Seam.list(offset)) {
        nap_kernel_norm_rectifier(
          pointer, scale?.pointer, offset?.pointer, kind.rawValue, size, epsilon, slope, $0)
      }
    }
  }

  /// `x·Wᵀ + b` over the last axis, W of shape (out, in), b (out).
  ///
  /// libtorch's `linear`, differentiable any number of times. On a CPU in float32, from some 2 million multiplications
  /// on, by oneDNN where libtorch's MKL leaves the widest vectors unused: processors with AVX-512 that are not Intel's.
  public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("linear", [self, weight] + Seam.list(bias)) {
        nap_kernel_linear(pointer, weight.pointer, bias?.pointer, $0)
      }
    }
  }

  /// `x (W + S ∘ (o iᵀ))ᵀ + b`, as one kernel: a linear layer of a mean W and a deviation S (O, I) times factors of
  /// noise.
  ///
  /// Input (…, I) to output (…, O). The matrix is made piece by piece where the product needs it. Differentiable once
  /// in the input, W, S and b; a second derivative is an error that says so, except where the operators are taken:
  /// beyond 256 rows, on other devices, for sizes that the kernel's tiles do not cover.
  /// - Parameters:
  ///   - inputFactors: i (I), through which no gradient goes.
  ///   - outputFactors: o (O), likewise.
  ///   - bias: b (O), or none.
  ///   - isFused: whether the kernel is wanted; the operators can be differentiated any number of times.
  public func noisyLinear(
    weight: Tensor, deviation: Tensor, inputFactors: Tensor, outputFactors: Tensor,
    bias: Tensor? = nil, isFused: Bool = true
  ) -> Tensor {
    let factors = [inputFactors, outputFactors]
    return withExtendedLifetime((self, weight, deviation, factors, bias)) {
      Seam.one("noisyLinear", [self, weight, deviation] + factors + Seam.list(bias)) {
        nap_kernel_noisy_linear(
          pointer, weight.pointer, deviation.pointer, inputFactors.pointer, outputFactors.pointer,
          bias?.pointer, isFused, $0)
      }
    }
  }

  /// sign(x) √|x| of `count` standard normals cut at ±2, in float32 where the generator is: factors of noise of
  /// Fortunato et al.
  /// 2018. x = √2 erf⁻¹(u), u uniform in ±erf(√2): one number of the generator each.
  public static func noiseFactors(count: Int, generator: Generator) -> Tensor {
    withExtendedLifetime(generator) {
      Seam.one("noiseFactors", []) { nap_kernel_noise_factors(count, generator.pointer, $0) }
    }
  }

  /// `convolution2D`, whose kernel's gradient is found faster where the input is images: few channels through which no
  /// gradient goes, a stride that divides the kernel, no padding, in float32 on CPU; and which one small image without
  /// padding, groups or a graph passes through faster there. Elsewhere it is that operator.
  ///
  /// - Parameters:
  ///   - stride: vertical, horizontal.
  ///   - padding: vertical, horizontal.
  public func imageConvolution2D(
    weight: Tensor, bias: Tensor? = nil, stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0),
    groups: Int = 1
  ) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("imageConvolution2D", [self, weight] + Seam.list(bias)) {
        nap_kernel_convolution(
          pointer, weight.pointer, bias?.pointer, [stride.0, stride.1], [padding.0, padding.1],
          groups, $0)
      }
    }
  }
}
