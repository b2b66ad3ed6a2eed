package io.millrace.yarn;

import io.millrace.runtime.host.SmallJob;
import io.millrace.runtime.host.TaskManagerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a TaskManager does that waits in reserve: it writes a byte to the cluster's file system,
 * reads it, and deletes it, and runs a small job inside its own process. The first time such things
 * take a second or two, for thousands of classes, and RocksDB's library to unpack, which the job
 * would wait for that needs this TaskManager.
 */
final class Practice {
  private static final Logger LOG = LoggerFactory.getLogger(Practice.class);

  /** Who starts with a job gets something to do before, and has no time for this. */
  private static final Duration IDLE = Duration.ofSeconds(2);

  /**
   * Beside whatever comes.
   *
   * @param file which nobody else makes, in a folder that goes with the application
   * @param stateBackend which jobs may want
   * @param folder on local disk, for the job
   */
  static void whileIdle(
      TaskManagerProcess process,
      Path file,
      Configuration conf,
      String stateBackend,
      java.nio.file.Path folder) {
    var thread =
        new Thread(
            () -> {
              try {
                if (process.idleFor(IDLE)) {
                  once(file, conf);
                  LOG.info("A small job of this process alone practises what jobs do");
                  SmallJob.run(stateBackend, folder);
                }
              } catch (InterruptedException e) {
                LOG.debug("Interrupted, so nothing was practised");
              } catch (Exception | LinkageError e) {
                LOG.info("Not all could be practised: {}", e.toString());
              }
            },
            "practice");
    thread.setDaemon(true);
    thread.start();
  }

  /** Makes no folder: once the application has ended, nothing is to come back of it. */
  static void once(Path file, Configuration conf) throws IOException {
    FileContext files = FileContext.getFileContext(file.toUri(), conf);
    try (FSDataOutputStream out =
        files.create(file, EnumSet.of(CreateFlag.CREATE), CreateOpts.donotCreateParent())) {
      out.write(1);
    }
    try (FSDataInputStream in = files.open(file)) {
      in.read();
    } finally {
      files.delete(file, false);
    }
  }

  private Practice() {}
}
