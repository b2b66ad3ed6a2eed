package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.tuple.Tuple2;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.assertj.core.data.Index;
import org.junit.jupiter.api.Test;

/** Classes that only the loader of a job knows, while the engine's own loader has others. */
class JobClassesTest {

  /** Defines the classes of {@link Samples} anew, as the loader of a job's jar does. */
  private static final class JobLoader extends ClassLoader implements JobClassLoader {
    private final SharedSerializers serializers = new SharedSerializers(this);

    JobLoader() {
      super(JobClassesTest.class.getClassLoader());
    }

    @Override
    public SharedSerializers serializers() {
      return serializers;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(Samples.class.getName())) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String path = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(path)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void dynamicValuesComeBackInTheClassesOfTheJob() throws Exception {
    JobLoader loader = new JobLoader();
    Serializer<Object> serializer = TypeInformation.dynamic().serializer(loader);
    for (Object value : values()) {
      DataWriter out = new DataWriter();
      serializer.write(value, out);
      Object read = serializer.read(new DataReader(out.toByteArray()));
      assertThat(read.getClass().getClassLoader()).isSameAs(loader);
      assertThat(read.getClass().getName()).isEqualTo(value.getClass().getName());
    }
  }

  @Test
  void aDeclaredTypeIsThatOfTheLoaderItIsReadWith() {
    TypeInformation<?> type =
        TypeInformation.of(new TypeHint<Tuple2<Samples.Person, Samples.Account>>() {});
    JobLoader loader = new JobLoader();
    DataWriter out = new DataWriter();
    @SuppressWarnings("unchecked")
    Serializer<Object> here =
        (Serializer<Object>) type.serializer(JobClassesTest.class.getClassLoader());
    here.write(
        Tuple2.of(new Samples.Person("a", 1, null), new Samples.Account("a", 1, null, true)), out);
    Tuple2<?, ?> there =
        (Tuple2<?, ?>) type.serializer(loader).read(new DataReader(out.toByteArray()));
    assertThat(there.f0.getClass().getClassLoader()).isSameAs(loader);
    assertThat(there.f1.getClass().getClassLoader()).isSameAs(loader);
  }

  @Test
  void allTasksOfAJobShareSerializers() {
    TypeInformation<?> type = TypeInformation.of(Samples.Account.class);
    JobLoader loader = new JobLoader();
    assertThat(type.serializer(loader))
        .isSameAs(type.serializer(loader))
        .isNotSameAs(type.serializer(new JobLoader()));
    ClassLoader own = JobClassesTest.class.getClassLoader();
    assertThat(type.serializer(own)).isSameAs(type.serializer(own));
    ClassLoader keepsNothing = new ClassLoader(own) {};
    assertThat(type.serializer(keepsNothing)).isNotSameAs(type.serializer(keepsNothing));
  }

  @Test
  void theClassesOfAJobThatHasEndedAreUnloaded() throws Exception {
    WeakReference<ClassLoader> ended = runJob();
    // A garbage collection is due until memory is short; a few requests are enough in practice.
    waitUntil(
        () -> {
          System.gc();
          return ended.get() == null;
        });
    assertThat(ended.get()).isNull();
  }

  private static WeakReference<ClassLoader> runJob() throws Exception {
    JobLoader loader = new JobLoader();
    Serializer<Object> serializer = TypeInformation.dynamic().serializer(loader);
    for (Object value : values()) {
      DataWriter out = new DataWriter();
      serializer.write(value, out);
      Object read = serializer.copy(serializer.read(new DataReader(out.toByteArray())));
      @SuppressWarnings("unchecked")
      Serializer<Object> declared =
          (Serializer<Object>) TypeInformation.of(value.getClass()).serializer(loader);
      for (int i = 0; i < 2_000; i++) {
        declared.write(read, new DataWriter()); // so often that code is made for it
      }
    }
    return new WeakReference<>(loader);
  }

  private static List<Object> values() {
    return List.of(
        new Samples.Person("a", 1, Samples.Colour.RED),
        new Samples.Account("a", 1, new ArrayList<>(), true),
        new Samples.Circle(1),
        new Samples.Secret("s", new ArrayList<>(List.of(Samples.Colour.GREEN))));
  }

  private static void waitUntil(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }

  /** Hadoop's libraries are on every class path; data must not choose among them. */
  @Test
  void librariesBesideTheEngineAreNotTheJobs() {
    DataWriter out = new DataWriter(64);
    Serializers.dynamic().write(Index.atIndex(3), out);
    byte[] crafted = out.toByteArray();
    assertThat(Serializers.dynamic().read(new DataReader(crafted))).isEqualTo(Index.atIndex(3));

    JobLoader loader = new JobLoader();
    Serializer<Object> serializer = TypeInformation.dynamic().serializer(loader);
    assertThatThrownBy(() -> serializer.read(new DataReader(crafted)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining(Index.class.getName());
    for (Object value : List.of(Index.atIndex(3), List.of(Index.atIndex(3)))) {
      assertThatThrownBy(() -> serializer.write(value, new DataWriter(64)))
          .isInstanceOf(NoSerializerException.class)
          .hasMessageContaining("put that library into the job's jar");
    }
  }
}
