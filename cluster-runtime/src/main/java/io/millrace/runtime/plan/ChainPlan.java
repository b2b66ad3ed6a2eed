package io.millrace.runtime.plan;

import java.util.List;

/**
 * Operators that run fused in one task: a tree, in which each but the head takes what one of the
 * others emits.
 *
 * @param index in the job's plan, upstream before downstream
 * @param uids of the operators, head first, each behind the one that feeds it
 * @param name of the task, for people
 * @param blocking whether it runs on a thread of its own
 * @param cutsAhead whether barriers of unaligned checkpoints may overtake what leads to it
 */
public record ChainPlan(
    int index,
    List<String> uids,
    String name,
    int parallelism,
    int maxParallelism,
    String slotSharingGroup,
    boolean blocking,
    boolean cutsAhead) {
  public ChainPlan {
    uids = List.copyOf(uids);
  }

  /** One that nothing keeps from cutting ahead. */
  public ChainPlan(
      int index,
      List<String> uids,
      String name,
      int parallelism,
      int maxParallelism,
      String slotSharingGroup,
      boolean blocking) {
    this(index, uids, name, parallelism, maxParallelism, slotSharingGroup, blocking, true);
  }

  ChainPlan with(boolean mayCutAhead) {
    return new ChainPlan(
        index, uids, name, parallelism, maxParallelism, slotSharingGroup, blocking, mayCutAhead);
  }

  public String head() {
    return uids.get(0);
  }
}
