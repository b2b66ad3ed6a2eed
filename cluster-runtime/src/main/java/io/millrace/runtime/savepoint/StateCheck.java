package io.millrace.runtime.savepoint;

import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Shape;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.DamagedManifest;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.CannotRestoreException;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.state.DeclaredStates;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.StateContents;
import io.millrace.runtime.taskmanager.LargeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What would become of the states of a checkpoint if a program started from it. Nothing runs but
 * {@code open} of the program's functions, because that is where they declare their states.
 */
public final class StateCheck {
  private final Manifest manifest;
  private final JobGraph graph;
  private final ClassLoader loader;
  private final boolean allowNonRestored;

  /** Where to look for what a manifest does not tell; empty if that is to stay unknown. */
  private final Optional<Savepoint> savepoint;

  private final List<Finding> findings = new ArrayList<>();

  /** What becomes of a state. */
  public enum Fate {
    /** It has the same types. */
    KEPT,
    /** Its types have changed, and it is read as what they are now. */
    MIGRATED,
    /**
     * Nothing has asked for it yet: it goes on as it is, and whether it can be restored shows when
     * it is asked for, if ever.
     */
    CARRIED,
    /** The checkpoint has none. */
    NEW,
    /** Nobody takes it, which was allowed. */
    DROPPED,
    /** It is not known what the program or the checkpoint has there. */
    UNKNOWN,
    /** The program could not start. */
    REFUSED
  }

  /**
   * What was found out.
   *
   * @param operator by name and uid
   * @param state its name; empty if it is about the operator
   * @param text more about it, where there is more
   */
  public record Finding(Fate fate, String operator, String state, String text) {}

  private StateCheck(
      Manifest manifest,
      JobGraph graph,
      ClassLoader loader,
      boolean allowNonRestored,
      Optional<Savepoint> savepoint) {
    this.savepoint = savepoint;
    this.manifest = manifest;
    this.graph = graph;
    this.loader = loader;
    this.allowNonRestored = allowNonRestored;
  }

  /** Of every operator and state of both, in the order of the graph. */
  public static List<Finding> of(
      JobGraph graph,
      JobPlan plan,
      ClassLoader loader,
      Manifest manifest,
      boolean allowNonRestored) {
    var check = new StateCheck(manifest, graph, loader, allowNonRestored, Optional.empty());
    check.states(plan);
    return List.copyOf(check.findings);
  }

  private void states(JobPlan plan) {
    division(plan);
    boolean inRows = !plan.settings().get(JobSettings.STATE_BACKEND).equals("hashmap");
    for (Vertex vertex : graph.vertices()) {
      operator(vertex, inRows);
    }
    missing(plan);
  }

  /**
   * The same, with a look at the files: what records that were in flight are made of, and whether
   * values can be read that say themselves of which class they are.
   *
   * @throws IOException if it cannot be found out
   */
  public static List<Finding> of(
      JobGraph graph,
      JobPlan plan,
      ClassLoader loader,
      Savepoint savepoint,
      boolean allowNonRestored)
      throws IOException {
    var check =
        new StateCheck(
            savepoint.manifest(), graph, loader, allowNonRestored, Optional.of(savepoint));
    savepoint.damagedNewer().ifPresent(check::isOlder);
    savepoint.rollback().ifPresent(record -> check.mayHaveShownMore(record, plan));
    check.inFlight(plan, savepoint);
    check.states(plan);
    return List.copyOf(check.findings);
  }

  private void isOlder(DamagedManifest newer) {
    findings.add(
        new Finding(
            Fate.UNKNOWN,
            "the checkpoint",
            "",
            newer.name()
                + " is damaged ("
                + newer.reason()
                + "), so this is about checkpoint "
                + manifest.checkpoint()
                + "; a job with sinks starts from it only if execution.recovery.fallback allows"
                + " that"));
  }

