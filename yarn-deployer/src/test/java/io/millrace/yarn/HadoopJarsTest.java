package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopJarsTest {
  @TempDir Path directory;

  @Test
  void takesTheJarsInTheirOrderButThoseOfTests() throws Exception {
    Path common = folder("common", "b.jar", "a.jar", "a-tests.jar", "notes.txt", ".hidden.jar");
    Path lib = folder("a lib", "Z.jar", "c.jar");
    Path conf = folder("conf", "core-site.xml");

    HadoopJars found =
        HadoopJars.of(
                List.of(
                    conf.toString(),
                    common + "/*",
                    lib.resolve("c.jar").toString(),
                    lib + "/*",
                    directory + "/absent/*",
                    directory + "/absent.jar"),
                Map.of())
            .orElseThrow();

    assertThat(found.jars())
        .containsExactly(common + "/a.jar", common + "/b.jar", lib + "/c.jar", lib + "/Z.jar");
  }

  @Test
  void fillsInVariablesAsANodeDoes() throws Exception {
    Path home = folder("home", "a.jar");
    folder("home/b", "b.jar");

    for (String variable : List.of("$HADOOP_X_HOME", "${HADOOP_X_HOME}", "{{HADOOP_X_HOME}}")) {
      for (String set : List.of("HADOOP_X_HOME", "HADOOP_HOME")) {
        assertThat(
                HadoopJars.of(
                        List.of(variable + "/*", variable + "/b/*"), Map.of(set, home.toString()))
                    .orElseThrow()
                    .jars())
            .containsExactly(home + "/a.jar", home + "/b/b.jar");
      }
      assertThat(HadoopJars.of(List.of(variable + "/*"), Map.of())).isEmpty();
      assertThat(HadoopJars.of(List.of(variable, home + "/*"), Map.of()))
          .as("a folder that names no jars")
          .isPresent();
    }
    assertThat(HadoopJars.of(List.of(directory + "/none/*"), Map.of())).isEmpty();
  }

  @Test
  void findsAnUnpackedHadoopByTheClassPathOfTheCommand() throws Exception {
    Path common = folder("hadoop/share/hadoop/common", "a.jar");
    String classPath = "/etc/hadoop/conf:" + common + "/lib/*:" + common + "/*";

    assertThat(
            HadoopJars.of(
                    List.of("{{HADOOP_COMMON_HOME}}/share/hadoop/common/*"),
                    Map.of("HADOOP_CLASSPATH", classPath))
                .orElseThrow()
                .jars())
        .containsExactly(common + "/a.jar");
  }

  @Test
  void leavesOutWhatOnlyLooksLikeAJar() throws Exception {
    Path common = folder("common", "a.jar");
    Files.createSymbolicLink(common.resolve("gone.jar"), directory.resolve("nowhere.jar"));
    folder("common/folder.jar");
    List<String> classPath = List.of(common + "/*", common + "/gone.jar");

    HadoopJars found = HadoopJars.of(classPath, Map.of()).orElseThrow();

    assertThat(found.jars()).containsExactly(common + "/a.jar");
  }

  /** They come before jars on purpose, such as a correction of one class. */
  @Test
  void areNoneWhereClassesLieInFolders() throws Exception {
    Path common = folder("common", "a.jar");
    Path patches = folder("patches", "read.me");
    List<String> classPath = List.of(patches.toString(), common + "/*");
    HadoopJars before = HadoopJars.of(classPath, Map.of()).orElseThrow();

    folder("patches/org/apache", "Fixed.class");

    assertThat(HadoopJars.of(classPath, Map.of())).isEmpty();
    assertThat(stampOnNode(classPath)).isNotEqualTo(before.stamp() + "  -");
  }

  @Test
  void aShellOnTheNodeComesToTheSameStamp() throws Exception {
    Path common = folder("common", "b.jar", "B.jar", "a-tests.jar", "notes.txt", ".hidden.jar");
    Path lib = folder("it's a lib", "c.jar", "$d.jar");
    Files.createSymbolicLink(lib.resolve("linked.jar"), common.resolve("b.jar"));
    List<String> classPath =
        List.of(common.toString(), common + "/*", lib.resolve("c.jar").toString(), lib + "/*");
    String stamp = HadoopJars.of(classPath, Map.of()).orElseThrow().stamp();

    assertThat(stampOnNode(classPath)).isEqualTo(stamp + "  -");

    Files.setLastModifiedTime(
        common.resolve("b.jar"), FileTime.from(Instant.parse("2020-02-02T02:02:02Z")));
    assertThat(stampOnNode(classPath)).isNotEqualTo(stamp + "  -");
    assertThat(stampOnNode(classPath))
        .isEqualTo(HadoopJars.of(classPath, Map.of()).orElseThrow().stamp() + "  -");
    Files.writeString(lib.resolve("more.jar"), "");
    assertThat(stampOnNode(classPath))
        .isEqualTo(HadoopJars.of(classPath, Map.of()).orElseThrow().stamp() + "  -");
  }

  private String stampOnNode(List<String> hadoop) throws Exception {
    var shell = new ProcessBuilder("bash", "-c", "echo \"" + HadoopJars.STAMP + "\"");
    shell.environment().put("CLASSPATH", "lib/own.jar:" + String.join(":", hadoop));
    shell.environment().put("LC_ALL", "C.UTF-8");
    shell.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = shell.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return output.strip();
  }

  @Test
  void knowsJarsThatWouldHideTheConfiguration() throws Exception {
    String plain = jar("plain.jar", "core-default.xml", "deeper/core-site.xml", "messages.xml");
    for (String hiding :
        List.of("core-site.xml", "log4j.properties", "capacity-scheduler.xml", "ssl-client.xml")) {
      String jar = jar("hiding.jar", "A.class", hiding);
      assertThat(HadoopJars.hidesConfiguration(List.of(plain, jar))).as(hiding).contains(jar);
    }
    assertThat(HadoopJars.hidesConfiguration(List.of(plain))).isEmpty();
    String broken = Files.writeString(directory.resolve("broken.jar"), "no jar").toString();
    assertThat(HadoopJars.hidesConfiguration(List.of(plain, broken))).contains(broken);
  }

  private String jar(String name, String... entries) throws IOException {
    Path jar = directory.resolve(name);
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String entry : entries) {
        out.putNextEntry(new JarEntry(entry));
        out.closeEntry();
      }
    }
    return jar.toString();
  }

  private Path folder(String name, String... files) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    for (String file : files) {
      Files.writeString(folder.resolve(file), "the content of " + file);
    }
    return folder;
  }
}
