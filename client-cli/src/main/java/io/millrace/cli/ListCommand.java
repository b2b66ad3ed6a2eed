package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.yarn.DeployRefusedException;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code millrace list}: the jobs of one application, or of all that this user has running. */
final class ListCommand {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd.MM.yyyy HH:mm:ss");
  private static final int WIDTH = 62;

  private final Console console;
  private final Configuration configuration;
  private final Words words;

  ListCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    if (!words.rest().isEmpty()) {
      throw new CommandException(
          "list takes no argument, found " + words.rest().get(0) + " (millrace list -h)");
    }
    try (Clusters clusters = Clusters.of(console, configuration, words)) {
      console.say("Waiting for response...");
      var jobs = new ArrayList<JobSummary>();
      boolean all = true;
      for (RunningCluster application : clusters.all()) {
        all &= collect(application, jobs);
      }
      jobs.sort(
          Comparator.comparingLong(JobSummary::startWallMillis).thenComparing(JobSummary::job));
      boolean some = words.has(Meaning.RUNNING) || words.has(Meaning.SCHEDULED);
      boolean each = words.has(Meaning.ALL) || !some;
      if (each || words.has(Meaning.RUNNING)) {
        print("Running/Restarting Jobs", "No running jobs.", those(jobs, Stage.RUNNING));
      }
      if (each || words.has(Meaning.SCHEDULED)) {
        print("Scheduled Jobs", "No scheduled jobs.", those(jobs, Stage.SCHEDULED));
      }
      if (words.has(Meaning.ALL)) {
        print("Terminated Jobs", "No terminated jobs.", those(jobs, Stage.TERMINATED));
      }
      return all ? 0 : 1;
    }
  }

  private boolean collect(RunningCluster application, List<JobSummary> jobs) {
    try (application) {
      Situation situation = application.situation();
      if (!situation.reachable()) {
        console.warn(application.id() + " has no JobManager yet: " + situation.state());
        return true;
      }
      jobs.addAll(application.client().listJobs());
      return true;
    } catch (IOException e) {
      console.warn(application.id() + " does not answer: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void print(String title, String none, List<JobSummary> jobs) {
    if (jobs.isEmpty()) {
      console.say(none);
      return;
    }
    int dashes = WIDTH - title.length() - 2;
    console.say("-".repeat(dashes / 2) + " " + title + " " + "-".repeat(dashes - dashes / 2));
    for (JobSummary job : jobs) {
      String start =
          TIME.format(Instant.ofEpochMilli(job.startWallMillis()).atZone(ZoneId.systemDefault()));
      String name = Console.oneLine(job.name());
      console.say(start + " : " + job.job() + " : " + name + " (" + job.status() + ")");
    }
    console.say("-".repeat(WIDTH));
  }

  private static List<JobSummary> those(List<JobSummary> jobs, Stage stage) {
    return jobs.stream().filter(job -> Stage.of(job) == stage).toList();
  }

  /** Under which title a job stands. */
  private enum Stage {
    SCHEDULED,
    RUNNING,
    TERMINATED;

    static Stage of(JobSummary job) {
      return switch (job.status()) {
        case INITIALIZING, CREATED -> SCHEDULED;
        default -> job.status().terminal() ? TERMINATED : RUNNING;
      };
    }
  }
}
