package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.yarn.ContainerLedger.End;
import io.millrace.yarn.ContainerLedger.Ended;
import org.junit.jupiter.api.Test;

class ContainerLedgerTest {
  private final ContainerLedger<String> ledger = new ContainerLedger<>(0);

  @Test
  void asksForExactlyWhatIsMissing() {
    ledger.want(3, 0);
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
    ledger.want(2, 0);
    ledger.keep("a", "A", 0);
    assertThat(ledger.balance(1)).isEqualTo(1);
    assertThat(ledger.release("a")).isEqualTo("A");
    assertThat(ledger.balance(2)).isEqualTo(1);
  }

  @Test
  void takesRequestsBackAndRefusesWhatComesNevertheless() {
    ledger.want(3, 0);
    ledger.balance(0);
    ledger.take("a", "A", 1);
    ledger.want(1, 0);
    assertThat(ledger.balance(2)).isEqualTo(-2);
    assertThat(ledger.take("b", "B", 3)).isFalse();
  }

  @Test
  void replacesALostContainerAtOnceAndACrashingOneEverMoreSlowly() {
    ledger.want(1, 0);
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
  void startsThatFailedLongAgoAreNoRow() {
    ledger.want(1, 0);
    long now = 0;
    for (int i = 0; i < 50; i++) {
      now += 11 * 60_000;
      ledger.balance(now);
      ledger.take("c" + i, "C", now);
      assertThat(ledger.ended("c" + i, now + 100).orElseThrow().end()).isEqualTo(End.EARLY);
    }
  }

  @Test
  void whatIsGivenUpIsNotKeptThoughYarnNamesItAgain() {
    ledger.want(1, 0);
    assertThat(ledger.keep("a", "A", 0)).isTrue();
    assertThat(ledger.keep("a", "A", 1)).isFalse();
    ledger.giveUp("a", 2);
    assertThat(ledger.keep("a", "A", 3)).isFalse();
    assertThat(ledger.ended("a", 4)).contains(new Ended<>("A", End.USUAL, false));
    assertThat(ledger.balance(5)).isEqualTo(1);
  }

  @Test
  void whatAnEarlierAttemptHadStartedLongAgo() {
    ledger.want(1, 0);
    ledger.keep("a", "A", 0);
    assertThat(ledger.ended("a", 5)).contains(new Ended<>("A", End.USUAL, true));
  }

  @Test
  void doesNotReplaceWhatIsGivenBack() {
    ledger.want(2, 0);
    ledger.balance(0);
    ledger.take("a", "A", 0);
    ledger.take("b", "B", 0);
    ledger.want(1, 0);
    assertThat(ledger.release("a")).isEqualTo("A");
    assertThat(ledger.release("a")).isNull();
    assertThat(ledger.balance(1)).isZero();
    assertThat(ledger.ended("a", 2)).isEmpty();
    assertThat(ledger.releaseAll()).containsExactly("B");
  }

  @Test
  void replacesADeadContainerBeforeItsEndIsKnownAndGivesItBackIfItLives() {
    ledger.want(2, 0);
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
    ledger.want(1, 0);
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

  @Test
  void asksForAReserveWhenThoseInNeedHaveHadTheMachinesTime() {
    var withReserve = new ContainerLedger<String>(1);
    withReserve.want(3, 0);
    assertThat(withReserve.balance(0)).isEqualTo(2);
    withReserve.take("a", "A", 100);
    withReserve.take("b", "B", 100);
    assertThat(withReserve.waiting()).as("soon").isFalse();
    assertThat(withReserve.balance(4_999)).isZero();
    assertThat(withReserve.unasked()).isEqualTo(1);
    assertThat(withReserve.balance(5_000)).isEqualTo(1);
    withReserve.take("c", "C", 6_000);

    withReserve.giveUp("a", 60_000);
    assertThat(withReserve.balance(60_000)).as("the reserve is there").isZero();
    withReserve.ended("b", 61_000);
    assertThat(withReserve.balance(61_000)).as("for whom there is none").isEqualTo(1);
    withReserve.take("d", "D", 62_000);
    assertThat(withReserve.balance(64_999)).isZero();
    assertThat(withReserve.balance(65_000)).as("not put off again and again").isEqualTo(1);
  }

  @Test
  void whatIsAskedForInReserveStaysSoWhateverIsLost() {
    var withReserve = new ContainerLedger<String>(1);
    withReserve.want(3, 0);
    withReserve.balance(0);
    withReserve.take("a", "A", 100);
    withReserve.take("b", "B", 100);
    assertThat(withReserve.balance(5_000)).isEqualTo(1);

    withReserve.ended("a", 20_000);
    assertThat(withReserve.balance(20_000)).as("the open request will do").isZero();
    assertThat(withReserve.take("c", "C", 20_100)).isTrue();
    assertThat(withReserve.balance(20_100)).isZero();
    assertThat(withReserve.balance(25_000)).isEqualTo(1);
    withReserve.want(2, 26_000);
    assertThat(withReserve.balance(26_000)).as("one job fewer").isEqualTo(-1);
  }
}
