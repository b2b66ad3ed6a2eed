package io.millrace.simulator;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What must hold after every event, checked from what can be seen: messages on their way and facts
 * that become durable. The first breach is kept, because the code that runs into it may take the
 * error for one of its own.
 */
final class Rules {
  private static final int MOST_REPORTS = 2_000;

  /** So many reports of a source without an answer; then it goes on alone. */
  private static final int MOST_UNANSWERED = 5;

  /** Fewer, as a task may take an answer later than its process does. */
  private static final int FEW_UNANSWERED = 4;

  private final Ledger ledger;

  /** Of jobs that have outsides of their own. */
  private final TreeMap<JobId, Ledger> others = new TreeMap<>();

  private final Trace trace;
  private final TreeMap<JobId, Job> jobs = new TreeMap<>();
  private final TreeMap<String, Long> savepoints = new TreeMap<>();
  private final TreeMap<String, Epoch> epochOfTaskManager = new TreeMap<>();
  private Optional<InvariantViolation> breach = Optional.empty();

  /** What is known of a job. */
  private static final class Job {
    final TreeMap<Long, Manifest> manifests = new TreeMap<>();

    /** Files that these name. */
    final TreeSet<String> named = new TreeSet<>();

    final TreeSet<String> deployments = new TreeSet<>();
    final TreeMap<Integer, Epoch> deployedIn = new TreeMap<>();
    final TreeMap<Epoch, Long> newestDraft = new TreeMap<>();
    final TreeMap<String, TreeSet<Long>> triggered = new TreeMap<>();
    final TreeMap<Long, TreeSet<String>> acked = new TreeMap<>();

    /** Attempts whose input had come to its end. */
    final TreeSet<AttemptId> atTheEnd = new TreeSet<>();

    /** Checkpoints that some of them have a part in. */
    final TreeSet<Long> ackedAtTheEnd = new TreeSet<>();

    Optional<TreeSet<String>> parts = Optional.empty();
    Epoch newestEpoch = Epoch.NONE;

    /** How many checkpoints may be begun without one that completes. */
    long mostInVain = Long.MAX_VALUE;

    /** Those begun by whoever commands now, since the last one that completed. */
    final TreeSet<Long> inVain = new TreeSet<>();

    String begunBy = "";

    /** Highest checkpoint that tasks were told of as complete or given up. */
    long over;

    int newestGeneration;
    boolean damaged;

    /** The furthest that sources which wait for each other were told all of them had come. */
    long granted = Long.MIN_VALUE;

    final TreeMap<AttemptId, Integer> unanswered = new TreeMap<>();

    /** Some source has had no answer for so long that it may have gone on without. */
    boolean alone;
  }

  Rules(Ledger ledger, Trace trace) {
    this.ledger = ledger;
    this.trace = trace;
    ledger.reportTo(this);
  }

  /** A job that has an outside of its own. */
  void add(Neighbour neighbour) {
    others.put(neighbour.spec().job(), neighbour.ledger());
    neighbour.ledger().reportTo(this);
  }

  private Ledger ledgerOf(JobId job) {
    return others.getOrDefault(job, ledger);
  }

  /** The first rule that was broken, if any. */
  Optional<InvariantViolation> breach() {
    return breach;
  }

  InvariantViolation broken(String how) {
    var violation = new InvariantViolation(how);
    if (breach.isEmpty()) {
      breach = Optional.of(violation);
    }
    return violation;
  }

  private void hold(boolean condition, String otherwise) {
    if (!condition) {
      throw broken(otherwise);
    }
  }

  private Job of(JobId job) {
    return jobs.computeIfAbsent(job, id -> new Job());
  }

  /** From now on an older checkpoint than the newest may be restored. */
  void damaged(JobId job) {
    of(job).damaged = true;
  }

  /** Whether what some checkpoint promised may be written anew from an older one. */
  boolean anyDamage() {
    return jobs.values().stream().anyMatch(job -> job.damaged);
  }

  boolean isDamaged(JobId job) {
    return of(job).damaged;
  }

