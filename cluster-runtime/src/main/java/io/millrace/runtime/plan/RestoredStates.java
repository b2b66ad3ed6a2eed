package io.millrace.runtime.plan;

import io.millrace.api.graph.Vertex;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.SubtaskState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which subtask starts from which part of a checkpoint. */
public final class RestoredStates {
  /** For a job that starts from nothing. */
  public static final RestoredStates NONE =
      new RestoredStates(new TreeMap<>(), RestoredChannels.NONE);

  private final TreeMap<String, TreeMap<Integer, SubtaskState>> byUid;

  /** Operators of which every subtask wants what all have left. */
  private final TreeSet<String> wantedByAll = new TreeSet<>();

  private final RestoredChannels channels;

  private RestoredStates(
      TreeMap<String, TreeMap<Integer, SubtaskState>> byUid, RestoredChannels channels) {
    this.byUid = byUid;
    this.channels = channels;
    byUid.forEach(
        (uid, states) -> {
          if (states.values().stream().anyMatch(RestoredStates::isWantedByAll)) {
            wantedByAll.add(uid);
          }
        });
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
      } else if (!allowNonRestored && !state.withChannels(List.of()).isEmpty()) {
        throw new CannotRestoreException(
            place(manifest)
                + " holds state, or what accumulators came to, of an operator with the uid '"
                + state.uid()
                + "', which this job does not have; give the operator its uid again, or drop its state with"
                + " --allowNonRestoredState");
      }
    }
    byUid.values().forEach(states -> checkComplete(states, manifest));
    return new RestoredStates(byUid, RestoredChannels.divide(plan, manifest, allowNonRestored));
  }

  /**
   * What the subtask's operators start from, in the order of the subtasks that left it; empty if
   * none did. With another parallelism than then a subtask gets the state of every subtask that had
   * some of its key groups, all that belongs to no key, to take its part of it, and the
   * committables and accumulators of some of the subtasks, each of which goes to exactly one. What
   * was in flight to the subtask comes with the state of whoever held it, which may be the edge's
   * producer.
   */
  public List<SubtaskState> of(ChainPlan chain, int subtask) {
    var states = new ArrayList<SubtaskState>();
    for (String uid : chain.uids()) {
      for (SubtaskState state : candidates(uid, chain, subtask)) {
        SubtaskState part = partOf(state, subtask, chain.parallelism());
        if (!part.isEmpty()) {
          states.add(part);
        }
      }
    }
    states.addAll(channels.of(chain, subtask));
    return states;
  }

  /**
   * Those that may have something for the subtask. With the parallelism of then that is its own
   * alone, unless all want what belongs to no key; to look at all for each would take the square of
   * the time.
   */
  private Collection<SubtaskState> candidates(String uid, ChainPlan chain, int subtask) {
    TreeMap<Integer, SubtaskState> states = byUid.getOrDefault(uid, new TreeMap<>());
    boolean apart = states.size() == chain.parallelism() && !wantedByAll.contains(uid);
    return apart ? List.of(states.get(subtask)) : states.values();
  }

  private static boolean isWantedByAll(SubtaskState state) {
    return state.contents().stream().anyMatch(info -> info.kind().wantedByAll());
  }

  private static SubtaskState partOf(SubtaskState state, int subtask, int parallelism) {
    boolean same = state.parallelism() == parallelism;
    boolean own = same && state.subtask() == subtask;
    boolean wantsOwn = own || !same || isWantedByAll(state);
    boolean takesOver = state.subtask() % parallelism == subtask;
    return new SubtaskState(
        state.uid(),
        state.subtask(),
        state.parallelism(),
        state.maxParallelism(),
        wantsOwn ? state.own() : Optional.empty(),
        takesOver ? state.committables() : List.of(),
        sharesGroups(state, subtask, parallelism) ? state.keyed() : Optional.empty(),
        state.contents().stream().map(StateInfo::brief).toList(),
        List.of(),
        takesOver ? state.accumulators() : List.of());
  }

  private static boolean sharesGroups(SubtaskState state, int subtask, int parallelism) {
    int max = state.maxParallelism();
    int first = KeyGroups.firstOf(subtask, parallelism, max);
    int end = KeyGroups.firstOf(subtask + 1, parallelism, max);
    return first < KeyGroups.firstOf(state.subtask() + 1, state.parallelism(), max)
        && KeyGroups.firstOf(state.subtask(), state.parallelism(), max) < end;
  }

  private static void check(Vertex vertex, SubtaskState state, Manifest manifest) {
    String operator = "'" + vertex.name() + "' (uid '" + vertex.uid() + "')";
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

  private static void checkComplete(TreeMap<Integer, SubtaskState> states, Manifest manifest) {
    SubtaskState first = states.firstEntry().getValue();
    boolean agree =
        states.values().stream().allMatch(state -> state.parallelism() == first.parallelism());
    if (!agree || states.size() != first.parallelism()) {
      throw new CannotRestoreException(
          place(manifest)
              + " holds "
              + states.size()
              + " of the "
              + first.parallelism()
              + " subtasks of the operator with the uid '"
              + first.uid()
              + "'");
    }
  }

  private static String place(Manifest manifest) {
    return "checkpoint " + manifest.checkpoint() + " of job " + manifest.job();
  }
}
