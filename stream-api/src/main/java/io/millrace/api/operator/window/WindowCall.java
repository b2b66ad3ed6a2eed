package io.millrace.api.operator.window;

import io.millrace.api.state.StateDescriptor;
import io.millrace.api.window.AllWindowFunction;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowFunction;
import java.io.Serializable;
import java.util.List;

/**
 * What is made of a window that fires.
 *
 * @param <V> what the window holds
 */
public sealed interface WindowCall<K, W extends Window, V, O> extends Serializable {
  /** Emits what the window holds. */
  static <K, W extends Window, V> WindowCall<K, W, V, V> pass() {
    return new Pass<>();
  }

  static <K, W extends Window, V, O> WindowCall<K, W, V, O> of(
      WindowFunction<V, O, K, W> function) {
    return new Apply<>(function);
  }

  static <K, W extends Window, V, O> WindowCall<K, W, V, O> of(
      ProcessWindowFunction<V, O, K, W> function) {
    return new Process<>(function);
  }

  static <K, W extends Window, V, O> WindowCall<K, W, V, O> ofAll(
      AllWindowFunction<V, O, W> function) {
    return new ApplyAll<>(function);
  }

  static <K, W extends Window, V, O> WindowCall<K, W, V, O> ofAll(
      ProcessAllWindowFunction<V, O, W> function) {
    return new ProcessAll<>(function);
  }

  /** What the user wrote, null if nothing. */
  Object function();

  /** What the function keeps of each window, as far as it says so. */
  default List<StateDescriptor> windowStates() {
    return List.of();
  }

  /** Whether the function wants to be told when a window is forgotten. */
  default boolean clears() {
    return false;
  }

  /** The call, for whichever window is on the scene. */
  Bound<V> bind(Scene<K, W, O> scene);

  /** A call that knows its window. */
  interface Bound<V> {
    void fire(Iterable<V> contents) throws Exception;

    default void clear() throws Exception {}
  }

  record Pass<K, W extends Window, V>() implements WindowCall<K, W, V, V> {
    @Override
    public Object function() {
      return null;
    }

    @Override
    public Bound<V> bind(Scene<K, W, V> scene) {
      return contents -> contents.forEach(scene::collect);
    }
  }

  record Apply<K, W extends Window, V, O>(WindowFunction<V, O, K, W> function)
      implements WindowCall<K, W, V, O> {
    @Override
    public Bound<V> bind(Scene<K, W, O> scene) {
      return contents -> function.apply(scene.key(), scene.window(), contents, scene);
    }
  }

  record ApplyAll<K, W extends Window, V, O>(AllWindowFunction<V, O, W> function)
      implements WindowCall<K, W, V, O> {
    @Override
    public Bound<V> bind(Scene<K, W, O> scene) {
      return contents -> function.apply(scene.window(), contents, scene);
    }
  }

  record Process<K, W extends Window, V, O>(ProcessWindowFunction<V, O, K, W> function)
      implements WindowCall<K, W, V, O> {
    @Override
    public List<StateDescriptor> windowStates() {
      return function.windowStates();
    }

    @Override
    public boolean clears() {
      return true;
    }

    @Override
    public Bound<V> bind(Scene<K, W, O> scene) {
      var context = new ProcessContext<>(function, scene);
      return new Bound<>() {
        @Override
        public void fire(Iterable<V> contents) throws Exception {
          function.process(scene.key(), context, contents, scene);
        }

        @Override
        public void clear() throws Exception {
          function.clear(context);
        }
      };
    }
  }

  record ProcessAll<K, W extends Window, V, O>(ProcessAllWindowFunction<V, O, W> function)
      implements WindowCall<K, W, V, O> {
    @Override
    public List<StateDescriptor> windowStates() {
      return function.windowStates();
    }

    @Override
    public boolean clears() {
      return true;
    }

    @Override
    public Bound<V> bind(Scene<K, W, O> scene) {
      var context = new ProcessAllContext<>(function, scene);
      return new Bound<>() {
        @Override
        public void fire(Iterable<V> contents) throws Exception {
          function.process(context, contents, scene);
        }

        @Override
        public void clear() throws Exception {
          function.clear(context);
        }
      };
    }
  }
}
