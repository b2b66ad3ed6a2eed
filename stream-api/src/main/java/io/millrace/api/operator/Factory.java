package io.millrace.api.operator;

import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.CoFlatMapFunction;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.FilterFunction;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.function.SinkFunction;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.TypeInformation;
import java.util.List;

/** Records instead of lambdas, so that an error can name the field that does not travel. */
sealed interface Factory<I, O> extends OperatorFactory<I, O> {
  record OfMap<I, O>(MapFunction<I, O> function) implements Factory<I, O> {
    @Override
    public Operator<I, O> create() {
      return new MapOperator<>(function);
    }
  }

  record OfFlatMap<I, O>(FlatMapFunction<I, O> function) implements Factory<I, O> {
    @Override
    public Operator<I, O> create() {
      return new FlatMapOperator<>(function);
    }
  }

  record OfFilter<T>(FilterFunction<T> function) implements Factory<T, T> {
    @Override
    public Operator<T, T> create() {
      return new FilterOperator<>(function);
    }
  }

  record OfSink<T>(SinkFunction<T> function) implements Factory<T, Object> {
    @Override
    public Operator<T, Object> create() {
      return new SinkFunctionOperator<>(function);
    }
  }

  record OfReduce<T>(ReduceFunction<T> function, TypeInformation<T> type) implements Factory<T, T> {
    @Override
    public Operator<T, T> create() {
      return new ReduceOperator<>(function, type);
    }
  }

  record OfProcess<I, O>(ProcessFunction<I, O> function) implements Factory<I, O> {
    @Override
    public Operator<I, O> create() {
      return new ProcessOperator<>(function);
    }
  }

  record OfKeyedProcess<K, I, O>(KeyedProcessFunction<K, I, O> function) implements Factory<I, O> {
    @Override
    public Operator<I, O> create() {
      return new KeyedProcessOperator<>(function);
    }
  }

  record OfTimestamps<T>(WatermarkStrategy<T> strategy) implements Factory<T, T> {
    @Override
    public Operator<T, T> create() {
      return new TimestampsOperator<>(strategy);
    }
  }

  record OfCoMap<A, B, O>(CoMapFunction<A, B, O> function) implements Factory<A, O> {
    @Override
    public Operator<A, O> create() {
      return new CoMapOperator<>(function);
    }
  }

  record OfCoFlatMap<A, B, O>(CoFlatMapFunction<A, B, O> function) implements Factory<A, O> {
    @Override
    public Operator<A, O> create() {
      return new CoFlatMapOperator<>(function);
    }
  }

  record OfCoProcess<A, B, O>(CoProcessFunction<A, B, O> function) implements Factory<A, O> {
    @Override
    public Operator<A, O> create() {
      return new CoProcessOperator<>(function);
    }
  }

  record OfKeyedCoProcess<K, A, B, O>(KeyedCoProcessFunction<K, A, B, O> function)
      implements Factory<A, O> {
    @Override
    public Operator<A, O> create() {
      return new KeyedCoProcessOperator<>(function);
    }
  }

  record OfBroadcastProcess<A, B, O>(
      BroadcastProcessFunction<A, B, O> function, List<MapStateDescriptor<?, ?>> declared)
      implements Factory<A, O> {
    @Override
    public Operator<A, O> create() {
      return new BroadcastProcessOperator<>(function, declared);
    }
  }

  record OfKeyedBroadcastProcess<K, A, B, O>(
      KeyedBroadcastProcessFunction<K, A, B, O> function, List<MapStateDescriptor<?, ?>> declared)
      implements Factory<A, O> {
    @Override
    public Operator<A, O> create() {
      return new KeyedBroadcastProcessOperator<>(function, declared);
    }
  }
}
