package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.client.PromisedJob;
import io.millrace.runtime.host.Inspection;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.yarn.DeployRefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Runs the jobs of a program, all in the same {@link Place}. Everything that can be found out here
 * is found out before anything is uploaded.
 */
final class ClusterExecutor implements JobExecutor, AutoCloseable {
  private static final int FIRST = 100;

  private final Console console;
  private final Configuration configuration;
  private final Place place;
  private final List<ClusterJob> jobs = new CopyOnWriteArrayList<>();
  private volatile CommandException refusal;
  private volatile boolean submitting;

  ClusterExecutor(Console console, Place place) {
    this.console = console;
    this.configuration = place.settings();
    this.place = place;
  }

  @Override
  public int priority() {
    return FIRST;
  }

  @Override
  public Map<String, String> defaults() {
    return configuration.asMap();
  }

  /** Why a job was not submitted, if one was not. */
  Optional<CommandException> refusal() {
    return Optional.ofNullable(refusal);
  }

  int submitted() {
    return jobs.size();
  }

  /** Whether a job was submitted or is being submitted; asked by any thread. */
  boolean mayHaveJob() {
    return submitting || !jobs.isEmpty();
  }

  /** Waits for the jobs that the program itself did not wait for; whether all went well. */
  boolean awaitRest() {
    boolean well = true;
    for (ClusterJob job : jobs) {
      try {
        job.await();
      } catch (JobClient.JobFailedException e) {
        well = false; // told already
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return well;
  }

  @Override
  public void close() {
    jobs.forEach(ClusterJob::close);
    place.close();
  }

  @Override
  public JobClient submit(JobGraph graph, Program live) throws InterruptedException {
    submitting = true;
    try {
      console.reached("main() has made a job: " + graph.name());
      ClientArchive archive = ClientArchive.waiting(console.environment());
      ClusterJob job = start(graph, live, archive);
      jobs.add(job);
      job.started(!configuration.get(ClientSettings.ATTACHED));
      // Not before: it takes seconds, and the user knows the application and may interrupt now.
      archive.await();
      return new PromisedJob(job);
    } catch (CommandException e) {
      refusal = e;
      throw e;
    } catch (DeployRefusedException | Inspection.RefusedException e) {
      refusal = new CommandException(e.getMessage());
      throw refusal;
    } catch (LinkageError e) {
      Optional<String> remedy = MissingHadoop.remedy(e, console.environment(), configuration);
      if (remedy.isPresent()) {
        refusal = new CommandException(remedy.get());
        throw refusal;
      }
      throw e;
    } finally {
      submitting = false;
    }
  }

  private ClusterJob start(JobGraph graph, Program live, ClientArchive archive)
      throws DeployRefusedException, InterruptedException {
    JobPlan plan = Inspection.plan(graph, configuration);
    console.reached(
        "the job is planned; operators: "
            + graph.vertices().size()
            + ", tasks: "
            + plan.taskCount()
            + ", slots: "
            + plan.slotsNeeded());
    String stateBackend = plan.settings().get(JobSettings.STATE_BACKEND);
    return place.start(graph, live, stateBackend, archive);
  }
}
