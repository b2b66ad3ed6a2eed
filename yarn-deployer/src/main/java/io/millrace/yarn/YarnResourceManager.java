package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.LogExcerpt;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.AMRMClient;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;
import org.apache.hadoop.yarn.client.api.NMClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TaskManagers as YARN containers. One thread of its own speaks with YARN's ResourceManager: fast
 * while containers are awaited, slowly otherwise. A few others start containers, which takes a call
 * to a node each.
 */
final class YarnResourceManager implements ResourceManager {
  private static final Logger LOG = LoggerFactory.getLogger(YarnResourceManager.class);
  private static final int STARTERS = 4;
  private static final int STOPPERS = 2;

  /** How long, and how often, YARN is asked eagerly for containers that are awaited. */
  private static final long EAGER_MILLIS = 2_000;

  private static final long EAGER_PAUSE_MILLIS = 20;

  /** The exit codes of the process that goes with a final status. */
  private static final int FAILED_EXIT = 1443;

  private final AMRMClient<ContainerRequest> yarn;
  private final NMClient nodes;
  private final ExecutorService starters;

  /** Apart from those: a node that is gone, with all that runs there, takes minutes to say so. */
  private final ExecutorService stoppers;

  private final Consumer<Event> events;
  private final Ending ending;
  private final ContainerSizes sizes;
  private final String nodeLabel;
  private final int reserve;
  private final long slowMillis;
  private final long fastMillis;

  /** How often YARN's word that we are the current attempt is passed on. */
  private final long witnessMillis;