  long newestCheckpoint(JobId job) {
    return of(job).manifests.isEmpty() ? 0 : of(job).manifests.lastKey();
  }

  Optional<Manifest> newest(JobId job) {
    return Optional.ofNullable(of(job).manifests.lastEntry()).map(entry -> entry.getValue());
  }

  /** How often the job was deployed. */
  int generations(JobId job) {
    return of(job).deployments.size();
  }

  // ---- what becomes durable

  /** Only one manifest is on its way at a time: none is begun while an older one may still land. */
  void manifestDrafted(JobId id, Epoch epoch, long checkpoint) {
    of(id).newestDraft.merge(epoch, checkpoint, Math::max);
  }

  void manifestDurable(Manifest manifest, String name) {
    Job job = of(manifest.job());
    long before = newestCheckpoint(manifest.job());
    hold(
        manifest.checkpoint() > before,
        name + " became durable after checkpoint " + before + " had been");
    hold(
        manifest.epoch().compareTo(job.newestEpoch) >= 0,
        name + " became durable after epoch " + job.newestEpoch + " commanded");
    hold(
        manifest.generation() == job.newestGeneration,
        name
            + " of generation "
            + manifest.generation()
            + " became durable after generation "
            + job.newestGeneration
            + " was deployed");
    hold(
        job.newestDraft.getOrDefault(manifest.epoch(), 0L) <= manifest.checkpoint(),
        name + " became durable when a later one was on its way");
    partsAreComplete(job, manifest, name);
    partsAreOfThisExecution(job, manifest, name);
    job.acked.headMap(manifest.checkpoint()).clear();
    if (job.ackedAtTheEnd.contains(manifest.checkpoint()) && !manifest.last()) {
      trace.hit("checkpoint after the input of some tasks had ended");
    }
    String own =
        String.format(
            java.util.Locale.ROOT,
            "data/%s-%019d-",
            manifest.epoch().label(),
            manifest.checkpoint());
    for (SubtaskState state : manifest.states()) {
      state.own().ifPresent(bytes -> isOfThisCheckpoint(bytes, job.named, own, name));
      state.keyed().ifPresent(bytes -> isOfThisCheckpoint(bytes, job.named, own, name));
      for (ChannelState channel : state.channels()) {
        isOfThisCheckpoint(channel.elements(), job.named, own, name);
      }
      for (Committable committable : state.committables()) {
        promise(committable, manifest, name);
      }
    }
    job.newestEpoch = manifest.epoch();
    job.named.addAll(manifest.files());
    job.manifests.put(manifest.checkpoint(), manifest);
  }

  /**
   * Each was acknowledged for this very checkpoint by an attempt of the generation that the
   * manifest names: whatever else came to the JobManager is of no use for it.
   */
  private void partsAreOfThisExecution(Job job, Manifest manifest, String name) {
    TreeSet<String> acked = job.acked.getOrDefault(manifest.checkpoint(), new TreeSet<>());
    for (SubtaskState state : manifest.states()) {
      hold(
          acked.contains(part(manifest.generation(), state)),
          name + " holds a part of " + state.uid() + "/" + state.subtask() + " not cut for it");
    }
  }

