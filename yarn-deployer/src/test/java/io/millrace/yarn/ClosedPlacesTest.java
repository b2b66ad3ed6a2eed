package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.jobmanager.ResourceManager.Leaving;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClosedPlacesTest {
  private final ClosedPlaces closed = new ClosedPlaces();

  private void heard(String host, NodeState state) {
    NodeId id = NodeId.newInstance(host, 1);
    closed.heard(
        List.of(NodeReport.newInstance(id, state, "", "", null, null, 0, "", 0)), List.of());
  }

  @ParameterizedTest
  @EnumSource(
      value = NodeState.class,
      names = {"NEW", "RUNNING"},
      mode = EnumSource.Mode.EXCLUDE)
  void aNodeThatTakesNoContainersIsClosedUntilItRunsAgain(NodeState state) {
    heard("one", state);
    assertThat(closed.isClosed("one")).isTrue();
    assertThat(closed.isClosed("two")).isFalse();

    heard("one", NodeState.RUNNING);
    assertThat(closed.isClosed("one")).isFalse();
  }

  @Test
  void thePlaceOfAContainerThatYarnTakesIsNotItsSuccessors() {
    closed.heard(List.of(), List.of(new Leaving(new TaskManagerId("c1"), "another queue")));
    assertThat(closed.isPromised("c1")).isTrue();
    assertThat(closed.isPromised("c2")).isFalse();

    closed.gone("c1");
    assertThat(closed.isPromised("c1")).isFalse();
  }
}
