package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.api.graph.SlotResources;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.Resource;
import org.junit.jupiter.api.Test;

class ContainerMemoryTest {
  private static final long MB = 1L << 20;

  @Test
  void thePartsAddUpToTheContainerAndATenthIsReserve() {
    for (int total = 512; total < 70_000; total += 137) {
      for (int slots : new int[] {1, 2, 4}) {
        check(onHeap(total * MB, slots, slots), total);
      }
      check(ContainerMemory.ofJobManager(total * MB, 1), total);
    }
  }

  private static ContainerMemory onHeap(long bytes, int slots, int cores) {
    return ContainerMemory.ofTaskManager(bytes, slots, cores, rest -> 0);
  }

  @Test
  void rocksDbTakesItsShareFromTheHeapAndNothingElse() {
    ContainerMemory plain = sizes("hashmap", Configuration.EMPTY).taskManager();
    ContainerMemory shared = sizes("rocksdb", Configuration.EMPTY).taskManager();
    assertThat(plain.managed()).isZero();
    assertThat(shared.managed()).isEqualTo(plain.heap() * 4 / 10);
    assertThat(shared.heap() + shared.managed()).isEqualTo(plain.heap());
    assertThat(shared.total()).isEqualTo(plain.total());
    assertThat(shared.metaspace()).isEqualTo(plain.metaspace());
    assertThat(shared.toString()).contains("RocksDB " + shared.managed());
    // What of it keeps rows on the heap is heap to the JVM.
    assertThat(shared.rowsOnHeap()).isPositive();
    assertThat(shared.jvmFlags()).contains("-Xmx" + (shared.heap() + shared.rowsOnHeap()) + "m");
    assertThat(plain.jvmFlags()).contains("-Xmx" + plain.heap() + "m");

    var sized = Configuration.EMPTY.with("taskmanager.memory.managed.size", "300m");
    assertThat(sizes("rocksdb", sized).taskManager().managed()).isEqualTo(300);
    assertThat(sizes("hashmap", sized).taskManager().managed()).isZero();
  }

  @Test
  void refusesManagedMemoryThatCannotWork() {
    var little = Configuration.EMPTY.with("taskmanager.memory.managed.size", "10m");
    var slots = little.with("taskmanager.numberOfTaskSlots", "4");
    assertThatThrownBy(() -> sizes("rocksdb", slots))
        .hasMessageContaining("10m of managed memory")
        .hasMessageContaining("at least 8m for each of 4 slots");
    var much = Configuration.EMPTY.with("taskmanager.memory.managed.size", "5g");
    assertThatThrownBy(() -> sizes("rocksdb", much))
        .hasMessageContaining("raise taskmanager.memory.process.size");
  }

  /** What slots say they need they get, and the container is hardly larger than that. */
  @Test
  void slotsThatSayWhatTheyNeedGetIt() {
    for (int heap = 1; heap < 20_000; heap += 997) {
      var each = new SlotResources(1000, heap, 100, 50);
      for (int slots : new int[] {1, 3}) {
        ContainerMemory memory = ContainerMemory.ofTaskManager(each, slots, slots);
        assertThat(memory.managed()).isEqualTo(50 * slots);
        assertThat(memory.direct()).isEqualTo(48 + (16 + 100) * slots);
        assertThat(memory.heap()).isBetween(heap * slots + 64, heap * slots * 102 / 100 + 70);
        assertThat(memory.reserve() * 10).isGreaterThanOrEqualTo(memory.total());
      }
    }
  }

