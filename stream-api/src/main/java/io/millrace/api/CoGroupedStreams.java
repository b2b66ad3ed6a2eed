package io.millrace.api;

import io.millrace.api.function.CoGroupFunction;
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
 * Two streams whose records are put together within windows, by key.
 *
 * @param <T1> records of the first stream
 * @param <T2> records of the second stream
 */
public final class CoGroupedStreams<T1, T2> {
  private final DataStream<T1> first;
  private final DataStream<T2> second;

  CoGroupedStreams(DataStream<T1> first, DataStream<T2> second) {
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

    /** The records of both streams in a window, either of which may have none. */
    public <O> SingleOutputStreamOperator<O> apply(CoGroupFunction<T1, T2, O> function) {
      return coGroup(function, CoGroupWindow.of(function), CoGroupFunction.class);
    }

    /** Like {@link #apply(CoGroupFunction)} with the type of the results declared. */
    public <O> SingleOutputStreamOperator<O> apply(
        CoGroupFunction<T1, T2, O> function, TypeInformation<O> type) {
      return apply(function).returns(type);
    }

    /** Another name of {@link #apply(CoGroupFunction)}. */
    public <O> SingleOutputStreamOperator<O> with(CoGroupFunction<T1, T2, O> function) {
      return apply(function);
    }

    /** Another name of {@link #apply(CoGroupFunction, TypeInformation)}. */
    public <O> SingleOutputStreamOperator<O> with(
        CoGroupFunction<T1, T2, O> function, TypeInformation<O> type) {
      return apply(function, type);
    }

    private <O> SingleOutputStreamOperator<O> coGroup(
        Serializable function, CoGroupWindow<T1, T2, O, K, W> call, Class<?> kind) {
      UserCode.of(function, "the coGroup function");
      @SuppressWarnings("unchecked") // the extractor reads O
      var type = (TypeInformation<O>) TypeExtractor.outputOf(function, kind, 2);
      return windowed.apply(call).returns(type);
    }
  }
}
