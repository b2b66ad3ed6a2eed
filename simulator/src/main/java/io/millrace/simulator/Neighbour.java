package io.millrace.simulator;

import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Optional;

/**
 * Another job in the same cluster, with an outside of its own: whatever happens to one job must not
 * show in what the other writes.
 */
record Neighbour(JobSpec spec, Ledger ledger, LedgerLoader loader, boolean failsOnAndOn) {
  /**
   * @param failsOnAndOn until faults end
   */
  static Neighbour of(String id, Ledger ledger, Outside outside, boolean failsOnAndOn) {
    if (failsOnAndOn) {
      ledger.failOnAndOn();
    }
    var spec =
        new JobSpec(
            new JobId(id), id, RandomJob.steady(Faults.Program.SOUND), List.of(), Optional.empty());
    return new Neighbour(
        spec,
        ledger,
        new LedgerLoader(ledger, outside, Neighbour.class.getClassLoader()),
        failsOnAndOn);
  }

  /**
   * The classes of each job.
   *
   * @param other of those that are none of these
   */
  static UserClasses classes(List<Neighbour> neighbours, ClassLoader other) {
    return new UserClasses() {
      @Override
      public ClassLoader open(JobId job, List<JarRef> jars) {
        return neighbours.stream()
            .filter(each -> each.spec().job().equals(job))
            .findFirst()
            .<ClassLoader>map(Neighbour::loader)
            .orElse(other);
      }

      @Override
      public void release(JobId job) {}
    };
  }

  /**
   * Looks at what is visible once its cluster is over.
   *
   * @param mayFail whether the faults excuse that
   */
  void check(JobStatus status, boolean mayFail) throws Exception {
    List<String> expected = new Interpreter(spec.graph(), Neighbour.class.getClassLoader()).run();
    Difference difference = Difference.between(expected, ledger.visibleLines());
    if (status != JobStatus.FINISHED && !mayFail && !failsOnAndOn) {
      throw new InvariantViolation("a job beside it ended " + status);
    }
    if (!difference.extra().isEmpty()
        || status == JobStatus.FINISHED && !difference.missing().isEmpty()) {
      throw new InvariantViolation("of a job beside it that ended " + status + ": " + difference);
    }
    if (status == JobStatus.FINISHED && !ledger.brokenPromises().isEmpty()) {
      throw new InvariantViolation(
          "promised beside it, but not visible: " + ledger.brokenPromises());
    }
  }
}
