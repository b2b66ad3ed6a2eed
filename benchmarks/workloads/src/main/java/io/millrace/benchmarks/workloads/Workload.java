package io.millrace.benchmarks.workloads;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What is to be computed from the events, in parallelism 2; the name is that of the command. */
public enum Workload {
  /** Convert each price and drop some bids, all in one chain. */
  PASSTHROUGH("passthrough", false),

  /** Send each event to the subtask of its key, convert the price there. */
  SHUFFLE("shuffle", false),

  /** Bids per auction in windows of {@link #WINDOW_MILLIS}. */
  TUMBLING("tumbling", true),

  /**
   * The auction with most bids in each window of {@link #WINDOW_MILLIS} that ends with a second.
   */
  SLIDING("sliding", true),

  /** Persons and the auctions that they open in the same window of {@link #WINDOW_MILLIS}. */
  JOIN("join", true),

  /** Bids of each bidder without a pause of {@link #GAP_MILLIS}. */
  SESSION("session", true),

  /** How many bids each of a million bidders has made so far, after each bid. */
  KEYED("keyed", false),

  /** The same with a checkpoint every second. */
  KEYED_CHECKPOINTS("keyed-checkpoints", true),

  /** The same with state in RocksDB and incremental checkpoints. */
  KEYED_ROCKSDB("keyed-rocksdb", true);

  public static final long WINDOW_MILLIS = 10_000;
  public static final long SLIDE_MILLIS = 1_000;
  public static final long GAP_MILLIS = 10_000;

  /**
   * How far watermarks lag where several events of one time make a difference: the next one may end
   * a session just as well as belong to it, if the watermark has passed its time already.
   */
  public static final long EQUAL_TIMES_MILLIS = 1;

  /** Between exactly-once checkpoints, where there are any. */
  public static final long CHECKPOINT_MILLIS = 1_000;

  public static final int PARALLELISM = 2;

  private final String label;
  private final boolean checkpointed;

  Workload(String label, boolean checkpointed) {
    this.label = label;
    this.checkpointed = checkpointed;
  }

  public static Workload of(String label) {
    return Arrays.stream(values())
        .filter(workload -> workload.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown workload "
                        + label
                        + ", known are "
                        + Arrays.stream(values())
                            .map(Workload::label)
                            .collect(Collectors.joining(", "))));
  }

  public String label() {
    return label;
  }

  /** Whether engines that know checkpoints take one every {@link #CHECKPOINT_MILLIS}. */
  public boolean checkpointed() {
    return checkpointed;
  }
}
