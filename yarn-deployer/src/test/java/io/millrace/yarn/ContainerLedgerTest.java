package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.yarn.ContainerLedger.End;
import io.millrace.yarn.ContainerLedger.Ended;
import org.junit.jupiter.api.Test;

class ContainerLedgerTest {
  private final ContainerLedger<String> ledger = new ContainerLedger<>();

  @Test
  void asksForExactlyWhatIsMissing() {
    ledger.want(3);
    assertThat(ledger.balance(0)).isEqualTo(3);
    assertThat(ledger.balance(1)).isZero();
    assertThat(ledger.take("a", "A", 2)).isTrue();
    assertThat(ledger.balance(3)).isZero();
    assertThat(ledger.take("b", "B", 3)).isTrue();
    assertThat(ledger.take("c", "C", 3)).isTrue();
    assertThat(ledger.waiting()).isFalse();
  }

  @Test
  void whatAnEarlierAttemptHadCountsAsWanted() {
    ledger.want(2);
    ledger.keep("a", "A", 0);
    assertThat(ledger.balance(1)).isEqualTo(1);
    assertThat(ledger.release("a")).isEqualTo("A");
    assertThat(ledger.balance(2)).isEqualTo(1);
  }

  @Test
  void takesRequestsBackAndRefusesWhatComesNevertheless() {
    ledger.want(3);
    ledger.balance(0);
    ledger.take("a", "A", 1);
    ledger.want(1);
    assertThat(ledger.balance(2)).isEqualTo(-2);
    assertThat(ledger.take("b", "B", 3)).isFalse();
  }

  @Test
  void replacesALostContainerAtOnceAndACrashingOneEverMoreSlowly() {
    ledger.want(1);
    ledger.balance(0);
    ledger.take("a", "A", 0);
    assertThat(ledger.ended("a", 60_000)).contains(new Ended<>("A", End.USUAL, true));
    assertThat(ledger.unasked()).isEqualTo(1);
    assertThat(ledger.balance(60_000)).isEqualTo(1);

    long now = 60_000;
    long lastPause = -1;
    End end = End.EARLY;
    int rounds = 0;
    while (end == End.EARLY) {
      String id = "c" + rounds++;
      ledger.take(id, id, now);
      end = ledger.ended(id, now + 100).orElseThrow().end();
      now += 100;
      long lost = now;
      while (ledger.balance(now) == 0) {
        now += 50;
      }
      assertThat(now - lost).isGreaterThanOrEqualTo(lastPause);
      lastPause = now - lost;
    }
    assertThat(end).isEqualTo(End.HOPELESS);
    assertThat(rounds).isEqualTo(10);
    assertThat(lastPause).isEqualTo(10_000);
  }

  @Test
  void doesNotReplaceWhatIsGivenBack() {
    ledger.want(2);
    ledger.balance(0);
    ledger.take("a", "A", 0);
    ledger.take("b", "B", 0);
    ledger.want(1);
    assertThat(ledger.release("a")).isEqualTo("A");
    assertThat(ledger.release("a")).isNull();
    assertThat(ledger.balance(1)).isZero();
    assertThat(ledger.ended("a", 2)).isEmpty();
    assertThat(ledger.releaseAll()).containsExactly("B");
  }

  @Test
  void replacesADeadContainerBeforeItsEndIsKnownAndGivesItBackIfItLives() {
    ledger.want(2);
    ledger.balance(0);
    ledger.take("a", "A", 0);
    ledger.take("b", "B", 0);
    assertThat(ledger.giveUp("a", 20_000)).contains("A");
    assertThat(ledger.giveUp("b", 20_000)).contains("B");
    assertThat(ledger.giveUp("nobody's", 20_000)).isEmpty();
    assertThat(ledger.balance(20_000)).isEqualTo(2);
    assertThat(ledger.survivors(24_999)).isEmpty();
    assertThat(ledger.ended("a", 24_999)).contains(new Ended<>("A", End.USUAL, false));
    assertThat(ledger.survivors(25_000)).containsExactly("B");
    assertThat(ledger.ended("b", 25_001)).isEmpty();
    assertThat(ledger.balance(25_001)).isZero();
  }

  @Test
  void containersThatVanishAsSoonAsTheyStartAreHopelessToo() {
    ledger.want(1);
    End end = End.EARLY;
    long now = 0;
    int rounds = 0;
    while (end == End.EARLY) {
      String id = "c" + rounds++;
      now += 20_000;
      ledger.balance(now);
      ledger.take(id, id, now);
      ledger.giveUp(id, now + 100);
      end = ledger.ended(id, now + 200).orElseThrow().end();
    }
    assertThat(end).isEqualTo(End.HOPELESS);
    assertThat(rounds).isEqualTo(10);
  }
}
