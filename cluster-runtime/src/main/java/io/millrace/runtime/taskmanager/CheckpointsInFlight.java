package io.millrace.runtime.taskmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.TaskEvent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Checkpoints for which some but not all attempts here have cut their state. Once the last one has,
 * everything goes into one file, in the background.
 */
final class CheckpointsInFlight {
  private final Env env;
  private final CheckpointStore store;
  private final TaskManagerId here;
  private final TaskHost host;
  private final TreeMap<CheckpointOf, Gathering> gatherings = new TreeMap<>();
  private final CompletedFiles files = new CompletedFiles();
  private final TreeMap<JobId, LocalCopies> copies = new TreeMap<>();

  /** Jobs that have started again since dead TaskManagers' copies of their files were deleted. */
  private final TreeSet<JobId> unswept = new TreeSet<>();

  private long filesWritten;

  CheckpointsInFlight(Env env, CheckpointStore store, TaskManagerId here, TaskHost host) {
    this.host = host;
    this.env = env;
    this.store = store;
    this.here = here;
  }

  /** A task has cut; answered by {@link Answer.StateWritten} or its opposite after the last one. */
  void cut(LocalJob job, Attempt attempt, TaskEvent.Cut cut) {
    AttemptId id = attempt.id;
    var checkpoint = new CheckpointOf(id.job(), id.region(), id.generation(), cut.checkpoint());
    Gathering gathering = gatherings.computeIfAbsent(checkpoint, key -> new Gathering());
    gathering.add(id, cut);
    if (job.of(id.region(), id.generation()).stream().allMatch(each -> gathering.has(each.id))) {
      gatherings.remove(checkpoint);
      String directory = cut.savepoint().isEmpty() ? store.directoryOf(id.job()) : cut.savepoint();
      write(checkpoint, directory, gathering, attempt.loaded, job.epoch);
    }
  }

  private void write(
      CheckpointOf checkpoint,
      String directory,
      Gathering gathering,
      Preparation loaded,
      Epoch epoch) {
    String file =
        JobDirectory.stateFile(epoch, checkpoint.checkpoint(), here.value(), ++filesWritten);
    long inlineUpTo = loaded.plan().settings().get(JobSettings.CHECKPOINT_INLINE);
    List<AttemptId> attempts = gathering.attempts();
    CompletedFiles.Known before = files.known();
    boolean copies =
        loaded.plan().settings().get(JobSettings.LOCAL_BACKUP)
            && directory.equals(store.directoryOf(checkpoint.job()));
    Optional<CopyBeside> copy =
        copies
            ? Optional.of(new CopyBeside(host.copies(), checkpoint.job(), file))
            : Optional.empty();
    env.offload(
        Lane.STATE,
        TaskManager.guarded(
            () -> {
              var states = gathering.write(store, directory, file, inlineUpTo, before, copy);
              return new Answer.StateWritten(
                  checkpoint, states, directory, file, copy.flatMap(CopyBeside::folder));
            }),
        e -> new Answer.StateNotWritten(checkpoint, attempts, Diagnosis.of(e, "", -1).message()));
  }

  /**
   * Copies that others had are here now.
   *
   * @param checkpoint that they were restored from
   */
  void inherited(CheckpointOf checkpoint, Map<String, StateFolder> folders) {
    if (!folders.isEmpty()) {
      copies
          .computeIfAbsent(checkpoint.job(), job -> new LocalCopies())
          .inherited(checkpoint, folders);
    }
  }

  /** The attempt goes on with the files of a checkpoint of its job that is kept. */
  void restored(AttemptId attempt, List<SubtaskState> states) {
    unswept.add(attempt.job());
    files.restored(attempt, states);
    LocalCopies of = copies.get(attempt.job());
    if (of != null) {
      of.restored(states);
    }
  }

  /** This TaskManager's part is durable; whether the checkpoint will be is not known yet. */
  void written(Answer.StateWritten answer) {
    CheckpointOf checkpoint = answer.checkpoint();
    files.written(checkpoint, answer.states());
    answer
        .copy()
        .ifPresent(
            folder ->
                delete(
                    copies
                        .computeIfAbsent(checkpoint.job(), job -> new LocalCopies())
                        .written(answer.file(), checkpoint, folder)));
  }

  /**
   * All whose state it is have ended meanwhile, so nobody else will ever hear of the file, nor of
   * its copy; the job may have ended too, and nobody looks for such files any more.
   */
  void writtenForNobody(Answer.StateWritten answer) {
    answer.copy().ifPresent(folder -> delete(List.of(folder)));
    boolean there =
        answer.states().values().stream()
            .flatMap(List::stream)
            .anyMatch(state -> state.files().contains(answer.file()));
    if (there) {
      env.offload(
          Lane.STATE,
          () -> {
            store.names(answer.directory()).delete(answer.file());
            return new Answer.Released();
          },
          e -> new Answer.Released());
    }
  }

  /** What there is on local disk of the job's state files. */
  LocalCopies.Known copies(JobId job) {
    LocalCopies of = copies.get(job);
    return of == null ? LocalCopies.Known.NONE : of.known();
  }

  /** The job is over here. */
  void released(JobId job) {
    LocalCopies of = copies.remove(job);
    if (of != null) {
      delete(of.all());
    }
    unswept.remove(job);
    sweep(job);
  }

  /** Nobody needs them. */
  void delete(Collection<StateFolder> folders) {
    if (!folders.isEmpty()) {
      inBackground(() -> folders.forEach(StateFolder::delete));
    }
  }

  private void inBackground(Runnable work) {
    env.offload(
        Lane.LOAD,
        () -> {
          work.run();
          return new Answer.Released();
        },
        e -> new Answer.Released());
  }

  /** The checkpoint is complete. */
  void completed(CheckpointOf checkpoint) {
    var states = files.writtenFor(checkpoint);
    LocalCopies of = copies.get(checkpoint.job());
    if (of != null && !states.isEmpty()) {
      delete(of.completed(checkpoint.checkpoint(), states));
    }
    files.completed(checkpoint);
    discard(checkpoint);
    if (unswept.remove(checkpoint.job())) {
      sweep(checkpoint.job());
    }
  }

  /** From now on nobody goes on with what was written before the failure that was last. */
  private void sweep(JobId job) {
    inBackground(() -> host.copies().sweep(job));
  }

  /** What was cut for it and those before is dropped; sinks keep what they promised. */
  void aborted(CheckpointOf checkpoint) {
    files.forget(checkpoint);
    // Also before there is any copy: one may be on its way.
    delete(copies.computeIfAbsent(checkpoint.job(), job -> new LocalCopies()).aborted(checkpoint));
    discard(checkpoint);
  }

  private void discard(CheckpointOf upTo) {
    for (CheckpointOf each : List.copyOf(gatherings.keySet())) {
      if (each.isOfSameExecution(upTo) && each.checkpoint() <= upTo.checkpoint()) {
        gatherings.remove(each).discard();
      }
    }
  }

  /** Without that attempt none of its checkpoints can complete. */
  void ended(AttemptId attempt) {
    files.ended(attempt);
    for (CheckpointOf each : List.copyOf(gatherings.keySet())) {
      if (each.includes(attempt)) {
        gatherings.remove(each).discard();
      }
    }
  }
}
