package io.millrace.api;

import io.millrace.api.function.FlatJoinFunction;
import io.millrace.api.function.JoinFunction;
import io.millrace.api.function.KeySelector;
import io.millrace.api.graph.UserCode;
import io.millrace.api.operator.join.CoGroupWindow;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import java.io.Serializable;
import java.time.Duration;

/**
 * Two streams whose records are joined within windows: each of the one with each of the other that
 * has the same key.
 *
 * @param <T1> records of the first stream
 * @param <T2> records of the second stream
 */
public final class JoinedStreams<T1, T2> {
  private final DataStream<T1> first;
  private final DataStream<T2> second;

  JoinedStreams(DataStream<T1> first, DataStream<T2> second) {
    this.first = first;
    this.second = second;
  }

  /** How the records of the first stream are keyed. */
  public <K> Where<K> where(KeySelector<T1, K> key) {
    @SuppressWarnings("unchecked") // the extractor reads K
    var type = (TypeInformation<K>) TypeExtractor.outputOf(key, KeySelector.class, 1);
    return new Where<>(key, type);
  }

  /** Like {@link #where(KeySelector)} with the type of the keys declared. */
  public <K> Where<K> where(KeySelector<T1, K> key, TypeInformation<K> type) {
    return new Where<>(key, type);
  }

  /** Wants to know how the second stream is keyed. */
  public final class Where<K> {
    private final KeySelector<T1, K> firstKey;
    private final TypeInformation<K> type;

    private Where(KeySelector<T1, K> firstKey, TypeInformation<K> type) {
      this.firstKey = firstKey;
      this.type = type;
    }

    /** How the records of the second stream are keyed; the keys of both are compared. */
    public EqualTo<K> equalTo(KeySelector<T2, K> key) {
      return equalTo(key, type);
    }

    /** Like {@link #equalTo(KeySelector)} with the type of the keys declared. */
    public EqualTo<K> equalTo(KeySelector<T2, K> key, TypeInformation<K> keyType) {
      return new EqualTo<>(SidedStream.keyed(first, second, firstKey, key, keyType));
    }
  }

  /** Wants to know the windows. */
  public final class EqualTo<K> {
    private final KeyedStream<Sided<T1, T2>, K> both;

    private EqualTo(KeyedStream<Sided<T1, T2>, K> both) {
      this.both = both;
    }

    /** The windows over both streams together. */
    public <W extends Window> WithWindow<K, W> window(
        WindowAssigner<? super Sided<T1, T2>, W> assigner) {
      return new WithWindow<>(both.window(assigner));
    }
  }

  /** Two streams in windows. A setter changes this object and returns it. */
  public final class WithWindow<K, W extends Window> {
    private final WindowedStream<Sided<T1, T2>, K, W> windowed;

    private WithWindow(WindowedStream<Sided<T1, T2>, K, W> windowed) {
      this.windowed = windowed;
    }

    /** See {@link WindowedStream#trigger}. */
    public WithWindow<K, W> trigger(Trigger<? super Sided<T1, T2>, ? super W> trigger) {
      windowed.trigger(trigger);
      return this;
    }

    /** See {@link WindowedStream#evictor}. */
    public WithWindow<K, W> evictor(Evictor<? super Sided<T1, T2>, ? super W> evictor) {
      windowed.evictor(evictor);
      return this;
    }

    /** See {@link WindowedStream#allowedLateness}. */
    public WithWindow<K, W> allowedLateness(Duration lateness) {
      windowed.allowedLateness(lateness);
      return this;
    }

    /** One record for each pair of a window. */
    public <O> SingleOutputStreamOperator<O> apply(JoinFunction<T1, T2, O> function) {
      return join(
          function,
          CoGroupWindow.ofPairs(function, first.getType(), second.getType()),
          JoinFunction.class);
    }

    /** Like {@link #apply(JoinFunction)} with the type of the results declared. */
    public <O> SingleOutputStreamOperator<O> apply(
        JoinFunction<T1, T2, O> function, TypeInformation<O> type) {
      return apply(function).returns(type);
    }

    /** Any number of records for each pair of a window. */
    public <O> SingleOutputStreamOperator<O> apply(FlatJoinFunction<T1, T2, O> function) {
      return join(
          function,
          CoGroupWindow.ofPairs(function, first.getType(), second.getType()),
          FlatJoinFunction.class);
    }

    /** Like {@link #apply(FlatJoinFunction)} with the type of the results declared. */
    public <O> SingleOutputStreamOperator<O> apply(
        FlatJoinFunction<T1, T2, O> function, TypeInformation<O> type) {
      return apply(function).returns(type);
    }

    /** Another name of {@link #apply(JoinFunction)}. */
    public <O> SingleOutputStreamOperator<O> with(JoinFunction<T1, T2, O> function) {
      return apply(function);
    }

    /** Another name of {@link #apply(JoinFunction, TypeInformation)}. */
    public <O> SingleOutputStreamOperator<O> with(
        JoinFunction<T1, T2, O> function, TypeInformation<O> type) {
      return apply(function, type);
    }

    /** Another name of {@link #apply(FlatJoinFunction)}. */
    public <O> SingleOutputStreamOperator<O> with(FlatJoinFunction<T1, T2, O> function) {
      return apply(function);
    }

    /** Another name of {@link #apply(FlatJoinFunction, TypeInformation)}. */
    public <O> SingleOutputStreamOperator<O> with(
        FlatJoinFunction<T1, T2, O> function, TypeInformation<O> type) {
      return apply(function, type);
    }

    private <O> SingleOutputStreamOperator<O> join(
        Serializable function, CoGroupWindow<T1, T2, O, K, W> call, Class<?> kind) {
      UserCode.of(function, "the join function");
      @SuppressWarnings("unchecked") // the extractor reads O
      var type = (TypeInformation<O>) TypeExtractor.outputOf(function, kind, 2);
      return windowed.apply(call).returns(type);
    }
  }
}
