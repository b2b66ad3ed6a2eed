package io.millrace.it.hadoop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operating system's processes that belong to YARN containers, found in {@code /proc} by what
 * the NodeManager puts in their environment. Independent of YARN's own reports on purpose: a test
 * that asks whether anything is left behind must not ask the one who may have forgotten it.
 */
public final class ContainerProcesses {
  private static final Pattern CONTAINER_ID =
      Pattern.compile("container_(?:e\\d+_)?(\\d+_\\d+)_\\d+_\\d+");

  private ContainerProcesses() {}

  /**
   * A process of a container.
   *
   * @param node where it runs, by the number that its path ends with
   * @param javaMain the main class if it is a JVM; the shells around it have none
   */
  public record ContainerProcess(
      long pid, int node, String containerId, String applicationId, Optional<String> javaMain) {}

  /**
   * Processes of the containers whose local directories lie below {@code nodeDirectories}, in the
   * order of their process ids.
   *
   * @param nodeDirectories the start of the path of NodeManager directories; their numbers follow
   */
  public static List<ContainerProcess> below(String nodeDirectories) {
    List<ContainerProcess> found = new ArrayList<>();
    long self = ProcessHandle.current().pid();
    try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        long pid = Long.parseLong(entry.getFileName().toString());
        if (pid != self) {
          read(entry, pid, nodeDirectories).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot list /proc: " + e.getMessage(), e);
    }
    found.sort((one, other) -> Long.compare(one.pid(), other.pid()));
    return found;
  }

  /** Kills a process the way an operating system out of memory does: without a chance to react. */
  public static void killHard(long pid) {
    // Process.destroyForcibly sends SIGKILL, and ProcessHandle reaches processes of others too.
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private static Optional<ContainerProcess> read(Path entry, long pid, String nodeDirectories) {
    List<String> environment = words(entry.resolve("environ"));
    List<String> command = words(entry.resolve("cmdline"));
    // The shells that lead to launch_container.sh do not have its environment yet, but its path.
    String mark = nodeDirectories;
    List<String> telling = new ArrayList<>();
    for (String word : environment) {
      if (word.contains(mark) || word.startsWith("CONTAINER_ID=")) {
        telling.add(word);
      }
    }
    for (String word : command) {
      if (word.contains(mark)) {
        telling.add(word);
      }
    }
    Optional<Integer> node =
        telling.stream().flatMap(word -> numberBehind(mark, word).stream()).findFirst();
    if (node.isEmpty()) {
      return Optional.empty();
    }
    for (String word : telling) {
      Matcher id = CONTAINER_ID.matcher(word);
      if (id.find()) {
        return Optional.of(
            new ContainerProcess(
                pid, node.get(), id.group(), "application_" + id.group(1), javaMain(command)));
      }
    }
    return Optional.empty();
  }

  private static Optional<Integer> numberBehind(String mark, String word) {
    Matcher number = Pattern.compile(Pattern.quote(mark) + "(\\d+)").matcher(word);
    return number.find() ? Optional.of(Integer.valueOf(number.group(1))) : Optional.empty();
  }

  private static Optional<String> javaMain(List<String> command) {
    if (command.isEmpty() || !command.get(0).endsWith("java")) {
      return Optional.empty();
    }
    for (int i = 1; i < command.size(); i++) {
      String word = command.get(i);
      if (word.equals("-cp") || word.equals("-classpath") || word.equals("--class-path")) {
        i++;
      } else if (!word.startsWith("-") && !word.startsWith("@")) {
        return Optional.of(word);
      }
    }
    return Optional.empty();
  }

  /** The words of a file of {@code /proc}; none if the process ended or is another user's. */
  private static List<String> words(Path file) {
    try {
      return List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }
}
