import ArgumentParser
import Experiments
import Foundation
import Networks
import Torch

/// How the program ends at an error: one message on standard error and an exit code.
enum Failure {
  /// A run ended without finishing.
  struct Outcome: Error, CustomStringConvertible {
    var description: String
  }

  /// What was asked for cannot be had here.
  struct Impossible: Error, CustomStringConvertible {
    var description: String
  }

  /// A fault stopped a run: the fault, and how to continue.
  struct Stopped: Error, CustomStringConvertible {
    var fault: any Error
    var advice: String
    var description: String { "\(Failure.message(fault))\n\(advice)" }
  }

  /// Stopped by Ctrl-C or SIGTERM after saving.
  struct Interrupted: Error {
    var advice: String
    /// What is on the disk.
    var saved = "everything is saved"
  }

  /// Stopped by Ctrl-C or SIGTERM where there was nothing to save.
  struct Abandoned: Error {
    var what: String
  }

  /// What a process of another rank ends with: rank 0 has said it.
  struct Followed: Error {
    var code: Int32
  }

  /// Ends the program at once, without the 0.1 s that libtorch takes to forget its operators.
  ///
  /// Everything is written and closed by then: what runs opened is gone with the verb that opened it.
  static func end(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  static func exit(with error: any Error) -> Never {
    if let interrupted = error as? Interrupted {
      Console.error("interrupted; \(interrupted.saved). \(interrupted.advice)")
      end(130)
    }
    if let followed = error as? Followed { end(followed.code) }
    if let abandoned = error as? Abandoned {
      Console.error("interrupted; \(abandoned.what)")
      end(130)
    }
    if error is StopRequest.Stopped {
      Console.error("interrupted; there was nothing to save")
      end(130)
    }
    if let outcome = error as? Outcome {
      Console.error(outcome.description)
      end(4)
    }
    if error is UsageError || error is Networks.ConfigurationError {
      Console.error("nap: \(error)")
      end(2)
    }
    let code = Nap.exitCode(for: error)
    if code == .success {
      Console.line(Nap.fullMessage(for: error))
      do { try Console.requireOutput() } catch { exit(with: error) }
      end(0)
    }
    if code == .validationFailure {
      Console.error(Nap.fullMessage(for: error))
      end(2)
    }
    if error is CleanExit || error is ExitCode { Nap.exit(withError: error) }
    Console.error("nap: \(message(error))")
    end(3)
  }

  /// Ends the program after a tensor operation failed where nothing could be thrown. Records the runs in progress as
  /// failed; their last checkpoints stay.
  ///
  /// Uses `_exit`, since other threads are still computing.
  static func endAfterFailedOperation(_ reason: String) -> Never {
    // A failed allocation gets its own advice.
    let isMemory = ["allocate memory", "bad_alloc", "out of memory"].contains {
      reason.contains($0)
    }
    let advice =
      isMemory
      ? "there is not enough memory: choose a smaller network or batch, or another device"
      : "the settings lead to numbers or sizes that cannot be computed: change them"
    let commands = RunsUnderWay.fail("\(reason); \(advice)")
    Console.error("nap: \(reason); \(advice)")
    for command in commands {
      Console.error(
        "the run stays at its last checkpoint, if it has one; once the cause is removed, continue with: "
          + command)
    }
    _exit(3)
  }

  static func message(_ error: any Error) -> String {
    if let cocoa = error as? CocoaError {
      let path = (cocoa.userInfo[NSFilePathErrorKey] as? String).map { "\($0): " } ?? ""
      return path + cocoa.localizedDescription
    }
    return "\(error)"
  }
}