  private void mayHaveShownMore(String record, JobPlan plan) {
    boolean shows = graph.vertices().stream().anyMatch(vertex -> vertex.role() == Vertex.Role.SINK);
    if (shows && plan.settings().get(JobSettings.RECOVERY_FALLBACK).equals("fail")) {
      findings.add(
          new Finding(
              Fate.REFUSED,
              "the checkpoint",
              "",
              record
                  + " says that sinks take back output newer than this checkpoint, and they may"
                  + " still show it; set "
                  + JobSettings.RECOVERY_FALLBACK.key()
                  + " to rollback, and they are asked again, or to allow-duplicates"));
    }
  }

  /** Of each edge one channel: a checkpoint has all of them from one program. */
  private void inFlight(JobPlan plan, Savepoint savepoint) throws IOException {
    Map<EdgeId, PlannedEdge> edges = plan.edgesById();
    var told = new LinkedHashSet<EdgeId>();
    for (SubtaskState state : manifest.states()) {
      for (ChannelState channel : state.channels()) {
        var id = new EdgeId(channel.from(), channel.to(), channel.nth());
        PlannedEdge edge = edges.get(id);
        if (edge == null || told.contains(id)) {
          continue; // that nobody takes it stands elsewhere
        }
        Optional<Shape> shape = savepoint.shapeInFlight(channel);
        if (shape.isPresent()) {
          told.add(id);
          inFlight(id, edge, shape.get());
        }
      }
    }
  }

  @SuppressWarnings("unchecked") // an edge's code is an EdgeCode; the engine's records are Objects
  private void inFlight(EdgeId id, PlannedEdge edge, Shape written) {
    var code = (EdgeCode<Object, Object>) edge.edge().code().open(loader);
    Migration<Object> migration =
        Migration.of(written, code.type().serializer(loader), Migration.Use.VALUE);
    String what = "records in flight from '" + id.from() + "'";
    Fate fate = fate(migration);
    findings.add(
        migration
            .refusal()
            .map(
                reason ->
                    new Finding(
                        Fate.REFUSED,
                        nameInCheckpoint(id.to()),
                        "",
                        what
                            + ", whose type has changed: "
                            + reason
                            + "; let the old program take a savepoint, in which nothing is in"
                            + " flight"))
            .orElseGet(
                () ->
                    new Finding(
                        fate,
                        nameInCheckpoint(id.to()),
                        "",
                        migration.changes().isEmpty()
                            ? what
                            : what + ": " + String.join("; ", migration.changes()))));
  }

  private static Fate fate(Migration<?> migration) {
    if (migration.refusal().isPresent()) {
      return Fate.REFUSED;
    }
    if (!migration.losses().isEmpty()) {
      return Fate.UNKNOWN; // a value may have what is gone
    }
    return migration.changes().isEmpty() ? Fate.KEPT : Fate.MIGRATED;
  }

  /** Whether any operator of the job has state in the checkpoint. */
  public static boolean concerns(JobPlan plan, Manifest manifest) {
    Set<String> known = known(plan);
    return manifest.states().stream()
        .anyMatch(state -> !state.isEmpty() && known.contains(state.uid()));
  }

  private void division(JobPlan plan) {
    try {
      RestoredStates.divide(plan, ofKnown(plan), allowNonRestored);
    } catch (CannotRestoreException e) {
      findings.add(new Finding(Fate.REFUSED, "the job", "", e.getMessage()));
    }
  }

  /** The checkpoint without those operators that {@link #missing} tells of. */
  private Manifest ofKnown(JobPlan plan) {
    Set<String> known = known(plan);
    return new Manifest(
        manifest.job(),
        manifest.lineage(),
        manifest.epoch(),
        manifest.generation(),
        manifest.checkpoint(),
        manifest.wallMillis(),
        manifest.last(),
        manifest.states().stream().filter(state -> known.contains(state.uid())).toList());
  }

  private static Set<String> known(JobPlan plan) {
    return plan.vertices().stream().map(Vertex::uid).collect(Collectors.toSet());
  }

  /** State of operators that the program does not have, and the plan has not put in either. */
  private void missing(JobPlan plan) {
    Set<String> known = known(plan);
    Set<String> told = new LinkedHashSet<>();
    for (SubtaskState state : manifest.states()) {
      if (!known.contains(state.uid()) && !state.isEmpty() && told.add(state.uid())) {
        findings.add(
            new Finding(
                allowNonRestored ? Fate.DROPPED : Fate.REFUSED,
                nameInCheckpoint(state.uid()),
                "",
                allowNonRestored
                    ? "the program has no such operator"
                    : "the program has no such operator; give the operator its uid again, or drop"
                        + " its state with --allowNonRestoredState"));
      }
    }
  }

