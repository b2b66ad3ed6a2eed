package io.millrace.api;

import io.millrace.api.config.ExecutionConfig;
import io.millrace.api.connector.Sink;
import io.millrace.api.eventtime.AssignerWithPeriodicWatermarks;
import io.millrace.api.eventtime.AssignerWithPunctuatedWatermarks;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.CloseableIterator;
import io.millrace.api.executor.Collected;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.function.FilterFunction;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.Partitioner;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.SinkFunction;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.operator.KeyFields;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Operators;
import io.millrace.api.sink.PrintSink;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.tuple.Tuple;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.GlobalWindow;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Records on their way from one operator to the next. All methods only describe; nothing runs
 * before {@link StreamExecutionEnvironment#execute()}.
 *
 * <p>Functions travel to the cluster by Java serialisation. One that cannot is refused where it is
 * handed in, with a {@link io.millrace.api.graph.NotSerializableCodeException} that names the
 * field.
 *
 * <p>Types need not be declared: what cannot be read from a function is found out at run time. The
 * hint {@link SingleOutputStreamOperator#returns(TypeInformation)} makes serialisation faster.
 *
 * @param <T> records
 */
public class DataStream<T> {
  final StreamExecutionEnvironment environment;
  final List<Node.Tap<T>> taps;

  DataStream(StreamExecutionEnvironment environment, List<Node.Tap<T>> taps) {
    this.environment = environment;
    this.taps = List.copyOf(taps);
  }

  /** One record for each record. */
  public <O> SingleOutputStreamOperator<O> map(MapFunction<T, O> function) {
    return operator(
        "map",
        "Map",
        function,
        () -> Operators.map(function),
        TypeExtractor.outputOf(function, MapFunction.class, 1));
  }

  /** Like {@link #map(MapFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> map(
      MapFunction<T, O> function, TypeInformation<O> type) {
    return map(function).returns(type);
  }

  /** Any number of records for each record. */
  public <O> SingleOutputStreamOperator<O> flatMap(FlatMapFunction<T, O> function) {
    return operator(
        "flat-map",
        "Flat Map",
        function,
        () -> Operators.flatMap(function),
        TypeExtractor.outputOf(function, FlatMapFunction.class, 1));
  }

  /** Like {@link #flatMap(FlatMapFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> flatMap(
      FlatMapFunction<T, O> function, TypeInformation<O> type) {
    return flatMap(function).returns(type);
  }

  /** The records for which the function is true. */
  public SingleOutputStreamOperator<T> filter(FilterFunction<T> function) {
    return operator("filter", "Filter", function, () -> Operators.filter(function), getType());
  }

  /**
   * Some fields of tuples, in the order in which they are named.
   *
   * @param fields positions from 0, at most 25 of them
   * @param <R> the tuple of these fields
   */
  public <R extends Tuple> SingleOutputStreamOperator<R> project(int... fields) {
    Class<?> record = getType().isDynamic() ? Tuple.class : getType().getTypeClass();
    if (!Tuple.class.isAssignableFrom(record)) {
      throw new IllegalArgumentException(
          "only tuples have fields by position, found " + getType().name() + "; use map");
    }
    var projection = new Projection<T, R>(fields);
    return operator(
        "project",
        "Project",
        projection,
        () -> Operators.map(projection),
        projection.typeOf(getType()));
  }

  /** The general function; state and timers need a {@link #keyBy} in front. */
  public <O> SingleOutputStreamOperator<O> process(ProcessFunction<T, O> function) {
    return operator(
        "process",
        "Process",
        function,
        () -> Operators.process(function),
        TypeExtractor.outputOf(function, ProcessFunction.class, 1));
  }

  /** Like {@link #process(ProcessFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> process(
      ProcessFunction<T, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }

  /**
   * Gives records their event time and makes watermarks, replacing those from upstream, and what
   * was said of idleness there. Watermarks are made every 200 ms, and behind many records by
   * generators that say so.
   */
  public SingleOutputStreamOperator<T> assignTimestampsAndWatermarks(
      WatermarkStrategy<T> strategy) {
    if (strategy.getAlignmentParameters().isEnabled()) {
      throw new IllegalArgumentException(
          "only a source can wait for others: give the strategy with watermark alignment (group '"
              + strategy.getAlignmentParameters().getWatermarkGroup()
              + "') to fromSource instead of assignTimestampsAndWatermarks");
    }
    return operator(
        "timestamps",
        "Timestamps/Watermarks",
        strategy,
        () -> Operators.timestamps(strategy),
        getType());
  }

  /**
   * Like {@link #assignTimestampsAndWatermarks(WatermarkStrategy)}; each subtask has a copy of the
   * assigner, which finds the timestamps of its records and tells its watermark.
   */
  public SingleOutputStreamOperator<T> assignTimestampsAndWatermarks(
      AssignerWithPeriodicWatermarks<T> assigner) {
    return assignTimestampsAndWatermarks(assigner.asStrategy());
  }

  /** Like the above for an assigner that tells a watermark behind records. */
  public SingleOutputStreamOperator<T> assignTimestampsAndWatermarks(
      AssignerWithPunctuatedWatermarks<T> assigner) {
    return assignTimestampsAndWatermarks(assigner.asStrategy());
  }

  /**
   * Brings all records of one key to the same subtask, and with them the key's state and timers.
   *
   * @param key deterministic; its result needs a hash that is the same in every process:
   *     primitives, strings, enums, and records, tuples or lists of such
   * @throws IllegalArgumentException if the type of the key is known and has no such hash
   */
  public <K> KeyedStream<T, K> keyBy(KeySelector<T, K> key) {
    @SuppressWarnings("unchecked") // the extractor reads K
    var type = (TypeInformation<K>) TypeExtractor.outputOf(key, KeySelector.class, 1);
    return keyBy(key, type);
  }

  /**
   * By fields of tuples, whose values are the key, a tuple of their number: {@code Tuple1} for one.
   * Programs of today write a selector, which the compiler checks.
   *
   * @param positions from 0
   */
  public KeyedStream<T, Tuple> keyBy(int... positions) {
    return keyBy(new KeyFields<>(Arrays.stream(positions).mapToObj(Integer::toString).toList()));
  }

  /**
   * Like {@link #keyBy(int...)} with names: of a POJO's or record's fields, or {@code f0} and so on
   * of a tuple's.
   */
  public KeyedStream<T, Tuple> keyBy(String... fields) {
    return keyBy(new KeyFields<>(List.of(fields)));
  }

  private KeyedStream<T, Tuple> keyBy(KeyFields<T> key) {
    return keyBy(key, key.typeIn(getType()));
  }

  /** Like {@link #keyBy(KeySelector)} with the type of the key declared. */
  public <K> KeyedStream<T, K> keyBy(KeySelector<T, K> key, TypeInformation<K> keyType) {
    UserCode.of(key, "the key selector behind '" + upstreamName() + "'");
    if (!keyType.hashable()) {
      throw new IllegalArgumentException(
          "records of '"
              + upstreamName()
              + "' cannot be keyed by "
              + keyType.name()
              + ": it has no hash that is the same in every process; use a key made of primitives,"
              + " strings, enums, records, tuples or lists of such, or of POJOs whose equals and"
              + " hashCode take all their properties into account");
    }
    return new KeyedStream<>(
        environment, taps.stream().map(tap -> tap.keyed(key, keyType)).toList());
  }

  /** Joins each record with those of another stream that have its key, within windows. */
  public <T2> JoinedStreams<T, T2> join(DataStream<T2> other) {
    return new JoinedStreams<>(
        new DataStream<>(environment, unkeyed()), new DataStream<>(environment, other.unkeyed()));
  }

  /** Puts the records of this and another stream together by key, within windows. */
  public <T2> CoGroupedStreams<T, T2> coGroup(DataStream<T2> other) {
    return new CoGroupedStreams<>(
        new DataStream<>(environment, unkeyed()), new DataStream<>(environment, other.unkeyed()));
  }

  /** All records, put together in windows by one subtask. */
  public <W extends Window> AllWindowedStream<T, W> windowAll(
      WindowAssigner<? super T, W> assigner) {
    return new AllWindowedStream<>(
        new DataStream<>(environment, unkeyed()).keyBy(new AllTogether<T>()), assigner);
  }

  /** Windows of so many records, one after the other; the last may never be complete. */
  public AllWindowedStream<T, GlobalWindow> countWindowAll(long size) {
    return windowAll(GlobalWindows.create()).trigger(PurgingTrigger.of(CountTrigger.of(size)));
  }

  /** The last {@code size} records, each time {@code slide} further ones have come. */
  public AllWindowedStream<T, GlobalWindow> countWindowAll(long size, long slide) {
    return windowAll(GlobalWindows.create())
        .evictor(CountEvictor.of(size))
        .trigger(CountTrigger.of(slide));
  }

  /** The records of all these streams, in no particular order. */
  @SafeVarargs
  public final DataStream<T> union(DataStream<T>... others) {
    var all = new ArrayList<>(unkeyed());
    for (DataStream<T> other : others) {
      if (other.environment != environment) {
        throw new IllegalArgumentException("streams of two environments cannot be united");
      }
      all.addAll(other.unkeyed());
    }
    return new DataStream<>(environment, all);
  }

  /**
   * This stream and another, perhaps of another type, as the two inputs of one operator. If both
   * are keyed they share state under equal keys.
   */
  public <B> ConnectedStreams<T, B> connect(DataStream<B> other) {
    return new ConnectedStreams<>(this, other);
  }

  /** This stream beside one that is broadcast. */
  public <B> BroadcastConnectedStream<T, B> connect(BroadcastStream<B> other) {
    return new BroadcastConnectedStream<>(this, other);
  }

  /** To the next operator's subtasks in turn. */
  public DataStream<T> rebalance() {
    return partitioned(Partitioning.REBALANCE);
  }

  /**
   * From each subtask in turn to some of the next operator's subtasks, so that records take few
   * ways: with twice as many behind each subtask has two of its own; with half as many two share
   * one.
   */
  public DataStream<T> rescale() {
    return partitioned(Partitioning.RESCALE);
  }

  /** Each record to a subtask of the next operator that is chosen at random. */
  public DataStream<T> shuffle() {
    return partitioned(Partitioning.SHUFFLE);
  }

  /** All records to the first subtask of the next operator. */
  public DataStream<T> global() {
    return partitioned(Partitioning.GLOBAL);
  }

  /**
   * Each record to the subtask of the next operator that the partitioner chooses. There is no state
   * under these keys; for that use {@link #keyBy}.
   */
  public <K> DataStream<T> partitionCustom(Partitioner<K> partitioner, KeySelector<T, K> key) {
    UserCode.of(partitioner, "the partitioner behind '" + upstreamName() + "'");
    UserCode.of(key, "the key selector behind '" + upstreamName() + "'");
    return new DataStream<>(
        environment,
        unkeyed().stream().map(tap -> tap.partitioned(Partitioner.of(partitioner, key))).toList());
  }

  /** Like the above for a key that is one field, as in {@link #keyBy(int...)}. */
  public <K> DataStream<T> partitionCustom(Partitioner<K> partitioner, int position) {
    return partitionCustom(partitioner, KeyFields.<T, K>single(Integer.toString(position)));
  }

  /** Like the above for a key that is one field, as in {@link #keyBy(String...)}. */
  public <K> DataStream<T> partitionCustom(Partitioner<K> partitioner, String field) {
    return partitionCustom(partitioner, KeyFields.<T, K>single(field));
  }

  /** Every record to every subtask of the next operator. */
  public DataStream<T> broadcast() {
    return partitioned(Partitioning.BROADCAST);
  }

  /**
   * Every record to every subtask of the operator that this is connected to, which keeps what it
   * needs of them in broadcast state.
   *
   * @param states at least one; their names are unique within that operator
   */
  public BroadcastStream<T> broadcast(MapStateDescriptor<?, ?>... states) {
    return new BroadcastStream<>(broadcast(), List.of(states));
  }

  /**
   * From each subtask to the next operator's subtask of the same index; both need the same
   * parallelism, which {@link StreamExecutionEnvironment#execute()} checks. Without it, that is
   * also the way where the parallelism is the same, and {@link #rebalance()} where it is not.
   */
  public DataStream<T> forward() {
    return partitioned(Partitioning.FORWARD);
  }

  /** Ends the stream in a sink. */
  public DataStreamSink<T> sinkTo(Sink<? super T> sink) {
    return sink(sink, "sink", "Sink: " + sink.getClass().getSimpleName());
  }

  /** Gives each record to a function that takes it out of the job, at least once. */
  @SuppressWarnings("unchecked") // what takes more takes T
  public DataStreamSink<T> addSink(SinkFunction<? super T> function) {
    SingleOutputStreamOperator<Object> last =
        operator(
            "sink-function",
            "Sink: " + function.getClass().getSimpleName(),
            function,
            () -> Operators.sink((SinkFunction<T>) function),
            TypeInformation.dynamic());
    last.node().blocking = true; // most of them wait for what they write to
    return new DataStreamSink<>(last.node());
  }

  /**
   * Prints each record on standard output of the process that runs the sink, with the number of the
   * subtask in front if there are several. After a failure some lines are printed again.
   */
  public DataStreamSink<T> print() {
    return sink(new PrintSink<T>(), "print", "Sink: Print");
  }

  /** Like {@link #print()} with a label in front of each line. */
  public DataStreamSink<T> print(String label) {
    return sink(new PrintSink<T>(label), "print", "Sink: Print");
  }

  /** Like {@link #print()} on standard error. */
  public DataStreamSink<T> printToErr() {
    return printToErr("");
  }

  /** Like {@link #printToErr()} with a label in front of each line. */
  public DataStreamSink<T> printToErr(String label) {
    return sink(new PrintSink<T>(label, true), "print", "Sink: Print");
  }

  /**
   * Writes each record's {@code toString} as a line into files of a directory, exactly once.
   *
   * @param directory any path of a Hadoop file system; another job's output is refused
   * @throws IllegalStateException if the file connector is not on the classpath
   */
  public DataStreamSink<?> writeAsText(String directory) {
    return writeAsText(directory, false);
  }

  /**
   * Like {@link #writeAsText(String)}.
   *
   * @param append whether to write beside what another job left in the directory
   */
  public DataStreamSink<?> writeAsText(String directory, boolean append) {
    Sink<String> sink = ExecutionDoor.files().textSink(directory, append);
    DataStream<String> lines = map(Object::toString).name("To text");
    return lines.sink(sink, "text-sink", "Sink: " + directory);
  }

  /**
   * Like {@link #executeAndCollect(String)} with a name of its own.
   *
   * @throws UnsupportedOperationException if jobs run on a cluster
   */
  public CloseableIterator<T> executeAndCollect() throws Exception {
    return executeAndCollect(StreamExecutionEnvironment.DEFAULT_NAME);
  }

  /**
   * Executes all that was added since the last execution, and brings the records of this stream
   * back into the program, each once, also if the job fails and recovers meanwhile. A record comes
   * once a checkpoint covers it; the last ones come when the job ends. They wait in memory until
   * they are taken.
   *
   * <p>Only for jobs that run in the JVM of the program: elsewhere write them with {@link
   * #writeAsText(String)} and read the files.
   *
   * @return ends with the job. Asking for the next record throws an IllegalStateException if the
   *     job has failed. To close it cancels a job that still runs.
   * @throws UnsupportedOperationException if jobs run on a cluster
   */
  public CloseableIterator<T> executeAndCollect(String jobName) throws Exception {
    Collected<T> collected =
        ExecutionDoor.executor()
            .collected(getType())
            .orElseThrow(
                () ->
                    new UnsupportedOperationException(
                        "executeAndCollect works only where the job runs in the JVM of the program;"
                            + " on a cluster write the records with writeAsText(directory), then"
                            + " read the files"));
    DataStreamSink<T> sink = sink(collected.sink(), "collect", "Sink: Collect").setParallelism(1);
    try {
      return collected.of(environment.executeAsync(jobName));
    } catch (Exception e) {
      environment.draft().remove(sink.node()); // nobody would take what the next job brings
      throw e;
    }
  }

  /**
   * Like {@link #executeAndCollect(String, int)} with a name of its own.
   *
   * @param limit most records
   */
  public List<T> executeAndCollect(int limit) throws Exception {
    return executeAndCollect(StreamExecutionEnvironment.DEFAULT_NAME, limit);
  }

  /**
   * Like {@link #executeAndCollect(String)} for so many records at most; if there are more, the job
   * is cancelled then.
   *
   * @param limit most records, at least 1
   */
  public List<T> executeAndCollect(String jobName, int limit) throws Exception {
    if (limit < 1) {
      throw new IllegalArgumentException("the limit must be at least 1, found " + limit);
    }
    var records = new ArrayList<T>();
    try (CloseableIterator<T> all = executeAndCollect(jobName)) {
      while (records.size() < limit && all.hasNext()) {
        records.add(all.next());
      }
    }
    return records;
  }

  /** What is known of the type of the records. */
  @SuppressWarnings("unchecked") // dynamic stands for any T
  public TypeInformation<T> getType() {
    TypeInformation<T> first = taps.get(0).type();
    for (Node.Tap<T> tap : taps) {
      if (!tap.type().equals(first)) {
        return (TypeInformation<T>) TypeInformation.dynamic();
      }
    }
    return first;
  }

  public StreamExecutionEnvironment getExecutionEnvironment() {
    return environment;
  }

  public ExecutionConfig getExecutionConfig() {
    return environment.getConfig();
  }

  /** Subtasks of the operator that this comes from; of a union, of the first. */
  public int getParallelism() {
    int decided = taps.get(0).from().parallelism;
    return decided == Vertex.UNDECIDED ? environment.getParallelism() : decided;
  }

  /** The taps as they were before {@link #keyBy}. */
  List<Node.Tap<T>> unkeyed() {
    return taps;
  }

  /**
   * @param function what the user handed in; checked at once, so that the error tells the line
   */
  @SuppressWarnings("unchecked") // the caller has read the type of O from the function
  <O> SingleOutputStreamOperator<O> operator(
      String kind,
      String name,
      Serializable function,
      Supplier<OperatorFactory<T, O>> factory,
      TypeInformation<?> type) {
    Objects.requireNonNull(function, "function");
    UserCode.of(
        function, "the function of operator '" + name + "' behind '" + upstreamName() + "'");
    return new SingleOutputStreamOperator<>(
        environment, new Node(environment.draft(), kind, name, Role.OPERATOR, factory, taps, type));
  }

  private DataStreamSink<T> sink(Sink<? super T> sink, String kind, String name) {
    UserCode.of(sink, "'" + name + "' behind '" + upstreamName() + "'");
    var node = new Node(environment.draft(), kind, name, Role.SINK, () -> sink, taps, getType());
    node.blocking = sink.blocking();
    return new DataStreamSink<>(node);
  }

  private DataStream<T> partitioned(Partitioning partitioning) {
    return new DataStream<>(
        environment, unkeyed().stream().map(tap -> tap.with(partitioning)).toList());
  }

  String upstreamName() {
    return taps.get(0).from().name;
  }
}