  @Test
  void asManyOfThemAsFitIntoATaskManagerOfTheUsualSize() {
    var four =
        Configuration.EMPTY
            .with("taskmanager.numberOfTaskSlots", "4")
            .with("taskmanager.memory.process.size", "2g");
    ContainerSizes usual = sizes("hashmap", four);

    ContainerSizes small = usual.madeFor(new SlotResources(500, 100, 0, 0));
    assertThat(small.slots()).isEqualTo(4);
    assertThat(small.taskManagerCores()).isEqualTo(2);
    assertThat(small.taskManager().total()).isLessThan(usual.taskManager().total());
    assertThat(usual.madeFor(new SlotResources(500, 600, 0, 0)).slots()).as("heap").isEqualTo(2);
    assertThat(usual.madeFor(new SlotResources(1500, 100, 0, 0)).slots()).as("cores").isEqualTo(2);

    ContainerSizes large = usual.madeFor(new SlotResources(8000, 5000, 0, 0));
    assertThat(large.slots()).as("at least one").isEqualTo(1);
    assertThat(large.taskManagerCores()).isEqualTo(8);
    assertThat(large.taskManager().heap()).isGreaterThanOrEqualTo(5064);
  }

  @Test
  void saysWhyYarnHasNoContainerForThem() {
    ContainerSizes made =
        sizes("hashmap", Configuration.EMPTY).madeFor(new SlotResources(3000, 100, 0, 0));

    assertThat(YarnResourceManager.refusal(made, Resource.newInstance(4096, 3))).isEmpty();
    assertThat(YarnResourceManager.refusal(made, Resource.newInstance(4096, 2)).orElseThrow())
        .contains("and 3 cores", "4096 MB and 2 cores");
    assertThat(YarnResourceManager.refusal(made, Resource.newInstance(100, 8)).orElseThrow())
        .contains("100 MB and 8 cores");
  }

  /** The next ApplicationMaster has to come to the same. */
  @Test
  void eachKindHasAPriorityOfItsOwnThatStays() {
    assertThat(Fleet.priorityOf(Optional.empty())).isEqualTo(1);
    assertThat(Fleet.priorityOf(Optional.of(new SlotResources(1000, 100, 0, 0))))
        .isEqualTo(Fleet.priorityOf(Optional.of(new SlotResources(1000, 100, 0, 0))))
        .isGreaterThan(1)
        .isNotEqualTo(Fleet.priorityOf(Optional.of(new SlotResources(1000, 101, 0, 0))));
  }

  private static ContainerSizes sizes(String stateBackend, Configuration configuration) {
    return ContainerSizes.of(configuration, stateBackend);
  }

  private static void check(ContainerMemory memory, int total) {
    int sum =
        memory.heap()
            + memory.direct()
            + memory.metaspace()
            + memory.codeCache()
            + memory.threads()
            + memory.reserve();
    assertThat(sum).isEqualTo(total).isEqualTo(memory.total());
    assertThat(memory.reserve() * 10).isGreaterThanOrEqualTo(total);
    assertThat(memory.heap()).isGreaterThanOrEqualTo(60);
  }

  @Test
  void saysTheLeastThatWorks() {
    assertThatThrownBy(() -> onHeap(200 * MB, 1, 1))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("200m of taskmanager.memory.process.size")
        .hasMessageMatching(".*at least [0-9]+m.*");
    assertThatThrownBy(() -> ContainerMemory.ofJobManager(0, 1)).hasMessageContaining("at least");
    assertThatThrownBy(() -> ContainerMemory.ofJobManager(Long.MAX_VALUE, 1))
        .hasMessageContaining("at most");
    ContainerMemory least = onHeap(leastOf(1) * MB, 1, 1);
    assertThat(least.heap()).isGreaterThanOrEqualTo(64);
  }

  private static int leastOf(int slots) {
    for (int total = 64; ; total++) {
      try {
        onHeap(total * MB, slots, 1);
        return total;
      } catch (InvalidSettingException e) {
        String least = e.getMessage().replaceAll(".*at least ([0-9]+)m.*", "$1");
        return Integer.parseInt(least);
      }
    }
  }

  @Test
  void takesTheParallelCollectorForLargeHeapsWithCoresOnly() {
    assertThat(onHeap(8192 * MB, 1, 1).jvmFlags()).contains("-XX:+UseSerialGC");
    assertThat(onHeap(8192 * MB, 4, 4).jvmFlags()).contains("-XX:+UseG1GC");
    assertThat(onHeap(1024 * MB, 4, 4).jvmFlags()).contains("-XX:+UseSerialGC");
  }
}
