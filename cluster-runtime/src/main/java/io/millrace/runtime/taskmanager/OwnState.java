package io.millrace.runtime.taskmanager;

import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.task.SplitEntry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What an operator's subtask keeps that belongs to no key: its entries and its named states. */
public record OwnState(List<byte[]> entries, List<OperatorState> states) {
  /** So many bytes at the beginning of a part tell its length. */
  static final int PART_HEADER = 8;

  private static final int MAGIC = 0x4d52_4f57;
  private static final int PART_BYTES = 4 << 20;

  // What a part is.
  private static final int ENTRIES = 1;
  private static final int BEGINS = 2;
  private static final int LAST = 4;

  public static OwnState of(OperatorSnapshot snapshot) {
    return new OwnState(snapshot.entries(), snapshot.states());
  }

  public boolean isEmpty() {
    return entries.isEmpty() && states.isEmpty();
  }

  /** Turns it into bytes, a few megabytes at a time; each part can be read by itself. */
  public Iterator<byte[]> parts() {
    return new Parts();
  }

  /** What a part holds: some of the entries, or some elements of one state. */
  private final class Parts implements Iterator<byte[]> {
    /** -1 for the entries. */
    private int state = entries.isEmpty() ? 0 : -1;

    private int element;

    @Override
    public boolean hasNext() {
      return state < states.size();
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int flags = state < 0 ? ENTRIES : element == 0 ? BEGINS : 0;
      var out = new DataWriter();
      out.writeInt(MAGIC);
      out.writeInt(0);
      out.writeInt(0);
      if (state >= 0) {
        OperatorState named = states.get(state);
        out.writeString(named.name());
        out.writeString(named.mode().name());
        out.writeString(named.types());
        named.shape().write(out);
      }
      List<byte[]> elements = state < 0 ? entries : states.get(state).elements();
      while (element < elements.size() && out.position() < PART_BYTES) {
        out.writeByteArray(elements.get(element++));
      }
      if (element == elements.size()) {
        state++;
        element = 0;
      }
      out.patchInt(4, out.position() - PART_HEADER);
      out.patchInt(PART_HEADER, hasNext() ? flags : flags | LAST);
      return out.toByteArray();
    }
  }

  /** How long the part is of which these are the first bytes, its header included. */
  static int partLength(byte[] header) {
    var in = new DataReader(header);
    if (in.readInt() != MAGIC) {
      throw new CorruptDataException("these bytes are not an operator's own state");
    }
    int rest = in.readInt();
    if (rest < 1 || rest > Integer.MAX_VALUE - PART_HEADER - 8) {
      throw new CorruptDataException(
          "a part of an operator's own state declares " + rest + " bytes");
    }
    return PART_HEADER + rest;
  }

  /**
   * @param parts all of them in order, several of which may stand one behind the other
   */
  public static OwnState read(Iterable<byte[]> parts) throws CorruptStateException {
    var reading = new Reading();
    try {
      for (byte[] some : parts) {
        var in = new DataReader(some);
        while (in.remaining() > 0) {
          byte[] header = new byte[PART_HEADER];
          in.readBytes(header, 0, PART_HEADER);
          int length = partLength(header) - PART_HEADER;
          if (length > in.remaining()) {
            throw new CorruptDataException("a part is longer than its file");
          }
          byte[] part = new byte[length];
          in.readBytes(part, 0, part.length);
          reading.part(new DataReader(part));
        }
      }
      return reading.end();
    } catch (CorruptDataException | IllegalArgumentException | NullPointerException e) {
      throw new CorruptStateException("an operator's own state is damaged: " + e.getMessage());
    }
  }

  /** Parts on their way back. */
  private static final class Reading {
    private final List<byte[]> entries = new ArrayList<>();
    private final List<OperatorState> states = new ArrayList<>();

    /** Elements of the state that came last. */
    private List<byte[]> elements = new ArrayList<>();

    private OperatorState last;
    private boolean complete;

    void part(DataReader in) {
      if (complete) {
        throw new CorruptDataException("something comes after the last part");
      }
      int flags = in.readInt();
      complete = (flags & LAST) != 0;
      if ((flags & ENTRIES) == 0) {
        String name = in.readString();
        var mode = OperatorState.Mode.valueOf(in.readString());
        var state = new OperatorState(name, mode, in.readString(), Shape.read(in), List.of());
        if ((flags & BEGINS) != 0) {
          endState();
          last = state;
        } else if (!state.equals(last)) {
          throw new CorruptDataException("state '" + name + "' goes on without a beginning");
        }
      }
      List<byte[]> to = (flags & ENTRIES) == 0 ? elements : entries;
      while (in.remaining() > 0) {
        to.add(in.readByteArray());
      }
    }

    private void endState() {
      if (last != null) {
        states.add(with(last, elements));
        elements = new ArrayList<>();
      }
    }

    OwnState end() {
      if (!complete) {
        throw new CorruptDataException("the last part is missing");
      }
      endState();
      return new OwnState(entries, states);
    }
  }

  /** What the entries were made of, if they are splits of a source. */
  public Set<Shape> shapesOfSplits() {
    return entries.stream()
        .flatMap(entry -> SplitEntry.shape(entry).stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
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
