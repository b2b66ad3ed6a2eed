package io.millrace.runtime.savepoint;

import io.millrace.api.operator.OperatorState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Shape;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.CheckSavepoint;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.DamagedManifest;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.taskmanager.InFlightContents;
import io.millrace.runtime.taskmanager.LargeState;
import io.millrace.runtime.taskmanager.OwnState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A savepoint or checkpoint that is read without its job. All bytes are compared with their
 * checksums; state of types that have changed is migrated as in a job.
 *
 * <p>One thread at a time.
 */
public final class Savepoint {
  private final CheckpointStore store;
  private final String directory;
  private final Manifest manifest;
  private final Optional<DamagedManifest> damagedNewer;
  private final Optional<String> rollback;

  private Savepoint(
      CheckpointStore store,
      String directory,
      Manifest manifest,
      Optional<DamagedManifest> damagedNewer,
      Optional<String> rollback) {
    this.store = store;
    this.directory = directory;
    this.manifest = manifest;
    this.damagedNewer = damagedNewer;
    this.rollback = rollback;
  }

  /**
   * Reads the manifest.
   *
   * @param path of a savepoint, of a manifest, or of a job's folder for its newest checkpoint
   * @throws FileNotFoundException if there is none
   * @throws CorruptStateException if it is damaged
   */
  public static Savepoint load(CheckpointStore store, String path) throws IOException {
    var place = FindCheckpoint.Place.of(path);
    FindCheckpoint.Found found =
        done(Procedure.run(new FindCheckpoint(place.checkpoint()), store.names(place.directory())));
    if (found.intact().isEmpty()) {
      if (found.damaged().isEmpty()) {
        throw new FileNotFoundException("there is no savepoint at " + path);
      }
      throw new CorruptStateException(
          "the checkpoint at "
              + path
              + " is damaged: "
              + found.damaged().get(0).name()
              + " "
              + found.damaged().get(0).reason());
    }
    Manifest manifest = found.intact().get(0).manifest();
    // What a stopped job left in its own folder lies in its savepoint.
    String directory = manifest.stopped().map(each -> each.savepoint()).orElse(place.directory());
    if (manifest.stopped().isPresent()) {
      Optional<String> lack =
          done(Procedure.run(new CheckSavepoint(manifest), store.names(directory)));
      if (lack.isPresent()) {
        throw new CorruptStateException("the savepoint " + directory + " " + lack.get());
      }
    }
    return new Savepoint(
        store,
        directory,
        manifest,
        found.damaged().stream()
            .filter(damaged -> damaged.checkpoint() > manifest.checkpoint())
            .findFirst(),
        found.owed().map(name -> place.directory() + "/" + name));
  }

  private static <R> R done(Step<R> step) throws IOException {
    if (step instanceof Step.Done<R> done) {
      return done.result();
    }
    throw new IOException(((Step.Failed<R>) step).reason());
  }

  /** What it says of itself. */
  public Manifest manifest() {
    return manifest;
  }

  /** The newest of the checkpoints that would have been taken if they were intact. */
  public Optional<DamagedManifest> damagedNewer() {
    return damagedNewer;
  }

  /**
   * The file which says that the job went back to this checkpoint and got no further: its sinks may
   * not have taken back all they had shown since.
   */
  Optional<String> rollback() {
    return rollback;
  }

  /** What splits of a source are made of that its readers have left. */
  Set<Shape> shapesOfSplits(List<SubtaskState> readers) throws IOException {
    var shapes = new LinkedHashSet<Shape>();
    for (SubtaskState reader : readers) {
      if (reader.own().isPresent()) {
        OwnState own = OwnState.read(files().parts(reader.own().get(), LargeState.Parts.OWN));
        shapes.addAll(own.shapesOfSplits());
      }
    }
    return shapes;
  }

  /** What records are made of that were in flight in the channel; empty if there were none. */
  Optional<Shape> shapeInFlight(ChannelState channel) throws IOException {
    return InFlightContents.shape(channel, directory, store);
  }

