package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.UserCode;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
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

  private JarRef jar(Class<?>... types) throws Exception {
    Path path = folder.resolve("job.jar");
    try (var jar = new JarOutputStream(Files.newOutputStream(path))) {
      for (Class<?> type : types) {
        String name = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(jar);
        }
      }
    }
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return new JarRef(HexFormat.of().formatHex(hash), "job.jar", path.toString());
  }
}
