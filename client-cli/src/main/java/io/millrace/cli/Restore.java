package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import java.util.Optional;

/**
 * The checkpoint that a job starts from.
 *
 * @param lineage whose outputs the new job may write on
 */
record Restore(RestoreFrom from, String lineage) {
  /** The one that the settings name, if they do. */
  static Optional<Restore> find(Configuration configuration, YarnDeployer deployer)
      throws DeployRefusedException {
    Optional<String> path = configuration.find(ClientSettings.RESTORE_PATH);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Manifest manifest = deployer.checkpoint(path.get()).manifest();
    var from =
        new RestoreFrom(
            path.get(),
            configuration.get(ClientSettings.ALLOW_NON_RESTORED),
            configuration.get(ClientSettings.CLAIM_MODE).equals("CLAIM"));
    return Optional.of(new Restore(from, manifest.lineage()));
  }
}
