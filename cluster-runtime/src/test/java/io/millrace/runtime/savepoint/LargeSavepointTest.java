package io.millrace.runtime.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
import java.util.HashSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** State of one subtask that no array holds. */
class LargeSavepointTest {
  private static final ValueStateDescriptor<byte[]> BLOCK =
      new ValueStateDescriptor<>("block", byte[].class);
  private static final int BLOCK_BYTES = 1 << 20;
  private static final int KEYS = 2_200;
  private static final int MOST_AT_ONCE = 6 << 20;

  private static final ClassLoader LOADER = LargeSavepointTest.class.getClassLoader();
  private static final SparseStore STORE = new SparseStore();

  private static Savepoint savepoint;

  /** One array stands for all, so that it is not the heap that is large. */
  @BeforeAll
  static void write() throws Exception {
    byte[] block = new byte[BLOCK_BYTES];
    var operator =
        new NewOperator("large", LOADER)
            .keyed(
                TypeInformation.of(Integer.class),
                state -> {
                  ValueState<byte[]> value = state.value(BLOCK);
                  for (int key = 0; key < KEYS; key++) {
                    state.setCurrentKey(key);
                    value.update(block);
                  }
                });
    savepoint =
        Savepoint.load(
            STORE, SavepointWriter.fromNothing(16).put(operator).write(STORE, "memory:/large"));
  }

  private static StateBytes.InFile keyed(Savepoint savepoint) {
    return (StateBytes.InFile) savepoint.manifest().states().get(0).keyed().orElseThrow();
  }

  @Test
  void isWrittenCopiedAndReadInParts() throws Exception {
    assertThat(keyed(savepoint).length()).isGreaterThan(Integer.MAX_VALUE);

    String copy = SavepointWriter.from(savepoint, 16).write(STORE, "memory:/copy");
    Savepoint second = Savepoint.load(STORE, copy);
    assertThat(keyed(second).length()).isEqualTo(keyed(savepoint).length());
    assertThat(keyed(second).crc32c()).isEqualTo(keyed(savepoint).crc32c());

    var keys = new HashSet<Integer>();
    for (var entry :
        second.keyed("large", TypeInformation.of(Integer.class), LOADER).values(BLOCK)) {
      assertThat(entry.value()).hasSize(BLOCK_BYTES);
      assertThat(keys.add(entry.key())).isTrue();
    }
    assertThat(keys).hasSize(KEYS);
    assertThat(STORE.largestArray).isLessThan(MOST_AT_ONCE);
  }

  @Test
  void aDamagedBitNearItsEndIsFound() throws Exception {
    long at = keyed(savepoint).length() - 3_000_000;
    STORE.flipBit("memory:/large", keyed(savepoint), at);

    var values = savepoint.keyed("large", TypeInformation.of(Integer.class), LOADER).values(BLOCK);
    assertThatThrownBy(() -> values.forEach(each -> {}))
        .hasCauseInstanceOf(CorruptStateException.class);
    assertThatThrownBy(() -> SavepointWriter.from(savepoint, 16).write(STORE, "memory:/damaged"))
        .isInstanceOf(CorruptStateException.class);
    assertThatThrownBy(() -> Savepoint.load(STORE, "memory:/damaged"))
        .hasMessageContaining("there is no savepoint");
    STORE.flipBit("memory:/large", keyed(savepoint), at);
  }
}
