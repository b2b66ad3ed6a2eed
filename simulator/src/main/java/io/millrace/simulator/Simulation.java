package io.millrace.simulator;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One life of a cluster, or two if the job is cancelled or fails in the first and goes on from its
 * checkpoint. First faults and safety: whatever happens, nothing wrong becomes visible. Then the
 * faults end, and the job must reach its end within bounded time, with exactly the output that the
 * {@link Interpreter} computes.
 */
final class Simulation {
  private static final int FAULTS_MILLIS = 20_000;
  private static final long PATIENCE_MILLIS = 900_000;
  private static final long AFTERLIFE_MILLIS = 100_000;
  private static final long MOST_EVENTS = 5_000_000;
  private static final int MOST_WAITING = 50_000;
  private static final int MOST_LIVES = 4;

  private final long seed;
  private final Trace trace;
  private final Faults faults;
  private final World world;
  private final SplittableRandom chance;
  private final Network network;
  private final Moments moments;
  private final Ledger ledger;
  private final Rules rules;
  private final LedgerLoader classes;
  private final SimulatedStore store;
  private final long jobSeed;
  private final Optional<UserJob> user;
  private final Optional<UserJob.Quiet> quiet;
  private final String repeat;
  private final JobGraph graph;
  private Platform platform;
  private JobSpec spec;
  private final boolean scripted;
  private boolean cancelled;
  private boolean drained;
  private int attempts;
  private int taskManagers;
  private int lives = 1;

  /** Whether this life owns what it began with; then it is the last one. */
  private boolean claimed;

  /** Whether the program's state has got its later shape. */
  private boolean changed;

  /** A life by seed. */
  Simulation(long seed, boolean keepTrace) {
    this(seed, keepTrace, Optional.empty());
  }

  /**
   * @param scripted the only faults; what else happens is for the caller to arrange
   */
  Simulation(long seed, boolean keepTrace, Optional<Faults> scripted) {
    this(
        seed,
        keepTrace,
        scripted,
        Optional.empty(),
        Optional.empty(),
        "scripts/simulate --seed " + seed);
  }

  /** A user's job without faults, and without knowing what it should come to. */
  static Simulation quiet(UserJob job) {
    return of(job, 0, Optional.of(Faults.NONE), Optional.empty());
  }

  /** A life of a user's job by seed, which is to come to the same as the quiet one. */
  static Simulation of(UserJob job, UserJob.Quiet quiet, long seed) {
    return of(job, seed, Optional.empty(), Optional.of(quiet));
  }

  private static Simulation of(
      UserJob job, long seed, Optional<Faults> scripted, Optional<UserJob.Quiet> quiet) {
    String repeat = "@SimTest(seed = " + seed + ")";
    return new Simulation(seed, false, scripted, Optional.of(job), quiet, repeat);
  }

  Simulation(
      long seed,
      boolean keepTrace,
      Optional<Faults> scripted,
      Optional<UserJob> user,
      Optional<UserJob.Quiet> quiet,
      String repeat) {
    this.seed = seed;
    this.repeat = repeat;
    this.scripted = scripted.isPresent();
    this.user = user;
    this.quiet = quiet;
    this.trace = new Trace(keepTrace);
    this.world = new World(seed, trace);
    this.chance = world.fork();
    Faults drawn = scripted.orElseGet(() -> Faults.draw(chance));
    this.faults = user.isPresent() ? drawn.withoutDamage() : drawn;
    this.network = new Network(world, faults);
    this.moments = new Moments(world);
    this.ledger = new Ledger(world.fork(), faults, moments, trace);
    this.rules = new Rules(ledger, trace);
    network.watch(rules::delivered);
    this.classes =
        new LedgerLoader(
            ledger,
            new Outside(world, new SplittableRandom(~seed)),
            user.map(UserJob::loader).orElse(Simulation.class.getClassLoader()));
    this.store = new SimulatedStore(world.fork(), faults, moments, rules, trace);
    this.jobSeed = scripted.isPresent() ? 0 : world.fork().nextLong();
    this.graph = user.map(UserJob::graph).orElseGet(() -> drawGraph(Optional.empty()));
    String job = String.format(java.util.Locale.ROOT, "%032x", seed);
    begin("", new JobSpec(new JobId(job), job, graph, List.of(), filesOf(graph), Optional.empty()));
  }

