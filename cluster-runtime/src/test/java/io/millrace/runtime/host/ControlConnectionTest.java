package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.jobmanager.Connection;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlConnectionTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ConcurrentLinkedQueue<Received> atJobManager = new ConcurrentLinkedQueue<>();
  private final AtomicReference<InetSocketAddress> jobManager = new AtomicReference<>();

  private final ConcurrentLinkedQueue<Received> connections = new ConcurrentLinkedQueue<>();

  /** How often any line wanted to know where the JobManager is, to call it. */
  private final AtomicInteger calls = new AtomicInteger();

  private record Received(Address from, Message message) {}

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void messagesGoBothWaysUnderTheNameOfTheConnection() throws IOException {
    ControlServer server = server(new Epoch(1, 0));
    var atTaskManager = new ConcurrentLinkedQueue<ToTaskManager>();
    var line = taskManager("container_1", atTaskManager);
    Eventually.holds("connected", line::connected);

    assertThat(line.send(register("container_1"))).isTrue();
    var from = new TaskManagerId("container_1").address();
    Eventually.holds("registered", () -> !atJobManager.isEmpty());
    assertThat(atJobManager.poll()).isEqualTo(new Received(from, register("container_1")));

    var answer =
        new ToTaskManager.Registered(new TaskManagerId("container_1"), 1, Optional.of("/jobs/1"));
    server.send(from, answer);
    Eventually.holds("answered", () -> !atTaskManager.isEmpty());
    assertThat(atTaskManager.poll()).isEqualTo(answer);
  }

  /** What is dropped is said again: too large a message would be, for ever. */
  @Test
  void whatIsTooLargeFailsInsteadOfBeingLost() throws IOException {
    ControlServer server = server(new Epoch(1, 0));
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    Eventually.holds("connected", line::connected);
    String large = "x".repeat(65 << 20);

    assertThatThrownBy(
            () ->
                server.send(
                    new TaskManagerId("container_1").address(), new ToTaskManager.Shutdown(large)))
        .hasMessageContaining("a Shutdown of 681")
        .hasMessageContaining("67108864");
    assertThat(line.connected()).isTrue();
  }

  /** It is said again with each heartbeat, and heartbeats come while it waits. */
  @Test
  void aDeploymentThatHasNotLeftIsNotSentAgainInTheWayOfWhatFollows() throws Exception {
    ControlServer server = server(new Epoch(1, 0));
    var generations = new ConcurrentLinkedQueue<Integer>();
    var halted = new CountDownLatch(1);
    var readOn = new CountDownLatch(1);
    open.add(readOn::countDown);
    taskManager(
        "container_1",
        message -> {
          halted.countDown();
          awaitOf(readOn);
          if (message instanceof ToTaskManager.Deploy deploy) {
            generations.add(deploy.generation());
          }
        });
    Eventually.holds("connected, as the JobManager has it", () -> !connections.isEmpty());
    Address to = new TaskManagerId("container_1").address();
    server.send(to, new ToTaskManager.Shutdown("reads no more for now"));
    Eventually.holds("halted", () -> halted.getCount() == 0);

    // More than sockets hold.
    ToTaskManager large = deploy(1, "x".repeat(2 * ControlLineTest.largestSendBuffer()));
    server.send(to, large);
    server.send(to, large);
    server.send(to, large);
    ToTaskManager next = deploy(2, "");
    server.send(to, next);
    readOn.countDown();

    Eventually.holds("the next generation is deployed", () -> generations.contains(2));
    assertThat(generations).containsExactly(1, 2);
    server.send(to, next);
    Eventually.holds("what has left is sent again", () -> generations.size() == 3);
  }

  private static void awaitOf(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ToTaskManager deploy(int generation, String restoredManifest) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromElements("a").sinkTo(new CommittedOutput("deployed"));
    var job = new JobId("0123456789abcdef0123456789abcdef");
    var spec = new JobSpec(job, "0".repeat(32), env.getJobGraph(), List.of(), Optional.empty());
    return new ToTaskManager.Deploy(
        spec, new Epoch(1, 0), 0, generation, List.of(), List.of(), List.of(), restoredManifest);
  }

  @Test
  void clientsAreToldApart() throws IOException {
    ControlServer server = server(new Epoch(1, 0));
    var answers =
        List.of(
            new ConcurrentLinkedQueue<ClientAnswer>(), new ConcurrentLinkedQueue<ClientAnswer>());
    for (int i = 0; i < 2; i++) {
      var line =
          new ControlConnection<>(
              IDENTITY,
              APPLICATION,
              Role.CLIENT,
              "cli",
              jobManager::get,
              TransportLimits.DEFAULT,
              ClientRequest.class,
              ClientAnswer.class,
              answers.get(i)::add,
              news -> {});
      open.add(line);
      line.open();
      Eventually.holds("connected", line::connected);
      line.send(new ClientRequest.ListJobs(i));
      int number = i;
      Eventually.holds("asked", () -> atJobManager.size() == number + 1);
    }
    for (Received each : atJobManager) {
      server.send(
          each.from(), new ClientAnswer.Accepted(((ClientRequest) each.message()).number()));
    }
    for (int i = 0; i < 2; i++) {
      var queue = answers.get(i);
      Eventually.holds("answered", () -> !queue.isEmpty());
      assertThat(queue.poll()).isEqualTo(new ClientAnswer.Accepted(i));
    }
  }

  @Test
  void whoSpeaksForAnotherTaskManagerIsCutOff() throws IOException {
    server(new Epoch(1, 0));
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    Eventually.holds("connected", line::connected);
    line.send(register("container_2"));
    Eventually.holds("cut off", () -> line.trouble().contains("lost"));
    assertThat(atJobManager).isEmpty();
  }

  /** Or tasks that run would be taken for dead, and started anew. */
  @Test
  void whoLooksForTheJobManagerComesInTimeToBeAdopted() {
    long adoption = Configuration.EMPTY.get(ClusterSettings.ADOPTION_TIMEOUT).toMillis();
    assertThat(3 * ControlConnection.LONGEST_PAUSE_MILLIS).isLessThan(adoption);
  }

  @Test
  void findsTheJobManagerAgainWhereverItIs() throws IOException {
    ControlServer first = server(new Epoch(1, 0));
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    Eventually.holds("connected", line::connected);
    first.close();
    Eventually.holds("noticed", () -> !line.connected());
    assertThat(line.send(register("container_1"))).isFalse();
    server(new Epoch(2, 0));
    Eventually.holds("connected again", line::connected);
    line.send(register("container_1"));
    Eventually.holds("heard", () -> !atJobManager.isEmpty());
  }

  /** The pauses before seven calls in a row are never shorter than that together. */
  private static final Duration SEVEN_PAUSES = Duration.ofMillis(3_000);

  @Test
  void manyThatLoseTheJobManagerCallLessAndLessOften() throws IOException {
    ControlServer first = server(new Epoch(1, 0));
    var lines = new ArrayList<ControlConnection<ToJobManager, ToTaskManager>>();
    for (int i = 1; i <= 50; i++) {
      lines.add(taskManager("container_" + i, new ConcurrentLinkedQueue<>()));
    }
    Eventually.holds("all connected", () -> lines.stream().allMatch(ControlConnection::connected));
    calls.set(0);
    long began = System.nanoTime();
    first.close();

    Eventually.holds("seven calls of each", () -> calls.get() >= 7 * lines.size());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(SEVEN_PAUSES);
    server(new Epoch(2, 0));
    Eventually.holds("all came back", () -> lines.stream().allMatch(ControlConnection::connected));
    assertThat(calls.get()).isLessThan(12 * lines.size());
  }

  @Test
  void doesNotFallBackToAnOlderJobManager() throws IOException {
    ControlServer newer = server(new Epoch(2, 0));
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    Eventually.holds("connected", line::connected);
    newer.close();
    ControlServer older = server(new Epoch(1, 0));
    Eventually.holds("turned away", () -> older.refusals() > 0);
    assertThat(line.connected()).isFalse();
    Eventually.holds("knows why", () -> line.trouble().contains("newer JobManager"));
  }

  @Test
  void aTaskManagerThatComesAgainReplacesItsOldConnection() throws IOException {
    ControlServer server = server(new Epoch(1, 0));
    var atOld = new ConcurrentLinkedQueue<ToTaskManager>();
    var atNew = new ConcurrentLinkedQueue<ToTaskManager>();
    var old = taskManager("container_1", atOld);
    Eventually.holds("connected", old::connected);
    old.send(register("container_1"));
    Eventually.holds("first is there", () -> atJobManager.size() == 1);
    old.close();
    var fresh = taskManager("container_1", atNew);
    Eventually.holds("connected", fresh::connected);
    fresh.send(register("container_1"));
    Eventually.holds("second is there", () -> atJobManager.size() == 2);
    server.send(new TaskManagerId("container_1").address(), new ToTaskManager.Shutdown("enough"));
    Eventually.holds("told", () -> !atNew.isEmpty());
    assertThat(atOld).isEmpty();
  }

  @Test
  void theJobManagerIsToldAtOnceOfTaskManagersThatComeAndGo() throws IOException {
    server(new Epoch(1, 0));
    var id = new TaskManagerId("container_1");
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    Eventually.holds("came", () -> connections.size() == 1);
    line.close();
    Eventually.holds("went", () -> connections.size() == 2);
    assertThat(connections)
        .containsExactly(
            new Received(id.address(), new Connection.Opened(id)),
            new Received(id.address(), new Connection.Lost(id)));
  }

  @Test
  void theJobManagerIsToldIfNobodyListensWhereTheTaskManagerDid() throws IOException {
    server(new Epoch(1, 0));
    var id = new TaskManagerId("container_1");
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    try (var dataPort = new ServerSocket(0)) {
      registers(line, id, dataPort.getLocalPort());
    }
    line.close();
    Eventually.holds("refused", () -> connections.size() == 3);
    assertThat(connections)
        .containsExactly(
            new Received(id.address(), new Connection.Opened(id)),
            new Received(id.address(), new Connection.Lost(id)),
            new Received(id.address(), new Connection.Refused(id)));
  }

  @Test
  void nothingFollowsFromAPortThatAnswers() throws Exception {
    server(new Epoch(1, 0));
    var id = new TaskManagerId("container_1");
    var line = taskManager("container_1", new ConcurrentLinkedQueue<>());
    try (var dataPort = new ServerSocket(0)) {
      registers(line, id, dataPort.getLocalPort());
      line.close();
      // It asks, waits for the answer of somebody who says nothing, and asks no more.
      try (Socket asked = dataPort.accept()) {
        assertThat(asked.getInputStream().read()).isNegative();
      }
    }
    assertThat(connections)
        .containsExactly(
            new Received(id.address(), new Connection.Opened(id)),
            new Received(id.address(), new Connection.Lost(id)));
  }

  private void registers(
      ControlConnection<ToJobManager, ToTaskManager> line, TaskManagerId id, int dataPort) {
    Eventually.holds("connected", line::connected);
    var location = new TaskManagerLocation(id, "localhost", dataPort);
    line.send(new ToJobManager.Register(location, 1, Optional.empty(), false));
    Eventually.holds("registered", () -> atJobManager.size() == 1);
  }

  private ControlServer server(Epoch epoch) throws IOException {
    var server =
        new ControlServer(
            IDENTITY,
            APPLICATION,
            "localhost",
            0,
            epoch,
            TransportLimits.DEFAULT,
            (from, message) ->
                (message instanceof Connection ? connections : atJobManager)
                    .add(new Received(from, message)));
    open.add(server);
    jobManager.set(new InetSocketAddress("localhost", server.port()));
    return server;
  }

  private ControlConnection<ToJobManager, ToTaskManager> taskManager(
      String name, ConcurrentLinkedQueue<ToTaskManager> inbox) {
    return taskManager(name, inbox::add);
  }

  private ControlConnection<ToJobManager, ToTaskManager> taskManager(
      String name, Consumer<ToTaskManager> inbox) {
    var line =
        new ControlConnection<>(
            IDENTITY,
            APPLICATION,
            Role.TASKMANAGER,
            name,
            () -> {
              calls.incrementAndGet();
              return jobManager.get();
            },
            TransportLimits.DEFAULT,
            ToJobManager.class,
            ToTaskManager.class,
            inbox,
            news -> {});
    open.add(line);
    line.open();
    return line;
  }

  private static ToJobManager register(String name) {
    return new ToJobManager.Register(
        new TaskManagerLocation(new TaskManagerId(name), "localhost", 1),
        1,
        Optional.empty(),
        false);
  }
}
