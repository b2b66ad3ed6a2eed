package io.millrace.runtime.jobmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.plan.JobPlan;
import java.util.Map;
import java.util.Optional;

/** Whether TaskManagers can be made for what a job says of its slots. */
final class SlotMeasures {
  /** What RocksDB needs at least in a slot. */
  private static final int LEAST_MANAGED_MEGABYTES = 8;

  /** Why there will never be slots for it, if so, and for which group. */
  static Optional<String> refusal(JobPlan plan, ResourceManager resources) {
    boolean rocksDb = plan.settings().get(JobSettings.STATE_BACKEND).equals("rocksdb");
    for (Map.Entry<String, SlotResources> group : plan.graph().slots().entrySet()) {
      Optional<String> why = refusal(group.getValue(), rocksDb, resources);
      if (why.isPresent()) {
        return Optional.of(
            "the slot sharing group '" + group.getKey() + "' cannot be served: " + why.get());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> refusal(
      SlotResources each, boolean rocksDb, ResourceManager resources) {
    if (resources.slotsOf(each).isEmpty()) {
      return Optional.empty(); // any slot will do
    }
    return rocksDb && each.managedMegabytes() < LEAST_MANAGED_MEGABYTES
        ? Optional.of(
            "the job keeps its state in RocksDB, which needs at least "
                + LEAST_MANAGED_MEGABYTES
                + " MB of managed memory in each slot, found "
                + each.managedMegabytes()
                + "; call setManagedMemoryMB")
        : resources.refusal(each);
  }

  private SlotMeasures() {}
}
