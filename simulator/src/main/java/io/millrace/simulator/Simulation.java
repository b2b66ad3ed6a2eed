package io.millrace.simulator;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One life of a cluster. First faults and safety: whatever happens, nothing wrong becomes visible.
 * Then the faults end, and the job must reach its end within bounded time, with exactly the output
 * that the {@link Interpreter} computes.
 */
final class Simulation {
  private static final long FAULTS_MILLIS = 20_000;
  private static final long PATIENCE_MILLIS = 900_000;
  private static final long MOST_EVENTS = 5_000_000;

  private final long seed;
  private final Trace trace;
  private final Faults faults;
  private final World world;
  private final SplittableRandom chance;
  private final Network network;
  private final Ledger ledger;
  private final LedgerLoader classes;
  private final SimulatedStore store;
  private final JobGraph graph;
  private final Platform platform;
  private boolean cancelled;

  Simulation(long seed, boolean keepTrace) {
    this.seed = seed;
    this.trace = new Trace(keepTrace);
    this.world = new World(seed, trace);
    this.chance = world.fork();
    this.faults = Faults.draw(chance);
    this.network = new Network(world, faults);
    this.ledger = new Ledger(world.fork(), faults, trace);
    this.classes = new LedgerLoader(ledger);
    this.store = new SimulatedStore(world.fork(), faults, ledger, trace);
    this.graph = RandomJob.draw(world.fork());
    this.platform = new Platform(world, network, store, faults, spec(), classes, configuration());
  }

  private JobSpec spec() {
    var job = new JobId(String.format(java.util.Locale.ROOT, "%032x", seed));
    return new JobSpec(job, job.hex(), graph, List.of(), Optional.empty());
  }

  private Configuration configuration() {
    var settings = new TreeMap<String, String>();
    settings.put("execution.recovery.fallback", "fail");
    return new Configuration(settings);
  }

  Trace trace() {
    return trace;
  }

  /** What a run came to. */
  record Outcome(
      long seed,
      Faults faults,
      JobStatus status,
      String diagnostics,
      int attempts,
      int taskManagers,
      int checkpoints,
      long virtualMillis,
      long events,
      String traceHash) {}

  /** Runs it. An error carries the seed and the end of the trace. */
  Outcome run() {
    try {
      return live();
    } catch (Exception | AssertionError e) {
      throw new SimulationFailure(seed, faults, graph, trace, e);
    }
  }

  private Outcome live() throws Exception {
    scheduleFaults();
    world.afterMillis(0, "start", platform::startAttempt);
    world.afterMillis(FAULTS_MILLIS, "faults end", this::calm);
    while (platform.finished().isEmpty()) {
      if (!world.step()) {
        throw new InvariantViolation("nothing happens any more, and the job has not ended");
      }
      if (world.millis() > PATIENCE_MILLIS || trace.count() > MOST_EVENTS) {
        throw new InvariantViolation("the job does not end though the faults have");
      }
    }
    check(platform.finished().get());
    return new Outcome(
        seed,
        faults,
        platform.finished().get(),
        platform.diagnostics(),
        platform.attempts(),
        platform.taskManagersStarted(),
        store.manifests(),
        world.millis(),
        trace.count(),
        trace.hash());
  }

  private void scheduleFaults() {
    sometime(faults.taskManagerCrashes(), "crash a TaskManager", platform::crashTaskManager);
    sometime(faults.jobManagerCrashes(), "crash the JobManager", platform::crashJobManager);
    sometime(
        faults.taskManagerPauses(),
        "pause a TaskManager",
        () -> platform.pauseTaskManager(200 + chance.nextInt(15_000)));
    sometime(
        faults.jobManagerPauses(),
        "pause the JobManager",
        () -> platform.pauseJobManager(500 + chance.nextInt(10_000), chance.nextBoolean()));
    sometime(
        faults.partitions(), "partition", () -> platform.partition(200 + chance.nextInt(10_000)));
    sometime(
        faults.wallJumps(),
        "set the clock",
        () -> world.setWallSkew(chance.nextLong(-3_600_000, 3_600_000)));
    if (faults.cancel()) {
      sometime(
          1,
          "cancel",
          () -> {
            cancelled = true;
            platform.cancelJob();
          });
    }
  }

  private void sometime(int times, String what, Runnable fault) {
    for (int i = 0; i < times; i++) {
      world.afterMillis(
          chance.nextLong(FAULTS_MILLIS),
          what,
          () -> {
            if (platform.finished().isEmpty()) {
              fault.run();
            }
          });
    }
  }

  private void calm() {
    network.calm();
    ledger.calm();
    store.calm();
    platform.calm();
  }

  private void check(JobStatus status) throws Exception {
    List<String> expected = new Interpreter(graph, Simulation.class.getClassLoader()).run();
    List<String> seen = ledger.visibleLines();
    if (!ledger.settled() || !ledger.pendingNames().isEmpty()) {
      throw new InvariantViolation("pending output was left behind: " + ledger.pendingNames());
    }
    if (status == JobStatus.FINISHED) {
      if (!seen.equals(expected)) {
        throw new InvariantViolation(difference(expected, seen));
      }
      return;
    }
    boolean mayFail = faults.corruptions() > 0 || faults.userFailures() > 0;
    if (status == JobStatus.FAILED && !mayFail || status == JobStatus.CANCELED && !cancelled) {
      throw new InvariantViolation("the job ended " + status + ": " + platform.diagnostics());
    }
    String wrong = difference(expected, seen);
    if (wrong.contains("too many")) {
      throw new InvariantViolation(wrong);
    }
  }

  private static String difference(List<String> expected, List<String> seen) {
    var count = new TreeMap<String, Integer>();
    expected.forEach(line -> count.merge(line, 1, Integer::sum));
    seen.forEach(line -> count.merge(line, -1, Integer::sum));
    var missing = new ArrayList<String>();
    var extra = new ArrayList<String>();
    for (Map.Entry<String, Integer> entry : count.entrySet()) {
      if (entry.getValue() > 0) {
        missing.add(entry.getKey());
      } else if (entry.getValue() < 0) {
        extra.add(entry.getKey());
      }
    }
    return "of "
        + expected.size()
        + " lines "
        + missing.size()
        + " are missing"
        + (missing.isEmpty() ? "" : " (first: " + missing.get(0) + ")")
        + (extra.isEmpty()
            ? ""
            : " and " + extra.size() + " too many (first: " + extra.get(0) + ")");
  }
}
