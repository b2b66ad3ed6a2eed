package io.millrace.runtime.harness;

import io.millrace.api.DataStream;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.harness.OperatorHarness.Channel;
import io.millrace.runtime.harness.OperatorHarness.Emitted;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** An operator in the harness, and the steps that are taken with it. */
final class Contract implements AutoCloseable {
  /** What all operators are fed with. */
  record Item(String key, int number) {}

  /**
   * @param name for people
   * @param inputs how many streams it takes
   * @param settings of the job
   * @param sampled whether it meets only some of the orders of watermarks and barriers
   * @param program from those streams to the lines that it emits, main output and side outputs
   */
  record Case(
      String name,
      int inputs,
      Map<String, String> settings,
      boolean sampled,
      Function<List<DataStream<Item>>, List<DataStream<String>>> program) {
    Case with(String key, String value) {
      return new Case(
          name + " with " + key + " " + value, inputs, Map.of(key, value), sampled, program);
    }

    /** One more way to use an operator that has a case of its own. */
    Case asSample() {
      return new Case(name, inputs, settings, true, program);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Something that is done to a channel, or with the clock. */
  sealed interface Step {
    record Element(int input, int channel, Item item, long timestamp) implements Step {}

    record Watermark(int input, int channel, long time) implements Step {}

    record Idle(int input, int channel, boolean idle) implements Step {}

    record Barrier(int input, int channel, long checkpoint) implements Step {}

    record Clock(long time) implements Step {}

    record End() implements Step {}
  }

  final OperatorHarness harness = new OperatorHarness();
  private final List<Input<Item>> inputs = new ArrayList<>();
  private final List<Output<String>> outputs = new ArrayList<>();
  private final int channels;

  /** What each channel has said of event time. */
  private final TreeMap<Integer, Step> lastSaid = new TreeMap<>();

  /** Where state is. */
  enum Store {
    HEAP,
    /** In the form that it has on disk, but in memory. */
    ROWS,
    DISK
  }

  Contract(Case what, int channels, Store store) {
    this.channels = channels;
    harness.set("state.backend.type", store == Store.HEAP ? "hashmap" : "rocksdb");
    if (store == Store.ROWS) {
      harness.keepRowsInMemory();
    }
    what.settings.forEach(harness::set);
    var streams = new ArrayList<DataStream<Item>>();
    for (int i = 0; i < what.inputs; i++) {
      Input<Item> input = harness.input(TypeInformation.of(Item.class), channels);
      inputs.add(input);
      streams.add(input.stream());
    }
    for (DataStream<String> stream : what.program.apply(streams)) {
      outputs.add(harness.output(stream));
    }
  }

  Contract open() {
    harness.open();
    return this;
  }

  void take(Step step) {
    if (step instanceof Step.Element element) {
      channel(element.input, element.channel).processElement(element.item, element.timestamp);
    } else if (step instanceof Step.Watermark watermark) {
      lastSaid.put(watermark.input * channels + watermark.channel, step);
      channel(watermark.input, watermark.channel).processWatermark(watermark.time);
    } else if (step instanceof Step.Idle idle) {
      channel(idle.input, idle.channel).processIdle(idle.idle);
    } else if (step instanceof Step.Barrier barrier) {
      channel(barrier.input, barrier.channel).processBarrier(barrier.checkpoint);
    } else if (step instanceof Step.Clock clock) {
      harness.setProcessingTime(clock.time);
    } else if (step instanceof Step.End) {
      for (Input<Item> input : inputs) {
        for (int channel = 0; channel < channels; channel++) {
          input.channel(channel).end();
        }
      }
    }
  }

  private Channel<Item> channel(int input, int channel) {
    return inputs.get(input).channel(channel);
  }

  /** The same while outputs take one record at a time, and only when all else has come to rest. */
  void takeRefused(Step step) {
    outputs.forEach(Output::refuse);
    take(step);
    List<List<Emitted<String>>> before;
    do {
      before = emitted();
      outputs.forEach(Output::acceptOne);
    } while (!before.equals(emitted()));
    outputs.forEach(Output::accept);
  }

  /** Restarts from a checkpoint, and hears again of event time. */
  void restore(Snapshot snapshot, int parallelism) {
    harness.restore(snapshot, parallelism);
    List.copyOf(lastSaid.values()).forEach(this::take);
  }

  /** What each output has had so far. */
  List<List<Emitted<String>>> emitted() {
    return outputs.stream().map(Output::records).toList();
  }

  /** How far event time has come in each output. */
  List<Long> watermarks() {
    return outputs.stream().map(Output::watermark).toList();
  }

  /** The same without the order, in which subtasks have none. */
  static List<List<String>> sorted(List<List<Emitted<String>>> emitted) {
    return emitted.stream()
        .map(records -> records.stream().map(Emitted::toString).sorted().toList())
        .toList();
  }

  @Override
  public void close() {
    harness.close();
  }
}
