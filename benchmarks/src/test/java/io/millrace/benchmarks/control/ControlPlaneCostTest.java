package io.millrace.benchmarks.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlPlaneCostTest {
  private static final UserClasses CLASSES =
      new UserClasses() {
        @Override
        public ClassLoader open(JobId job, List<JarRef> jars) {
          return ControlPlaneCostTest.class.getClassLoader();
        }

        @Override
        public void release(JobId job) {}
      };

  @Test
  void aSmallClusterDeploysTakesACheckpointAndRecovers() {
    String json = new ControlPlaneCost(4, 40, CLASSES).run(2).json();

    assertThat(json).contains("\"subtasks\": 40", "first_deploy_cpu_s", "recovery_messages");
  }

  @Test
  void everyTaskManagerGetsAsMuch() {
    assertThatThrownBy(() -> new ControlPlaneCost(4, 41, CLASSES))
        .hasMessage("as many subtasks as a multiple of 20, found 41");
  }
}
