package io.millrace.api.operator.window;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.function.RichFunction;
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

  Accumulation<T, A, V, W> accumulation(ClassLoader loader);

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
        && !(function() instanceof CheckpointedFunction);
  }

  /** One record, joined from all. */
  record Reduced<T, W extends Window>(ReduceFunction<T> function, TypeInformation<T> type)
      implements Contents<T, T, T, W> {
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
      AggregateFunction<T, A, V> function, TypeInformation<A> type)
      implements Contents<T, A, V, W> {
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
      } catch (RuntimeException e) {
        return false;
      }
    }

    @Override
    public MergeProof<T, A> proof(TypeInformation<T> records, ClassLoader loader) {
      return new MergeProof<>(function, records.serializer(loader), type.serializer(loader));
    }
  }

  /** All records. */
  record Listed<T, W extends Window>(TypeInformation<T> elementType)
      implements Contents<T, List<T>, T, W> {
    @Override
    @SuppressWarnings("unchecked") // a list of T
    public TypeInformation<List<T>> type() {
      return (TypeInformation<List<T>>) TypeInformation.of(List.class, elementType);
    }

    @Override
    public Accumulation<T, List<T>, T, W> accumulation(ClassLoader loader) {
      return new Accumulation.Listing<>(elementType.serializer(loader), type().serializer(loader));
    }

    @Override
    public boolean mergeable() {
      return false;
    }
  }

  /**
   * All records and their times, some of which an evictor removes.
   *
   * @param inner what is made of those that are left
   */
  record Evicted<T, A, V, W extends Window>(
      Contents<T, A, V, W> inner, Evictor<T, W> evictor, TypeInformation<T> elementType)
      implements Contents<T, List<TimestampedValue<T>>, V, W> {
    @Override
    @SuppressWarnings("unchecked") // a list of records with their times
    public TypeInformation<List<TimestampedValue<T>>> type() {
      return (TypeInformation<List<TimestampedValue<T>>>)
          TypeInformation.of(List.class, TypeInformation.of(TimestampedValue.class, elementType));
    }

    @Override
    public Object function() {
      return inner.function();
    }

    @Override
    public Accumulation<T, List<TimestampedValue<T>>, V, W> accumulation(ClassLoader loader) {
      return new Accumulation.Evicting<>(
          inner.accumulation(loader), evictor, type().serializer(loader));
    }

    @Override
    public boolean mergeable() {
      return false;
    }
  }
}
