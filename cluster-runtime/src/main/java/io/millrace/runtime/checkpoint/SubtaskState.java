package io.millrace.runtime.checkpoint;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one operator's subtask left in a checkpoint.
 *
 * @param parallelism of the operator when it was taken
 * @param own the operator's own entries, encoded as a list of byte arrays
 * @param committables output that waits for this or an earlier checkpoint; readable without the
 *     operator's state
 * @param keyed state and timers under its keys, with a directory by key group inside
 * @param contents the states that {@code own} and {@code keyed} hold
 * @param channels what was in flight to or from the task; of all its operators the first has them
 * @param accumulators what its accumulators came to
 */
public record SubtaskState(
    String uid,
    int subtask,
    int parallelism,
    int maxParallelism,
    Optional<StateBytes> own,
    List<Committable> committables,
    Optional<StateBytes> keyed,
    List<StateInfo> contents,
    List<ChannelState> channels,
    List<AccumulatorState> accumulators) {
  public SubtaskState {
    Objects.requireNonNull(uid);
    Objects.requireNonNull(own);
    Objects.requireNonNull(keyed);
    committables = List.copyOf(committables);
    contents = List.copyOf(contents);
    channels = List.copyOf(channels);
    accumulators = List.copyOf(accumulators);
  }

  /** With nothing in flight, of which nothing is told beforehand. */
  public SubtaskState(
      String uid,
      int subtask,
      int parallelism,
      int maxParallelism,
      Optional<StateBytes> own,
      List<Committable> committables,
      Optional<StateBytes> keyed) {
    this(
        uid,
        subtask,
        parallelism,
        maxParallelism,
        own,
        committables,
        keyed,
        List.of(),
        List.of(),
        List.of());
  }

  /** With one more channel. */
  SubtaskState with(ChannelState channel) {
    return withChannels(Stream.concat(channels.stream(), Stream.of(channel)).toList());
  }

  /** With these channels in place of its own. */
  public SubtaskState withChannels(List<ChannelState> others) {
    return new SubtaskState(
        uid,
        subtask,
        parallelism,
        maxParallelism,
        own,
        committables,
        keyed,
        contents,
        others,
        accumulators);
  }

  /** The same, of which that is told. */
  public SubtaskState with(List<StateInfo> told) {
    return new SubtaskState(
        uid,
        subtask,
        parallelism,
        maxParallelism,
        own,
        committables,
        keyed,
        told,
        channels,
        accumulators);
  }

  /** Whether it holds nothing that anybody could miss. */
  public boolean isEmpty() {
    return own.isEmpty()
        && keyed.isEmpty()
        && committables.isEmpty()
        && channels.isEmpty()
        && accumulators.isEmpty();
  }

  /** All that it holds, wherever it lies. */
  List<StateBytes> bytes() {
    var bytes = new ArrayList<StateBytes>(2 + channels.size());
    own.ifPresent(bytes::add);
    keyed.ifPresent(bytes::add);
    for (ChannelState channel : channels) {
      bytes.add(channel.elements());
    }
    return bytes;
  }

  /** About how much of it travels with this record instead of lying in a file. */
  public long inlineBytes() {
    long inline = 0;
    for (StateBytes bytes : bytes()) {
      for (StateBytes leaf : bytes.leaves()) {
        inline += leaf instanceof StateBytes.Inline ? leaf.length() : 0;
      }
    }
    for (Committable committable : committables) {
      inline += committable.bytes().length;
    }
    for (AccumulatorState accumulator : accumulators) {
      inline += accumulator.bytes().length;
    }
    return inline;
  }

  /** Names of the state files that it lies in, relative to the job's directory. */
  public List<String> files() {
    var files = new ArrayList<String>();
    for (StateBytes bytes : bytes()) {
      for (StateBytes leaf : bytes.leaves()) {
        if (leaf instanceof StateBytes.InFile range) {
          files.add(range.file());
        }
      }
    }
    return files;
  }
}
