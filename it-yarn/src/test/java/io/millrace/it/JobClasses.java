package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whose class loaders a running JVM has, as the JDK's own tool tells. */
final class JobClasses {
  /** HDFS's client keeps a thread for a minute that began in a task. */
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  /** What makes equals and hashCode of records remembers the last type that it was used for. */
  private static final int KEPT_BY_JAVA = 1;

  private static final Pattern LOADER = Pattern.compile("\"job-([0-9a-f]{32})\"");

  /**
   * Waits until only these jobs have class loaders there, and perhaps one more.
   *
   * @return those of them that have
   */
  static Set<String> awaitOnly(ContainerProcess process, Set<String> jobs) throws Exception {
    Await.until(
        process + " to have forgotten the classes of all jobs but " + jobs,
        PATIENCE,
        () -> {
          command(process, "GC.run");
          Set<String> others = in(process);
          others.removeAll(jobs);
          return others.size() <= KEPT_BY_JAVA;
        });
    Set<String> left = in(process);
    left.retainAll(jobs);
    return left;
  }

  private static Set<String> in(ContainerProcess process) throws Exception {
    var jobs = new TreeSet<String>();
    Matcher loader = LOADER.matcher(command(process, "VM.classloaders"));
    while (loader.find()) {
      jobs.add(loader.group(1));
    }
    return jobs;
  }

  private static String command(ContainerProcess process, String command)
      throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process tool =
        new ProcessBuilder(jcmd, Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tool.waitFor()).as(said).isZero();
    return said;
  }

  private JobClasses() {}
}