  private String nameInCheckpoint(String uid) {
    return manifest.operators().stream()
        .filter(operator -> operator.uid().equals(uid))
        .findFirst()
        .map(operator -> called(operator.name(), uid))
        .orElse("uid '" + uid + "'");
  }

  private static String called(String name, String uid) {
    return name + " (uid '" + uid + "')";
  }

  private void operator(Vertex vertex, boolean inRows) {
    String operator = called(vertex.name(), vertex.uid());
    List<SubtaskState> states =
        manifest.states().stream().filter(state -> state.uid().equals(vertex.uid())).toList();
    DryOpening opening = DryOpening.of(graph, vertex, inRows, loader);
    opening
        .failure()
        .ifPresent(
            failure ->
                findings.add(
                    new Finding(
                        Fate.UNKNOWN,
                        operator,
                        "",
                        "open() failed here, so states that it declares after that are not known: "
                            + failure)));
    if (!inRows && states.stream().anyMatch(StateCheck::isInFiles)) {
      findings.add(
          new Finding(
              Fate.REFUSED, operator, "", "the checkpoint " + HeapStateStore.CANNOT_READ_FILES));
    }
    Map<String, List<StateInfo>> written = written(states);
    written.forEach((name, infos) -> state(operator, name, infos, opening, states));
    if (vertex.role() == Vertex.Role.OPERATOR || vertex.role() == Vertex.Role.READER) {
      fresh(operator, written.keySet(), opening);
    }
    others(operator, vertex, states);
    splits(operator, states, opening);
  }

  private static boolean isInFiles(SubtaskState state) {
    return state.keyed().filter(StateBytes.Files.class::isInstance).isPresent();
  }

  /** What readers have left of their source. */
  private void splits(String operator, List<SubtaskState> states, DryOpening opening) {
    if (savepoint.isEmpty() || opening.splits().isEmpty()) {
      return;
    }
    try {
      Set<Shape> shapes = savepoint.get().shapesOfSplits(states);
      for (Shape shape : shapes) {
        var migration = Migration.of(shape, opening.splits().get(), Migration.Use.VALUE);
        if (!migration.changes().isEmpty()) {
          findings.add(
              new Finding(
                  fate(migration),
                  operator,
                  "",
                  "splits of the source: "
                      + migration
                          .refusal()
                          .map(
                              reason ->
                                  reason
                                      + "; restore the fields, or give the source another uid and"
                                      + " drop what it had with --allowNonRestoredState")
                          .orElseGet(() -> String.join("; ", migration.changes()))));
        }
      }
    } catch (IOException e) {
      findings.add(
          new Finding(
              Fate.UNKNOWN, operator, "", "its splits cannot be read here: " + e.getMessage()));
    }
  }

  /** States by name, each form once. */
  private static Map<String, List<StateInfo>> written(List<SubtaskState> states) {
    var written = new LinkedHashMap<String, List<StateInfo>>();
    for (SubtaskState state : states) {
      for (StateInfo info : state.contents()) {
        var known = written.computeIfAbsent(info.name(), name -> new ArrayList<>());
        if (known.stream().noneMatch(each -> alike(each, info))) {
          known.add(info);
        }
      }
    }
    return written;
  }

  private static boolean alike(StateInfo one, StateInfo other) {
    return one.kind() == other.kind()
        && one.types().equals(other.types())
        && one.form().map(StateInfo.Form::shape).equals(other.form().map(StateInfo.Form::shape))
        && one.form().map(StateInfo.Form::keys).equals(other.form().map(StateInfo.Form::keys));
  }

