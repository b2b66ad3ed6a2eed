package io.millrace.yarn;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where {@code HADOOP_CONF_DIR} and {@code YARN_CONF_DIR} say that Hadoop's configuration lies.
 * Needs no class of Hadoop, so that it can be asked where there are none.
 */
public final class HadoopFolders {
  private static final List<String> VARIABLES = List.of("HADOOP_CONF_DIR", "YARN_CONF_DIR");
  private static final List<String> FILES =
      List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml", "capacity-scheduler.xml");

  /** Whether one of the variables is set. */
  public static boolean areNamed(Map<String, String> environment) {
    return VARIABLES.stream()
        .anyMatch(variable -> !environment.getOrDefault(variable, "").isBlank());
  }

  /**
   * The files to read, later ones over earlier ones.
   *
   * @throws DeployRefusedException if no variable is set, or there is no yarn-site.xml
   */
  public static List<Path> files(Map<String, String> environment) throws DeployRefusedException {
    Set<String> folders = new LinkedHashSet<>();
    for (String variable : VARIABLES) {
      String folder = environment.getOrDefault(variable, "");
      if (!folder.isBlank()) {
        if (!Files.isDirectory(Path.of(folder))) {
          throw new DeployRefusedException(
              variable + "=" + folder + " is not a folder; set it to where yarn-site.xml lies");
        }
        folders.add(folder);
      }
    }
    if (folders.isEmpty()) {
      throw new DeployRefusedException(
          "neither HADOOP_CONF_DIR nor YARN_CONF_DIR is set; export HADOOP_CONF_DIR=<folder of"
              + " yarn-site.xml>");
    }
    var found = new ArrayList<Path>();
    for (String folder : folders) {
      for (String file : FILES) {
        Path path = Path.of(folder, file);
        if (Files.isRegularFile(path)) {
          found.add(path);
        }
      }
    }
    if (found.stream().noneMatch(path -> path.endsWith("yarn-site.xml"))) {
      throw new DeployRefusedException(
          "there is no yarn-site.xml in "
              + String.join(" or ", folders)
              + "; set HADOOP_CONF_DIR to the folder that has it");
    }
    return List.copyOf(found);
  }

  private HadoopFolders() {}
}
