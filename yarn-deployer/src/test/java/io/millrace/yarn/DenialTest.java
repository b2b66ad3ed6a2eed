package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.token.SecretManager.InvalidToken;
import org.apache.hadoop.yarn.exceptions.ApplicationAttemptNotFoundException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.junit.jupiter.api.Test;

class DenialTest {
  private static final String GONE =
      "appattempt_1_0001_000001 not found in AMRMTokenSecretManager.";

  @Test
  void anAttemptThatYarnDoesNotKnowIsDenied() {
    assertThat(Denial.is(new ApplicationAttemptNotFoundException("no appattempt_1"))).isTrue();
  }

  /** What a new connection hears once the attempt has ended there. */
  @Test
  void aTokenThatWentWithTheAttemptIsDenied() {
    assertThat(Denial.is(new InvalidToken(GONE))).isTrue();
    assertThat(Denial.is(new RemoteException(InvalidToken.class.getName(), GONE))).isTrue();
    assertThat(Denial.is(new IOException("failed", new InvalidToken(GONE)))).isTrue();
  }

  @Test
  void whoeverIsNotReachedOrRefusesForAnotherReasonDeniesNothing() {
    assertThat(Denial.is(new ConnectException("refused"))).isFalse();
    assertThat(Denial.is(new YarnException("the ResourceManager is in standby"))).isFalse();
    assertThat(Denial.is(new InvalidToken("the master key has been rolled"))).isFalse();
    assertThat(Denial.is(new RemoteException(IOException.class.getName(), GONE))).isFalse();
  }
}
