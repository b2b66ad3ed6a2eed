package io.millrace.runtime.taskmanager;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.FrozenState;
import io.millrace.runtime.state.StateContents;
import io.millrace.runtime.task.FrozenChannel;
import io.millrace.runtime.task.TaskEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The cuts of all attempts here for one checkpoint, until they go into one file together. */
final class Gathering {
  private final TreeMap<AttemptId, TaskEvent.Cut> cuts = new TreeMap<>();

  void add(AttemptId attempt, TaskEvent.Cut cut) {
    cuts.put(attempt, cut);
  }

  boolean has(AttemptId attempt) {
    return cuts.containsKey(attempt);
  }

  List<AttemptId> attempts() {
    return List.copyOf(cuts.keySet());
  }

  /**
   * Turns what was cut into bytes and makes them durable. May wait.
   *
   * @param inlineUpTo so many bytes in all stand in the manifest instead of a file
   * @param file name of a state file that nobody has used
   * @param before what need not be written again
   * @param copy gets what is written to the file
   */
  Map<AttemptId, List<SubtaskState>> write(
      CheckpointStore store,
      String directory,
      String file,
      long inlineUpTo,
      CompletedFiles.Known before,
      Optional<CopyBeside> copy)
      throws Exception {
    try {
      return writeAll(store, directory, file, inlineUpTo, before, copy);
    } catch (Exception | Error e) {
      copy.ifPresent(CopyBeside::discard);
      throw e;
    } finally {
      discard();
    }
  }

  /** Lets go of what was cut: nobody will write it, or all of it is written. */
  void discard() {
    cuts.values().forEach(TaskEvent.Cut::discard);
  }

  private Map<AttemptId, List<SubtaskState>> writeAll(
      CheckpointStore store,
      String directory,
      String file,
      long inlineUpTo,
      CompletedFiles.Known before,
      Optional<CopyBeside> copy)
      throws Exception {
    var taken = new LinkedHashMap<AttemptId, List<Taken>>();
    var inFlight = new LinkedHashMap<AttemptId, List<TakenChannel>>();
    for (var entry : cuts.entrySet()) {
      var operators = new ArrayList<Taken>();
      for (TaskEvent.OperatorCut operator : entry.getValue().operators()) {
        operators.add(Taken.of(operator, before.of(entry.getKey(), operator.uid())));
      }
      taken.put(entry.getKey(), operators);
      inFlight.put(
          entry.getKey(),
          entry.getValue().inFlight().channels().stream().map(TakenChannel::of).toList());
    }
    var files = new ArrayList<TakenFiles>();
    taken.values().forEach(each -> each.forEach(one -> one.files.ifPresent(files::add)));
    TakenFiles.leaveHardlyUsed(files);
    var runs = new ArrayList<Run>();
    taken.values().forEach(each -> each.forEach(operator -> runs.addAll(operator.runs())));
    inFlight.values().forEach(each -> each.forEach(channel -> runs.add(channel.run())));
    var flow = new Flow(runs);
    var first = new ArrayDeque<Part>();
    while (flow.length <= inlineUpTo && flow.hasNext()) {
      first.add(flow.next());
    }
    boolean large = flow.length > inlineUpTo;
    if (large) {
      store.writeState(
          directory,
          file,
          () -> flow.after(first, part -> copy.ifPresent(each -> each.take(part))));
    }
    Optional<String> written = large ? Optional.of(file) : Optional.empty();
    var states = new LinkedHashMap<AttemptId, List<SubtaskState>>();
    for (var entry : taken.entrySet()) {
      var of = new ArrayList<SubtaskState>();
      for (Taken each : entry.getValue()) {
        of.add(each.state(entry.getKey().subtask(), written, flow.length));
      }
      List<ChannelState> channels =
          inFlight.get(entry.getKey()).stream().map(each -> each.state(written)).toList();
      if (!channels.isEmpty()) {
        of.set(0, of.get(0).withChannels(channels));
      }
      states.put(entry.getKey(), of);
    }
    return states;
  }

  /** One operator's state on its way into bytes. */
  private static final class Taken {
    private final TaskEvent.OperatorCut cut;
    private final OperatorSnapshot snapshot;
    private final Optional<Run> own;
    private final Optional<Run> keyed;
    private final StateContents underKeys;
    private final Optional<TakenFiles> files;
    private final List<AccumulatorState> accumulators;

