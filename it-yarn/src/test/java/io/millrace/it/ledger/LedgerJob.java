package io.millrace.it.ledger;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.DataStreamSink;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RichAsyncFunction;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Puts a {@link Book} through the engine's means, one directory of output for each:
 *
 * <ul>
 *   <li>{@code entries}: as they were read;
 *   <li>{@code sums}: each with the running sum of its account, and what value, map and list state
 *       remember of the account;
 *   <li>{@code closings}: what timers tell of each account and second;
 *   <li>{@code windows}: the same by windows;
 *   <li>{@code pairs}: entries of odd and even partitions that meet in an account;
 *   <li>{@code ordered} and {@code unordered}: as {@code entries}, but each line is asked for
 *       outside, in either way of doing so.
 * </ul>
 *
 * <p>Arguments: seed, partitions, entries of each, entries per second of each, accounts, output
 * directory, and a directory on this machine for {@linkplain WriteTimes the times} at which the
 * sink of the first output got records.
 */
public final class LedgerJob {
  /** The directories of its output. */
  public static final List<String> OUTPUTS =
      List.of("entries", "sums", "closings", "windows", "pairs", "ordered", "unordered");

  /** Subtasks in which a partition's entries stay together, whatever the job's parallelism. */
  private static final int READERS = 2;

  /**
   * How far a reader may be ahead of the other one, which may be slower after a failure: all that
   * it has read waits in state for as much of the other.
   */
  private static final Duration TOGETHER = Duration.ofSeconds(5);

  /** Length of windows, and of the periods that timers close. */
  static final long PERIOD_MILLIS = 1_000;

  /** How near in time two entries of an account must be to be a pair. */
  static final long NEAR_MILLIS = 25;

  /** How many values of an account its list state remembers. */
  static final int RECENT = 4;

  public static void main(String[] words) throws Exception {
    var book =
        new Book(
            Long.parseLong(words[0]),
            Integer.parseInt(words[1]),
            Long.parseLong(words[2]),
            Integer.parseInt(words[3]),
            Integer.parseInt(words[4]));
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    describe(env, book, words[5], words[6]);
    env.execute("Ledger");
  }

  static void describe(StreamExecutionEnvironment env, Book book, String output, String times) {
    DataStream<Entry> entries =
        env.fromSource(
                new LedgerSource(book),
                WatermarkStrategy.<Entry>noWatermarks()
                    .withWatermarkAlignment("book", TOGETHER, Duration.ofMillis(500)),
                "book")
            .uid("book")
            .setParallelism(READERS);
    entries
        .map(LedgerJob::line)
        .uid("entry-lines")
        .setParallelism(READERS)
        .sinkTo(new TimedSink<>(ExecutionDoor.files().textSink(output + "/entries", false), times))
        .name("entries file")
        .uid("entries-file")
        .setParallelism(READERS);
    write(
        entries.keyBy(Entry::account).process(new RunningSum()).name("sums").uid("running-sums"),
        output,
        "sums");
    write(
        entries
            .keyBy(Entry::account)
            .process(new Closing())
            .name("closings")
            .uid("account-closings"),
        output,
        "closings");
    write(
        entries
            .keyBy(Entry::account)
            .window(TumblingEventTimeWindows.of(Duration.ofMillis(PERIOD_MILLIS)))
            .aggregate(new Total(), new Statement())
            .name("windows")
            .uid("account-windows"),
        output,
        "windows");
    write(
        entries
            .filter(entry -> entry.partition() % 2 == 0)
            .uid("even")
            .keyBy(Entry::account)
            .intervalJoin(
                entries
                    .filter(entry -> entry.partition() % 2 == 1)
                    .uid("odd")
                    .keyBy(Entry::account))
            .between(Duration.ofMillis(-NEAR_MILLIS), Duration.ofMillis(NEAR_MILLIS))
            .process(new Pair())
            .name("pairs")
            .uid("account-pairs"),
        output,
        "pairs");
    // A second's entries: what was missed during a failure must not have to wait for answers.
    int open = Math.max(100, book.perSecond() * book.partitions() / READERS);
    write(
            AsyncDataStream.orderedWait(entries, new Question(), 1, TimeUnit.MINUTES, open)
                .uid("ordered-questions")
                .setParallelism(READERS),
            output,
            "ordered")
        .setParallelism(READERS); // in any other, a partition's entries go to several files
    write(
        AsyncDataStream.unorderedWait(entries, new Question(), 1, TimeUnit.MINUTES, open)
            .uid("unordered-questions")
            .setParallelism(READERS),
        output,
        "unordered");
  }

  private static DataStreamSink<?> write(DataStream<String> lines, String output, String name) {
    return lines
        .sinkTo(ExecutionDoor.files().textSink(output + "/" + name, false))
        .name(name + " file")
        .uid(name + "-file");
  }

  private static String line(Entry entry) {
    return entry.partition()
        + " "
        + entry.seq()
        + " "
        + entry.account()
        + " "
        + entry.value()
        + " "
        + entry.time();
  }

  /**
   * Gets the line of an entry from somebody who takes up to 16 ms. Answers of one millisecond come
   * together: a task of its own for each would cost more than all that the engine does with it.
   */
  private static final class Question extends RichAsyncFunction<Entry, String> {
    private static final int LONGEST_MILLIS = 16;

    private transient ScheduledExecutorService clock;

