package io.millrace.runtime.taskmanager;

import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an operator's subtask keeps that belongs to no key: its entries and its named states. */
public record OwnState(List<byte[]> entries, List<OperatorState> states) {
  private static final byte FORMAT = 2;

  public static OwnState of(OperatorSnapshot snapshot) {
    return new OwnState(snapshot.entries(), snapshot.states());
  }

  /** As one run of bytes; empty if there is nothing. */
  public Optional<byte[]> write() {
    if (entries.isEmpty() && states.isEmpty()) {
      return Optional.empty();
    }
    var out = new DataWriter();
    out.writeByte(FORMAT);
    write(entries, out);
    out.writeVarInt(states.size());
    for (OperatorState state : states) {
      out.writeString(state.name());
      out.writeString(state.mode().name());
      out.writeString(state.types());
      state.shape().write(out);
      write(state.elements(), out);
    }
    return Optional.of(out.toByteArray());
  }

  private static void write(List<byte[]> elements, DataWriter out) {
    out.writeVarInt(elements.size());
    elements.forEach(out::writeByteArray);
  }

  public static OwnState read(byte[] bytes) throws CorruptStateException {
    try {
      var in = new DataReader(bytes);
      byte format = in.readByte();
      if (format != FORMAT) {
        throw new CorruptStateException("an operator's own state has the unknown format " + format);
      }
      List<byte[]> entries = elements(in);
      var states = new ArrayList<OperatorState>();
      for (int left = in.readCount(); left > 0; left--) {
        String name = in.readString();
        var mode = OperatorState.Mode.valueOf(in.readString());
        states.add(new OperatorState(name, mode, in.readString(), Shape.read(in), elements(in)));
      }
      return new OwnState(entries, states);
    } catch (CorruptDataException | IllegalArgumentException | NullPointerException e) {
      throw new CorruptStateException("an operator's own state is damaged: " + e.getMessage());
    }
  }

  private static List<byte[]> elements(DataReader in) {
    var elements = new ArrayList<byte[]>();
    for (int left = in.readCount(); left > 0; left--) {
      elements.add(in.readByteArray());
    }
    return elements;
  }

  public List<StateInfo> contents() {
    return states.stream()
        .map(
            state ->
                new StateInfo(
                    state.name(),
                    kind(state.mode()),
                    state.types(),
                    state.elements().size(),
                    Optional.of(form(state))))
        .toList();
  }

  private static StateInfo.Form form(OperatorState state) {
    long bytes = state.elements().stream().mapToLong(element -> element.length).sum();
    return new StateInfo.Form(state.shape(), Optional.empty(), false, bytes);
  }

  private static StateInfo.Kind kind(OperatorState.Mode mode) {
    return switch (mode) {
      case SPLIT -> StateInfo.Kind.SPLIT_LIST;
      case UNION -> StateInfo.Kind.UNION_LIST;
      case BROADCAST -> StateInfo.Kind.BROADCAST_MAP;
    };
  }

  /**
   * What one subtask gets of what all subtasks have left.
   *
   * @param left by the index of the subtask that left it, in order; with an unchanged parallelism
   *     those whose part is not needed may be missing
   * @param before parallelism when it was left
   */
  public static OwnState divide(
      Map<Integer, OwnState> left, int before, int subtask, int parallelism) {
    boolean same = before == parallelism;
    var entries = new ArrayList<byte[]>();
    int dealtEntries = 0;
    // Of one name there may be several: subtasks carry on what they have not asked for.
    var states = new LinkedHashMap<OperatorState, OperatorState>();
    var dealt = new LinkedHashMap<String, Integer>();
    for (var each : left.entrySet()) {
      boolean own = same && each.getKey() == subtask;
      for (byte[] entry : each.getValue().entries) {
        if (same ? own : dealtEntries++ % parallelism == subtask) {
          entries.add(entry);
        }
      }
      for (OperatorState state : each.getValue().states) {
        List<byte[]> mine =
            switch (state.mode()) {
              case UNION -> state.elements();
              case BROADCAST -> each.getKey() == subtask % before ? state.elements() : List.of();
              case SPLIT -> {
                if (same) {
                  yield own ? state.elements() : List.of();
                }
                int first = dealt.merge(state.name(), state.elements().size(), Integer::sum);
                yield inTurn(
                    state.elements(), first - state.elements().size(), subtask, parallelism);
              }
            };
        OperatorState kind = with(state, List.of());
        states.merge(kind, with(state, mine), OwnState::joined);
      }
    }
    return new OwnState(List.copyOf(entries), List.copyOf(states.values()));
  }

  /**
   * Of elements whose first one has that number among all, those that it is this one's turn for.
   */
  private static List<byte[]> inTurn(
      List<byte[]> elements, int first, int subtask, int parallelism) {
    var mine = new ArrayList<byte[]>();
    for (int i = 0; i < elements.size(); i++) {
      if ((first + i) % parallelism == subtask) {
        mine.add(elements.get(i));
      }
    }
    return mine;
  }

  private static OperatorState joined(OperatorState one, OperatorState other) {
    var elements = new ArrayList<>(one.elements());
    elements.addAll(other.elements());
    return with(one, elements);
  }

  private static OperatorState with(OperatorState state, List<byte[]> elements) {
    return new OperatorState(state.name(), state.mode(), state.types(), state.shape(), elements);
  }
}
