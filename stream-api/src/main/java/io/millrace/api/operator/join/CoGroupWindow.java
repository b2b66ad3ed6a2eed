package io.millrace.api.operator.join;

import io.millrace.api.function.AbstractRichFunction;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.CoGroupFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatJoinFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.JoinFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichFunction;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowFunction;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;

/** Divides a window's records into those of each side and has them joined. */
public final class CoGroupWindow<L, R, O, K, W extends Window> extends AbstractRichFunction
    implements WindowFunction<Sided<L, R>, O, K, W>, CheckpointedFunction, CheckpointListener {
  private final CoGroupFunction<L, R, O> function;

  /** What the user wrote. */
  private final Serializable inner;

  private CoGroupWindow(CoGroupFunction<L, R, O> function, Serializable inner) {
    this.function = function;
    this.inner = inner;
  }

  public static <L, R, O, K, W extends Window> CoGroupWindow<L, R, O, K, W> of(
      CoGroupFunction<L, R, O> function) {
    return new CoGroupWindow<>(function, function);
  }

  /** Each record of the left with each of the right; a pair shares nothing with another. */
  public static <L, R, O, K, W extends Window> CoGroupWindow<L, R, O, K, W> ofPairs(
      FlatJoinFunction<L, R, O> function, TypeInformation<L> left, TypeInformation<R> right) {
    return new CoGroupWindow<>(new Pairs<>(function, left, right), function);
  }

  /** Each record of the left with each of the right; a pair shares nothing with another. */
  public static <L, R, O, K, W extends Window> CoGroupWindow<L, R, O, K, W> ofPairs(
      JoinFunction<L, R, O> function, TypeInformation<L> left, TypeInformation<R> right) {
    return new CoGroupWindow<>(new Pairs<>(new One<>(function), left, right), function);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    if (inner instanceof RichFunction rich) {
      rich.setRuntimeContext(getRuntimeContext());
    }
    if (inner instanceof CheckpointedFunction checkpointed) {
      checkpointed.initializeState(context);
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    if (inner instanceof CheckpointedFunction checkpointed) {
      checkpointed.snapshotState(context);
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    if (inner instanceof CheckpointListener listener) {
      listener.notifyCheckpointComplete(checkpointId);
    }
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) throws Exception {
    if (inner instanceof CheckpointListener listener) {
      listener.notifyCheckpointAborted(checkpointId);
    }
  }

  @Override
  public void open(OpenContext context) throws Exception {
    if (function instanceof Pairs<L, R, O> pairs) {
      pairs.open(getRuntimeContext().getUserCodeClassLoader());
    }
    if (inner instanceof RichFunction rich) {
      rich.open(context);
    }
  }

  @Override
  public void apply(K key, W window, Iterable<Sided<L, R>> input, Collector<O> out)
      throws Exception {
    var left = new ArrayList<L>();
    var right = new ArrayList<R>();
    for (Sided<L, R> each : input) {
      if (each.isLeft()) {
        left.add(each.left());
      } else {
        right.add(each.right());
      }
    }
    function.coGroup(left, right, out);
  }

  @Override
  public void close() throws Exception {
    if (inner instanceof RichFunction rich) {
      rich.close();
    }
  }

  private static final class Pairs<L, R, O> implements CoGroupFunction<L, R, O> {
    private final FlatJoinFunction<L, R, O> function;
    private final TypeInformation<L> leftType;
    private final TypeInformation<R> rightType;
    private transient Serializer<L> leftSerializer;
    private transient Serializer<R> rightSerializer;

    Pairs(
        FlatJoinFunction<L, R, O> function,
        TypeInformation<L> leftType,
        TypeInformation<R> rightType) {
      this.function = function;
      this.leftType = leftType;
      this.rightType = rightType;
    }

    void open(ClassLoader loader) {
      leftSerializer = leftType.serializer(loader);
      rightSerializer = rightType.serializer(loader);
    }

    @Override
    public void coGroup(Iterable<L> first, Iterable<R> second, Collector<O> out) throws Exception {
      Iterator<L> lefts = first.iterator();
      while (lefts.hasNext()) {
        L left = lefts.next();
        Iterator<R> rights = second.iterator();
        while (rights.hasNext()) {
          R right = rights.next();
          // The function may change what it gets; only a record's last pair may have it itself.
          function.join(
              rights.hasNext() ? leftSerializer.copy(left) : left,
              lefts.hasNext() ? rightSerializer.copy(right) : right,
              out);
        }
      }
    }
  }

  private record One<L, R, O>(JoinFunction<L, R, O> function) implements FlatJoinFunction<L, R, O> {
    @Override
    public void join(L first, R second, Collector<O> out) throws Exception {
      out.collect(function.join(first, second));
    }
  }
}
