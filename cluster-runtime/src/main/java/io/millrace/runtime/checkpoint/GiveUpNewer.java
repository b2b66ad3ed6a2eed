package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Says that the job goes back, then takes away the names of all own checkpoints that are newer:
 * whatever they are found to be later, nobody starts from them any more. That must be durable
 * before sinks take back what those promised. Comes to false if it was fenced.
 */
public final class GiveUpNewer extends Steps<Boolean> {
  private final Epoch epoch;
  private final Rollback rollback;
  private final long unique;

  /**
   * @param unique among all writes in this epoch
   */
  public GiveUpNewer(Epoch epoch, Rollback rollback, long unique) {
    this.epoch = epoch;
    this.rollback = rollback;
    this.unique = unique;
  }

  @Override
  public Step<Boolean> start() {
    return through(
        WriteFact.rollback(epoch, rollback, unique),
        written ->
            switch (written.verdict()) {
              case DONE -> rollback.inherited() ? new Step.Done<>(true) : gather();
              case FENCED -> new Step.Done<>(false);
              case CONFLICT, SOURCE_GONE -> new Step.Failed<>(written.detail());
            });
  }

  private Step<Boolean> gather() {
    return list(
        JobDirectory.open(epoch),
        facts -> {
          var newer = new ArrayList<String>();
          for (DurableNames.Entry fact : facts) {
            OptionalLong checkpoint = JobDirectory.checkpointOf(fact.name());
            if (checkpoint.isPresent() && checkpoint.getAsLong() > rollback.to()) {
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
