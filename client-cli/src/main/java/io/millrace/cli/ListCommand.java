package io.millrace.cli;

import io.millrace.api.config.Configuration;
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

/** {@code millrace list}: jobs that run or are about to, of one application or all of this user. */
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
      print("Running/Restarting Jobs", "No running jobs.", jobs, true);
      print("Scheduled Jobs", "No scheduled jobs.", jobs, false);
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
      application.client().listJobs().stream()
          .filter(job -> !job.status().terminal())
          .forEach(jobs::add);
      return true;
    } catch (IOException e) {
      console.warn(application.id() + " does not answer: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void print(String title, String none, List<JobSummary> jobs, boolean running) {
    List<JobSummary> some = jobs.stream().filter(job -> runs(job) == running).toList();
    if (some.isEmpty()) {
      console.say(none);
      return;
    }
    int dashes = WIDTH - title.length() - 2;
    console.say("-".repeat(dashes / 2) + " " + title + " " + "-".repeat(dashes - dashes / 2));
    for (JobSummary job : some) {
      String start =
          TIME.format(Instant.ofEpochMilli(job.startWallMillis()).atZone(ZoneId.systemDefault()));
      String name = Console.oneLine(job.name());
      console.say(start + " : " + job.job() + " : " + name + " (" + job.status() + ")");
    }
    console.say("-".repeat(WIDTH));
  }

  private static boolean runs(JobSummary job) {
    return switch (job.status()) {
      case INITIALIZING, CREATED -> false;
      default -> true;
    };
  }
}