    private Taken(
        TaskEvent.OperatorCut cut,
        OperatorSnapshot snapshot,
        Optional<Run> own,
        Optional<Run> keyed,
        Optional<TakenFiles> files,
        StateContents underKeys,
        List<AccumulatorState> accumulators) {
      this.cut = cut;
      this.underKeys = underKeys;
      this.snapshot = snapshot;
      this.own = own;
      this.keyed = keyed;
      this.files = files;
      this.accumulators = accumulators;
    }

    static Taken of(TaskEvent.OperatorCut cut, Optional<StateBytes.Files> before) throws Exception {
      OperatorSnapshot snapshot = cut.own().take();
      OwnState own = OwnState.of(snapshot);
      var underKeys = new StateContents();
      Optional<CapturedRows> captured = cut.keyed().flatMap(FrozenState::captured);
      captured.ifPresent(rows -> underKeys.addHead(rows.head()));
      return new Taken(
          cut,
          snapshot,
          own.isEmpty() ? Optional.empty() : Optional.of(new Run(own.parts())),
          captured.isPresent()
              ? Optional.empty()
              : cut.keyed().map(frozen -> new Run(frozen.parts(), underKeys::add)),
          captured.isPresent()
              ? Optional.of(new TakenFiles(captured.get(), before))
              : Optional.empty(),
          underKeys,
          cut.accumulators().get());
    }

    List<Run> runs() {
      var runs = new ArrayList<Run>();
      own.ifPresent(runs::add);
      keyed.ifPresent(runs::add);
      files.ifPresent(each -> runs.addAll(each.runs()));
      return runs;
    }

    /**
     * @param file that all bytes have gone into; empty if they stay here
     * @param fileBytes its length
     */
    SubtaskState state(int subtask, Optional<String> file, long fileBytes) {
      return new SubtaskState(
          cut.uid(),
          subtask,
          cut.parallelism(),
          cut.maxParallelism(),
          own.map(run -> run.place(file)),
          snapshot.committables(),
          files.isPresent()
              ? Optional.of(files.get().place(file, fileBytes))
              : keyed.map(run -> run.place(file)),
          contents(),
          List.of(),
          accumulators);
    }

    private List<StateInfo> contents() {
      var contents = new ArrayList<>(OwnState.of(snapshot).contents());
      contents.addAll(KeyedContents.of(underKeys));
      return contents;
    }
  }

  /** What was in flight in a channel, on its way into bytes. */
  private record TakenChannel(FrozenChannel channel, Run run) {
    static TakenChannel of(FrozenChannel channel) {
      return new TakenChannel(channel, new Run(channel.parts()));
    }

    ChannelState state(Optional<String> file) {
      return new ChannelState(
          channel.edge().from(),
          channel.edge().to(),
          channel.edge().nth(),
          channel.partitioning().name(),
          channel.queued(),
          channel.producer(),
          channel.producers(),
          channel.consumer(),
          channel.consumers(),
          channel.maxParallelism(),
          run.place(file));
    }
  }

  /** Some bytes of a run. */
  record Part(Run run, byte[] bytes) {}

  /** The parts of all operators in order, made as they are asked for. */
  private static final class Flow implements Iterator<Part> {
    private final ArrayDeque<Run> runs = new ArrayDeque<>();
    private long length;
    private boolean keep = true;

    Flow(List<Run> runs) {
      this.runs.addAll(runs);
    }

    @Override
    public boolean hasNext() {
      while (!runs.isEmpty() && !runs.peek().hasNext()) {
        runs.remove();
      }
      return !runs.isEmpty();
    }

    @Override
    public Part next() {
      Run run = runs.element();
      byte[] bytes = run.next(length, keep);
      length += bytes.length;
      return new Part(run, bytes);
    }

    /**
     * Those that were taken out already, then the rest, none of which is kept here.
     *
     * @param seen gets each part as it goes by
     */
    Iterator<byte[]> after(ArrayDeque<Part> first, Consumer<Part> seen) {
      keep = false;
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return !first.isEmpty() || Flow.this.hasNext();
        }

        @Override
        public byte[] next() {
          Part part = first.isEmpty() ? Flow.this.next() : first.remove();
          seen.accept(part);
          return part.bytes();
        }
      };
    }
  }
}
