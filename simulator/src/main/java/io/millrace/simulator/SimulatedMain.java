package io.millrace.simulator;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A program's main() in the process of its JobManager: submits jobs in order, waits for some before
 * it submits the next, then for all, and says that it has ended. It dies with its process, and runs
 * anew in the next one.
 */
final class SimulatedMain {
  static final Address ADDRESS = new Address("client/main");

  private static final long PROGRAM = 1;
  private static final long END = 2;
  private static final long AGAIN_MILLIS = 300;

  private final World world;
  private final Rules rules;
  private final User user;
  private final List<JobSpec> jobs;
  private final int waitsFor;
  private Run run;
  private boolean ended;

  /**
   * @param user learns what becomes of the jobs
   * @param waitsFor bit i says whether it waits for the end of job i before it submits the next
   */
  static SimulatedMain of(List<JobSpec> jobs, World world, Rules rules, User user, int waitsFor) {
    world.trace().hit("cluster of a main()");
    user.watches(jobs);
    return new SimulatedMain(world, rules, user, jobs, waitsFor);
  }

  private SimulatedMain(World world, Rules rules, User user, List<JobSpec> jobs, int waitsFor) {
    this.world = world;
    this.rules = rules;
    this.user = user;
    this.jobs = List.copyOf(jobs);
    this.waitsFor = waitsFor;
  }

  /** Where a run of main() is. */
  private enum Stage {
    /** Whether an earlier run had come to its end is not known. */
    ASKING,
    SUBMITTING,
    WAITING,
    ENDING,
    ENDED
  }

  private final class Run {
    final SimulatedProcess process;
    Stage stage = Stage.ASKING;
    int job;

    Run(SimulatedProcess process) {
      this.process = process;
    }

    void ask() {
      if (this != run || !process.alive() || stage == Stage.ENDED) {
        return;
      }
      process.deliver(
          ADDRESS,
          switch (stage) {
            case ASKING -> new ClientRequest.GetProgram(PROGRAM);
            case SUBMITTING -> new ClientRequest.Submit(User.SUBMIT + job, jobs.get(job));
            case WAITING ->
                new ClientRequest.GetJob(User.LOOK + job, Optional.of(jobs.get(job).job()), 0);
            case ENDING, ENDED -> new ClientRequest.EndProgram(END, worst(), "");
          });
      world.afterMillis(AGAIN_MILLIS, "main asks", this::ask);
    }

    void hears(ClientAnswer answer) {
      if (answer instanceof ClientAnswer.Program program && stage == Stage.ASKING) {
        if (program.ended().isPresent()) {
          world.trace().hit("main() had ended and does not run again");
          stage = Stage.ENDED;
        } else if (ended) {
          throw rules.broken("main() had ended, and is to run again");
        } else {
          if (!program.jobs().isEmpty()) {
            world.trace().hit("main() runs again");
          }
          stage = Stage.SUBMITTING;
        }
      } else if (stage == Stage.SUBMITTING && answer.number() == User.SUBMIT + job) {
        if (!(answer instanceof ClientAnswer.Accepted)) {
          throw rules.broken("main() submits what it has submitted before, and: " + answer);
        }
        boolean waits = (waitsFor >> job & 1) == 1;
        stage = waits ? Stage.WAITING : stage;
        job += waits ? 0 : 1;
        goOn();
      } else if (stage == Stage.WAITING && answer.number() == User.LOOK + job) {
        if (user.ended(jobs.get(job).job()).isPresent()) {
          job++;
          stage = Stage.SUBMITTING;
          goOn();
        }
      } else if (stage == Stage.ENDING && answer instanceof ClientAnswer.Accepted) {
        ended = true;
        stage = Stage.ENDED;
      }
    }

    /** Behind the last job it waits for all that it has not waited for. */
    private void goOn() {
      if (stage == Stage.SUBMITTING && job == jobs.size()) {
        Optional<JobSpec> open =
            jobs.stream().filter(each -> user.ended(each.job()).isEmpty()).findFirst();
        stage = open.isPresent() ? Stage.WAITING : Stage.ENDING;
        job = open.map(jobs::indexOf).orElse(job);
      }
    }
  }

  /** Begins in that process, once its JobManager has. */
  void beside(SimulatedProcess process) {
    run = new Run(process);
    run.ask();
  }

  void hears(SimulatedProcess from, ClientAnswer answer) {
    if (from != run.process) {
      return;
    }
    if (answer.number() >= User.SUBMIT) {
      user.hears(answer);
    }
    run.hears(answer);
  }

  private JobStatus worst() {
    List<JobStatus> all = jobs.stream().map(JobSpec::job).map(this::statusOf).toList();
    return Stream.of(JobStatus.FAILED, JobStatus.CANCELED)
        .filter(all::contains)
        .findFirst()
        .orElse(JobStatus.FINISHED);
  }

  private JobStatus statusOf(JobId job) {
    return user.ended(job).orElseThrow();
  }

  /** The cluster has ended, with that. */
  void check(JobStatus status) {
    if (jobs.stream().anyMatch(job -> user.ended(job.job()).isEmpty())) {
      throw rules.broken("the cluster ends before the jobs of its main()");
    }
    if (status != worst()) {
      throw rules.broken("the cluster ends " + status + ", and its jobs and main() " + worst());
    }
  }
}
