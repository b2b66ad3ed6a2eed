package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The jobs of a cluster, in the order in which they came, those that have ended included: tells
 * each {@link JobMaster} what happens, does what it decides, and gives out slots.
 */
final class JobTable {
  /** Who wants no answer. */
  static final Address NOBODY = new Address("nobody");

  private final Env env;
  private final JobManager.Setup setup;
  private final CheckpointStore store;
  private final UserClasses userClasses;
  private final SlotQueue queue;
  private final SlotLedger slots;
  private final SinkWork sinks;
  private final Errands errands;
  private final Cluster cluster;

  private final LinkedHashMap<JobId, JobMaster> jobs = new LinkedHashMap<>();

  /** Jobs of JobManagers before, whose tasks may still hold slots that only they know of. */
  private final LinkedHashMap<JobId, JobMaster> inherited = new LinkedHashMap<>();

  /** The job whose event is being handled; {@code null} outside of all jobs. */
  private JobId handled;

  /** Whose jobs they are. */
  interface Cluster {
    /** Whether the JobManager has ended; then nothing has an effect any more. */
    boolean over();

    /** Why there will never be slots for the job, as far as that is known. */
    Optional<String> refusal(JobMaster job);

    /** Jobs need more or fewer slots than before. */
    void want();

    /** The claims folder says that this is still the commander. */
    void confirmed();

    void fenced(String reason);

    /** A job has come to its end. */
    void ended();
  }

  JobTable(
      Env env,
      JobManager.Setup setup,
      CheckpointStore store,
      UserClasses userClasses,
      SlotQueue queue,
      SlotLedger slots,
      Errands errands,
      Cluster cluster) {
    this.env = env;
    this.setup = setup;
    this.store = store;
    this.userClasses = userClasses;
    this.queue = queue;
    this.slots = slots;
    this.sinks = new SinkWork(env, store, userClasses);
    this.errands = errands;
    this.cluster = cluster;
  }

  Optional<JobMaster> find(JobId job) {
    return Optional.ofNullable(jobs.get(job));
  }

  List<JobId> ids() {
    return List.copyOf(jobs.keySet());
  }

  Collection<JobMaster> masters() {
    return jobs.values();
  }

  /** A new job; its slots are asked for at once, as containers take longer to come than a claim. */
  void add(JobSpec spec) {
    queue.needs(spec.job(), enter(spec).slotDemand());
    cluster.want();
  }

  /** A job of a JobManager before, which may have ended and need no slots. */
  void inherit(JobSpec spec) {
    queue.arrives(spec.job());
    inherited.put(spec.job(), enter(spec));
  }

  private JobMaster enter(JobSpec spec) {
    JobPlan plan = JobPlan.of(spec.graph(), setup.configuration());
    var master = new JobMaster(spec, plan, store.directoryOf(spec.job()), setup, env.random());
    jobs.put(spec.job(), master);
    return master;
  }

  List<JobId> inherited() {
    return List.copyOf(inherited.keySet());
  }

  /** Whether every slot that is taken is known to be. */
  boolean knowsSlots() {
    return inherited.isEmpty();
  }

  /** Forgets all but so many of those that have ended, the first ones first. */
  List<JobId> forgetBeyond(int most) {
    List<JobId> ended = ids().stream().filter(job -> jobs.get(job).hasEnded()).toList();
    List<JobId> surplus = ended.subList(0, Math.max(0, ended.size() - most));
    surplus.forEach(jobs::remove);
    return surplus;
  }

  // ---- slots

  void grantSlots() {
    inherited.values().removeIf(job -> !job.mayAdopt());
    while (inherited.isEmpty()) {
      Optional<SlotQueue.Grant> grant = queue.grantNext(slots);
      if (grant.isEmpty()) {
        return;
      }
      tell(grant.get().job(), new JobEvent.SlotsGranted(grant.get().slots()));
    }
  }

  /** For now. */
  void slotsImpossible(String reason) {
    for (JobId job : queue.waiting()) {
      tell(job, new JobEvent.SlotsImpossible(reason, true));
    }
  }

  /** For ever, and only of slots that are made for that. */
  void slotsImpossible(Optional<SlotResources> each, String reason) {
    for (JobId job : queue.waitingFor(each)) {
      tell(job, new JobEvent.SlotsImpossible(reason, false));
    }
  }

  /** Nobody says that the TaskManagers will not come: it is only known that they have not. */
  void refuseOverdue(Duration patience) {
    String remedy = "; start more TaskManagers, cancel another job or lower the parallelism";
    overdue(patience)
        .ifPresent(
            late -> tell(late.job(), new JobEvent.SlotsImpossible(late.reason() + remedy, true)));
  }

