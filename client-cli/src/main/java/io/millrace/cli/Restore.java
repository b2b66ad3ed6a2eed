package io.millrace.cli;

import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;

/**
 * The checkpoint that a job starts from.
 *
 * @param lineage whose outputs the new job may write on
 */
record Restore(RestoreFrom from, String lineage) {
  static Restore find(String path, boolean allowNonRestored, YarnDeployer deployer)
      throws DeployRefusedException {
    Manifest manifest = deployer.checkpoint(path);
    return new Restore(new RestoreFrom(path, allowNonRestored), manifest.lineage());
  }
}
