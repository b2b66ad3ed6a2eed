package io.millrace.runtime.task;

import io.millrace.api.function.OutputTag;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.exchange.Element;
import java.util.List;

/**
 * Where an operator's records go: as they are to the next link of its chain, or, from the last one,
 * to all edges that leave the task. Watermarks and idleness go to side outputs too.
 */
final class LinkOutput implements Output<Object> {
  /** {@code null} behind the last link. */
  private final Link next;

  private final Router[] routers;

  /** The only way, where there is just one: what nearly every task has. */
  private final Router onlyRouter;

  private final SideOutput[] sides;

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean idle;

  private LinkOutput(Link next, List<Router> routers, List<SideOutput> sides) {
    this.next = next;
    this.sides = sides.toArray(SideOutput[]::new);
    this.routers = routers.toArray(Router[]::new);
    this.onlyRouter = routers.size() == 1 ? routers.get(0) : null;
  }

  static LinkOutput to(Link next) {
    return new LinkOutput(next, List.of(), List.of());
  }

  static LinkOutput to(List<Router> routers, List<SideOutput> sides) {
    return new LinkOutput(null, routers, sides);
  }

  @Override
  public void collect(Object value, long timestamp) {
    if (next != null) {
      try {
        next.operator.process(value, timestamp);
      } catch (Exception | Error e) {
        throw next.failed(e);
      }
    } else if (onlyRouter != null) {
      onlyRouter.collect(value, timestamp);
    } else {
      for (Router router : routers) {
        router.collect(value, timestamp);
      }
    }
  }

  @Override
  public <X> void output(OutputTag<X> tag, X value, long timestamp) {
    for (SideOutput side : sides) {
      side.collect(tag, value, timestamp);
    }
  }

  @Override
  public void watermark(long newWatermark) {
    if (newWatermark <= watermark) {
      return;
    }
    watermark = newWatermark;
    idle(false); // operators behind may keep watermarks to themselves but must know
    control(new Element.Watermark(newWatermark));
    if (next != null) {
      next.watermark(newWatermark);
    }
  }

  @Override
  public void idle(boolean isIdle) {
    if (isIdle == idle) {
      return;
    }
    idle = isIdle;
    control(new Element.Idle(isIdle));
    if (next != null) {
      next.idle(isIdle);
    }
  }

  private void control(Element.Control element) {
    for (Router router : routers) {
      router.control(element);
    }
    for (SideOutput side : sides) {
      side.router.control(element);
    }
  }
}
