package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Optional;

/**
 * Reads how a job ended, without claiming it. Empty while it has not, and for the moment in which
 * somebody who claims it moves its result.
 */
public final class FindResult extends Steps<Optional<JobResult>> {
  @Override
  public Step<Optional<JobResult>> start() {
    return list(
        JobDirectory.EPOCHS,
        epochs ->
            look(
                epochs.stream()
                    .filter(DurableNames.Entry::folder)
                    .map(entry -> JobDirectory.EPOCHS + "/" + entry.name())
                    .toList()));
  }

  /** Of several the highest epoch's, which sorts last. */
  private Step<Optional<JobResult>> look(List<String> folders) {
    if (folders.isEmpty()) {
      return new Step.Done<>(Optional.empty());
    }
    String file = folders.get(folders.size() - 1) + "/" + JobDirectory.RESULT;
    return read(
        file,
        content -> {
          if (content.isEmpty()) {
            return look(folders.subList(0, folders.size() - 1));
          }
          try {
            return new Step.Done<>(Optional.of(Facts.decode(JobResult.class, content.get())));
          } catch (DamagedFactException e) {
            // It has ended, and nobody may wait for it any more.
            String why = file + " " + e.getMessage();
            return new Step.Done<>(
                Optional.of(
                    new JobResult(JobStatus.FAILED, Optional.of(JobResult.unknown(why)), 0)));
          }
        });
  }
}
