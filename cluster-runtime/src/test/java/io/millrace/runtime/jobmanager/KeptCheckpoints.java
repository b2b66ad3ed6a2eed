package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.Optional;

/** What a JobManager knows of its checkpoints, for tests that bring both ends together. */
public final class KeptCheckpoints {
  private final RetainedCheckpoints retained = new RetainedCheckpoints();

  public void replace(ClaimedJob claimed) {
    retained.replace(claimed);
  }

  public void add(Epoch epoch, Manifest manifest) {
    retained.add(JobDirectory.manifestFile(epoch, manifest.checkpoint()), manifest);
  }

  public Optional<String> fileOfNoneIn(Manifest manifest) {
    return retained.fileOfNoneIn(manifest);
  }

  public Optional<Manifest> newest() {
    return retained.newest();
  }

  public List<Manifest> manifests() {
    return retained.manifests();
  }

  public Procedure<Integer> cleanUp(Epoch epoch) {
    return retained.cleanUp(epoch);
  }

  public List<Procedure<Boolean>> dropBeyond(int count, Epoch epoch) {
    return retained.dropBeyond(count, epoch);
  }
}
