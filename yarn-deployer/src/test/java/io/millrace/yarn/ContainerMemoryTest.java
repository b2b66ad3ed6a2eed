package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Setting.InvalidSettingException;
import org.junit.jupiter.api.Test;

class ContainerMemoryTest {
  private static final long MB = 1L << 20;

  @Test
  void thePartsAddUpToTheContainerAndATenthIsReserve() {
    for (int total = 512; total < 70_000; total += 137) {
      for (int slots : new int[] {1, 2, 4}) {
        check(ContainerMemory.ofTaskManager(total * MB, slots, slots), total);
      }
      check(ContainerMemory.ofJobManager(total * MB, 1), total);
    }
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
    assertThatThrownBy(() -> ContainerMemory.ofTaskManager(200 * MB, 1, 1))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("200m of taskmanager.memory.process.size")
        .hasMessageMatching(".*at least [0-9]+m.*");
    assertThatThrownBy(() -> ContainerMemory.ofJobManager(0, 1)).hasMessageContaining("at least");
    assertThatThrownBy(() -> ContainerMemory.ofJobManager(Long.MAX_VALUE, 1))
        .hasMessageContaining("at most");
    ContainerMemory least = ContainerMemory.ofTaskManager(leastOf(1) * MB, 1, 1);
    assertThat(least.heap()).isGreaterThanOrEqualTo(64);
  }

  private static int leastOf(int slots) {
    for (int total = 64; ; total++) {
      try {
        ContainerMemory.ofTaskManager(total * MB, slots, 1);
        return total;
      } catch (InvalidSettingException e) {
        String least = e.getMessage().replaceAll(".*at least ([0-9]+)m.*", "$1");
        return Integer.parseInt(least);
      }
    }
  }

  @Test
  void takesTheParallelCollectorForLargeHeapsWithCoresOnly() {
    assertThat(ContainerMemory.ofTaskManager(8192 * MB, 1, 1).jvmFlags())
        .contains("-XX:+UseSerialGC");
    assertThat(ContainerMemory.ofTaskManager(8192 * MB, 4, 4).jvmFlags()).contains("-XX:+UseG1GC");
    assertThat(ContainerMemory.ofTaskManager(1024 * MB, 4, 4).jvmFlags())
        .contains("-XX:+UseSerialGC");
  }
}