    /** What will be answered, by the millisecond, in a circle. */
    private transient List<Queue<Runnable>> answers;

    private transient volatile int now;

    @Override
    public void open(OpenContext context) {
      answers =
          Stream.<Queue<Runnable>>generate(ConcurrentLinkedQueue::new)
              .limit(LONGEST_MILLIS + 1)
              .toList();
      clock = Executors.newSingleThreadScheduledExecutor();
      clock.scheduleAtFixedRate(this::answer, 1, 1, TimeUnit.MILLISECONDS);
    }

    @Override
    public void asyncInvoke(Entry entry, ResultFuture<String> result) {
      int due = now + 1 + Math.floorMod(entry.value(), LONGEST_MILLIS);
      // If that has just gone by, the answer comes with the next round.
      answers.get(due % answers.size()).add(() -> result.complete(List.of(line(entry))));
    }

    private void answer() {
      int next = (now + 1) % answers.size();
      now = next;
      Queue<Runnable> due = answers.get(next);
      for (Runnable each = due.poll(); each != null; each = due.poll()) {
        each.run();
      }
    }

    @Override
    public void close() {
      if (clock != null) {
        clock.shutdownNow();
      }
    }
  }

  /** What an account holds. */
  record Balance(long count, long sum) {
    Balance plus(long value) {
      return new Balance(count + 1, sum + value);
    }
  }

  /** {@code account count partition seq sum previous recent}. */
  private static final class RunningSum extends KeyedProcessFunction<String, Entry, String> {
    private transient ValueState<Balance> balance;
    private transient MapState<Integer, Long> previous;
    private transient ListState<Long> recent;

    @Override
    public void open(OpenContext context) {
      balance = getRuntimeContext().getState(new ValueStateDescriptor<>("balance", Balance.class));
      previous =
          getRuntimeContext()
              .getMapState(new MapStateDescriptor<>("previous", Integer.class, Long.class));
      recent = getRuntimeContext().getListState(new ListStateDescriptor<>("recent", Long.class));
    }

    @Override
    public void processElement(Entry entry, Context context, Collector<String> out)
        throws Exception {
      Balance before = balance.value();
      Balance now = (before == null ? new Balance(0, 0) : before).plus(entry.value());
      balance.update(now);
      Long last = previous.get(entry.partition());
      previous.put(entry.partition(), entry.seq());
      recent.add(entry.value());
      var values = new ArrayList<Long>();
      recent.get().forEach(values::add);
      if (values.size() > RECENT) {
        List<Long> newest = values.subList(values.size() - RECENT, values.size());
        recent.update(new ArrayList<>(newest));
        values = new ArrayList<>(newest);
      }
      long fold = 0;
      for (long value : values) {
        fold = fold * 31 + value;
      }
      out.collect(
          context.getCurrentKey()
              + " "
              + now.count()
              + " "
              + entry.partition()
              + " "
              + entry.seq()
              + " "
              + now.sum()
              + " "
              + (last == null ? -1 : last)
              + " "
              + fold);
    }
  }

  /** {@code account start count sum}, when the timer of a period's end fires. */
  private static final class Closing extends KeyedProcessFunction<String, Entry, String> {
    private transient MapState<Long, Balance> periods;

    @Override
    public void open(OpenContext context) {
      periods =
          getRuntimeContext()
              .getMapState(new MapStateDescriptor<>("periods", Long.class, Balance.class));
    }

    @Override
    public void processElement(Entry entry, Context context, Collector<String> out)
        throws Exception {
      long start = entry.time() / PERIOD_MILLIS * PERIOD_MILLIS;
      Balance before = periods.get(start);
      if (before == null) {
        context.timerService().registerEventTimeTimer(start + PERIOD_MILLIS - 1);
      }
      periods.put(start, (before == null ? new Balance(0, 0) : before).plus(entry.value()));
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      long start = time + 1 - PERIOD_MILLIS;
      Balance balance = periods.get(start);
      periods.remove(start);
      out.collect(
          context.getCurrentKey() + " " + start + " " + balance.count() + " " + balance.sum());
    }
  }

  private static final class Total implements AggregateFunction<Entry, Balance, Balance> {
    @Override
    public Balance createAccumulator() {
      return new Balance(0, 0);
    }

    @Override
    public Balance add(Entry entry, Balance balance) {
      return balance.plus(entry.value());
    }

    @Override
    public Balance getResult(Balance balance) {
      return balance;
    }

    @Override
    public Balance merge(Balance one, Balance other) {
      return new Balance(one.count() + other.count(), one.sum() + other.sum());
    }
  }

  /** {@code account start count sum}. */
  private static final class Statement
      extends ProcessWindowFunction<Balance, String, String, TimeWindow> {
    @Override
    public void process(
        String account, Context context, Iterable<Balance> balances, Collector<String> out) {
      for (Balance balance : balances) {
        out.collect(
            account
                + " "
                + context.window().getStart()
                + " "
                + balance.count()
                + " "
                + balance.sum());
      }
    }
  }

  /** {@code account partition seq partition seq}, the even partition first. */
  private static final class Pair extends ProcessJoinFunction<Entry, Entry, String> {
    @Override
    public void processElement(Entry even, Entry odd, Context context, Collector<String> out) {
      out.collect(
          even.account()
              + " "
              + even.partition()
              + " "
              + even.seq()
              + " "
              + odd.partition()
              + " "
              + odd.seq());
    }
  }

  private LedgerJob() {}
}
