package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.jobmanager.ResourceManager.Leaving;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.PreemptionContainer;
import org.apache.hadoop.yarn.api.records.PreemptionContract;
import org.apache.hadoop.yarn.api.records.PreemptionMessage;
import org.apache.hadoop.yarn.api.records.StrictPreemptionContract;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.Test;

class WithdrawalsTest {
  private static final ApplicationAttemptId ATTEMPT =
      ApplicationAttemptId.newInstance(ApplicationId.newInstance(1, 1), 1);

  private final Container one = container(2, "one");
  private final Container two = container(3, "two");
  private final Map<String, Container> held =
      new TreeMap<>(Map.of(one.getId().toString(), one, two.getId().toString(), two));

  private static Container container(long number, String host) {
    var container = Records.newRecord(Container.class);
    container.setId(ContainerId.newContainerId(ATTEMPT, number));
    container.setNodeId(NodeId.newInstance(host, 1));
    return container;
  }

  private static AllocateResponse answer(PreemptionMessage preemption, List<NodeReport> nodes) {
    var answer = Records.newRecord(AllocateResponse.class);
    answer.setPreemptionMessage(preemption);
    answer.setUpdatedNodes(nodes);
    return answer;
  }

  private static NodeReport node(String host, NodeState state) {
    return NodeReport.newInstance(NodeId.newInstance(host, 1), state, "", "", null, null, 0, "", 0);
  }

  private static PreemptionContainer named(Container container) {
    return PreemptionContainer.newInstance(container.getId());
  }

  private static Leaving leaving(Container container, String reason) {
    return new Leaving(new TaskManagerId(container.getId().toString()), reason);
  }

  @Test
  void mostAnswersTakeNothing() {
    assertThat(Withdrawals.in(answer(null, List.of()), held)).isEmpty();
    assertThat(Withdrawals.in(answer(null, List.of(node("one", NodeState.RUNNING))), held))
        .isEmpty();
  }

  @Test
  void anotherQueueTakesWhatIsHeldAndNamed() {
    Container unknown = container(9, "one");
    var message =
        PreemptionMessage.newInstance(
            StrictPreemptionContract.newInstance(Set.of(named(one), named(unknown))),
            PreemptionContract.newInstance(List.of(), Set.of(named(two))));

    assertThat(Withdrawals.in(answer(message, List.of()), held))
        .containsExactly(
            leaving(one, "another queue has a right to its place"),
            leaving(two, "another queue has a right to its place"));
  }

  @Test
  void aNodeThatIsEmptiedTakesItsOwn() {
    assertThat(Withdrawals.in(answer(null, List.of(node("two", NodeState.DECOMMISSIONING))), held))
        .containsExactly(leaving(two, "its node two is being decommissioned"));
  }
}
