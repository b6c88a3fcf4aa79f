// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Same storage in another shape; needs compatible strides.
  ///
  /// libtorch operator `view`.
  public func viewed(as size: [Int]) -> Tensor {
    Seam.one("viewed", self) { nap_op_view($0, size, size.count, $1) }
  }

  /// Same elements in another shape; one size may be −1.
  ///
  /// libtorch operator `reshape`.
  public func reshaped(to shape: [Int]) -> Tensor {
    Seam.one("reshaped", self) { nap_op_reshape($0, shape, shape.count, $1) }
  }

  /// Reorders axes.
  ///
  /// libtorch operator `permute`.
  public func permuted(to dims: [Int]) -> Tensor {
    Seam.one("permuted", self) { nap_op_permute($0, dims, dims.count, $1) }
  }

  /// Exchanges two axes.
  ///
  /// libtorch operator `transpose.int`.
  public func transposed(_ dim0: Int, _ dim1: Int) -> Tensor {
    Seam.one("transposed", self) { nap_op_transpose_int($0, dim0, dim1, $1) }
  }

  /// Transpose of a matrix.
  ///
  /// libtorch operator `t`.
  public func transposed() -> Tensor {
    Seam.one("transposed", self) { nap_op_t($0, $1) }
  }

  /// Removes an axis of size one.
  ///
  /// libtorch operator `squeeze.dim`.
  public func squeezed(axis: Int) -> Tensor {
    Seam.one("squeezed", self) { nap_op_squeeze_dim($0, axis, $1) }
  }

  /// Inserts an axis of size one.
  ///
  /// libtorch operator `unsqueeze`.
  public func unsqueezed(axis: Int) -> Tensor {
    Seam.one("unsqueezed", self) { nap_op_unsqueeze($0, axis, $1) }
  }

  /// Repeats axes of size one without copying.
  ///
  /// libtorch operator `expand`.
  public func expanded(to size: [Int]) -> Tensor {
    Seam.one("expanded", self) { nap_op_expand($0, size, size.count, $1) }
  }

  /// Joins adjacent axes into one.
  ///
  /// libtorch operator `flatten.using_ints`.
  public func flattened(from startDim: Int = 0, through endDim: Int = -1) -> Tensor {
    Seam.one("flattened", self) { nap_op_flatten_using_ints($0, startDim, endDim, $1) }
  }

  /// A row-major copy, or itself when it is already so.
  public func contiguous() -> Tensor {
    Seam.one("contiguous", self) { nap_op_contiguous($0, $1) }
  }

  /// A copy of the elements, differentiable.
  ///
  /// libtorch operator `clone`.
  public func cloned() -> Tensor {
    Seam.one("cloned", self) { nap_op_clone($0, $1) }
  }

  /// The same storage outside the autograd graph.
  ///
  /// libtorch operator `detach`.
  public func detached() -> Tensor {
    Seam.one("detached", self) { nap_op_detach($0, $1) }
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
    Seam.one("repeated", self) { nap_op_repeat($0, repeats, repeats.count, $1) }
  }

  /// Shifts elements round axes.
  ///
  /// libtorch operator `roll`.
  public func rolled(by shifts: [Int], axes dims: [Int] = []) -> Tensor {
    Seam.one("rolled", self) { nap_op_roll($0, shifts, shifts.count, dims, dims.count, $1) }
  }

  /// Reverses axes.
  ///
  /// libtorch operator `flip`.
  public func flipped(axes dims: [Int]) -> Tensor {
    Seam.one("flipped", self) { nap_op_flip($0, dims, dims.count, $1) }
  }

  /// Zero above a diagonal.
  ///
  /// libtorch operator `tril`.
  public func lowerTriangle(diagonal: Int = 0) -> Tensor {
    Seam.one("lowerTriangle", self) { nap_op_tril($0, diagonal, $1) }
  }

  /// Zero below a diagonal.
  ///
  /// libtorch operator `triu`.
  public func upperTriangle(diagonal: Int = 0) -> Tensor {
    Seam.one("upperTriangle", self) { nap_op_triu($0, diagonal, $1) }
  }

  /// A view of a diagonal.
  public func diagonal(offset: Int = 0, axis1 dim1: Int = 0, axis2 dim2: Int = 1) -> Tensor {
    Seam.one("diagonal", self) { nap_op_diagonal($0, offset, dim1, dim2, $1) }
  }

  /// Pads with a constant; sizes in pairs from the last axis.
  ///
  /// libtorch operator `constant_pad_nd`.
  public func padded(_ pad: [Int], with value: Scalar = 0) -> Tensor {
    Seam.one("padded", self) { nap_op_constant_pad_nd($0, pad, pad.count, value.c, $1) }
  }

  /// Interleaves channel groups.
  ///
  /// libtorch operator `channel_shuffle`.
  public func channelShuffled(groups: Int) -> Tensor {
    Seam.one("channelShuffled", self) { nap_op_channel_shuffle($0, groups, $1) }
  }
}
