package io.millrace.simulator;

import io.millrace.runtime.protocol.JobStatus;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * {@code scripts/simulate}: runs seeds, repeats one, or runs one twice to find where two runs part.
 */
public final class Simulate {
  private static final String USAGE =
      """
      usage: simulate [--first-seed A] [--seeds N]   run N seeds from A on (default 300 from 1)
             simulate --seed S                       run one seed and print the end of its trace
             simulate --reconcile --seed S           run one seed twice and stop at the first difference
      with --starved: not faults, but jobs of random shape with credit for one batch per channel
      with --struck: such jobs under faults
      """;

  private final PrintStream out;
  private Lives lives = Simulation::new;

  /** What lives by a seed. */
  private interface Lives {
    Simulation of(long seed, boolean keepTrace);
  }

  Simulate(PrintStream out) {
    this.out = out;
  }

  /** Exit code 0 only if everything held; 1 if not; 2 for arguments that make no sense. */
  public static void main(String[] arguments) {
    System.exit(new Simulate(System.out).run(List.of(arguments)));
  }

  int run(List<String> arguments) {
    long firstSeed = 1;
    long seeds = 300;
    Optional<Long> one = Optional.empty();
    boolean reconcile = false;
    lives = Simulation::new;
    try {
      for (int i = 0; i < arguments.size(); i++) {
        switch (arguments.get(i)) {
          case "--first-seed" -> firstSeed = Long.parseLong(arguments.get(++i));
          case "--seeds" -> seeds = Long.parseLong(arguments.get(++i));
          case "--seed" -> one = Optional.of(Long.parseLong(arguments.get(++i)));
          case "--reconcile" -> reconcile = true;
          case "--starved" -> lives = RandomDag::life;
          case "--struck" -> lives = RandomDag::struck;
          default -> throw new IllegalArgumentException(arguments.get(i));
        }
      }
      if (reconcile && one.isEmpty() || seeds < 1) {
        throw new IllegalArgumentException("--reconcile needs --seed, --seeds at least 1");
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      out.println("not understood: " + e.getMessage());
      out.print(USAGE);
      return 2;
    }
    if (reconcile) {
      return reconcile(one.get());
    }
    return one.isPresent() ? runOne(one.get()) : runMany(firstSeed, seeds);
  }

  private int runMany(long firstSeed, long seeds) {
    var sum = new Sum();
    long startNanos = System.nanoTime();
    // Lives share nothing, so there may be as many at a time as there are processors.
    LongStream.range(firstSeed, firstSeed + seeds)
        .parallel()
        .mapToObj(this::live)
        .forEachOrdered(sum::add);
    out.println("what happened:");
    out.print(sum.tally);
    out.println(
        sum.endings
            + " after "
            + sum.events
            + " events, with "
            + sum.checkpoints
            + " checkpoints, "
            + sum.jobManagers
            + " JobManagers and "
            + sum.taskManagers
            + " TaskManagers, deployed "
            + sum.deployments
            + " times, in "
            + (System.nanoTime() - startNanos) / 1_000_000
            + " ms");
    out.println(seeds + " seeds from " + firstSeed + ", " + sum.failed + " failed");
    return sum.failed == 0 ? 0 : 1;
  }

  /** What a life came to; or the message of its failure. */
  private record Life(Optional<Outcome> outcome, String failure) {}

  private Life live(long seed) {
    try {
      return new Life(Optional.of(lives.of(seed, false).run()), "");
    } catch (SimulationFailure e) {
      return new Life(Optional.empty(), e.getMessage());
    } catch (RuntimeException e) {
      throw new IllegalStateException("seed " + seed + " has no life: " + e, e);
    }
  }

  /** What many lives came to together. */
  private final class Sum {
    final Tally tally = new Tally();
    final EnumMap<JobStatus, Integer> endings = new EnumMap<>(JobStatus.class);
    int failed;
    long events;
    long checkpoints;
    long jobManagers;
    long taskManagers;
    long deployments;

    void add(Life life) {
      if (life.outcome().isEmpty()) {
        failed++;
        out.println(life.failure());
        return;
      }
      Outcome outcome = life.outcome().get();
      events += outcome.events();
      checkpoints += outcome.checkpoints();
      jobManagers += outcome.attempts();
      taskManagers += outcome.taskManagers();
      deployments += outcome.deployments();
      tally.add(outcome.tally());
      endings.merge(outcome.status(), 1, Integer::sum);
    }
  }

  private int runOne(long seed) {
    try {
      out.println(lives.of(seed, false).run());
      return 0;
    } catch (SimulationFailure e) {
      e.trace().lines().forEach(out::println);
      out.println(e.getMessage());
      e.getCause().printStackTrace(out);
      return 1;
    }
  }

  private int reconcile(long seed) {
    List<String> first = traceOf(seed);
    List<String> second = traceOf(seed);
    for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
      String one = i < first.size() ? first.get(i) : "(the end)";
      String other = i < second.size() ? second.get(i) : "(the end)";
      if (!one.equals(other)) {
        out.println("seed " + seed + " differs at event " + i + ":");
        first.subList(Math.max(0, i - 20), Math.min(i, first.size())).forEach(out::println);
        out.println("first run:  " + one);
        out.println("second run: " + other);
        return 1;
      }
    }
    out.println("seed " + seed + ": two runs, " + first.size() + " lines, no difference");
    return 0;
  }

  private List<String> traceOf(long seed) {
    Simulation simulation = lives.of(seed, true);
    try {
      simulation.run();
    } catch (SimulationFailure e) {
      // A failing run is reconciled like any other.
      return e.trace().lines();
    }
    return simulation.trace().lines();
  }
}
