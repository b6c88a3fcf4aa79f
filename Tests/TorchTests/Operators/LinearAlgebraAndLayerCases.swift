import Torch

extension OperatorCases {
  mutating func addLinearAlgebra() {
    add("matmul") { i in [i.batchA.matrixProduct(i.square)] }
    add("mm") { i in [i.x.matrixProduct2D(i.square)] }
    add("bmm") { i in [i.batchA.batchedMatrixProduct(i.batchB)] }
    add("linear") { i in
      [i.batchA.linear(weight: i.weight, bias: i.weightBias), i.x.linear(weight: i.weight)]
    }
    add("dot") { i in [i.v.dot(i.w)] }
    add("outer") { i in [i.v.outer(i.w)] }
    add("einsum") { i in [.einsum("bij,bjk->ik", [i.batchA, i.batchB])] }
    add("linalg_svd") { i in
      let (u, s, vh) = i.tall.singularValueDecomposition(fullMatrices: false)
      return [s, (u * s).matrixProduct(vh)]
    }
    add("linalg_svdvals") { i in [i.tall.singularValues()] }
    add("linalg_eigvalsh") { i in [i.symmetric.symmetricEigenvalues()] }
    add("linalg_eigh") { i in
      let (values, vectors) = i.symmetric.symmetricEigendecomposition()
      return [values, (vectors * values).matrixProduct(vectors.transposed())]
    }
    add("linalg_eigvals") { i in
      [i.square.complexEigenvalues().viewedAsReal().squared().sum(axes: [1]).sorted().values]
    }
    add("linalg_qr") { i in
      let (q, r) = i.tall.orthogonalTriangular()
      return [q.matrixProduct(r), r.absolute()]
    }
    add("linalg_vector_norm") { i in
      [i.cube.vectorNorm(), i.cube.vectorNorm(order: 1, axes: [0, 2])]
    }
    add("linalg_matrix_norm") { i in
      [i.tall.matrixNorm(order: 2), i.cube.matrixNorm(order: 1, keepAxes: true)]
    }
    add("linalg_matrix_norm.str_ord") { i in
      [i.tall.matrixNorm(named: "nuc"), i.cube.matrixNorm(named: "fro")]
    }
    add("linalg_solve") { i in
      [i.square.solving(i.right), i.square.solving(i.rightRows, left: false)]
    }
    add("linalg_inv") { i in [i.square.inverse()] }
    add("linalg_det") { i in [i.square.determinant()] }
    add("trace") { i in [i.square.trace()] }
  }

  mutating func addConvolutionAndPooling() {
    add("conv2d") { i in
      [
        i.image.convolution2D(
          weight: i.kernel, bias: i.kernelBias, stride: [2, 1], padding: [1, 2],
          dilation: [1, 2], groups: 2)
      ]
    }
    add("conv2d.padding") { i in
      [i.image.convolution2D(weight: i.kernel, paddingMode: "same", groups: 2)]
    }
    add("conv1d") { i in
      [
        i.signal.convolution1D(
          weight: i.kernel1, bias: i.kernel1Bias, stride: [2], padding: [1], dilation: [1],
          groups: 2)
      ]
    }
    add("max_pool2d") { i in
      [
        i.image.maximumPool2D(
          kernel: [3, 2], stride: [2, 1], padding: [1, 0], ceilingMode: true),
        i.image.maximumPool2D(kernel: [2, 2]),
      ]
    }
    add("avg_pool2d") { i in
      [
        i.image.averagePool2D(
          kernel: [3, 2], stride: [2, 1], padding: [1, 0], ceilingMode: true, countsPadding: false),
        i.image.averagePool2D(kernel: [3, 2], stride: [2, 1], padding: [1, 0], divisor: 4),
      ]
    }
    add("im2col") { i in
      [i.image.unfolded(kernel: [3, 2], dilation: [1, 2], padding: [2, 1], stride: [2, 1])]
    }
    add("adaptive_avg_pool2d") { i in [i.image.adaptiveAveragePool2D(to: [4, 2])] }
    add("upsample_bilinear2d") { i in
      [
        i.image.bilinearResized(to: [9, 3], alignCorners: false),
        i.image.bilinearResized(to: [9, 3], alignCorners: true),
      ]
    }
  }

