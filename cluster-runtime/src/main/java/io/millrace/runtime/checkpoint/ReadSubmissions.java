package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the submissions, and the end of the program, that a claimer has moved into its epoch of a
 * docket.
 */
final class ReadSubmissions extends Steps<ClaimedDocket> {
  private final Epoch mine;
  private final List<String> names;
  private final List<Submission> found = new ArrayList<>();
  private Optional<ProgramEnd> programEnd = Optional.empty();

  /**
   * @param names in order; they are padded, so that this is the order of their numbers
   */
  ReadSubmissions(Epoch mine, List<String> names) {
    this.mine = mine;
    this.names = names;
  }

  @Override
  public Step<ClaimedDocket> start() {
    return readFrom(0);
  }

  private Step<ClaimedDocket> readFrom(int index) {
    if (index == names.size()) {
      return new Step.Done<>(new ClaimedDocket(found, programEnd));
    }
    String path = JobDirectory.inEpoch(mine, names.get(index));
    return read(
        path,
        content -> {
          if (content.isEmpty()) {
            return new Step.Failed<>(path + " is gone");
          }
          try {
            if (path.endsWith(JobDirectory.PROGRAM_END)) {
              programEnd = Optional.of(Facts.decode(ProgramEnd.class, content.get()));
            } else {
              found.add(Facts.decode(Submission.class, content.get()));
            }
          } catch (DamagedFactException e) {
            // A job that was accepted must not be left out in silence.
            return new Step.Failed<>(path + " " + e.getMessage());
          }
          return readFrom(index + 1);
        });
  }
}