  private void state(
      String operator,
      String name,
      List<StateInfo> infos,
      DryOpening opening,
      List<SubtaskState> states) {
    var changes = new LinkedHashSet<String>();
    var losses = new LinkedHashSet<String>();
    try {
      for (StateInfo info : infos) {
        Optional<Fate> other = compare(info, opening, changes, losses);
        if (other.isPresent()) {
          findings.add(undeclared(other.get(), operator, info, opening));
          return;
        }
      }
      if (!losses.isEmpty() || infos.stream().anyMatch(StateCheck::isOpen)) {
        readValues(name, infos.get(0), opening, states);
      }
      findings.add(
          new Finding(
              changes.isEmpty() ? Fate.KEPT : Fate.MIGRATED,
              operator,
              name,
              String.join("; ", changes)));
    } catch (IllegalArgumentException | CorruptDataException e) {
      findings.add(new Finding(Fate.REFUSED, operator, name, e.getMessage()));
    } catch (IOException e) {
      findings.add(
          new Finding(
              Fate.UNKNOWN,
              operator,
              name,
              (losses.isEmpty()
                      ? "its values say themselves of which class they are"
                      : String.join("; ", losses) + ", and a value may have it")
                  + "; they cannot be read here: "
                  + e.getMessage()));
    }
  }

  private static boolean isOpen(StateInfo info) {
    return info.kind() != StateInfo.Kind.TIMERS
        && info.form()
            .filter(form -> form.shape().isOpen() || form.keys().filter(Shape::isOpen).isPresent())
            .isPresent();
  }

