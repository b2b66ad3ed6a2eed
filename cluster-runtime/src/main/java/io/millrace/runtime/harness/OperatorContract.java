package io.millrace.runtime.harness;

import io.millrace.api.DataStream;
import io.millrace.api.config.JobSettings;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.harness.Conditions.Barriers;
import io.millrace.runtime.harness.Conditions.Store;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import io.millrace.runtime.plan.JobPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * What every operator owes: whatever stands in its way or tears it down, it emits what it emits
 * undisturbed. {@link #holds} drives one through all of that.
 *
 * <p>Described as for an {@link OperatorHarness}: streams of {@linkplain #input inputs}, any
 * operators, {@linkplain #output outputs}. Each {@linkplain Input#channel channel} of an input gets
 * the records and watermarks that come through it. In the order in which all of them are described
 * they come undisturbed; then
 *
 * <ul>
 *   <li>outputs refuse records at every step,
 *   <li>the operator fails after every step and is restored, each time with another parallelism (2,
 *       1, 3, 2 ...), also from checkpoints whose barriers have overtaken records,
 *   <li>the channels meet in all orders, with barriers of two checkpoints at all places: aligned,
 *       unaligned, unaligned after a while, and not aligned as for at-least-once; every third time
 *       it is restored from one of them. The clock moves between these rounds only.
 * </ul>
 *
 * <p>State is on the heap and in the form that it has on disk. What comes out is compared by {@code
 * toString()} and timestamp, for each output, in any order. So it must depend neither on the order
 * in which channels meet (give each its own keys) or subtasks that share a channel's records, nor
 * on the parallelism (else set one with {@link #parallelism}). An {@link AssertionError} tells what
 * was done, step by step, what was expected and what came.
 */
public final class OperatorContract {
  /** Orders that one life of the operator goes through, one after the other. */
  private static final int ROUNDS = 48;

  /** By which the clock moves on after each. */
  private static final int ROUND_MILLIS = 2_000;

  /** Rounds are whole minutes apart, so that each is at the same place in windows and intervals. */
  private static final long ROUND_SPAN_MILLIS = 60_000;

  /** So long after the end the clock says that whoever has asked something outside gets it. */
  private static final long LAST_WAIT_MILLIS = 60_000;

  private final OperatorHarness harness = new OperatorHarness();
  private final List<Input<?>> inputs = new ArrayList<>();
  private final List<Output<?>> outputs = new ArrayList<>();
  private final List<Trial.Lane> lanes = new ArrayList<>();
  private final List<Step> script = new ArrayList<>();
  private int[] parallelisms = {2, 1, 3};
  private List<Store> stores = List.of(Store.HEAP, Store.ROWS);
  private int mostOrders = 1_000;
  private int everyNth = 1;
  private int turn;
  private Orders orders = new Orders(2);
  private int restoredInFlight;

  /** An input; its channels are still to be described. */
  public <T> Input<T> input(Class<T> type) {
    return input(TypeInformation.of(type));
  }

  /** Like {@link #input(Class)}. */
  public <T> Input<T> input(TypeInformation<T> type) {
    var input = new Input<T>(this, inputs.size(), harness.input(type, 1));
    inputs.add(input);
    return input;
  }

  /** A stream whose records are compared; side outputs are streams of their own. */
  public OperatorContract output(DataStream<?> stream) {
    outputs.add(harness.output(stream));
    return this;
  }

  /**
   * Any setting of a job. With {@code state.backend.type} state is in that store only; {@code
   * rocksdb} wants {@code rocksdbjni} on the class path.
   */
  public OperatorContract set(String key, String value) {
    if (key.equals(JobSettings.STATE_BACKEND.key())) {
      stores = List.of(value.equals("hashmap") ? Store.HEAP : Store.DISK);
    } else {
      harness.set(key, value);
    }
    return this;
  }

  /** As {@link OperatorHarness#registerCachedFile}. */
  public OperatorContract registerCachedFile(Path file, String name) {
    harness.registerCachedFile(file, name);
    return this;
  }

  /** As {@link OperatorHarness#awaitAnswers}. */
  public OperatorContract awaitAnswers() {
    harness.awaitAnswers();
    return this;
  }

  /**
   * The first one, and those that restores take in turn; 2, 1 and 3 by default.
   *
   * @throws IllegalArgumentException without any, or for one below 1
   */
  public OperatorContract parallelism(int... inTurn) {
    if (inTurn.length == 0 || Arrays.stream(inTurn).anyMatch(each -> each < 1)) {
      throw new IllegalArgumentException(
          "parallelisms must be at least 1, found " + Arrays.toString(inTurn));
    }
    parallelisms = inTurn.clone();
    return this;
  }

  /**
   * How many orders of each kind of barriers are tried if there are more, evenly spread; 1000 by
   * default. {@link Integer#MAX_VALUE} for all, each of which it is then restored in.
   */
  public OperatorContract orders(int most) {
    mostOrders = most;
    return this;
  }

  /** The wall clock, which starts at 0, at this place among what comes. */
  public OperatorContract setProcessingTime(long timeMillis) {
    script.add(new Step.Clock(timeMillis));
    return this;
  }

  /**
   * Tries only each so many-th of those orders.
   *
   * @param turn which ones, and which lives have their state in which store: contracts that take
   *     turns try all of it together
   */
  OperatorContract every(int nth, int turn) {
    everyNth = nth;
    this.turn = turn;
    return this;
  }

  /** Shares what is known of orders with others. */
  OperatorContract share(Orders known) {
    orders = known;
    return this;
  }

  OperatorContract stores(Store... those) {
    stores = List.of(those);
    return this;
  }

  /** Appends a step; channels must be there. */
  OperatorContract step(Step step) {
    script.add(step);
    return this;
  }

  JobPlan plan() {
    return harness.plan();
  }

  /** How many restores so far were from checkpoints that held records in flight. */
  int restoredInFlight() {
    return restoredInFlight;
  }

  /**
   * All of it.
   *
   * @throws AssertionError if anything is emitted that is not emitted undisturbed, or is missing
   * @throws IllegalStateException if the operator fails undisturbed, or no input has a channel
   */
  public void holds() {
    holdsWhenOutputsRefuse();
    holdsWhenItIsRestored();
    holdsInEveryOrder();
  }

  /** Outputs take one record at a time, and only when all else has come to rest. */
  public void holdsWhenOutputsRefuse() {
    try (harness) {
      List<List<String>> expected = undisturbed();
      for (Store store : stores) {
        var under = new Conditions(store, Barriers.ALIGNED, parallelisms[0]);
        var report = new Report("outputs refuse at every step", under);
        Trial trial = trial(under);
        for (Step step : steps()) {
          report.step(step);
          report.run(() -> trial.takeRefused(step));
          report.compare(expected, trial.shown(), Report.Match.AT_MOST);
        }
        // With several subtasks, or in another store, nobody has an order.
        boolean ordered = store == stores.get(0) && parallelisms[0] == 1;
        report.compare(
            expected, trial.shown(), ordered ? Report.Match.SAME_ORDER : Report.Match.SAME);
        report.that(trial.hasEnded(), "event time has not come to its end in every output");
      }
    }
  }

  /** A failure after every step, and another parallelism after each. */
  public void holdsWhenItIsRestored() {
    try (harness) {
      List<List<String>> expected = undisturbed();
      for (Store store : stores) {
        for (int every : new int[] {1, 3}) {
          restored(at -> at % every == every - 1, after -> aligned(store, after, expected));
          restored(at -> at % every == every - 1, after -> overtaken(store, after, expected));
        }
      }
    }
  }

  /** If it fails, and one of the restores alone makes it fail, that says more. */
  private void restored(IntPredicate after, Consumer<IntPredicate> life) {
    try {
      life.accept(after);
    } catch (AssertionError whole) {
      for (int i = 0; i < script.size(); i++) {
        int only = i;
        if (after.test(only)) {
          life.accept(at -> at == only);
        }
      }
      throw whole;
    }
  }

  /**
   * @param after which steps it fails
   */
  private void aligned(Store store, IntPredicate after, List<List<String>> expected) {
    var under = new Conditions(store, Barriers.ALIGNED, parallelisms[0]);
    var report = new Report("it fails and is restored", under);
    Trial trial = trial(under);
    int restores = 0;
    for (int i = 0; i < script.size(); i++) {
      Step step = script.get(i);
      report.step(step);
      report.run(() -> trial.take(step));
      if (after.test(i)) {
        Step next = script.get(Math.min(i + 1, script.size() - 1));
        int then = parallelism(restores++);
        report.note("restored with parallelism " + then);
        report.run(
            () -> {
              Snapshot snapshot = harness.snapshot();
              // Goes on for a while, and all of that is undone.
              if (next instanceof Step.Element) {
                trial.take(next);
              }
              trial.restore(snapshot, then);
            });
      }
      report.compare(expected, trial.shown(), Report.Match.AT_MOST);
    }
    end(trial, report, expected);
  }

  /** Outputs refuse while barriers come, so that what these overtake is in the checkpoint. */
  private void overtaken(Store store, IntPredicate after, List<List<String>> expected) {
    var under = new Conditions(store, Barriers.UNALIGNED, parallelisms[0]);
    var report = new Report("it fails while outputs refuse, and is restored", under);
    Trial trial = trial(under);
    int restores = 0;
    for (int i = 0; i < script.size(); i++) {
      Step step = script.get(i);
      report.step(step);
      report.run(trial::refuse);
      report.run(() -> trial.take(step));
      if (after.test(i)) {
        int then = parallelism(restores++);
        report.note("restored with parallelism " + then);
        report.run(
            () -> {
              Snapshot snapshot = overtaken(trial);
              restoredInFlight += snapshot.holdsInFlight() ? 1 : 0;
              trial.restore(snapshot, then);
              trial.accept();
            });
      }
      report.compare(expected, trial.shown(), Report.Match.AT_MOST);
    }
    report.run(trial::accept);
    end(trial, report, expected);
  }

  private void end(Trial trial, Report report, List<List<String>> expected) {
    for (Step step : ending(harness.processingTime())) {
      report.step(step);
      report.run(() -> trial.take(step));
    }
    report.compare(expected, trial.shown(), Report.Match.SAME);
    report.that(trial.hasEnded(), "event time has not come to its end in every output");
  }

  private Snapshot overtaken(Trial trial) {
    long checkpoint = harness.sendBarriers();
    var snapshot = harness.snapshot(checkpoint);
    if (snapshot.isEmpty()) {
      // Where nothing can be overtaken, barriers wait as they do without.
      trial.accept();
      snapshot = harness.snapshot(checkpoint);
    }
    return snapshot.orElseThrow(
        () -> new IllegalStateException("checkpoint " + checkpoint + " is not complete"));
  }

  private int parallelism(int nth) {
    return parallelisms[(nth + 1) % parallelisms.length];
  }

  /** Channels meet in all orders, with barriers of two checkpoints at all places. */
  public void holdsInEveryOrder() {
    for (Barriers barriers : Barriers.values()) {
      holdsInEveryOrder(barriers);
    }
  }

  void holdsInEveryOrder(Barriers barriers) {
    try (harness) {
      List<List<Step.OfChannel>> channels = channels();
      int[] sizes = channels.stream().mapToInt(List::size).toArray();
      List<int[]> all = eachNth(orders.of(sizes, barriers, mostOrders));
      // What comes at the end depends on how many rounds there were.
      var expected = new TreeMap<Integer, List<Shown>>();
      for (int from = 0; from < all.size(); from += ROUNDS) {
        // Every fourth life has its state in the last of the stores.
        boolean last = (turn + from / ROUNDS) % 4 == 3;
        Store store = stores.get(last ? stores.size() - 1 : 0);
        var rounds = new ArrayList<Round>();
        for (int[] order : all.subList(from, Math.min(from + ROUNDS, all.size()))) {
          rounds.add(round(Orders.steps(order, channels), rounds.size()));
        }
        check(
            new Conditions(store, barriers, parallelisms[0]),
            rounds,
            expected.computeIfAbsent(rounds.size(), this::undisturbed));
      }
    }
  }

  private List<int[]> eachNth(List<int[]> all) {
    var some = new ArrayList<int[]>();
    for (int i = turn % everyNth; i < all.size(); i += everyNth) {
      some.add(all.get(i));
    }
    return some;
  }

  /** If all orders are tried each is restored, else each third; from its checkpoints in turn. */
  private Round round(List<Step.OfChannel> steps, int index) {
    boolean each = mostOrders == Integer.MAX_VALUE;
    int restores = each ? index : index / 3;
    int from = each || index % 3 == 2 ? restores % orders.checkpoints() : -1;
    return new Round(steps, from, parallelism(restores));
  }

  /** What is shown in a life of so many rounds in which nothing happens. */
  private List<Shown> undisturbed(int rounds) {
    var under = new Conditions(stores.get(0), Barriers.ALIGNED, parallelisms[0]);
    Round plain = Round.undisturbed(ofChannels());
    return new Life(under, Collections.nCopies(rounds, plain), null).run();
  }

  /** If a life goes wrong, the round that does so alone says more. */
  private void check(Conditions under, List<Round> rounds, List<Shown> expected) {
    try {
      new Life(under, rounds, expected).run();
    } catch (AssertionError whole) {
      for (Round round : rounds) {
        new Life(under, List.of(round), undisturbed(1)).run();
      }
      throw whole;
    }
  }

  /** What was shown after a round, or after the end. */
  private record Shown(List<List<String>> records) {}

  /**
   * One order and what is done in it.
   *
   * @param restoredFrom number of the checkpoint; -1 for none
   */
  private record Round(List<Step.OfChannel> steps, int restoredFrom, int parallelism) {
    static Round undisturbed(List<Step.OfChannel> steps) {
      return new Round(steps, -1, 0);
    }

    /** What comes behind the barrier of the checkpoint, without barriers. */
    List<Step.OfChannel> behind(int checkpoint) {
      var behind = new ArrayList<Step.OfChannel>();
      var passed = new ArrayList<Integer>();
      for (Step.OfChannel step : steps) {
        if (step instanceof Step.Barrier barrier) {
          if (barrier.nth() == checkpoint) {
            passed.add(barrier.channel());
          }
        } else if (passed.contains(step.channel())) {
          behind.add(step);
        }
      }
      return behind;
    }
  }

  /** Rounds one after the other, each later in event time, and the end. */
  private final class Life {
    private final Conditions under;
    private final List<Round> rounds;

    /** {@code null} if that is to be found out. */
    private final List<Shown> expected;

    private final List<Shown> shown = new ArrayList<>();

    Life(Conditions under, List<Round> rounds, List<Shown> expected) {
      this.under = under;
      this.rounds = rounds;
      this.expected = expected;
    }

    List<Shown> run() {
      Trial trial = trial(under);
      for (int i = 0; i < rounds.size(); i++) {
        Round round = rounds.get(i);
        String what = "channels meet in this order";
        var report = new Report(i == 0 ? what : what + ", after " + i + " other rounds", under);
        long later = i * span();
        long clock = (i + 1L) * ROUND_MILLIS;
        trial.clear();
        trial.forgetCheckpoints();
        for (Step.OfChannel step : round.steps) {
          report.step(step.later(later));
          report.run(() -> trial.take(step.later(later)));
          if (under.barriers() == Barriers.TURNING) {
            harness.elapse(1);
          }
        }
        boolean restored = round.restoredFrom >= 0 && restored(round, trial, report, later);
        report.step(new Step.Clock(clock));
        report.run(() -> trial.take(new Step.Clock(clock)));
        boolean mayRepeat = restored && under.barriers() == Barriers.AT_LEAST_ONCE;
        compare(report, trial, i, mayRepeat ? Report.Match.AT_LEAST : Report.Match.SAME);
        shown.add(new Shown(trial.shown()));
      }
      trial.clear();
      var report = new Report("input ends after " + rounds.size() + " rounds", under);
      rounds.get(rounds.size() - 1).steps.forEach(report::step);
      for (Step step : ending(harness.processingTime())) {
        report.step(step);
        report.run(() -> trial.take(step));
      }
      report.that(trial.hasEnded(), "event time has not come to its end in every output");
      compare(report, trial, rounds.size(), Report.Match.SAME);
      shown.add(new Shown(trial.shown()));
      return shown;
    }

    private void compare(Report report, Trial trial, int index, Report.Match match) {
      if (expected != null) {
        report.compare(expected.get(index).records, trial.shown(), match);
      }
    }

    private boolean restored(Round round, Trial trial, Report report, long later) {
      int from = round.restoredFrom;
      var found = harness.snapshot(trial.checkpoint(from));
      if (found.isEmpty() && from == 0 && under.barriers().mayOvertake()) {
        // The next barrier was seen before all of this one's were.
        from = 1;
        found = harness.snapshot(trial.checkpoint(from));
      }
      report.that(found.isPresent(), "checkpoint " + (from + 1) + " is not complete");
      Snapshot snapshot = found.orElseThrow();
      if (under.barriers() == Barriers.AT_LEAST_ONCE && !snapshot.isEmpty()) {
        // State may have counted what comes again; who has none shows it again at most.
        return false;
      }
      restoredInFlight += snapshot.holdsInFlight() ? 1 : 0;
      report.note(
          "restored from checkpoint " + (from + 1) + " with parallelism " + round.parallelism);
      int restored = from;
      report.run(() -> trial.restore(restored, snapshot, round.parallelism));
      for (Step.OfChannel step : round.behind(from)) {
        report.step(step.later(later));
        report.run(() -> trial.take(step.later(later)));
      }
      return true;
    }
  }

  private Trial trial(Conditions under) {
    if (lanes.isEmpty() || outputs.isEmpty()) {
      throw new IllegalStateException(
          "nothing to test: describe a channel of an input, and an output");
    }
    return new Trial(harness, lanes, outputs, under);
  }

  /** What comes out if nothing happens. */
  List<List<String>> undisturbed() {
    Trial trial = trial(new Conditions(stores.get(0), Barriers.ALIGNED, parallelisms[0]));
    steps().forEach(trial::take);
    return trial.shown();
  }

  /** The final checkpoint, when nothing has happened but the end. */
  Snapshot atTheEnd(Store store) {
    try (harness) {
      Trial trial = trial(new Conditions(store, Barriers.ALIGNED, 1));
      steps().forEach(trial::take);
      if (!trial.hasEnded()) {
        throw new IllegalStateException("event time has not come to its end in every output");
      }
      return harness.snapshot();
    }
  }

  private List<Step> steps() {
    var steps = new ArrayList<>(script);
    long clock = 0;
    for (Step step : script) {
      clock = step instanceof Step.Clock last ? last.time() : clock;
    }
    steps.addAll(ending(clock));
    return steps;
  }

  private static List<Step> ending(long clock) {
    return List.of(new Step.End(), new Step.Clock(clock + LAST_WAIT_MILLIS));
  }

  private List<Step.OfChannel> ofChannels() {
    return script.stream()
        .filter(Step.OfChannel.class::isInstance)
        .map(Step.OfChannel.class::cast)
        .toList();
  }

  private List<List<Step.OfChannel>> channels() {
    var channels = new ArrayList<List<Step.OfChannel>>();
    for (int i = 0; i < lanes.size(); i++) {
      int channel = i;
      channels.add(ofChannels().stream().filter(step -> step.channel() == channel).toList());
    }
    return channels;
  }

  /** From one round to the next in event time: nothing of the next one is late. */
  private long span() {
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (Step.OfChannel step : ofChannels()) {
      long time = Timestamps.NONE;
      if (step instanceof Step.Element element) {
        time = element.timestamp();
      } else if (step instanceof Step.Watermark watermark) {
        time = watermark.time();
      }
      first = time == Timestamps.NONE ? first : Math.min(first, time);
      last = Math.max(last, time);
    }
    return last < first ? 0 : ((last - first) / ROUND_SPAN_MILLIS + 1) * ROUND_SPAN_MILLIS;
  }

  /** Where records come in, through its channels. */
  public static final class Input<T> {
    private final OperatorContract contract;
    private final int index;
    private final OperatorHarness.Input<T> input;
    private int channels;

    private Input(OperatorContract contract, int index, OperatorHarness.Input<T> input) {
      this.contract = contract;
      this.index = index;
      this.input = input;
    }

    /** To describe with what is done to the records. */
    public DataStream<T> stream() {
      return input.stream();
    }

    /** One more channel, as from one more subtask. */
    public Channel<T> channel() {
      contract.lanes.add(new Trial.Lane(index, channels++));
      input.channels(channels);
      return new Channel<>(contract, contract.lanes.size() - 1);
    }
  }

  /** What comes through one channel, in order. */
  public static final class Channel<T> {
    private final OperatorContract contract;
    private final int index;

    private Channel(OperatorContract contract, int index) {
      this.contract = contract;
      this.index = index;
    }

    /**
     * A record.
     *
     * @param timestamp milliseconds since the epoch
     */
    public Channel<T> element(T value, long timestamp) {
      contract.script.add(new Step.Element(index, value, timestamp));
      return this;
    }

    /** Event time in milliseconds since the epoch. */
    public Channel<T> watermark(long timestamp) {
      contract.script.add(new Step.Watermark(index, timestamp));
      return this;
    }

    /** The channel holds back nobody's watermark, or does so again. */
    public Channel<T> idle(boolean idle) {
      contract.script.add(new Step.Idle(index, idle));
      return this;
    }
  }
}
