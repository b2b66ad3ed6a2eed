package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.state.CompiledClasses;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Splits of a source of the user's whose type changes from one version to the next. */
class SplitEntryTest {
  private static final String SPLIT = "public record Lane(%s) {}";

  @TempDir Path folder;
  private int versions;

  private ClassLoader version(String fields) throws Exception {
    return CompiledClasses.of(folder.resolve("v" + versions++), SPLIT.formatted(fields));
  }

  @SuppressWarnings("unchecked") // as the engine: splits are Objects
  private static Serializer<Object> splits(ClassLoader version) throws Exception {
    return (Serializer<Object>) Serializers.of(version.loadClass("Lane"));
  }

  private static Object lane(ClassLoader version) throws Exception {
    return version.loadClass("Lane").getConstructors()[0].newInstance(1, 2);
  }

  @Test
  void isReadByTheNamesOfItsFields() throws Exception {
    ClassLoader first = version("int next, int end");
    byte[] entry = SplitEntry.write(lane(first), splits(first));

    assertThat(SplitEntry.read(entry, splits(first), first)).hasToString("Lane[next=1, end=2]");
    ClassLoader second = version("long end, String name, int next");
    assertThat(SplitEntry.read(entry, splits(second), second))
        .hasToString("Lane[end=2, name=null, next=1]");
    ClassLoader narrower = version("int next, short end");
    assertThatThrownBy(() -> SplitEntry.read(entry, splits(narrower), narrower))
        .isInstanceOf(StateMigrationException.class)
        .hasMessageContaining("field 'end' of Lane was int, is short");
  }

  @Test
  void isReadAsEarlierBuildsHaveWrittenIt() throws Exception {
    ClassLoader version = version("int next, int end");
    var out = new DataWriter();
    splits(version).write(lane(version), out);

    byte[] entry = out.toByteArray();

    assertThat(SplitEntry.shape(entry)).isEmpty();
    assertThat(SplitEntry.read(entry, splits(version), version)).isEqualTo(lane(version));
  }
}
