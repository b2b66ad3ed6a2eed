package io.millrace.api;

import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobListener;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/** Those of an environment, in the order in which they came. */
final class JobListeners {
  private static final System.Logger LOG = System.getLogger(JobListeners.class.getName());

  private final List<JobListener> listeners = new ArrayList<>();

  void add(JobListener listener) {
    listeners.add(Objects.requireNonNull(listener, "the listener"));
  }

  List<JobListener> all() {
    return List.copyOf(listeners);
  }

  void clear() {
    listeners.clear();
  }

  JobClient submitted(Callable<JobClient> submission) throws Exception {
    return heard(submission, JobListener::onJobSubmitted);
  }

  JobClient.Result executed(Callable<JobClient.Result> execution) throws Exception {
    return heard(execution, JobListener::onJobExecuted);
  }

  private interface Call<T> {
    void tell(JobListener listener, T result, Throwable failure);
  }

  private <T> T heard(Callable<T> work, Call<T> call) throws Exception {
    T result;
    try {
      result = work.call();
    } catch (Exception | Error e) {
      tellAll(call, null, e).forEach(e::addSuppressed);
      throw e;
    }
    for (Throwable each : tellAll(call, result, null)) {
      LOG.log(Level.WARNING, "A job listener has failed; the job has not", each);
    }
    return result;
  }

  /** What they throw. */
  private <T> List<Throwable> tellAll(Call<T> call, T result, Throwable failure) {
    var thrown = new ArrayList<Throwable>();
    for (JobListener listener : all()) { // one may add or clear some
      try {
        call.tell(listener, result, failure);
      } catch (RuntimeException | Error e) {
        if (e != failure) {
          thrown.add(e);
        }
      }
    }
    return thrown;
  }
}
