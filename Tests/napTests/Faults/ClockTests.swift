import Foundation
import RunStore
import TestSupport
import Testing

/// Runs under a wall clock that jumps: a library, loaded before the C library, that sets the clock back or
/// forth by up to a day, five times a second.
@Suite struct ClockTests {
  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <sys/time.h>
    #include <time.h>

    int clock_gettime(clockid_t clock, struct timespec *now) {
      static int (*real)(clockid_t, struct timespec *);
      static const long jumps[] = {-7200, -86400, 3600, 86400, -3605};
      if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
      int status = real(clock, now);
      if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        struct timespec steady;
        real(CLOCK_MONOTONIC, &steady);
        now->tv_sec += jumps[(steady.tv_sec * 5 + steady.tv_nsec / 200000000) % 5];
      }
      return status;
    }

    int gettimeofday(struct timeval *now, void *zone) {
      struct timespec moment;
      clock_gettime(CLOCK_REALTIME, &moment);
      now->tv_sec = moment.tv_sec;
      now->tv_usec = moment.tv_nsec / 1000;
      return 0;
    }
    """

  @Test func `a clock that jumps back and forth changes neither bytes nor durations nor order`()
    throws
  {
    let arguments = FaultRun.arguments(tasks: 20)
    let whole = try FaultRun.whole.of(arguments)
    try withTemporaryFolder { folder in
      guard let library = try PreloadedLibrary.compile(Self.source, in: folder) else {
        try Test.cancel("no C compiler that makes a library to load first")
      }
      let nap = Program(
        runs: folder.appending(path: "runs"), environment: ["LD_PRELOAD": library.path])
      let begun = ContinuousClock.now
      let stopped = try nap.started(arguments, andAfter: 3) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      #expect(try nap.resume().code == 0)
      let seconds = (ContinuousClock.now - begun) / .seconds(1)
      #expect(try onlyRecord(nap).isSame(as: whole))
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let run = try #require(try store.runs().first)
      #expect(run.wallSeconds > 0 && run.wallSeconds < seconds)
      // The jumps did reach the program: its moments are hours from ours.
      let moments =
        [run.provenance.started] + run.resumptions.map(\.provenance.started)
        + [run.ended].compactMap { $0 }
      #expect(moments.contains { abs($0.timeIntervalSinceNow) > 1_800 })
      // A second run comes after the first, whatever the clock says of them.
      #expect(try nap.run(FaultRun.arguments(tasks: 1) + ["--name", "second"]).code == 0)
      let list = try nap.run("runs")
      #expect(list.code == 0)
      let lines = list.output.split(separator: "\n")
      #expect(lines.count == 2 && lines[1].contains("second"), "\(list.output)")
      #expect(!list.output.contains(" -"), "a negative duration: \(list.output)")
      let shown = try nap.run("runs", "show", run.id.text)
      #expect(shown.code == 0, "\(shown.errors)")
    }
  }
}
