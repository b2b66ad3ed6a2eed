package io.millrace.runtime.protocol;

import io.millrace.api.graph.JobGraph;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that is needed to run a job.
 *
 * @param lineage random id made at first submission, inherited through {@code restoreFrom}; names
 *     whose output directory is whose
 * @param jars for the job's class loader, in order
 * @param files of the graph, with where they are
 * @param restoreFrom manifest of a checkpoint or savepoint, of this or another job
 */
public record JobSpec(
    JobId job,
    String lineage,
    JobGraph graph,
    List<JarRef> jars,
    List<FileRef> files,
    Optional<RestoreFrom> restoreFrom) {
  public JobSpec {
    Objects.requireNonNull(job);
    Objects.requireNonNull(graph);
    Objects.requireNonNull(restoreFrom);
    jars = List.copyOf(jars);
    files = List.copyOf(files);
    if (!lineage.matches("[0-9a-f]{16,64}")) {
      throw new IllegalArgumentException("a lineage is 16 to 64 hex digits, found " + lineage);
    }
  }

  /** Without files. */
  public JobSpec(
      JobId job,
      String lineage,
      JobGraph graph,
      List<JarRef> jars,
      Optional<RestoreFrom> restoreFrom) {
    this(job, lineage, graph, jars, List.of(), restoreFrom);
  }

  /**
   * @param path of the manifest file, or of the job's directory for its newest
   * @param allowNonRestored whether state that no operator takes may be dropped
   * @param claimed whether it is the job's from now on: deleted once the job has a checkpoint of
   *     its own
   */
  public record RestoreFrom(String path, boolean allowNonRestored, boolean claimed) {
    public RestoreFrom {
      Objects.requireNonNull(path);
    }

    /** Of what stays whoever's it is. */
    public RestoreFrom(String path, boolean allowNonRestored) {
      this(path, allowNonRestored, false);
    }
  }
}
