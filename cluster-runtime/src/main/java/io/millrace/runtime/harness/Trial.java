package io.millrace.runtime.harness;

import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import java.util.List;
import java.util.TreeMap;

/** One life of an operator under its contract, from its first start on. */
final class Trial {
  private final OperatorHarness harness;
  private final List<Lane> lanes;
  private final List<Output<?>> outputs;

  /** What each channel has said of event time. */
  private final TreeMap<Integer, Said> said = new TreeMap<>();

  /** The same at the barriers of each checkpoint, by its number. */
  private final TreeMap<Integer, TreeMap<Integer, Said>> saidAt = new TreeMap<>();

  /** Ids of the checkpoints whose barriers are on their way, by their number. */
  private final TreeMap<Integer, Long> checkpoints = new TreeMap<>();

  /**
   * @param watermark {@code null} for none, as {@code idle}
   */
  private record Said(Step.Watermark watermark, Step.Idle idle) {
    static final Said NOTHING = new Said(null, null);
  }

  /** Where a channel leads. */
  record Lane(int input, int channel) {}

  Trial(OperatorHarness harness, List<Lane> lanes, List<Output<?>> outputs, Conditions conditions) {
    this.harness = harness;
    this.lanes = lanes;
    this.outputs = outputs;
    harness.begin(
        conditions.settings(),
        conditions.store() == Conditions.Store.ROWS,
        conditions.parallelism());
  }

  void take(Step step) {
    if (step instanceof Step.Element element) {
      send(
          element.channel(),
          new Batch(new Object[] {element.value()}, new long[] {element.timestamp()}, 1));
    } else if (step instanceof Step.Watermark watermark) {
      said.put(watermark.channel(), new Said(watermark, said(watermark.channel()).idle));
      send(watermark.channel(), new Element.Watermark(watermark.time()));
    } else if (step instanceof Step.Idle idle) {
      said.put(idle.channel(), new Said(said(idle.channel()).watermark, idle));
      send(idle.channel(), new Element.Idle(idle.idle()));
    } else if (step instanceof Step.Barrier barrier) {
      saidAt
          .computeIfAbsent(barrier.nth(), any -> new TreeMap<>())
          .put(barrier.channel(), said(barrier.channel()));
      send(barrier.channel(), new Element.Barrier(checkpoint(barrier.nth())));
    } else if (step instanceof Step.Clock clock) {
      harness.setProcessingTime(clock.time());
    } else if (step instanceof Step.End) {
      for (int channel = 0; channel < lanes.size(); channel++) {
        send(channel, new Element.EndOfInput());
      }
    }
  }

  private Said said(int channel) {
    return said.getOrDefault(channel, Said.NOTHING);
  }

  private void send(int channel, Element element) {
    Lane lane = lanes.get(channel);
    harness.send(lane.input(), lane.channel(), element);
  }

  /** The id of the checkpoint with that number. */
  long checkpoint(int nth) {
    return checkpoints.computeIfAbsent(nth, any -> harness.nextCheckpoint());
  }

  /** The numbers begin anew. */
  void forgetCheckpoints() {
    checkpoints.clear();
    saidAt.clear();
  }

  /** The same while outputs take one record at a time, and only when all else has come to rest. */
  void takeRefused(Step step) {
    refuse();
    take(step);
    int before;
    do {
      before = outputs.stream().mapToInt(Output::size).sum();
      outputs.forEach(Output::acceptOne);
    } while (before != outputs.stream().mapToInt(Output::size).sum());
    accept();
  }

  void refuse() {
    outputs.forEach(Output::refuse);
  }

  void accept() {
    outputs.forEach(Output::accept);
  }

  /** Restarts from a checkpoint, and hears again how far event time was then. */
  void restore(int nth, Snapshot snapshot, int parallelism) {
    said.clear();
    said.putAll(saidAt.get(nth));
    restore(snapshot, parallelism);
  }

  /** The same if no channel has said more since. */
  void restore(Snapshot snapshot, int parallelism) {
    harness.restore(snapshot, parallelism);
    for (Said each : List.copyOf(said.values())) {
      if (each.watermark != null) {
        take(each.watermark);
      }
      if (each.idle != null) {
        take(each.idle);
      }
    }
  }

  /** What each output has had, in order. */
  List<List<String>> shown() {
    return outputs.stream()
        .map(
            output ->
                output.records().stream()
                    .map(
                        record ->
                            record.timestamp() == Timestamps.NONE
                                ? "" + record.value()
                                : record.value() + " at " + record.timestamp())
                    .toList())
        .toList();
  }

  /** Forgets that. */
  void clear() {
    outputs.forEach(Output::clear);
  }

  /** Whether event time has come to its end in every output. */
  boolean hasEnded() {
    return outputs.stream().allMatch(output -> output.watermark() == Timestamps.MAX_WATERMARK);
  }
}
