package io.millrace.simulator;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A cluster for one job, or one after the other for each of its {@link Lives}. First faults and
 * safety: whatever happens, nothing wrong becomes visible. Then the faults end, and the job must
 * reach its end within bounded time, with exactly the output that the {@link Interpreter} computes.
 */
final class Simulation {
  private static final long OF_SILENCES = 0x5eed_0f_5_11e_4ce5L;
  private static final long OF_WRITERS = 0x5eed_0f_3_417_e45L;
  private static final long OF_RESERVES = 0x5eed_0f_4_e5e_47e5L;
  private static final long PATIENCE_MILLIS = 900_000;

  /**
   * As well, where sinks are the only writers: lost tasks are waited for, several times in a row.
   */
  private static final long MORE_PATIENCE_MILLIS = 1_800_000;

  private static final long AFTERLIFE_MILLIS = 100_000;
  private static final long MOST_EVENTS = 5_000_000;
  private static final int MOST_WAITING = 50_000;

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
  private final boolean scripted;
  private final Optional<Boolean> besideOneThatFails;
  private final Lives lives;
  private final FaultSchedule schedule;

  /** Whether records in flight may have lost their order. */
  private boolean dealt;

  /** A life by seed. */
  Simulation(long seed, boolean keepTrace) {
    this(seed, keepTrace, Optional.empty());
  }

  /**
   * @param scripted the only faults; what else happens is for the caller to arrange
   */
  Simulation(long seed, boolean keepTrace, Optional<Faults> scripted) {
    this(seed, keepTrace, scripted, Optional.empty());
  }

