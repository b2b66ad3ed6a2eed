package io.millrace.runtime.harness;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.function.RuntimeContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.awaited.Courier;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.task.Watch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Drives a function or operator by hand: records, watermarks, processing time and checkpoints come
 * when a test says so, and all that follows has happened when the call returns. No thread, no
 * clock, no cluster; the tasks, the state stores and the serialisation of a job.
 *
 * <p>What is tested is described as in a program: streams of {@linkplain #input inputs}, any number
 * of operators, and {@linkplain #output outputs} on the streams that are of interest, side outputs
 * too. Then {@link #open}. Functions travel through their serialised form, as in a job: what they
 * hold is a copy of what the test has.
 *
 * <p>An exception of user code comes out of the call that led to it, as the cause of an {@link
 * IllegalStateException} that names the operator. For one thread.
 */
public final class OperatorHarness implements AutoCloseable {
  private final StreamExecutionEnvironment environment =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final List<Input<?>> inputs = new ArrayList<>();
  private final List<Output<?>> outputs = new ArrayList<>();
  private final HarnessStores stores = new HarnessStores();

  private final TreeMap<String, String> settings = new TreeMap<>();

  /** By parallelism. */
  private final TreeMap<Integer, JobPlan> plans = new TreeMap<>();

  private int parallelism;

  /** Who brings answers to asynchronous functions, if anybody waits for those. */
  private Optional<Courier> courier = Optional.empty();

  /** {@code null} until opened. */
  private Fragment fragment;

  private int lives;
  private long checkpoints;
  private long processingTime;
  private long monotonicMillis;

  /** Parallelism 1, state on the heap, processing time 0. */
  public OperatorHarness() {
    parallelism(1);
    // Each record by itself, so that what one of them brings about is there at once.
    set(JobSettings.BATCH_RECORDS.key(), "1");
    set(JobSettings.CHANNEL_BATCHES.key(), "1");
    // They are asked for.
    set(JobSettings.METRICS_LOG_INTERVAL.key(), "0");
  }

  /** Any setting of a job, such as {@code state.backend.type}; before {@link #open}. */
  public OperatorHarness set(String key, String value) {
    checkNotOpen();
    change(key, value);
    return this;
  }

  /** A file that functions find under the name, where it is; before {@link #open}. */
  public OperatorHarness registerCachedFile(Path file, String name) {
    checkNotOpen();
    environment.registerCachedFile(file.toString(), name);
    plans.clear();
    return this;
  }

  /**
   * For {@link io.millrace.api.function.AsyncFunction}s that other threads answer: whatever leads
   * to a request returns when its answer is here, so answers come in the order of the requests. One
   * without an answer in 10 s fails. Before {@link #open}; without it nobody waits, and what other
   * threads complete is seen by the next call.
   */
  public OperatorHarness awaitAnswers() {
    checkNotOpen();
    courier = Optional.of(new AtOnce());
    plans.clear();
    return this;
  }

  private record AtOnce() implements Courier {
    @Override
    public void deliver(RuntimeContext asker, Runnable answer) {
      answer.run();
    }
  }

  /** State that would be on disk is in memory, in the same form; before {@link #open}. */
  OperatorHarness keepRowsInMemory() {
    checkNotOpen();
    stores.keepRowsInMemory(true);
    return this;
  }

  /** Subtasks of the operators that do not say, 1 by default; before {@link #open}. */
  public OperatorHarness setParallelism(int parallelism) {
    checkNotOpen();
    parallelism(parallelism);
    return this;
  }

  /** An input of one channel. */
  public <T> Input<T> input(Class<T> type) {
    return input(TypeInformation.of(type), 1);
  }

  /**
   * An input of several channels, as from several subtasks: their watermarks are merged, their
   * barriers aligned.
   */
  public <T> Input<T> input(TypeInformation<T> type, int channels) {
    checkNotOpen();
    var input = new Input<T>(this, inputs.size(), type, channels);
    inputs.add(input);
    return input;
  }

  /** Collects what is emitted into a stream. */
  public <T> Output<T> output(DataStream<T> stream) {
    checkNotOpen();
    var output = new Output<T>(this);
    stream
        .sinkTo(new DiscardingSink<>())
        .uid(Fragment.OUTPUT + outputs.size())
        .setParallelism(1)
        .disableChaining();
    outputs.add(output);
    return output;
  }

  /** Opens the operators on a first start. */
  public OperatorHarness open() {
    checkNotOpen();
    if (outputs.isEmpty()) {
      throw new IllegalStateException("nothing to test: call output(...) on a stream first");
    }
    start(null);
    return this;
  }

  private void start(Snapshot restored) {
    fragment =
        new Fragment(
            plan(),
            lives++,
            stores,
            new Dial(),
            restored == null ? null : restored.saved,
            this::receiver);
    settle();
  }

  private Receiver receiver(String uid) {
    // What goes to a sink of the program's own is nobody's to look at.
    return uid.startsWith(Fragment.OUTPUT)
        ? outputs.get(Integer.parseInt(uid.substring(Fragment.OUTPUT.length()))).receiver
        : new Receiver();
  }

  /** Of the job as it is described and set now. */
  JobPlan plan() {
    return plans.computeIfAbsent(parallelism, any -> JobPlan.of(graph(), Configuration.EMPTY));
  }

  private JobGraph graph() {
    JobGraph described = environment.getJobGraph();
    return courier.map(at -> at.in(described, Fragment.classes())).orElse(described);
  }

  private void change(String key, String value) {
    if (!value.equals(settings.put(key, value))) {
      environment.set(key, value);
      plans.clear();
    }
  }

  private void parallelism(int of) {
    environment.setParallelism(of);
    parallelism = of;
  }

  /** Begins anew, as if nothing had ever come; open or not. */
  void begin(Map<String, String> settings, boolean rowsInMemory, int subtasks) {
    if (fragment != null) {
      fragment.close();
    }
    settings.forEach(this::change);
    stores.keepRowsInMemory(rowsInMemory);
    parallelism(subtasks);
    processingTime = 0;
    monotonicMillis = 0;
    outputs.forEach(output -> output.receiver.forget());
    start(null);
  }

  /** Time passes for whoever waits, and the wall clock stands. */
  void elapse(long millis) {
    monotonicMillis += millis;
    settle();
  }

  private void checkNotOpen() {
    if (fragment != null) {
      throw new IllegalStateException("the harness is open; describe everything before open()");
    }
  }

  private Fragment opened() {
    if (fragment == null) {
      throw new IllegalStateException("the harness is not open; call open() first");
    }
    return fragment;
  }

  void send(int input, int channel, Element element) {
    opened().send(input, channel, element);
    settle();
  }

  /** Time stands while functions are called. */
  private final class Dial implements Watch {
    @Override
    public long monotonicMillis() {
      return monotonicMillis;
    }

    @Override
    public long wallMillis() {
      return processingTime;
    }
  }

  private void settle() {
    fragment.settle();
  }

  /**
   * Sets the wall clock, which starts at 0, in milliseconds since the epoch. Timers that become due
   * fire; on the way forward whatever is done periodically is done as often as in a job.
   */
  public void setProcessingTime(long timeMillis) {
    long target = monotonicMillis + Math.max(0, timeMillis - processingTime);
    while (monotonicMillis < target) {
      long next = Math.min(target, Math.max(monotonicMillis + 1, opened().wakeAtMillis()));
      processingTime += next - monotonicMillis;
      monotonicMillis = next;
      settle();
    }
    processingTime = timeMillis;
    settle();
  }

  /** What {@link #setProcessingTime} has set last. */
  public long processingTime() {
    return processingTime;
  }

  /**
   * Takes a checkpoint: sends barriers through all channels.
   *
   * @throws IllegalStateException if an output that refuses records stands in the way
   */
  public Snapshot snapshot() {
    long checkpoint = sendBarriers();
    return snapshot(checkpoint)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the barriers do not get through: an output refuses records, or a channel"
                        + " waits for a barrier of an earlier checkpoint"));
  }

  /** Sends barriers of a new checkpoint through all channels. */
  long sendBarriers() {
    long checkpoint = nextCheckpoint();
    for (Input<?> input : inputs) {
      for (int channel = 0; channel < input.channels; channel++) {
        opened().send(input.index, channel, new Element.Barrier(checkpoint));
      }
    }
    settle();
    return checkpoint;
  }

  /** An id for {@link Channel#processBarrier}, higher than all before. */
  public long nextCheckpoint() {
    return ++checkpoints;
  }

  /** What the checkpoint holds, once its barriers have come through all channels. */
  public Optional<Snapshot> snapshot(long checkpoint) {
    return opened().saved(checkpoint).map(saved -> new Snapshot(checkpoint, saved));
  }

  /** The checkpoint is durable. */
  public void notifyOfCompletedCheckpoint(long checkpoint) {
    opened().completed(checkpoint);
    settle();
  }

  /**
   * What runs fails; the same operators start again from a checkpoint. Inputs that had ended can be
   * used again. Outputs have what they had at the barrier, as a sink has that commits with
   * checkpoints. What the barriers of an unaligned checkpoint had overtaken is taken again. Event
   * time begins anew, but that of windows, and processing time goes on.
   */
  public void restore(Snapshot snapshot) {
    opened().close();
    outputs.forEach(output -> output.receiver.rollBack(snapshot.checkpoint));
    start(snapshot);
  }

  /** Like {@link #restore(Snapshot)}, with another parallelism. */
  public void restore(Snapshot snapshot, int parallelism) {
    parallelism(parallelism);
    restore(snapshot);
  }

  /** Like {@link #restore(Snapshot, int)}, into a store of another kind, as from a savepoint. */
  void restore(Snapshot snapshot, int parallelism, String backend) {
    change(JobSettings.STATE_BACKEND.key(), backend);
    restore(snapshot, parallelism);
  }

  /**
   * What the operators have counted since they started, by the counter's name: the whole numbers of
   * 64 bits among {@link #metrics}.
   */
  public Map<String, Long> counters() {
    var counts = new TreeMap<String, Long>();
    metrics()
        .forEach(
            (name, value) -> {
              if (value instanceof Long count) {
                counts.put(name, count);
              }
            });
    return counts;
  }

  /**
   * What all metrics say now, by name: see {@link io.millrace.api.metrics.Metrics#read}. Numbers of
   * subtasks and operators under one name are added up.
   */
  public Map<String, Object> metrics() {
    return opened().metrics();
  }

  /** Closes the operators and deletes what their state has left on disk. */
  @Override
  public void close() {
    if (fragment != null) {
      fragment.close();
    }
    stores.close();
  }

  /** What was cut at a barrier. */
  public static final class Snapshot {
    private final long checkpoint;
    private final Saved saved;

    private Snapshot(long checkpoint, Saved saved) {
      this.checkpoint = checkpoint;
      this.saved = saved;
    }

    public long checkpoint() {
      return checkpoint;
    }

    /** The state under keys of all operators, as it is written. */
    Stream<byte[]> keyedParts() {
      return saved.keyedParts();
    }

    /** What a checkpoint of a job would say of it. */
    Manifest manifest() {
      return saved.manifest();
    }

    /** Whether no operator has left anything, and nothing was in flight. */
    boolean isEmpty() {
      return saved.isEmpty();
    }

    /** Whether records were on their way, which barriers had overtaken. */
    boolean holdsInFlight() {
      return saved.holdsInFlight();
    }
  }

  /** Where records come in. What its methods do is done to the first channel. */
  public static final class Input<T> extends Channel<T> {
    private final SingleOutputStreamOperator<T> stream;
    private int channels;

    private Input(OperatorHarness harness, int index, TypeInformation<T> type, int channels) {
      super(harness, index, 0);
      this.channels = channels;
      this.stream =
          harness
              .environment
              .fromCollection(List.of(), type)
              .uid(Fragment.INPUT + index)
              .setParallelism(channels)
              .disableChaining();
    }

    /** To describe with what is done to the records. */
    public DataStream<T> stream() {
      return stream;
    }

    /** Before it is opened. */
    void channels(int number) {
      channels = number;
      stream.setParallelism(number);
      harness.plans.clear();
    }

    /** One of several channels, from 0. */
    public Channel<T> channel(int index) {
      if (index < 0 || index >= channels) {
        throw new IllegalArgumentException(
            "the input has the channels 0 to " + (channels - 1) + ", not " + index);
      }
      return new Channel<>(harness, this.index, index);
    }
  }

  /** One way into an input. */
  public static sealed class Channel<T> permits Input {
    final OperatorHarness harness;
    final int index;
    private final int channel;

    private Channel(OperatorHarness harness, int index, int channel) {
      this.harness = harness;
      this.index = index;
      this.channel = channel;
    }

    /** A record without a timestamp. */
    public void processElement(T value) {
      processElement(value, Timestamps.NONE);
    }

    /**
     * @param timestamp milliseconds since the epoch
     */
    public void processElement(T value, long timestamp) {
      send(new Batch(new Object[] {value}, new long[] {timestamp}, 1));
    }

    /** Event time in milliseconds since the epoch; below an earlier watermark it does nothing. */
    public void processWatermark(long timestamp) {
      send(new Element.Watermark(timestamp));
    }

    /** The channel holds back nobody's watermark, or does so again. */
    public void processIdle(boolean idle) {
      send(new Element.Idle(idle));
    }

    /** A barrier of a checkpoint whose id {@link #nextCheckpoint} has given. */
    public void processBarrier(long checkpoint) {
      send(new Element.Barrier(checkpoint));
    }

    /** No record follows; when all channels of all inputs have ended, event time ends too. */
    public void end() {
      send(new Element.EndOfInput());
    }

    private void send(Element element) {
      harness.send(index, channel, element);
    }
  }

  /** What was emitted into a stream. */
  public static final class Output<T> {
    private final OperatorHarness harness;
    private final Receiver receiver = new Receiver();

    private Output(OperatorHarness harness) {
      this.harness = harness;
    }

    /** All values since the start or the last {@link #clear}. */
    public List<T> values() {
      return records().stream().map(Emitted::value).toList();
    }

    /** Like {@link #values}, with timestamps. */
    @SuppressWarnings("unchecked") // the stream's records are of this type
    public List<Emitted<T>> records() {
      return (List<Emitted<T>>) (List<?>) List.copyOf(receiver.records());
    }

    /** How many there are. */
    int size() {
      return receiver.records().size();
    }

    /** How many there were at the checkpoint's barrier. */
    int sizeAt(long checkpoint) {
      return receiver.sizeAt(checkpoint);
    }

    public void clear() {
      receiver.records().clear();
    }

    /**
     * The watermark that all subtasks have come to, {@code Long.MIN_VALUE} at first and after a
     * restore.
     */
    public long watermark() {
      return receiver.reached();
    }

    /**
     * Takes nothing from now on, like a consumer that is slow: the operator goes on until its
     * output is full, and then takes no input.
     */
    public void refuse() {
      receiver.refuse(true);
    }

    /** Takes one record, and what is between it and the next, and goes on refusing. */
    public void acceptOne() {
      receiver.allowOne();
      harness.settle();
      receiver.refuse(true);
    }

    /** Ends {@link #refuse}. */
    public void accept() {
      receiver.refuse(false);
      harness.settle();
    }
  }

  /**
   * A record that came out.
   *
   * @param timestamp milliseconds since the epoch, {@code Long.MIN_VALUE} for none
   */
  public record Emitted<T>(T value, long timestamp) {}
}
