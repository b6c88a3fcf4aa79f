/// The word for a part of a configuration that is absent unless asked for, with its defaults.
enum DefaultWord: String, Codable, CaseIterable {
  case `default`
}
