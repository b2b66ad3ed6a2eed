package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.plan.InvalidPlanException;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.savepoint.StateCheck;
import io.millrace.runtime.savepoint.StateCheck.Fate;
import io.millrace.runtime.savepoint.StateCheck.Finding;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code millrace state check}: runs a program's main method to get its graphs, submits nothing,
 * and says what would become of each state of a savepoint.
 */
final class StateCheckCommand {
  /** Nothing is refused, but not everything is known. */
  static final int NOT_KNOWN = 2;

  private final Console console;
  private final Configuration configuration;
  private final Words words;

  StateCheckCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    String path =
        configuration
            .find(ClientSettings.RESTORE_PATH)
            .orElseThrow(
                () ->
                    new CommandException(
                        "which savepoint is not said; add --from <path> (millrace state check"
                            + " -h)"));
    if (words.rest().isEmpty()) {
      throw new CommandException(
          "no program given; write the path of its jar behind the flags (millrace state check"
              + " -h)");
    }
    PackagedProgram program =
        PackagedProgram.open(
            words.rest().get(0),
            words.last(Meaning.MAIN_CLASS).map(Words.Given::argument),
            words.all(Meaning.CLASSPATH).stream().map(Words.Given::argument).toList());
    Manifest manifest;
    try (var deployer = YarnDeployer.open(configuration, console.environment())) {
      manifest = deployer.checkpoint(path);
    }
    List<JobGraph> graphs = graphs(program);
    int refused = 0;
    int unknown = 0;
    for (JobGraph graph : graphs) {
      List<Finding> findings =
          StateCheck.of(
              graph,
              plan(graph),
              program.loader(),
              manifest,
              configuration.get(ClientSettings.ALLOW_NON_RESTORED));
      findings.forEach(finding -> console.say(line(finding)));
      refused += count(findings, Fate.REFUSED);
      unknown += count(findings, Fate.UNKNOWN);
    }
    if (refused > 0) {
      throw new CommandException(
          refused + " of these cannot be restored; the program cannot start from " + path);
    }
    if (unknown > 0) {
      throw new CommandException(
          unknown
              + (unknown == 1 ? " of these is" : " of these are")
              + " not known, so whether the program can start from "
              + path
              + " is not known either; where open() has failed, run this where it can, or let it"
              + " declare its states first",
          NOT_KNOWN);
    }
    console.say("Nothing speaks against starting from " + path);
    return 0;
  }

  private static int count(List<Finding> findings, Fate fate) {
    return (int) findings.stream().filter(each -> each.fate() == fate).count();
  }

  private static String line(Finding finding) {
    String state = finding.state().isEmpty() ? "" : " state '" + finding.state() + "'";
    String text = finding.text().isEmpty() ? "" : ": " + finding.text();
    return Console.oneLine(
        String.format(
            "%-8s  %s%s%s",
            finding.fate().name().toLowerCase(Locale.ROOT), finding.operator(), state, text));
  }

  private JobPlan plan(JobGraph graph) {
    try {
      return JobPlan.of(graph, configuration);
    } catch (InvalidPlanException e) {
      throw new CommandException("the job cannot be planned: " + e.getMessage());
    }
  }

  /** Of all jobs that the program wanted to run. */
  private List<JobGraph> graphs(PackagedProgram program) {
    var graphs = new ArrayList<JobGraph>();
    ExecutionDoor.Installed installed = ExecutionDoor.install(new Noting(configuration, graphs));
    var exit = new EarlyExit(console, program, StateCheckCommand::unchecked);
    try {
      program.run(words.rest().subList(1, words.rest().size()));
    } catch (Throwable e) {
      if (graphs.isEmpty()) {
        throw RunCommand.programFailed(program, e);
      }
      console.warn(
          "Warning: the program ended with "
              + Console.oneLine(e.toString())
              + " after the job that it wanted to run, which did not run here");
    } finally {
      exit.over();
      installed.close();
    }
    if (graphs.isEmpty()) {
      throw new CommandException(RunCommand.noJob(program.mainClass() + " ended"));
    }
    return graphs;
  }

  private static Optional<String> unchecked(String who) {
    return Optional.of(
        "nothing was checked: " + who + " before its main method was done; let it return instead");
  }

  /** Takes jobs and runs none: each is over at once. */
  private record Noting(Configuration configuration, List<JobGraph> graphs) implements JobExecutor {
    @Override
    public int priority() {
      return Integer.MAX_VALUE;
    }

    @Override
    public Map<String, String> defaults() {
      return configuration.asMap();
    }

    @Override
    public JobClient submit(JobGraph graph, Program program) {
      graphs.add(graph);
      return new NeverRun();
    }
  }

  private record NeverRun() implements JobClient {
    @Override
    public String jobId() {
      return "0".repeat(32);
    }

    @Override
    public Result await() {
      return new Result(jobId(), Duration.ZERO);
    }

    @Override
    public Map<String, Object> getAccumulators() {
      return Map.of();
    }

    @Override
    public void cancel() {
      // There is nothing to cancel.
    }
  }
}
