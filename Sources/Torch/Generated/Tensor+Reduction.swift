// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Sum of all elements.
  public func sum(dtype: DType? = nil) -> Tensor {
    Seam.one("sum", self) { nap_op_sum($0, dtype?.code ?? -1, $1) }
  }

  /// Sum over axes.
  ///
  /// libtorch operator `sum.dim_IntList`.
  public func sum(axes: [Int]?, keepAxes keepdim: Bool = false, dtype: DType? = nil) -> Tensor {
    Seam.one("sum", self) { nap_op_sum_dim_IntList($0, axes, axes?.count ?? -1, keepdim, dtype?.code ?? -1, $1) }
  }

  /// Mean of all elements.
  public func mean(dtype: DType? = nil) -> Tensor {
    Seam.one("mean", self) { nap_op_mean($0, dtype?.code ?? -1, $1) }
  }

  /// Mean over axes.
  ///
  /// libtorch operator `mean.dim`.
  public func mean(axes: [Int]?, keepAxes keepdim: Bool = false, dtype: DType? = nil) -> Tensor {
    Seam.one("mean", self) { nap_op_mean_dim($0, axes, axes?.count ?? -1, keepdim, dtype?.code ?? -1, $1) }
  }

  /// Product of all elements.
  ///
  /// libtorch operator `prod`.
  public func product(dtype: DType? = nil) -> Tensor {
    Seam.one("product", self) { nap_op_prod($0, dtype?.code ?? -1, $1) }
  }

  /// Standard deviation; `correction` is subtracted from the count.
  ///
  /// libtorch operator `std.correction`.
  public func standardDeviation(axes: [Int]? = nil, correction: Scalar? = nil, keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("standardDeviation", self) { nap_op_std_correction($0, axes, axes?.count ?? -1, Scalar.c(correction), keepdim, $1) }
  }

  /// Variance; `correction` is subtracted from the count.
  ///
  /// libtorch operator `var.correction`.
  public func variance(axes: [Int]? = nil, correction: Scalar? = nil, keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("variance", self) { nap_op_var_correction($0, axes, axes?.count ?? -1, Scalar.c(correction), keepdim, $1) }
  }

  /// Largest element.
  ///
  /// libtorch operator `max`.
  public func maximum() -> Tensor {
    Seam.one("maximum", self) { nap_op_max($0, $1) }
  }

  /// Smallest element.
  ///
  /// libtorch operator `min`.
  public func minimum() -> Tensor {
    Seam.one("minimum", self) { nap_op_min($0, $1) }
  }

  /// Largest along an axis, with its index.
  ///
  /// libtorch operator `max.dim`.
  public func maximum(axis: Int, keepAxes keepdim: Bool = false) -> (values: Tensor, indices: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("maximum", [self], 2) {
        nap_op_max_dim(self.pointer, axis, keepdim, $0 + 0, $0 + 1)
      }
    }
    return (results[0], results[1])
  }

  /// Smallest along an axis, with its index.
  ///
  /// libtorch operator `min.dim`.
  public func minimum(axis: Int, keepAxes keepdim: Bool = false) -> (values: Tensor, indices: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("minimum", [self], 2) {
        nap_op_min_dim(self.pointer, axis, keepdim, $0 + 0, $0 + 1)
      }
    }
    return (results[0], results[1])
  }

  /// Largest over axes.
  ///
  /// libtorch operator `amax`.
  public func maximumValues(axes: [Int] = [], keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("maximumValues", self) { nap_op_amax($0, axes, axes.count, keepdim, $1) }
  }

  /// Smallest over axes.
  ///
  /// libtorch operator `amin`.
  public func minimumValues(axes: [Int] = [], keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("minimumValues", self) { nap_op_amin($0, axes, axes.count, keepdim, $1) }
  }

  /// Index of the largest element.
  ///
  /// libtorch operator `argmax`.
  public func indexOfMaximum(axis: Int? = nil, keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("indexOfMaximum", self) { nap_op_argmax($0, Seam.optional(axis), keepdim, $1) }
  }

  /// Index of the smallest element.
  ///
  /// libtorch operator `argmin`.
  public func indexOfMinimum(axis: Int? = nil, keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("indexOfMinimum", self) { nap_op_argmin($0, Seam.optional(axis), keepdim, $1) }
  }

  /// Whether any element is true.
  public func any() -> Tensor {
    Seam.one("any", self) { nap_op_any($0, $1) }
  }

  /// Whether any element along an axis is true.
  ///
  /// libtorch operator `any.dim`.
  public func any(axis: Int, keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("any", self) { nap_op_any_dim($0, axis, keepdim, $1) }
  }

  /// Whether every element is true.
  public func all() -> Tensor {
    Seam.one("all", self) { nap_op_all($0, $1) }
  }

  /// Whether every element along an axis is true.
  ///
  /// libtorch operator `all.dim`.
  public func all(axis: Int, keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("all", self) { nap_op_all_dim($0, axis, keepdim, $1) }
  }

  /// Running sum along an axis.
  ///
  /// libtorch operator `cumsum`.
  public func cumulativeSum(axis: Int, dtype: DType? = nil) -> Tensor {
    Seam.one("cumulativeSum", self) { nap_op_cumsum($0, axis, dtype?.code ?? -1, $1) }
  }

  /// `ln Σ e^self` over axes, without overflow.
  ///
  /// libtorch operator `logsumexp`.
  public func logSumExp(axes: [Int], keepAxes keepdim: Bool = false) -> Tensor {
    Seam.one("logSumExp", self) { nap_op_logsumexp($0, axes, axes.count, keepdim, $1) }
  }

  /// The lower median of all elements.
  public func median() -> Tensor {
    Seam.one("median", self) { nap_op_median($0, $1) }
  }

  /// Number of non-zero elements over axes.
  ///
  /// libtorch operator `count_nonzero.dim_IntList`.
  public func countNonzero(axes: [Int]) -> Tensor {
    Seam.one("countNonzero", self) { nap_op_count_nonzero_dim_IntList($0, axes, axes.count, $1) }
  }

  /// The k largest (or smallest) along an axis, with indices.
  ///
  /// libtorch operator `topk`.
  public func largest(_ k: Int, axis: Int = -1, descending largest: Bool = true, sorted: Bool = true) -> (values: Tensor, indices: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("largest", [self], 2) {
        nap_op_topk(self.pointer, k, axis, largest, sorted, $0 + 0, $0 + 1)
      }
    }
    return (results[0], results[1])
  }

  /// Sorted along an axis, with the permutation.
  ///
  /// libtorch operator `sort`.
  public func sorted(axis: Int = -1, descending descendingValue: Bool = false) -> (values: Tensor, indices: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("sorted", [self], 2) {
        nap_op_sort(self.pointer, axis, descendingValue, $0 + 0, $0 + 1)
      }
    }
    return (results[0], results[1])
  }

  /// Indices that sort along an axis.
  ///
  /// libtorch operator `argsort`.
  public func sortingPermutation(axis: Int = -1, descending descendingValue: Bool = false) -> Tensor {
    Seam.one("sortingPermutation", self) { nap_op_argsort($0, axis, descendingValue, $1) }
  }
}
