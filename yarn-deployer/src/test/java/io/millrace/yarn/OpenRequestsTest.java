package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenRequestsTest {
  private final OpenRequests<String> requests = new OpenRequests<>();

  private Optional<String> next() {
    return requests.nextNode(node -> !node.equals("closed"));
  }

  @Test
  void theRequestForALostContainerNamesItsNodeOnce() {
    requests.lost("one");
    requests.missing(2);

    assertThat(next()).contains("one");
    assertThat(next()).as("one more than before").isEmpty();
  }

  @Test
  void aNodeThatIsOfNoUseIsNotNamed() {
    requests.lost("closed");
    requests.lost("one");

    assertThat(next()).isEmpty();
    assertThat(next()).contains("one");
  }

  /** The job that needed it has ended in the meantime. */
  @Test
  void whatIsNoLongerMissingIsNotReturnedTo() {
    requests.lost("one");
    requests.lost("two");
    requests.missing(1);

    assertThat(next()).contains("two");

    requests.lost("three");
    requests.missing(0);
    assertThat(next()).isEmpty();
  }

  @Test
  void aContainerAnswersTheRequestForItsNodeFirst() {
    requests.made("any", Optional.empty());
    requests.made("on one", Optional.of("one"));
    requests.made("on two", Optional.of("two"));

    assertThat(requests.answered("two")).contains("on two");
    assertThat(requests.answered("three")).as("the other waits for its node").contains("any");
    assertThat(requests.answered("three")).as("any node will do").contains("on one");
    assertThat(requests.answered("three")).isEmpty();
  }

  @Test
  void theNewestIsTakenBackAndThoseThatNameANodeLast() {
    requests.made("on one", Optional.of("one"));
    requests.made("first", Optional.empty());
    requests.made("second", Optional.empty());
    requests.made("on two", Optional.of("two"));

    assertThat(requests.withdrawn()).contains("second");
    assertThat(requests.withdrawn()).contains("first");
    assertThat(requests.withdrawn()).contains("on two");
    assertThat(requests.withdrawn()).contains("on one");
    assertThat(requests.withdrawn()).isEmpty();
  }
}
