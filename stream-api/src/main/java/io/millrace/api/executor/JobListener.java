package io.millrace.api.executor;

/**
 * Hears of the jobs that an environment executes, in the program that submits them, on the thread
 * that calls {@code execute} or {@code executeAsync}. What a listener throws changes nothing about
 * the job: it is added to the failure that the job ends with, or logged if there is none, and the
 * other listeners are called all the same.
 */
public interface JobListener {
  /**
   * A job was accepted, or was not.
   *
   * @param jobClient null if it was not
   * @param throwable why it was not; null if it was
   */
  void onJobSubmitted(JobClient jobClient, Throwable throwable);

  /**
   * A job has ended that {@code execute} has waited for; nobody is told of one that {@code
   * executeAsync} has submitted.
   *
   * @param jobExecutionResult null unless it has finished
   * @param throwable what {@code execute} throws; null if it has finished
   */
  void onJobExecuted(JobClient.Result jobExecutionResult, Throwable throwable);
}
