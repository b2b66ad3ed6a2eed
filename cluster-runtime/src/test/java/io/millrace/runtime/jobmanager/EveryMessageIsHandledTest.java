package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A switch over a sealed family cannot be checked by the compiler here, so it is checked here. */
class EveryMessageIsHandledTest {
  static Stream<Class<?>> messages() {
    return Stream.of(
            ToJobManager.class,
            ClientRequest.class,
            ResourceManager.Event.class,
            Connection.class,
            OwnMessage.class)
        .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()))
        .filter(type -> type != OwnMessage.FinishDue.class); // only ever sent with a job
  }

  static Stream<Class<?>> events() {
    return Arrays.stream(JobEvent.class.getPermittedSubclasses());
  }

  static Stream<Class<?>> reports() {
    return Arrays.stream(Report.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void byTheJobManager(Class<?> type) throws ReflectiveOperationException {
    var cluster = new ScriptedCluster(new MemoryCheckpointStore(), 1, Configuration.EMPTY);
    Message message = (Message) sample(type);

    assertThatCode(() -> cluster.deliver(new Address("somebody"), message))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("events")
  void byTheJobMaster(Class<?> type) throws ReflectiveOperationException {
    JobEvent event = (JobEvent) sample(type);

    assertThatCode(() -> master().on(event, new Clock(1, 1))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("reports")
  void asAReport(Class<?> type) throws ReflectiveOperationException {
    var event = new JobEvent.Reported((Report) sample(type));

    assertThatCode(() -> master().on(event, new Clock(1, 1))).doesNotThrowAnyException();
  }

  private static JobMaster master() {
    JobSpec spec = TestJobs.spec(Map.of());
    return new JobMaster(
        spec,
        JobPlan.of(spec.graph(), Configuration.EMPTY),
        "memory:/job",
        new JobManager.Setup(
            "cluster",
            1,
            Optional.empty(),
            Configuration.EMPTY,
            JobManager.Lifetime.PER_JOB,
            Optional.empty(),
            Lease.DEFAULT),
        new SplittableRandom(1));
  }

  private static Object sample(Class<?> type) throws ReflectiveOperationException {
    var arguments = new ArrayList<Object>();
    var types = new ArrayList<Class<?>>();
    for (RecordComponent component : type.getRecordComponents()) {
      types.add(component.getType());
      arguments.add(value(component.getType()));
    }
    Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(new Class<?>[0]));
    constructor.setAccessible(true);
    return constructor.newInstance(arguments.toArray());
  }

  private static Object value(Class<?> type) throws ReflectiveOperationException {
    if (type == int.class) {
      return 1;
    } else if (type == long.class) {
      return 1L;
    } else if (type == boolean.class) {
      return true;
    } else if (type == String.class) {
      return "0123456789abcdef"; // also a lineage
    } else if (type == List.class) {
      return List.of();
    } else if (type == Optional.class) {
      return Optional.empty();
    } else if (type == JobId.class) {
      return TestJobs.JOB;
    } else if (type == TaskManagerId.class) {
      return new TaskManagerId("tm");
    } else if (type == TaskManagerLocation.class) {
      return new TaskManagerLocation(new TaskManagerId("tm"), "host", 1);
    } else if (type == AttemptId.class) {
      return new AttemptId(TestJobs.JOB, 0, 1, 0, 0);
    } else if (type == Epoch.class) {
      return new Epoch(1, 1);
    } else if (type == Failure.class) {
      return Failure.of(Failure.Kind.USER, "text");
    } else if (type == JobSpec.class) {
      return TestJobs.spec(Map.of());
    } else if (type == Step.class) {
      return new Step.Failed<>("text");
    } else if (type == Report.class) {
      return sample(Report.Running.class);
    } else if (type == JobEvent.class) {
      return new JobEvent.Start();
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    } else if (type.isRecord()) {
      return sample(type);
    } else if (type.isSealed()) {
      return sample(type.getPermittedSubclasses()[0]);
    }
    throw new IllegalArgumentException("no sample of " + type);
  }
}
