package io.millrace.runtime.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.UserCode;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.ValueWrapper;

class JarClassesTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  @TempDir Path folder;

  private final JarClasses classes = new JarClasses(JarClassesTest.class.getClassLoader());

  /** Is in the jar and beside it, as a library would be that job and engine both use. */
  public static final class Library {}

  @Test
  void theJobsOwnClassesWinAndSharedOnesComeFromTheEngine() throws Exception {
    ClassLoader loader = classes.open(JOB, List.of(jar(Library.class, Configuration.class)));
    Class<?> library = Class.forName(Library.class.getName(), false, loader);
    assertThat(library).isNotSameAs(Library.class);
    assertThat(library.getClassLoader()).isSameAs(loader);
    assertThat(Class.forName(Configuration.class.getName(), false, loader))
        .isSameAs(Configuration.class);
    assertThat(Class.forName(JarClassesTest.class.getName(), false, loader))
        .isSameAs(JarClassesTest.class);
    assertThat(classes.open(JOB, List.of())).isSameAs(loader);
    classes.release(JOB);
    assertThat(classes.open(JOB, List.of())).isNotSameAs(loader);
  }

  /** Found as a connector is, or what a library looks for. */
  public static final class Plugin implements Supplier<String> {
    @Override
    public String get() {
      return "plugged in";
    }
  }

  @Test
  void aPluginOfAJobIsItsAlone() throws Exception {
    Path path = folder.resolve("plugin.jar");
    try (var jar = new JarOutputStream(Files.newOutputStream(path))) {
      add(jar, Plugin.class);
      jar.putNextEntry(new JarEntry("META-INF/services/" + Supplier.class.getName()));
      jar.write(Plugin.class.getName().getBytes(UTF_8));
    }

    ClassLoader its = classes.open(JOB, List.of(ref(path)));
    ClassLoader another = classes.open(new JobId("1".repeat(32)), List.of());

    assertThat(ServiceLoader.load(Supplier.class, its))
        .singleElement()
        .satisfies(
            plugin -> {
              assertThat(plugin.get()).isEqualTo("plugged in");
              assertThat(plugin.getClass().getClassLoader()).isSameAs(its);
            });
    assertThat(ServiceLoader.load(Supplier.class, another)).isEmpty();
  }

  /** The same library beside the engine would be refused. */
  @Test
  void aLibraryInTheJobsJarIsTheJobs() throws Exception {
    var failure = new AssertionFailedError("carried");
    UserCode code = UserCode.of(failure, "map");
    ClassLoader bare = classes.open(new JobId("1".repeat(32)), List.of());
    assertThatThrownBy(() -> code.open(bare))
        .hasMessageContaining(AssertionFailedError.class.getName());

    ClassLoader loader =
        classes.open(
            JOB,
            List.of(
                jar(
                    AssertionFailedError.class,
                    Class.forName(AssertionFailedError.class.getName() + "$1"),
                    ValueWrapper.class)));
    Object opened = code.open(loader);
    assertThat(opened.getClass().getClassLoader()).isSameAs(loader);
    assertThat((Throwable) opened).hasMessage("carried");
  }

  @Test
  void aJarOfOtherContentIsRefused() throws Exception {
    JarRef right = jar(Library.class);
    var wrong = new JarRef("0".repeat(64), "job.jar", right.location());
    assertThatThrownBy(() -> classes.open(JOB, List.of(wrong)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("job.jar")
        .hasMessageContaining(right.sha256());
  }

  @Test
  void aMissingJarIsNamed() {
    var missing = new JarRef("0".repeat(64), "job.jar", folder.resolve("none.jar").toString());
    assertThatThrownBy(() -> classes.open(JOB, List.of(missing)))
        .hasMessageContaining("job.jar")
        .hasMessageContaining("none.jar");
  }

  // ---- jars that lie elsewhere

  private final AtomicInteger fetched = new AtomicInteger();
  private volatile CountDownLatch mayFetch = new CountDownLatch(0);

  /** Everything behind {@code far:} is a path of this machine. */
  private final class Far implements FileOrigin {
    @Override
    public InputStream open(String location) throws IOException {
      fetched.incrementAndGet();
      try {
        mayFetch.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      try {
        return Files.newInputStream(Path.of(location.substring("far:".length())));
      } catch (NoSuchFileException e) {
        throw new FileNotFoundException(location);
      }
    }

    @Override
    public State state(String location) {
      throw new AssertionError("nobody asks for that");
    }
  }

  private static JarRef far(JarRef jar) {
    return new JarRef(jar.sha256(), jar.name(), "far:" + jar.location());
  }

  private List<Path> copies() throws IOException {
    Path work = folder.resolve("work");
    if (!Files.exists(work)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(work)) {
      return files.toList();
    }
  }

  @Test
  void aJarFromElsewhereIsFetchedOnceAndGoesWithTheLastJobThatUsesIt() throws Exception {
    var far = new JarClasses(getClass().getClassLoader(), new Far(), folder.resolve("work"));
    JarRef jar = far(jar(Library.class));
    JobId other = new JobId("1".repeat(32));

    ClassLoader one = far.open(JOB, List.of(jar, jar));
    ClassLoader two = far.open(other, List.of(jar));

    assertThat(fetched).hasValue(1);
    assertThat(copies()).hasSize(1);
    assertThat(Class.forName(Library.class.getName(), false, one))
        .isNotSameAs(Class.forName(Library.class.getName(), false, two));
    far.release(JOB);
    assertThat(copies()).hasSize(1);
    assertThat(Class.forName(Library.class.getName(), true, two).getClassLoader()).isSameAs(two);
    far.release(other);
    assertThat(copies()).isEmpty();

    far.open(JOB, List.of(jar));
    assertThat(fetched).hasValue(2);
    far.release(JOB);
    assertThat(copies()).isEmpty();
  }

  @Test
  void aJarFromElsewhereThatIsAnotherOrGoneIsNamedAndLeavesNothing() throws Exception {
    var far = new JarClasses(getClass().getClassLoader(), new Far(), folder.resolve("work"));
    JarRef right = jar(Library.class);
    var wrong = new JarRef("0".repeat(64), "job.jar", "far:" + right.location());
    var gone = new JarRef("1".repeat(64), "gone.jar", "far:" + folder.resolve("none.jar"));

    assertThatThrownBy(() -> far.open(JOB, List.of(far(right), wrong)))
        .hasMessageContaining("job.jar")
        .hasMessageContaining(right.sha256());
    assertThatThrownBy(() -> far.open(JOB, List.of(gone)))
        .hasMessageContaining("gone.jar is not at far:");
    assertThat(copies()).isEmpty();

    assertThat(far.open(JOB, List.of(far(right)))).isNotNull();
    assertThat(copies()).hasSize(1);
  }

  /** The JobManager must not wait for storage when a job ends. */
  @Test
  @Timeout(60)
  void aJobMayBeReleasedWhileItsJarIsFetched() throws Exception {
    mayFetch = new CountDownLatch(1);
    var far = new JarClasses(getClass().getClassLoader(), new Far(), folder.resolve("work"));
    JarRef jar = far(jar(Library.class));
    var executor = Executors.newSingleThreadExecutor();
    try {
      var opening = executor.submit(() -> far.open(JOB, List.of(jar)));
      while (fetched.get() == 0) {
        Thread.onSpinWait();
      }

      far.release(JOB);
      assertThat(far.open(new JobId("2".repeat(32)), List.of())).isNotNull();
      mayFetch.countDown();

      opening.get();
      assertThat(copies()).isEmpty();
    } finally {
      executor.shutdownNow();
    }
  }

  private JarRef jar(Class<?>... types) throws Exception {
    Path path = folder.resolve("job.jar");
    try (var jar = new JarOutputStream(Files.newOutputStream(path))) {
      for (Class<?> type : types) {
        add(jar, type);
      }
    }
    return ref(path);
  }

  private static void add(JarOutputStream jar, Class<?> type) throws IOException {
    String name = type.getName().replace('.', '/') + ".class";
    jar.putNextEntry(new JarEntry(name));
    try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
      in.transferTo(jar);
    }
  }

  private static JarRef ref(Path path) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return new JarRef(
        HexFormat.of().formatHex(hash), path.getFileName().toString(), path.toString());
  }
}
