// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Same storage in another shape; needs compatible strides.
  ///
  /// libtorch operator `view`.
  public func viewed(as size: [Int]) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("viewed", [self]) { nap_op_view(self.pointer, size, size.count, $0) }
    }
  }

  /// Same elements in another shape; one size may be −1.
  ///
  /// libtorch operator `reshape`.
  public func reshaped(to shape: [Int]) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("reshaped", [self]) { nap_op_reshape(self.pointer, shape, shape.count, $0) }
    }
  }

  /// Reorders axes.
  ///
  /// libtorch operator `permute`.
  public func permuted(to dims: [Int]) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("permuted", [self]) { nap_op_permute(self.pointer, dims, dims.count, $0) }
    }
  }

  /// Exchanges two axes.
  ///
  /// libtorch operator `transpose.int`.
  public func transposed(_ dim0: Int, _ dim1: Int) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("transposed", [self]) { nap_op_transpose_int(self.pointer, dim0, dim1, $0) }
    }
  }

  /// Transpose of a matrix.
  ///
  /// libtorch operator `t`.
  public func transposed() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("transposed", [self]) { nap_op_t(self.pointer, $0) }
    }
  }

  /// Removes an axis of size one.
  ///
  /// libtorch operator `squeeze.dim`.
  public func squeezed(axis: Int) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("squeezed", [self]) { nap_op_squeeze_dim(self.pointer, axis, $0) }
    }
  }

  /// Inserts an axis of size one.
  ///
  /// libtorch operator `unsqueeze`.
  public func unsqueezed(axis: Int) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("unsqueezed", [self]) { nap_op_unsqueeze(self.pointer, axis, $0) }
    }
  }

  /// Repeats axes of size one without copying.
  ///
  /// libtorch operator `expand`.
  public func expanded(to size: [Int]) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("expanded", [self]) { nap_op_expand(self.pointer, size, size.count, $0) }
    }
  }

  /// Joins adjacent axes into one.
  ///
  /// libtorch operator `flatten.using_ints`.
  public func flattened(from startDim: Int = 0, through endDim: Int = -1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("flattened", [self]) { nap_op_flatten_using_ints(self.pointer, startDim, endDim, $0) }
    }
  }

  /// A row-major copy, or itself when it is already so.
  ///
  /// libtorch operator `contiguous`.
  public func contiguous() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("contiguous", [self]) { nap_op_contiguous(self.pointer, $0) }
    }
  }

  /// A copy of the elements, differentiable.
  ///
  /// libtorch operator `clone`.
  public func cloned() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("cloned", [self]) { nap_op_clone(self.pointer, $0) }
    }
  }

  /// The same storage outside the autograd graph.
  ///
  /// libtorch operator `detach`.
  public func detached() -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("detached", [self]) { nap_op_detach(self.pointer, $0) }
    }
  }

  /// Joins tensors along an existing axis.
  ///
  /// libtorch operator `cat`.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    withExtendedLifetime((tensors)) {
      Seam.one("concatenated", tensors) { nap_op_cat(tensors.map(\.pointer), tensors.count, axis, $0) }
    }
  }

  /// Joins tensors along a new axis.
  ///
  /// libtorch operator `stack`.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    withExtendedLifetime((tensors)) {
      Seam.one("stacked", tensors) { nap_op_stack(tensors.map(\.pointer), tensors.count, axis, $0) }
    }
  }

  /// Pieces of a given size along an axis; the last may be smaller.
  ///
  /// libtorch operator `split.Tensor`.
  public func split(by splitSize: Int, axis: Int = 0) -> [Tensor] {
    withExtendedLifetime((self)) {
      Seam.many("split", [self]) { nap_op_split_Tensor(self.pointer, splitSize, axis, $0, $1) }
    }
  }

  /// A number of pieces along an axis.
  ///
  /// libtorch operator `chunk`.
  public func chunked(into chunks: Int, axis: Int = 0) -> [Tensor] {
    withExtendedLifetime((self)) {
      Seam.many("chunked", [self]) { nap_op_chunk(self.pointer, chunks, axis, $0, $1) }
    }
  }

  /// Tiles the tensor.
  ///
  /// libtorch operator `repeat`.
  public func repeated(_ repeats: [Int]) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("repeated", [self]) { nap_op_repeat(self.pointer, repeats, repeats.count, $0) }
    }
  }

  /// Shifts elements round axes.
  ///
  /// libtorch operator `roll`.
  public func rolled(by shifts: [Int], axes dims: [Int] = []) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("rolled", [self]) { nap_op_roll(self.pointer, shifts, shifts.count, dims, dims.count, $0) }
    }
  }

  /// Reverses axes.
  ///
  /// libtorch operator `flip`.
  public func flipped(axes dims: [Int]) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("flipped", [self]) { nap_op_flip(self.pointer, dims, dims.count, $0) }
    }
  }

  /// Zero above a diagonal.
  ///
  /// libtorch operator `tril`.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("lowerTriangle", [self]) { nap_op_tril(self.pointer, diagonal, $0) }
    }
  }

  /// Zero below a diagonal.
  ///
  /// libtorch operator `triu`.
  public func upperTriangle(diagonal: Int = 0) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("upperTriangle", [self]) { nap_op_triu(self.pointer, diagonal, $0) }
    }
  }

  /// A view of a diagonal.
  ///
  /// libtorch operator `diagonal`.
  public func diagonal(offset: Int = 0, axis1 dim1: Int = 0, axis2 dim2: Int = 1) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("diagonal", [self]) { nap_op_diagonal(self.pointer, offset, dim1, dim2, $0) }
    }
  }

  /// Pads with a constant; sizes in pairs from the last axis.
  ///
  /// libtorch operator `constant_pad_nd`.
  public func padded(_ pad: [Int], with value: Scalar = 0) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("padded", [self]) { nap_op_constant_pad_nd(self.pointer, pad, pad.count, value.c, $0) }
    }
  }

  /// Interleaves channel groups.
  ///
  /// libtorch operator `channel_shuffle`.
  public func channelShuffled(groups: Int) -> Tensor {
    withExtendedLifetime((self)) {
      Seam.one("channelShuffled", [self]) { nap_op_channel_shuffle(self.pointer, groups, $0) }
    }
  }
}