  /**
   * @param besideOneThatFails on and on, and whether the two share no TaskManager
   */
  Simulation(
      long seed,
      boolean keepTrace,
      Optional<Faults> scripted,
      Optional<Boolean> besideOneThatFails) {
    this(
        seed,
        keepTrace,
        scripted,
        besideOneThatFails,
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
    this(seed, keepTrace, scripted, Optional.empty(), user, quiet, repeat);
  }

  private Simulation(
      long seed,
      boolean keepTrace,
      Optional<Faults> scripted,
      Optional<Boolean> besideOneThatFails,
      Optional<UserJob> user,
      Optional<UserJob.Quiet> quiet,
      String repeat) {
    this.seed = seed;
    this.repeat = repeat;
    this.scripted = scripted.isPresent();
    this.besideOneThatFails = besideOneThatFails;
    this.user = user;
    this.quiet = quiet;
    this.trace = new Trace(keepTrace);
    this.world = new World(seed, trace);
    this.chance = world.fork();
    var ofSilences = new SplittableRandom(seed ^ OF_SILENCES);
    Faults drawn = scripted.orElseGet(() -> Faults.draw(chance).drawSilences(ofSilences));
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
    this.graph = user.map(UserJob::graph).orElseGet(() -> drawGraph(Optional.empty(), false));
    this.lives =
        new Lives(new Making(), seed, this.scripted, world, chance, store, ledger, rules, trace);
    lives.first(graph);
    this.schedule =
        new FaultSchedule(
            world,
            chance,
            ofSilences,
            faults,
            network,
            store,
            lives,
            user.isEmpty() && RandomJob.canBeDrained(graph));
  }

  private JobGraph drawGraph(Optional<SplittableRandom> rescaled, boolean changed) {
    if (scripted) {
      return RandomJob.steady(faults.program());
    }
    JobGraph drawn =
        RandomJob.draw(
            new SplittableRandom(jobSeed),
            faults.program(),
            rescaled,
            changed,
            dealt,
            new SplittableRandom(seed ^ OF_WRITERS).nextInt(4) == 0);
    dealt |= RandomJob.dealsInFlight(drawn);
    return drawn;
  }

  private final class Making implements Lives.Making {
    @Override
    public boolean mayChange() {
      return !scripted && user.isEmpty();
    }

    @Override
    public JobGraph graph(boolean rescaled, boolean changed) {
      if (user.isPresent()) {
        return rescaled ? user.get().withParallelism().apply(1 + chance.nextInt(4)) : graph;
      }
      return drawGraph(rescaled ? Optional.of(chance.split()) : Optional.empty(), changed);
    }

    @Override
    public Platform platform(String prefix, JobSpec spec) {
      var defaults = new TreeMap<String, String>();
      long pace = 0;
      if (quiet.isPresent()) {
        // Faults meet a job only if it lasts.
        pace = 1_000_000L * (1 + chance.nextInt(15)) / Math.max(1, quiet.get().stepsPerTask());
        defaults.put("execution.checkpointing.interval", 100 + chance.nextInt(900) + " ms");
        defaults.put(
            "execution.checkpointing.timeout", faults.program().checkpointTimeoutMillis() + " ms");
      }
      if (!scripted && new SplittableRandom(seed ^ OF_RESERVES).nextInt(4) == 0) {
        defaults.put(ClusterSettings.SPARE_TASK_MANAGERS.key(), "1");
      }
      Company company = company(spec.job());
      return new Platform(
          world,
          network,
          store,
          faults,
          rules,
          moments,
          prefix,
          spec,
          classes,
          company,
          company.configure(defaults),
          (int) Math.min(1_000_000, pace));
    }
  }

  /** Mostly nobody. */
  private Company company(JobId beside) {
    if (besideOneThatFails.isPresent()) {
      Neighbour failing = neighbour(1, beside, true);
      return Company.scripted(List.of(failing), besideOneThatFails.get());
    }
    if (scripted || user.isPresent() || chance.nextInt(6) != 0) {
      return Company.NONE;
    }
    var neighbours = new ArrayList<Neighbour>();
    int count = 1 + chance.nextInt(2);
    for (int i = 1; i <= count; i++) {
      neighbours.add(neighbour(i, beside, chance.nextInt(3) == 0));
    }
    return Company.of(neighbours, chance);
  }

  private Neighbour neighbour(int number, JobId beside, boolean failsOnAndOn) {
    var its = new Ledger(world.fork(), faults, moments, trace);
    var outside = new Outside(world, new SplittableRandom(~seed));
    var neighbour = Neighbour.of(number + beside.hex().substring(1), its, outside, failsOnAndOn);
    if (!scripted && world.millis() > 0 && isCalm()) {
      its.calm();
    }
    rules.add(neighbour);
    return neighbour;
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
    return lives.platform();
  }

  SimulatedStore store() {
    return store;
  }

  Trace trace() {
    return trace;
  }

  void cancel() {
    lives.cancel();
  }

  void takeSavepoint(ClientRequest.Then then) {
    lives.takeSavepoint(then);
  }

  /** Another application is given what the job leaves behind to go on from. */
  void claimNext() {
    lives.claimNext();
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
    world.afterMillis(0, "start", platform()::start);
    schedule.begin();
    if (!scripted) {
      store.whenSpoilt(schedule::restartSoon);
      world.afterMillis(schedule.endMillis(), "faults end", this::calm);
    }
    liveUntilFinished();
    check();
    while (lives.next(isCalm())) {
      liveUntilFinished();
      if (lives.refused()) {
        lives.nextUnscaled(isCalm());
        liveUntilFinished();
      }
      check();
    }
    return new Outcome(
        seed,
        faults,
        platform().finished().get(),
        platform().diagnostics(),
        lives.attempts(),
        lives.taskManagers(),
        store.manifests(),
        rules.generations(job()),
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

  private JobId job() {
    return lives.spec().job();
  }

  private boolean isCalm() {
    return world.millis() >= schedule.endMillis();
  }

  private void liveUntilFinished() throws Exception {
    long hangs = faults.silences().hangs() * Lane.STATE.patience().toMillis();
    boolean alone = graph.settings().containsKey(JobSettings.EXCLUSIVE_WRITER.key());
    long waits = alone ? MORE_PATIENCE_MILLIS : 0;
    long patience = world.millis() + PATIENCE_MILLIS + hangs + waits;
    while (platform().finished().isEmpty()) {
      step();
      if (world.millis() > patience || trace.count() > MOST_EVENTS) {
        throw new InvariantViolation(
            "the job does not end though the faults have" + platform().standing());
      }
    }
    checkFilesLeft();
    liveOn();
    if (lives.claimed().isPresent() && platform().finished().get() == JobStatus.FINISHED) {
      checkClaimedIsGone(lives.claimed().get());
    }
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
  private void liveOn() throws Exception {
    List<String> seen = ledger.visibleLines();
    List<String> files = store.files(job());
    boolean settled = ledger.settled();
    long end = world.millis() + AFTERLIFE_MILLIS;
    if (platform().living().isEmpty()) {
      return;
    }
    trace.hit("processes outlived the job");
    while (!platform().living().isEmpty() && world.millis() < end && world.waiting() > 0) {
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
    if (settled && !ledger.settled()) {
      throw new InvariantViolation("a sink's place was taken after the job's end");
    }
    List<String> late = new ArrayList<>(store.files(job()));
    late.removeAll(files);
    late.removeIf(file -> !file.startsWith("data/"));
    if (platform().finished().get() == JobStatus.FINISHED && !late.isEmpty()) {
      throw new InvariantViolation("written when the job was over, for ever: " + late);
    }
    platform().living().stream()
        .filter(name -> name.contains("jobmanager") && world.millis() > allAwakeMillis() + 70_000)
        .findFirst()
        .ifPresent(
            name -> {
              throw new InvariantViolation(name + " lives on though it was superseded");
            });
    platform().end();
  }

  /** From then on nobody sleeps. */
  private long allAwakeMillis() {
    return Math.max(
        scripted ? 60_000 : schedule.endMillis(), platform().ambushes().struckMillis() + 22_000);
  }

  private void calm() {
    network.calm();
    ledger.calm();
    platform().neighbours().forEach(each -> each.ledger().calm());
    store.calm();
    platform().calm();
  }

  // ---- the end

  private void checkFilesLeft() throws Exception {
    if (platform().finished().get() == JobStatus.FINISHED && store.isDown()) {
      trace.hit("files left in an outage");
    } else if (platform().finished().get() == JobStatus.FINISHED) {
      rules.nothingIsLeft(store.files(job()), store.lastEpoch(job()));
    } else if (platform().diagnostics().startsWith("cannot claim")) {
      // Whoever gives up before it commands the job may settle nothing: that is left for clean.
      trace.hit("job given up by a JobManager without a claim");
      return;
    } else if (store.spoilt() || store.isDown()) {
      trace.hit("files of checkpoints left in an outage, or beside a spoilt one");
    } else if (!store.unneeded(job()).isEmpty()) {
      throw new InvariantViolation("no checkpoint needs " + store.unneeded(job()));
    }
    // What a spoilt checkpoint promised is not known: it stays, or is written again by a job that
    // may.
    boolean undecided = store.spoilt() && platform().finished().get() != JobStatus.FINISHED;
    if (!undecided && !ledger.settled()) {
      throw new InvariantViolation("the output was not settled");
    }
    if (!store.spoilt() && !ledger.brokenPromises().isEmpty()) {
      throw new InvariantViolation("promised, but not visible: " + ledger.brokenPromises());
    }
  }

  /** Where a store fails too often it is left to the user, who is told. */
  private void checkClaimedIsGone(String checkpoint) throws Exception {
    FindCheckpoint.Place place = FindCheckpoint.Place.of(checkpoint);
    boolean gone = !store.holds(place);
    if (gone) {
      trace.hit("what a job started from was deleted");
    } else if (faults.storage().equals(Faults.Storage.SOUND)) {
      throw new InvariantViolation(checkpoint + " was the job's, and is left");
    }
    String directory = place.directory();
    if (gone && store.isThere(directory) && store.files(directory).isEmpty()) {
      if (faults.storage().equals(Faults.Storage.SOUND)) {
        throw new InvariantViolation(directory + " was the job's, and is left without a file");
      }
      trace.hit("what a job started from left its directory");
    }
  }

  private void check() throws Exception {
    checkNeighbours();
    if (user.isPresent() && quiet.isEmpty()) {
      return; // this is the life that others are compared with
    }
    var interpreter = new Interpreter(graph, Simulation.class.getClassLoader());
    List<String> expected = quiet.isPresent() ? quiet.get().output() : interpreter.run();
    Optional<Told> fates = user.isPresent() ? Optional.empty() : Told.in(graph, trace);
    List<String> visible = ledger.visibleLines();
    boolean duplicatesAllowed =
        store.spoilt() && faults.program().fallback().equals("allow-duplicates");
    Difference difference =
        Difference.between(
            expected, fates.map(f -> f.told(expected, visible, duplicatesAllowed)).orElse(visible));
    if (lives.hasDrained()) {
      trace.hit("job drained");
      difference = difference.where(line -> true, line -> !RandomJob.isToldAtTheEnd(line));
      if (!store.spoilt()) { // else parts of what a damaged checkpoint promised may be there
        RandomJob.totalsAreOf(ledger.visibleLines()).ifPresent(this::isWrong);
      }
    }
    if (user.isEmpty() && RandomJob.countsAgain(graph)) {
      trace.hit("job of at-least-once");
      difference = difference.where(RandomJob::mustBeThere, line -> !RandomJob.mayBeThere(line));
    }
    if (user.isEmpty()
        && RandomJob.barriersWaitFirst(graph)
        && trace.tally().of("checkpoint with records in flight") > 0) {
      trace.hit("barriers overtook records once they had waited");
    }
    boolean mayRepeat = duplicatesAllowed && (fates.isPresent() || difference.onlyRepeats());
    if (!difference.extra().isEmpty() && !mayRepeat) {
      throw new InvariantViolation(difference.toString());
    }
    // Sources stop for a savepoint that ends the job: if it fails, they have to start again.
    boolean triedToStop = trace.tally().of("savepoint failed") > 0;
    if (faults.isOutage()
        && !triedToStop
        && !RandomJob.mindsFailedCheckpoints(graph)
        && rules.generations(job()) > 1) {
      throw new InvariantViolation(
          "an outage of the storage restarted the job: "
              + rules.generations(job())
              + " deployments");
    }
    JobStatus status = platform().finished().get();
    switch (status) {
      case FINISHED -> {
        if (!difference.missing().isEmpty() && lives.stoppedWith().isEmpty()) {
          throw new InvariantViolation(difference.toString());
        }
        if (user.isEmpty()
            && !RandomJob.countsAgain(graph)
            && lives.stoppedWith().isEmpty()
            && !store.spoilt()) {
          checkAccumulators(interpreter.accumulators());
          checkNothingIsKept();
        }
      }
      case CANCELED -> {
        if (!lives.cancelled()) {
          throw new InvariantViolation("the job ended CANCELED, and nobody asked for it");
        }
      }
      case FAILED -> {
        boolean quarantined = trace.tally().of("JobManager broke an invariant") > 1;
        boolean tooOften = platform().diagnostics().contains("failures within");
        if (tooOften ? !RandomJob.mayFailTooOften(graph) : !mayFail()) {
          throw new InvariantViolation("the job FAILED: " + platform().diagnostics());
        }
        if (tooOften) {
          trace.hit("job failed too often");
        } else if (platform().diagnostics().contains("crashed the JobManager twice")) {
          trace.hit("job quarantined");
          if (!quarantined) {
            throw new InvariantViolation("quarantined though its JobManager did not crash twice");
          }
        } else if (store.spoilt() && faults.program().userFailures() == 0) {
          trace.hit("job failed for a damaged checkpoint");
          if (!platform().diagnostics().contains("checkpoint")) {
            throw new InvariantViolation("no word of damage: " + platform().diagnostics());
          }
        }
      }
      default -> throw new InvariantViolation("the job ended " + status);
    }
  }

  private boolean mayFail() {
    boolean quarantined = trace.tally().of("JobManager broke an invariant") > 1;
    return store.spoilt() || faults.program().userFailures() > 2 || quarantined;
  }

  private void checkNeighbours() throws Exception {
    for (Neighbour each : platform().neighbours()) {
      JobStatus status = platform().user().ended(each.spec().job()).orElseThrow();
      if (!store.spoilt()) { // else its own checkpoints may be what was spoilt
        each.check(status, mayFail());
      }
    }
  }

  /** Those of the final checkpoint are what the job's user gets. */
  private void checkAccumulators(Map<String, Object> expected) {
    List<AccumulatorState> states =
        rules.newest(job()).orElseThrow().states().stream()
            .flatMap(state -> state.accumulators().stream())
            .toList();
    Map<String, Object> found = Accumulators.results(states, Simulation.class.getClassLoader());
    if (!found.equals(expected)) {
      throw new InvariantViolation("accumulators are " + found + ", expected " + expected);
    }
  }

  /** When event time has ended, neither window nor partner is waited for any more. */
  private void checkNothingIsKept() {
    var ended = new TreeSet<String>();
    graph.vertices().stream()
        .filter(vertex -> vertex.name().startsWith(PlainWindows.EVENT_TIME))
        .forEach(vertex -> ended.add(vertex.uid()));
    rules.newest(job()).orElseThrow().states().stream()
        .filter(state -> ended.contains(state.uid()))
        .flatMap(state -> state.contents().stream())
        .filter(info -> info.kind().keyed() && info.entries() > 0)
        .filter(info -> !info.name().equals(PlainWindows.FIRED))
        .findFirst()
        .ifPresent(
            info -> {
              throw new InvariantViolation("event time has ended, and there is left: " + info);
            });
    if (!ended.isEmpty()) {
      trace.hit("event time ended");
    }
  }

  private void isWrong(String total) {
    throw new InvariantViolation("a total that is not that of what was counted: " + total);
  }
}
