package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import io.millrace.yarn.YarnSettings;
import java.util.List;
import java.util.Optional;

/**
 * The clusters that a command about a job may speak to: a standalone one, one application on YARN,
 * or all of this user that live there.
 */
final class Clusters implements AutoCloseable {
  private final List<? extends RunningCluster> all;
  private final Runnable end;

  private Clusters(List<? extends RunningCluster> all, Runnable end) {
    this.all = all;
    this.end = end;
  }

  static Clusters of(Console console, Configuration configuration, Words words)
      throws DeployRefusedException {
    if (Standalone.isTarget(configuration)) {
      return new Clusters(List.of(Standalone.open(console, configuration, words)), () -> {});
    }
    var deployer = YarnDeployer.open(configuration, console.environment());
    try {
      Optional<String> id = configuration.find(YarnSettings.APPLICATION_ID);
      return new Clusters(
          id.isPresent() ? List.of(deployer.application(id.get(), true)) : deployer.applications(),
          deployer::close);
    } catch (DeployRefusedException | RuntimeException e) {
      deployer.close();
      throw e;
    }
  }

  /** Each is to be closed. */
  List<? extends RunningCluster> all() {
    return all;
  }

  @Override
  public void close() {
    end.run();
  }
}
