package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.client.JobLine;
import io.millrace.runtime.client.PromisedJob;
import io.millrace.runtime.plan.InvalidPlanException;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.StateCheck;
import io.millrace.runtime.savepoint.StateCheck.Fate;
import io.millrace.runtime.savepoint.StateCheck.Finding;
import io.millrace.yarn.DeployRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code millrace state check}: runs a program's main method to get its graphs, submits nothing,
 * and says what would become of each state of a savepoint.
 */
final class StateCheckCommand {
  /** Nothing is refused, but not everything is known. */
  static final int NOT_KNOWN = 2;

  private static final String REMEDY =
      "where open() has failed, run this where it can; what is carried the program may declare"
          + " later, as something else: let functions declare their states in open(), triggers in"
          + " states() and window functions in windowStates(), or say with --allowNonRestoredState"
          + " that the program has left out what is carried";

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
    Savepoint savepoint = Restore.read(console, configuration, path);
    List<Job> jobs = new ArrayList<>();
    List<JobGraph> graphs = graphs(program);
    for (JobGraph graph : graphs) {
      jobs.add(check(graph, jobs.size() + 1, graphs.size(), program.loader(), savepoint));
    }
    return jobs.size() == 1 ? conclude(jobs.get(0), path) : conclude(jobs, path);
  }

  /**
   * What was found of one job of the program.
   *
   * @param title as in a sentence
   * @param concerned whether it has an operator whose state is in the checkpoint
   * @param unknown findings that may turn out to be refusals
   */
  private record Job(int number, String title, boolean concerned, int refused, int unknown) {}

  private Job check(JobGraph graph, int number, int jobs, ClassLoader loader, Savepoint savepoint) {
    if (jobs > 1) {
      console.say(Console.oneLine("Job " + number + " of " + jobs + ", '" + graph.name() + "':"));
    }
    JobPlan plan = plan(graph);
    List<Finding> findings = findings(graph, plan, loader, savepoint);
    findings.forEach(finding -> console.say(line(finding)));
    return new Job(
        number,
        Console.oneLine("job " + number + " '" + graph.name() + "'"),
        StateCheck.concerns(plan, savepoint.manifest()),
        count(findings, Fate.REFUSED),
        count(findings, Fate.UNKNOWN) + (allowNonRestored() ? 0 : count(findings, Fate.CARRIED)));
  }

  private boolean allowNonRestored() {
    return configuration.get(ClientSettings.ALLOW_NON_RESTORED);
  }

  private List<Finding> findings(
      JobGraph graph, JobPlan plan, ClassLoader loader, Savepoint savepoint) {
    try {
      return StateCheck.of(graph, plan, loader, savepoint, allowNonRestored());
    } catch (IOException e) {
      throw new CommandException("the files of the checkpoint cannot be read: " + e.getMessage());
    }
  }

  private int conclude(Job job, String path) {
    if (job.refused() > 0) {
      throw new CommandException(
          job.refused() + " of these cannot be restored; the program cannot start from " + path);
    }
    if (job.unknown() > 0) {
      throw new CommandException(
          job.unknown()
              + (job.unknown() == 1 ? " of these is" : " of these are")
              + " not known, so whether the program can start from "
              + path
              + " is not known either; "
              + REMEDY,
          NOT_KNOWN);
    }
    console.say("Nothing speaks against starting from " + path);
    return 0;
  }

  /**
   * {@code run -s} starts every job of the program from the checkpoint, one after the other, and
   * ends at the first that is refused. So yes is said only if none is.
   */
  private int conclude(List<Job> jobs, String path) {
    String each = jobs.stream().map(job -> outcome(job, path)).collect(Collectors.joining("; "));
    boolean none = jobs.stream().allMatch(job -> job.refused() > 0);
    if (jobs.stream().anyMatch(job -> job.refused() > 0)) {
      throw new CommandException(
          each
              + (none
                  ? "; no job of the program can start from " + path
                  : "; run -s starts every job of the program from there and ends at the first that"
                      + " it cannot; let the program run only those that can")
              + (jobs.stream().anyMatch(job -> job.refused() > 0 && !job.concerned())
                  ? ", or give --allowNonRestoredState if all that the others have may begin anew"
                  : ""));
    }
    List<String> concerned =
        jobs.stream().filter(Job::concerned).map(job -> Integer.toString(job.number())).toList();
    if (concerned.size() > 1) {
      console.warn(
          "Warning: jobs "
              + String.join(" and ", concerned)
              + " have operators whose state is there, but a checkpoint is of one job; give the"
              + " operators of each job uids of their own");
    }
    if (jobs.stream().anyMatch(job -> job.unknown() > 0)) {
      throw new CommandException(each + "; " + REMEDY, NOT_KNOWN);
    }
    console.say(each);
    return 0;
  }

  private static String outcome(Job job, String path) {
    if (job.refused() > 0) {
      return job.title()
          + " cannot: "
          + (job.concerned()
              ? job.refused() + (job.refused() == 1 ? " state is" : " states are") + " refused"
              : "it has none of the operators whose state is there");
    }
    if (job.unknown() > 0) {
      return job.title() + " is not known to start from " + path;
    }
    return job.title()
        + (job.concerned() ? " can start from " + path : " would take nothing from it");
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
      return new PromisedJob(new NeverRun());
    }
  }

  private record NeverRun() implements JobLine {
    @Override
    public String jobId() {
      return "0".repeat(32);
    }

    @Override
    public JobStatus status() {
      return JobStatus.FINISHED;
    }

    @Override
    public Result await() {
      return new Result(jobId(), Duration.ZERO);
    }

    @Override
    public Map<String, Object> accumulators() {
      return Map.of();
    }

    @Override
    public void cancel() {
      // There is nothing to cancel.
    }

    @Override
    public String savepoint(Optional<String> folder, Then then) throws IOException {
      throw new IOException("no job runs while state is checked, so there is no savepoint");
    }
  }
}
