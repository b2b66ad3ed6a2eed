package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.Restored;
import io.millrace.yarn.YarnDeployer;
import java.util.Optional;

/** The checkpoint that jobs start from, or would. */
final class Restore {
  /** What reads it. */
  interface Source {
    Savepoint checkpoint(String path) throws DeployRefusedException;
  }

  /** The one that the settings name, if they do. */
  static Optional<Restored> find(Configuration configuration, Source source)
      throws DeployRefusedException {
    Optional<String> path = configuration.find(ClientSettings.RESTORE_PATH);
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Manifest manifest = source.checkpoint(path.get()).manifest();
    var from =
        new RestoreFrom(
            path.get(),
            configuration.get(ClientSettings.ALLOW_NON_RESTORED),
            configuration.get(ClientSettings.CLAIM_MODE).equals("CLAIM"));
    return Optional.of(new Restored(from, manifest.lineage()));
  }

  /** The one at this path, for a command that starts no job. */
  static Savepoint read(Console console, Configuration configuration, String path)
      throws DeployRefusedException {
    if (Standalone.isTarget(configuration)) {
      return Standalone.site(configuration).checkpoint(path);
    }
    try (var deployer = YarnDeployer.open(configuration, console.environment())) {
      return deployer.checkpoint(path);
    }
  }

  private Restore() {}
}
