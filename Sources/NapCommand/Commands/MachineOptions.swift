import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// The device and the number of threads.
struct MachineOptions: ParsableArguments {
  @Option(
    help: """
      cpu, cuda, cuda:1 or mps (default: cuda where it works, else cpu; for a resumed run, the device that it was \
      trained on; of several processes, cpu).
      """)
  var device: String?

  @Option(
    help: """
      Threads per run (default: the number that is quickest in some timed updates; for a resumed run, the number \
      that it had; in comparisons, 1).
      """)
  var threads: Int?

  @Flag(
    help: """
      On a GPU, takes kernels that give the same bits every time: a resumed run then ends with the bytes of one that \
      was never stopped. Some are slower. A resumed run keeps the choice.
      """)
  var deterministic = false

  @Flag(
    inversion: .prefixedNo, exclusivity: .exclusive,
    help: """
      On an NVIDIA GPU, records an update once and replays it (CUDA graphs), which helps small networks. Where that \
      cannot be, the run goes on without it and says why (default: yes, where a trial of some seconds passes; a \
      resumed run keeps the choice).
      """)
  var capture: Bool?

  func validate() throws {
    let most = max(16, 4 * ProcessInfo.processInfo.activeProcessorCount)
    if let threads, !(1...most).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to \(most), four per processor")
    }
  }

  /// The device that was asked for, or the default, as written on the command line.
  var deviceName: String { device ?? Self.defaultName }

  /// The first GPU of NVIDIA's where CUDA works, else the CPU. Other GPUs have to be asked for: those of several
  /// processes, which nobody has tried, and Apple's, which has no float64.
  private static let defaultName: String = {
    let place = try? ProcessPlace.of(ProcessInfo.processInfo.environment)
    return place == nil && Device.cuda(0).isAvailable ? "cuda" : "cpu"
  }()

  /// The device of new runs and how it works, as asked for. Without a choice, updates are replayed where a trial of
  /// that passes.
  ///
  /// - Parameter trains: whether runs are trained; else updates are replayed only where that is asked for.
  func deviceChoice(trains: Bool = true) -> DeviceChoice {
    let isCaptured = capture ?? (trains && CaptureTrialProcess.passes(on: deviceName))
    return DeviceChoice(deviceName, isDeterministic: deterministic, isCaptured: isCaptured)
  }

  /// The device, checked, with the process prepared for it.
  ///
  /// - Parameter trains: whether new runs are trained, so that their updates may be replayed without being asked to.
  func checkedDevice(trains: Bool = false) throws -> Device {
    let device = try Self.checked(deviceName)
    deviceChoice(trains: trains).prepareProcess()
    return device
  }

  /// The number of threads that the option or the environment asks for, and which of them; `nil` if neither does.
  var askedThreads: (threads: Int, reason: String)? {
    if let threads { return (threads, "--threads") }
    return Machine.threadsOfEnvironment.map { ($0, "OMP_NUM_THREADS") }
  }

  /// Checks the device and sets the threads: as many as asked for, else at most `most` and what the process may use.
  func prepare(most: Int = .max) throws -> Device {
    let device = try checkedDevice()
    set(threads: askedThreads?.threads ?? min(most, Machine.usableProcessorCount))
    return device
  }

  /// Sets the number of threads. They sleep while they wait.
  func set(threads: Int) {
    if threads > 1 { PassiveWaiting.ensure() }
    Machine.threadCount = threads
  }

  /// Chooses the number of threads of a run, says and sets it, and forecasts how long the run takes.
  ///
  /// - Throws: what starting the run throws; ``Failure/Abandoned`` if the program is asked to stop meanwhile.
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
    // What the beginning took is free again, and no longer counts when the run is weighed against what is left.
    Machine.releaseMemory()
    if Interruption.isRequested { throw Failure.Abandoned(what: "nothing was begun") }
    if asked == nil {
      Console.error("\(Self.words(forecast.threads)): \(forecast.reason) (--threads N sets it)")
    }
    return forecast
  }

  /// The checked device of a resumed run, with the threads set: those of its last session, or others that are asked
  /// for, with a warning.
  ///
  /// - Parameter asksPlan: whether the options come from a plan, for its new runs, and not from a person for this run.
  func prepare(resuming run: Run, asksPlan: Bool) throws -> Device {
    let last = run.latestProvenance
    let own = DeviceChoice(recorded: last.device)
    let ownDevice = own.name
    let chosen = asksPlan ? ownDevice : device ?? ownDevice
    let found: Device
    do {
      found = try Self.checked(chosen)
    } catch let missing as Failure.Impossible where chosen == ownDevice && !asksPlan {
      throw Failure.Impossible(
        description:
          "run \(run.id) was trained on \(ownDevice). \(missing.description); it then continues with other rounding"
      )
    }
    let entersGPU =
      own.name == "cpu" && chosen != "cpu" && capture == nil
      && CaptureTrialProcess.passes(on: chosen)
    DeviceChoice(
      chosen, isDeterministic: own.isDeterministic || (deterministic && !asksPlan),
      isCaptured: asksPlan ? own.isCaptured : capture ?? (own.isCaptured || entersGPU)
    ).prepareProcess()
    let count = asksPlan ? last.threadCount : askedThreads?.threads ?? last.threadCount
    if found.description != (Device(ownDevice) ?? .cpu).description || count != last.threadCount {
      Console.error(
        "warning: run \(run.id) was trained on \(ownDevice) with \(Self.words(last.threadCount)) and continues on "
          + "\(found) with \(Self.words(count)): numbers are added in another order, so it does not end with "
          + "the bytes of a run that was never stopped")
    } else if found != .cpu, !own.isDeterministic {
      Console.error(
        "warning: run \(run.id) was trained without --deterministic: some kernels of \(found) add up in an order of "
          + "chance, so it need not end with the bytes of a run that was never stopped")
    } else if last.threadCount > Machine.usableProcessorCount, count == last.threadCount {
      Console.error(
        "run \(run.id) keeps its \(Self.words(count)), but only \(Machine.usableProcessorCount) can work at once here"
      )
    }
    set(threads: count)
    return found
  }

  static func words(_ threads: Int) -> String { threads == 1 ? "1 thread" : "\(threads) threads" }

  /// Threads, and processes where there were several.
  static func words(_ provenance: Provenance) -> String {
    words(provenance.threadCount)
      + (provenance.processCount.map { " in each of \($0) processes" } ?? "")
  }

  /// The device with this name, if the machine has it.
  ///
  /// - Throws: ``UsageError`` or ``Failure/Impossible`` for one that is missing.
  static func checked(_ name: String) throws -> Device {
    guard let device = Device(name) else {
      throw UsageError("--device \(name): expected cpu, cuda, cuda:1 or mps")
    }
    guard device.isAvailable else {
      let problem = if case .cuda = device { Device.cudaProblem } else { nil as String? }
      throw Failure.Impossible(
        description: "--device \(name): this machine has no such device that libtorch "
          + "\(Machine.libtorchVersion) can use\(problem.map { " (\($0))" } ?? ""); train with --device cpu"
      )
    }
    return device
  }
}

/// Lets the threads of an operator sleep while they wait for one another.
enum PassiveWaiting {
  /// Makes threads sleep while they wait. This costs little on an idle machine and saves much on a busy one.
  ///
  /// OpenMP reads this setting when it is loaded, before any code of this program. So the program executes itself again
  /// with the setting in its environment, as the same process. Call this before any work. It does nothing if the
  /// environment has such a setting.
  static func ensure() {
    #if os(Linux)
      let environment = ProcessInfo.processInfo.environment
      let settings = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"]
      guard settings.allSatisfy({ environment[$0] == nil }) else { return }
      setenv("OMP_WAIT_POLICY", "passive", 1)
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    // If the program cannot be executed again, threads wait as before.
    #endif
  }
}