  /** All values of a state, as the job would at its start; nothing else says what they are. */
  private void readValues(
      String name, StateInfo info, DryOpening opening, List<SubtaskState> states)
      throws IOException {
    if (savepoint.isEmpty()) {
      throw new IOException("only the manifest is at hand");
    }
    SavepointFiles files = savepoint.get().files();
    if (!info.kind().keyed()) {
      savepoint.get().read(states.get(0).uid(), opening.declared().get(name), loader);
      return;
    }
    DeclaredStates declared = opening.underKeys().orElseThrow();
    try {
      for (SubtaskState state : states) {
        if (state.keyed().isPresent()) {
          for (byte[] part : files.parts(state.keyed().get(), LargeState.Parts.KEYED)) {
            declared.read(name, part, state.maxParallelism());
          }
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Finding undeclared(
      Fate fate, String operator, StateInfo info, DryOpening opening) {
    if (fate == Fate.UNKNOWN) {
      String old = "the checkpoint is of an earlier build and does not say what it is made of";
      return new Finding(fate, operator, info.name(), old);
    }
    return opening.failure().isPresent()
        ? new Finding(
            Fate.UNKNOWN, operator, info.name(), info.types() + "; not declared before that failed")
        : new Finding(fate, operator, info.name(), info.types() + "; not declared in open()");
  }

  /** What is the matter with it, unless it can be compared. */
  private Optional<Fate> compare(
      StateInfo info, DryOpening opening, Set<String> changes, Set<String> losses) {
    if (info.form().isEmpty()) {
      return Optional.of(Fate.UNKNOWN);
    }
    StateInfo.Form form = info.form().get();
    if (!info.kind().keyed()) {
      DryOpening.Declared declared = opening.declared().get(info.name());
      if (declared == null) {
        return Optional.of(Fate.CARRIED);
      }
      DeclaredStates.Changes found = changes(info, form.shape(), declared);
      changes.addAll(found.inWords());
      losses.addAll(found.losses());
      return Optional.empty();
    }
    Shape keys = form.keys().orElseThrow();
    DeclaredStates states =
        opening
            .underKeys()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "it is under keys in the checkpoint, but no keyBy is in front of the"
                            + " operator; give what it is now another uid"));
    DeclaredStates.Changes ofKeys = states.changesOfKeys(info.name(), keys);
    ofKeys.inWords().forEach(change -> changes.add("keys: " + change));
    losses.addAll(ofKeys.losses());
    if (info.kind() == StateInfo.Kind.TIMERS) {
      return Optional.empty();
    }
    if (!states.names().contains(info.name())) {
      return Optional.of(Fate.CARRIED);
    }
    DeclaredStates.Changes found =
        states.changes(
            new StateContents.Content(
                info.name(),
                StateContents.Kind.valueOf(info.kind().name()),
                info.types(),
                form.shape(),
                keys,
                form.expires(),
                info.entries(),
                form.bytes()));
    changes.addAll(found.inWords());
    losses.addAll(found.losses());
    return Optional.empty();
  }

  private DeclaredStates.Changes changes(
      StateInfo info, Shape written, DryOpening.Declared declared) {
    StateInfo.Kind wanted =
        switch (declared.mode()) {
          case SPLIT -> StateInfo.Kind.SPLIT_LIST;
          case UNION -> StateInfo.Kind.UNION_LIST;
          case BROADCAST -> StateInfo.Kind.BROADCAST_MAP;
        };
    if (wanted != info.kind()) {
      throw new IllegalArgumentException(
          "it is "
              + inWords(info.kind())
              + " in the checkpoint, but the program declares "
              + inWords(wanted)
              + "; give the new state another name");
    }
    Optional<String> refusal;
    DeclaredStates.Changes changes;
    if (declared.mode() == OperatorState.Mode.BROADCAST) {
      var map = (MapStateDescriptor<?, ?>) declared.descriptor();
      var entries =
          Migration.ofEntries(
              written, map.keyType().serializer(loader), map.valueType().serializer(loader));
      refusal = entries.refusal();
      changes = new DeclaredStates.Changes(entries.changes(), entries.losses());
    } else {
      var list = (ListStateDescriptor<?>) declared.descriptor();
      var migration =
          Migration.of(written, list.elementType().serializer(loader), Migration.Use.VALUE);
      refusal = migration.refusal();
      changes = new DeclaredStates.Changes(migration.changes(), migration.losses());
    }
    refusal.ifPresent(
        reason -> {
          throw new IllegalArgumentException(
              "it holds "
                  + info.types()
                  + ", which has changed since the checkpoint: "
                  + reason
                  + "; restore the fields, or give the changed class or the state a new name");
        });
    return changes;
  }

  private static String inWords(StateInfo.Kind kind) {
    return switch (kind) {
      case VALUE -> "a value";
      case LIST -> "a list";
      case MAP -> "a map";
      case TIMERS -> "timers";
      case SPLIT_LIST -> "a list";
      case UNION_LIST -> "a union list";
      case BROADCAST_MAP -> "a broadcast map";
    };
  }

  /** States that the program declares and the checkpoint does not have. */
  private void fresh(String operator, Set<String> written, DryOpening opening) {
    opening
        .underKeys()
        .ifPresent(
            states ->
                states.names().stream()
                    .filter(name -> !written.contains(name))
                    .forEach(
                        name ->
                            findings.add(
                                states
                                    .refusal(name)
                                    .map(why -> new Finding(Fate.REFUSED, operator, name, why))
                                    .orElseGet(
                                        () ->
                                            new Finding(
                                                Fate.NEW,
                                                operator,
                                                name,
                                                states.describe(name))))));
    opening.declared().keySet().stream()
        .filter(name -> !written.contains(name))
        .forEach(name -> findings.add(new Finding(Fate.NEW, operator, name, "")));
  }

  /** What has no name: entries of sources and sinks, output that waits, and operators without. */
  private void others(String operator, Vertex vertex, List<SubtaskState> states) {
    boolean own = states.stream().anyMatch(state -> state.own().isPresent());
    boolean named =
        states.stream().anyMatch(s -> s.contents().stream().anyMatch(i -> !i.kind().keyed()));
    boolean pending = states.stream().anyMatch(state -> !state.committables().isEmpty());
    if (own && !named) {
      String what = vertex.role() == Vertex.Role.OPERATOR ? "entries" : "positions or entries";
      findings.add(new Finding(Fate.KEPT, operator, "", what + " in a form of its own"));
    }
    if (pending) {
      findings.add(new Finding(Fate.KEPT, operator, "", "output that waits to be committed"));
    }
    boolean untold =
        states.stream()
            .anyMatch(
                s ->
                    s.keyed().isPresent()
                        && !isInFiles(s) // those tell all tables there are
                        && s.contents().stream().noneMatch(i -> i.kind().keyed()));
    if (untold) {
      findings.add(
          new Finding(
              Fate.UNKNOWN, operator, "", "the checkpoint does not say what it has under keys"));
    }
  }
}
