import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// Where and on how many threads.
struct MachineOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:1 or mps (default: cpu; a resumed run's own).")
  var device: String?

  @Option(
    help: """
      Threads of one run (default: what some updates show to be quicker, which is said; a resumed run's \
      own; in comparisons one).
      """)
  var threads: Int?

  func validate() throws {
    let most = max(16, 4 * ProcessInfo.processInfo.activeProcessorCount)
    if let threads, !(1...most).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to \(most), four for each processor")
    }
  }

  /// The device that was asked for, or the CPU, as it is written on the command line.
  var deviceName: String { device ?? "cpu" }

  /// The device, checked.
  func checkedDevice() throws -> Device { try Self.checked(deviceName) }

  /// The number of threads that was asked for, by the option or by the environment, and by which; `nil` where it is
  /// left open.
  var askedThreads: (threads: Int, reason: String)? {
    if let threads { return (threads, "--threads") }
    return Machine.threadsOfEnvironment.map { ($0, "OMP_NUM_THREADS") }
  }

  /// The device, checked, and the threads set: as many as asked for, else `most`, as far as the process may use them.
  func prepare(most: Int = .max) throws -> Device {
    let device = try checkedDevice()
    set(threads: askedThreads?.threads ?? min(most, Machine.usableProcessorCount))
    return device
  }

  /// Sets the number of threads, which wait without keeping processors busy.
  func set(threads: Int) {
    if threads > 1 { PassiveWaiting.ensure() }
    Machine.threadCount = threads
  }

  /// How many threads a run is to have, which is said, and how long it takes; leaves the threads set.
  ///
  /// - Throws: what starting the run throws; ``Failure/Abandoned`` where the program is asked to stop meanwhile.
  func forecast<R: Recipe>(
    _ recipe: R.Type, arm: String, configuration: R.Configuration, device: Device,
    asked: (threads: Int, reason: String)? = nil, examines: Bool = false
  ) throws -> RunForecast {
    let asked = asked ?? askedThreads
    if let asked, asked.threads > 1 { PassiveWaiting.ensure() }
    let forecast = try RunForecast.make(
      R.self, arm: arm, configuration: configuration, device: device, asked: asked,
      examines: examines, beforeSharing: PassiveWaiting.ensure,
      goesOn: { !Interruption.isRequested })
    if Interruption.isRequested { throw Failure.Abandoned(what: "nothing was begun") }
    if asked == nil {
      Console.error("\(Self.words(forecast.threads)): \(forecast.reason) (--threads N decides)")
    }
    return forecast
  }

  /// Where a stopped run goes on, checked, with the threads set: as it was trained last, or as asked for, which a
  /// warning tells apart.
  ///
  /// - Parameter asksPlan: whether the options are a plan's for runs that begin, and not a person's for this one.
  func prepare(resuming run: Run, asksPlan: Bool) throws -> Device {
    let last = run.latestProvenance
    let ownDevice = last.device.split(separator: " ").first.map(String.init) ?? "cpu"
    let chosen = asksPlan ? ownDevice : device ?? ownDevice
    let found: Device
    do {
      found = try Self.checked(chosen)
    } catch let missing as DeviceMissing where chosen == ownDevice && !asksPlan {
      throw DeviceMissing(
        description:
          "run \(run.id) was trained on \(ownDevice). \(missing.description), which goes on with other rounding"
      )
    }
    let count = asksPlan ? last.threadCount : askedThreads?.threads ?? last.threadCount
    if found.description != (Device(ownDevice) ?? .cpu).description || count != last.threadCount {
      Console.error(
        "warning: run \(run.id) was trained on \(ownDevice) with \(Self.words(last.threadCount)) and goes on on "
          + "\(found) with \(Self.words(count)): sums are taken in another order, so it does not end with "
          + "the bytes of a run that was never stopped")
    } else if last.threadCount > Machine.usableProcessorCount, count == last.threadCount {
      Console.error(
        "run \(run.id) keeps its \(Self.words(count)), of which \(Machine.usableProcessorCount) can work at once here"
      )
    }
    set(threads: count)
    return found
  }

  static func words(_ threads: Int) -> String { threads == 1 ? "1 thread" : "\(threads) threads" }

  /// The device of a name, which this machine has.
  ///
  /// - Throws: ``UsageError`` or ``DeviceMissing``.
  static func checked(_ name: String) throws -> Device {
    guard let device = Device(name) else {
      throw UsageError("--device \(name): expected cpu, cuda, cuda:1 or mps")
    }
    guard device.isAvailable else {
      throw DeviceMissing(
        description: "--device \(name): this machine has no such device that libtorch "
          + "\(Machine.libtorchVersion) can use; train with --device cpu")
    }
    return device
  }
}

/// A device that was asked for and is not there.
struct DeviceMissing: Error, CustomStringConvertible {
  var description: String
}

/// How the threads of an operator wait for one another.
enum PassiveWaiting {
  /// Sees to it that threads sleep while they wait, which costs little alone and very much less where others want the
  /// processors, too.
  ///
  /// OpenMP reads how to wait when it is loaded, before any code of this program: so the program starts itself once
  /// more with the setting in its environment, as the same process. To be called before anything is begun. Does nothing
  /// where the environment says how to wait.
  static func ensure() {
    #if os(Linux)
      let environment = ProcessInfo.processInfo.environment
      let settings = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"]
      guard settings.allSatisfy({ environment[$0] == nil }) else { return }
      setenv("OMP_WAIT_POLICY", "passive", 1)
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    // Where the program cannot be started again, it waits as it did.
    #endif
  }
}
