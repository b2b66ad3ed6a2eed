package io.millrace.api;

import io.millrace.api.config.CheckpointConfig;
import io.millrace.api.config.CheckpointingMode;
import io.millrace.api.config.Configuration;
import io.millrace.api.config.ExecutionConfig;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.RestartStrategies;
import io.millrace.api.config.Setting;
import io.millrace.api.config.SettingsAccess;
import io.millrace.api.connector.Source;
import io.millrace.api.eventtime.WatermarkAlignmentParams;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.executor.JobListener;
import io.millrace.api.function.GeneratorFunction;
import io.millrace.api.function.ParallelSourceFunction;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.socket.SocketTextSource;
import io.millrace.api.source.Sources;
import io.millrace.api.source.function.FunctionSource;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a program begins: makes streams from sources, and runs what was described.
 *
 * <p>Settings of the program lie over those of the command line and the configuration file. For one
 * thread at a time.
 */
public final class StreamExecutionEnvironment implements AutoCloseable {
  static final String DEFAULT_NAME = "Millrace job";

  private Configuration settings = Configuration.EMPTY;
  private final CachedFiles files = new CachedFiles();
  private final JobListeners listeners = new JobListeners();
  private final Draft draft = new Draft();

  private StreamExecutionEnvironment() {}

  /** A new environment without settings and streams. */
  public static StreamExecutionEnvironment getExecutionEnvironment() {
    return new StreamExecutionEnvironment();
  }

  /**
   * A new environment with those settings and without streams.
   *
   * @throws Setting.InvalidSettingException if a key belongs to jobs and does not allow its value
   */
  public static StreamExecutionEnvironment getExecutionEnvironment(
      io.millrace.api.configuration.Configuration configuration) {
    return new StreamExecutionEnvironment().configure(configuration);
  }

  /**
   * Subtasks of operators that do not say, 1 to 32768; by default the cluster's setting, else 1.
   */
  public StreamExecutionEnvironment setParallelism(int parallelism) {
    return set(JobSettings.PARALLELISM.key(), Integer.toString(parallelism));
  }

  /**
   * Key groups of operators that do not say, 1 to 32768; by default 128, and more for operators of
   * more than 128 subtasks.
   */
  public StreamExecutionEnvironment setMaxParallelism(int maxParallelism) {
    return set(JobSettings.MAX_PARALLELISM.key(), Integer.toString(maxParallelism));
  }

  /**
   * Sets the time from one checkpoint's start to the next. Checkpoints are on by default, every 10
   * s.
   *
   * @param intervalMillis at least 1
   */
  public StreamExecutionEnvironment enableCheckpointing(long intervalMillis) {
    if (intervalMillis < 1) {
      throw new IllegalArgumentException(
          "the checkpoint interval must be at least 1 ms, found "
              + intervalMillis
              + "; disableCheckpointing() leaves only the final checkpoint");
    }
    return set(JobSettings.CHECKPOINT_INTERVAL.key(), intervalMillis + " ms");
  }

  /** Sets the time from one checkpoint's start to the next, and what state may count twice. */
  public StreamExecutionEnvironment enableCheckpointing(
      long intervalMillis, CheckpointingMode mode) {
    return enableCheckpointing(intervalMillis).set(JobSettings.CHECKPOINT_MODE.key(), mode.name());
  }

  /** Leaves only the checkpoint at the end of the input. */
  public StreamExecutionEnvironment disableCheckpointing() {
    return set(JobSettings.CHECKPOINT_INTERVAL.key(), "0 ms");
  }

  /**
   * How long a record may wait for its batch to fill; 10 ms by default.
   *
   * @param millis 0 for not at all, -1 for as long as its operator is busy, at most a day
   */
  public StreamExecutionEnvironment setBufferTimeout(long millis) {
    return set(JobSettings.BUFFER_TIMEOUT.key(), BufferTimeout.ofMillis(millis).toMillis() + " ms");
  }

  /** In milliseconds. */
  public long getBufferTimeout() {
    return effective().get(JobSettings.BUFFER_TIMEOUT).toMillis();
  }

