// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// One index of an axis, which goes away.
  ///
  /// libtorch operator `select.int`.
  public func selected(axis: Int, at index: Int) -> Tensor {
    Seam.one("selected", self) { nap_op_select_int($0, axis, index, $1) }
  }

  /// A range of an axis.
  ///
  /// libtorch operator `slice.Tensor`.
  public func sliced(axis: Int = 0, from start: Int? = nil, to end: Int? = nil, by step: Int = 1) -> Tensor {
    Seam.one("sliced", self) { nap_op_slice_Tensor($0, axis, Seam.optional(start), Seam.optional(end), step, $1) }
  }

  /// A stretch of an axis.
  ///
  /// libtorch operator `narrow`.
  public func narrowed(axis: Int, from start: Int, length: Int) -> Tensor {
    Seam.one("narrowed", self) { nap_op_narrow($0, axis, start, length, $1) }
  }

  /// Rows of an axis by an index tensor.
  ///
  /// libtorch operator `index_select`.
  public func selected(axis: Int, indices index: Tensor) -> Tensor {
    Seam.one("selected", self, index) { nap_op_index_select($0, axis, $1, $2) }
  }

  /// `out[i][j] = self[i][index[i][j]]` along an axis.
  ///
  /// libtorch operator `gather`.
  public func gathered(axis: Int, at index: Tensor) -> Tensor {
    Seam.one("gathered", self, index) { nap_op_gather($0, axis, $1, $2) }
  }

  /// Writes values at indices along an axis.
  ///
  /// libtorch operator `scatter.src`.
  public func scattered(axis: Int, at index: Tensor, from src: Tensor) -> Tensor {
    Seam.one("scattered", self, index, src) { nap_op_scatter_src($0, axis, $1, $2, $3) }
  }

  /// Adds values at indices along an axis.
  ///
  /// libtorch operator `scatter_add`.
  public func scatterAdded(axis: Int, at index: Tensor, from src: Tensor) -> Tensor {
    Seam.one("scatterAdded", self, index, src) { nap_op_scatter_add($0, axis, $1, $2, $3) }
  }

  /// Adds rows at indices.
  ///
  /// libtorch operator `index_add`.
  public func indexAdded(axis: Int, at index: Tensor, from source: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    Seam.one("indexAdded", self, index, source) { nap_op_index_add($0, axis, $1, $2, alpha.c, $3) }
  }

  /// Writes rows at indices of an axis.
  ///
  /// libtorch operator `index_copy_`.
  @discardableResult
  public func copyRowsInPlace(axis: Int, at index: Tensor, from source: Tensor) -> Tensor {
    Seam.one("copyRowsInPlace", self, index, source) { nap_op_index_copy_($0, axis, $1, $2, $3) }
  }

  /// A number where the mask holds.
  ///
  /// libtorch operator `masked_fill.Scalar`.
  public func filled(where mask: Tensor, with value: Scalar) -> Tensor {
    Seam.one("filled", self, mask) { nap_op_masked_fill_Scalar($0, $1, value.c, $2) }
  }

  /// The elements where the mask holds, flat.
  ///
  /// libtorch operator `masked_select`.
  public func selected(where mask: Tensor) -> Tensor {
    Seam.one("selected", self, mask) { nap_op_masked_select($0, $1, $2) }
  }

  /// Indices of non-zero elements, one row each.
  ///
  /// libtorch operator `nonzero`.
  public func nonzeroIndices() -> Tensor {
    Seam.one("nonzeroIndices", self) { nap_op_nonzero($0, $1) }
  }

  /// Integers as indicator vectors.
  public func oneHot(classes numClasses: Int = -1) -> Tensor {
    Seam.one("oneHot", self) { nap_op_one_hot($0, numClasses, $1) }
  }

  /// Rows of the table `self`.
  ///
  /// libtorch operator `embedding`.
  public func embeddingLookup(_ indices: Tensor, paddingIndex paddingIdx: Int = -1) -> Tensor {
    Seam.one("embeddingLookup", self, indices) { nap_op_embedding($0, $1, paddingIdx, $2) }
  }

  /// Counts of non-negative integers.
  ///
  /// libtorch operator `bincount`.
  public func binCounts(weights: Tensor? = nil, minimumLength minlength: Int = 0) -> Tensor {
    withExtendedLifetime((self, weights)) {
      Seam.one("binCounts", [self] + Seam.list(weights)) { nap_op_bincount(self.pointer, weights?.pointer, minlength, $0) }
    }
  }

  /// Removes equal neighbours.
  public func uniqueConsecutive(returningInverse returnInverse: Bool = false, returningCounts returnCounts: Bool = false, axis: Int? = nil) -> (result0: Tensor, result1: Tensor, result2: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("uniqueConsecutive", [self], 3) {
        nap_op_unique_consecutive(self.pointer, returnInverse, returnCounts, Seam.optional(axis), $0 + 0, $0 + 1, $0 + 2)
      }
    }
    return (results[0], results[1], results[2])
  }
}
