package io.millrace.api;

import io.millrace.api.graph.SlotResources;
import java.util.Objects;
import java.util.Optional;

/**
 * A slot sharing group that may say what each of its slots needs: cores and memory. A cluster that
 * makes TaskManagers to measure (YARN) serves the group with TaskManagers of its own: each has as
 * many slots as fit into one of the usual size, at least one, and is as large as these slots need.
 * Where TaskManagers are all alike (in one JVM, or started by people) what it says has no effect.
 *
 * <pre>{@code
 * var heavy = SlotSharingGroup.newBuilder("heavy").setCpuCores(2).setTaskHeapMemoryMB(4096).build();
 * stream.map(new Model()).slotSharingGroup(heavy);
 * }</pre>
 */
public final class SlotSharingGroup {
  private final String name;
  private final Optional<SlotResources> resources;

  private SlotSharingGroup(String name, Optional<SlotResources> resources) {
    this.name = name;
    this.resources = resources;
  }

  /**
   * @param name not blank
   */
  public static Builder newBuilder(String name) {
    return new Builder(name);
  }

  public String getName() {
    return name;
  }

  /** Empty if the group says nothing of what it needs. */
  public Optional<Double> getCpuCores() {
    return resources.map(each -> each.milliCores() / 1000.0);
  }

  Optional<SlotResources> resources() {
    return resources;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SlotSharingGroup group
        && group.name.equals(name)
        && group.resources.equals(resources);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, resources);
  }

  @Override
  public String toString() {
    return name + resources.map(each -> " (" + each + ")").orElse("");
  }

  /**
   * Says nothing of what slots need unless both {@link #setCpuCores} and {@link
   * #setTaskHeapMemoryMB} are called.
   */
  public static final class Builder {
    private final String name;
    private int milliCores;
    private int heap;
    private int offHeap;
    private int managed;

    private Builder(String name) {
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException("the name of a slot sharing group must not be blank");
      }
      this.name = name;
    }

    /**
     * Cores of a slot, rounded to thousandths. A TaskManager gets what its slots need together,
     * rounded up to whole ones.
     *
     * @param cores 0.001 to 1000
     */
    public Builder setCpuCores(double cores) {
      if (!(cores >= 0.001 && cores <= SlotResources.MOST_MILLI_CORES / 1000)) {
        throw new IllegalArgumentException(
            "the cores of a slot must be 0.001 to 1000, found " + cores + " for '" + name + "'");
      }
      milliCores = (int) Math.round(cores * 1000);
      return this;
    }

    /**
     * Heap of a slot, for what its operators and their state keep; what the engine itself needs
     * comes on top.
     *
     * @param megabytes 1 to 1048576
     */
    public Builder setTaskHeapMemoryMB(int megabytes) {
      heap = checked("heap", megabytes, 1);
      return this;
    }

    /**
     * Memory of a slot outside the heap for the program's own use, such as direct buffers; what the
     * engine itself needs comes on top. By default none.
     *
     * @param megabytes 0 to 1048576
     */
    public Builder setTaskOffHeapMemoryMB(int megabytes) {
      offHeap = checked("off-heap memory", megabytes, 0);
      return this;
    }

    /**
     * Memory of a slot that RocksDB uses; needed if the job keeps its state there, at least 8 MB,
     * and idle otherwise. By default none.
     *
     * @param megabytes 0 to 1048576
     */
    public Builder setManagedMemoryMB(int megabytes) {
      managed = checked("managed memory", megabytes, 0);
      return this;
    }

    private int checked(String what, int megabytes, int least) {
      if (megabytes < least || megabytes > SlotResources.MOST_MEGABYTES) {
        throw new IllegalArgumentException(
            "the "
                + what
                + " of a slot must be "
                + least
                + " to "
                + SlotResources.MOST_MEGABYTES
                + " MB, found "
                + megabytes
                + " for '"
                + name
                + "'");
      }
      return megabytes;
    }

    /**
     * @throws IllegalArgumentException if something is set, but not both cores and heap
     */
    public SlotSharingGroup build() {
      if (milliCores == 0 && heap == 0 && offHeap == 0 && managed == 0) {
        return new SlotSharingGroup(name, Optional.empty());
      }
      if (milliCores == 0 || heap == 0) {
        throw new IllegalArgumentException(
            "the slot sharing group '"
                + name
                + "' says what its slots need, but not "
                + (milliCores == 0
                    ? "how many cores: call setCpuCores"
                    : "how much heap: call setTaskHeapMemoryMB"));
      }
      return new SlotSharingGroup(
          name, Optional.of(new SlotResources(milliCores, heap, offHeap, managed)));
    }
  }
}
