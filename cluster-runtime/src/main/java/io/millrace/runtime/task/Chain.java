package io.millrace.runtime.task;

import io.millrace.api.config.JobSettings;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
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

/**
 * Operators fused into one task; records pass from one to the next by plain calls.
 *
 * <p>Where the chain forks, every consumer gets records that are its own: mutable ones are copied
 * for it. Before an operator that only reads them they need not be, and most of what such a one
 * takes it may well drop; what it passes on is copied behind it.
 */
final class Chain {
  private final TaskBlueprint blueprint;
  private final Outbox outbox;

  /** Head first, each behind the one that feeds it. */
  private final List<Link> links;

  private Clock now = new Clock(0, 0);

  /** The latest that anybody has been told in this step. */
  private long wallMillis;

  /** Kept even if user code swallows the exception on its way. */
  private OperatorFailedException failure;

  /** Makes the operators; opens none of them. */
  Chain(TaskBlueprint blueprint, Outbox outbox) {
    this.blueprint = blueprint;
    this.outbox = outbox;
    var operators = new ArrayList<Operator<Object, Object>>();
    for (TaskBlueprint.Part part : blueprint.parts()) {
      operators.add(operator(part));
    }
    this.links = links(operators, othersSee(operators));
    for (Link link : links) {
      Check.that(
          link.waiting == null || link == head(),
          "operators in which records wait at the head of a chain, found '"
              + link.operatorName()
              + "' behind another");
    }
  }

  @SuppressWarnings("unchecked") // the vertex says what its code is; the API has checked the types
  private Operator<Object, Object> operator(TaskBlueprint.Part part) {
    try {
      return switch (part.vertex().role()) {
        case ENUMERATOR -> new EnumeratorOperator((Source<Object, Object>) part.code(), readers());
        case READER -> new ReaderOperator((ReaderCode<Object>) part.code());
        case OPERATOR -> ((OperatorFactory<Object, Object>) part.code()).create();
        case SINK -> new SinkOperator((Sink<Object>) part.code());
      };
    } catch (RuntimeException | Error e) {
      throw OperatorFailedException.at(part.vertex().name(), e);
    }
  }

  private int readers() {
    return blueprint.outputs().get(0).channels().size();
  }

  /**
   * Of each operator, whether others may still see the records that it takes: they are handed to
   * several consumers, and copied for none of them yet.
   */
  private boolean[] othersSee(List<Operator<Object, Object>> operators) {
    var othersSee = new boolean[operators.size()];
    for (int i = 1; i < operators.size(); i++) {
      TaskBlueprint.Fused edge = edgeTo(i);
      othersSee[i] =
          operators.get(i).onlyReads()
              && (othersSee[positionOf(edge.edge().from())] || forks(edge));
    }
    return othersSee;
  }

  /** What goes out at the side may go out at the front, too. */
  private boolean forks(TaskBlueprint.Fused edge) {
    String from = edge.edge().from();
    long ways =
        blueprint.fused().stream().filter(each -> each.edge().from().equals(from)).count()
            + blueprint.outputs().stream().filter(each -> each.edge().from().equals(from)).count();
    return ways > 1 || !edge.sideOutput().equals(Edge.MAIN);
  }

  private TaskBlueprint.Fused edgeTo(int position) {
    return blueprint.fused().get(position - 1);
  }

  private int positionOf(String uid) {
    return blueprint.chain().uids().indexOf(uid);
  }

  /** From the ends, as each one needs those behind it. */
  private List<Link> links(List<Operator<Object, Object>> operators, boolean[] othersSee) {
    var made = new Link[operators.size()];
    for (int i = made.length - 1; i >= 0; i--) {
      TaskBlueprint.Part part = blueprint.parts().get(i);
      LinkOutput output;
      try {
        output = output(part.vertex(), othersSee, made);
      } catch (RuntimeException | Error e) {
        throw OperatorFailedException.at(part.vertex().name(), e);
      }
      made[i] = new Link(part, operators.get(i), i == 0, output, blueprint, this);
    }
    return List.of(made);
  }

  private LinkOutput output(Vertex from, boolean[] othersSee, Link[] made) {
    var main = new ArrayList<Router>();
    var sides = new ArrayList<SideOutput>();
    for (int i = 1; i < made.length; i++) {
      TaskBlueprint.Fused edge = edgeTo(i);
      if (edge.edge().from().equals(from.uid())) {
        boolean copies = !othersSee[i] && (othersSee[positionOf(from.uid())] || forks(edge));
        var call = new Router.Call(copies ? copier(edge.code()) : null, made[i]);
        add(edge.sideOutput(), edge.code(), call, main, sides);
      }
    }
    for (TaskBlueprint.Output edge : blueprint.outputs()) {
      if (edge.edge().from().equals(from.uid())
          && edge.partitioning() != Edge.Partitioning.SPLITS) {
        var owner = Outbox.Owner.of(from, blueprint.settings());
        Router router = Router.of(edge, owner, copier(edge.code()), outbox, blueprint);
        add(edge.sideOutput(), edge.code(), router, main, sides);
      }
    }
    return new LinkOutput(main, sides);
  }

  private static void add(
      String side,
      EdgeCode<Object, Object> code,
      Router router,
      List<Router> main,
      List<SideOutput> sides) {
    if (side.equals(Edge.MAIN)) {
      main.add(router);
    } else {
      sides.add(new SideOutput(side, code.type(), router));
    }
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

  /** From the ends, as an operator may emit while it opens. */
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

  /** A step begins. */
  void now(Clock clock) {
    now = clock;
    wallMillis = clock.wallMillis();
  }

  /**
   * The wall clock as it is now, and not before the step's, to which timers have fired. Where it is
   * set back it stands until the step is over: nothing that one call asks for goes back in time.
   */
  long wallMillis() {
    wallMillis = Math.max(wallMillis, blueprint.watch().wallMillis());
    return wallMillis;
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

  /** Each operator is told once what is in front of it has nothing more to give. */
  void endOfInput() {
    links.forEach(Link::endOfInput);
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
