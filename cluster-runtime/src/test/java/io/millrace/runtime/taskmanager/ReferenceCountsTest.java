package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.DropClaimed;
import io.millrace.runtime.checkpoint.DropParts;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryNames;
import io.millrace.runtime.checkpoint.NameOp;
import io.millrace.runtime.checkpoint.Outcome;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.jobmanager.KeptCheckpoints;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * State files that checkpoints share, in random lives of a job: tasks write and merge files,
 * checkpoints complete, fail and expire, messages are lost, tasks restart with the same or another
 * parallelism, JobManagers die and leave their operations half done, other jobs go on from what
 * there is. No file may go that a kept checkpoint names, and in the end none may stay that none
 * names.
 */
class ReferenceCountsTest {
  @Test
  void keepWhatACheckpointNeedsAndNothingElse() throws IOException {
    var seen = new Life.Seen();
    for (int seed = 1; seed <= 120; seed++) {
      live(seed, 1_000, seen);
    }
    everythingHasHappened(seen);
  }

  @Test
  @Tag("long")
  void keepThatOverAHundredThousandSteps() throws IOException {
    var seen = new Life.Seen();
    live(41, 100_000, seen);
    everythingHasHappened(seen);
  }

  @Test
  @Tag("long")
  void keepThatInFiftyLives() throws IOException {
    var seen = new Life.Seen();
    for (int seed = 1_000; seed < 1_050; seed++) {
      live(seed, 5_000, seen);
    }
    everythingHasHappened(seen);
  }

  /** Else the lives are not what they should be. */
  private static void everythingHasHappened(Life.Seen seen) {
    assertThat(seen.shared).as("checkpoints that share files").isGreaterThan(50);
    assertThat(seen.dropped).as("checkpoints that expired").isGreaterThan(50);
    assertThat(seen.refused).as("checkpoints of files that are not kept").isPositive();
    assertThat(seen.claimed).as("checkpoints that were given to another job").isPositive();
    assertThat(seen.claimedAlone).as("those of them whose job keeps others").isPositive();
  }

