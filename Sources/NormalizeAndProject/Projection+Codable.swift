extension Projection {
  private enum CodingKeys: String, CodingKey { case roles, grouping, every }

  /// Reads a projection; absent fields take their defaults.
  ///
  /// - Throws: `DecodingError` for an unknown role or grouping, or `every` below 1.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let every = try values.decodeIfPresent(Int.self, forKey: .every) ?? 1
    guard every > 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .every, in: values,
        debugDescription: "every is \(every); it counts updates between projections, from 1")
    }
    self.init(
      roles: Set(try values.decodeIfPresent([Role].self, forKey: .roles) ?? [.weight]),
      grouping: try values.decodeIfPresent(Grouping.self, forKey: .grouping) ?? .separate,
      every: every)
  }

  /// Writes the roles in a fixed order, so that equal values have equal text.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(Role.allCases.filter(roles.contains), forKey: .roles)
    try values.encode(grouping, forKey: .grouping)
    try values.encode(every, forKey: .every)
  }
}