  private static String part(int generation, SubtaskState state) {
    var text = new StringBuilder();
    text.append(generation).append(' ').append(state.uid()).append('/').append(state.subtask());
    state.own().ifPresent(own -> text.append(" own").append(bytes(own)));
    state.keyed().ifPresent(keyed -> text.append(" keyed").append(bytes(keyed)));
    for (ChannelState channel : state.channels()) {
      text.append(" channel").append(bytes(channel.elements()));
    }
    for (Committable committable : state.committables()) {
      text.append(' ').append(new String(committable.bytes(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  private static String bytes(StateBytes state) {
    var text = new StringBuilder();
    for (StateBytes leaf : state.leaves()) {
      if (leaf instanceof StateBytes.InFile range) {
        text.append(' ').append(range);
      } else if (leaf instanceof StateBytes.Inline inline) {
        text.append(' ').append(inline.bytes().length).append('~').append(inline.crc32c());
      }
    }
    return text.toString();
  }

  /** A user was told that there is a savepoint. */
  void savepointTold(String path) {
    hold(savepoints.containsKey(path), "a user was told of " + path + ", which is not whole");
  }

  /** Id of the checkpoint that a savepoint is. */
  long idOf(String savepoint) {
    return savepoints.get(savepoint);
  }

  /** Whoever resumes from it will commit what it holds: a checkpoint must have promised that. */
  void savepointWhole(Manifest manifest, String directory, String name) {
    savepoints.put(directory, manifest.checkpoint());
    for (SubtaskState state : manifest.states()) {
      for (Committable committable : state.committables()) {
        String piece = new String(committable.bytes(), StandardCharsets.UTF_8);
        hold(
            ledgerOf(manifest.job()).isPromised(piece),
            name + " holds " + piece + ", which nobody has promised");
      }
    }
  }

  /** Each subtask of each operator once, and the same ones in every checkpoint. */
  private void partsAreComplete(Job job, Manifest manifest, String name) {
    var parts = new TreeSet<String>();
    for (SubtaskState state : manifest.states()) {
      String part = state.uid() + "/" + state.subtask();
      hold(parts.add(part), name + " holds two attempts of " + part);
    }
    hold(
        job.parts.isEmpty() || job.parts.get().equals(parts),
        name + " holds " + parts + " instead of " + job.parts);
    job.parts = Optional.of(parts);
  }

  /**
   * @param shared files that checkpoints of the job have named so far
   * @param own how those of this checkpoint begin
   */
  private void isOfThisCheckpoint(
      StateBytes bytes, TreeSet<String> shared, String own, String name) {
    for (StateBytes leaf : bytes.leaves()) {
      if (leaf instanceof StateBytes.InFile range) {
        boolean again = bytes instanceof StateBytes.Files && shared.contains(range.file());
        hold(
            again || range.file().startsWith(own),
            name + " names " + range.file() + " of another checkpoint or epoch");
      }
    }
  }

  /** New output comes from the attempts of this generation; older output was promised before. */
  private void promise(Committable committable, Manifest manifest, String name) {
    String piece = new String(committable.bytes(), StandardCharsets.UTF_8);
    boolean ours =
        piece.contains(
            "-"
                + of(manifest.job()).deployedIn.get(manifest.generation()).label()
                + "-"
                + manifest.generation()
                + "-");
    hold(
        ours || ledgerOf(manifest.job()).isPromised(piece),
        name + " promises " + piece + " of an attempt of another generation");
    hold(
        committable.checkpoint() <= manifest.checkpoint(),
        name + " promises output of checkpoint " + committable.checkpoint());
    ledgerOf(manifest.job()).promise(piece);
  }

  void deploymentDurable(JobId id, DeploymentRecord record, String name) {
    Job job = of(id);
    hold(
        record.generation() > job.newestGeneration,
        name + " became durable after generation " + job.newestGeneration);
    hold(
        record.epoch().compareTo(job.newestEpoch) >= 0,
        name + " became durable after epoch " + job.newestEpoch + " commanded");
    if (job.inVain.size() >= job.mostInVain) {
      trace.hit("job restarted for checkpoints that failed");
    }
    job.newestGeneration = record.generation();
    job.newestEpoch = record.epoch();
    job.deployments.add(key(record.epoch(), record.generation()));
    job.deployedIn.put(record.generation(), record.epoch());
  }

  private static String key(Epoch epoch, int generation) {
    return epoch.label() + "/" + generation;
  }

  // ---- what is said

  void sent(SimulatedProcess from, Message message) {
    if (message instanceof ToTaskManager.Deploy deploy) {
      deployed(deploy);
    } else if (message instanceof ToTaskManager.TriggerCheckpoint trigger) {
      String who = trigger.job() + " " + from.name();
      TreeSet<Long> before =
          of(trigger.job()).triggered.computeIfAbsent(who, name -> new TreeSet<>());
      hold(
          before.isEmpty()
              || trigger.checkpoint() > before.last()
              || before.contains(trigger.checkpoint()),
          from + " triggers a new checkpoint with a lower id than one before");
      if (!before.isEmpty()
          && trigger.checkpoint() > before.last()
          && before.last() > of(trigger.job()).over) {
        trace.hit("checkpoint began while another was under way");
      }
      before.add(trigger.checkpoint());
      begun(of(trigger.job()), trigger);
      if (!of(trigger.job()).deployedIn.get(trigger.generation()).equals(trigger.epoch())) {
        trace.hit("checkpoint of adopted tasks");
      }
    } else if (message instanceof ToTaskManager.CheckpointAborted aborted) {
      of(aborted.job()).over = Math.max(of(aborted.job()).over, aborted.checkpoint());
    } else if (message instanceof ToTaskManager.CheckpointCompleted completed) {
      of(completed.job()).over = Math.max(of(completed.job()).over, completed.checkpoint());
      // Also younger ones: those among them that had failed by then do not count any more.
      of(completed.job()).inVain.clear();
      Manifest manifest = of(completed.job()).manifests.get(completed.checkpoint());
      boolean own =
          manifest != null
              && manifest.epoch().equals(completed.epoch())
              && manifest.generation() == completed.generation();
      boolean adopted =
          manifest != null
              && manifest.epoch().compareTo(completed.epoch()) < 0
              && manifest.generation() <= completed.generation();
      hold(
          own || adopted,
          from + " says checkpoint " + completed.checkpoint() + " is complete, which it is not");
    } else if (message instanceof ToJobManager.Heartbeat heartbeat) {
      heartbeat(from, heartbeat);
    } else if (message instanceof ToJobManager.WatermarkReached reached) {
      Job job = of(reached.attempt().job());
      int unanswered = job.unanswered.merge(reached.attempt(), 1, Integer::sum);
      job.alone |= unanswered >= FEW_UNANSWERED;
      if (unanswered > MOST_UNANSWERED) {
        trace.hit("a source went on without an answer");
      }
    } else if (message instanceof ToTaskManager.GroupReached group) {
      Job job = of(group.attempt().job());
      job.granted = Math.max(job.granted, group.watermark());
    }
  }

  /** A job that minds failed checkpoints goes on with one after the other only so long. */
  private void begun(Job job, ToTaskManager.TriggerCheckpoint trigger) {
    String by = key(trigger.epoch(), trigger.generation());
    if (!by.equals(job.begunBy) || !trigger.purpose().equals(Purpose.CHECKPOINT)) {
      job.begunBy = by;
      job.inVain.clear();
    }
    if (trigger.purpose().equals(Purpose.CHECKPOINT) && trigger.checkpoint() > job.over) {
      job.inVain.add(trigger.checkpoint());
    }
    hold(
        job.inVain.size() <= job.mostInVain,
        "checkpoints " + job.inVain + " were begun in vain, more than " + job.mostInVain);
  }

  /** A message has come to where it was sent. */
  void delivered(Message message) {
    if (message instanceof ToTaskManager.GroupReached group) {
      of(group.attempt().job()).unanswered.put(group.attempt(), 0);
    }
  }

  /**
   * A record is read from a source that waits for others.
   *
   * @param from time of the first one that this attempt has read of the split
   * @param drift how far it may be ahead
   * @param poll how much further while nobody looks
   */
  void reads(JobId id, long time, long from, long drift, long poll) {
    Job job = of(id);
    if (job.alone || job.granted == Long.MAX_VALUE) {
      return;
    }
    long most = Math.max(job.granted == Long.MIN_VALUE ? job.granted : job.granted + drift, from);
    if (time > most) {
      trace.hit("a source was read as far as its group allowed");
    }
    hold(
        time <= most + poll,
        "a source was read to "
            + time
            + " when its group had come to "
            + job.granted
            + ", from "
            + from
            + " on, with "
            + drift
            + " allowed and "
            + poll
            + " for a poll");
  }

  void heardComplete(JobId job, long checkpoint, boolean due) {
    hold(due, "a function hears at the wrong time that checkpoint " + checkpoint + " is complete");
    hold(
        of(job).manifests.containsKey(checkpoint),
        "a function hears that checkpoint " + checkpoint + " is complete, which is not durable");
  }

  private void deployed(ToTaskManager.Deploy deploy) {
    JobPlan plan = JobPlan.of(deploy.spec().graph(), Configuration.EMPTY);
    for (ToTaskManager.TaskStart start : deploy.tasks()) {
      for (SubtaskState state : start.state()) {
        for (ChannelState channel : state.channels()) {
          ledgerOf(deploy.spec().job())
              .restores(channel, plan.chains().get(start.chain()).uids().contains(channel.from()));
        }
      }
    }
    Job job = of(deploy.spec().job());
    var settings = new Configuration(deploy.spec().graph().settings());
    boolean one = !settings.get(JobSettings.CHECKPOINT_MIN_PAUSE).isZero();
    // One that fails may have overtaken all others that were under way.
    job.mostInVain =
        (settings.get(JobSettings.TOLERABLE_FAILED_CHECKPOINTS) + 1L)
            * (one ? 1 : settings.get(JobSettings.CHECKPOINTS_AT_ONCE));
    hold(
        job.deployments.contains(key(deploy.epoch(), deploy.generation())),
        "generation " + deploy.generation() + " is deployed before that is durable");
    long newest = 0;
    for (Manifest manifest : job.manifests.values()) {
      if (manifest.epoch().compareTo(deploy.epoch()) < 0) {
        newest = manifest.checkpoint();
      }
    }
    if (newest > 0 && !job.damaged) {
      String padded = String.format(java.util.Locale.ROOT, "/manifest-%019d", newest);
      hold(
          deploy.restoredManifest().endsWith(padded),
          "epoch "
              + deploy.epoch()
              + " restores '"
              + deploy.restoredManifest()
              + "' though checkpoint "
              + newest
              + " is durable");
    }
  }

  private void heartbeat(SimulatedProcess from, ToJobManager.Heartbeat heartbeat) {
    hold(
        heartbeat.reports().size() <= MOST_REPORTS,
        from + " repeats " + heartbeat.reports().size() + " reports");
    for (ToJobManager.NumberedReport numbered : heartbeat.reports()) {
      if (numbered.report() instanceof Report.CheckpointAcked acked) {
        acked(acked);
      } else if (numbered.report() instanceof Report.EndOfData ended) {
        of(ended.attempt().job()).atTheEnd.add(ended.attempt());
      }
    }
    for (ToJobManager.AttemptStatus status : heartbeat.attempts().orElse(List.of())) {
      String who = from.name() + " " + status.attempt().job();
      Epoch before = epochOfTaskManager.getOrDefault(who, Epoch.NONE);
      if (!status.epoch().equals(before)) {
        hold(status.epoch().compareTo(before) > 0, from + " obeys a lower epoch than " + before);
        epochOfTaskManager.put(who, status.epoch());
      }
    }
  }

  private void acked(Report.CheckpointAcked acked) {
    Job job = of(acked.attempt().job());
    int generation = acked.attempt().generation();
    if (generation < job.newestGeneration
        && !job.acked.isEmpty()
        && acked.checkpoint() < job.acked.lastKey()) {
      trace.hit("part of an older execution acknowledged late");
    }
    TreeSet<String> parts =
        job.acked.computeIfAbsent(acked.checkpoint(), checkpoint -> new TreeSet<>());
    acked.state().forEach(state -> parts.add(part(generation, state)));
    if (job.atTheEnd.contains(acked.attempt())) {
      job.ackedAtTheEnd.add(acked.checkpoint());
    }
  }

  // ---- the end

  /** After a job has finished only its result and its claim are left. */
  void nothingIsLeft(List<String> files, Epoch last) {
    var left = new ArrayList<String>();
    for (String file : files) {
      boolean older = !file.contains(last.label());
      boolean wanted = file.endsWith("/result") || file.startsWith("claims/");
      if (!wanted && !older) {
        left.add(file);
      }
    }
    hold(left.isEmpty(), "files were left behind: " + left);
  }
}
