package io.millrace.simulator;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobSpec;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Whoever runs the job: asks whichever JobManager there is, again and again until it answers. */
final class User {
  static final Address ADDRESS = new Address("client/1");

  private static final long CANCEL = 7;
  private static final long SAVEPOINT = 8;

  private final World world;
  private final Rules rules;
  private final JobSpec spec;
  private final Consumer<ClientRequest> jobManager;
  private final BooleanSupplier over;
  private boolean cancelAccepted;
  private boolean savepointAnswered;
  private Optional<String> savepoint = Optional.empty();

  /**
   * @param jobManager takes requests to the newest JobManager
   * @param over whether there is nobody left to ask
   */
  User(
      World world,
      Rules rules,
      JobSpec spec,
      Consumer<ClientRequest> jobManager,
      BooleanSupplier over) {
    this.world = world;
    this.rules = rules;
    this.spec = spec;
    this.jobManager = jobManager;
    this.over = over;
  }

  void cancelJob() {
    if (!over.getAsBoolean() && !cancelAccepted) {
      jobManager.accept(new ClientRequest.Cancel(CANCEL, spec.job()));
      world.afterMillis(2_000, "cancel again", this::cancelJob);
    }
  }

  /** Under one id, until there is a savepoint or a reason why there is none. */
  void takeSavepoint(String id, ClientRequest.Then then) {
    if (!over.getAsBoolean() && !savepointAnswered) {
      jobManager.accept(
          new ClientRequest.Savepoint(
              SAVEPOINT, spec.job(), id, Optional.of("memory:/savepoints"), then));
      world.afterMillis(500, "ask for the savepoint again", () -> takeSavepoint(id, then));
    }
  }

  /** The one that the user was told of. */
  Optional<String> savepoint() {
    return savepoint;
  }

  void hears(ClientAnswer answer) {
    cancelAccepted |= answer instanceof ClientAnswer.Accepted && answer.number() == CANCEL;
    if (answer instanceof ClientAnswer.Remembered) {
      world.trace().hit("user told what holds up the cancel");
    }
    if (answer instanceof ClientAnswer.Savepoint taken && !savepointAnswered) {
      savepointAnswered = taken.path().isPresent() || taken.failure().isPresent();
      taken.path().ifPresent(rules::savepointTold);
      savepoint = taken.path();
      taken.failure().ifPresent(why -> world.trace().hit("savepoint failed"));
    }
  }
}
