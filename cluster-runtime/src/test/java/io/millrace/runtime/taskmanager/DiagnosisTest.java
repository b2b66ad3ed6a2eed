package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.api.function.IncompleteMergeException;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.RecordTooLargeException;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.MemoryFolder;
import io.millrace.runtime.task.OverflowFailedException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  @Test
  void userCodeIsTriedAgain() {
    Failure failure = Diagnosis.of(new IllegalStateException("no\n  luck"), "map", 3);
    assertThat(failure.kind()).isEqualTo(Failure.Kind.USER);
    assertThat(failure.canHeal()).isTrue();
    assertThat(failure.headline())
        .isEqualTo("map (subtask 3): java.lang.IllegalStateException: no | luck");
  }

  /** The same state meets the same store at every try. */
  @Test
  void filesThatAStoreCannotReadAreNotTriedAgain() {
    var captured = List.of(new CapturedRows(new byte[1], new MemoryFolder()));
    Serializer<Object> keys = null;
    Throwable thrown =
        catchThrowable(
            () -> HeapStateStore.create(keys, 0, 0, 1, getClass().getClassLoader(), captured));

    Failure failure = Diagnosis.of(thrown, "count", 0);
    assertThat(failure.canHeal()).isFalse();
    assertThat(failure.headline())
        .startsWith("count (subtask 0): the checkpoint holds state as files of RocksDB");
  }

  @Test
  void theWorldIsTriedAgain() {
    assertThat(Diagnosis.of(new RuntimeException(new IOException("disk")), "sink", 0))
        .matches(failure -> failure.kind() == Failure.Kind.EXTERNAL && failure.canHeal());
    assertThat(Diagnosis.of(new ChannelBrokenException("gone"), "", 0))
        .matches(failure -> failure.kind() == Failure.Kind.RESOURCE && failure.canHeal());
  }

  @Test
  void aFullLocalDiskIsAMatterOfTheMachine() {
    Failure full =
        Diagnosis.of(
            new OverflowFailedException("no room in /disk", new IOException("ENOSPC")), "burst", 1);
    assertThat(full)
        .matches(failure -> failure.kind() == Failure.Kind.RESOURCE && failure.canHeal());
    assertThat(full.headline()).isEqualTo("burst (subtask 1): no room in /disk");
  }

  @Test
  void whatIsTheSameAtTheNextTryEndsTheJob() {
    Failure large = Diagnosis.of(new RecordTooLargeException("raise that setting"), "map", 0);
    assertThat(large.canHeal()).isFalse();
    assertThat(large.headline()).isEqualTo("map (subtask 0): raise that setting");
    Failure merge = Diagnosis.of(new IncompleteMergeException("let it join both"), "windows", 0);
    assertThat(merge.canHeal()).isFalse();
    assertThat(merge.headline()).isEqualTo("windows (subtask 0): let it join both");
    assertThat(Diagnosis.of(new NoClassDefFoundError("a/B"), "map", 0).canHeal()).isFalse();
    assertThat(Diagnosis.of(new ClassCastException("A is no B"), "map", 0).canHeal()).isFalse();
  }

  @Test
  void stateOfAnotherTypeEndsTheJobAndNamesBoth() {
    HeapStateStore before = store();
    before.setCurrentKey("a");
    before.value(new ValueStateDescriptor<>("count", Long.class)).update(5L);
    HeapStateStore after = store();
    after.restore(before.freeze().write());

    Throwable thrown =
        catchThrowable(() -> after.value(new ValueStateDescriptor<>("count", Integer.class)));
    Failure failure = Diagnosis.of(thrown, "counter", 2);
    assertThat(failure.kind()).isEqualTo(Failure.Kind.USER);
    assertThat(failure.canHeal()).isFalse();
    assertThat(failure.headline())
        .startsWith("counter (subtask 2): state 'count' holds")
        .contains("Long in the checkpoint", "declares", "Integer", "another name");
  }

  @SuppressWarnings("unchecked") // keys are strings
  private static HeapStateStore store() {
    ClassLoader loader = DiagnosisTest.class.getClassLoader();
    var keys = (Serializer<Object>) (Serializer<?>) Serializers.of(String.class, loader);
    return HeapStateStore.create(keys, 0, 15, 16, loader);
  }
}
