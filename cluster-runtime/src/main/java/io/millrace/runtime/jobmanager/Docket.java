package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedDocket;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.ProgramEnd;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.StrikeSubmission;
import io.millrace.runtime.checkpoint.Submission;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The jobs that a cluster which outlives them was given, in a directory that is claimed like a
 * job's: the next JobManager goes on with all of them. A job is accepted once it is durable here.
 * How it stands is nothing that is kept here: each job's own directory says that.
 */
final class Docket {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Env env;
  private final Errands errands;
  private final Cluster cluster;
  private final JobManager.Setup setup;
  private final String directory;
  private final String owner;

  private State state = new Claiming(Epoch.NONE, Optional.empty());
  private long unique;

  private sealed interface State {}

  /**
   * @param wanted the epoch that is being claimed, or that could not be
   * @param trouble why the last claim did not succeed
   */
  private record Claiming(Epoch wanted, Optional<String> trouble) implements State {}

  private static final class Open implements State {
    final Epoch epoch;
    final LinkedHashMap<JobId, Submission> noted = new LinkedHashMap<>();
    final TreeMap<JobId, Pending> pending = new TreeMap<>();

    /** Who waits for the end of the program to be durable. */
    final List<Asker> endAskers = new ArrayList<>();

    Optional<ProgramEnd> programEnd = Optional.empty();
    boolean programEnded;
    long highest;

    Open(Epoch epoch) {
      this.epoch = epoch;
    }
  }

  /** A job that is not durable yet, and who waits for that. */
  private record Pending(Submission submission, List<Asker> askers) {}

  private record Asker(Address client, long number) {}

  /** Whose jobs they are. */
  interface Cluster {
    /** The job is on the docket. */
    void take(JobSpec spec, boolean inherited);

    /** The program that submits the jobs has ended, and that is durable. */
    void programEnded(ProgramEnd end);

    /** The jobs that earlier JobManagers were given have all been taken. */
    void opened();

    /** The claims folder says that nobody else commands. */
    void confirmed();

    void fenced(String reason);
  }

  Docket(Env env, Errands errands, Cluster cluster, JobManager.Setup setup, String directory) {
    this.env = env;
    this.errands = errands;
    this.cluster = cluster;
    this.setup = setup;
    this.directory = directory;
    this.owner =
        setup.cluster() + "-" + setup.attempt() + "-" + Long.toHexString(env.random().nextLong());
  }

  void start() {
    env.after(setup.lease().interval(), new OwnMessage.ForDocket(new DocketEvent.WatchDue()));
    claim(Epoch.NONE, Optional.empty());
  }

  /** Whether all jobs of earlier JobManagers are known. */
  boolean isOpen() {
    return state instanceof Open;
  }

  /** Why it is not open yet, if a claim has failed: whoever is not answered asks again. */
  Optional<String> trouble() {
    return state instanceof Claiming claiming
        ? claiming.trouble().map(why -> "cannot claim " + directory + ": " + why)
        : Optional.empty();
  }

  /**
   * Notes a job for whoever asks, while it is open; he is answered once that is durable. Asked
   * again, it is the same job.
   */
  void note(JobSpec spec, Address client, long number) {
    if (!(state instanceof Open open)) {
      return;
    }
    var asker = new Asker(client, number);
    Pending before = open.pending.get(spec.job());
    if (before != null) {
      if (!before.askers().contains(asker)) {
        before.askers().add(asker);
      }
      return;
    }
    var pending =
        new Pending(new Submission(++open.highest, spec), new ArrayList<>(List.of(asker)));
    open.pending.put(spec.job(), pending);
    write(open, pending.submission());
  }

  /**
   * Notes, for whoever says so, that the program which submits the jobs has ended; he is answered
   * once that is durable. What is said later is as good as said twice.
   */
  void noteEnd(ProgramEnd end, Address client, long number) {
    if (!(state instanceof Open open)) {
      return;
    }
    if (open.programEnded) {
      env.send(client, new ClientAnswer.Accepted(number));
      return;
    }
    var asker = new Asker(client, number);
    if (!open.endAskers.contains(asker)) {
      open.endAskers.add(asker);
    }
    if (open.programEnd.isEmpty()) {
      open.programEnd = Optional.of(end);
      writeEnd(open);
    }
  }

  private void writeEnd(Open open) {
    perform(
        WriteFact.programEnd(open.epoch, open.programEnd.orElseThrow(), unique++),
        DocketEvent.ProgramEndNoted::new);
  }

  private void endNoted(DocketEvent.ProgramEndNoted event) {
    if (!(state instanceof Open open) || open.programEnded) {
      return;
    }
    Written.Verdict verdict = JobBook.verdict(event.step());
    if (verdict == Written.Verdict.FENCED) {
      cluster.fenced(JobBook.reason(event.step()));
    } else if (verdict == Written.Verdict.DONE) {
      open.programEnded = true;
      open.endAskers.forEach(
          asker -> env.send(asker.client(), new ClientAnswer.Accepted(asker.number())));
      cluster.programEnded(open.programEnd.orElseThrow());
    } else {
      env.after(PAUSE, new OwnMessage.ForDocket(new DocketEvent.ProgramEndDue()));
    }
  }

  /** Forgets a job that has ended. */
  void strike(JobId job) {
    if (state instanceof Open open && open.noted.containsKey(job)) {
      long number = open.noted.get(job).number();
      perform(new StrikeSubmission(open.epoch, number), step -> new DocketEvent.Struck(job, step));
    }
  }