  /**
   * The state under keys of an operator.
   *
   * @param keyType of the keys, as {@code keyBy} had it
   * @param loader of the classes of the state
   * @throws IllegalArgumentException if there is no such operator
   */
  public <K> KeyedReader<K> keyed(String uid, TypeInformation<K> keyType, ClassLoader loader) {
    return new KeyedReader<>(subtasks(uid), this, keyType.serializer(loader), loader);
  }

  /**
   * The elements of a list state, or of a union list state, that belongs to no key: those of all
   * subtasks, one subtask after the other.
   *
   * @throws IllegalArgumentException if there is no such operator or state, or of another type
   */
  public <T> List<T> list(String uid, ListStateDescriptor<T> descriptor, ClassLoader loader)
      throws IOException {
    var elements = new ArrayList<T>();
    for (OperatorState state : states(uid, descriptor.name())) {
      if (state.mode() == OperatorState.Mode.BROADCAST) {
        throw new IllegalArgumentException(
            "state '" + descriptor.name() + "' of uid '" + uid + "' is a broadcast map; read that");
      }
      var migration =
          Migration.of(
              state.shape(), descriptor.elementType().serializer(loader), Migration.Use.VALUE);
      migration.refusal().ifPresent(reason -> refuse(uid, state, reason));
      for (byte[] element : state.elements()) {
        elements.add(migration.serializer().read(new DataReader(element, loader)));
      }
    }
    return elements;
  }

  /**
   * A broadcast state.
   *
   * @throws IllegalArgumentException if there is no such operator or state, or of another type
   */
  public <K, V> Map<K, V> broadcast(
      String uid, MapStateDescriptor<K, V> descriptor, ClassLoader loader) throws IOException {
    // Every subtask has all of it.
    OperatorState state = states(uid, descriptor.name()).get(0);
    if (state.mode() != OperatorState.Mode.BROADCAST) {
      throw new IllegalArgumentException(
          "state '" + descriptor.name() + "' of uid '" + uid + "' is a list; read that");
    }
    var entries =
        Migration.ofEntries(
            state.shape(),
            descriptor.keyType().serializer(loader),
            descriptor.valueType().serializer(loader));
    entries.refusal().ifPresent(reason -> refuse(uid, state, reason));
    var map = new LinkedHashMap<K, V>();
    for (byte[] element : state.elements()) {
      var in = new DataReader(element, loader);
      K key = entries.keys().serializer().read(in);
      map.put(key, entries.values().serializer().read(in));
    }
    return map;
  }

  /** Reads what there is of a state as whoever has declared it would. */
  void read(String uid, DryOpening.Declared declared, ClassLoader loader) throws IOException {
    if (declared.mode() == OperatorState.Mode.BROADCAST) {
      broadcast(uid, (MapStateDescriptor<?, ?>) declared.descriptor(), loader);
    } else {
      list(uid, (ListStateDescriptor<?>) declared.descriptor(), loader);
    }
  }

  private static void refuse(String uid, OperatorState state, String reason) {
    throw new IllegalArgumentException(
        "state '" + state.name() + "' of uid '" + uid + "' holds " + state.types() + ": " + reason);
  }

  private List<OperatorState> states(String uid, String name) throws IOException {
    var states = new ArrayList<OperatorState>();
    for (SubtaskState subtask : subtasks(uid)) {
      if (subtask.own().isPresent()) {
        OwnState own = OwnState.read(files().parts(subtask.own().get(), LargeState.Parts.OWN));
        own.states().stream().filter(state -> state.name().equals(name)).forEach(states::add);
      }
    }
    if (states.isEmpty()) {
      throw new IllegalArgumentException(
          "the operator with the uid '" + uid + "' has no state '" + name + "' without a key");
    }
    return states;
  }

  private List<SubtaskState> subtasks(String uid) {
    List<SubtaskState> states =
        manifest.states().stream().filter(state -> state.uid().equals(uid)).toList();
    if (states.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no state of an operator with the uid '"
              + uid
              + "'; there is of "
              + manifest.states().stream().map(SubtaskState::uid).distinct().sorted().toList());
    }
    return states;
  }

  SavepointFiles files() {
    return new SavepointFiles(store, directory);
  }
}
