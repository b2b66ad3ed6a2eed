package io.millrace.runtime.plan;

import io.millrace.api.graph.Vertex;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.SubtaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Which subtask starts from which part of a checkpoint. */
public final class RestoredStates {
  /** For a job that starts from nothing. */
  public static final RestoredStates NONE = new RestoredStates(new TreeMap<>());

  private final TreeMap<String, TreeMap<Integer, SubtaskState>> byUid;

  private RestoredStates(TreeMap<String, TreeMap<Integer, SubtaskState>> byUid) {
    this.byUid = byUid;
  }

  /**
   * Divides a checkpoint among the job's operators by their uids.
   *
   * @param allowNonRestored whether state that no operator takes may be dropped
   * @throws CannotRestoreException if the checkpoint does not fit
   */
  public static RestoredStates divide(JobPlan plan, Manifest manifest, boolean allowNonRestored) {
    var vertices = new TreeMap<String, Vertex>();
    plan.vertices().forEach(vertex -> vertices.put(vertex.uid(), vertex));
    var byUid = new TreeMap<String, TreeMap<Integer, SubtaskState>>();
    for (SubtaskState state : manifest.states()) {
      Vertex vertex = vertices.get(state.uid());
      if (vertex != null) {
        check(vertex, state, manifest);
        byUid.computeIfAbsent(state.uid(), uid -> new TreeMap<>()).put(state.subtask(), state);
      } else if (!allowNonRestored && !isEmpty(state)) {
        throw new CannotRestoreException(
            place(manifest)
                + " holds state of an operator with the uid '"
                + state.uid()
                + "', which this job does not have; give the operator its uid again");
      }
    }
    byUid.forEach(
        (uid, states) -> {
          if (states.size() != vertices.get(uid).parallelism()) {
            throw new CannotRestoreException(
                place(manifest)
                    + " holds "
                    + states.size()
                    + " of the "
                    + vertices.get(uid).parallelism()
                    + " subtasks of '"
                    + vertices.get(uid).name()
                    + "' (uid '"
                    + uid
                    + "')");
          }
        });
    return new RestoredStates(byUid);
  }

  /** What the subtask's operators left behind, head first; empty if none of them did. */
  public List<SubtaskState> of(ChainPlan chain, int subtask) {
    var states = new ArrayList<SubtaskState>();
    for (String uid : chain.uids()) {
      SubtaskState state = byUid.getOrDefault(uid, new TreeMap<>()).get(subtask);
      if (state != null) {
        states.add(state);
      }
    }
    return states;
  }

  private static void check(Vertex vertex, SubtaskState state, Manifest manifest) {
    String operator = "'" + vertex.name() + "' (uid '" + vertex.uid() + "')";
    if (state.parallelism() != vertex.parallelism()) {
      throw new CannotRestoreException(
          place(manifest)
              + " was taken with parallelism "
              + state.parallelism()
              + " of "
              + operator
              + ", the job has "
              + vertex.parallelism()
              + "; a change of parallelism is not supported yet, run it with "
              + state.parallelism());
    }
    if (state.keyed().isPresent() && state.maxParallelism() != vertex.maxParallelism()) {
      throw new CannotRestoreException(
          place(manifest)
              + " was taken with max parallelism "
              + state.maxParallelism()
              + " of "
              + operator
              + ", the job has "
              + vertex.maxParallelism()
              + "; set it back to "
              + state.maxParallelism());
    }
  }

  private static boolean isEmpty(SubtaskState state) {
    return state.own().isEmpty() && state.keyed().isEmpty() && state.committables().isEmpty();
  }

  private static String place(Manifest manifest) {
    return "checkpoint " + manifest.checkpoint() + " of job " + manifest.job();
  }
}