  private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "yarn");

  // Used by the thread only.
  private final TreeMap<Integer, Fleet> fleets = new TreeMap<>();
  private final FailingNodes failing = new FailingNodes();
  private final ClosedPlaces closed = new ClosedPlaces();

  /** All TaskManagers of earlier attempts of which YARN has said that they run on. */
  private final List<TaskManagerId> kept = new ArrayList<>();

  private Launch launch;
  private long nextWitness = Long.MIN_VALUE;
  private long waitingSince = Long.MAX_VALUE;

  private volatile boolean ended;

  /** The largest container that YARN gives, once it has said so; asked from other threads. */
  private volatile Resource most;

  /** How a TaskManager starts. */
  interface Launch {
    /**
     * @param sizes its own
     * @param each what its slots are made for, if for anything special
     */
    ContainerLaunchContext of(ContainerSizes sizes, Optional<SlotResources> each);
  }

  /** What happens to this process once it has nothing more to do. */
  interface Ending {
    /**
     * Called on a thread that is free to wait for the end.
     *
     * @param over whether the application is over, as opposed to this attempt of it
     */
    void exit(int code, boolean over);
  }

  /**
   * The clients of YARN, which take long to start: most of their classes are YARN's own.
   *
   * @param master speaks with the ResourceManager
   * @param nodes speaks with NodeManagers
   */
  record Clients(AMRMClient<ContainerRequest> master, NMClient nodes) {
    static Clients start(YarnConfiguration conf) {
      AMRMClient<ContainerRequest> master = AMRMClient.createAMRMClient();
      NMClient nodes = NMClient.createNMClient();
      nodes.cleanupRunningContainersOnStop(false);
      master.init(conf);
      nodes.init(conf);
      master.start();
      nodes.start();
      return new Clients(master, nodes);
    }
  }

  YarnResourceManager(
      Clients clients,
      Configuration configuration,
      ContainerSizes sizes,
      Lease lease,
      Consumer<Event> events,
      Ending ending) {
    this.events = events;
    this.ending = ending;
    this.sizes = sizes;
    this.nodeLabel =
        configuration
            .find(YarnSettings.TASK_MANAGER_NODE_LABEL)
            .or(() -> configuration.find(YarnSettings.NODE_LABEL))
            .orElse(null);
    this.reserve = configuration.get(ClusterSettings.SPARE_TASK_MANAGERS);
    this.slowMillis = atLeastOne(configuration.get(YarnSettings.HEARTBEAT));
    this.fastMillis = atLeastOne(configuration.get(YarnSettings.REQUEST_HEARTBEAT));
    this.witnessMillis = lease.interval().toMillis();
    this.yarn = clients.master();
    this.nodes = clients.nodes();
    this.starters = Executors.newFixedThreadPool(STARTERS, work -> new Thread(work, "starter"));
    this.stoppers = Executors.newFixedThreadPool(STOPPERS, work -> new Thread(work, "stopper"));
  }

  private static long atLeastOne(Duration interval) {
    return Math.max(1, interval.toMillis());
  }

  /**
   * Tells YARN where this ApplicationMaster is; containers may be wanted before that.
   *
   * @param taskManagers how to start one
   */
  void register(String host, int controlPort, Launch taskManagers)
      throws IOException, YarnException {
    var answer = yarn.registerApplicationMaster(host, controlPort, "");
    launch = taskManagers;
    most = answer.getMaximumResourceCapability();
    answer.getContainersFromPreviousAttempts().forEach(this::keep);
    events.accept(new Kept(kept));
    thread.start();
  }

  /** Whether that is news. */
  private boolean keep(Container container) {
    String id = container.getId().toString();
    boolean news = fleet(Fleet.priorityOf(container)).ledger.keep(id, container, now());
    if (news) {
      LOG.info("{} of an earlier attempt runs on", id);
      kept.add(new TaskManagerId(id));
    }
    return news;
  }

  @Override
  public void want(int taskManagers) {
    inbox.add(() -> want(Optional.empty(), taskManagers));
  }

  @Override
  public void want(SlotResources each, int taskManagers) {
    inbox.add(() -> want(Optional.of(each), taskManagers));
  }

  @Override
  public OptionalInt slotsOf(SlotResources each) {
    return OptionalInt.of(sizes.madeFor(each).slots());
  }

  @Override
  public Optional<String> refusal(SlotResources each) {
    return Optional.ofNullable(most).flatMap(largest -> refusal(sizes.madeFor(each), largest));
  }

  static Optional<String> refusal(ContainerSizes made, Resource largest) {
    boolean fits =
        made.taskManager().total() <= largest.getMemorySize()
            && made.taskManagerCores() <= largest.getVirtualCores();
    return fits
        ? Optional.empty()
        : Optional.of(
            "it needs containers of "
                + made.taskManager().total()
                + " MB and "
                + made.taskManagerCores()
                + " cores, and the largest that YARN gives has "
                + largest.getMemorySize()
                + " MB and "
                + largest.getVirtualCores()
                + " cores (yarn.scheduler.maximum-allocation-mb, -vcores)");
  }

  private void want(Optional<SlotResources> each, int taskManagers) {
    Fleet fleet = fleet(Fleet.priorityOf(each));
    if (fleet.model().isEmpty()) {
      ContainerSizes made = each.map(sizes::madeFor).orElse(sizes);
      each.ifPresent(one -> LOG.info("TaskManagers for slots of {}: {}", one, made.taskManager()));
      Resource size = Resource.newInstance(made.taskManager().total(), made.taskManagerCores());
      fleet.become(new Fleet.Model(each, size, launch.of(made, each)));
    }
    Fleet.Model model = fleet.model().get();
    Optional<String> refusal =
        model.each().equals(each)
            ? each.flatMap(this::refusal)
            : Optional.of("it is taken for " + model.each() + "; change a number a little");
    fleet.ledger.want(refusal.isEmpty() ? taskManagers : 0, now());
    if (refusal.isPresent() && taskManagers > 0) {
      events.accept(new Unfulfillable(each, "slots of " + each.get() + ": " + refusal.get()));
    }
  }

  private Fleet fleet(int priority) {
    return fleets.computeIfAbsent(priority, each -> new Fleet(each, reserve));
  }

  @Override
  public void release(TaskManagerId taskManager) {
    inbox.add(
        () -> {
          for (Fleet fleet : fleets.values()) {
            Container container = fleet.ledger.release(taskManager.value());
            if (container != null) {
              giveBack(container);
            }
          }
        });
  }

  @Override
  public void replace(TaskManagerId taskManager) {
    inbox.add(
        () -> {
          for (Fleet fleet : fleets.values()) {
            fleet
                .ledger
                .giveUp(taskManager.value(), now())
                .ifPresent(container -> lost(container, fleet));
          }
        });
  }

  private void lost(Container container, Fleet fleet) {
    if (!closed.isPromised(container.getId().toString())) {
      fleet.lost(container);
    }
  }

  @Override
  public void finish(JobStatus status, String diagnostics) {
    inbox.add(() -> end(status, diagnostics));
  }

  @Override
  public void fenced(String reason) {
    LOG.warn("This attempt does not command any more: {}", reason);
    ended = true;
    // A call of YARN that does not answer may take minutes, and is often why it has come to this.
    new Thread(() -> ending.exit(1, false), "fenced").start();
  }

  private void run() {
    long nextCall = 0;
    while (!ended) {
      try {
        long now = now();
        Runnable first = inbox.poll(Math.max(0, nextCall - now), TimeUnit.MILLISECONDS);
        for (Runnable next = first; next != null && !ended; next = inbox.poll()) {
          next.run();
        }
        if (!ended && (first != null || now() >= nextCall)) {
          call();
          nextCall = now() + pauseMillis(now());
        }
      } catch (InterruptedException e) {
        LOG.info("The thread that speaks with YARN was interrupted and ends");
        return;
      } catch (YarnException | IOException e) {
        if (Denial.is(e)) {
          events.accept(new Witness(false, "YARN does not know this attempt: " + e.getMessage()));
        } else {
          LOG.warn("YARN's ResourceManager did not answer: {}", e.toString());
        }
        if (e instanceof org.apache.hadoop.yarn.exceptions.InvalidResourceRequestException) {
          refused(DeployRefusedException.reason(e));
        }
        nextCall = now() + slowMillis;
      } catch (RuntimeException | Error e) {
        LOG.error("The thread that speaks with YARN has died; the process ends", e);
        ending.exit(2, false);
        return;
      }
    }
  }

  /** YARN does not say which, so none of them is asked for any more. */
  private void refused(String reason) {
    for (Fleet fleet : fleets.values()) {
      if (fleet.ledger.waiting()) {
        Fleet.Model model = fleet.model().orElseThrow();
        fleet.ledger.want(0, now());
        events.accept(
            new Unfulfillable(
                model.each(),
                "YARN refuses containers of "
                    + model.size()
                    + ": "
                    + reason
                    + (model.each().isEmpty()
                        ? "; lower -ytm or -ys"
                        : "; lower what the slot sharing group needs")));
      }
    }
  }

  /** Most containers are granted within two heartbeats of a node; a queue may let others wait. */
  private long pauseMillis(long now) {
    if (fleets.values().stream().noneMatch(fleet -> fleet.ledger.waiting())) {
      waitingSince = Long.MAX_VALUE;
      return slowMillis;
    }
    waitingSince = Math.min(waitingSince, now);
    return now - waitingSince < EAGER_MILLIS
        ? Math.min(EAGER_PAUSE_MILLIS, fastMillis)
        : fastMillis;
  }

  private void call() throws IOException, YarnException {
    for (Fleet fleet : fleets.values()) {
      fleet.ledger.survivors(now()).forEach(this::giveBack);
      fleet.balance(
          yarn, nodeLabel, node -> !closed.isClosed(node) && !failing.isFailing(node), now());
    }
    AllocateResponse answer = yarn.allocate(0);
    long now = now();
    if (now >= nextWitness) {
      nextWitness = now + witnessMillis;
      events.accept(new Witness(true, "YARN's ResourceManager answers"));
    }
    // Of nodes that a ResourceManager, itself just started, has not heard before.
    boolean moreKept = false;
    for (Container container : answer.getContainersFromPreviousAttempts()) {
      moreKept |= keep(container);
    }
    if (moreKept) {
      events.accept(new Kept(kept));
    }
    for (Container container : answer.getAllocatedContainers()) {
      Fleet fleet = fleet(Fleet.priorityOf(container));
      if (fleet.take(container, yarn, now)) {
        LOG.info("Starting {} on {}", container.getId(), container.getNodeId());
        events.accept(
            new Reached("YARN gives " + container.getId() + " on " + container.getNodeId()));
        ContainerLaunchContext how = fleet.model().orElseThrow().launch();
        starters.execute(() -> start(container, how));
      } else {
        yarn.releaseAssignedContainer(container.getId());
      }
    }
    for (ContainerStatus status : answer.getCompletedContainersStatuses()) {
      completed(status.getContainerId().toString(), Cause.of(status));
    }
    var held = new TreeMap<String, Container>();
    fleets.values().forEach(fleet -> held.putAll(fleet.ledger.held()));
    List<Leaving> leaving = Withdrawals.in(answer, held);
    closed.heard(answer.getUpdatedNodes(), leaving);
    leaving.forEach(events);
    avoidFailing(answer.getNumClusterNodes());
  }

  private void avoidFailing(int clusterNodes) {
    FailingNodes.Change change = failing.change(clusterNodes, now());
    if (!change.isEmpty()) {
      change.avoid().forEach(node -> LOG.warn("{} is avoided: containers fail there", node));
      change.allow().forEach(node -> LOG.info("{} may be used again", node));
      yarn.updateBlacklist(change.avoid(), change.allow());
    }
  }

  private void start(Container container, ContainerLaunchContext how) {
    try {
      nodes.startContainer(container, how);
      events.accept(new Reached("the node starts " + container.getId()));
    } catch (YarnException | IOException | RuntimeException e) {
      String reason = DeployRefusedException.reason(e);
      LOG.warn("{} could not be started: {}", container.getId(), reason);
      inbox.add(
          () -> {
            yarn.releaseAssignedContainer(container.getId());
            completed(
                container.getId().toString(),
                new Cause(
                    "could not be started: " + reason, LogExcerpt.NONE, true, true, false, false));
          });
    }
  }

  /**
   * Why a container ended.
   *
   * @param explanation goes on behind its name
   * @param lastLines of its logs, if YARN has them
   * @param ofTheNode whether it may be due to the node
   * @param leavesRoom whether there is room for another one in its place
   * @param forMemory whether it may be due to the memory that it had
   * @param exited whether its node has seen its process end
   */
  private record Cause(
      String explanation,
      LogExcerpt lastLines,
      boolean ofTheNode,
      boolean leavesRoom,
      boolean forMemory,
      boolean exited) {
    static Cause of(ContainerStatus status) {
      int code = status.getExitStatus();
      String all = status.getDiagnostics() == null ? "" : status.getDiagnostics();
      String telling = ContainerExit.shorten(all);
      String sentence =
          ContainerExit.explain(code)
              + " (exit code "
              + code
              + (telling.isEmpty() ? ")" : "; " + telling + ")");
      return new Cause(
          sentence,
          LastLines.in(all),
          ContainerExit.mayBeOfTheNode(code),
          ContainerExit.leavesRoom(code),
          ContainerExit.mayBeForMemory(code),
          ContainerExit.hasExited(code));
    }
  }

  private void completed(String id, Cause cause) {
    for (Fleet fleet : fleets.values()) {
      fleet.ledger.ended(id, now()).ifPresent(ended -> completed(id, cause, fleet, ended));
    }
    closed.gone(id);
  }

  private void completed(
      String id, Cause cause, Fleet fleet, ContainerLedger.Ended<Container> ended) {
    String node = ended.container().getNodeId().getHost();
    boolean failed = ended.end() != ContainerLedger.End.USUAL && cause.ofTheNode();
    if (ended.end() == ContainerLedger.End.USUAL) {
      failing.ran(node);
    } else if (failed) {
      failing.failed(node, now());
    }
    if (ended.news() && !failed && cause.leavesRoom()) {
      lost(ended.container(), fleet);
    }
    LOG.info("{} on {} {}", id, node, cause.lastLines().below(cause.explanation()));
    String sentence = "container " + id + " on " + node + " " + cause.explanation();
    events.accept(
        new TaskManagerEnded(
            new TaskManagerId(id), sentence, cause.lastLines(), cause.forMemory(), cause.exited()));
    if (ended.end() == ContainerLedger.End.HOPELESS) {
      events.accept(
          new Unfulfillable(
              fleet.model().flatMap(Fleet.Model::each),
              "containers end as soon as they are started; the last one: "
                  + cause.lastLines().below(sentence)));
    }
  }

  private void giveBack(Container container) {
    yarn.releaseAssignedContainer(container.getId());
    stoppers.execute(() -> stop(container));
  }

  /** Giving back is enough; asking the node as well saves its next heartbeat. */
  private void stop(Container container) {
    try {
      nodes.stopContainer(container.getId(), container.getNodeId());
    } catch (YarnException | IOException | RuntimeException e) {
      LOG.debug("{} was not stopped directly: {}", container.getId(), e.toString());
    }
  }

  private void end(JobStatus status, String diagnostics) {
    ended = true;
    for (Fleet fleet : fleets.values()) {
      fleet.ledger.releaseAll().forEach(this::giveBack);
      fleet.withdrawAll(yarn);
    }
    starters.shutdown();
    stoppers.shutdown();
    FinalApplicationStatus outcome =
        switch (status) {
          case FINISHED -> FinalApplicationStatus.SUCCEEDED;
          case CANCELED -> FinalApplicationStatus.KILLED;
          default -> FinalApplicationStatus.FAILED;
        };
    try {
      stoppers.awaitTermination(5, TimeUnit.SECONDS);
      yarn.unregisterApplicationMaster(outcome, diagnostics, "");
    } catch (YarnException | IOException e) {
      // The job's result is durable: the next attempt finds it and tells YARN.
      LOG.error("YARN could not be told that the job is {}: {}", status, e.toString());
      ending.exit(2, false);
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ending.exit(outcome == FinalApplicationStatus.FAILED ? FAILED_EXIT : 0, true);
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
