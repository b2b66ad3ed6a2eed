package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.KeyFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command in a JVM of its own, whose class path has nothing of Hadoop. */
class MissingHadoopTest {
  private static final String REMEDY = "export HADOOP_CLASSPATH=$(hadoop classpath)";

  @TempDir Path folder;

  private final Map<String, String> environment = new TreeMap<>();

  @BeforeEach
  void aDistribution() throws IOException {
    Files.createDirectories(folder.resolve("home/lib"));
    Files.createDirectories(folder.resolve("home/conf"));
    Files.createDirectories(folder.resolve("hadoop"));
    Files.writeString(folder.resolve("hadoop/yarn-site.xml"), "<configuration/>");
    environment.put("MILLRACE_HOME", folder.resolve("home").toString());
    environment.put("HADOOP_CONF_DIR", folder.resolve("hadoop").toString());
  }

  private void refused(List<String> words, String... parts) throws Exception {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(":"))
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("hadoop-"))
            .collect(Collectors.joining(":"));
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classPath, Main.class.getName()));
    command.addAll(words);
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.matches("(HADOOP|YARN|MILLRACE)_.*"));
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    int code = builder.start().waitFor();
    String told =
        Files.readString(err)
            .lines()
            .filter(line -> line.startsWith("millrace: "))
            .collect(Collectors.joining("\n"));
    assertThat(told).as(Files.readString(err)).hasLineCount(1).contains(parts);
    assertThat(told).doesNotContain("NoClassDefFoundError", "itself has failed");
    assertThat(Files.readString(out)).isEmpty();
    assertThat(code).isEqualTo(1);
  }

  private String program() throws IOException {
    Path jar = folder.resolve("program.jar");
    String name = MissingHadoopTest.class.getName().replace('.', '/') + "$Program.class";
    try (var to = new JarOutputStream(Files.newOutputStream(jar));
        InputStream in = MissingHadoopTest.class.getClassLoader().getResourceAsStream(name)) {
      to.putNextEntry(new JarEntry(name));
      in.transferTo(to);
      to.closeEntry();
    }
    return jar.toString();
  }

  @Test
  void everyActionThatNeedsHadoopNamesTheRemedy() throws Exception {
    String job = "0123456789abcdef0123456789abcdef";
    for (List<String> words :
        List.of(
            List.of("list"),
            List.of("clean"),
            List.of("cancel", job),
            List.of("state", "show", "/a"),
            List.of("run", "-m", "yarn-cluster", "-c", Program.class.getName(), program()))) {
      refused(words, "org.apache.hadoop.", "HADOOP_CLASSPATH is not set", REMEDY);
    }
    environment.put("HADOOP_CLASSPATH", folder.toString());
    refused(List.of("list"), "HADOOP_CLASSPATH does not have it", REMEDY);
  }

  @Test
  void aMissingConfigurationIsStillTold() throws Exception {
    environment.remove("HADOOP_CONF_DIR");
    refused(List.of("list"), "neither HADOOP_CONF_DIR nor YARN_CONF_DIR is set");
    environment.put("YARN_CONF_DIR", folder.toString());
    refused(List.of("list"), "there is no yarn-site.xml in " + folder);
  }

  @Test
  void aStandaloneClusterNeedsNoConfigurationOfHadoop() throws Exception {
    environment.remove("HADOOP_CONF_DIR");
    new KeyFile(folder.resolve("home/conf/cluster.key")).create("without Hadoop");
    for (List<String> words :
        List.of(
            List.of("list"),
            List.of("state", "show", "file:///a"),
            List.of("run", "-c", Program.class.getName(), program()))) {
      refused(words, "org.apache.hadoop.", "HADOOP_CLASSPATH is not set", REMEDY);
    }
  }

  @Test
  void onlyClassesOfHadoopAreMeant() {
    assertThat(
            MissingHadoop.remedy(
                new IllegalStateException(new NoClassDefFoundError("org/apache/hadoop/fs/Path")),
                environment))
        .hasValueSatisfying(text -> assertThat(text).contains("org.apache.hadoop.fs.Path", REMEDY));
    for (Throwable other :
        List.of(
            new NoClassDefFoundError("shop/Order"),
            new NoClassDefFoundError("Could not initialize class org.apache.hadoop.fs.FileSystem"),
            new IllegalStateException("org/apache/hadoop/fs/Path"))) {
      assertThat(MissingHadoop.remedy(other, environment)).isEmpty();
    }
  }

  /** A class of a program. */
  public static final class Program {
    public static void main(String[] words) {}

    public static org.apache.hadoop.fs.Path output() {
      return new org.apache.hadoop.fs.Path("/out");
    }
  }
}
