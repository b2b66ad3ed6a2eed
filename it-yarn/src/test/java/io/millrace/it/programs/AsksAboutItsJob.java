package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobStatus;

/**
 * Says what its job's client answers, takes a savepoint and stops the job with another; the
 * arguments are folders for output and savepoints.
 */
public final class AsksAboutItsJob {
  public static void main(String[] folders) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.enableCheckpointing(500);
    env.fromGenerator(number -> "line " + number, 100).writeAsText(folders[0]);
    JobClient job = env.executeAsync("asks");
    while (job.getJobStatus().get() != JobStatus.RUNNING) {
      Thread.sleep(50);
    }
    System.out.println("id " + job.getJobID());
    System.out.println("taken " + job.triggerSavepoint(folders[1]).get());
    System.out.println("stopped " + job.stopWithSavepoint(false, folders[1]).get());
    System.out.println("status " + job.getJobStatus().get());
    System.out.println("result of " + job.getJobExecutionResult().get().getJobID());
    job.cancel().get(); // which is too late, and does no harm
  }

  private AsksAboutItsJob() {}
}