  private static List<FileRef> filesOf(JobGraph graph) {
    return graph.files().stream().map(file -> new FileRef(file, file.path(), 0, 0)).toList();
  }

  private JobGraph drawGraph(Optional<SplittableRandom> rescaled) {
    return scripted
        ? RandomJob.steady()
        : RandomJob.draw(new SplittableRandom(jobSeed), faults.program(), rescaled, changed);
  }

  private void begin(String prefix, JobSpec newSpec) {
    spec = newSpec;
    var defaults = new TreeMap<String, String>();
    long pace = 0;
    if (quiet.isPresent()) {
      // Faults meet a job only if it lasts.
      pace = 1_000_000L * (1 + chance.nextInt(15)) / Math.max(1, quiet.get().stepsPerTask());
      defaults.put("execution.checkpointing.interval", 100 + chance.nextInt(900) + " ms");
      defaults.put(
          "execution.checkpointing.timeout", faults.program().checkpointTimeoutMillis() + " ms");
    }
    platform =
        new Platform(
            world,
            network,
            store,
            faults,
            rules,
            moments,
            prefix,
            spec,
            classes,
            new Configuration(defaults),
            (int) Math.min(1_000_000, pace));
  }

  // ---- for those who script a life

  World world() {
    return world;
  }

  Network network() {
    return network;
  }

  Moments moments() {
    return moments;
  }

  Platform platform() {
    return platform;
  }

  SimulatedStore store() {
    return store;
  }

  Trace trace() {
    return trace;
  }

  void cancel() {
    cancelled = true;
    platform.user().cancelJob();
  }

  void takeSavepoint(ClientRequest.Then then) {
    if (claimed) {
      return; // it is to come to its end
    }
    cancelled |= then == ClientRequest.Then.CANCEL;
    drained |= then == ClientRequest.Then.DRAIN;
    long id = 1 + seed + ((long) lives << 50);
    platform.user().takeSavepoint(String.format(java.util.Locale.ROOT, "%032x", id), then);
  }

  /** The savepoint that a user has stopped the job with. */
  private Optional<String> stoppedWith() {
    String mark = "stopped with savepoint ";
    String diagnostics = platform.diagnostics();
    return diagnostics.startsWith(mark)
        ? Optional.of(diagnostics.substring(mark.length()))
        : Optional.empty();
  }

  /** Runs it. An error carries the seed and the end of the trace. */
  Outcome run() {
    try {
      return live();
    } catch (Exception | AssertionError e) {
      throw new SimulationFailure(
          seed, faults, graph, trace, repeat, rules.breach().<Throwable>map(b -> b).orElse(e));
    }
  }

  private Outcome live() throws Exception {
    world.afterMillis(0, "start", platform::start);
    scheduleFaults();
    if (!scripted) {
      world.afterMillis(calmAtMillis(), "faults end", this::calm);
    }
    liveUntilFinished();
    check(platform.finished().get());
    Optional<Resumption> origin = origin(Optional.empty());
    while (origin.isPresent() && lives < MOST_LIVES && !claimed) {
      liveOnFrom(origin.get());
      check(platform.finished().get());
      origin = origin(origin);
    }
    JobStatus status = platform.finished().get();
    String diagnostics = platform.diagnostics();
    return new Outcome(
        seed,
        faults,
        status,
        diagnostics,
        attempts + platform.attempts(),
        taskManagers + platform.taskManagersStarted(),
        store.manifests(),
        rules.generations(spec.job()),
        world.millis(),
        trace.count(),
        trace.tally(),
        trace.hash());
  }

  /** What is visible, in order. */
  List<String> output() {
    return ledger.visibleLines();
  }

  /** Steps that each subtask of the job has made, about. */
  long stepsPerTask() {
    return world.steps() / Math.max(1, graph.vertices().size());
  }

