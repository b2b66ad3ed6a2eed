package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Sums;
import io.millrace.runtime.state.HeapStateStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LargeStateTest {
  private static final ValueStateDescriptor<byte[]> BLOCK =
      new ValueStateDescriptor<>("block", byte[].class);
  private static final int KEYS = 40;
  private static final int BLOCK_BYTES = 500_000;

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final byte[] before = {1, 2, 3};
  private byte[] state;

  @BeforeEach
  void write() throws IOException {
    HeapStateStore heap = heap();
    var block = heap.value(BLOCK);
    for (int key = 0; key < KEYS; key++) {
      heap.setCurrentKey(key);
      block.update(new byte[BLOCK_BYTES + key]);
    }
    var all = new ByteArrayOutputStream();
    heap.freeze().parts().forEachRemaining(all::writeBytes);
    state = all.toByteArray();
  }

  private LargeState stored(byte[] bytes) throws IOException {
    store.names("job").mkdir("data");
    store.writeState("job", "data/file", List.of(before, bytes));
    var sums = new Sums();
    sums.add(state);
    var range =
        new StateBytes.InFile(
            "data/file", before.length, state.length, sums.ofAll(), sums.ofChunks());
    return new LargeState(CheckedRange.of(store, "job", range), LargeState.Parts.KEYED);
  }

  @Test
  void isRestoredPartByPart() throws IOException {
    LargeState large = stored(state);
    HeapStateStore back = heap();
    int parts = 0;
    for (byte[] part : large) {
      assertThat(part.length).isLessThan(state.length / 2);
      back.restore(part);
      parts++;
    }
    assertThat(parts).isGreaterThan(2);
    var block = back.value(BLOCK);
    for (int key = 0; key < KEYS; key++) {
      back.setCurrentKey(key);
      assertThat(block.value()).hasSize(BLOCK_BYTES + key);
    }
  }

  @Test
  void aDamagedByteIsNotRestored() throws IOException {
    for (int at : new int[] {0, 5_000_000, state.length - 1}) {
      byte[] other = state.clone();
      other[at] ^= 4;
      LargeState large = stored(other);
      HeapStateStore back = heap();
      assertThatThrownBy(() -> large.forEach(back::restore))
          .hasCauseInstanceOf(CorruptStateException.class)
          .hasMessageContaining("CRC32C")
          .hasMessageContaining("data/file");
      store.names("job").delete("data/file");
    }
  }

  @Test
  void aMissingEndIsFound() throws IOException {
    LargeState large = stored(Arrays.copyOf(state, state.length - 1));
    HeapStateStore back = heap();
    assertThatThrownBy(() -> large.forEach(back::restore))
        .hasCauseInstanceOf(CorruptStateException.class);
  }

  @SuppressWarnings("unchecked")
  private static HeapStateStore heap() {
    return HeapStateStore.create(
        (Serializer<Object>) (Serializer<?>) Serializers.of(Integer.class),
        0,
        15,
        16,
        LargeStateTest.class.getClassLoader());
  }
}
