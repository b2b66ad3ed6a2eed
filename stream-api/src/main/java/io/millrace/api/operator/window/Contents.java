package io.millrace.api.operator.window;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.function.RichFunction;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.TimestampedValue;
import io.millrace.api.window.Window;
import java.io.Serializable;
import java.util.List;

/**
 * What is kept of the records of a window.
 *
 * @param <A> the form in which it is kept
 * @param <V> the form in which it is handed out
 */
sealed interface Contents<T, A, V, W extends Window> extends Serializable {
  /** The type of what is kept. */
  TypeInformation<A> type();

  /** What the user wrote, null if nothing. */
  default Object function() {
    return null;
  }

  /** Where each window is kept for itself. */
  WindowContents<T, A, V, W> ofWindows(OperatorContext context);

  /** What is handed out, made of records in memory. */
  Accumulation<T, ?, V, W> inMemory(ClassLoader loader);

  /** One value that all records have become. */
  sealed interface Joined<T, A, V, W extends Window> extends Contents<T, A, V, W> {
    Accumulation<T, A, V, W> accumulation(ClassLoader loader);

    @Override
    default Accumulation<T, A, V, W> inMemory(ClassLoader loader) {
      return accumulation(loader);
    }

    @Override
    default WindowContents<T, A, V, W> ofWindows(OperatorContext context) {
      return new WindowContents.Joined<>(accumulation(context.userClassLoader()));
    }

    /** Whether contents of two windows that have records in common can be put together of parts. */
    boolean mergeable();

    /** What finds out whether they really can; null if there is no doubt. */
    default MergeProof<T, A> proof(TypeInformation<T> type, ClassLoader loader) {
      return null;
    }

    /** Whether the contents can be put together of parts that were made elsewhere. */
    default boolean combinable() {
      // A rich function may expect to be where the keys are.
      return mergeable()
          && !(function() instanceof RichFunction)
          && !(function() instanceof CheckpointedFunction)
          && !(function() instanceof CheckpointListener);
    }
  }

  /** One record, joined from all. */
  record Reduced<T, W extends Window>(ReduceFunction<T> function, TypeInformation<T> type)
      implements Joined<T, T, T, W> {
    @Override
    public Accumulation<T, T, T, W> accumulation(ClassLoader loader) {
      return new Accumulation.Reducing<>(function, type.serializer(loader));
    }

    @Override
    public boolean mergeable() {
      return true;
    }
  }

  /** An accumulator. */
  record Aggregated<T, A, V, W extends Window>(
      AggregateFunction<T, A, V> function, TypeInformation<A> type) implements Joined<T, A, V, W> {
    @Override
    public Accumulation<T, A, V, W> accumulation(ClassLoader loader) {
      return new Accumulation.Aggregating<>(function, type.serializer(loader));
    }

    /**
     * Many programs leave out {@code merge}, as only sessions used to need it. What this cannot see
     * without records is left to {@link MergeProof}.
     */
    @Override
    public boolean mergeable() {
      try {
        return function.merge(function.createAccumulator(), function.createAccumulator()) != null;
      } catch (VirtualMachineError e) {
        throw e;
      } catch (RuntimeException | Error e) {
        return false; // as also languages say that something is not there yet
      }
    }

    @Override
    public MergeProof<T, A> proof(TypeInformation<T> records, ClassLoader loader) {
      return new MergeProof<>(function, records.serializer(loader), type.serializer(loader));
    }
  }

  /** All records. */
  record Listed<T, W extends Window>(TypeInformation<T> elementType)
      implements Contents<T, Records<T>, T, W> {
    @Override
    @SuppressWarnings("unchecked") // records of T
    public TypeInformation<Records<T>> type() {
      return (TypeInformation<Records<T>>) TypeInformation.of(Records.class, elementType);
    }

    @Override
    public WindowContents<T, Records<T>, T, W> ofWindows(OperatorContext context) {
      return new WindowContents.Listed<>(
          chunks(elementType, context), elementType.serializer(context.userClassLoader()));
    }

    @Override
    public Accumulation<T, ?, T, W> inMemory(ClassLoader loader) {
      return new Accumulation.Listing<>();
    }
  }

  /**
   * All records and their times, some of which an evictor removes.
   *
   * @param inner what is made of those that are left
   */
  record Evicted<T, V, W extends Window>(
      Contents<T, ?, V, W> inner, Evictor<T, W> evictor, TypeInformation<T> elementType)
      implements Contents<T, Records<TimestampedValue<T>>, V, W> {
    @Override
    @SuppressWarnings("unchecked") // records with their times
    public TypeInformation<Records<TimestampedValue<T>>> type() {
      return (TypeInformation<Records<TimestampedValue<T>>>)
          TypeInformation.of(Records.class, timed());
    }

    @SuppressWarnings("unchecked") // records of T
    private TypeInformation<TimestampedValue<T>> timed() {
      return (TypeInformation<TimestampedValue<T>>)
          TypeInformation.of(TimestampedValue.class, elementType);
    }

    @Override
    public Object function() {
      return inner.function();
    }

    @Override
    public WindowContents<T, Records<TimestampedValue<T>>, V, W> ofWindows(
        OperatorContext context) {
      ClassLoader loader = context.userClassLoader();
      return new WindowContents.Evicted<>(
          chunks(timed(), context), evictor, inMemory(loader), timed().serializer(loader));
    }

    @Override
    public Accumulation<T, ?, V, W> inMemory(ClassLoader loader) {
      return inner.inMemory(loader);
    }
  }

  @SuppressWarnings("unchecked") // lists of E
  private static <E> RecordChunks<E> chunks(TypeInformation<E> type, OperatorContext context) {
    return new RecordChunks<>(
        context
            .keyed()
            .map(
                new MapStateDescriptor<>(
                    WindowOperators.RECORDS,
                    TypeInformation.of(Long.class),
                    (TypeInformation<List<E>>) TypeInformation.of(List.class, type))));
  }
}