  private Optional<String> newestPath() {
    try {
      return store.newestPath(spec.job());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private long calmAtMillis() {
    return faults.equals(Faults.OUTAGE) ? 240_000 : FAULTS_MILLIS;
  }

  /** Whether and from where the job goes on after a life. */
  private Optional<Resumption> origin(Optional<Resumption> before) {
    if (store.spoilt()) {
      return Optional.empty();
    }
    Optional<String> taken = platform.user().savepoint();
    boolean goesBack = taken.isPresent() && !cancelled && !drained && stoppedWith().isEmpty();
    if (goesBack && chance.nextBoolean()) {
      trace.hit("job continued from a savepoint that it had left behind");
      return Optional.of(new Resumption(taken.get(), OptionalLong.of(rules.idOf(taken.get()))));
    }
    JobStatus status = platform.finished().get();
    // Of a job that was cancelled, its folder leads to the savepoint too.
    Optional<String> stop =
        status == JobStatus.FINISHED && !drained ? stoppedWith() : Optional.empty();
    if (status == JobStatus.FINISHED && stop.isEmpty()) {
      return Optional.empty();
    }
    stop.ifPresent(path -> trace.hit("job continued from the savepoint it was stopped with"));
    Optional<Resumption> found =
        stop.or(this::newestPath).map(at -> new Resumption(at, OptionalLong.empty()));
    if (stop.isEmpty() && found.isPresent()) {
      trace.hit("job continued from a retained checkpoint");
    }
    // Where a life left nothing behind, it has changed nothing.
    return found.or(
        () -> before.map(origin -> new Resumption(origin.path(), OptionalLong.empty())));
  }

  /** Another application takes the job up, and perhaps does not bring it to its end either. */
  private void liveOnFrom(Resumption origin) throws Exception {
    cancelled = false;
    origin.backTo().ifPresent(ledger::forgetAfter);
    boolean rescaled = continueFrom(origin.path(), true);
    String diagnostics = platform.diagnostics();
    boolean refused =
        diagnostics.contains("records that were in flight")
            || diagnostics.contains("max parallelism");
    if (rescaled && refused) {
      // With another parallelism operators may fuse between which records were in flight.
      trace.hit("another parallelism refused for records in flight");
      cancelled = false;
      continueFrom(origin.path(), false);
    }
  }

  /**
   * @return whether with another parallelism
   */
  private boolean continueFrom(String checkpoint, boolean mayRescale) throws Exception {
    lives++;
    boolean rescaled = mayRescale && !scripted && chance.nextInt(3) > 0;
    if (rescaled) {
      trace.hit("job continued with another parallelism");
    }
    claimed = seed % 2 == 0 && (lives == MOST_LIVES || chance.nextBoolean());
    if (!scripted && user.isEmpty() && !changed && chance.nextInt(3) == 0) {
      trace.hit("job continued with state of another shape");
      changed = true;
    }
    attempts += platform.attempts();
    taskManagers += platform.taskManagersStarted();
    JobGraph continued = continued(rescaled);
    String job = String.format(java.util.Locale.ROOT, "%032x", seed + ((long) lives << 40));
    begin(
        "abcdefgh".charAt(lives - 1) + "-",
        new JobSpec(
            new JobId(job),
            job,
            continued,
            List.of(),
            filesOf(continued),
            Optional.of(new JobSpec.RestoreFrom(checkpoint, false, claimed))));
    if (claimed) {
      store.give(FindCheckpoint.Place.of(checkpoint).directory(), new JobId(job));
    }
    if (world.millis() >= calmAtMillis()) {
      platform.calm();
    }
    world.afterMillis(0, "start", platform::start);
    if (!scripted && !claimed && lives < MOST_LIVES && chance.nextInt(3) == 0) {
      Runnable stop =
          chance.nextBoolean() ? this::cancel : () -> takeSavepoint(ClientRequest.Then.STOP);
      Platform mine = platform;
      world.afterMillis(
          chance.nextInt(6_000),
          "the user stops the job again",
          () -> {
            if (mine.finished().isEmpty() && !drained) {
              stop.run();
            }
          });
    }
    liveUntilFinished();
    if (claimed && platform.finished().get() == JobStatus.FINISHED) {
      checkClaimedIsGone(checkpoint);
    }
    return rescaled;
  }

  private JobGraph continued(boolean rescaled) {
    if (user.isPresent()) {
      return rescaled ? user.get().withParallelism(1 + chance.nextInt(4)) : graph;
    }
    return drawGraph(rescaled ? Optional.of(chance.split()) : Optional.empty());
  }

  /** Where a store fails too often it is left to the user, who is told. */
  private void checkClaimedIsGone(String checkpoint) throws Exception {
    if (!store.holds(FindCheckpoint.Place.of(checkpoint))) {
      trace.hit("what a job started from was deleted");
    } else if (faults.storage().equals(Faults.Storage.SOUND)) {
      throw new InvariantViolation(checkpoint + " was the job's, and is left");
    }
  }

  private void liveUntilFinished() throws Exception {
    long patience = world.millis() + PATIENCE_MILLIS;
    while (platform.finished().isEmpty()) {
      step();
      if (world.millis() > patience || trace.count() > MOST_EVENTS) {
        throw new InvariantViolation(
            "the job does not end though the faults have" + platform.standing());
      }
    }
    checkFilesLeft();
    liveOn();
  }

  private void step() {
    if (!world.step()) {
      throw new InvariantViolation("nothing happens any more, and the job has not ended");
    }
    if (rules.breach().isPresent()) {
      throw rules.breach().get();
    }
    if (world.waiting() > MOST_WAITING) {
      throw new InvariantViolation(world.waiting() + " events wait to happen");
    }
  }

  /** Whoever outlives the job must not change what it wrote, and must end. */
  private void liveOn() {
    List<String> seen = ledger.visibleLines();
    long end = world.millis() + AFTERLIFE_MILLIS;
    if (platform.living().isEmpty()) {
      return;
    }
    trace.hit("processes outlived the job");
    while (!platform.living().isEmpty() && world.millis() < end && world.waiting() > 0) {
      step();
    }
    if (!ledger.visibleLines().equals(seen)) {
      // Nobody could read what a spoilt manifest had promised, but a TaskManager may have been told
      // of it before, and keeps the promise late.
      if (trace.tally().of("manifest spoilt") == 0) {
        throw new InvariantViolation("output became visible after the job's end");
      }
      trace.hit("what a spoilt checkpoint promised became visible after the job's end");
    }
    platform.living().stream()
        .filter(name -> name.contains("jobmanager") && world.millis() > allAwakeMillis() + 70_000)
        .findFirst()
        .ifPresent(
            name -> {
              throw new InvariantViolation(name + " lives on though it was superseded");
            });
    platform.end();
  }

  /** From then on nobody sleeps. */
  private long allAwakeMillis() {
    return Math.max(
        scripted ? 60_000 : calmAtMillis(), platform.ambushes().struckMillis() + 22_000);
  }

  private void scheduleFaults() {
    if (!scripted) {
      store.whenSpoilt(this::restartSoon);
    }
    Faults.Processes processes = faults.processes();
    sometime(processes.taskManagerCrashes(), "kill", () -> platform.crashTaskManager());
    sometime(processes.allCrashes(), "kill all", () -> platform.crashAllTaskManagers());
    sometime(processes.ambushes(), "lay an ambush", () -> platform.ambushes().lay());
    sometime(processes.jobManagerCrashes(), "kill", () -> platform.crashJobManager());
    sometime(
        processes.jobManagerBreaks(),
        "plant a broken invariant",
        () -> {
          switch (chance.nextInt(3)) {
            case 0 -> platform.plantBreak("Deploy");
            case 1 -> platform.plantBreak("TriggerCheckpoint");
            default -> platform.plantBreak("CheckpointCompleted");
          }
          if (chance.nextBoolean()) {
            platform.crashTaskManager();
          }
        });
    sometime(
        processes.taskManagerPauses(),
        "pause",
        () -> platform.pauseTaskManager(200 + chance.nextInt(15_000)));
    sometime(
        processes.jobManagerPauses(),
        "pause",
        () -> platform.pauseJobManager(500 + chance.nextInt(15_000), chance.nextBoolean()));
    sometime(
        Math.min(processes.jobManagerPauses(), processes.taskManagerPauses()),
        "pause both",
        () -> platform.pauseEverybody(500 + chance.nextInt(8_000)));
    sometime(
        faults.links().partitions(),
        "partition",
        () -> platform.partition(200 + chance.nextInt(10_000)));
    sometime(
        faults.links().breaks(),
        "break a connection",
        () -> platform.breakConnection(20 + chance.nextInt(chance.nextBoolean() ? 450 : 5_000)));
    sometime(
        faults.links().bursts(),
        "burst",
        () -> network.burst(0.3 + chance.nextDouble(0.7), 100 + chance.nextInt(6_000)));
    sometime(
        faults.program().wallJumps(),
        "set the clock",
        () -> {
          trace.hit("wall clock set");
          world.setWallSkew(chance.nextLong(-3_600_000, 3_600_000));
        });
    for (int i = 0; i < faults.storage().outages(); i++) {
      scheduleOutage();
    }
    if (chance.nextInt(4) == 0) {
      var then =
          user.isEmpty() && RandomJob.canBeDrained(graph)
              ? List.of(ClientRequest.Then.values())
              : List.of(
                  ClientRequest.Then.GO_ON, ClientRequest.Then.STOP, ClientRequest.Then.CANCEL);
      sometime(1, "savepoint", () -> takeSavepoint(then.get(chance.nextInt(then.size()))));
    }
    if (faults.program().cancel()) {
      // Early ones meet claims, sinks that take their places, and a store that is away.
      int latest = chance.nextInt(4) == 0 ? 1_000 : FAULTS_MILLIS;
      sometime(1, latest, "cancel", this::cancelMaybeAmidFailure);
    }
  }

  /** What was just spoilt is to be read again soon. */
  private void restartSoon() {
    world.afterMillis(
        chance.nextInt(700),
        "restart",
        () -> {
          if (platform.finished().isEmpty()) {
            switch (chance.nextInt(3)) {
              case 0 -> platform.crashTaskManager();
              case 1 -> platform.crashJobManager();
              default -> platform.crashAllTaskManagers();
            }
          }
        });
  }

  private void scheduleOutage() {
    boolean alone = faults.equals(Faults.OUTAGE);
    boolean atOnce = !alone && chance.nextInt(4) == 0;
    long from = alone ? 6_000 + chance.nextInt(4_000) : atOnce ? 0 : chance.nextInt(15_000);
    long millis = alone ? 30_000 + chance.nextInt(200_000) : 500 + chance.nextInt(15_000);
    world.afterMillis(
        from,
        "outage",
        () -> {
          if (platform.finished().isEmpty()) {
            store.down(true);
            world.afterMillis(millis, "outage over", () -> store.down(false));
          }
        });
  }

  private void cancelMaybeAmidFailure() {
    trace.hit("job cancelled");
    int race = chance.nextInt(4);
    if (race == 0) {
      platform.crashTaskManager();
    } else if (race == 1) {
      world.afterMillis(chance.nextInt(20), "kill", () -> platform.crashJobManager());
    } else if (race == 2) {
      world.afterMillis(chance.nextInt(200), "kill all", () -> platform.crashAllTaskManagers());
    }
    cancel();
  }

  private void sometime(int times, String what, Runnable fault) {
    sometime(times, FAULTS_MILLIS, what, fault);
  }

  private void sometime(int times, int latestMillis, String what, Runnable fault) {
    for (int i = 0; i < times; i++) {
      world.afterMillis(
          chance.nextLong(latestMillis),
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

  // ---- the end

  private void checkFilesLeft() throws Exception {
    if (platform.finished().get() == JobStatus.FINISHED && store.isDown()) {
      trace.hit("files left in an outage");
    } else if (platform.finished().get() == JobStatus.FINISHED) {
      rules.nothingIsLeft(store.files(spec.job()), store.lastEpoch(spec.job()));
    }
    // What a spoilt checkpoint promised is not known: it stays, or is written again by a job that
    // may.
    boolean undecided = store.spoilt() && platform.finished().get() != JobStatus.FINISHED;
    if (!undecided && !ledger.settled()) {
      throw new InvariantViolation("the output was not settled");
    }
    if (!store.spoilt() && !ledger.brokenPromises().isEmpty()) {
      throw new InvariantViolation("promised, but not visible: " + ledger.brokenPromises());
    }
  }

  private void check(JobStatus status) throws Exception {
    if (user.isPresent() && quiet.isEmpty()) {
      return; // this is the life that others are compared with
    }
    var interpreter = new Interpreter(graph, Simulation.class.getClassLoader());
    List<String> expected = quiet.isPresent() ? quiet.get().output() : interpreter.run();
    Difference difference = Difference.between(expected, ledger.visibleLines());
    if (drained && stoppedWith().isPresent()) {
      trace.hit("job drained");
      difference = difference.where(line -> true, line -> !RandomJob.isToldAtTheEnd(line));
      RandomJob.totalsAreOf(ledger.visibleLines()).ifPresent(this::isWrong);
    }
    if (user.isEmpty() && RandomJob.countsAgain(graph)) {
      trace.hit("job of at-least-once");
      difference = difference.where(RandomJob::mustBeThere, line -> !RandomJob.mayBeThere(line));
    }
    boolean duplicatesAllowed =
        store.spoilt() && faults.program().fallback().equals("allow-duplicates");
    if (!difference.extra().isEmpty() && !(duplicatesAllowed && difference.onlyRepeats())) {
      throw new InvariantViolation(difference.toString());
    }
    // Sources stop for a savepoint that ends the job: if it fails, they have to start again.
    boolean triedToStop = trace.tally().of("savepoint failed") > 0;
    if (faults.equals(Faults.OUTAGE) && !triedToStop && rules.generations(spec.job()) > 1) {
      throw new InvariantViolation(
          "an outage of the storage restarted the job: "
              + rules.generations(spec.job())
              + " deployments");
    }
    switch (status) {
      case FINISHED -> {
        if (!difference.missing().isEmpty() && stoppedWith().isEmpty()) {
          throw new InvariantViolation(difference.toString());
        }
        if (user.isEmpty()
            && !RandomJob.countsAgain(graph)
            && stoppedWith().isEmpty()
            && !store.spoilt()) {
          checkAccumulators(interpreter.accumulators());
        }
      }
      case CANCELED -> {
        if (!cancelled) {
          throw new InvariantViolation("the job ended CANCELED, and nobody asked for it");
        }
      }
      case FAILED -> {
        boolean quarantined = trace.tally().of("JobManager broke an invariant") > 1;
        boolean mayFail = store.spoilt() || faults.program().userFailures() > 2 || quarantined;
        if (!mayFail) {
          throw new InvariantViolation("the job FAILED: " + platform.diagnostics());
        }
        if (platform.diagnostics().contains("crashed the JobManager twice")) {
          trace.hit("job quarantined");
          if (!quarantined) {
            throw new InvariantViolation("quarantined though its JobManager did not crash twice");
          }
        } else if (store.spoilt() && faults.program().userFailures() == 0) {
          trace.hit("job failed for a damaged checkpoint");
          if (!platform.diagnostics().contains("checkpoint")) {
            throw new InvariantViolation("no word of damage: " + platform.diagnostics());
          }
        }
      }
      default -> throw new InvariantViolation("the job ended " + status);
    }
  }

  /** Those of the final checkpoint are what the job's user gets. */
  private void checkAccumulators(Map<String, Object> expected) {
    List<AccumulatorState> states =
        rules.newest(spec.job()).orElseThrow().states().stream()
            .flatMap(state -> state.accumulators().stream())
            .toList();
    Map<String, Object> found = Accumulators.results(states, Simulation.class.getClassLoader());
    if (!found.equals(expected)) {
      throw new InvariantViolation("accumulators are " + found + ", expected " + expected);
    }
  }

  private void isWrong(String total) {
    throw new InvariantViolation("a total that is not that of what was counted: " + total);
  }
}
