import Torch

extension OperatorCases {
  mutating func addReductions() {
    add("sum") { i in [i.x.sum(), i.single.sum(dtype: .float64)] }
    add("sum.dim_IntList") { i in
      [i.cube.sum(axes: [0, 2]), i.cube.sum(axes: [1], keepAxes: true)]
    }
    add("mean") { i in [i.x.mean()] }
    add("mean.dim") { i in [i.cube.mean(axes: [0, 2]), i.cube.mean(axes: [1], keepAxes: true)] }
    add("prod") { i in [i.x.product()] }
    add("std.correction") { i in
      [
        i.cube.standardDeviation(axes: [0, 2], correction: 0),
        i.cube.standardDeviation(correction: 1),
      ]
    }
    add("var.correction") { i in
      [
        i.cube.variance(axes: [0, 2], correction: 0),
        i.cube.variance(axes: [1], correction: 1, keepAxes: true),
      ]
    }
    add("max") { i in [i.x.maximum()] }
    add("min") { i in [i.x.minimum()] }
    add("max.dim") { i in
      let largest = i.x.maximum(axis: 1)
      return [largest.values, largest.indices]
    }
    add("min.dim") { i in
      let least = i.x.minimum(axis: 0, keepAxes: true)
      return [least.values, least.indices]
    }
    add("amax") { i in [i.cube.maximumValues(axes: [0, 2])] }
    add("amin") { i in [i.cube.minimumValues(axes: [1], keepAxes: true)] }
    add("argmax") { i in [i.x.indexOfMaximum(), i.x.indexOfMaximum(axis: 1)] }
    add("argmin") { i in [i.x.indexOfMinimum(), i.x.indexOfMinimum(axis: 1, keepAxes: true)] }
    add("any") { i in [i.b.any()] }
    add("any.dim") { i in [i.b.any(axis: 0)] }
    add("all") { i in [i.b.all()] }
    add("all.dim") { i in [i.b.all(axis: 1)] }
    add("cumsum") { i in [i.x.cumulativeSum(axis: 1)] }
    add("logsumexp") { i in [i.cube.logSumExp(axes: [0, 2])] }
    add("median") { i in [i.x.median()] }
    add("count_nonzero.dim_IntList") { i in [i.i.countNonzero(axes: [0])] }
    add("topk") { i in
      let high = i.x.largest(2)
      let low = i.x.largest(2, axis: 0, descending: false)
      return [high.values, high.indices, low.values, low.indices]
    }
    add("sort") { i in
      let rising = i.x.sorted(axis: 1)
      let falling = i.x.sorted(axis: 0, descending: true)
      return [rising.values, rising.indices, falling.values, falling.indices]
    }
    add("argsort") { i in [i.x.sortingPermutation(axis: 1)] }
  }

  mutating func addShape() {
    add("view") { i in [i.cube.viewed(as: [6, 4])] }
    add("reshape") { i in [i.cube.transposed(0, 1).reshaped(to: [4, -1])] }
    add("permute") { i in [i.cube.permuted(to: [2, 0, 1])] }
    add("transpose.int") { i in [i.cube.transposed(0, 2)] }
    add("t") { i in [i.x.transposed()] }
    add("squeeze.dim") { i in [i.x.viewed(as: [3, 1, 4]).squeezed(axis: 1)] }
    add("unsqueeze") { i in [i.x.unsqueezed(axis: 1)] }
    add("expand") { i in [i.x.viewed(as: [3, 1, 4]).expanded(to: [3, 2, 4])] }
    add("flatten.using_ints") { i in
      [i.image.flattened(from: 1), i.image.flattened(from: 0, through: 2)]
    }
    add("contiguous") { i in [i.x.transposed().contiguous()] }
    add("clone") { i in [i.x.cloned()] }
    add("detach") { i in [i.x.detached()] }
    add("cat") { i in [.concatenated([i.x, i.y], axis: 1)] }
    add("stack") { i in [.stacked([i.x, i.y], axis: 1)] }
    add("split.Tensor") { i in i.x.split(by: 3, axis: 1) }
    add("chunk") { i in i.x.chunked(into: 2, axis: 1) }
    add("repeat") { i in [i.x.repeated([2, 1, 3])] }
    add("roll") { i in [i.x.rolled(by: [1, -2], axes: [0, 1])] }
    add("flip") { i in [i.x.flipped(axes: [1])] }
    add("tril") { i in [i.square.lowerTriangle(diagonal: -1)] }
    add("triu") { i in [i.square.upperTriangle(diagonal: 1)] }
    add("diagonal") { i in
      [i.square.diagonal(), i.cube.diagonal(offset: 1, axis1: 1, axis2: 2)]
    }
    add("constant_pad_nd") { i in [i.x.padded([1, 2, 0, 1], with: 3.5)] }
    add("channel_shuffle") { i in [i.image.channelShuffled(groups: 2)] }
  }

