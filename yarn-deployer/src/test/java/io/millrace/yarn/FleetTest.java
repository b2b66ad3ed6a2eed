package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.ResourceRequest;
import org.apache.hadoop.yarn.client.api.AMRMClient;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What YARN's own client would tell the ResourceManager. */
class FleetTest {
  private static final Resource SIZE = Resource.newInstance(512, 1);
  private static final ApplicationAttemptId ATTEMPT =
      ApplicationAttemptId.newInstance(ApplicationId.newInstance(1, 1), 1);

  // As addresses, so that no name has to be looked up.
  private static final String ONE = "127.0.0.1";
  private static final String TWO = "127.0.0.2";

  private final AMRMClient<ContainerRequest> yarn = AMRMClient.createAMRMClient();
  private final Fleet fleet = new Fleet(Fleet.USUAL, 0);
  private int containers;

  @BeforeEach
  void wantTwo() {
    yarn.init(new YarnConfiguration());
    fleet.become(new Fleet.Model(Optional.empty(), SIZE, null));
    fleet.ledger.want(2, 0);
  }

  private void balance() {
    fleet.balance(yarn, null, node -> true, 0);
  }

  private Container given(String node) {
    var container = Records.newRecord(Container.class);
    container.setId(ContainerId.newContainerId(ATTEMPT, ++containers));
    container.setNodeId(NodeId.newInstance(node, 1));
    assertThat(fleet.take(container, yarn, 0)).isTrue();
    return container;
  }

  private void dies(Container container) {
    assertThat(fleet.ledger.giveUp(container.getId().toString(), 60_000)).contains(container);
    fleet.lost(container);
  }

  /** How many are asked for there. */
  private long asked(String where) {
    return yarn.getMatchingRequests(Priority.newInstance(Fleet.USUAL), where, SIZE).stream()
        .mapToLong(Collection::size)
        .sum();
  }

  @Test
  void theFirstOnesMayBeAnywhere() {
    balance();

    assertThat(asked(ResourceRequest.ANY)).isEqualTo(2);
    assertThat(asked(ONE)).isZero();
  }

  @Test
  void theOneForALostOneHadBestBeOnItsNode() {
    balance();
    Container lost = given(ONE);
    given(TWO);
    assertThat(asked(ResourceRequest.ANY)).isZero();

    dies(lost);
    balance();

    assertThat(asked(ONE)).isEqualTo(1);
    assertThat(asked(TWO)).isZero();
    assertThat(asked(ResourceRequest.ANY)).as("any other will do").isEqualTo(1);

    given(TWO);
    assertThat(asked(ONE)).as("it came elsewhere").isZero();
    assertThat(asked(ResourceRequest.ANY)).isZero();
  }

  @Test
  void whatNamesANodeIsTakenBackAsAWhole() {
    balance();
    Container lost = given(ONE);
    given(TWO);
    dies(lost);
    balance();

    fleet.ledger.want(1, 0);
    balance();

    assertThat(asked(ONE)).isZero();
    assertThat(asked(ResourceRequest.ANY)).isZero();
  }

  @Test
  void aNodeThatIsAvoidedIsNotNamed() {
    balance();
    Container lost = given(ONE);
    given(TWO);
    dies(lost);

    fleet.balance(yarn, null, node -> !node.equals(ONE), 0);

    assertThat(asked(ONE)).isZero();
    assertThat(asked(ResourceRequest.ANY)).isEqualTo(1);
  }

  /** YARN would refuse that, and all further requests of the application with it. */
  @Test
  void aNodeIsNotNamedWhereNodesMustHaveALabel() {
    balance();
    Container lost = given(ONE);
    given(TWO);
    dies(lost);

    fleet.balance(yarn, "fast", node -> true, 0);

    assertThat(asked(ONE)).isZero();
    assertThat(asked(ResourceRequest.ANY)).isEqualTo(1);
  }
}
