package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.ListAccumulator;
import io.millrace.api.config.ParameterTool;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.function.RuntimeContext;
import io.millrace.api.sink.DiscardingSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a function learns of where it runs, and what it finds there. */
@Timeout(120)
class RuntimeContextTest {
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final ConcurrentLinkedQueue<String> FILES = new ConcurrentLinkedQueue<>();

  @TempDir Path folder;

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  /** Tells all it can learn. */
  private static final class Tell extends RichMapFunction<Long, Long> {
    @Override
    public Long map(Long n) {
      RuntimeContext context = getRuntimeContext();
      var told = new ListAccumulator<String>();
      if (context.getAccumulator("told") == null) {
        context.addAccumulator("told", told);
        told.add(context.getTaskInfo().getTaskName());
        told.add(context.getTaskInfo().getTaskNameWithSubtasks());
        told.add("index " + context.getTaskInfo().getIndexOfThisSubtask());
        told.add("of " + context.getTaskInfo().getNumberOfParallelSubtasks());
        told.add("groups " + context.getTaskInfo().getMaxNumberOfParallelSubtasks());
        told.add("attempt " + context.getTaskInfo().getAttemptNumber());
        told.add("job " + context.getJobInfo().getJobName());
        told.add("id " + context.getJobInfo().getJobId());
        told.add("parameters " + context.getGlobalJobParameters());
        told.add(
            "region "
                + context.getExecutionConfig().getGlobalJobParameters().getRequired("region"));
        told.add("reuse " + context.getExecutionConfig().isObjectReuseEnabled());
        boolean mine =
            getClass().getClassLoader() == context.getUserCodeClassLoader()
                && Thread.currentThread().getContextClassLoader()
                    == context.getUserCodeClassLoader();
        told.add("loader " + mine);
      }
      return n;
    }
  }

  @Test
  void aFunctionLearnsWhereItRuns() throws Exception {
    env.setParallelism(1).setMaxParallelism(16);
    env.getConfig().setGlobalJobParameters(ParameterTool.fromArgs(new String[] {"--region", "eu"}));
    env.getConfig().enableObjectReuse();
    env.fromSequence(1, 9).map(new Tell()).name("tell").sinkTo(new DiscardingSink<>());

    JobClient.Result result = env.execute("a job");

    assertThat(result.<List<String>>getAccumulatorResult("told"))
        .containsExactly(
            "tell",
            "tell (1/1)",
            "index 0",
            "of 1",
            "groups 16",
            "attempt 0",
            "job a job",
            "id " + result.jobId(),
            "parameters {region=eu}",
            "region eu",
            "reuse true",
            "loader true");
  }

  /** Reads its file at each start, and fails at first. */
  private static final class Look extends RichMapFunction<Long, Long> {
    private final String original;

    Look(String original) {
      this.original = original;
    }

    @Override
    public void open(OpenContext context) throws IOException {
      var file = getRuntimeContext().getDistributedCache().getFile("words").toPath();
      FILES.add(
          getRuntimeContext().getAttemptNumber()
              + " "
              + Files.readString(file)
              + (file.startsWith(original) ? " where it was" : ""));
    }

    @Override
    public Long map(Long n) throws IOException {
      if (FAILURES_LEFT.getAndDecrement() > 0) {
        // What happens to the original is not the job's concern any more.
        Files.writeString(Path.of(original), "something else");
        throw new IllegalStateException("injected");
      }
      return n;
    }
  }

  @Test
  void aFileIsTheSameAfterARestart() throws Exception {
    FAILURES_LEFT.set(1);
    FILES.clear();
    Path file = Files.writeString(folder.resolve("words.txt"), "to be");
    env.setParallelism(2);
    env.set("restart-strategy.type", "fixed-delay").set("restart-strategy.fixed-delay.delay", "1");
    env.registerCachedFile(file.toString(), "words");
    env.fromSequence(1, 9).map(new Look(file.toString())).sinkTo(new DiscardingSink<>());

    env.execute();

    assertThat(Set.copyOf(FILES)).isEqualTo(Set.of("0 to be", "1 to be"));
    // The first attempt of one subtask may have failed before the other one's has begun.
    assertThat(FILES).filteredOn("1 to be"::equals).hasSize(2);
  }

  @Test
  void aFileThatIsNotThereFailsTheSubmission() {
    env.registerCachedFile(folder.resolve("none").toString(), "words");
    env.fromSequence(1, 9).map(new Look("")).sinkTo(new DiscardingSink<>());
    assertThatThrownBy(env::execute)
        .hasMessageContaining("the cached file 'words': " + folder.resolve("none"));
  }

  @Test
  void nothingOfFilesStaysBehind() throws Exception {
    Path file = Files.writeString(folder.resolve("words.txt"), "to be");
    FAILURES_LEFT.set(0);
    FILES.clear();
    env.registerCachedFile(file.toString(), "words");
    env.fromSequence(1, 9).map(new Place()).sinkTo(new DiscardingSink<>());

    env.execute();

    var places = new TreeSet<>(FILES);
    assertThat(places).isNotEmpty();
    places.forEach(place -> assertThat(Path.of(place)).doesNotExist());
    assertThat(file).hasContent("to be");
  }

  private static final class Place extends RichMapFunction<Long, Long> {
    @Override
    public void open(OpenContext context) {
      var file = getRuntimeContext().getDistributedCache().getFile("words");
      assertThat(file).hasContent("to be");
      FILES.add(file.getPath());
    }

    @Override
    public Long map(Long n) {
      return n;
    }
  }

  @Test
  void parametersOfTheCommandLineReachFunctionsToo() throws Exception {
    env.configure(Map.of("pipeline.global-job-parameters", "region:'eu, north'"));
    env.fromSequence(1, 2).map(new Tell()).sinkTo(new DiscardingSink<>());
    assertThat(env.execute().<List<String>>getAccumulatorResult("told"))
        .contains("region eu, north");
  }
}