  mutating func addIndexing() {
    add("select.int") { i in [i.cube.selected(axis: 1, at: -1)] }
    add("slice.Tensor") { i in [i.cube.sliced(axis: 1, from: 1), i.cube.sliced(axis: 2, by: 2)] }
    add("narrow") { i in [i.cube.narrowed(axis: 2, from: 1, length: 2)] }
    add("index_select") { i in [i.x.selected(axis: 0, indices: i.order)] }
    add("gather") { i in [i.x.gathered(axis: 1, at: i.columns)] }
    add("scatter.src") { i in [i.x.scattered(axis: 1, at: i.distinct, from: i.written)] }
    add("scatter_add") { i in [i.x.scatterAdded(axis: 1, at: i.columns, from: i.written)] }
    add("index_add") { i in [i.x.indexAdded(axis: 0, at: i.order, from: i.source, scaledBy: 2)] }
    add("index_copy_") { i in [i.x.copyRowsInPlace(axis: 0, at: i.order, from: i.source)] }
    add("masked_fill.Scalar") { i in [i.x.filled(where: i.b, with: -1.5)] }
    add("masked_select") { i in [i.x.selected(where: i.b)] }
    add("nonzero") { i in [i.i.nonzeroIndices()] }
    add("one_hot") { i in [i.targets.oneHot(classes: 5)] }
    add("embedding") { i in [i.table.embeddingLookup(i.rows)] }
    add("bincount") { i in
      [i.counted.binCounts(), i.counted.binCounts(weights: i.countWeights, minimumLength: 7)]
    }
    add("unique_consecutive") { i in
      let unique = i.runs.uniqueConsecutive(returningInverse: true, returningCounts: true)
      return [unique.result0, unique.result1, unique.result2]
    }
  }

  mutating func addConversionAndCreation() {
    add("to.dtype") { i in
      let reals = [DType.float32, .bfloat16, .float16, .int32].map { i.x.converted(to: $0) }
      return reals + [DType.uint8, .bool, .int8].map { i.i.converted(to: $0) }
    }
    add("to.device") { i in [i.x.converted(toDevice: .cpu, dtype: .float32)] }
    add("view.dtype") { i in [i.single.reinterpreted(as: .int32)] }
    add("view_as_real") { _ in
      let rotation = Tensor([1, -2, 2, 1] as [Float], shape: [2, 2])
      return [rotation.complexEigenvalues().viewedAsReal().absolute()]
    }
    add("zeros") { _ in [.zeros([2, 3]), .zeros([2], dtype: .bool)] }
    add("ones") { _ in [.ones([2, 3], dtype: .int32)] }
    add("full") { _ in [.full([2, 3], value: 2.5, dtype: .float64), .full([2], value: 7)] }
    add("arange.start_step") { _ in
      [.range(from: 1, to: 8, by: 3), .range(from: 0.5, to: 2.0, by: 0.25)]
    }
    add("linspace") { _ in [.linearlySpaced(from: -1, through: 2, count: 7, dtype: .float64)] }
    add("eye") { _ in [.identity(3)] }
    add("zeros_like") { i in [.zerosLike(i.x)] }
    add("ones_like") { i in [.onesLike(i.x, dtype: .int64)] }
  }
}
