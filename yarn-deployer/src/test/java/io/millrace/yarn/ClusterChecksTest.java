package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterChecksTest {
  @Test
  void acceptsLabelsThatTheClusterKnows() throws Exception {
    ClusterChecks.nodeLabel(Optional.of("fast"), "-ynl", List.of("cold", "fast"));
    ClusterChecks.nodeLabel(Optional.of(""), "-ynl", List.of());
    ClusterChecks.nodeLabel(Optional.empty(), "-ynl", List.of());
  }

  @Test
  void refusesALabelThatTheClusterDoesNotKnow() {
    assertThatThrownBy(
            () -> ClusterChecks.nodeLabel(Optional.of("fats"), "-ynl", List.of("cold", "fast")))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessage("the cluster knows no node label fats; choose one of cold, fast with -ynl");
    assertThatThrownBy(() -> ClusterChecks.nodeLabel(Optional.of("fats"), "-ynl", List.of()))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessage("the cluster knows no node label fats and no other; leave out -ynl");
  }
}
