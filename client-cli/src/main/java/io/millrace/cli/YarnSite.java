package io.millrace.cli;

import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.yarn.DeadApplications;
import io.millrace.yarn.DeadApplications.Cleaned;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import java.util.List;
import java.util.Optional;

/** YARN, with the applications of this user. */
record YarnSite(Console console, YarnDeployer deployer) implements Site {
  @Override
  public List<String> cautions() {
    return deployer.cautions();
  }

  @Override
  public Savepoint checkpoint(String path) throws DeployRefusedException {
    return deployer.checkpoint(path);
  }

  @Override
  public void clean(Optional<String> continued) throws DeployRefusedException {
    DeadApplications dead = deployer.deadApplications();
    Cleaned cleaned = dead.clean();
    cleaned.settled().forEach(console::warn);
    cleaned.failed().forEach(console::warn);
    if (continued.isPresent()) {
      dead.checkNoneRuns(continued.get());
    }
  }
}
