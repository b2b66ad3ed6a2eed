package io.millrace.it;

import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Strikes the processes of a job, at times and in ways that a seed has chosen beforehand. */
final class SoakStrikes {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final SoakOptions options;
  private final Cluster cluster;
  private final List<Planned> plan;
  private final List<Paused> paused = new ArrayList<>();
  private final Map<Strike, Integer> counts = new EnumMap<>(Strike.class);

  /** Of the plan; time in which nobody may be struck does not count. */
  private long elapsedNanos;

  private long beginNanos;

  SoakStrikes(SoakOptions options, Cluster cluster) {
    this.options = options;
    this.cluster = cluster;
    this.plan = plan(options);
    for (Strike strike : Strike.values()) {
      counts.put(strike, 0);
    }
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
  private record Paused(long pid, long untilNanos) {}

  /** How many there were of each kind. */
  Map<Strike, Integer> counts() {
    return counts;
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
      elapsedNanos = each.afterNanos();
      Optional<ContainerProcess> victim = victim(each, applicationId, command);
      if (victim.isEmpty()) {
        break;
      }
      ContainerProcess process = victim.get();
      if (each.strike().pause) {
        signal("-STOP", process.pid());
        paused.add(new Paused(process.pid(), System.nanoTime() + each.pause().toNanos()));
      } else {
        cluster.killHard(process);
      }
      counts.merge(each.strike(), 1, Integer::sum);
      System.out.println(
          "soak: "
              + each.strike()
              + " "
              + process.containerId()
              + (each.strike().pause ? " for " + each.pause().toMillis() + " ms" : ""));
    }
    Await.until(
        "the last paused process to go on",
        PATIENCE,
        () -> {
          letGoOn();
          return paused.isEmpty();
        });
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
        signal("-CONT", each.pid());
        paused.remove(each);
      }
    }
  }

  /** Does nothing if the process has ended. */
  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", name, Long.toString(pid))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
