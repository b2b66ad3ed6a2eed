package io.millrace.yarn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jars that Hadoop has on the class path of containers, as they lie on this machine: most often
 * a node has the same ones in the same place. Where it has, its JVMs can take their classes from an
 * archive that was made here.
 *
 * <p>No archive goes with a class path that has a folder before archived jars, and Hadoop's begins
 * with the folder of its configuration. So these jars come before it; those that bring files of the
 * same names, as Hadoop's jars of tests do, are none of them and stay behind it.
 *
 * @param jars in their order on the class path
 * @param stamp names, sizes and times of all jars of Hadoop, as {@link #STAMP} gives them
 */
record HadoopJars(List<String> jars, String stamp) {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopJars.class);

  /**
   * Text for a shell whose class path is in {@code CLASSPATH}: the stamp, of a class path of which
   * what begins with {@code lib/} is ours. Classes in folders are in no stamp of a client.
   */
  static final String STAMP =
      "$(export LC_ALL=C; IFS=:; set -f; for E in $CLASSPATH; do set +f; case \"$E\" in (lib/*) ;;"
          + " (*/\\*) stat -L -c '%n %s %Y' \"${E%\\*}\"*.jar ;;"
          + " (*.jar) stat -L -c '%n %s %Y' \"$E\" ;;"
          + " (?*) find -L \"$E\" -name '*.class' ;; esac; done 2>/dev/null | sha256sum)";

  private static final Pattern VARIABLE = Pattern.compile("\\{\\{(\\w+)}}|\\$\\{(\\w+)}|\\$(\\w+)");
  private static final Pattern UNPACKED = Pattern.compile("(?:^|:)([^:]*)/share/hadoop/common/");
  private static final Pattern CONFIGURATION =
      Pattern.compile(
          "[^/]*-site\\.xml|(capacity|fair)-scheduler\\.xml|hadoop-policy\\.xml"
              + "|ssl-(client|server)\\.xml|log4j\\.(xml|properties)"
              + "|hadoop-metrics2?\\.properties");

  HadoopJars {
    jars = List.copyOf(jars);
  }

  /**
   * Those of a class path as YARN's configuration has it.
   *
   * @param environment whose variables stand for those of the node
   * @return empty if there are none here, if a variable is not set that names some, or if there are
   *     classes in folders, which may be meant to come first
   */
  static Optional<HadoopJars> of(Collection<String> classPath, Map<String, String> environment)
      throws IOException {
    var all = new ArrayList<String>();
    for (String entry : classPath) {
      String expanded = expanded(entry.strip(), environment);
      boolean namesJars = expanded.endsWith("/*") || expanded.endsWith(".jar");
      if (VARIABLE.matcher(expanded).find()) {
        if (namesJars) {
          LOG.info("Hadoop's classes are in no archive: nothing sets what is in {}", expanded);
          return Optional.empty();
        }
      } else if (namesJars) {
        all.addAll(jarsOf(expanded));
      } else if (hasClasses(expanded)) {
        LOG.info("Hadoop's classes are in no archive: there are others in {}", expanded);
        return Optional.empty();
      }
    }
    var stamp = new StringBuilder();
    var jars = new LinkedHashSet<String>();
    for (String jar : all) {
      Path path = Path.of(jar);
      stamp
          .append(jar)
          .append(' ')
          .append(Files.size(path))
          .append(' ')
          .append(Files.getLastModifiedTime(path).toMillis() / 1000)
          .append('\n');
      if (!jar.endsWith("-tests.jar")) {
        jars.add(jar);
      }
    }
    return jars.isEmpty()
        ? Optional.empty()
        : Optional.of(new HadoopJars(List.copyOf(jars), digest(stamp.toString())));
  }

  /** Variables that are not set stay. */
  private static String expanded(String entry, Map<String, String> environment) {
    Matcher variable = VARIABLE.matcher(entry);
    var text = new StringBuilder();
    while (variable.find()) {
      String name =
          Stream.of(variable.group(1), variable.group(2), variable.group(3))
              .filter(group -> group != null)
              .findFirst()
              .orElseThrow();
      String value = environment.getOrDefault(name, "");
      if (value.isEmpty() && name.matches("HADOOP_\\w+_HOME")) {
        value = home(environment);
      }
      variable.appendReplacement(
          text, Matcher.quoteReplacement(value.isEmpty() ? variable.group() : value));
    }
    variable.appendTail(text);
    return text.toString();
  }

  /** Where an unpacked Hadoop lies, as the class path of the command shows if nothing says it. */
  private static String home(Map<String, String> environment) {
    String home = environment.getOrDefault("HADOOP_HOME", "");
    Matcher shown = UNPACKED.matcher(environment.getOrDefault("HADOOP_CLASSPATH", ""));
    return home.isEmpty() && shown.find() ? shown.group(1) : home;
  }

  /** What a JVM, and the shell, find for one entry; what only looks like a jar is none. */
  private static List<String> jarsOf(String entry) throws IOException {
    if (!entry.endsWith("/*")) {
      return Files.isRegularFile(Path.of(entry)) ? List.of(entry) : List.of();
    }
    String folder = entry.substring(0, entry.length() - 1);
    if (!Files.isDirectory(Path.of(folder))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      var names = new TreeSet<String>();
      files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar") && !name.startsWith("."))
          .forEach(names::add);
      return names.stream().map(name -> folder + name).toList();
    }
  }

  private static boolean hasClasses(String folder) throws IOException {
    if (folder.isEmpty() || !Files.isDirectory(Path.of(folder))) {
      return false;
    }
    try (Stream<Path> files = Files.walk(Path.of(folder), FileVisitOption.FOLLOW_LINKS)) {
      return files.anyMatch(file -> file.toString().endsWith(".class"));
    }
  }

  private static String digest(String text) {
    return HexFormat.of()
        .formatHex(KnownDigests.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The first of some jars that would hide a file of Hadoop's configuration, or may do so. */
  static Optional<String> hidesConfiguration(Collection<String> jars) {
    for (String jar : jars) {
      try (var file = new JarFile(jar)) {
        if (file.stream().anyMatch(entry -> CONFIGURATION.matcher(entry.getName()).matches())) {
          return Optional.of(jar);
        }
      } catch (IOException e) {
        return Optional.of(jar); // nobody knows what is in it
      }
    }
    return Optional.empty();
  }
}
