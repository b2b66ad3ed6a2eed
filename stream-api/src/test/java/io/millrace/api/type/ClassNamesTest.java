package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.type.Samples.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassNamesTest {
  static boolean initialised;

  /** Tells when it is initialised. */
  static final class Tattler {
    static {
      initialised = true;
    }

    private final Thread thread = null;

    boolean hasThread() {
      return thread != null;
    }
  }

  private static DataReader naming(String name, ClassLoader loader) {
    DataWriter out = new DataWriter();
    out.writeVarInt(1);
    out.writeString(name);
    out.writeByte(1);
    out.writeVarInt(1);
    out.writeInt(0);
    return new DataReader(out.toByteArray(), loader);
  }

  @Test
  void dataMayNotNameOtherClasses() {
    for (String name :
        List.of(
            "java.lang.Thread",
            "java.lang.ProcessBuilder",
            "java.lang.Runtime",
            "java.util.concurrent.locks.ReentrantLock",
            "javax.script.ScriptEngineManager",
            "jdk.internal.misc.Unsafe",
            "sun.misc.Unsafe",
            "com.sun.rowset.JdbcRowSetImpl",
            "[Ljava.lang.Thread;",
            "[[[[[[[[[[I",
            "[",
            "[Lint;",
            "int",
            "void",
            "",
            "no.such.Type",
            "java/lang/String",
            "org/junit/jupiter/api/Test",
            "org.w3c.dom.Node",
            Runnable.class.getName(),
            CharSequence.class.getName(),
            Samples.class.getPackageName() + ".Serializer")) {
      assertThatThrownBy(() -> Serializers.dynamic().read(naming(name, null)))
          .as(name)
          .isExactlyInstanceOf(CorruptDataException.class);
    }
  }

  @Test
  void aClassIsNotInitialisedForBeingNamed() {
    assertThatThrownBy(() -> Serializers.dynamic().read(naming(Tattler.class.getName(), null)))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("java.lang.Thread (field path thread)");
    assertThat(initialised).isFalse();
  }

  @Test
  void namesAreLookedForInTheLoaderOfTheReader() {
    DataWriter out = new DataWriter();
    Serializers.dynamic().write(new Samples.Empty(), out);
    byte[] bytes = out.toByteArray();
    ClassLoader jdkOnly = ClassLoader.getPlatformClassLoader();
    assertThatThrownBy(() -> Serializers.dynamic().read(new DataReader(bytes, jdkOnly)))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining(Samples.Empty.class.getName())
        .hasMessageContaining("does not find it");
    assertThat(
            Serializers.dynamic(jdkOnly).read(new DataReader(bytes, getClass().getClassLoader())))
        .isEqualTo(new Samples.Empty());
  }

  @Test
  void kryoBlocksNameNoOtherClassesEither() {
    Serializer<Secret> serializer = Serializers.of(Secret.class);
    // Same length, so that only the name differs.
    String allowed = "java.util.Locale";
    String forbidden = "java.lang.Thread";
    byte[] bytes =
        RoundTripTest.bytes(
            serializer, new Secret("s", new ArrayList<>(List.of(java.util.Locale.ROOT))));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(allowed);
    byte[] changed = text.replace(allowed, forbidden).getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> serializer.read(new DataReader(changed)))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("java.lang.Thread");
  }

  @Test
  void aClassNumberThatWasNotAnnouncedIsCorrupt() {
    DataWriter out = new DataWriter();
    out.writeVarInt(2);
    assertThatThrownBy(() -> Serializers.dynamic().read(new DataReader(out.toByteArray())))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("class number 2");
  }
}
