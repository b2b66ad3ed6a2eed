package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** What this TaskManager has of one job. */
final class LocalJob {
  /** The highest seen; lower ones are refused. */
  Epoch epoch = Epoch.NONE;

  final TreeMap<AttemptId, Attempt> attempts = new TreeMap<>();

  boolean released;

  /** Ended here already: a late Deploy must not start them again. */
  private final TreeSet<AttemptId> over = new TreeSet<>();

  /** By region; lower generations are not started any more. */
  private final TreeMap<Integer, Integer> lowestGeneration = new TreeMap<>();

  /**
   * Obeys from now on. What lower epochs still say is refused, and which generations they had given
   * up binds no successor, which may never have heard of those.
   */
  void obey(Epoch higher) {
    if (higher.compareTo(epoch) > 0) {
      epoch = higher;
      lowestGeneration.clear();
    }
  }

  boolean mayStart(AttemptId attempt) {
    return !over.contains(attempt)
        && !attempts.containsKey(attempt)
        && attempt.generation() >= lowestGeneration.getOrDefault(attempt.region(), 0);
  }

  void ended(AttemptId attempt) {
    attempts.remove(attempt);
    over.add(attempt);
  }

  /** Refuses generations below; those that are alive remain to be cancelled. */
  void raiseGeneration(int region, int generation) {
    lowestGeneration.merge(region, generation, Math::max);
    over.removeIf(attempt -> attempt.region() == region && attempt.generation() < generation);
  }

  List<Attempt> of(int region, int generation) {
    return attempts.values().stream()
        .filter(each -> each.id.region() == region && each.id.generation() == generation)
        .toList();
  }

  List<Attempt> below(int region, int generation) {
    return attempts.values().stream()
        .filter(each -> each.id.region() == region && each.id.generation() < generation)
        .toList();
  }
}
