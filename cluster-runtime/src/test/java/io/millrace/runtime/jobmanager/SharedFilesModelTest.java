package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.DropParts;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryNames;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.taskmanager.ModelledTaskManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The life of the files that incremental checkpoints share, against a model that remembers what
 * each checkpoint held: TaskManagers flush and compact, write parts early, late or never, miss what
 * the JobManager says; checkpoints complete, are given up, are dropped; jobs restart, from what is
 * kept, with other parallelism. Nothing that a kept checkpoint names may be missing or changed, and
 * in the end nothing but that is left.
 */
class SharedFilesModelTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final String LINEAGE = "fedcba9876543210";
  private static final int TASK_MANAGERS = 3;
  private static final int KEPT = 3;

  private final DurableNames names = new MemoryNames();
  private final RetainedCheckpoints retained = new RetainedCheckpoints();
  private final List<ModelledTaskManager> taskManagers = new ArrayList<>();
  private final List<ModelledTaskManager> deaf = new ArrayList<>();

  /** What the rows of each subtask were, by checkpoint. */
  private final TreeMap<Long, Map<Integer, Map<String, byte[]>>> held = new TreeMap<>();

  private final TreeMap<Long, Pending> pending = new TreeMap<>();
  private final Map<String, Integer> tally = new TreeMap<>();
  private SplittableRandom random;
  private Epoch epoch = Epoch.NONE;
  private int generation;
  private int parallelism;
  private long newest;
  private long unique;

  /** A checkpoint that is collected, and what its parts will be once they are written. */
  private static final class Pending {
    final TreeSet<Integer> awaited = new TreeSet<>();
    final List<SubtaskState> parts = new ArrayList<>();
    final Map<Integer, Map<String, byte[]>> contents = new TreeMap<>();
  }

  @Test
  void nothingThatIsNamedIsMissingAndNothingElseIsLeft() throws IOException {
    live(1, 20_000);
  }

  @Test
  @Tag("long")
  void nothingThatIsNamedIsMissingAndNothingElseIsLeftForLong() throws IOException {
    live(2, 100_000);
  }

  @Test
  void noticesAFileThatNoKeptCheckpointNames() {
    String mine = JobDirectory.stateFile(new Epoch(1, 1), 8, "tm", 3);
    String kept = JobDirectory.stateFile(new Epoch(1, 1), 7, "tm", 2);
    String gone = JobDirectory.stateFile(new Epoch(1, 1), 6, "tm", 1);
    retained.add("seven", manifestOf(7, kept));
    assertThat(retained.fileOfNoneIn(manifestOf(8, mine, kept))).isEmpty();
    assertThat(retained.fileOfNoneIn(manifestOf(8, mine, kept, gone))).contains(gone);
  }

  private static Manifest manifestOf(long id, String... files) {
    var states = new ArrayList<SubtaskState>();
    for (String file : files) {
      var bytes = new StateBytes.InFile(file, 0, 1, 0);
      states.add(
          new SubtaskState(
              "rows", states.size(), 3, 128, Optional.of(bytes), List.of(), Optional.empty()));
    }
    return new Manifest(JOB, LINEAGE, new Epoch(1, 1), 1, id, 0, false, states);
  }

  private void live(long seed, int steps) throws IOException {
    random = new SplittableRandom(seed);
    for (int i = 0; i < TASK_MANAGERS; i++) {
      taskManagers.add(new ModelledTaskManager(JOB, "tm" + i, random.split()));
    }
    restart();
    for (int step = 0; step < steps; step++) {
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> taskManagers.get(random.nextInt(TASK_MANAGERS)).change();
        case 3 -> begin();
        case 4, 5, 6, 7 -> writeAPart();
        case 8 -> giveUpOne();
        default -> {
          if (random.nextInt(30) == 0) {
            restart();
          }
        }
      }
      keptIsWhole();
    }
    end();
    assertThat(tally.keySet())
        .as("what happened: %s", tally)
        .contains("completed", "given up", "shared", "restart", "rescale", "late part");
  }

  private void count(String what) {
    tally.merge(what, 1, Integer::sum);
  }

  // ---- checkpoints

  private void begin() {
    if (pending.size() < 2) {
      var next = new Pending();
      for (int i = 0; i < TASK_MANAGERS; i++) {
        next.awaited.add(i);
      }
      pending.put(++newest, next);
    }
  }

  private void writeAPart() throws IOException {
    if (pending.isEmpty()) {
      return;
    }
    long id = List.copyOf(pending.keySet()).get(random.nextInt(pending.size()));
    Pending one = pending.get(id);
    int who = List.copyOf(one.awaited).get(random.nextInt(one.awaited.size()));
    one.contents.putAll(taskManagers.get(who).contents());
    List<SubtaskState> states = taskManagers.get(who).write(id, epoch, names);
    if (random.nextInt(40) == 0) {
      giveUp(id); // before the part is heard of
      count("late part");
      run(new DropParts(id, states));
      return;
    }
    one.awaited.remove(who);
    one.parts.addAll(states);
    if (one.awaited.isEmpty()) {
      complete(id);
    }
  }

  private void complete(long id) throws IOException {
    List.copyOf(pending.headMap(id).keySet()).forEach(this::giveUp);
    Pending one = pending.remove(id);
    var manifest = new Manifest(JOB, LINEAGE, epoch, generation, id, 0, false, one.parts);
    assertThat(retained.fileOfNoneIn(manifest)).as("whatever they missed").isEmpty();
    Written written = run(WriteFact.manifest(epoch, manifest, ++unique));
    assertThat(written.verdict()).isEqualTo(Written.Verdict.DONE);
    count("completed");
    if (manifest.files().stream().anyMatch(file -> !manifest.isOwn(file))) {
      count("shared");
    }
    retained.add(JobDirectory.manifestFile(epoch, id), manifest);
    held.put(id, one.contents);
    for (Procedure<Boolean> drop : retained.dropBeyond(KEPT, epoch)) {
      assertThat(run(drop)).isTrue();
    }
    for (ModelledTaskManager taskManager : taskManagers) {
      if (hears(taskManager)) {
        taskManager.completed(id);
      }
    }
  }

  /** A TaskManager may miss many words in a row. */
  private boolean hears(ModelledTaskManager taskManager) {
    if (random.nextInt(12) == 0 && !deaf.remove(taskManager)) {
      deaf.add(taskManager);
    }
    return !deaf.contains(taskManager);
  }

  private void giveUpOne() {
    if (!pending.isEmpty() && random.nextInt(3) == 0) {
      giveUp(pending.firstKey());
    }
  }

  private void giveUp(long id) {
    count("given up");
    Pending one = pending.remove(id);
    try {
      run(new DropParts(id, one.parts));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    tellAborted(id);
  }

  private void tellAborted(long id) {
    for (ModelledTaskManager taskManager : taskManagers) {
      if (hears(taskManager)) {
        taskManager.aborted(id);
      }
    }
  }

  // ---- restarts

  /** What was under way is left to the clean-up. */
  private void restart() throws IOException {
    count("restart");
    pending.clear();
    epoch = new Epoch(1, epoch.counter() + 1);
    generation++;
    var claimed = (Claim.Claimed) run(new Claim(epoch, "owner", 0, Optional.empty()));
    retained.replace(claimed.job());
    var states = new TreeMap<Integer, SubtaskState>();
    retained.newest().ifPresent(m -> m.states().forEach(s -> states.put(s.subtask(), s)));
    int before = parallelism;
    parallelism = before == 0 || random.nextInt(4) == 0 ? 1 + random.nextInt(6) : before;
    boolean asItIs = !states.isEmpty() && states.size() == parallelism;
    if (!states.isEmpty() && !asItIs) {
      count("rescale");
    }
    var bySlot = new LinkedHashMap<Integer, List<Integer>>();
    for (int subtask = 0; subtask < parallelism; subtask++) {
      int where = random.nextInt(TASK_MANAGERS);
      bySlot.computeIfAbsent(where, w -> new ArrayList<>()).add(subtask);
    }
    for (int i = 0; i < TASK_MANAGERS; i++) {
      taskManagers
          .get(i)
          .deploy(
              generation, parallelism, states, bySlot.getOrDefault(i, List.of()), asItIs, names);
    }
    run(retained.cleanUp(epoch));
  }

  // ---- what must hold

  private void keptIsWhole() throws IOException {
    Optional<Manifest> newest = retained.newest();
    if (newest.isPresent() && random.nextInt(8) == 0) {
      isWhole(newest.get());
    }
    if (!dataFiles().containsAll(dataFilesOfKept())) {
      throw new AssertionError("of " + dataFilesOfKept() + " only these are there: " + dataFiles());
    }
  }

  private TreeSet<String> dataFiles() throws IOException {
    var files = new TreeSet<String>();
    names.list("data").forEach(entry -> files.add("data/" + entry.name()));
    return files;
  }

  private void isWhole(Manifest manifest) throws IOException {
    Map<Integer, Map<String, byte[]>> model = held.get(manifest.checkpoint());
    for (SubtaskState state : manifest.states()) {
      var found = new TreeMap<String, byte[]>();
      var keyed = (StateBytes.Files) state.keyed().orElseThrow();
      for (StateBytes.Piece piece : keyed.pieces()) {
        found.put(piece.name(), ModelledTaskManager.read(piece.bytes(), names));
      }
      Map<String, byte[]> expected = model.get(state.subtask());
      assertThat(found.keySet()).isEqualTo(expected.keySet());
      found.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(expected.get(name)));
    }
  }

  private TreeSet<String> dataFilesOfKept() {
    var files = new TreeSet<String>();
    retained.manifests().forEach(manifest -> files.addAll(manifest.files()));
    return files;
  }

  private void end() throws IOException {
    restart();
    assertThat(dataFiles()).isEqualTo(dataFilesOfKept());
    for (Manifest manifest : retained.manifests()) {
      isWhole(manifest);
    }
  }

  private <R> R run(Procedure<R> procedure) throws IOException {
    Step<R> step = Procedure.run(procedure, names);
    if (step instanceof Step.Done<R> done) {
      return done.result();
    }
    throw new IOException("" + step);
  }
}
