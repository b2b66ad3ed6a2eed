package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ProgramEnd;
import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.GraphDifference;
import io.millrace.runtime.plan.InvalidPlanException;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.ToJobManager;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The head of a cluster: knows the TaskManagers, gives out their slots, answers clients, and does
 * what its {@link JobMaster}s decide.
 */
public final class JobManager implements Actor {
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);
  private static final Duration TOLD = Duration.ofMillis(200);

  private final Setup setup;
  private final ResourceManager resourceManager;
  private final CheckpointStore store;
  private final UserClasses userClasses;
  private final Configuration configuration;

  private final SlotQueue queue;
  private final SlotLedger slots;

  private Env env;
  private Errands errands;
  private JobTable jobs;
  private Crew crew;
  private Optional<Docket> docket;

  private boolean over;
  private boolean finishing;

  /** A user has asked for the cluster's end. */
  private boolean stopping;

  /** How the main() has ended whose jobs this cluster runs. */
  private Optional<ProgramEnd> programEnd = Optional.empty();

  private long clientSeenMillis = Long.MIN_VALUE;
  private long confirmedMillis;
  private long tickedMillis;
  private boolean platformWitness;

  /** What ends the cluster. */
  public enum Lifetime {
    /** Its first job's end. */
    PER_JOB,
    /** The end of the main() that submits its jobs, and of all of them. */
    APPLICATION,
    /** Whoever holds it. */
    SESSION
  }

  /**
   * What a JobManager is told at its start.
   *
   * @param cluster its id, for people and claims
   * @param attempt of this process, higher than that of any JobManager of this cluster before
   * @param control where it can be reached, made known to whoever may read the job's directory;
   *     empty if nobody beyond this process has to
   * @param configuration defaults for jobs, and the cluster's own settings
   * @param docket directory that keeps what the cluster was given, so that its next JobManager goes
   *     on with that; empty if jobs end with this process, or each new one is given its job anew
   */
  public record Setup(
      String cluster,
      int attempt,
      Optional<Control> control,
      Configuration configuration,
      Lifetime lifetime,
      Optional<String> docket,
      Lease lease) {}

  /** A control port. */
  public record Control(String host, int port) {}

  public JobManager(
      Setup setup,
      ResourceManager resourceManager,
      CheckpointStore store,
      UserClasses userClasses) {
    this.setup = setup;
    this.configuration = setup.configuration();
    boolean isolated = configuration.get(ClusterSettings.ISOLATION).equals("job");
    int slotsEach = configuration.get(ClusterSettings.SLOTS);
    int spare = configuration.get(ClusterSettings.SPARE_TASK_MANAGERS);
    this.queue = new SlotQueue(slotsEach, resourceManager::slotsOf, isolated, spare);
    this.slots = new SlotLedger(!isolated);
    this.resourceManager = resourceManager;
    this.store = store;
    this.userClasses = userClasses;
  }

  @Override
  public void start(Env env) {
    this.env = env;
    this.errands = new Errands(env, store);
    this.jobs = new JobTable(env, setup, store, userClasses, queue, slots, errands, new OfJobs());
    this.crew = new Crew(env, resourceManager, slots, new OfCrew(), setup);
    this.docket = setup.docket().map(at -> new Docket(env, errands, new OfDocket(), setup, at));
    this.confirmedMillis = env.now().monotonicMillis();
    this.tickedMillis = confirmedMillis;
    env.after(configuration.get(ClusterSettings.HEARTBEAT_INTERVAL), new OwnMessage.Tick());
    crew.start();
    docket.ifPresent(Docket::start);
  }

  @Override
  public void receive(Address from, Message message) {
    if (over) {
      return; // fenced or finished: no effect any more
    }
    if (message instanceof ToJobManager fromTaskManager) {
      crew.receive(fromTaskManager);
    } else if (message instanceof ClientRequest request) {
      onClient(from, request);
    } else if (message instanceof ResourceManager.Event event) {
      onResources(event);
    } else if (message instanceof Connection connection) {
      crew.connection(connection);
    } else if (message instanceof OwnMessage own) {
      onOwn(own);
    } else {
      Check.that(false, "a message for a JobManager, found " + message);
    }
  }

  @Override
  public List<Runnable> lastWords(Throwable broken) {
    // How much memory there is says nothing of a job.
    return over || broken instanceof OutOfMemoryError ? List.of() : jobs.lastWords(broken, now());
  }

  // ---- the platform

  private void onResources(ResourceManager.Event event) {
    if (event instanceof ResourceManager.TaskManagerEnded ended) {
      crew.ended(ended);
    } else if (event instanceof ResourceManager.Reached reached) {
      jobs.tellEach(job -> new JobEvent.Reached(reached.what()));
    } else if (event instanceof ResourceManager.Leaving leaving) {
      crew.leaves(leaving);
    } else if (event instanceof ResourceManager.Unfulfillable unfulfillable) {
      jobs.slotsImpossible(unfulfillable.each(), unfulfillable.reason());
    } else if (event instanceof ResourceManager.Kept all) {
      crew.kept(all.taskManagers());
    } else if (event instanceof ResourceManager.Witness witness) {
      platformWitness = true;
      if (witness.confirmed()) {
        confirmedMillis = now().monotonicMillis();
      } else {
        fenced(witness.detail());
      }
    } else {
      Check.that(false, "a known event of the ResourceManager, found " + event);
    }
  }

  private void tick() {
    env.after(configuration.get(ClusterSettings.HEARTBEAT_INTERVAL), new OwnMessage.Tick());
    Duration timeout = configuration.get(ClusterSettings.HEARTBEAT_TIMEOUT);
    long now = now().monotonicMillis();
    // Who slept itself cannot tell who was silent: what they said waits behind this tick.
    boolean slept = now - tickedMillis > timeout.toMillis() / 2;
    tickedMillis = now;
    if (!slept) {
      crew.giveUpSilent(timeout);
    }
    Duration patience = configuration.get(ClusterSettings.SLOT_TIMEOUT);
    if (!resourceManager.startsTaskManagers()) {
      jobs.refuseOverdue(patience);
    } else {
      jobs.passOverdue(patience);
      if (setup.lifetime() != Lifetime.PER_JOB && knowsItsJobs()) {
        crew.releaseIdle(
            configuration.get(ClusterSettings.IDLE_TIMEOUT), queue.wantedTaskManagers());
      }
    }
    // Who awaits the end of tasks had best hear of it from where they were.
    if (knowsItsJobs()
        && jobs.masters().stream().noneMatch(job -> job.mayAdopt() || job.awaitsWriters())) {
      crew.releaseLeaving();
    }
    long unconfirmed = now - confirmedMillis;
    if (platformWitness && !slept && unconfirmed > setup.lease().silence().toMillis()) {
      fenced("neither the platform nor the claims folder has answered for " + unconfirmed + " ms");
    }
  }

  /** Whether every slot that is taken is known to be. */
  private boolean knowsItsJobs() {
    return docket.map(Docket::isOpen).orElse(true) && jobs.knowsSlots();
  }

  private void want() {
    if (over || finishing) {
      return;
    }
    crew.want(queue.wantedTaskManagers());
  }

  // ---- clients

  private void onClient(Address client, ClientRequest request) {
    if (docket.isPresent() && !docket.get().isOpen()) {
      // Who knows of no job yet must not say that there is none.
      docket
          .get()
          .trouble()
          .ifPresent(why -> env.send(client, new ClientAnswer.Refused(request.number(), why)));
    } else if (request instanceof ClientRequest.Submit submit) {
      submit(submit.number(), submit.spec(), client);
    } else if (request instanceof ClientRequest.ListJobs list) {
      env.send(client, list(list.number()));
    } else if (request instanceof ClientRequest.GetJob get) {
      if (setup.lifetime() != Lifetime.APPLICATION) { // there main() itself asks
        clientSeenMillis = now().monotonicMillis();
      }
      env.send(client, details(get));
    } else if (request instanceof ClientRequest.GetAccumulators get) {
      env.send(
          client,
          jobs.find(get.job())
              .<ClientAnswer>map(
                  job -> new ClientAnswer.AccumulatorsSoFar(get.number(), job.accumulators()))
              .orElseGet(() -> unknown(get.number(), get.job())));
    } else if (request instanceof ClientRequest.Cancel cancel) {
      if (jobs.find(cancel.job()).isPresent()) {
        jobs.tell(cancel.job(), new JobEvent.CancelAsked(client, cancel.number()));
      } else {
        env.send(client, unknown(cancel.number(), cancel.job()));
      }
    } else if (request instanceof ClientRequest.Savepoint savepoint) {
      savepoint(client, savepoint);
    } else if (request instanceof ClientRequest.GetProgram get) {
      Optional<JobStatus> ended = programEnd.map(ProgramEnd::status);
      env.send(client, new ClientAnswer.Program(get.number(), ended, jobs.ids()));
    } else if (request instanceof ClientRequest.EndProgram end) {
      endProgram(client, end);
    } else if (request instanceof ClientRequest.StopCluster stop) {
      env.send(client, stopCluster(stop.number()));
    } else {
      Check.that(false, "a known request, found " + request);
    }
  }

  private ClientAnswer list(long number) {
    if (setup.lifetime() == Lifetime.APPLICATION) {
      clientSeenMillis = now().monotonicMillis();
      if (finishing) {
        env.after(TOLD, new OwnMessage.FinishDue());
      }
    }
    return new ClientAnswer.Jobs(number, jobs.masters().stream().map(JobMaster::summary).toList());
  }

  private void endProgram(Address client, ClientRequest.EndProgram request) {
    if (setup.lifetime() != Lifetime.APPLICATION || docket.isEmpty()) {
      env.send(client, new ClientAnswer.Refused(request.number(), "this cluster runs no main()"));
      return;
    }
    var end = new ProgramEnd(request.status(), request.reason(), now().wallMillis());
    docket.get().noteEnd(end, client, request.number());
  }

  private void savepoint(Address client, ClientRequest.Savepoint request) {
    clientSeenMillis = now().monotonicMillis();
    Optional<JobMaster> master = jobs.find(request.job());
    if (master.isEmpty()) {
      env.send(client, unknown(request.number(), request.job()));
      return;
    }
    try {
      String directory = master.get().savepointDirectory(store, request);
      jobs.tell(
          request.job(),
          new JobEvent.SavepointAsked(
              client, request.number(), request.id(), directory, request.then()));
    } catch (IOException e) {
      env.send(client, new ClientAnswer.Refused(request.number(), e.getMessage()));
    }
  }

  private void submit(long number, JobSpec spec, Address client) {
    Optional<ClientAnswer> answer = answerAtOnce(number, spec);
    if (answer.isPresent()) {
      env.send(client, answer.get());
    } else if (docket.isPresent()) {
      docket.get().note(spec, client, number);
    } else {
      take(spec);
      env.send(client, new ClientAnswer.Accepted(number));
    }
  }

  /** Empty if it is a new job that can be run. */
  private Optional<ClientAnswer> answerAtOnce(long number, JobSpec spec) {
    Optional<JobMaster> known = jobs.find(spec.job());
    if (known.isPresent()) {
      // A JobManager before this one may have been given it by another run of the same main().
      return Optional.of(
          GraphDifference.between(known.get().spec().graph(), spec.graph())
              .<ClientAnswer>map(
                  what -> new ClientAnswer.Refused(number, "it is another job: " + what))
              .orElseGet(() -> new ClientAnswer.Accepted(number)));
    }
    if (programEnd.isPresent()) {
      return Optional.of(new ClientAnswer.Refused(number, "the cluster's main() has ended"));
    }
    if (stopping) {
      return Optional.of(new ClientAnswer.Refused(number, "the cluster is being stopped"));
    }
    if (setup.lifetime() == Lifetime.PER_JOB && !jobs.ids().isEmpty()) {
      return Optional.of(
          new ClientAnswer.Refused(
              number, "this cluster runs job " + jobs.ids().get(0) + " and ends with it"));
    }
    Optional<ClientAnswer> continued =
        jobs.masters().stream()
            .filter(each -> spec.restoreFrom().isPresent() && each.goesOn())
            .filter(each -> each.spec().lineage().equals(spec.lineage()))
            .findFirst()
            .map(each -> new ClientAnswer.Refused(number, stillRuns(each.spec().job())));
    if (continued.isPresent()) {
      return continued;
    }
    Optional<String> why;
    try {
      why = SlotMeasures.refusal(JobPlan.of(spec.graph(), configuration), resourceManager);
    } catch (InvalidPlanException | Setting.InvalidSettingException e) {
      why = Optional.of(e.getMessage());
    }
    if (why.isPresent() && setup.lifetime() == Lifetime.PER_JOB) {
      finish(JobStatus.FAILED, why.get());
    }
    return why.map(reason -> new ClientAnswer.Refused(number, reason));
  }

  /** Both would write the same output, and rely on the same checkpoints. */
  private static String stillRuns(JobId job) {
    return "job "
        + job
        + ", which this checkpoint belongs to, still runs in this cluster; cancel it first, or stop it"
        + " with a savepoint and continue that";
  }

  private void take(JobSpec spec) {
    jobs.add(spec);
    begin(spec.job());
  }

  private void begin(JobId job) {
    jobs.tell(job, new JobEvent.Start());
    crew.kept().ifPresent(all -> jobs.tell(job, new JobEvent.Kept(all)));
  }

  private ClientAnswer stopCluster(long number) {
    if (setup.lifetime() == Lifetime.PER_JOB) {
      return new ClientAnswer.Refused(number, "this cluster ends with its job; cancel that");
    }
    stopping = true;
    jobs.tellEach(job -> new JobEvent.CancelAsked(JobTable.NOBODY, 0));
    stopIfIdle();
    return new ClientAnswer.Accepted(number);
  }

  private void stopIfIdle() {
    if (over || !jobs.masters().stream().allMatch(JobMaster::hasEnded)) {
      return;
    }
    boolean isApplication = setup.lifetime() == Lifetime.APPLICATION;
    if (isApplication && (stopping || programEnd.isPresent())) {
      finishSoon();
    } else if (stopping) {
      finish(JobStatus.FINISHED, Verdict.STOPPED);
    }
  }

  private ClientAnswer details(ClientRequest.GetJob get) {
    List<JobId> ids = jobs.ids();
    if (get.job().isEmpty() && ids.size() != 1) {
      return new ClientAnswer.Refused(
          get.number(), "the cluster has " + ids.size() + " jobs; say which");
    }
    JobId job = get.job().orElseGet(() -> ids.get(0));
    Optional<JobMaster> master = jobs.find(job);
    if (master.isEmpty()) {
      return unknown(get.number(), job);
    }
    if (finishing && master.get().summary().status().terminal()) {
      env.after(TOLD, new OwnMessage.FinishDue());
    }
    return master.get().details(get.number(), get.sinceChange());
  }

  private static ClientAnswer unknown(long number, JobId job) {
    return new ClientAnswer.Refused(number, "there is no job " + job);
  }

  // ---- jobs

  private void onOwn(OwnMessage message) {
    if (message instanceof OwnMessage.Tick) {
      tick();
    } else if (message instanceof OwnMessage.ForJob forJob) {
      jobs.tell(forJob.job(), forJob.event());
    } else if (message instanceof OwnMessage.ForDocket forDocket) {
      docket.ifPresent(each -> each.on(forDocket.event()));
    } else if (message instanceof OwnMessage.OpDone done) {
      errands.on(done).ifPresent(this::onOwn);
    } else if (message instanceof OwnMessage.OpDue due) {
      errands.on(due);
    } else if (message instanceof OwnMessage.ReconnectDue due) {
      crew.reconnectDue(due);
    } else if (message instanceof OwnMessage.KeptDue due) {
      crew.keptDue(due);
    } else if (message instanceof OwnMessage.MusterDue) {
      crew.musterDue();
    } else if (message instanceof OwnMessage.ShowDue) {
      crew.showAttempts();
    } else if (message instanceof OwnMessage.FinishDue) {
      Verdict verdict = Verdict.of(programEnd, stopping, jobs.masters());
      finish(verdict.status(), verdict.diagnostics());
    } else {
      Check.that(false, "a known message to itself, found " + message);
    }
  }

  /** The jobs, for the crew. */
  private final class OfCrew implements Crew.Jobs {
    @Override
    public boolean over() {
      return over;
    }

    @Override
    public Optional<String> home() {
      return setup.docket().or(() -> jobs.ids().stream().findFirst().map(store::directoryOf));
    }

    @Override
    public boolean isPast(JobId job) {
      // A cluster of one job may be told of it only after its TaskManagers.
      boolean unknown = setup.lifetime() != Lifetime.PER_JOB && knowsItsJobs();
      return jobs.find(job).map(JobMaster::hasEnded).orElse(unknown);
    }

    @Override
    public void tell(JobId job, JobEvent event) {
      jobs.tell(job, event);
    }

    @Override
    public void tellEach(Function<JobId, JobEvent> event) {
      jobs.tellEach(event);
    }

    @Override
    public void slotsImpossible(String reason) {
      jobs.slotsImpossible(reason);
    }

    @Override
    public void slotsCame() {
      jobs.grantSlots();
    }

    @Override
    public void slotsWent() {
      want();
    }
  }

  /** What the docket brings. */
  private final class OfDocket implements Docket.Cluster {
    @Override
    public void take(JobSpec spec, boolean fromBefore) {
      if (jobs.find(spec.job()).isPresent()) {
        return;
      } else if (fromBefore) {
        jobs.inherit(spec);
      } else {
        JobManager.this.take(spec);
        if (stopping) { // it was being noted when that was said
          jobs.tell(spec.job(), new JobEvent.CancelAsked(JobTable.NOBODY, 0));
        }
      }
    }

    @Override
    public void opened() {
      jobs.inherited().forEach(JobManager.this::begin);
      stopIfIdle();
    }

    @Override
    public void programEnded(ProgramEnd end) {
      programEnd = Optional.of(end);
      stopIfIdle();
    }

    @Override
    public void confirmed() {
      confirmedMillis = now().monotonicMillis();
    }

    @Override
    public void fenced(String reason) {
      JobManager.this.fenced(reason);
    }
  }

  /** The cluster, for its jobs. */
  private final class OfJobs implements JobTable.Cluster {
    @Override
    public boolean over() {
      return over;
    }

    @Override
    public Optional<String> refusal(JobMaster job) {
      return job.refusal(resourceManager);
    }

    @Override
    public void want() {
      JobManager.this.want();
    }

    @Override
    public void confirmed() {
      confirmedMillis = now().monotonicMillis();
    }

    @Override
    public void fenced(String reason) {
      JobManager.this.fenced(reason);
    }

    @Override
    public void ended() {
      jobEnded();
    }
  }

  private void jobEnded() {
    if (setup.lifetime() == Lifetime.PER_JOB) {
      finishSoon();
      return;
    }
    want();
    // A main() may run again, and must not find its jobs forgotten.
    if (setup.lifetime() == Lifetime.SESSION) {
      for (JobId job : jobs.forgetBeyond(configuration.get(ClusterSettings.ENDED_JOBS))) {
        docket.ifPresent(each -> each.strike(job));
      }
    }
    stopIfIdle();
  }

  /** Whoever watches may still hear of the end from here. */
  private void finishSoon() {
    if (finishing) {
      return;
    }
    finishing = true;
    long silence = now().monotonicMillis() - clientSeenMillis;
    boolean watched = clientSeenMillis != Long.MIN_VALUE && silence < 2 * LAST_WORDS.toMillis();
    env.after(watched ? LAST_WORDS : Duration.ZERO, new OwnMessage.FinishDue());
  }

  private void finish(JobStatus status, String diagnostics) {
    over = true;
    resourceManager.finish(status, diagnostics);
  }

  private void fenced(String reason) {
    over = true;
    resourceManager.fenced(reason);
  }

  private Clock now() {
    return env.now();
  }
}
