public import Torch

/// `y = (x − m) / √(v + ε) · σ + μ` with one mean and one variance a channel, over the batch and all positions
/// (Ioffe & Szegedy 2015).
///
/// Input (B, C, H, W) to the same shape. The only layer whose output for one example depends on the others
/// and on the past: ``NormalizationStatistics`` says whether m and v are those of the batch or running
/// means, m̄ ← (1 − momentum) m̄ + momentum m, and v̄ likewise with the unbiased variance, as in PyTorch.
///
/// With the statistics of the batch, scaling the weight before it leaves the output, exactly if ε = 0. With running
/// ones it does so only if m̄ is scaled with it and v̄ by the square, which a projection does.
public struct BatchNorm2D: Layer {
  /// σ (C), first 1.
  public let scale: Parameter
  /// μ (C), first 0.
  public let offset: Parameter
  /// m̄ (C), first 0.
  public let runningMean: Buffer
  /// v̄ (C), first 1.
  public let runningVariance: Buffer
  /// The weight of the newest batch in the running means.
  public let momentum: Double
  /// Added to the variance.
  public let epsilon: Double

  /// Scale and offset, then the running mean and variance.
  public var parts: [Part] {
    [
      .parameter("scale", scale), .parameter("offset", offset),
      .buffer("running_mean", runningMean), .buffer("running_variance", runningVariance),
    ]
  }

  /// A normalization of `channels` channels; momentum 0.1 and ε = 1e-5 as in PyTorch.
  public init(
    channels: Int, momentum: Double = 0.1, epsilon: Double = 1e-5, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    let group = ScaleGroup()
    scale = Parameter(
      Tensor.ones([channels], dtype: dtype, device: device), role: .scale, group: group)
    offset = Parameter(
      Tensor.zeros([channels], dtype: dtype, device: device), role: .offset, group: group)
    runningMean = Buffer(Tensor.zeros([channels], dtype: dtype, device: device))
    runningVariance = Buffer(Tensor.ones([channels], dtype: dtype, device: device))
  }

  /// (B, C, H, W) to the same shape, by ``NormalizationStatistics`` of the scope.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let source = NormalizationStatistics.current
    let isKeeping = source != .batch
    if source != .running, let group = SynchronizedStatistics.group {
      return synchronized(input, isKeeping: isKeeping, over: group)
    }
    return input.batchNorm(
      scale: scale.value, offset: offset.value,
      runningMean: isKeeping ? runningMean.value : nil,
      runningVariance: isKeeping ? runningVariance.value : nil, training: source != .running,
      momentum: momentum, epsilon: NormalizationEpsilon.replacement ?? epsilon)
  }

  /// What a weight before this layer that was scaled by `factor` does to the running statistics: m̄ times
  /// the factor, v̄ times its square.
  ///
  /// - Parameter factor: a scalar; waits for nothing.
  public func scaleRunningStatistics(by factor: Tensor) {
    withoutGradients {
      runningMean.assign(runningMean.value * factor)
      runningVariance.assign(runningVariance.value * (factor * factor))
    }
  }
}

/// What batch normalizations take means and variances from, for a scope.
public enum NormalizationStatistics: Sendable {
  /// Running ones: evaluation, and what holds where no scope says otherwise.
  case running
  /// The batch's, which also move the running ones: training.
  case training
  /// The batch's, and the running ones stay: looking at a network in training without changing it.
  case batch

  @TaskLocal static var current = NormalizationStatistics.running

  /// Runs `body` with these statistics.
  public func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self, operation: body)
  }
}
