package io.millrace.it;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that runs as a process of its own, its output kept in files. The command ends with the
 * test at the latest: whoever starts one closes it.
 */
final class ClientCommand implements AutoCloseable {
  private static final Pattern APPLICATION =
      Pattern.compile("Submitted application (application_\\d+_\\d+)");
  private static final Pattern JOB =
      Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");

  private final List<String> words;
  private final Process process;
  private final Path stdout;
  private final Path stderr;
  private final long startNanos;

  private ClientCommand(List<String> words, Process process, Path stdout, Path stderr) {
    this.words = words;
    this.process = process;
    this.stdout = stdout;
    this.stderr = stderr;
    this.startNanos = System.nanoTime();
  }

  /** How a command ended. */
  record Outcome(int exitCode, String stdout, String stderr, Duration duration) {
    @Override
    public String toString() {
      return "exit code "
          + exitCode
          + " after "
          + duration.toMillis()
          + " ms\n--- stdout\n"
          + stdout
          + "\n--- stderr\n"
          + stderr;
    }
  }

  /**
   * Starts a command.
   *
   * @param environment added to this process's environment; an empty value removes the variable
   * @param logs folder for its output
   */
  static ClientCommand start(List<String> words, Map<String, String> environment, Path logs)
      throws IOException {
    return start(words, environment, logs, Redirect.from(Path.of("/dev/null").toFile()));
  }

  /** The same for one that is typed to. */
  static ClientCommand startInteractive(
      List<String> words, Map<String, String> environment, Path logs) throws IOException {
    return start(words, environment, logs, Redirect.PIPE);
  }

  private static ClientCommand start(
      List<String> words, Map<String, String> environment, Path logs, Redirect input)
      throws IOException {
    Path folder = Files.createTempDirectory(Files.createDirectories(logs), "command-");
    Path stdout = folder.resolve("stdout");
    Path stderr = folder.resolve("stderr");
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectInput(input)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .directory(folder.toFile());
    environment.forEach(
        (name, value) -> {
          if (value.isEmpty()) {
            builder.environment().remove(name);
          } else {
            builder.environment().put(name, value);
          }
        });
    return new ClientCommand(words, builder.start(), stdout, stderr);
  }

  String stdout() throws IOException {
    return Files.readString(stdout, StandardCharsets.UTF_8);
  }

  String stderr() throws IOException {
    return Files.readString(stderr, StandardCharsets.UTF_8);
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** Waits until standard output matches, and returns the match. */
  Matcher awaitOutput(Pattern pattern, Duration deadline) throws Exception {
    return Await.value(
        pattern + " in the output of " + words,
        deadline,
        () -> {
          boolean ended = !process.isAlive();
          Matcher matcher = pattern.matcher(stdout());
          if (matcher.find()) {
            return Optional.of(matcher);
          }
          if (ended) {
            throw new AssertionError("ended without " + pattern + ": " + finish(Duration.ZERO));
          }
          return Optional.empty();
        });
  }

  /** The id of the application that the command submits. */
  String awaitApplicationId(Duration deadline) throws Exception {
    return awaitOutput(APPLICATION, deadline).group(1);
  }

  /** The id of the job that the command submits. */
  String awaitJobId(Duration deadline) throws Exception {
    return awaitOutput(JOB, deadline).group(1);
  }

  /** Waits for the end; a command that is still running at the deadline is killed and fails. */
  Outcome finish(Duration deadline) throws Exception {
    if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
      throw new AssertionError(
          words + " still ran after its deadline:\n" + stdout() + "\n" + stderr());
    }
    return new Outcome(
        process.exitValue(), stdout(), stderr(), Duration.ofNanos(System.nanoTime() - startNanos));
  }

  /** Types a line. */
  void type(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** What Ctrl-C does. */
  void interrupt() throws Exception {
    signal("INT");
  }

  /** What {@code kill} does. */
  void terminate() throws Exception {
    signal("TERM");
  }

  /** Stands still, as if the machine had no time for it, until it may go on. */
  void pause() throws Exception {
    signal("STOP");
  }

  void goOn() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** What {@code kill -9} does. */
  void killHard() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public void close() {
    killHard();
  }
}
