package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that cannot become a job: each refused in one line, before a server is asked. */
class BadProgramTest {
  @TempDir Path folder;

  /** What a JVM does once, BadInputIT measures with all else, command by command. */
  @BeforeAll
  static void loadClasses(@TempDir Path folder) throws IOException {
    var first = new BadProgramTest();
    first.folder = folder;
    first.aDistributionAndAClusterThatIsDown();
    first.run(first.jar(Nothing.class.getName(), Nothing.class));
  }

  @BeforeEach
  void aDistributionAndAClusterThatIsDown() throws IOException {
    Files.createDirectories(folder.resolve("home/lib"));
    Files.createDirectories(folder.resolve("home/conf"));
    Files.createDirectories(folder.resolve("hadoop"));
    Files.writeString(folder.resolve("hadoop/yarn-site.xml"), "<configuration/>");
  }

  private Terminal run(String... words) {
    var all = new ArrayList<>(List.of("run", "-m", "yarn-cluster"));
    all.addAll(List.of(words));
    return Terminal.run(
        Map.of(
            "MILLRACE_HOME", folder.resolve("home").toString(),
            "HADOOP_CONF_DIR", folder.resolve("hadoop").toString()),
        all.toArray(String[]::new));
  }

  private static void refused(Terminal terminal, String... parts) {
    assertThat(terminal.exitCode()).isEqualTo(1);
    assertThat(terminal.out()).isEmpty();
    assertThat(terminal.err()).hasLineCount(1).contains(parts);
    assertThat(terminal.millis()).isLessThan(5_000);
  }

