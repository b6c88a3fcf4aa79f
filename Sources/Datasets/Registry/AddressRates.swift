/// Which of a file's addresses to take next, by the bytes a second that they gave.
struct AddressRates {
  /// Bytes a second of addresses that were left; 0 for those that failed since.
  var measured: [String: Double] = [:]

  /// In turn, until one was too slow; then each of the others once, and after that the quickest.
  ///
  /// - Precondition: there is an address.
  func choice(of addresses: [String], _ attempt: Int) -> String {
    guard !measured.isEmpty else { return addresses[attempt % addresses.count] }
    if let other = addresses.first(where: { measured[$0] == nil }) { return other }
    return addresses.max { (measured[$0] ?? 0) < (measured[$1] ?? 0) } ?? addresses[0]
  }

  /// Whether an address that gives so much may be left: others are not known yet, or known to be quicker. Nobody leaves
  /// one twice.
  func suggestLeaving(_ address: String, at rate: Double, for addresses: [String]) -> Bool {
    measured[address] == nil
      && addresses.contains { $0 != address && (measured[$0].map { $0 > rate } ?? true) }
  }
}