  void on(DocketEvent event) {
    if (event instanceof DocketEvent.ClaimEnded ended) {
      claimEnded(ended);
    } else if (event instanceof DocketEvent.ClaimDue) {
      if (state instanceof Claiming claiming) {
        claim(claiming.wanted(), claiming.trouble());
      }
    } else if (event instanceof DocketEvent.Noted noted) {
      noted(noted);
    } else if (event instanceof DocketEvent.NoteDue due) {
      if (state instanceof Open open && open.pending.containsKey(due.job())) {
        write(open, open.pending.get(due.job()).submission());
      }
    } else if (event instanceof DocketEvent.ProgramEndNoted noted) {
      endNoted(noted);
    } else if (event instanceof DocketEvent.ProgramEndDue) {
      if (state instanceof Open open && !open.programEnded) {
        writeEnd(open);
      }
    } else if (event instanceof DocketEvent.Struck struck) {
      if (state instanceof Open open && struck.step() instanceof Step.Done<Boolean>) {
        open.noted.remove(struck.job()); // else the next job that ends has it struck again
      }
    } else if (event instanceof DocketEvent.WatchDue) {
      watch();
    } else if (event instanceof DocketEvent.WatchEnded ended) {
      watchEnded(ended);
    }
  }

  private void claim(Epoch last, Optional<String> trouble) {
    var wanted = new Epoch(setup.attempt(), last.attempt() == 0 ? 1 : last.counter() + 1);
    state = new Claiming(wanted, trouble);
    perform(
        Claim.ofDocket(
            wanted,
            owner + "-" + wanted.counter(),
            env.now().wallMillis(),
            setup.control().map(at -> new ControlAddress(wanted, at.host(), at.port()))),
        step -> new DocketEvent.ClaimEnded(wanted, step));
  }

  private void claimEnded(DocketEvent.ClaimEnded ended) {
    if (!(state instanceof Claiming claiming) || !claiming.wanted().equals(ended.epoch())) {
      return;
    }
    if (ended.step() instanceof Step.Failed<Claim.Result<ClaimedDocket>> failed) {
      state = new Claiming(claiming.wanted(), Optional.of(failed.reason()));
      env.after(PAUSE, new OwnMessage.ForDocket(new DocketEvent.ClaimDue()));
    } else if (ended.step() instanceof Step.Done<Claim.Result<ClaimedDocket>> done) {
      if (done.result() instanceof Claim.Superseded<ClaimedDocket> superseded) {
        cluster.fenced("the cluster is claimed by " + superseded.by());
      } else if (done.result() instanceof Claim.Claimed<ClaimedDocket> claimed) {
        open(ended.epoch(), claimed.inherited());
      }
    }
  }

  private void open(Epoch epoch, ClaimedDocket inherited) {
    var open = new Open(epoch);
    open.highest = inherited.highestNumber();
    state = open;
    for (Submission submission : inherited.submissions()) {
      open.noted.put(submission.spec().job(), submission);
    }
    for (Submission submission : inherited.submissions()) {
      cluster.take(submission.spec(), true);
    }
    open.programEnd = inherited.programEnd();
    open.programEnded = open.programEnd.isPresent();
    open.programEnd.ifPresent(cluster::programEnded);
    cluster.opened();
  }

  private void write(Open open, Submission submission) {
    JobId job = submission.spec().job();
    perform(
        WriteFact.submission(open.epoch, submission, unique++),
        step -> new DocketEvent.Noted(job, step));
  }

  private void noted(DocketEvent.Noted event) {
    if (!(state instanceof Open open) || !open.pending.containsKey(event.job())) {
      return;
    }
    Pending pending = open.pending.get(event.job());
    Written.Verdict verdict = JobBook.verdict(event.step());
    if (verdict == Written.Verdict.FENCED) {
      cluster.fenced(JobBook.reason(event.step()));
    } else if (verdict == Written.Verdict.DONE) {
      open.pending.remove(event.job());
      open.noted.put(event.job(), pending.submission());
      cluster.take(pending.submission().spec(), false);
      for (Asker asker : pending.askers()) {
        env.send(asker.client(), new ClientAnswer.Accepted(asker.number()));
      }
    } else {
      // It may be there all the same, so nobody can be told that it is not: it is written again.
      env.after(PAUSE, new OwnMessage.ForDocket(new DocketEvent.NoteDue(event.job())));
    }
  }

  private void watch() {
    env.after(setup.lease().interval(), new OwnMessage.ForDocket(new DocketEvent.WatchDue()));
    if (state instanceof Open open) {
      perform(new FindHigherClaim(open.epoch), DocketEvent.WatchEnded::new);
    }
  }

  private void watchEnded(DocketEvent.WatchEnded event) {
    if (event.step() instanceof Step.Done<FindHigherClaim.Standing> done) {
      FindHigherClaim.Standing standing = done.result();
      if (standing instanceof FindHigherClaim.Outdone outdone) {
        cluster.fenced("the cluster is claimed by epoch " + outdone.by());
      } else if (standing instanceof FindHigherClaim.Erased) {
        cluster.fenced("somebody has deleted " + directory + ", where the cluster's jobs stand");
      } else {
        cluster.confirmed();
      }
    }
  }

  private <R> void perform(Procedure<R> procedure, Function<Step<R>, DocketEvent> answer) {
    errands.start(directory, procedure, step -> new OwnMessage.ForDocket(answer.apply(step)));
  }
}
