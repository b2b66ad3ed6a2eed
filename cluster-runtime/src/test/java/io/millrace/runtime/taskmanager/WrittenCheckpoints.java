package io.millrace.runtime.taskmanager;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.NamedOperator;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.JobStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Checkpoints and savepoints of a {@link TestJob} that two TaskManagers have written, with bytes of
 * every kind: state in files and in the manifest, whole and file by file, elements in flight,
 * output that waits, accumulators.
 */
final class WrittenCheckpoints {
  private static final int MAX_PARALLELISM = 16;
  private static final int HEAD = 30;
  private static final int ROWS = 150;

  private final SplittableRandom random = new SplittableRandom(5);
  private final MemoryCheckpointStore store;
  private final String directory;
  private final Map<Place, byte[]> files = new LinkedHashMap<>();

  /** What each checkpoint has written, in the same order in all of them; oldest first. */
  private final List<List<Place>> made = new ArrayList<>();

  /** Rows that the next checkpoint need not write. */
  private final List<StateBytes.Piece> lasting = new ArrayList<>();

  private Manifest newest;

  /** A file of a directory. */
  record Place(String directory, String name) {
    boolean isManifest() {
      return !name.startsWith(JobDirectory.DATA + "/");
    }
  }

  /** A state file that grows. */
  private final class StateFile {
    final String name;
    final ByteArrayOutputStream content = new ByteArrayOutputStream();

    StateFile(String writer) {
      this.name = JobDirectory.stateFile(TestJob.FIRST, number(), writer, 1);
    }

    StateBytes.InFile add(byte[] bytes) {
      int from = content.size();
      content.writeBytes(bytes);
      return new StateBytes.InFile(name, from, bytes.length, StateBytes.crcOf(bytes));
    }
  }

  WrittenCheckpoints(MemoryCheckpointStore store) {
    this.store = store;
    this.directory = store.directoryOf(TestJob.ID);
  }

  /** Of the job. */
  String directory() {
    return directory;
  }

  /** Path of the manifest in the job's directory. */
  String newestManifest() {
    return directory + "/" + JobDirectory.manifestFile(TestJob.FIRST, newest.checkpoint());
  }

  /** All that was written, as it was. */
  Map<Place, byte[]> files() {
    return files;
  }

  /** The manifest in the job's or the savepoint's directory, and all state files that it names. */
  List<Place> neededByNewest(String stateDirectory) {
    String inJob = newest.stopped().isPresent() ? directory : stateDirectory;
    var manifest = new Place(inJob, JobDirectory.manifestFile(TestJob.FIRST, newest.checkpoint()));
    return Stream.concat(
            Stream.of(manifest),
            newest.states().stream()
                .flatMap(state -> state.files().stream())
                .distinct()
                .map(name -> new Place(stateDirectory, name)))
        .toList();
  }

  /** Those of the file that the newest manifest names. */
  List<StateBytes.InFile> rangesOfNewest(String file) {
    return newest.states().stream()
        .flatMap(
            state ->
                Stream.concat(
                    Stream.of(state.own(), state.keyed()).flatMap(Optional::stream),
                    state.channels().stream().map(ChannelState::elements)))
        .flatMap(bytes -> bytes.leaves().stream())
        .filter(StateBytes.InFile.class::isInstance)
        .map(StateBytes.InFile.class::cast)
        .filter(range -> range.file().equals(file))
        .toList();
  }

  List<Place> others(Place than) {
    return files.keySet().stream().filter(place -> !place.equals(than)).toList();
  }

  /** What earlier checkpoints have of the same kind. */
  List<Place> olderOf(Place place) {
    var older = new ArrayList<Place>();
    for (List<Place> each : made) {
      int kind = each.indexOf(place);
      if (kind >= 0) {
        made.subList(0, made.indexOf(each)).forEach(before -> older.add(before.get(kind)));
      }
    }
    return older;
  }