  mutating func addNormalization() {
    add("layer_norm") { i in
      [
        i.x.layerNorm(shape: [4], scale: i.scale, offset: i.offset, epsilon: 0.1),
        i.cube.layerNorm(shape: [3, 4]),
      ]
    }
    add("rms_norm") { i in
      [i.x.rmsNorm(shape: [4], scale: i.scale, epsilon: 0.1), i.cube.rmsNorm(shape: [3, 4])]
    }
    add("group_norm") { i in
      [i.image.groupNorm(groups: 2, scale: i.scale, offset: i.offset, epsilon: 0.1)]
    }
    add("batch_norm") { i in
      let (mean, variance) = (i.runningMean, i.runningVariance)
      let trained = i.image.batchNorm(
        scale: i.scale, offset: i.offset, runningMean: mean, runningVariance: variance,
        training: true, momentum: 0.3, epsilon: 0.1)
      let applied = i.image.batchNorm(
        scale: i.scale, offset: i.offset, runningMean: i.runningMean,
        runningVariance: i.runningVariance, training: false, momentum: 0.3, epsilon: 0.1)
      return [trained, mean, variance, applied]
    }
  }

  mutating func addManyTensors() {
    add("_foreach_mul_.Tensor") { i in
      let tensors = [i.x, i.v]
      Tensor.multiplyAllInPlace(tensors, by: Tensor(1.5, dtype: .float64))
      return tensors
    }
    add("_foreach_mul_.List") { i in
      let tensors = [i.x, i.v]
      Tensor.multiplyEachInPlace(tensors, by: [i.y, i.w])
      return tensors
    }
    add("_foreach_mul_.Scalar") { i in
      let tensors = [i.x, i.v]
      Tensor.multiplyAllInPlace(tensors, by: 1.5)
      return tensors
    }
    add("_foreach_add_.List") { i in
      let tensors = [i.x, i.v]
      Tensor.addEachInPlace(tensors, [i.y, i.w], scaledBy: 0.5)
      return tensors
    }
    add("_foreach_norm.Scalar") { i in
      Tensor.norms([i.x, i.v]) + Tensor.norms([i.x, i.v], order: 1)
    }
    add("_fused_adam_") { i in
      Self.threeSteps(i) { state, gradients, steps in
        Tensor.fusedAdamInPlace(
          state[0], gradients: gradients, firstMoments: state[1], secondMoments: state[2],
          maximumSecondMoments: [], steps: steps, learningRate: 0.1, beta1: 0.8, beta2: 0.95,
          weightDecay: 0.02, epsilon: 1e-6, amsgrad: false, maximize: false)
      }
    }
    add("_fused_adamw_") { i in
      Self.threeSteps(i) { state, gradients, steps in
        Tensor.fusedAdamWInPlace(
          state[0], gradients: gradients, firstMoments: state[1], secondMoments: state[2],
          maximumSecondMoments: [], steps: steps, learningRate: 0.1, beta1: 0.8, beta2: 0.95,
          weightDecay: 0.02, epsilon: 1e-6, amsgrad: false, maximize: false)
      }
    }
    add("_fused_sgd_") { i in
      let all = Self.threeSteps(i) { state, gradients, steps in
        Tensor.fusedSGDInPlace(
          state[0], gradients: gradients, momentumBuffers: state[1], weightDecay: 0.02,
          momentum: 0.9, learningRate: 0.1, dampening: 0.1, nesterov: false, maximize: false,
          isFirstStep: steps[0].item == 1)
      }
      return Array(all.prefix(4))
    }
  }

  /// Three updates of two tensors with gradients that grow; the tensors and two states after it.
  private static func threeSteps(
    _ i: OperatorInputs, _ step: ([[Tensor]], [Tensor], [Tensor]) -> Void
  ) -> [Tensor] {
    let tensors = [i.x, i.v]
    let state = [tensors, tensors.map { .zerosLike($0) }, tensors.map { .zerosLike($0) }]
    for number in 1...3 {
      let steps = tensors.map { _ in Tensor(Double(number)) }
      step(state, [i.y * Double(number), i.w * Double(number)], steps)
    }
    return state.flatMap { $0 }
  }
}
