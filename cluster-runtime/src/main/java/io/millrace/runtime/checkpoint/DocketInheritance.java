package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.NavigableSet;

/**
 * Of a cluster that outlives its jobs: what it was given. How each job stands, its own facts say.
 */
final class DocketInheritance implements Inheritance<ClaimedDocket> {
  @Override
  public boolean keeps(String name) {
    return JobDirectory.submissionOf(name).isPresent() || name.equals(JobDirectory.PROGRAM_END);
  }

  @Override
  public void thinOut(NavigableSet<String> kept) {}

  @Override
  public Procedure<ClaimedDocket> read(Epoch mine, List<String> facts) {
    return new ReadSubmissions(mine, facts);
  }

  @Override
  public boolean hasData() {
    return false;
  }

  @Override
  public boolean needsData(ClaimedDocket docket) {
    return false;
  }
}