  /** One that writes only rows that are new, and that has overtaken some elements. */
  void checkpoint() throws IOException {
    var own = new StateFile("tm0");
    var rows = new StateFile("tm1");
    StateBytes.InFile head = rows.add(content(HEAD));
    StateBytes.InFile added = rows.add(content(ROWS));
    lasting.add(new StateBytes.Piece("rows-" + number(), true, HEAD + ROWS, added));
    if (lasting.size() > 3) {
      lasting.remove(0); // compacted
    }
    var pieces = new ArrayList<>(lasting);
    pieces.add(new StateBytes.Piece("CURRENT", false, 0, inline(20)));
    SubtaskState numbers = numbers(own).withChannels(List.of(channel(false, own.add(content(60)))));
    SubtaskState sink =
        sink(new StateBytes.Files(head, pieces))
            .withChannels(List.of(channel(true, inline(25)), channel(true, own.add(content(80)))));
    keep(directory, Optional.empty(), List.of(numbers, sink), List.of(own, rows));
  }

  /** One into a directory of its own, whose state any store reads. */
  void savepoint(String target) throws IOException {
    savepoint(target, Optional.empty());
  }

  /** A savepoint, and in the job's directory that the job has ended with it. */
  void stopped(String target) throws IOException {
    savepoint(target, Optional.of(new Stopped(target, JobStatus.FINISHED, false)));
  }

  private void savepoint(String target, Optional<Stopped> stopped) throws IOException {
    var own = new StateFile("tm0");
    var rows = new StateFile("tm1");
    List<SubtaskState> states = List.of(numbers(own), sink(rows.add(content(250))));
    keep(target, stopped, states, List.of(own, rows));
  }

  private void keep(
      String target, Optional<Stopped> stopped, List<SubtaskState> states, List<StateFile> written)
      throws IOException {
    newest =
        new Manifest(
            TestJob.ID,
            "0123456789abcdef",
            TestJob.FIRST,
            1,
            number(),
            number(),
            false,
            states,
            stopped,
            List.of(new NamedOperator("numbers", "Numbers"), new NamedOperator("sink", "Shelf")));
    String name = JobDirectory.manifestFile(TestJob.FIRST, newest.checkpoint());
    var places = new ArrayList<Place>();
    boolean savepoint = !target.equals(directory);
    if (savepoint) {
      Procedure.run(new KeepSavepoint(newest), store.names(target));
      files.put(new Place(target, name), store.names(target).read(name));
    }
    if (!savepoint || stopped.isPresent()) {
      store.names(directory).mkdir(name.substring(0, name.lastIndexOf('/')));
      create(new Place(directory, name), Facts.encode(newest));
      places.add(new Place(directory, name));
    } else {
      places.add(new Place(target, name));
    }
    store.names(target).mkdir(JobDirectory.DATA);
    for (StateFile file : written) {
      create(new Place(target, file.name), file.content.toByteArray());
      places.add(new Place(target, file.name));
    }
    made.add(places);
  }

  private void create(Place place, byte[] content) throws IOException {
    if (!store.names(place.directory()).createExclusive(place.name(), content)) {
      throw new IOException(place + " is there already");
    }
    files.put(place, content);
  }

  /** With its state under keys as one run of bytes. */
  private SubtaskState numbers(StateFile file) {
    byte[] own = new OwnState(List.of(content(20), content(9)), List.of()).parts().next();
    return state("numbers", file.add(own), List.of(), file.add(content(200)));
  }

  private SubtaskState sink(StateBytes keyed) {
    byte[] own = new OwnState(List.of(content(15)), List.of()).parts().next();
    var waiting =
        List.of(new Committable(number() - 1, content(20)), new Committable(number(), content(30)));
    return state("sink", new StateBytes.Inline(own, StateBytes.crcOf(own)), waiting, keyed);
  }

  private SubtaskState state(
      String uid, StateBytes own, List<Committable> waiting, StateBytes keyed) {
    return new SubtaskState(
        uid,
        0,
        1,
        MAX_PARALLELISM,
        Optional.of(own),
        waiting,
        Optional.of(keyed),
        List.of(new StateInfo("count", StateInfo.Kind.VALUE, "Long", 3)),
        List.of(),
        List.of(new AccumulatorState("records", content(8))));
  }

  private static ChannelState channel(boolean queued, StateBytes elements) {
    return new ChannelState(
        "numbers",
        "sink",
        0,
        Partitioning.REBALANCE.name(),
        queued,
        0,
        1,
        0,
        1,
        MAX_PARALLELISM,
        elements);
  }

  private StateBytes.Inline inline(int length) {
    byte[] bytes = content(length);
    return new StateBytes.Inline(bytes, StateBytes.crcOf(bytes));
  }

  private byte[] content(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Of the checkpoint that is being written. */
  private long number() {
    return made.size() + 1;
  }
}