  /** What happens after a failure; by default what the cluster's settings say. */
  public StreamExecutionEnvironment setRestartStrategy(
      RestartStrategies.RestartStrategyConfiguration strategy) {
    return configure(strategy.toMap());
  }

  /** All settings of checkpoints; what is set there is set here. */
  public CheckpointConfig getCheckpointConfig() {
    return new CheckpointConfig(access());
  }

  /** Milliseconds from one checkpoint's start to the next; 0 if there are none. */
  public long getCheckpointInterval() {
    return getCheckpointConfig().getCheckpointInterval();
  }

  public CheckpointingMode getCheckpointingMode() {
    return getCheckpointConfig().getCheckpointingMode();
  }

  /** Other settings, global parameters among them; what is set there is set here. */
  public ExecutionConfig getConfig() {
    return new ExecutionConfig(access());
  }

  /**
   * Sets a key of the configuration for this program's jobs.
   *
   * @throws Setting.InvalidSettingException if the key belongs to jobs and does not allow the value
   */
  public StreamExecutionEnvironment set(String key, String value) {
    for (Setting<?> setting : JobSettings.all()) {
      if (setting.key().equals(key) || setting.olderKeys().contains(key)) {
        setting.parse(value);
        settings = settings.with(setting.key(), value);
        return this;
      }
    }
    settings = settings.with(key, value);
    return this;
  }

  /** Sets several keys; see {@link #set}. */
  public StreamExecutionEnvironment configure(Map<String, String> values) {
    values.forEach(this::set);
    return this;
  }

  /** Sets all keys of a configuration; see {@link #set}. */
  public StreamExecutionEnvironment configure(
      io.millrace.api.configuration.Configuration configuration) {
    return configure(configuration.toMap());
  }

  public Configuration getConfiguration() {
    return settings;
  }

  /** What was set here, else what the executor brings, else 1. */
  public int getParallelism() {
    return effective().get(JobSettings.PARALLELISM);
  }

  /** What was set here, else what the executor brings, else 128. */
  public int getMaxParallelism() {
    return effective().get(JobSettings.MAX_PARALLELISM);
  }

  private Configuration effective() {
    Map<String, String> defaults =
        ExecutionDoor.find().map(JobExecutor::defaults).orElseGet(Map::of);
    return new Configuration(defaults).with(settings);
  }

  private SettingsAccess access() {
    return new SettingsAccess() {
      @Override
      public Configuration read() {
        return effective();
      }

      @Override
      public void write(Setting<?> setting, String value) {
        set(setting.key(), value);
      }
    };
  }

  /** Like {@link #registerCachedFile(String, String, boolean)} for a file that is only read. */
  public StreamExecutionEnvironment registerCachedFile(String path, String name) {
    return registerCachedFile(path, name, false);
  }

  /**
   * Brings a file to all functions of the jobs that are executed from now on, which find it in
   * {@code getRuntimeContext().getDistributedCache().getFile(name)}. A file of this machine travels
   * with each job, with the content that it has then; one of another file system stays where it
   * lies and must not change while the job lives.
   *
   * @param path of this machine; with a scheme, such as {@code hdfs:///path}, of that file system
   * @param name not that of another file
   * @param executable whether functions want to run it
   */
  public StreamExecutionEnvironment registerCachedFile(
      String path, String name, boolean executable) {
    files.register(path, name, executable);
    return this;
  }

  /**
   * Says what each slot of a group needs. Operators are in it by its name, whether they are put
   * there before or after.
   *
   * @throws IllegalArgumentException if a group of that name has said something else before
   */
  public StreamExecutionEnvironment registerSlotSharingGroup(SlotSharingGroup group) {
    draft.note(group);
    return this;
  }

