package io.millrace.runtime.harness;

import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.WaitingOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Plays the part of a sink that commits with checkpoints, and whose test says when it takes
 * something. Lives longer than the task that it is in: what was shown at a barrier is there after a
 * restore from it.
 */
final class Receiver implements WaitingOperator<Object, Object> {
  private final List<OperatorHarness.Emitted<Object>> records = new ArrayList<>();

  /** What there was at each checkpoint's barrier. */
  private final TreeMap<Long, List<OperatorHarness.Emitted<Object>>> atBarriers = new TreeMap<>();

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean refusing;

  /** How many records it takes though it refuses. */
  private int allowed;

  @Override
  public void open(OperatorContext context, Output<Object> output) {
    watermark = Timestamps.MIN_WATERMARK;
  }

  @Override
  public void process(Object value, long timestamp) {
    records.add(new OperatorHarness.Emitted<>(value, timestamp));
    allowed--;
  }

  @Override
  public void watermark(long reached, Output<Object> output) {
    watermark = reached;
  }

  @Override
  public Frozen snapshot(long checkpoint) {
    atBarriers.put(checkpoint, List.copyOf(records));
    return Frozen.NOTHING;
  }

  @Override
  public boolean full() {
    return refusing && allowed <= 0;
  }

  @Override
  public boolean resume() {
    return false;
  }

  @Override
  public boolean holdsAny() {
    return false;
  }

  List<OperatorHarness.Emitted<Object>> records() {
    return records;
  }

  long reached() {
    return watermark;
  }

  /** How many records there were at the checkpoint's barrier. */
  int sizeAt(long checkpoint) {
    return atBarriers.get(checkpoint).size();
  }

  void refuse(boolean refuses) {
    refusing = refuses;
    allowed = 0;
  }

  void allowOne() {
    allowed = 1;
  }

  void rollBack(long checkpoint) {
    records.clear();
    records.addAll(atBarriers.get(checkpoint));
  }

  /** As if it had never had anything. */
  void forget() {
    records.clear();
    atBarriers.clear();
    refuse(false);
  }
}
