/// What runs from tables and event files are called here, where their source does not say so, or says it otherwise.
public struct RunLabels: Hashable, Sendable {
  /// The recipe; that of the source, else `imported`. Reports compare runs of one recipe.
  public var recipe: String?
  /// The preset; that of the source, else `imported`.
  public var preset: String?
  /// The arm; that of the source, else the name of the file or folder.
  public var arm: String?
  /// The seed; that of the source, else 0.
  public var seed: Int?
  /// Names of metrics by those of the source.
  public var metrics: [String: String]

  /// Labels; see the properties.
  public init(
    recipe: String? = nil, preset: String? = nil, arm: String? = nil, seed: Int? = nil,
    metrics: [String: String] = [:]
  ) {
    self.recipe = recipe
    self.preset = preset
    self.arm = arm
    self.seed = seed
    self.metrics = metrics
  }
}