  private String jar(String mainClass, Class<?>... classes) throws IOException {
    Path jar = Files.createTempFile(folder, "program", ".jar");
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (mainClass != null) {
      manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
    }
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Class<?> type : classes) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return jar.toString();
  }

  @Test
  void aJarThatIsMissing() {
    refused(run(folder + "/none.jar"), "the program's jar does not exist: " + folder + "/none.jar");
    refused(run("hdfs://nn/a.jar"), "must lie on this machine");
  }

  @Test
  void aFileThatIsNoJar() throws IOException {
    Path text = Files.writeString(folder.resolve("a.jar"), "not a jar");
    refused(run(text.toString()), "is not a jar");
    refused(run(folder.toString()), "is not a readable file");
  }

  @Test
  void aJarWithoutMainClass() throws IOException {
    refused(run(jar(null)), "names no Main-Class; say which class to run with -c");
    refused(run(jar("a.Missing")), "the class a.Missing is not in");
    refused(run("-c", "b.Missing", jar(null)), "the class b.Missing is not in");
  }

  @Test
  void aClassWithoutMain() throws IOException {
    refused(
        run(jar(NoMain.class.getName(), NoMain.class)), "has no public static void main(String[])");
  }

  @Test
  void aMainThatThrows() throws IOException {
    Terminal terminal = run(jar(Throws.class.getName(), Throws.class));
    refused(
        terminal,
        "The program finished with the following exception: java.lang.IllegalStateException: no"
            + " such customer",
        "at BadProgramTest.java:");
  }

  @Test
  void aClassThatCannotBeInitialized() throws IOException {
    refused(
        run(jar(Uninitialized.class.getName(), Uninitialized.class)),
        "The program finished with the following exception: java.lang.NumberFormatException:",
        "\"none\" while a class was initialized");
  }

  @Test
  void aMainThatLacksAClassOfItsOwn() throws IOException {
    Terminal terminal = run(jar(Lacks.class.getName(), Lacks.class));
    refused(
        terminal,
        "The program finished with the following exception: java.lang.NoClassDefFoundError:"
            + " shop/Order");
    assertThat(terminal.err()).doesNotContain("HADOOP_CLASSPATH");
  }

  @Test
  void aMainThatExecutesNothing() throws IOException {
    refused(
        run(jar(Nothing.class.getName(), Nothing.class)),
        "The program didn't contain a Millrace job",
        "add the call");
  }

  @Test
  void aMainThatEndsTheJvm() throws Exception {
    for (String code : List.of("0", "3")) {
      assertThat(runInAJvm(jar(Exits.class.getName(), Exits.class), code))
          .isEqualTo(
              "1: millrace: The program didn't contain a Millrace job: "
                  + Exits.class.getName()
                  + " called System.exit, at BadProgramTest.java:"
                  + Exits.LINE
                  + " without calling execute() on its StreamExecutionEnvironment; add the call");
    }
  }

  @Test
  void aMainThatHidesARefusal() throws Exception {
    assertThat(runInAJvm("-yt", "/nope", jar(Hides.class.getName(), Hides.class)))
        .isEqualTo(
            "1: millrace: the file to ship does not exist: /nope; correct the path of -yt"
                + " (yarn.ship-files)");
  }

  /** Exit code and standard error. */
  private String runInAJvm(String... words) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "-m",
                "yarn-cluster"));
    command.addAll(List.of(words));
    Path errors = folder.resolve("stderr");
    var builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().put("MILLRACE_HOME", folder.resolve("home").toString());
    builder.environment().put("HADOOP_CONF_DIR", folder.resolve("hadoop").toString());
    builder.redirectOutput(folder.resolve("stdout").toFile());
    int code = builder.start().waitFor();
    return code + ": " + Files.readString(errors).strip();
  }

  @Test
  void aFileToShipThatIsMissing() throws IOException {
    refused(
        run("-yt", "/nope", jar(Counts.class.getName(), Counts.class)),
        "the file to ship does not exist: /nope; correct the path of -yt");
  }

  @Test
  void aLambdaThatHoldsWhatCannotTravel() throws IOException {
    refused(
        run(jar(Unserializable.class.getName(), Unserializable.class)),
        "java.lang.Thread",
        "is not serializable");
  }

  @Test
  void anUrlWithoutProtocol() throws IOException {
    refused(run("-C", "/a/b.jar", jar(null)), "-C /a/b.jar has no protocol");
    refused(run("-C", "http://host/b.jar", jar(null)), "only file: URLs");
  }

  @Test
  void programArgumentsArriveUntouched() throws IOException {
    refused(
        run(jar(Echo.class.getName(), Echo.class), "-p", "x y", "--", "-yn", "$(id)"),
        "[-p, x y, --, -yn, $(id)]");
  }

  /** A class of a program. */
  public static final class NoMain {}

  /** Its initializer fails. */
  public static final class Uninitialized {
    static final int ORDERS = Integer.parseInt("none");

    private Uninitialized() {}

    public static void main(String[] arguments) {
      throw new IllegalStateException("never called: " + ORDERS);
    }
  }

  /** A class of a program. */
  public static final class Throws {
    public static void main(String[] words) {
      throw new IllegalStateException("no such customer");
    }
  }

  /** A class of a program. */
  public static final class Lacks {
    public static void main(String[] words) {
      throw new NoClassDefFoundError("shop/Order");
    }
  }

  /** A class of a program. */
  public static final class Nothing {
    public static void main(String[] words) {}
  }

  /** A class of a program. */
  public static final class Exits {
    static final int LINE = new Throwable().getStackTrace()[0].getLineNumber() + 3;

    public static void main(String[] words) {
      System.exit(Integer.parseInt(words[0]));
    }
  }

  /** A class of a program. */
  public static final class Counts {
    public static void main(String[] words) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromSequence(1, 3).print();
      env.execute();
    }
  }

  /** A class of a program. */
  public static final class Hides {
    public static void main(String[] words) {
      try {
        var env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSequence(1, 3).print();
        env.execute();
      } catch (Exception e) {
        System.exit(0);
      }
    }
  }

  /** A class of a program. */
  public static final class Echo {
    public static void main(String[] words) {
      throw new IllegalArgumentException(List.of(words).toString());
    }
  }

  /** A class of a program. */
  public static final class Unserializable {
    public static void main(String[] words) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      Thread captured = new Thread();
      env.fromSequence(1, 3).map(number -> captured.getName() + number).print();
      env.execute();
    }
  }
}
