package io.millrace.runtime.task;

import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Element;
import java.util.List;

/** Where an operator's records go: links behind it in its chain, edges that leave the task. */
final class LinkOutput implements Output<Object> {
  private final Link[] links;
  private final Serializer<Object>[] copiers;
  private final Router[] routers;

  /** The only way, where there is just one: what nearly every operator has. */
  private final Link onlyLink;

  private final Router onlyRouter;

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean idle;

  /**
   * @param copiers one for each link, {@code null} where records cannot change
   */
  @SuppressWarnings({"unchecked", "rawtypes"}) // no generic arrays
  LinkOutput(List<Link> links, List<Serializer<Object>> copiers, List<Router> routers) {
    this.links = links.toArray(Link[]::new);
    this.copiers = (Serializer<Object>[]) copiers.toArray(Serializer[]::new);
    this.routers = routers.toArray(Router[]::new);
    boolean single = links.size() + routers.size() == 1;
    this.onlyLink = single && !links.isEmpty() ? links.get(0) : null;
    this.onlyRouter = single && !routers.isEmpty() ? routers.get(0) : null;
  }

  @Override
  public void collect(Object value, long timestamp) {
    if (onlyRouter != null) {
      onlyRouter.collect(value, timestamp);
    } else if (onlyLink != null) {
      try {
        onlyLink.operator.process(value, timestamp);
      } catch (Exception | Error e) {
        throw onlyLink.failed(e);
      }
    } else {
      collectInAll(value, timestamp);
    }
  }

  // Routers copy for themselves and come first: behind a link the record may have changed.
  private void collectInAll(Object value, long timestamp) {
    for (Router router : routers) {
      router.collect(value, timestamp);
    }
    for (int i = 0; i < links.length; i++) {
      boolean last = i == links.length - 1;
      Object own = last || copiers[i] == null ? value : copiers[i].copy(value);
      try {
        links[i].operator.process(own, timestamp);
      } catch (Exception | Error e) {
        throw links[i].failed(e);
      }
    }
  }

  @Override
  public void watermark(long newWatermark) {
    if (newWatermark <= watermark) {
      return;
    }
    watermark = newWatermark;
    idle(false); // operators behind may keep watermarks to themselves but must know
    for (Router router : routers) {
      router.control(new Element.Watermark(newWatermark));
    }
    for (Link link : links) {
      link.watermark(newWatermark);
    }
  }

  @Override
  public void idle(boolean isIdle) {
    if (isIdle == idle) {
      return;
    }
    idle = isIdle;
    for (Router router : routers) {
      router.control(new Element.Idle(isIdle));
    }
    for (Link link : links) {
      link.idle(isIdle);
    }
  }
}
