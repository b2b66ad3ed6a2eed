package io.millrace.runtime.savepoint;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.NamedOperator;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateContents;
import io.millrace.runtime.state.StateStore;
import io.millrace.runtime.taskmanager.KeyedContents;
import io.millrace.runtime.taskmanager.OwnState;
import io.millrace.runtime.taskmanager.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a savepoint from nothing, or from another one with operators replaced, removed or added. A
 * job starts from it as from any other, with either store and any parallelism.
 */
public final class SavepointWriter {
  private static final Epoch EPOCH = new Epoch(1, 1);

  private final Optional<Savepoint> base;
  private final int maxParallelism;
  private final Set<String> removed = new LinkedHashSet<>();
  private final Map<String, NewOperator> added = new LinkedHashMap<>();
  private long files;

  private SavepointWriter(Optional<Savepoint> base, int maxParallelism) {
    if (maxParallelism < 1 || maxParallelism > 32_768) {
      throw new IllegalArgumentException(
          "the max parallelism must be 1 to 32768, found " + maxParallelism);
    }
    this.base = base;
    this.maxParallelism = maxParallelism;
  }

  /**
   * From nothing.
   *
   * @param maxParallelism of the operators that are added: the number of key groups, which the
   *     program must have too
   */
  public static SavepointWriter fromNothing(int maxParallelism) {
    return new SavepointWriter(Optional.empty(), maxParallelism);
  }

  /**
   * With all that another one holds, which stays as it is.
   *
   * @param maxParallelism of the operators that are added
   */
  public static SavepointWriter from(Savepoint base, int maxParallelism) {
    return new SavepointWriter(Optional.of(base), maxParallelism);
  }

  /**
   * Leaves out all that the other savepoint has of an operator.
   *
   * @throws IllegalArgumentException if it has none with that uid
   */
  public SavepointWriter remove(String uid) {
    Set<String> known = known();
    if (!known.contains(uid)) {
      throw new IllegalArgumentException(
          "there is no operator with the uid '" + uid + "' to leave out; there is of " + known);
    }
    removed.add(uid);
    return this;
  }

  /** Of the operators that the other savepoint names or has state of, in order. */
  private Set<String> known() {
    var known = new TreeSet<String>();
    if (base.isPresent()) {
      Manifest manifest = base.get().manifest();
      manifest.states().forEach(state -> known.add(state.uid()));
      manifest.operators().forEach(operator -> known.add(operator.uid()));
    }
    return known;
  }

  /** Adds an operator; all that the other savepoint has of it is replaced. */
  public SavepointWriter put(NewOperator operator) {
    if (added.putIfAbsent(operator.uid(), operator) != null) {
      throw new IllegalStateException(
          "the operator with the uid '" + operator.uid() + "' is given twice");
    }
    return this;
  }

  /**
   * Writes it; it is there once this returns, else not.
   *
   * @param directory a new one, for it alone
   * @return where it is, for {@code run -s}
   * @throws IOException if there is a savepoint already, or it cannot be written
   */
  public String write(CheckpointStore store, String directory) throws Exception {
    String whole = store.folder(directory);
    var found = Procedure.run(new FindCheckpoint(OptionalLong.empty()), store.names(whole));
    if (!(found instanceof Step.Done<FindCheckpoint.Found> done)
        || !done.result().intact().isEmpty()
        || !done.result().damaged().isEmpty()) {
      throw new IOException("there is something at " + whole + " already; name a new directory");
    }
    var states = new ArrayList<SubtaskState>();
    var operators = new ArrayList<NamedOperator>();
    store.names(whole).mkdir(JobDirectory.DATA);
    if (base.isPresent()) {
      keep(base.get(), store, whole, states, operators);
    }
    for (NewOperator operator : added.values()) {
      states.add(made(operator, store, whole));
      if (operators.stream().noneMatch(each -> each.uid().equals(operator.uid()))) {
        operators.add(new NamedOperator(operator.uid(), operator.uid()));
      }
    }
    var manifest =
        new Manifest(
            base.map(each -> each.manifest().job()).orElseGet(() -> new JobId(hex())),
            base.map(each -> each.manifest().lineage()).orElseGet(SavepointWriter::hex),
            EPOCH,
            1,
            checkpoint(),
            System.currentTimeMillis(),
            false,
            states,
            Optional.empty(),
            operators);
    Step<Written> kept = Procedure.run(new KeepSavepoint(manifest), store.names(whole));
    if (kept instanceof Step.Failed<Written> failed) {
      throw new IOException("the savepoint at " + whole + ": " + failed.reason());
    }
    Written written = ((Step.Done<Written>) kept).result();
    if (written.verdict() != Written.Verdict.DONE) {
      throw new IOException(
          "the savepoint at "
              + whole
              + " is not the one that was written ("
              + written.detail()
              + "); name a new directory");
    }
    return whole;
  }

  private long checkpoint() {
    return base.map(each -> each.manifest().checkpoint()).orElse(1L);
  }

  private void keep(
      Savepoint from,
      CheckpointStore store,
      String directory,
      List<SubtaskState> states,
      List<NamedOperator> operators)
      throws IOException {
    for (NamedOperator operator : from.manifest().operators()) {
      if (!removed.contains(operator.uid())) {
        operators.add(operator);
      }
    }
    for (SubtaskState state : from.manifest().states()) {
      if (removed.contains(state.uid()) || added.containsKey(state.uid())) {
        continue;
      }
      if (!state.channels().isEmpty()) {
        throw new IOException(
            "records were in flight when this checkpoint was taken; take a savepoint");
      }
      states.add(
          new SubtaskState(
              state.uid(),
              state.subtask(),
              state.parallelism(),
              state.maxParallelism(),
              copy(state.own(), from, store, directory),
              state.committables(),
              copy(state.keyed(), from, store, directory),
              state.contents(),
              List.of(),
              state.accumulators()));
    }
  }

  private Optional<StateBytes> copy(
      Optional<StateBytes> state, Savepoint from, CheckpointStore store, String directory)
      throws IOException {
    if (state.isEmpty() || from.files().readable(state.get()) instanceof StateBytes.Inline) {
      return state; // what stands in a manifest is checked with it
    }
    var range = (StateBytes.InFile) state.get();
    return Optional.of(written(new Run(from.files().once(range)), store, directory));
  }

  private SubtaskState made(NewOperator operator, CheckpointStore store, String directory)
      throws Exception {
    var own = new OwnState(List.of(), operator.states());
    Optional<StateBytes> ownBytes =
        own.isEmpty()
            ? Optional.empty()
            : Optional.of(written(new Run(own.parts()), store, directory));
    var contents = new ArrayList<StateInfo>(own.contents());
    Optional<StateStore> filled = operator.filled(maxParallelism, System.currentTimeMillis());
    Optional<StateBytes> keyed = Optional.empty();
    if (filled.isPresent()) {
      var told = new StateContents();
      var parts = new Run(filled.get().freeze().parts(), told::add);
      keyed = Optional.of(written(parts, store, directory));
      contents.addAll(KeyedContents.of(told));
    }
    return new SubtaskState(operator.uid(), 0, 1, maxParallelism, ownBytes, List.of(), keyed)
        .with(contents);
  }

  /** A file of one run. */
  private StateBytes written(Run run, CheckpointStore store, String directory) throws IOException {
    String file = JobDirectory.stateFile(EPOCH, checkpoint(), "offline", files++);
    try {
      store.writeState(directory, file, run::toFile);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return run.place(Optional.of(file));
  }

  private static String hex() {
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
