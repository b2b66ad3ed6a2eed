package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Takes away the names of all checkpoints in the own open epoch that are newer than the one which
 * the job goes back to: whatever they are found to be later, nobody starts from them any more. That
 * must be durable before sinks take back what those promised. Comes to false if it was fenced.
 */
public final class GiveUpNewer extends Steps<Boolean> {
  private final Epoch epoch;
  private final long than;

  public GiveUpNewer(Epoch epoch, long than) {
    this.epoch = epoch;
    this.than = than;
  }

  @Override
  public Step<Boolean> start() {
    return list(
        JobDirectory.open(epoch),
        facts -> {
          var newer = new ArrayList<String>();
          for (DurableNames.Entry fact : facts) {
            OptionalLong checkpoint = JobDirectory.checkpointOf(fact.name());
            if (checkpoint.isPresent() && checkpoint.getAsLong() > than) {
              newer.add(fact.name());
            }
          }
          return drop(newer, 0);
        });
  }

  private Step<Boolean> drop(List<String> newer, int index) {
    if (index == newer.size()) {
      return new Step.Done<>(true);
    }
    return move(
        JobDirectory.inEpoch(epoch, newer.get(index)),
        JobDirectory.inEpoch(epoch, JobDirectory.dropped(newer.get(index))),
        JobDirectory.open(epoch),
        moved -> moved == Moved.FENCED ? new Step.Done<>(false) : drop(newer, index + 1));
  }
}
