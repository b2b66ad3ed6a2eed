package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.SlotResources;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.Resource;
import org.junit.jupiter.api.Test;

class ClusterChecksTest {
  private static final ContainerSizes SIZES = ContainerSizes.of(Configuration.EMPTY, "hashmap");

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

  @Test
  void acceptsSlotsThatAContainerCanHold() throws Exception {
    ClusterChecks.groups(
        Map.of("large", new SlotResources(4000, 3000, 0, 0)), SIZES, Resource.newInstance(8192, 4));
    ClusterChecks.groups(Map.of(), SIZES, Resource.newInstance(1, 1));
  }

  @Test
  void namesTheSlotSharingGroupThatNoContainerCanHold() {
    var groups =
        Map.of(
            "small", new SlotResources(1000, 10, 0, 0), "wide", new SlotResources(4500, 10, 0, 0));

    assertThatThrownBy(() -> ClusterChecks.groups(groups, SIZES, Resource.newInstance(8192, 4)))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessageContaining(
            "each slot of the slot sharing group 'wide' asks for 4.5 cores, 10 MB of heap: it needs"
                + " containers of ")
        .hasMessageContaining(
            " MB and 5 cores, and the largest that YARN gives has 8192 MB and 4 cores"
                + " (yarn.scheduler.maximum-allocation-mb, -vcores); lower what the group asks"
                + " for");
    assertThatThrownBy(
            () ->
                ClusterChecks.groups(
                    Map.of("deep", new SlotResources(1000, 9000, 0, 0)),
                    SIZES,
                    Resource.newInstance(8192, 4)))
        .hasMessageContaining("'deep' asks for 1 core, 9000 MB of heap");
  }
}
