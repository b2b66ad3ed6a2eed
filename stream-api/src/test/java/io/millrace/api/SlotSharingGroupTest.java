package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.SlotResources;
import org.junit.jupiter.api.Test;

class SlotSharingGroupTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  private static SlotSharingGroup heavy(int heap) {
    return SlotSharingGroup.newBuilder("heavy")
        .setCpuCores(1.5)
        .setTaskHeapMemoryMB(heap)
        .setTaskOffHeapMemoryMB(32)
        .setManagedMemoryMB(64)
        .build();
  }

  @Test
  void whatAnOperatorsGroupNeedsIsInTheGraph() {
    env.fromSequence(1, 2).map(n -> n).uid("work").slotSharingGroup(heavy(512)).print();

    JobGraph graph = env.getJobGraph();

    assertThat(graph.vertex("work").slotSharingGroup()).isEqualTo("heavy");
    assertThat(graph.slots()).containsOnlyKeys("heavy");
    assertThat(graph.slots()).containsEntry("heavy", new SlotResources(1500, 512, 32, 64));
    assertThat(graph.slots().get("heavy"))
        .hasToString("1.5 cores, 512 MB of heap, 32 MB of off-heap memory, 64 MB of managed memory")
        .isEqualTo(SlotResources.parse(graph.slots().get("heavy").text()));
  }

  @Test
  void aGroupMayBeRegisteredForOperatorsThatNameIt() {
    env.registerSlotSharingGroup(heavy(512));
    env.registerSlotSharingGroup(
        SlotSharingGroup.newBuilder("unused").setCpuCores(1).setTaskHeapMemoryMB(1).build());
    env.fromSequence(1, 2).print().slotSharingGroup("heavy");

    assertThat(env.getJobGraph().slots()).containsOnlyKeys("heavy");
  }

  @Test
  void aGroupThatSaysNothingIsOneByName() {
    SlotSharingGroup plain = SlotSharingGroup.newBuilder("plain").build();
    env.fromSequence(1, 2).print().uid("print").slotSharingGroup(plain);

    assertThat(plain.getCpuCores()).isEmpty();
    assertThat(env.getJobGraph().vertex("print").slotSharingGroup()).isEqualTo("plain");
    assertThat(env.getJobGraph().slots()).isEmpty();
  }

  @Test
  void onlyOneThingIsSaidOfAGroup() {
    env.registerSlotSharingGroup(heavy(512)).registerSlotSharingGroup(heavy(512));
    var numbers = env.fromSequence(1, 2);

    assertThatThrownBy(() -> numbers.slotSharingGroup(heavy(600)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'heavy'", "512 MB", "600 MB");
  }

  @Test
  void refusesWhatMakesNoSlot() {
    var builder = SlotSharingGroup.newBuilder("heavy");
    assertThatThrownBy(() -> SlotSharingGroup.newBuilder(" ")).hasMessageContaining("blank");
    assertThatThrownBy(() -> builder.setCpuCores(0)).hasMessageContaining("0.001 to 1000");
    assertThatThrownBy(() -> builder.setCpuCores(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> builder.setTaskHeapMemoryMB(0)).hasMessageContaining("1 to 1048576");
    assertThatThrownBy(() -> builder.setManagedMemoryMB(-1)).hasMessageContaining("found -1");
    builder.setTaskOffHeapMemoryMB(8);
    assertThatThrownBy(builder::build).hasMessageContainingAll("'heavy'", "call setCpuCores");
    builder.setCpuCores(1);
    assertThatThrownBy(builder::build).hasMessageContaining("call setTaskHeapMemoryMB");
  }
}
