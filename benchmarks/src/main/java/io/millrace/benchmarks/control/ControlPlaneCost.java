package io.millrace.benchmarks.control;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.benchmarks.control.ControlPlane.Spent;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a JobManager spends for a job of many subtasks: to plan and deploy it, for a checkpoint, for
 * the heartbeats of a quiet minute, and when a TaskManager is lost. Five chains, each dealt to the
 * next by key; each TaskManager has one slot for each subtask of a chain that it gets.
 */
public final class ControlPlaneCost {
  private static final int CHAINS = 5;
  private static final Duration QUIET = Duration.ofSeconds(60);
  private static final Duration INTERVAL = Duration.ofMinutes(5);
  private static final JobId JOB = new JobId("c0".repeat(16));

  private final int taskManagers;
  private final int parallelism;
  private final UserClasses classes;

  /**
   * @param subtasks of all chains, but for the one that deals splits out
   */
  public ControlPlaneCost(int taskManagers, int subtasks, UserClasses classes) {
    if (subtasks % (CHAINS * taskManagers) != 0) {
      throw new IllegalArgumentException(
          "as many subtasks as a multiple of " + CHAINS * taskManagers + ", found " + subtasks);
    }
    this.taskManagers = taskManagers;
    this.parallelism = subtasks / CHAINS;
    this.classes = classes;
  }

  /**
   * @param lives of such a cluster, one after the other, from 2 on: told are the first one, in
   *     which code is not compiled yet, and the last one
   */
  public Figures run(int lives) {
    Figures figures =
        new Figures()
            .text("workload", "control-plane")
            .text("engine", "millrace")
            .number("taskmanagers", taskManagers)
            .number("subtasks", CHAINS * parallelism);
    live(figures, "first_");
    for (int life = 2; life < lives; life++) {
      live(new Figures(), "");
    }
    live(figures, "");
    return figures;
  }

  private void live(Figures figures, String prefix) {
    int slots = parallelism / taskManagers;
    var configuration =
        new Configuration(Map.of("taskmanager.numberOfTaskSlots", Integer.toString(slots)));
    var cluster = new ControlPlane(configuration, classes, slots);
    JobGraph graph = graph();

    Spent begin = cluster.spent();
    cluster.submit(new JobSpec(JOB, JOB.hex(), graph, List.of(), Optional.empty()));
    cluster.until(() -> tasks(cluster) == CHAINS * parallelism + 1);
    cluster.awaitRunning();
    Spent deployed = cluster.spent();

    cluster.runFor(Duration.ofSeconds(5)); // what was new has been told and acknowledged
    Spent beforeQuiet = cluster.spent();
    cluster.runFor(QUIET);
    Spent quiet = cluster.spent().since(beforeQuiet);

    cluster.until(() -> cluster.taskManagers().stream().anyMatch(each -> each.seen() > 0));
    Spent triggered = cluster.spent();
    cluster.until(() -> cluster.taskManagers().stream().allMatch(each -> each.completed() > 0));
    cluster.runFor(Duration.ofSeconds(1)); // and all have answered
    Spent checkpoint = cluster.spent().since(triggered);

    Spent beforeLoss = cluster.spent();
    PretendedTaskManager victim = cluster.taskManagers().iterator().next();
    cluster.kill(victim.id());
    cluster.until(() -> tasks(cluster) == 0 || tasks(cluster) < CHAINS * parallelism / 2);
    cluster.until(() -> tasks(cluster) == CHAINS * parallelism + 1);
    cluster.awaitRunning();
    Spent recovery = cluster.spent().since(beforeLoss);

    figures
        .number(prefix + "deploy_cpu_s", deployed.since(begin).cpuSeconds())
        .number(prefix + "checkpoint_cpu_s", checkpoint.cpuSeconds())
        .number(prefix + "recovery_cpu_s", recovery.cpuSeconds());
    if (prefix.isEmpty()) {
      figures
          .number("heartbeats_percent_of_core", 100 * quiet.cpuSeconds() / QUIET.toSeconds())
          .number("deploy_mb", deployed.since(begin).bytes() / 1e6)
          .number("checkpoint_mb", checkpoint.bytes() / 1e6)
          .number("recovery_mb", recovery.bytes() / 1e6)
          .number("recovery_messages", recovery.messages());
    }
  }

  private static int tasks(ControlPlane cluster) {
    return cluster.taskManagers().stream().mapToInt(PretendedTaskManager::tasks).sum();
  }

  private JobGraph graph() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    env.enableCheckpointing(INTERVAL.toMillis());
    var stream = env.<Long>fromGenerator(index -> index, Double.POSITIVE_INFINITY).uid("numbers");
    for (int chain = 1; chain < CHAINS; chain++) {
      stream = stream.keyBy(number -> number).reduce(Long::sum).uid("sums-" + chain);
    }
    stream.sinkTo(new DiscardingSink<>()).uid("nowhere");
    return env.getJobGraph();
  }
}