  /** The given records, read by one subtask. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public final <T> SingleOutputStreamOperator<T> fromElements(T... elements) {
    return fromCollection(Arrays.asList(elements));
  }

  /** The same as {@link #fromElements}. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public final <T> SingleOutputStreamOperator<T> fromData(T... elements) {
    return fromCollection(Arrays.asList(elements));
  }

  /** Like {@link #fromElements(Object...)} with a class that all of them have in common. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public final <T> SingleOutputStreamOperator<T> fromElements(Class<T> type, T... elements) {
    return fromCollection(Arrays.asList(elements), TypeInformation.of(type));
  }

  /** Like {@link #fromData(Object...)} with a class that all of them have in common. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public final <T> SingleOutputStreamOperator<T> fromData(Class<T> type, T... elements) {
    return fromCollection(Arrays.asList(elements), TypeInformation.of(type));
  }

  /** Like {@link #fromData(Object...)} with the type declared. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public final <T> SingleOutputStreamOperator<T> fromData(TypeInformation<T> type, T... elements) {
    return fromCollection(Arrays.asList(elements), type);
  }

  /** The same as {@link #fromCollection(Collection, TypeInformation)}. */
  public <T> SingleOutputStreamOperator<T> fromData(
      Collection<T> elements, TypeInformation<T> type) {
    return fromCollection(elements, type);
  }

  /** The same as {@link #fromCollection(Collection)}. */
  public <T> SingleOutputStreamOperator<T> fromData(Collection<T> elements) {
    return fromCollection(elements);
  }

  /**
   * The elements of a collection as it is now, read by one subtask.
   *
   * @throws IllegalArgumentException if the collection is empty or holds null
   */
  public <T> SingleOutputStreamOperator<T> fromCollection(Collection<T> elements) {
    TypeInformation<T> type = Sources.commonType(elements);
    return fromCollection(elements, type);
  }

  /** Like {@link #fromCollection(Collection)} with the type declared; may be empty. */
  public <T> SingleOutputStreamOperator<T> fromCollection(
      Collection<T> elements, TypeInformation<T> type) {
    var stream = source(Sources.elements(elements, type), "elements", "Source: Elements", type);
    return stream.setParallelism(1);
  }

  /** Like {@link #fromCollection(Iterator, TypeInformation)} with the class of the elements. */
  public <T> SingleOutputStreamOperator<T> fromCollection(Iterator<T> elements, Class<T> type) {
    return fromCollection(elements, TypeInformation.of(type));
  }

  /**
   * What an iterator brings, read by one subtask. The iterator is part of the job, so it has to be
   * serializable, and to bring the same again in an attempt after a failure.
   */
  public <T> SingleOutputStreamOperator<T> fromCollection(
      Iterator<T> elements, TypeInformation<T> type) {
    return addSource(new IteratorFunction<>(elements), "Iterator", type);
  }

  /** The numbers from {@code from} to {@code to}, both included; each subtask reads a part. */
  public SingleOutputStreamOperator<Long> fromSequence(long from, long to) {
    return source(
        Sources.sequence(from, to), "sequence", "Source: Sequence", TypeInformation.of(Long.class));
  }

  /**
   * Records made from the numbers 0 to {@code count - 1}, at a limited rate. Of p subtasks the i-th
   * makes those of i, i + p, i + 2p … in order, each exactly once.
   *
   * @param recordsPerSecond of all subtasks together, more than 0; {@code Double.MAX_VALUE} for no
   *     limit
   */
  public <T> SingleOutputStreamOperator<T> fromGenerator(
      GeneratorFunction<T> function, long count, double recordsPerSecond) {
    if (count < 0) {
      throw new IllegalArgumentException("the count must be at least 0, found " + count);
    }
    return generator(function, count, recordsPerSecond);
  }

  /** Like {@link #fromGenerator(GeneratorFunction, long, double)} without end. */
  public <T> SingleOutputStreamOperator<T> fromGenerator(
      GeneratorFunction<T> function, double recordsPerSecond) {
    return generator(function, Sources.ENDLESS, recordsPerSecond);
  }

  /**
   * Lines of text in UTF-8 that a server sends, read by one subtask until the server closes. What
   * is lost in a failure is not sent again: at most once.
   */
  public SingleOutputStreamOperator<String> socketTextStream(String host, int port) {
    return socketTextStream(host, port, "\n");
  }

