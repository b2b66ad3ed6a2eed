package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.client.ForgottenClusterException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final IOException SILENCE = new IOException("nobody is in");
  private static final IOException OBLIVION = new ForgottenClusterException("on no map", null);

  private final Patience patience = new Patience("town", "whether it stands");

  private static long at(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void endsFiveMinutesAfterTheLastWord() {
    patience.known(at(100));
    patience.unheard(SILENCE, at(300));
    patience.heard(at(350));
    patience.unheard(SILENCE, at(650));
    assertThatThrownBy(() -> patience.unheard(SILENCE, at(651)))
        .isInstanceOf(CommandException.class)
        .hasMessage(
            "town has not answered for 5 minutes; whether it stands is not known: nobody is in");
  }

  @Test
  void countsFromTheFirstQuestionIfNobodyHasEverAnswered() {
    patience.unheard(SILENCE, at(1_000));
    patience.unheard(SILENCE, at(1_300));
    assertThatThrownBy(() -> patience.unheard(SILENCE, at(1_301)))
        .isInstanceOf(CommandException.class);
  }

  @Test
  void endsSoonerIfYarnKnowsNothingOfItForLonger() {
    patience.known(at(0));
    patience.unheard(OBLIVION, at(10));
    patience.unheard(SILENCE, at(20));
    patience.unheard(OBLIVION, at(30));
    patience.known(at(35));
    patience.unheard(OBLIVION, at(40));
    patience.heard(at(69));
    patience.unheard(OBLIVION, at(69));
    assertThatThrownBy(() -> patience.unheard(OBLIVION, at(70)))
        .isInstanceOf(CommandException.class)
        .hasMessage("on no map");
  }
}
