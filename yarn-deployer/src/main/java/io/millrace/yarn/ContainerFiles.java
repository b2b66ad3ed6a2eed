package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.hdfs.JarStore;
import io.millrace.hdfs.Upload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/** What every container finds in its working directory, beside the jars of a program. */
final class ContainerFiles {
  private static final String LIB = ClassArchive.LIB;

  private ContainerFiles() {}

  /** Files and folders of this machine that the user wants there. */
  static List<Path> shipped(Configuration configuration) {
    return Stream.of(configuration.get(YarnSettings.SHIP_FILES).split(";"))
        .filter(path -> !path.isBlank())
        .map(path -> Path.of(path.strip()).toAbsolutePath().normalize())
        .toList();
  }

  static List<StagedFile> put(
      Upload upload, YarnDeployer.Equipment equipment, Configuration configuration)
      throws IOException {
    var links = new LinkedHashMap<String, Path>();
    equipment.engine().forEach(jar -> links.put(LIB + jar.getFileName(), jar));
    equipment.further().forEach(jar -> links.put(LIB + jar.getFileName(), jar));
    equipment.logConfiguration().ifPresent(file -> links.put("log4j2.properties", file));
    for (Path shipped : shipped(configuration)) {
      links.putAll(tree(shipped));
    }
    var files = new ArrayList<StagedFile>();
    for (Map.Entry<String, Path> link : links.entrySet()) {
      files.add(staged(link.getKey(), upload.put(link.getValue())));
    }
    return files;
  }

  static StagedFile staged(String link, JarStore.Stored stored) {
    return new StagedFile(link, stored.path().toString(), stored.length(), stored.modifiedMillis());
  }

  /** A file by its name, or all files of a folder by their names below the folder's. */
  private static Map<String, Path> tree(Path root) throws IOException {
    var links = new LinkedHashMap<String, Path>();
    try (Stream<Path> below = Files.walk(root)) {
      for (Path file : below.filter(Files::isRegularFile).sorted().toList()) {
        links.put(root.getParent().relativize(file).toString(), file);
      }
    }
    return links;
  }

  /**
   * Ours first: Hadoop brings old copies of several libraries. Jar by jar, because an archive of
   * classes is of use only where the class path begins as it did when the archive was made.
   */
  static String classPath(List<StagedFile> files, YarnConfiguration conf) {
    Stream<String> ours =
        files.stream()
            .map(StagedFile::link)
            .filter(link -> link.matches(LIB + "[^/]+\\.(jar|JAR)"))
            .distinct();
    return Stream.concat(ours, hadoopClassPath(conf).stream()).collect(Collectors.joining(":"));
  }

  /** With variables of the node. */
  static List<String> hadoopClassPath(YarnConfiguration conf) {
    String[] entries =
        conf.getStrings(
            YarnConfiguration.YARN_APPLICATION_CLASSPATH,
            YarnConfiguration.DEFAULT_YARN_CROSS_PLATFORM_APPLICATION_CLASSPATH);
    return Stream.of(entries).map(String::strip).toList();
  }
}
