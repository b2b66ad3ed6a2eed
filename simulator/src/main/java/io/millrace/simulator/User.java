package io.millrace.simulator;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Whoever runs the job: asks whichever JobManager there is, again and again until it answers. */
final class User {
  static final Address ADDRESS = new Address("client/1");

  private static final long CANCEL = 7;
  private static final long SAVEPOINT = 8;
  private static final long STOP_CLUSTER = 9;

  /** Of the first job that is submitted, and that is asked about; others follow. */
  static final long SUBMIT = 100;

  static final long LOOK = 200;

  private final World world;
  private final Rules rules;
  private final JobSpec spec;
  private final Consumer<ClientRequest> jobManager;
  private final BooleanSupplier over;
  private boolean cancelAccepted;
  private boolean savepointAsked;
  private boolean savepointAnswered;
  private ClientRequest.Then then = ClientRequest.Then.GO_ON;
  private Optional<String> savepoint = Optional.empty();

  // In a cluster that outlives its jobs.
  private final List<JobSpec> submitted = new ArrayList<>();
  private final TreeMap<JobId, JobStatus> ended = new TreeMap<>();
  private final List<JobId> accepted = new ArrayList<>();
  private Optional<Failure> failure = Optional.empty();

  /**
   * @param jobManager takes requests to the newest JobManager
   * @param over whether there is nobody left to ask
   */
  User(
      World world,
      Rules rules,
      JobSpec spec,
      Consumer<ClientRequest> jobManager,
      BooleanSupplier over) {
    this.world = world;
    this.rules = rules;
    this.spec = spec;
    this.jobManager = jobManager;
    this.over = over;
  }

  void cancelJob() {
    if (!over.getAsBoolean() && !cancelAccepted) {
      jobManager.accept(new ClientRequest.Cancel(CANCEL, spec.job()));
      world.afterMillis(2_000, "cancel again", this::cancelJob);
    }
  }

  /** Under one id, until there is a savepoint or a reason why there is none. */
  void takeSavepoint(String id, ClientRequest.Then whatThen) {
    savepointAsked = true;
    then = whatThen;
    if (!over.getAsBoolean() && !savepointAnswered) {
      jobManager.accept(
          new ClientRequest.Savepoint(
              SAVEPOINT, spec.job(), id, Optional.of("memory:/savepoints"), then));
      world.afterMillis(500, "ask for the savepoint again", () -> takeSavepoint(id, whatThen));
    }
  }

  /** The one that the user was told of. */
  Optional<String> savepoint() {
    return savepoint;
  }

  // ---- in a cluster that outlives its jobs

  /** They are submitted by somebody else, who tells what becomes of them. */
  void watches(List<JobSpec> specs) {
    submitted.addAll(specs);
  }

  /** Submits them one after the other, and ends the cluster once they have ended. */
  void runAll(List<JobSpec> specs) {
    for (JobSpec each : specs) {
      world.afterMillis(
          400L * submitted.size(), "submit", () -> submit(each.job(), submitted.indexOf(each)));
      submitted.add(each);
    }
    world.afterMillis(1_000, "look after the jobs", this::lookAfterThem);
  }

  private void submit(JobId job, int index) {
    if (!over.getAsBoolean() && !accepted.contains(job)) {
      jobManager.accept(new ClientRequest.Submit(SUBMIT + index, submitted.get(index)));
      world.afterMillis(700, "submit again", () -> submit(job, index));
    }
  }

  private void lookAfterThem() {
    if (over.getAsBoolean()) {
      return;
    }
    boolean waits = savepointAsked && !savepointAnswered;
    if (ended.size() == submitted.size() && !waits) {
      jobManager.accept(new ClientRequest.StopCluster(STOP_CLUSTER));
    }
    for (int index = 0; index < submitted.size(); index++) {
      JobId job = submitted.get(index).job();
      if (accepted.contains(job)) {
        jobManager.accept(new ClientRequest.GetJob(LOOK + index, Optional.of(job), 0));
      }
    }
    world.afterMillis(1_000, "look after the jobs", this::lookAfterThem);
  }

  /** How a job has ended. */
  Optional<JobStatus> ended(JobId job) {
    return Optional.ofNullable(ended.get(job));
  }

  /** What a user could tell of the job's end. */
  String lastWord() {
    boolean stopped =
        savepoint.isPresent()
            && then != ClientRequest.Then.GO_ON
            && ended(spec.job()).filter(status -> status != JobStatus.FAILED).isPresent();
    return stopped
        ? "stopped with savepoint " + savepoint.get()
        : failure.map(Failure::headline).orElse("");
  }

  private void hearsOfJobs(ClientAnswer answer) {
    int of = (int) (answer.number() % 100);
    if (answer.number() >= LOOK) {
      JobId job = submitted.get(of).job();
      if (answer instanceof ClientAnswer.Refused refused
          && !refused.reason().startsWith("cannot claim")) {
        throw rules.broken("job " + job + " was accepted, and now: " + refused.reason());
      } else if (answer instanceof ClientAnswer.JobDetails details
          && details.summary().status().terminal()) {
        JobStatus status = details.summary().status();
        JobStatus before = ended.put(job, status);
        if (before != null && before != status) {
          throw rules.broken("job " + job + " had ended " + before + " and now has " + status);
        }
        if (job.equals(spec.job())) {
          failure = details.failure();
        }
      }
    } else if (answer.number() >= SUBMIT
        && answer instanceof ClientAnswer.Accepted
        && !accepted.contains(submitted.get(of).job())) {
      accepted.add(submitted.get(of).job());
    }
  }

  void hears(ClientAnswer answer) {
    if (answer.number() >= SUBMIT) {
      hearsOfJobs(answer);
      return;
    }
    cancelAccepted |= answer instanceof ClientAnswer.Accepted && answer.number() == CANCEL;
    if (answer instanceof ClientAnswer.Remembered) {
      world.trace().hit("user told what holds up the cancel");
    }
    if (answer instanceof ClientAnswer.Savepoint taken && !savepointAnswered) {
      savepointAnswered = taken.path().isPresent() || taken.failure().isPresent();
      taken.path().ifPresent(rules::savepointTold);
      savepoint = taken.path();
      taken.failure().ifPresent(why -> world.trace().hit("savepoint failed"));
    }
  }
}
