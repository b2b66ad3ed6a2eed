package io.millrace.api.operator.window;

import io.millrace.api.function.KeySelector;
import io.millrace.api.graph.Combination;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.ProcessingTimeTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.SlidingProcessingTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import io.millrace.api.window.WindowStagger;
import java.util.Optional;

/**
 * Makes the operator that suits the windows.
 *
 * @param type of the records
 * @param sharing whether windows may share what they have in common
 */
record WindowFactory<K, T, A, V, O, W extends Window>(
    WindowSpec<T, W> spec,
    Contents<T, A, V, W> contents,
    WindowCall<K, W, V, O> call,
    TypeInformation<T> type,
    boolean sharing)
    implements OperatorFactory<T, O> {
  @Override
  public Operator<T, O> create() {
    SliceGrid grid = sharing ? grid() : null;
    return grid == null ? new WindowOperator<>(spec, contents, call, type) : slices(grid);
  }

  /** Null if the windows cannot be put together of slices. */
  private SliceGrid grid() {
    if (!(contents instanceof Contents.Joined<T, A, V, W> joined) || !firesAtEnd()) {
      return null;
    }
    Object assigner = spec.assigner();
    // A tumbling window is one slice: nothing is ever merged.
    if (assigner instanceof TumblingEventTimeWindows tumbling) {
      return grid(tumbling.getSize(), tumbling.getSize(), tumbling.getOffset());
    }
    if (assigner instanceof TumblingProcessingTimeWindows tumbling) {
      return grid(tumbling.getSize(), tumbling.getSize(), tumbling.getOffset());
    }
    if (!joined.mergeable()) {
      return null;
    }
    if (assigner instanceof SlidingEventTimeWindows sliding) {
      return grid(sliding.getSize(), sliding.getSlide(), sliding.getOffset());
    }
    return assigner instanceof SlidingProcessingTimeWindows sliding
        ? grid(sliding.getSize(), sliding.getSlide(), sliding.getOffset())
        : null;
  }

  /** By the wall clock no record is late. */
  private SliceGrid grid(long size, long slide, long offset) {
    boolean eventTime = spec.assigner().isEventTime();
    return new SliceGrid(size, slide, offset, eventTime ? spec.latenessMillis() : 0);
  }

  /** Whether the trigger does no more than to fire a window when it ends. */
  private boolean firesAtEnd() {
    Object trigger = spec.firing();
    return spec.assigner().isEventTime()
        ? trigger instanceof EventTimeTrigger
        : trigger instanceof ProcessingTimeTrigger;
  }

  /**
   * How records may be aggregated in front of the edges to these windows, if they may. Each late
   * record that is taken fires a window again or goes out at the side, so there must be none. By
   * the wall clock a record belongs to the time at which it comes to its windows, not to these.
   */
  Optional<Combination> combination(
      KeySelector<T, K> keys, TypeInformation<K> keyType, String what) {
    SliceGrid grid = sharing ? grid() : null;
    if (grid == null
        || !spec.assigner().isEventTime()
        || spec.latenessMillis() > 0
        || spec.lateTag() != null
        || isMoved()
        || !timed().combinable()) {
      return Optional.empty();
    }
    @SuppressWarnings("unchecked") // a partial result is of these
    var partialType =
        (TypeInformation<Partial<K, A>>)
            TypeInformation.of(Partial.class, keyType, contents.type());
    var edge = new EdgeCode<>(partialType, new Partial.ByKey<K, A>(), keyType);
    return Optional.of(
        new Combination(
            UserCode.of(
                new Combine<>(assigner(), grid, timed(), keys, keyType, type),
                "the combiner of " + what),
            UserCode.of(new Merge<>(this), what),
            UserCode.of(edge, "the edge from the combiner of " + what),
            partialType.name()));
  }

  /** Who aggregates in front of the edges does not know by how much. */
  private boolean isMoved() {
    return (Object) spec.assigner() instanceof TumblingEventTimeWindows tumbling
        && tumbling.getStagger() != WindowStagger.ALIGNED;
  }

  @SuppressWarnings("unchecked") // those assigners make time windows, and their slices are joined
  private Contents.Joined<T, A, V, TimeWindow> timed() {
    return (Contents.Joined<T, A, V, TimeWindow>) contents;
  }

  @SuppressWarnings("unchecked") // as above
  private WindowAssigner<T, TimeWindow> assigner() {
    return (WindowAssigner<T, TimeWindow>) spec.assigner();
  }

  /** Makes what stands in front of the edges. */
  record Combine<K, T, A>(
      WindowAssigner<T, TimeWindow> assigner,
      SliceGrid grid,
      Contents.Joined<T, A, ?, TimeWindow> contents,
      KeySelector<T, K> keys,
      TypeInformation<K> keyType,
      TypeInformation<T> type)
      implements OperatorFactory<T, Partial<K, A>> {
    @Override
    public Operator<T, Partial<K, A>> create() {
      return new CombineOperator<>(assigner, grid, contents, keys, keyType, type);
    }
  }

  /** Makes what stands behind them. */
  record Merge<K, T, A, V, O>(WindowFactory<K, T, A, V, O, ?> windows)
      implements OperatorFactory<Partial<K, A>, O> {
    @Override
    public Operator<Partial<K, A>, O> create() {
      return new MergeOperator<>(windows.slices(windows.grid()));
    }
  }

  @SuppressWarnings("unchecked") // those assigners make time windows
  private SliceOperator<K, T, A, V, O> slices(SliceGrid grid) {
    return new SliceOperator<>(
        grid,
        (WindowSpec<T, TimeWindow>) spec,
        timed(),
        (WindowCall<K, TimeWindow, V, O>) call,
        type);
  }
}
