package io.millrace.runtime.task;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.Partitioner;
import io.millrace.api.graph.Edge;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.plan.KeyGroups;
import io.millrace.runtime.plan.PlannedEdge;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Finds for each record of an edge the consumers that get it. */
interface Router {
  void collect(Object value, long timestamp);

  /** A watermark or idleness, to all consumers, behind all records. */
  void control(Element.Control element);

  /**
   * @param owner the operator whose records these are
   * @param copier copies records that the producer may still change; {@code null} if none may
   * @param blueprint of the producer's task
   */
  static Router of(
      TaskBlueprint.Output output,
      Outbox.Owner owner,
      Serializer<Object> copier,
      Outbox outbox,
      TaskBlueprint blueprint) {
    Serializer<Object> records = output.code().type().serializer(blueprint.loader());
    if (output.partitioning() == Edge.Partitioning.BROADCAST && copier == null) {
      return new All(null, outbox.outlet(owner, output.channels(), records, false));
    }
    var outlets = new ArrayList<Outbox.Outlet>();
    for (int consumer = 0; consumer < output.channels().size(); consumer++) {
      OutChannel channel = output.channels().get(consumer);
      outlets.add(
          PlannedEdge.mayBeOvertaken(output.partitioning())
              ? outbox.outlet(owner, channel, records, lane(output, consumer, blueprint))
              : outbox.outlet(owner, List.of(channel), records, false));
    }
    return switch (output.partitioning()) {
      case KEY_GROUP -> ByKeyGroup.of(output, owner.name(), copier, outlets, blueprint.loader());
      case REBALANCE, RESCALE -> new Rebalance(copier, outlets, blueprint.subtask());
      case SHUFFLE -> {
        RandomGenerator random = blueprint.random();
        yield new ByChoice(owner.name(), copier, outlets, (value, count) -> random.nextInt(count));
      }
      case GLOBAL -> new ByChoice(owner.name(), copier, outlets, (value, count) -> 0);
      case CUSTOM -> new ByChoice(owner.name(), copier, outlets, output.code().partitioner());
      case FORWARD -> new All(copier, outlets.get(0));
      case BROADCAST -> new CopyToEach(copier, outlets);
      case SPLITS -> throw new IllegalArgumentException("an enumerator sends splits by hand");
    };
  }

  private static Outbox.Lane lane(
      TaskBlueprint.Output output, int consumer, TaskBlueprint blueprint) {
    return new Outbox.Lane(
        output.edge(),
        output.partitioning(),
        blueprint.subtask(),
        blueprint.chain().parallelism(),
        consumer,
        output.channels().size(),
        output.maxParallelism());
  }

  /**
   * To another operator of the same chain.
   *
   * @param copier {@code null} if the operator gets the records as they are
   */
  record Call(Serializer<Object> copier, Link to) implements Router {
    @Override
    public void collect(Object value, long timestamp) {
      to.process(copier == null ? value : copier.copy(value), timestamp);
    }

    @Override
    public void control(Element.Control element) {
      if (element instanceof Element.Watermark watermark) {
        to.watermark(watermark.timestamp());
      } else if (element instanceof Element.Idle idle) {
        to.idle(idle.idle());
      }
    }
  }

  /** Everything into one outlet: forward to one consumer, or the same batches to many. */
  final class All implements Router {
    private final Serializer<Object> copier;
    private final Outbox.Outlet outlet;

    All(Serializer<Object> copier, Outbox.Outlet outlet) {
      this.copier = copier;
      this.outlet = outlet;
    }

    @Override
    public void collect(Object value, long timestamp) {
      outlet.collect(copier == null ? value : copier.copy(value), timestamp);
    }

    @Override
    public void control(Element.Control element) {
      outlet.send(element);
    }
  }

  /** Broadcast of records that any of the consumers may change: each gets its own. */
  final class CopyToEach implements Router {
    private final Serializer<Object> copier;
    private final Outbox.Outlet[] outlets;

    CopyToEach(Serializer<Object> copier, List<Outbox.Outlet> outlets) {
      this.copier = copier;
      this.outlets = outlets.toArray(Outbox.Outlet[]::new);
    }

    @Override
    public void collect(Object value, long timestamp) {
      for (Outbox.Outlet outlet : outlets) {
        outlet.collect(copier.copy(value), timestamp);
      }
    }

