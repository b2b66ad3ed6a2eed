package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Reads the jobs on a docket without claiming it. Whoever claims it meanwhile moves them from one
 * epoch to the next; so they are believed only if two looks in a row find the same.
 */
public final class FindSubmissions extends Steps<List<JobSpec>> {
  private static final int LOOKS = 20;

  private TreeMap<Long, String> before;
  private TreeMap<Long, String> found;
  private final List<JobSpec> specs = new ArrayList<>();
  private int looks;

  @Override
  public Step<List<JobSpec>> start() {
    return look(null);
  }

  private Step<List<JobSpec>> look(TreeMap<Long, String> last) {
    before = last;
    found = new TreeMap<>();
    specs.clear();
    if (looks++ == LOOKS) {
      return new Step.Failed<>("the jobs of the cluster are being taken over; try again");
    }
    return list(
        JobDirectory.EPOCHS,
        epochs ->
            gather(
                epochs.stream()
                    .filter(DurableNames.Entry::folder)
                    .map(entry -> JobDirectory.EPOCHS + "/" + entry.name())
                    .toList()));
  }

  private Step<List<JobSpec>> gather(List<String> folders) {
    if (folders.isEmpty()) {
      return found.equals(before) ? readNext() : look(found);
    }
    return list(
        folders.get(0),
        facts -> {
          for (DurableNames.Entry fact : facts) {
            OptionalLong number = JobDirectory.submissionOf(fact.name());
            if (number.isPresent()) {
              found.put(number.getAsLong(), folders.get(0) + "/" + fact.name());
            }
          }
          return gather(folders.subList(1, folders.size()));
        });
  }

  private Step<List<JobSpec>> readNext() {
    if (found.isEmpty()) {
      return new Step.Done<>(List.copyOf(specs));
    }
    String name = found.pollFirstEntry().getValue();
    return read(
        name,
        content -> {
          if (content.isEmpty()) {
            return look(null); // moved on, or forgotten
          }
          try {
            specs.add(Facts.decode(Submission.class, content.get()).spec());
          } catch (DamagedFactException e) {
            return new Step.Failed<>(name + " " + e.getMessage());
          }
          return readNext();
        });
  }
}
