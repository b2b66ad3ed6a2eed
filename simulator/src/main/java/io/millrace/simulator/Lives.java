package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * The lives of one job, each an application of its own: where one ends before the job has come to
 * its end, the next goes on from what it left, with another parallelism, state of another shape, or
 * as it was. This knows what the user has asked of the job; nothing runs in here.
 */
final class Lives {
  private static final int MOST = 4;

  private final Making making;
  private final long seed;
  private final boolean scripted;
  private final World world;
  private final SplittableRandom chance;
  private final SimulatedStore store;
  private final Ledger ledger;
  private final Rules rules;
  private final Trace trace;

  private Platform platform;
  private JobSpec spec;
  private boolean cancelled;
  private boolean drained;
  private int attempts;
  private int taskManagers;
  private int count;

  /** Where this life goes on from. */
  private Optional<Origin> origin = Optional.empty();

  private boolean rescaled;

  /** Whether this life owns what it began with; then it is the last one. */
  private boolean claimed;

  /** Whether a script wants that of the next one. */
  private boolean claimsNext;

  /** Whether the program's state has got its later shape. */
  private boolean changed;

  /** What a life is made of. */
  interface Making {
    /** Whether state may have another shape, which {@link #graph} then gives it. */
    boolean mayChange();

    JobGraph graph(boolean rescaled, boolean changed);

    Platform platform(String prefix, JobSpec spec);
  }

  /**
   * Where a job goes on in its next life.
   *
   * @param path of a checkpoint or savepoint
   * @param backTo its id if there is output of later ones, which has to go
   */
  private record Origin(String path, OptionalLong backTo) {}

  /**
   * @param scripted whether what happens is for a script to arrange, and not for chance
   */
  Lives(
      Making making,
      long seed,
      boolean scripted,
      World world,
      SplittableRandom chance,
      SimulatedStore store,
      Ledger ledger,
      Rules rules,
      Trace trace) {
    this.making = making;
    this.seed = seed;
    this.scripted = scripted;
    this.world = world;
    this.chance = chance;
    this.store = store;
    this.ledger = ledger;
    this.rules = rules;
    this.trace = trace;
  }

  /** Of the present life. */
  Platform platform() {
    return platform;
  }

  JobSpec spec() {
    return spec;
  }

  /** Of all lives, those that are over included. */
  int attempts() {
    return attempts + platform.attempts();
  }

  int taskManagers() {
    return taskManagers + platform.taskManagersStarted();
  }

  // ---- what the user asks

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
    platform.user().takeSavepoint(hex(1 + seed + ((long) count << 50)), then);
  }

  /** The next life is to own what it begins with. */
  void claimNext() {
    claimsNext = true;
  }

  boolean cancelled() {
    return cancelled;
  }

  /** The savepoint that a user has stopped the job with. */
  Optional<String> stoppedWith() {
    String mark = "stopped with savepoint ";
    String diagnostics = platform.diagnostics();
    return diagnostics.startsWith(mark)
        ? Optional.of(diagnostics.substring(mark.length()))
        : Optional.empty();
  }

  boolean hasDrained() {
    return drained && stoppedWith().isPresent();
  }

  /** What it began with, if that has become its own. */
  Optional<String> claimed() {
    return origin.filter(from -> claimed).map(Origin::path);
  }

  // ---- from one to the next

  void first(JobGraph graph) {
    begin("", seed, graph, Optional.empty());
  }

  /**
   * After a life: another application takes the job up, and perhaps does not bring it to its end
   * either.
   *
   * @return whether there is a next life; it starts now
   */
  boolean next(boolean calm) {
    origin = findOrigin();
    if (origin.isEmpty() || count >= MOST || claimed) {
      return false;
    }
    origin.get().backTo().ifPresent(ledger::forgetAfter);
    goOn(true, calm);
    return true;
  }

  /** Whether that life could not begin, for its parallelism; then it is to begin once more. */
  boolean refused() {
    return rescaled && platform.diagnostics().contains("max parallelism");
  }

  void nextUnscaled(boolean calm) {
    trace.hit("a parallelism above the maximum was refused");
    goOn(false, calm);
  }

  /** Whether and from where the job goes on. */
  private Optional<Origin> findOrigin() {
    if (store.spoilt()) {
      return Optional.empty();
    }
    Optional<String> taken = platform.user().savepoint();
    boolean goesBack = taken.isPresent() && !cancelled && !drained && stoppedWith().isEmpty();
    if (goesBack && chance.nextBoolean()) {
      trace.hit("job continued from a savepoint that it had left behind");
      return Optional.of(new Origin(taken.get(), OptionalLong.of(rules.idOf(taken.get()))));
    }
    JobStatus status = platform.finished().get();
    // Of a job that was cancelled, its folder leads to the savepoint too.
    Optional<String> stop =
        status == JobStatus.FINISHED && !drained ? stoppedWith() : Optional.empty();
    if (status == JobStatus.FINISHED && stop.isEmpty()) {
      return Optional.empty();
    }
    stop.ifPresent(path -> trace.hit("job continued from the savepoint it was stopped with"));
    Optional<Origin> found =
        stop.or(this::newestPath).map(path -> new Origin(path, OptionalLong.empty()));
    if (stop.isEmpty() && found.isPresent()) {
      trace.hit("job continued from a retained checkpoint");
    }
    // Where a life left nothing behind, it has changed nothing.
    return found.or(() -> origin.map(same -> new Origin(same.path(), OptionalLong.empty())));
  }

  private Optional<String> newestPath() {
    try {
      return store.newestPath(spec.job());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void goOn(boolean mayRescale, boolean calm) {
    cancelled = false;
    rescaled = mayRescale && !scripted && chance.nextInt(3) > 0;
    if (rescaled) {
      trace.hit("job continued with another parallelism");
    }
    claimed = claimsNext || seed % 2 == 0 && (count + 1 == MOST || chance.nextBoolean());
    if (making.mayChange() && !changed && chance.nextInt(3) == 0) {
      trace.hit("job continued with state of another shape");
      changed = true;
    }
    attempts = attempts();
    taskManagers = taskManagers();
    String path = origin.orElseThrow().path();
    begin(
        "abcdefgh".charAt(count) + "-",
        seed + ((long) (count + 1) << 40),
        making.graph(rescaled, changed),
        Optional.of(new JobSpec.RestoreFrom(path, false, claimed)));
    if (claimed) {
      store.give(FindCheckpoint.Place.of(path).directory(), spec.job());
    }
    if (calm) {
      platform.calm();
    }
    world.afterMillis(0, "start", platform::start);
    if (!scripted && !claimed && count < MOST && chance.nextInt(3) == 0) {
      stopAgain();
    }
  }

  private void stopAgain() {
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

  private void begin(
      String prefix, long id, JobGraph graph, Optional<JobSpec.RestoreFrom> restoreFrom) {
    count++;
    List<FileRef> files =
        graph.files().stream().map(file -> new FileRef(file, file.path(), 0, 0)).toList();
    String job = hex(id);
    spec = new JobSpec(new JobId(job), job, graph, List.of(), files, restoreFrom);
    platform = making.platform(prefix, spec);
  }

  private static String hex(long id) {
    return String.format(Locale.ROOT, "%032x", id);
  }
}
