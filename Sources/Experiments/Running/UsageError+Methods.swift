import Networks
import Plasticity

extension UsageError {
  /// What `body` found of methods that cannot act, as an error of usage.
  ///
  /// - Throws: ``UsageError``, and what else `body` throws.
  static func ofMethods<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as InterventionError {
      throw UsageError(error.description)
    }
  }
}

extension InterventionSet {
  /// Refuses methods that exclude one another, as an error of usage.
  func requireCompatibleUse() throws(UsageError) {
    do {
      try requireCompatible()
    } catch {
      throw UsageError("\(error)")
    }
  }
}