    @Override
    public void control(Element.Control element) {
      for (Outbox.Outlet outlet : outlets) {
        outlet.send(element);
      }
    }
  }

  /** In turn; producers start at different consumers, so that few records spread evenly too. */
  final class Rebalance implements Router {
    private final Serializer<Object> copier;
    private final Outbox.Outlet[] outlets;
    private int next;

    Rebalance(Serializer<Object> copier, List<Outbox.Outlet> outlets, int subtask) {
      this.copier = copier;
      this.outlets = outlets.toArray(Outbox.Outlet[]::new);
      this.next = subtask % this.outlets.length;
    }

    @Override
    public void collect(Object value, long timestamp) {
      outlets[next].collect(copier == null ? value : copier.copy(value), timestamp);
      next = next + 1 < outlets.length ? next + 1 : 0;
    }

    @Override
    public void control(Element.Control element) {
      for (Outbox.Outlet outlet : outlets) {
        outlet.send(element);
      }
    }
  }

  /** To the subtask that a function chooses. */
  final class ByChoice implements Router {
    private final String owner;
    private final Serializer<Object> copier;
    private final Outbox.Outlet[] outlets;
    private final Partitioner<Object> partitioner;

    ByChoice(
        String owner,
        Serializer<Object> copier,
        List<Outbox.Outlet> outlets,
        Partitioner<Object> partitioner) {
      this.owner = owner;
      this.copier = copier;
      this.outlets = outlets.toArray(Outbox.Outlet[]::new);
      this.partitioner = partitioner;
    }

    @Override
    public void collect(Object value, long timestamp) {
      int choice = choice(value);
      outlets[choice].collect(copier == null ? value : copier.copy(value), timestamp);
    }

    private int choice(Object value) {
      int choice;
      try {
        choice = partitioner.partition(value, outlets.length);
      } catch (Exception e) {
        throw OperatorFailedException.at(owner, e);
      }
      if (choice < 0 || choice >= outlets.length) {
        throw OperatorFailedException.at(
            owner,
            new IllegalStateException(
                "the partitioner must return 0 to "
                    + (outlets.length - 1)
                    + ", the index of a subtask, and returned "
                    + choice));
      }
      return choice;
    }

    @Override
    public void control(Element.Control element) {
      for (Outbox.Outlet outlet : outlets) {
        outlet.send(element);
      }
    }
  }

  /** To the subtask that owns the key's group. */
  final class ByKeyGroup implements Router {
    private final String owner;
    private final Serializer<Object> copier;
    private final KeySelector<Object, Object> selector;
    private final Serializer<Object> keys;
    private final Outbox.Outlet[] byGroup;
    private final List<Outbox.Outlet> outlets;

    private ByKeyGroup(
        String owner,
        Serializer<Object> copier,
        KeySelector<Object, Object> selector,
        Serializer<Object> keys,
        Outbox.Outlet[] byGroup,
        List<Outbox.Outlet> outlets) {
      this.owner = owner;
      this.copier = copier;
      this.selector = selector;
      this.keys = keys;
      this.byGroup = byGroup;
      this.outlets = outlets;
    }

    static ByKeyGroup of(
        TaskBlueprint.Output output,
        String owner,
        Serializer<Object> copier,
        List<Outbox.Outlet> outlets,
        ClassLoader loader) {
      var byGroup = new Outbox.Outlet[output.maxParallelism()];
      for (int group = 0; group < byGroup.length; group++) {
        byGroup[group] =
            outlets.get(KeyGroups.subtaskOf(group, outlets.size(), output.maxParallelism()));
      }
      return new ByKeyGroup(
          owner,
          copier,
          output.code().key(),
          output.code().keyType().serializer(loader),
          byGroup,
          List.copyOf(outlets));
    }

    @Override
    public void collect(Object value, long timestamp) {
      Object key;
      try {
        key = selector.getKey(value);
      } catch (Exception e) {
        throw OperatorFailedException.at(owner, e);
      }
      int group = KeyGroups.groupOf(keys.hash(key), byGroup.length);
      byGroup[group].collect(copier == null ? value : copier.copy(value), timestamp);
    }

    @Override
    public void control(Element.Control element) {
      for (Outbox.Outlet outlet : outlets) {
        outlet.send(element);
      }
    }
  }
}
