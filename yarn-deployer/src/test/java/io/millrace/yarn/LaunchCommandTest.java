package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchCommandTest {
  private static final int WORDS = 10_000;
  private static final int WORDS_PER_COMMAND = 250;

  @TempDir Path directory;

  @Test
  void everyWordSurvivesTheLaunchScript() throws Exception {
    var random = new Random(42);
    var words =
        new ArrayList<>(
            List.of(
                "",
                "'",
                "\"",
                "$(exit 9)",
                "`id`",
                "a\nb",
                "{{HOME}}",
                "{{{x}}}",
                "<LOG_DIR>",
                "<CPS>",
                "\\",
                "\\\\'\"",
                "$HOME",
                "!!",
                "-rf",
                "*",
                "\u202etxt",
                "x; exit 1",
                "&&"));
    while (words.size() < WORDS) {
      words.add(randomWord(random));
    }
    for (int from = 0; from < words.size(); from += WORDS_PER_COMMAND) {
      List<String> some = words.subList(from, Math.min(words.size(), from + WORDS_PER_COMMAND));
      assertThat(throughYarn(some)).isEqualTo(some);
    }
  }

  private static String randomWord(Random random) {
    String telling = "'\"\\$`{}<>()!;&|*?~# \n\t-=LOG_DIRCPS%@^[]é世";
    var word = new StringBuilder();
    int length = random.nextInt(24);
    for (int i = 0; i < length; i++) {
      word.append(
          random.nextInt(3) > 0
              ? telling.charAt(random.nextInt(telling.length()))
              : (char) (1 + random.nextInt(126)));
    }
    return word.toString();
  }

  /** A program that prints its arguments, started as YARN would. */
  private List<String> throughYarn(List<String> words) throws Exception {
    Path java = directory.resolve("home/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(directory.resolve("home/release"), "JAVA_VERSION=\"17.0.1\"\n");
    Files.writeString(java, "#!/bin/bash\nprintf '%s\\0' \"$@\"\n");
    java.toFile().setExecutable(true);
    String text =
        new LaunchCommand("Main", List.of(), words, "jobmanager", SharedClasses.NONE).text();

    assertThat(run(text, directory.resolve("home"))).isZero();

    Path printed = directory.resolve("jobmanager.out");
    String out = Files.readString(printed, StandardCharsets.UTF_8);
    Files.delete(printed);
    List<String> seen = List.of(out.split("\0", -1));
    int main = seen.indexOf("Main");
    return seen.subList(main + 1, seen.size() - 1);
  }

  /** What a NodeManager does with the text of a command. */
  private int run(String text, Path javaHome) throws IOException, InterruptedException {
    return run("", text, javaHome);
  }

  /**
   * @param before lines of its script
   */
  private int run(String before, String text, Path javaHome)
      throws IOException, InterruptedException {
    Process process = start(before, text, javaHome);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private Process start(String before, String text, Path javaHome) throws IOException {
    String expanded =
        text.replace("<LOG_DIR>", directory.toString())
            .replace("<CPS>", ":")
            .replace("{{", "$")
            .replace("}}", "");
    Path script = directory.resolve("launch_container.sh");
    Files.writeString(
        script,
        "#!/bin/bash\nset -o pipefail -e\n" + before + "exec /bin/bash -c \"" + expanded + "\"\n");
    var builder =
        new ProcessBuilder("bash", script.toString())
            .redirectError(directory.resolve("prelaunch.err").toFile())
            .redirectOutput(directory.resolve("prelaunch.out").toFile());
    builder.environment().putAll(Map.of("JAVA_HOME", javaHome.toString(), "LC_ALL", "C.UTF-8"));
    return builder.start();
  }

  @Test
  void saysWhichJavaTheContainerHasIfItIsTooOld() throws Exception {
    for (String version : List.of("1.8.0_392", "11.0.21")) {
      Path home = Files.createDirectories(directory.resolve(version));
      Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
      String text =
          new LaunchCommand("Main", List.of(), List.of(), "jobmanager", SharedClasses.NONE).text();

      assertThat(run(text, home)).isEqualTo(ContainerExit.WRONG_JAVA);
      assertThat(directory.resolve("prelaunch.err"))
          .hasContent(
              "container Java is "
                  + version
                  + "; set containerized.{master,taskmanager}.env.JAVA_HOME");
    }
  }

  @Test
  void asksJavaItselfWhereThereIsNoReleaseFile() throws Exception {
    Path home = directory.resolve("bare");
    Path java = home.resolve("bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, "#!/bin/bash\necho 'openjdk version \"21.0.2\" 2024-01-16' >&2\n");
    java.toFile().setExecutable(true);

    assertThat(
            run(
                new LaunchCommand("Main", List.of(), List.of(), "x", SharedClasses.NONE).text(),
                home))
        .isZero();
  }

  @Test
  void givesYarnTheLastLinesOfAJvmThatHasFailed() throws Exception {
    Path home =
        java(
            "for i in $(seq 100); do echo \"line $i\" >>\"${1#-Dmillrace.log.file=}\"; done",
            "echo records",
            "echo Terminating >&2",
            "exit 3");

    assertThat(run(command("taskmanager"), home)).isEqualTo(3);

    List<String> lines = LastLines.in(diagnostics()).lines();
    assertThat(lines).startsWith("taskmanager.err:", "Terminating", "taskmanager.log:");
    assertThat(lines).endsWith("line 99", "line 100").hasSizeLessThan(20);
    assertThat(lines).doesNotContain("records", "line 1");
  }

  @Test
  void tellsNothingOfAJvmThatEndsWellAndLittleOfOneThatIsKilled() throws Exception {
    assertThat(run(command("taskmanager"), java("kill -9 $$"))).isEqualTo(137);
    assertThat(LastLines.in(diagnostics()).lines()).isEmpty();
    assertThat(diagnostics()).as("what bash says of it").doesNotContain("Main");

    assertThat(run(command("taskmanager"), java("echo fine >&2"))).isZero();
    assertThat(diagnostics()).isEmpty();
  }

  /** YARN signals the whole group and takes the container for ended when the shell is. */
  @Test
  void theShellDoesNotEndBeforeTheJvm() throws Exception {
    Path home =
        java(
            "trap 'echo ended >&2; exit 143' TERM",
            "echo \"$$\" >\"${1#-Dmillrace.log.file=}\"",
            "while :; do read -r -t 1 <>/dev/zero; done");
    Process process = start("", command("taskmanager"), home);
    Path log = directory.resolve("taskmanager.log");
    while (!Files.exists(log) || Files.size(log) == 0) {
      assertThat(process.isAlive()).isTrue();
      Thread.onSpinWait();
    }

    for (String signal : List.of("QUIT", "INT", "HUP", "TERM")) {
      signal(signal, Long.toString(process.pid()));
    }
    signal("TERM", Files.readString(log).strip());

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(LastLines.in(diagnostics()).lines()).contains("ended");
  }

  /** The archive with Hadoop's classes wants them first, and is good for these jars only. */
  @Test
  void takesTheArchiveThatGoesWithTheHadoopOfTheNode() throws Exception {
    Path hadoop = Files.createDirectories(directory.resolve("had oop"));
    Files.writeString(hadoop.resolve("a.jar"), "a");
    Files.writeString(hadoop.resolve("a-tests.jar"), "tests");
    String classPath = "lib/own.jar:/etc/conf:" + hadoop + "/*";
    HadoopJars jars = HadoopJars.of(List.of("/etc/conf", hadoop + "/*"), Map.of()).orElseThrow();
    String first = "lib/own.jar:" + hadoop + "/a.jar";
    var shared =
        new SharedClasses(true, Optional.of(new SharedClasses.WithHadoop(first, jars.stamp())));
    Path home = java("echo \"$CLASSPATH\"", "echo \"$1\"");
    String text = new LaunchCommand("Main", List.of(), List.of(), "jobmanager", shared).text();
    String start = "export CLASSPATH=\"" + classPath + "\"\n";

    assertThat(run(start, text, home)).isZero();
    assertThat(output())
        .containsExactly(first + ":" + classPath, "-XX:SharedArchiveFile=hadoop.jsa");

    Files.writeString(hadoop.resolve("b.jar"), "b");
    assertThat(run(start, text, home)).isZero();
    assertThat(output()).containsExactly(classPath, "-XX:SharedArchiveFile=classes.jsa");
    assertThat(diagnostics()).isEmpty();
  }

  private List<String> output() throws IOException {
    Path out = directory.resolve("jobmanager.out");
    List<String> lines = Files.readAllLines(out);
    Files.delete(out);
    return lines;
  }

  private static void signal(String name, String pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
  }

  private static String command(String logName) {
    return new LaunchCommand("Main", List.of(), List.of(), logName, SharedClasses.NONE).text();
  }

  private String diagnostics() throws IOException {
    return Files.readString(directory.resolve("prelaunch.err"));
  }

  /** The home of a "JVM" that does this. */
  private Path java(String... script) throws IOException {
    Path home = directory.resolve("jvm");
    Path java = home.resolve("bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    Files.writeString(java, "#!/bin/bash\n" + String.join("\n", script) + "\n");
    java.toFile().setExecutable(true);
    return home;
  }

  @Test
  void refusesAWordThatNoShellCanCarry() {
    assertThatThrownBy(() -> LaunchCommand.word("a\0b")).hasMessageContaining("character 0");
  }

  @Test
  void splitsFlagsLikeAShell() {
    assertThat(LaunchCommand.split(" -Xmx1g  -Da='b c' -Dd=\"e f\"g '' "))
        .containsExactly("-Xmx1g", "-Da=b c", "-Dd=e fg", "");
    assertThatThrownBy(() -> LaunchCommand.split("-Da='b")).hasMessageContaining("not closed");
  }
}
