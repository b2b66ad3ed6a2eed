package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes everything of a finished job but its claim and its result. To be called once the result
 * is durable in the own epoch: whoever claims after that finds the result and wants nothing else.
 */
public final class DiscardAll extends Steps<Boolean> {
  private final Epoch mine;

  public DiscardAll(Epoch mine) {
    this.mine = mine;
  }

  @Override
  public Step<Boolean> start() {
    return list(
        JobDirectory.open(mine),
        facts -> {
          if (!JobDirectory.contains(facts, JobDirectory.inEpoch(mine, JobDirectory.RESULT))) {
            return new Step.Done<>(false);
          }
          var victims = new ArrayList<String>();
          for (DurableNames.Entry fact : facts) {
            if (!fact.name().equals(JobDirectory.RESULT)) {
              victims.add(JobDirectory.inEpoch(mine, fact.name()));
            }
          }
          victims.add(JobDirectory.DATA);
          victims.add(JobDirectory.TMP);
          return delete(victims, 0);
        });
  }

  private Step<Boolean> delete(List<String> victims, int index) {
    if (index == victims.size()) {
      return through(new CleanUp(mine, List.of()), deleted -> new Step.Done<>(true));
    }
    return insist(new NameOp.Delete(victims.get(index)), outcome -> delete(victims, index + 1));
  }
}
