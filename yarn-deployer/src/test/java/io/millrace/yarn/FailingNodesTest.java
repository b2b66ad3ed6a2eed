package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.yarn.FailingNodes.Change;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailingNodesTest {
  private static final Change NOTHING = new Change(List.of(), List.of());
  private static final int NODES = 5;

  private final FailingNodes failing = new FailingNodes();

  @Test
  void twoFailuresInARowAreSaidOnceAndForgivenAfterFiveMinutes() {
    failing.failed("a", 0);
    assertThat(failing.change(NODES, 1)).isEqualTo(NOTHING);
    failing.failed("a", 10);
    assertThat(failing.change(NODES, 11)).isEqualTo(new Change(List.of("a"), List.of()));
    assertThat(failing.change(NODES, 300_009)).isEqualTo(NOTHING);
    assertThat(failing.change(NODES, 300_010)).isEqualTo(new Change(List.of(), List.of("a")));

    failing.failed("a", 300_020);
    assertThat(failing.change(NODES, 300_021))
        .as("it has failed before")
        .isEqualTo(new Change(List.of("a"), List.of()));
  }

  @Test
  void aContainerThatRanClearsItsNode() {
    failing.failed("a", 0);
    failing.ran("a");
    failing.failed("a", 10);
    assertThat(failing.change(NODES, 11)).isEqualTo(NOTHING);
    failing.failed("a", 20);
    failing.change(NODES, 21);
    failing.ran("a");
    assertThat(failing.change(NODES, 22)).isEqualTo(new Change(List.of(), List.of("a")));
  }

  @Test
  void atMostHalfOfTheNodesAreAvoidedAndTheFirstToFailComesBackFirst() {
    failTwice("a", 0);
    assertThat(failing.change(1, 0)).as("the only node").isEqualTo(NOTHING);
    assertThat(failing.isFailing("a")).as("nobody asks for it by name").isTrue();
    assertThat(failing.change(2, 1)).isEqualTo(new Change(List.of("a"), List.of()));
    failTwice("b", 2);
    assertThat(failing.change(2, 3)).isEqualTo(new Change(List.of("b"), List.of("a")));
    assertThat(failing.change(4, 4)).isEqualTo(new Change(List.of("a"), List.of()));
    failTwice("a", 5);
    assertThat(failing.change(2, 6)).isEqualTo(new Change(List.of(), List.of("b")));
    assertThat(failing.change(0, 7)).isEqualTo(new Change(List.of(), List.of("a")));
  }

  private void failTwice(String node, long now) {
    failing.failed(node, now);
    failing.failed(node, now);
  }
}
