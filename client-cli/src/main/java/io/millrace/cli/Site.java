package io.millrace.cli;

import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.yarn.DeployRefusedException;
import java.util.List;
import java.util.Optional;

/** What runs clusters, as far as jobs are made ready for it before they are handed over. */
interface Site {
  /** What somebody should know before secrets travel; mostly empty. */
  List<String> cautions();

  /**
   * Reads the checkpoint that a job shall start from.
   *
   * @param path of its manifest, or of its job's directory for the newest
   */
  Savepoint checkpoint(String path) throws DeployRefusedException;

  /**
   * Clears away what clusters have left that ended by force.
   *
   * @param continued the lineage of a job that a new one shall continue, which must not run
   */
  void clean(Optional<String> continued) throws DeployRefusedException;
}
