package io.millrace.runtime.task;

import io.millrace.api.function.OutputTag;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.exchange.Element;
import java.util.List;

/**
 * Where an operator's records go: to links of its chain, and to edges that leave the task.
 * Watermarks and idleness go to side outputs too.
 */
final class LinkOutput implements Output<Object> {
  private final Router[] routers;

  /** The only way, where there is just one: what nearly every operator has. */
  private final Router onlyRouter;

  /** Where that leads to, if to a link that gets the records as they are; else {@code null}. */
  private final Link next;

  private final SideOutput[] sides;

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean idle;

  LinkOutput(List<Router> routers, List<SideOutput> sides) {
    this.sides = sides.toArray(SideOutput[]::new);
    this.routers = routers.toArray(Router[]::new);
    this.onlyRouter = routers.size() == 1 ? routers.get(0) : null;
    this.next = onlyRouter instanceof Router.Call call && call.copier() == null ? call.to() : null;
  }

  @Override
  public void collect(Object value, long timestamp) {
    if (next != null) {
      next.process(value, timestamp);
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
  }

  @Override
  public void idle(boolean isIdle) {
    if (isIdle == idle) {
      return;
    }
    idle = isIdle;
    control(new Element.Idle(isIdle));
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