  /**
   * Like {@link #socketTextStream(String, int)} for lines that end with something else.
   *
   * @param delimiter at least one character; if it is LF, a CR in front of it belongs to it
   */
  public SingleOutputStreamOperator<String> socketTextStream(
      String host, int port, String delimiter) {
    return socketTextStream(host, port, delimiter, 0);
  }

  /** Like {@link #socketTextStream(String, int, String)} for a delimiter of one character. */
  public SingleOutputStreamOperator<String> socketTextStream(
      String host, int port, char delimiter) {
    return socketTextStream(host, port, String.valueOf(delimiter));
  }

  /** Like {@link #socketTextStream(String, int, String, long)} with one character. */
  public SingleOutputStreamOperator<String> socketTextStream(
      String host, int port, char delimiter, long maxRetry) {
    return socketTextStream(host, port, String.valueOf(delimiter), maxRetry);
  }

  /**
   * Like {@link #socketTextStream(String, int, String)}, but connects anew, half a second later,
   * when the server has closed the connection. A connection that is refused fails the attempt.
   *
   * @param maxRetry the connections there are at most, 0 is like 1; -1: without end
   */
  public SingleOutputStreamOperator<String> socketTextStream(
      String host, int port, String delimiter, long maxRetry) {
    var stream =
        source(
            new SocketTextSource(host, port, delimiter, maxRetry),
            "socket",
            "Source: Socket " + host + ":" + port,
            TypeInformation.of(String.class));
    stream.node().onlyOneBecause = "there is one connection";
    return stream.setParallelism(1);
  }

  /**
   * Lines of text files.
   *
   * @param path a file, directory or glob of any Hadoop file system
   * @throws IllegalStateException if the file connector is not on the classpath
   */
  public SingleOutputStreamOperator<String> readTextFile(String path) {
    return source(
        ExecutionDoor.files().textSource(path),
        "text-file",
        "Source: " + path,
        TypeInformation.of(String.class));
  }

  /**
   * Records of any source.
   *
   * @param strategy gives records their event time and makes watermarks, split by split where the
   *     source's splits have names; {@link WatermarkStrategy#noWatermarks()} to keep timestamps and
   *     watermarks as the source makes them
   */
  @SuppressWarnings("unchecked") // the extractor reads T
  public <T> SingleOutputStreamOperator<T> fromSource(
      Source<T, ?> source, WatermarkStrategy<T> strategy, String name) {
    var type = (TypeInformation<T>) TypeExtractor.outputOf(source, Source.class, 0);
    UserCode.of(strategy, "the watermark strategy of '" + name + "'");
    return source(source, strategy, "source", name, type);
  }

  /** Like {@link #fromSource(Source, WatermarkStrategy, String)} with the type declared. */
  public <T> SingleOutputStreamOperator<T> fromSource(
      Source<T, ?> source, WatermarkStrategy<T> strategy, String name, TypeInformation<T> type) {
    return fromSource(source, strategy, name).returns(type);
  }

  /**
   * Records that a function makes in a loop on a thread of its own; by one subtask, unless it is a
   * {@link ParallelSourceFunction}.
   */
  public <T> SingleOutputStreamOperator<T> addSource(SourceFunction<T> function) {
    return addSource(function, "Custom Source");
  }

  /** Like {@link #addSource(SourceFunction)} with a name. */
  @SuppressWarnings("unchecked") // the extractor reads T
  public <T> SingleOutputStreamOperator<T> addSource(SourceFunction<T> function, String name) {
    var type = (TypeInformation<T>) TypeExtractor.outputOf(function, SourceFunction.class, 0);
    return addSource(function, name, type);
  }

  /** Like {@link #addSource(SourceFunction)} with the type declared. */
  public <T> SingleOutputStreamOperator<T> addSource(
      SourceFunction<T> function, TypeInformation<T> type) {
    return addSource(function, "Custom Source", type);
  }

