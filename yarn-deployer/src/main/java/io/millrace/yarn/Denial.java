package io.millrace.yarn;

import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.token.SecretManager.InvalidToken;
import org.apache.hadoop.yarn.exceptions.ApplicationAttemptNotFoundException;

/** Tells a ResourceManager that says no from one that does not answer. */
final class Denial {
  /** Of the tokens of ApplicationMasters, when an attempt has ended there. */
  private static final String GONE = "not found in AMRMTokenSecretManager";

  /**
   * Whether YARN knows nothing of this attempt. On a connection that is there it says so; a new one
   * it does not let in, because the attempt's token went with it. Any other token that is refused
   * proves nothing: keys are rolled.
   */
  static boolean is(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ApplicationAttemptNotFoundException || isInvalidToken(each)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInvalidToken(Throwable failure) {
    boolean ofTokens =
        failure instanceof InvalidToken
            || failure instanceof RemoteException remote
                && InvalidToken.class.getName().equals(remote.getClassName());
    return ofTokens && String.valueOf(failure.getMessage()).contains(GONE);
  }

  private Denial() {}
}
