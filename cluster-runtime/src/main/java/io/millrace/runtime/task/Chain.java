package io.millrace.runtime.task;

import io.millrace.api.config.JobSettings;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.StateStore;
import java.util.ArrayList;
import java.util.List;

/** Operators fused into one task; records pass from one to the next by plain calls. */
final class Chain {
  private final TaskBlueprint blueprint;
  private final Outbox outbox;

  /** Head first. */
  private final List<Link> links;

  private Clock now = new Clock(0, 0);

  /** Kept even if user code swallows the exception on its way. */
  private OperatorFailedException failure;

  /** Makes the operators; opens none of them. */
  Chain(TaskBlueprint blueprint, Outbox outbox) {
    this.blueprint = blueprint;
    this.outbox = outbox;
    var made = new ArrayList<Link>();
    for (int i = blueprint.parts().size() - 1; i >= 0; i--) {
      made.add(0, link(blueprint.parts().get(i), i == 0, made));
    }
    this.links = List.copyOf(made);
    for (Link link : links) {
      Check.that(
          link.waiting == null || link == head(),
          "operators in which records wait at the head of a chain, found '"
              + link.operatorName()
              + "' behind another");
    }
  }

  private Link link(TaskBlueprint.Part part, boolean head, List<Link> behind) {
    Operator<Object, Object> operator;
    LinkOutput output;
    try {
      operator = operator(part);
      output = output(part, behind);
    } catch (RuntimeException | Error e) {
      throw OperatorFailedException.at(part.vertex().name(), e);
    }
    return new Link(part, operator, head, output, blueprint, this);
  }

  @SuppressWarnings("unchecked") // the vertex says what its code is; the API has checked the types
  private Operator<Object, Object> operator(TaskBlueprint.Part part) {
    return switch (part.vertex().role()) {
      case ENUMERATOR -> new EnumeratorOperator((Source<Object, Object>) part.code(), readers());
      case READER -> new ReaderOperator((ReaderCode<Object>) part.code());
      case OPERATOR -> ((OperatorFactory<Object, Object>) part.code()).create();
      case SINK -> new SinkOperator((Sink<Object>) part.code());
    };
  }

  private int readers() {
    return blueprint.outputs().get(0).channels().size();
  }

  private LinkOutput output(TaskBlueprint.Part part, List<Link> behind) {
    if (!behind.isEmpty()) {
      return LinkOutput.to(behind.get(0));
    }
    var routers = new ArrayList<Router>();
    var sides = new ArrayList<SideOutput>();
    for (TaskBlueprint.Output edge : blueprint.outputs()) {
      if (edge.partitioning() != Edge.Partitioning.SPLITS) {
        Router router = router(edge, part.vertex().name());
        if (edge.sideOutput().equals(Edge.MAIN)) {
          routers.add(router);
        } else {
          sides.add(new SideOutput(edge.sideOutput(), edge.code().type(), router));
        }
      }
    }
    return LinkOutput.to(routers, sides);
  }

  private Router router(TaskBlueprint.Output edge, String owner) {
    return Router.of(edge, owner, copier(edge.code()), outbox, blueprint);
  }

  /** {@code null} if records need no copy. */
  private Serializer<Object> copier(EdgeCode<Object, Object> code) {
    Serializer<Object> serializer = code.type().serializer(blueprint.loader());
    boolean asTheyAre =
        serializer.immutable() || blueprint.settings().get(JobSettings.OBJECT_REUSE);
    return asTheyAre ? null : serializer;
  }

  /** Opens state for the head, {@code null} if no key leads to it. May wait for local disk. */
  StateStore store(KeyGroupRange groups, List<CapturedRows> captured) {
    for (TaskBlueprint.Input input : blueprint.inputs()) {
      if (input.partitioning() == Edge.Partitioning.KEY_GROUP) {
        return blueprint
            .stores()
            .open(
                input.code().keyType().serializer(blueprint.loader()),
                groups.first(),
                groups.last(),
                blueprint.chain().maxParallelism(),
                blueprint.loader(),
                captured);
      }
    }
    return null;
  }

  /** From the tail, as an operator may emit while it opens. */
  void open() {
    for (int i = links.size() - 1; i >= 0; i--) {
      links.get(i).open();
    }
  }

  Link head() {
    return links.get(0);
  }

  List<Link> links() {
    return links;
  }

  void now(Clock clock) {
    now = clock;
    StateStore store = head().store;
    if (store != null) {
      store.now(clock.wallMillis());
    }
  }

  Clock now() {
    return now;
  }

  /** Names the operator whose call failed; the first one stays. */
  OperatorFailedException failed(Link link, Throwable cause) {
    OperatorFailedException named = OperatorFailedException.at(link.operatorName(), cause);
    if (failure == null) {
      failure = named;
    }
    return failure;
  }

  /** Fails if an operator has failed, whatever those before it made of that. */
  void check() {
    if (failure != null) {
      throw failure;
    }
  }

  List<TaskEvent.OperatorCut> cut(long checkpoint, Purpose purpose) {
    var cuts = new ArrayList<TaskEvent.OperatorCut>();
    for (Link link : links) {
      cuts.add(link.cut(checkpoint, purpose));
    }
    check();
    return cuts;
  }

  /** Closes all operators; failures are added to the given one or, if it is null, returned. */
  Throwable close(Throwable cause) {
    Throwable first = cause;
    for (Link link : links) {
      first = closed(link.operator::close, first);
    }
    for (Link link : links) {
      first = closed(link::closeState, first);
    }
    return first;
  }

  private static Throwable closed(AutoCloseable part, Throwable first) {
    try {
      part.close();
    } catch (Exception | Error e) {
      if (first == null) {
        return e;
      } else if (first != e) {
        first.addSuppressed(e);
      }
    }
    return first;
  }
}