  /** Like {@link #addSource(SourceFunction)} with a name, and the type declared. */
  public <T> SingleOutputStreamOperator<T> addSource(
      SourceFunction<T> function, String name, TypeInformation<T> type) {
    UserCode.of(function, "the function of '" + name + "'");
    var node = new Node[1];
    @SuppressWarnings("unchecked") // returns(...) may have declared another one of T
    Supplier<ReaderCode<T>> code =
        () -> ReaderCode.plain(new FunctionSource<>(function, (TypeInformation<T>) node[0].type));
    node[0] =
        new Node(draft, "source-function", "Source: " + name, Role.READER, code, List.of(), type);
    node[0].blocking = true;
    var stream = new SingleOutputStreamOperator<T>(this, node[0]);
    if (function instanceof ParallelSourceFunction) {
      return stream;
    }
    node[0].onlyOneBecause = "its function is no ParallelSourceFunction";
    return stream.setParallelism(1);
  }

  /** Like {@link #execute(String)} with a name of its own. */
  public JobClient.Result execute() throws Exception {
    return execute(DEFAULT_NAME);
  }

  /**
   * Runs what was added to streams since the last execution, with all in front of it, and waits for
   * the end. Streams may be used again afterwards: the next job has what is added then, and again
   * all in front of that, but no sinks and branches of former jobs. What lies in front of two jobs
   * runs twice; they share nothing.
   *
   * @throws JobClient.JobFailedException if the job fails or is cancelled
   * @throws IllegalStateException if nothing was added, or no executor is on the classpath
   */
  public JobClient.Result execute(String jobName) throws Exception {
    JobClient job = executeAsync(jobName);
    return listeners.executed(job::await);
  }

  /** Like {@link #execute()}, but returns once the job was accepted. */
  public JobClient executeAsync() throws Exception {
    return executeAsync(DEFAULT_NAME);
  }

  /** Like {@link #execute(String)}, but returns once the job was accepted. */
  public JobClient executeAsync(String jobName) throws Exception {
    JobExecutor executor = ExecutionDoor.executor();
    Draft.Job job =
        draft.build(jobName, settings, new Configuration(executor.defaults()), files.read());
    draft.executed();
    return listeners.submitted(() -> executor.submit(job.graph(), job.program()));
  }

  /** From now on the listener hears of the jobs of this environment. */
  public void registerJobListener(JobListener jobListener) {
    listeners.add(jobListener);
  }

  /** In the order in which they were registered. */
  public List<JobListener> getJobListeners() {
    return listeners.all();
  }

  public void clearJobListeners() {
    listeners.clear();
  }

  /** What {@link #execute()} would submit, apart from settings that the executor brings. */
  public JobGraph getJobGraph() {
    return draft.build(DEFAULT_NAME, settings, Configuration.EMPTY, files.read()).graph();
  }

  /** Nothing is open: jobs that were executed run on. For programs in which this stands. */
  @Override
  public void close() {}

  Draft draft() {
    return draft;
  }

  private <T> SingleOutputStreamOperator<T> generator(
      GeneratorFunction<T> function, long count, double recordsPerSecond) {
    UserCode.of(function, "the function of 'Source: Generator'");
    @SuppressWarnings("unchecked") // the extractor reads T
    var type = (TypeInformation<T>) TypeExtractor.outputOf(function, GeneratorFunction.class, 0);
    return source(
        Sources.generator(function, count, recordsPerSecond),
        "generator",
        "Source: Generator",
        type);
  }

  private <T> SingleOutputStreamOperator<T> source(
      Source<T, ?> source, String kind, String name, TypeInformation<T> type) {
    return source(source, WatermarkStrategy.noWatermarks(), kind, name, type);
  }

  private <T> SingleOutputStreamOperator<T> source(
      Source<T, ?> source,
      WatermarkStrategy<T> strategy,
      String kind,
      String name,
      TypeInformation<T> type) {
    UserCode.of(source, "'" + name + "'");
    var code = new ReaderCode<>(source, strategy);
    var node = new Node(draft, kind, name, Role.READER, () -> code, List.of(), type);
    node.blocking = source.blocking();
    WatermarkAlignmentParams alignment = strategy.getAlignmentParameters();
    if (alignment.isEnabled()) {
      node.watermarkGroup = Optional.of(alignment.getWatermarkGroup());
    }
    return new SingleOutputStreamOperator<>(this, node);
  }
}
