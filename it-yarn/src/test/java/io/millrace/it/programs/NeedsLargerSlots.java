package io.millrace.it.programs;

import io.millrace.api.SlotSharingGroup;
import io.millrace.api.StreamExecutionEnvironment;

/**
 * Numbers that are doubled in two slots with more memory than others have. Arguments: megabytes of
 * heap for each of these, where to write.
 */
public final class NeedsLargerSlots {
  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    SlotSharingGroup large =
        SlotSharingGroup.newBuilder("large")
            .setCpuCores(1)
            .setTaskHeapMemoryMB(Integer.parseInt(words[0]))
            .build();
    env.fromSequence(1, 6)
        .rebalance()
        .map(number -> number * 2)
        .setParallelism(2)
        .slotSharingGroup(large)
        .writeAsText(words[1])
        .slotSharingGroup("default");
    env.execute("Larger slots");
  }

  private NeedsLargerSlots() {}
}