  /** They are asked for, and may still come; but nobody behind that job waits for it any more. */
  void passOverdue(Duration patience) {
    boolean alone = setup.lifetime() == JobManager.Lifetime.PER_JOB;
    String remedy =
        "; it goes on waiting"
            + (alone ? "" : ", and jobs behind it may go first")
            + ": make room in the queue or lower the parallelism";
    overdue(patience)
        .ifPresent(late -> tell(late.job(), new JobEvent.SlotsOverdue(late.reason() + remedy)));
  }

  private Optional<SlotQueue.Overdue> overdue(Duration patience) {
    return queue.overdue(patience, env.now().monotonicMillis(), slots);
  }

  // ---- what happens, and what follows from it

  void tellEach(Function<JobId, JobEvent> event) {
    for (JobId job : ids()) {
      tell(job, event.apply(job));
    }
  }

  void tell(JobId job, JobEvent event) {
    JobMaster master = jobs.get(job);
    if (master == null || cluster.over()) {
      return;
    }
    if (event instanceof JobEvent.WatchEnded ended && ended.step() instanceof Step.Done<?>) {
      cluster.confirmed();
    }
    JobId before = handled;
    handled = job;
    for (Effect effect : new ArrayList<>(master.on(event, env.now()))) {
      if (!cluster.over()) {
        apply(job, master, effect);
      }
    }
    handled = before; // and not if it breaks
    if (!cluster.over()) {
      grantSlots();
    }
  }

  private void apply(JobId job, JobMaster master, Effect effect) {
    if (effect instanceof Effect.Send send) {
      env.send(send.to().address(), send.message());
    } else if (effect instanceof Effect.Answer answer) {
      if (!answer.client().equals(NOBODY)) {
        env.send(answer.client(), answer.answer());
      }
    } else if (effect instanceof Effect.After after) {
      env.after(after.delay(), new OwnMessage.ForJob(job, after.event()));
    } else if (effect instanceof Effect.Perform<?> perform) {
      perform(job, perform);
    } else if (effect instanceof Effect.AcquireSinks acquire) {
      sinks.acquire(master.spec(), acquire);
    } else if (effect instanceof Effect.Settle settle) {
      sinks.settle(master.spec(), settle);
    } else if (effect instanceof Effect.TakeSlots take) {
      needs(job, master);
      // Granted once all effects are applied.
      queue.enter(job, take.demand());
      // It may have been said before the job waited for it, when nobody heard it.
      cluster
          .refusal(master)
          .ifPresent(
              why ->
                  env.after(
                      Duration.ZERO,
                      new OwnMessage.ForJob(job, new JobEvent.SlotsImpossible(why, false))));
    } else if (effect instanceof Effect.HoldSlots hold) {
      needs(job, master);
      slots.hold(job, hold.slots());
    } else if (effect instanceof Effect.ShowAttempts) {
      env.after(Duration.ZERO, new OwnMessage.ShowDue());
    } else if (effect instanceof Effect.ReleaseSlots) {
      queue.leave(job);
      slots.release(job);
    } else if (effect instanceof Effect.Fenced fenced) {
      cluster.fenced(fenced.reason());
    } else if (effect instanceof Effect.JobEnded) {
      queue.forget(job);
      slots.forget(job);
      userClasses.release(job);
      cluster.ended();
    } else {
      Check.that(false, "a known effect, found " + effect);
    }
  }

  private <R> void perform(JobId job, Effect.Perform<R> perform) {
    errands.start(
        perform.directory(),
        perform.procedure(),
        step -> new OwnMessage.ForJob(job, perform.answer().apply(step)));
  }

  /** Of one that was inherited, only now is it known that it has not ended. */
  private void needs(JobId job, JobMaster master) {
    if (queue.needs(job, master.slotDemand())) {
      cluster.want();
    }
  }

  // ---- a broken invariant

  /** What successors must know of it, to be written by whoever is left to. */
  List<Runnable> lastWords(Throwable broken, Clock now) {
    var words = new ArrayList<Runnable>();
    var cause =
        new Failure(
            Failure.Kind.ENGINE, false, "", -1, broken.getClass().getName(), "" + broken, "");
    jobs.forEach(
        (job, master) -> {
          if (handled == null || handled.equals(job)) {
            master.lastWords(cause, now).ifPresent(fact -> words.add(() -> write(job, fact)));
          }
        });
    return words;
  }

  private void write(JobId job, WriteFact fact) {
    Procedure.run(fact, store.names(store.directoryOf(job)));
  }
}
