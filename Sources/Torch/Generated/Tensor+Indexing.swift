// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// One index of an axis, which goes away.
  ///
  /// libtorch operator `select.int`.
  public func selected(axis: Int, at index: Int) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("selected", [self]) { nap_op_select_int(self.pointer, axis, index, $0) }
    }
  }

  /// A range of an axis.
  ///
  /// libtorch operator `slice.Tensor`.
  public func sliced(axis: Int = 0, from start: Int? = nil, to end: Int? = nil, by step: Int = 1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("sliced", [self]) { nap_op_slice_Tensor(self.pointer, axis, Seam.optional(start), Seam.optional(end), step, $0) }
    }
  }

  /// A stretch of an axis.
  ///
  /// libtorch operator `narrow`.
  public func narrowed(axis: Int, from start: Int, length: Int) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("narrowed", [self]) { nap_op_narrow(self.pointer, axis, start, length, $0) }
    }
  }

  /// Rows of an axis by an index tensor.
  ///
  /// libtorch operator `index_select`.
  public func selected(axis: Int, indices index: Tensor) -> Tensor {
    withExtendedLifetime((self, index)) {
      Seam.one("selected", [self, index]) { nap_op_index_select(self.pointer, axis, index.pointer, $0) }
    }
  }

  /// `out[i][j] = self[i][index[i][j]]` along an axis.
  ///
  /// libtorch operator `gather`.
  public func gathered(axis: Int, at index: Tensor) -> Tensor {
    withExtendedLifetime((self, index)) {
      Seam.one("gathered", [self, index]) { nap_op_gather(self.pointer, axis, index.pointer, $0) }
    }
  }

  /// Writes values at indices along an axis.
  ///
  /// libtorch operator `scatter.src`.
  public func scattered(axis: Int, at index: Tensor, from src: Tensor) -> Tensor {
    withExtendedLifetime((self, index, src)) {
      Seam.one("scattered", [self, index, src]) { nap_op_scatter_src(self.pointer, axis, index.pointer, src.pointer, $0) }
    }
  }

  /// Adds values at indices along an axis.
  ///
  /// libtorch operator `scatter_add`.
  public func scatterAdded(axis: Int, at index: Tensor, from src: Tensor) -> Tensor {
    withExtendedLifetime((self, index, src)) {
      Seam.one("scatterAdded", [self, index, src]) { nap_op_scatter_add(self.pointer, axis, index.pointer, src.pointer, $0) }
    }
  }

  /// Adds rows at indices.
  ///
  /// libtorch operator `index_add`.
  public func indexAdded(axis: Int, at index: Tensor, from source: Tensor, scaledBy alpha: Scalar = 1) -> Tensor {
    withExtendedLifetime((self, index, source)) {
      Seam.one("indexAdded", [self, index, source]) { nap_op_index_add(self.pointer, axis, index.pointer, source.pointer, alpha.c, $0) }
    }
  }

  /// Writes rows at indices of an axis.
  ///
  /// libtorch operator `index_copy_`.
  @discardableResult
  public func copyRowsInPlace(axis: Int, at index: Tensor, from source: Tensor) -> Tensor {
    withExtendedLifetime((self, index, source)) {
      Seam.one("copyRowsInPlace", [self, index, source]) { nap_op_index_copy_(self.pointer, axis, index.pointer, source.pointer, $0) }
    }
  }

  /// A number where the mask holds.
  ///
  /// libtorch operator `masked_fill.Scalar`.
  public func filled(where mask: Tensor, with value: Scalar) -> Tensor {
    withExtendedLifetime((self, mask)) {
      Seam.one("filled", [self, mask]) { nap_op_masked_fill_Scalar(self.pointer, mask.pointer, value.c, $0) }
    }
  }

  /// The elements where the mask holds, flat.
  ///
  /// libtorch operator `masked_select`.
  public func selected(where mask: Tensor) -> Tensor {
    withExtendedLifetime((self, mask)) {
      Seam.one("selected", [self, mask]) { nap_op_masked_select(self.pointer, mask.pointer, $0) }
    }
  }

  /// Indices of non-zero elements, one row each.
  ///
  /// libtorch operator `nonzero`.
  public func nonzeroIndices() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("nonzeroIndices", [self]) { nap_op_nonzero(self.pointer, $0) }
    }
  }

  /// Integers as indicator vectors.
  ///
  /// libtorch operator `one_hot`.
  public func oneHot(classes numClasses: Int = -1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("oneHot", [self]) { nap_op_one_hot(self.pointer, numClasses, $0) }
    }
  }

  /// Rows of the table `self`.
  ///
  /// libtorch operator `embedding`.
  public func embeddingLookup(_ indices: Tensor, paddingIndex paddingIdx: Int = -1) -> Tensor {
    withExtendedLifetime((self, indices)) {
      Seam.one("embeddingLookup", [self, indices]) { nap_op_embedding(self.pointer, indices.pointer, paddingIdx, $0) }
    }
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
  ///
  /// libtorch operator `unique_consecutive`.
  public func uniqueConsecutive(returningInverse returnInverse: Bool = false, returningCounts returnCounts: Bool = false, axis: Int? = nil) -> (result0: Tensor, result1: Tensor, result2: Tensor) {
    let results = withExtendedLifetime((self)) {
      Seam.several("uniqueConsecutive", [self], 3) {
        nap_op_unique_consecutive(self.pointer, returnInverse, returnCounts, Seam.optional(axis), $0 + 0, $0 + 1, $0 + 2)
      }
    }
    return (results[0], results[1], results[2])
  }
}
