extension NormalizationEpsilon {
  /// The ε that a normalization whose own is `own` must use now.
  ///
  /// Normalizations written elsewhere call this in their forward pass, so that an audit can examine
  /// them at ε = 0.
  public static func inForce(_ own: Double) -> Double { replacement ?? own }
}
