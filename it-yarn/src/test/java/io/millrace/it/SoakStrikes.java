package io.millrace.it;

import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.ledger.WriteTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Strikes the processes of a job, at times and in ways that a seed has chosen beforehand. */
final class SoakStrikes {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final SoakOptions options;
  private final Cluster cluster;
  private final List<Planned> plan;
  private final List<Paused> paused = new ArrayList<>();
  private final List<Struck> struck = new ArrayList<>();

  /** How far earlier calls have come; time between two calls does not count. */
  private long elapsedNanos;

  private long beginNanos;

  SoakStrikes(SoakOptions options, Cluster cluster) {
    this.options = options;
    this.cluster = cluster;
    this.plan = plan(options);
  }

  /** What may happen to a process. */
  enum Strike {
    KILL_TASK_MANAGER("YarnTaskManager", false),
    KILL_APPLICATION_MASTER("YarnJobManager", false),
    /** It stands still for a while, as in a long collection of garbage, and then goes on. */
    PAUSE_TASK_MANAGER("YarnTaskManager", true),
    PAUSE_APPLICATION_MASTER("YarnJobManager", true);

    private final String main;
    private final boolean pause;

    Strike(String main, boolean pause) {
      this.main = main;
      this.pause = pause;
    }
  }

  /**
   * A strike to come.
   *
   * @param afterNanos time from the beginning
   * @param which decides between processes
   */
  private record Planned(long afterNanos, Strike strike, int which, Duration pause) {}

  /** A process that was stopped, and when it goes on. */
  private record Paused(ContainerProcess process, long untilNanos) {}

  /**
   * A strike that was, and what it may be blamed for.
   *
   * @param atMillis the wall clock's time
   * @param untilMillis when the next one came, or the job was no longer left alone
   */
  record Struck(Strike strike, long atMillis, long untilMillis) {}

  /** How many there were of each kind. */
  Map<Strike, Integer> counts() {
    var counts = new EnumMap<Strike, Integer>(Strike.class);
    for (Strike strike : Strike.values()) {
      counts.put(strike, (int) struck.stream().filter(each -> each.strike() == strike).count());
    }
    return counts;
  }

  /** Of each kind, for how long the sink got no record. */
  Map<Strike, Gaps> gaps(WriteTimes times) {
    var gaps = new EnumMap<Strike, Gaps>(Strike.class);
    for (Strike strike : Strike.values()) {
      gaps.put(
          strike,
          Gaps.of(
              struck.stream()
                  .filter(each -> each.strike() == strike)
                  .map(each -> times.longestGap(each.atMillis(), each.untilMillis()))
                  .toList()));
    }
    return gaps;
  }

  /**
   * What strikes of one kind have cost.
   *
   * @param strikes all of them
   * @param millis the longest gap behind each that met a job that wrote, rising
   */
  record Gaps(int strikes, List<Long> millis) {
    static Gaps of(List<OptionalLong> longest) {
      return new Gaps(
          longest.size(),
          longest.stream()
              .filter(OptionalLong::isPresent)
              .map(OptionalLong::getAsLong)
              .sorted()
              .toList());
    }

    @Override
    public String toString() {
      return millis.isEmpty()
          ? "none of " + strikes + " met flowing records"
          : "p50 "
              + millis.get(millis.size() / 2)
              + " ms, max "
              + millis.get(millis.size() - 1)
              + " ms ("
              + millis.size()
              + " of "
              + strikes
              + " met flowing records)";
    }
  }

  /** All strikes of the soak; times are those of events that know nothing of each other. */
  private static List<Planned> plan(SoakOptions options) {
    var random = new SplittableRandom(options.seed());
    var planned = new ArrayList<Planned>();
    for (boolean pauses : new boolean[] {false, true}) {
      List<Strike> kinds =
          Stream.of(Strike.values()).filter(strike -> strike.pause == pauses).toList();
      Duration every = pauses ? options.pauseEvery() : options.strikeEvery();
      double at = 0;
      while (true) {
        at += -Math.log(1 - random.nextDouble()) * every.toNanos();
        if (at >= options.time().toNanos()) {
          break;
        }
        planned.add(
            new Planned(
                (long) at,
                kinds.get(random.nextInt(kinds.size())),
                random.nextInt(1_000),
                // Some are shorter than the heartbeat's timeout, some longer.
                Duration.ofMillis(random.nextInt(500, 12_000))));
      }
    }
    planned.sort(Comparator.comparingLong(Planned::afterNanos));
    return planned;
  }

  /** Strikes until that much time has passed since the beginning, or the job is over. */
  void strike(Duration until, String applicationId, ClientCommand command) throws Exception {
    beginNanos = System.nanoTime() - elapsedNanos;
    while (!plan.isEmpty() && plan.get(0).afterNanos() < until.toNanos()) {
      Planned each = plan.remove(0);
      Optional<ContainerProcess> victim = victim(each, applicationId, command);
      if (victim.isEmpty()) {
        break;
      }
      hit(each, victim.get());
    }
    Await.until(
        "the end of the strikes",
        options.time().plus(PATIENCE),
        () -> {
          letGoOn();
          return paused.isEmpty()
              && (!command.isRunning() || System.nanoTime() - beginNanos >= until.toNanos());
        });
    elapsedNanos = until.toNanos();
    blameNoLonger(System.currentTimeMillis());
  }

  /** Strikes until the job is over, which forgets what else was planned. */
  void strikeToTheEnd(String applicationId, ClientCommand command) throws Exception {
    strike(options.time(), applicationId, command);
    plan.clear();
  }

  private void hit(Planned planned, ContainerProcess process) throws Exception {
    long now = System.currentTimeMillis();
    blameNoLonger(now);
    struck.add(new Struck(planned.strike(), now, Long.MAX_VALUE));
    if (planned.strike().pause) {
      cluster.pause(process);
      paused.add(new Paused(process, System.nanoTime() + planned.pause().toNanos()));
    } else {
      cluster.killHard(process);
    }
    System.out.println(
        "soak: "
            + planned.strike()
            + " "
            + process.containerId()
            + (planned.strike().pause ? " for " + planned.pause().toMillis() + " ms" : ""));
  }

  /** What begins from now on has another reason than the last strike. */
  private void blameNoLonger(long nowMillis) {
    if (!struck.isEmpty()) {
      int last = struck.size() - 1;
      Struck open = struck.get(last);
      struck.set(
          last,
          new Struck(open.strike(), open.atMillis(), Math.min(open.untilMillis(), nowMillis)));
    }
  }

  /** At its time, or as soon as there is a process to strike; empty if the job is over. */
  private Optional<ContainerProcess> victim(
      Planned planned, String applicationId, ClientCommand command) throws Exception {
    return Await.value(
        "a process for " + planned.strike(),
        options.time().plus(PATIENCE),
        () -> {
          letGoOn();
          if (!command.isRunning()) {
            return Optional.of(Optional.<ContainerProcess>empty());
          }
          if (System.nanoTime() - beginNanos < planned.afterNanos()) {
            return Optional.empty();
          }
          List<ContainerProcess> processes =
              cluster.javaProcesses(applicationId, planned.strike().main);
          return processes.isEmpty()
              ? Optional.empty()
              : Optional.of(Optional.of(processes.get(planned.which() % processes.size())));
        });
  }

  private void letGoOn() throws Exception {
    for (Paused each : List.copyOf(paused)) {
      if (System.nanoTime() - each.untilNanos() >= 0) {
        cluster.wake(each.process());
        paused.remove(each);
      }
    }
  }
}