  private static void live(int seed, int steps, Life.Seen seen) throws IOException {
    var life = new Life(seed, seen);
    int step = 0;
    try {
      for (; step < steps; step++) {
        life.step();
      }
      life.end();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + ", step " + step + ": " + e.getMessage(), e);
    }
  }

  /** A job's folder and who commands there. */
  private static final class Place {
    final JobId job;
    final MemoryNames names = new MemoryNames();

    /** Checkpoints that the job's commander has made durable and not begun to give up. */
    final TreeMap<Long, Manifest> kept = new TreeMap<>();

    /** State files of all checkpoints that have ever been among those. */
    final TreeSet<String> everKept = new TreeSet<>();

    Place(int number) {
      job = new JobId(String.format(java.util.Locale.ROOT, "%032x", number));
    }

    void keep(Manifest manifest) {
      kept.put(manifest.checkpoint(), manifest);
      everKept.addAll(manifest.files());
    }
  }

  /** A JobManager's command over one execution after the other. */
  private static final class Commander {
    final Place place;
    final Epoch epoch;
    final KeptCheckpoints kept = new KeptCheckpoints();
    final TreeMap<Long, Collecting> collecting = new TreeMap<>();
    Collecting committing;
    boolean claimed;
    long unique;

    Commander(Place place, Epoch epoch) {
      this.place = place;
      this.epoch = epoch;
    }
  }

  private static final class Collecting {
    final long id;
    final TreeSet<AttemptId> awaited = new TreeSet<>();
    final List<SubtaskState> parts = new ArrayList<>();

    Collecting(long id) {
      this.id = id;
    }
  }

  /** A sequence of operations under way, whether or not its commander still commands. */
  private static final class Work<R> {
    final Commander by;
    final Place place;
    final Procedure<R> procedure;
    final Consumer<Step<R>> then;
    Step<R> step;

    Work(Commander by, Place place, Procedure<R> procedure, Consumer<Step<R>> then) {
      this.by = by;
      this.place = place;
      this.procedure = procedure;
      this.then = then;
      this.step = procedure.start();
    }
  }

  private record Ack(CheckpointOf checkpoint, AttemptId attempt, List<SubtaskState> states) {}

  private static final class Life {
    private static final int RETAINED = 2;

    /** How often what came about, in all lives. */
    static final class Seen {
      int shared;
      int dropped;
      int refused;
      int claimed;
      int claimedAlone;
    }

    final SplittableRandom random;
    final List<Uploader> workers = new ArrayList<>();
    final List<Work<?>> works = new ArrayList<>();
    final List<Ack> acks = new ArrayList<>();
    Place place = new Place(1);
    Commander commander;
    int places = 1;
    int generation;
    int parallelism = 2;
    long highest;
    final Seen seen;

    /** What the job has started from, until it has a checkpoint of its own. */
    Optional<Place> source = Optional.empty();

    boolean sourceClaimed;

    Life(int seed, Seen seen) {
      this.seen = seen;
      random = new SplittableRandom(seed);
      for (int i = 0; i < 3; i++) {
        workers.add(new Uploader(random, "worker-" + i));
      }
      command(new Epoch(1, 1), false);
    }

    void step() throws IOException {
      int chance = random.nextInt(400);
      Uploader worker = workers.get(random.nextInt(workers.size()));
      if (chance < 60) {
        worker.work();
      } else if (chance < 110) {
        trigger();
      } else if (chance < 180) {
        upload(worker);
      } else if (chance < 270) {
        ack();
      } else if (chance < 392) {
        operate(true);
      } else if (chance < 395) {
        abort();
      } else if (chance < 397) {
        command(new Epoch(commander.epoch.attempt(), commander.epoch.counter() + 1), false);
      } else if (random.nextInt(2) == 0) {
        command(new Epoch(commander.epoch.attempt() + 1, 1), random.nextBoolean());
      } else if (random.nextInt(2) == 0) {
        goOn(random.nextBoolean());
      }
    }

    private CheckpointOf of(long checkpoint) {
      return new CheckpointOf(place.job, 0, generation, checkpoint);
    }

    private <R> void start(Commander by, Procedure<R> procedure, Consumer<Step<R>> then) {
      works.add(new Work<>(by, by.place, procedure, then));
    }

    /**
     * Somebody claims the job; then its tasks go on, or others start from the newest checkpoint.
     */
    private void command(Epoch epoch, boolean adopts) {
      var next = new Commander(place, epoch);
      commander = next;
      start(
          next,
          Claim.ofJob(epoch, "life", 0, Optional.empty()),
          step -> {
            if (commander == next
                && step instanceof Step.Done<Claim.Result<ClaimedJob>> done
                && done.result() instanceof Claim.Claimed<ClaimedJob> claimed) {
              deploy(next, claimed.inherited(), adopts && generation > 0);
            } else if (commander == next) {
              command(new Epoch(epoch.attempt(), epoch.counter() + 1), adopts);
            }
          });
    }

    private void deploy(Commander by, ClaimedJob claimed, boolean adopts) {
      by.kept.replace(claimed);
      by.place.kept.clear();
      claimed.manifests().forEach(retained -> by.place.keep(retained.manifest()));
      highest = Math.max(highest, claimed.highestCheckpoint());
      by.claimed = true;
      if (adopts) {
        by.kept.newest().ifPresent(newest -> tell(newest.checkpoint()));
        workers.forEach(worker -> worker.aborted(of(highest)));
      } else {
        redeploy(by);
      }
      start(by, by.kept.cleanUp(by.epoch), step -> {});
    }

    private void redeploy(Commander by) {
      workers.forEach(Uploader::cancel);
      generation++;
      parallelism = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : parallelism;
      Optional<Manifest> own = by.kept.newest();
      Place from = own.isPresent() ? place : source.orElse(place);
      Optional<Manifest> restored =
          own.or(() -> source.map(each -> each.kept.lastEntry().getValue()));
      for (int subtask = 0; subtask < parallelism; subtask++) {
        int wanted = subtask;
        Optional<SubtaskState> state =
            restored.flatMap(
                manifest ->
                    manifest.states().stream().filter(s -> s.subtask() == wanted).findFirst());
        boolean same = state.filter(s -> s.parallelism() == parallelism).isPresent();
        try {
          workers
              .get(random.nextInt(workers.size()))
              .deploy(
                  new AttemptId(place.job, 0, generation, 0, subtask),
                  state,
                  from.names,
                  same && from == place);
        } catch (IOException e) {
          throw new AssertionError("a checkpoint that is kept cannot be read: " + e, e);
        }
      }
    }

    private void trigger() throws IOException {
      int underWay = commander.collecting.size() + (commander.committing == null ? 0 : 1);
      if (!commander.claimed || underWay >= 3) {
        return;
      }
      var next = new Collecting(++highest);
      workers.forEach(worker -> next.awaited.addAll(worker.attempts()));
      commander.collecting.put(next.id, next);
      for (Uploader worker : workers) {
        worker.cut(of(next.id), commander.epoch);
      }
    }

    private void upload(Uploader worker) throws IOException {
      if (worker.uploads.isEmpty()) {
        return;
      }
      var upload = worker.uploads.get(random.nextInt(worker.uploads.size()));
      if (random.nextInt(20) == 0) {
        worker.uploads.remove(upload); // the disk was full, say
        return;
      }
      worker
          .write(upload, parallelism, place.names, place.everKept)
          .forEach((attempt, states) -> acks.add(new Ack(upload.checkpoint(), attempt, states)));
    }

    private void ack() {
      if (acks.isEmpty() || !commander.claimed) {
        return;
      }
      int chosen = random.nextInt(acks.size());
      Ack ack = acks.remove(chosen); // the JobManager takes each report once
      if (ack.checkpoint().generation() != generation) {
        return;
      }
      long id = ack.checkpoint().checkpoint();
      Collecting one = commander.collecting.get(id);
      if (one != null) {
        if (one.awaited.remove(ack.attempt())) {
          one.parts.addAll(ack.states());
          commitNext();
        }
      } else if (!place.kept.containsKey(id)
          && (commander.committing == null || commander.committing.id != id)) {
        start(commander, new DropParts(id, ack.states(), commander.kept.manifests()), step -> {});
      }
    }

    private void commitNext() {
      if (commander.committing != null) {
        return;
      }
      for (Collecting one : List.copyOf(commander.collecting.descendingMap().values())) {
        if (one.awaited.isEmpty()) {
          var older = List.copyOf(commander.collecting.headMap(one.id).values());
          older.forEach(this::giveUp);
          commander.collecting.remove(one.id);
          commit(one);
          return;
        }
      }
    }

    private void commit(Collecting one) {
      Commander by = commander;
      var manifest =
          new Manifest(
              place.job, "0".repeat(16), by.epoch, generation, one.id, 0, false, one.parts);
      if (by.kept.fileOfNoneIn(manifest).isPresent()) {
        seen.refused++;
        start(by, new DropParts(one.id, one.parts, List.of()), step -> {});
        return;
      }
      by.committing = one;
      start(
          by,
          WriteFact.manifest(by.epoch, manifest, by.unique++),
          step -> {
            boolean current = commander == by;
            boolean done =
                step instanceof Step.Done<Written> written
                    && written.result().verdict() == Written.Verdict.DONE;
            if (current && done) {
              completed(by, manifest);
            } else if (current) {
              by.committing = null; // it may be durable or not: nothing of it is deleted
            }
          });
    }

    private void completed(Commander by, Manifest manifest) {
      by.committing = null;
      boolean first = place.kept.isEmpty();
      by.kept.add(by.epoch, manifest);
      place.keep(manifest);
      for (String file : manifest.files()) {
        exists(place, file, manifest);
      }
      seen.shared += manifest.files().stream().allMatch(manifest::isOwn) ? 0 : 1;
      tell(manifest.checkpoint());
      if (source.isPresent()) {
        if (first) {
          assertThat(manifest.files()).as("files of a first one").allMatch(manifest::isOwn);
        }
        if (sourceClaimed) {
          seen.claimed++;
          Place given = source.get();
          OptionalLong newest = OptionalLong.of(given.kept.lastKey());
          OptionalLong wanted = random.nextBoolean() ? newest : OptionalLong.empty();
          newest.stream().filter(id -> wanted.isPresent()).forEach(given.kept::remove);
          if (wanted.isEmpty()) {
            given.kept.clear();
          }
          seen.claimedAlone += given.kept.isEmpty() ? 0 : 1;
          works.add(
              new Work<>(
                  by,
                  given,
                  new DropClaimed(wanted),
                  step -> {
                    // Of a single one, what the dead job had not come to drop stays with the rest.
                    if (wanted.isEmpty() && step instanceof Step.Done) {
                      onlyWhatIsKeptIsIn(given);
                    }
                    keptIsThere(given);
                  }));
        }
        source = Optional.empty();
      }
      for (Procedure<Boolean> drop : by.kept.dropBeyond(RETAINED, by.epoch)) {
        Manifest victim = place.kept.pollFirstEntry().getValue();
        var alone = new TreeSet<String>(victim.files());
        place.kept.values().forEach(other -> alone.removeAll(other.files()));
        seen.dropped++;
        start(by, drop, step -> isGone(by.place, alone, step));
      }
      commitNext();
    }

    private static void isGone(Place place, TreeSet<String> files, Step<Boolean> dropped) {
      if (dropped instanceof Step.Done<Boolean> done && done.result()) {
        assertThat(place.names.list("data"))
            .as("files that were of none but the checkpoint that is given up")
            .noneMatch(entry -> files.contains("data/" + entry.name()));
      }
    }

    /** A message that some do not get. */
    private void tell(long checkpoint) {
      for (Uploader worker : workers) {
        if (random.nextBoolean()) {
          worker.completed(of(checkpoint));
        }
      }
    }

    private void abort() {
      if (!commander.collecting.isEmpty()) {
        Collecting one = commander.collecting.firstEntry().getValue();
        giveUp(one);
        if (random.nextBoolean()) {
          workers.forEach(worker -> worker.aborted(of(one.id)));
        }
      }
    }

    private void giveUp(Collecting one) {
      commander.collecting.remove(one.id);
      start(commander, new DropParts(one.id, one.parts, List.of()), step -> {});
    }

    /** The job ends, and another one starts from what it has left. */
    private void goOn(boolean claimed) {
      if (!commander.claimed || place.kept.isEmpty() || source.isPresent()) {
        return;
      }
      source = Optional.of(place);
      sourceClaimed = claimed;
      works.removeIf(work -> work.by.place == place); // its processes are gone
      acks.clear();
      workers.forEach(worker -> worker.uploads.clear());
      workers.forEach(Uploader::cancel);
      place = new Place(++places);
      highest = 0;
      command(new Epoch(1, 1), false);
    }

    /** One operation of somebody; its effect may be there although it fails. */
    private void operate(boolean faults) {
      if (!works.isEmpty()) {
        operate(works.get(random.nextInt(works.size())), faults);
      }
    }

    private <R> void operate(Work<R> work, boolean faults) {
      if (work.step instanceof Step.Do<R> next) {
        Outcome outcome = new Outcome.Failed("no answer");
        int luck = faults ? random.nextInt(30) : 29;
        if (luck > 0) {
          if (next.op() instanceof NameOp.Delete delete) {
            needed(work.place, delete.name());
          }
          Outcome answer = next.op().apply(work.place.names);
          outcome = luck == 1 ? outcome : answer;
        }
        work.step = work.procedure.on(outcome);
      }
      if (!(work.step instanceof Step.Do<R>)) {
        works.remove(work);
        work.then.accept(work.step);
      }
    }

    private static void needed(Place place, String file) {
      for (Manifest manifest : place.kept.values()) {
        if (manifest.files().contains(file)) {
          throw new AssertionError(
              file + " is deleted, which checkpoint " + manifest.checkpoint() + " needs");
        }
      }
    }

    private static void exists(Place place, String file, Manifest manifest) {
      try {
        place.names.read(file);
      } catch (IOException e) {
        throw new AssertionError(
            "checkpoint " + manifest.checkpoint() + " is complete without " + file, e);
      }
    }

    private static void keptIsThere(Place place) {
      place.kept.values().forEach(m -> m.files().forEach(file -> exists(place, file, m)));
    }

    private static void onlyWhatIsKeptIsIn(Place place) {
      var needed = new TreeSet<String>();
      place.kept.values().forEach(manifest -> needed.addAll(manifest.files()));
      assertThat(place.names.list("data"))
          .extracting(entry -> "data/" + entry.name())
          .containsExactlyElementsOf(needed);
    }

    /** No more faults: whoever commands comes to an end, and then one claims who cleans up. */
    void end() throws IOException {
      drain();
      for (Uploader worker : workers) {
        while (!worker.uploads.isEmpty()) {
          Map<AttemptId, List<SubtaskState>> late =
              worker.write(worker.uploads.get(0), parallelism, place.names, place.everKept);
          assertThat(late).isNotEmpty();
        }
      }
      command(new Epoch(commander.epoch.attempt() + 1, 1), false);
      drain();
      keptIsThere(place);
      onlyWhatIsKeptIsIn(place);
      source.ifPresent(Life::keptIsThere);
    }

    private void drain() {
      while (!works.isEmpty()) {
        operate(false);
      }
    }
  }
}
