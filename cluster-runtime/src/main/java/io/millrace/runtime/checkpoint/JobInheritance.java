package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.function.Function;

/** Of a job: its checkpoints, where its tasks were deployed, and what was decided of it. */
final class JobInheritance implements Inheritance<ClaimedJob> {
  private final boolean runs;

  /** Of checkpoints that were given up: their ids are not used again. */
  private long highestDropped;

  /**
   * @param runs whether the job is to run on
   */
  JobInheritance(boolean runs) {
    this.runs = runs;
  }

  @Override
  public boolean keeps(String name) {
    highestDropped = Math.max(highestDropped, JobDirectory.droppedOf(name).orElse(0));
    return name.equals(JobDirectory.INTENT)
        || name.equals(JobDirectory.RESULT)
        || name.equals(JobDirectory.CHECKPOINTED)
        || JobDirectory.checkpointOf(name).isPresent()
        || JobDirectory.generationOf(name).isPresent()
        || JobDirectory.rollbackOf(name).isPresent()
        || JobDirectory.crashOf(name).isPresent()
        || JobDirectory.restartsOf(name).isPresent();
  }

  @Override
  public void thinOut(NavigableSet<String> kept) {
    keepNewest(kept, JobDirectory::generationOf, 1);
    keepNewest(kept, JobDirectory::rollbackOf, 1);
    keepNewest(kept, JobDirectory::crashOf, ClaimedJob.CRASHES_KEPT);
    keepNewest(kept, JobDirectory::restartsOf, 1);
  }

  /** Of the facts whose names have such a number, those with the highest. */
  private static void keepNewest(
      NavigableSet<String> kept, Function<String, OptionalLong> number, int count) {
    var names = new ArrayList<String>();
    for (String name : kept) {
      if (number.apply(name).isPresent()) {
        names.add(name); // names are padded, so the last one is the newest
      }
    }
    names.subList(0, Math.max(0, names.size() - count)).forEach(kept::remove);
  }

  @Override
  public Procedure<ClaimedJob> read(Epoch mine, List<String> facts) {
    return new ReadJob(mine, facts, highestDropped, runs);
  }

  @Override
  public boolean hasData() {
    return true;
  }

  @Override
  public boolean needsData(ClaimedJob job) {
    return job.result().isEmpty();
  }
}
