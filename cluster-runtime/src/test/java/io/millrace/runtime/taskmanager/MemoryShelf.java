package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.MemoryFolder;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Copies in memory, beside those of one dead TaskManager. */
final class MemoryShelf implements CopyShelf {
  final TreeMap<String, MemoryFolder> own = new TreeMap<>();
  final TreeMap<String, MemoryFolder> ofTheDead = new TreeMap<>();
  final List<JobId> swept = new ArrayList<>();

  @Override
  public StateFolder make(JobId job, String stateFile) throws IOException {
    var folder = new MemoryFolder();
    if (own.putIfAbsent(stateFile, folder) != null) {
      throw new IOException(stateFile + " is there");
    }
    return folder;
  }

  @Override
  public Optional<StateFolder> ofOthers(JobId job, String stateFile) {
    return Optional.ofNullable(ofTheDead.get(stateFile));
  }

  @Override
  public void sweep(JobId job) {
    swept.add(job);
    ofTheDead.clear();
  }
}
