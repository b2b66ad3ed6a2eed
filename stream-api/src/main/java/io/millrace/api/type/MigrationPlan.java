package io.millrace.api.type;

import io.millrace.api.type.Migration.Use;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Walks a written shape and the serializer of today side by side. What follows the written shape is
 * the order of the bytes; what follows the serializer is what is made of them.
 */
final class MigrationPlan {
  private static final Reading REFUSED =
      in -> {
        throw new IllegalStateException("a plan with refusals is never used");
      };

  private final Shape written;
  private final Skipping skipping;
  private final Map<Serializer<?>, Map<Met, Reading>> made = new IdentityHashMap<>();
  private final Set<String> changes = new LinkedHashSet<>();
  private final Set<String> refusals = new LinkedHashSet<>();

  /** Those changes that are in the way of single values only. */
  private final Set<String> losses = new LinkedHashSet<>();

  /** Whether values name classes where not every change of them is allowed. */
  private boolean watchful;

  MigrationPlan(Shape written) {
    this.written = written;
    this.skipping = new Skipping(written);
  }

  /** A written type, and for what its values are used. */
  private record Met(int node, Use use) {}

  /** A plan that is still being made: recursive types end there. */
  private static final class Later implements Reading {
    private Reading reading;

    @Override
    public Object read(DataReader in) {
      return reading.read(in);
    }
  }

  <T> Migration<T> whole(Serializer<T> now, Use use) {
    return part(0, now, use, "the type");
  }

  <K, V> Migration.Entries<K, V> entries(Serializer<K> keys, Serializer<V> values) {
    List<Shape.Part> parts = written.nodes().get(0).parts();
    if (parts.size() != 2) {
      throw new CorruptDataException(
          "the shape of keys with values has " + parts.size() + " parts");
    }
    return new Migration.Entries<>(
        new MigrationPlan(written).part(parts.get(0).node(), keys, Use.MAP_KEY, "the key"),
        part(parts.get(1).node(), values, Use.VALUE, "the value"));
  }

  private <T> Migration<T> part(int node, Serializer<T> now, Use use, String path) {
    Reading reading = plan(node, now, use, path);
    boolean same = changes.isEmpty() && !watchful;
    return Migration.planned(
        now,
        same ? null : reading,
        List.copyOf(changes),
        List.copyOf(refusals),
        List.copyOf(losses));
  }

  private Reading plan(int node, Serializer<?> now, Use use, String path) {
    if (now instanceof Knot<?> knot) {
      return plan(node, knot.tied(), use, path);
    }
    String scalar = ScalarSerializer.nameOf(now);
    if (scalar != null) {
      return scalar(node, scalar, use, path);
    }
    Map<Met, Reading> known = made.computeIfAbsent(now, each -> new HashMap<>());
    var met = new Met(node, use);
    Reading before = known.get(met);
    if (before != null) {
      return before;
    }
    var later = new Later();
    known.put(met, later);
    later.reading = compound(node, now, use, path);
    return later.reading;
  }

  /**
   * @param now name of a primitive, of a box or of another scalar class
   */
  private Reading scalar(int node, String now, Use use, String path) {
    Shape.Node was = written.nodes().get(node);
    if (was.kind() != Shape.Kind.SCALAR) {
      return was.name().equals(now)
          ? otherKind(was, Shape.Kind.SCALAR)
          : otherName(was.name(), now, path);
    }
    Reading reading = Widening.between(was.name(), now, use);
    if (reading == null && was.name().equals(now)) {
      return ScalarSerializer.named(now)::read;
    }
    if (reading == null) {
      return otherName(was.name(), now, path);
    }
    if (!was.name().equals(now)) {
      changes.add(path + " was " + was.name() + ", is " + now);
    }
    return reading;
  }

  private Reading otherName(String was, String is, String path) {
    return refused(path + " was " + was + ", is " + is);
  }

  private Reading otherKind(Shape.Node was, Shape.Kind is) {
    return refused(was.name() + " was " + was.kind().words() + ", is " + is.words());
  }

  private Reading refused(String why) {
    changes.add(why);
    refusals.add(why);
    return REFUSED;
  }

  private Reading compound(int node, Serializer<?> now, Use use, String path) {
    Shape.Node was = written.nodes().get(node);
    if (now instanceof KryoSerializer<?> kryo) {
      return kryo(node, kryo, path);
    }
    if (now instanceof DynamicSerializer dynamic) {
      if (was.kind() != Shape.Kind.DYNAMIC) {
        return otherName(was.name(), "dynamic", path);
      }
      return dynamic(dynamic, use);
    }
    if (now instanceof EnumSerializer<?> constants) {
      if (!was.name().equals(constants.name())) {
        return otherName(was.name(), constants.name(), path);
      }
      if (was.kind() != Shape.Kind.ENUM) {
        return otherKind(was, Shape.Kind.ENUM);
      }
      Shape.lost(was, constants.names()).forEach(this::lost);
      return constants::read;
    }
    if (!(now instanceof StructuredSerializer<?> structured)) {
      String name = now.getClass().getName();
      return was.kind() == Shape.Kind.OTHER && was.name().equals(name)
          ? now::read
          : otherName(was.name(), name, path);
    }
    ShapeDrawing.Sketch is = structured.sketch();
    if (!was.name().equals(is.name())) {
      return widerArray(was, is)
          ? wider(was, (PrimitiveArraySerializer<?>) now, path)
          : otherName(was.name(), is.name(), path);
    }
    if (was.kind() != is.kind() && !(made(was.kind()) && made(is.kind()))) {
      return otherKind(was, is.kind());
    }
    return same(was, structured, is, use, path);
  }

  /** Whether it is made of fields, which are written alike. */
  private static boolean made(Shape.Kind kind) {
    return kind == Shape.Kind.RECORD || kind == Shape.Kind.POJO;
  }

  private Reading same(
      Shape.Node was, StructuredSerializer<?> now, ShapeDrawing.Sketch is, Use use, String path) {
    switch (is.kind()) {
      case RECORD, POJO:
        return fields(was, (Fields) now, is, use);
      case SEALED:
        return family(was, (SealedSerializer<?>) now, is, use);
      default:
        break;
    }
    if (!was.names().equals(is.pieces().stream().map(ShapeDrawing.Piece::name).toList())) {
      throw new CorruptDataException("the shape of " + was.name() + " has parts " + was.names());
    }
    var parts = new ArrayList<Serializer<?>>();
    for (int i = 0; i < is.pieces().size(); i++) {
      Shape.Part part = was.parts().get(i);
      Serializer<?> piece = is.pieces().get(i).serializer();
      Use own = now.identifies(i) && use == Use.VALUE ? Use.MAP_KEY : use;
      Reading reading = plan(part.node(), piece, own, Shape.path(was, part, path));
      parts.add(new Migrated<>(piece, reading));
    }
    return now.of(parts)::read;
  }

  private Reading fields(Shape.Node was, Fields now, ShapeDrawing.Sketch is, Use use) {
    if (was.kind() != is.kind()) {
      changes.add(was.name() + " was " + was.kind().words() + ", is " + is.kind().words());
    }
    List<String> names = is.pieces().stream().map(ShapeDrawing.Piece::name).toList();
    for (String name : names) {
      if (!was.names().contains(name)) {
        changed(Shape.path(is.kind(), is.name(), name) + " is new", use == Use.KEY);
      }
    }
    int count = was.parts().size();
    var readings = new Reading[count];
    var places = new int[count];
    for (int i = 0; i < count; i++) {
      Shape.Part part = was.parts().get(i);
      places[i] = names.indexOf(part.name());
      if (places[i] < 0) {
        changed(Shape.path(was, part, "") + " is gone", use != Use.VALUE);
        readings[i] = skipping.of(part.node());
        continue;
      }
      ShapeDrawing.Piece piece = is.pieces().get(places[i]);
      String path = Shape.path(was, part, "");
      readings[i] =
          piece.declared().isPrimitive()
              ? scalar(part.node(), piece.declared().getName(), use, path)
              : plan(part.node(), piece.serializer(), use, path);
    }
    if (moved(places)) {
      changed(
          "the fields of "
              + was.name()
              + " were "
              + String.join(", ", was.names())
              + ", are "
              + String.join(", ", names),
          use == Use.KEY);
    }
    return now instanceof PojoSerializer<?> pojo
        ? new FieldReading(was.name(), now, readings, places, subclass(was, pojo, use))
        : new FieldReading(was.name(), now, readings, places, null);
  }

  private static boolean moved(int[] places) {
    int last = -1;
    for (int place : places) {
      if (place >= 0 && place < last) {
        return true;
      }
      last = Math.max(last, place);
    }
    return false;
  }

  private Reading subclass(Shape.Node was, PojoSerializer<?> now, Use use) {
    if (was.kind() != Shape.Kind.POJO) {
      return null;
    }
    Reading dynamic = dynamic(now.dynamic(), use);
    return in -> now.readSubclass(in, dynamic);
  }

  private Reading dynamic(DynamicSerializer dynamic, Use use) {
    watchful |= use != Use.VALUE;
    return in -> dynamic.read(in, use);
  }

  private void changed(String change, boolean refused) {
    changes.add(change);
    if (refused) {
      refusals.add(change);
    }
  }

  private void lost(String change) {
    changes.add(change);
    losses.add(change);
  }

  private Reading family(Shape.Node was, SealedSerializer<?> now, ShapeDrawing.Sketch is, Use use) {
    List<String> names = is.pieces().stream().map(ShapeDrawing.Piece::name).toList();
    for (String name : names) {
      if (!was.names().contains(name)) {
        changes.add(Shape.path(is.kind(), is.name(), name) + " is new");
      }
    }
    var members = new ArrayList<Serializer<?>>();
    for (Shape.Part part : was.parts()) {
      int place = names.indexOf(part.name());
      String path = Shape.path(was, part, "");
      if (place < 0) {
        lost(path + " is gone");
        members.add(new Migrated<>(null, gone(path)));
      } else {
        Serializer<?> member = is.pieces().get(place).serializer();
        members.add(new Migrated<>(member, plan(part.node(), member, use, path)));
      }
    }
    return now.of(members)::read;
  }

  private static Reading gone(String path) {
    return in -> {
      throw new CorruptDataException(path + " is gone, but a value has it");
    };
  }

  private static boolean widerArray(Shape.Node was, ShapeDrawing.Sketch is) {
    return was.kind() == Shape.Kind.CONTAINER
        && was.parts().isEmpty()
        && is.pieces().isEmpty()
        && was.name().endsWith("[]")
        && is.name().endsWith("[]");
  }

  private Reading wider(Shape.Node was, PrimitiveArraySerializer<?> now, String path) {
    Reading element = Widening.between(element(was.name()), element(now.typeName()), Use.VALUE);
    if (element == null) {
      return otherName(was.name(), now.typeName(), path);
    }
    changes.add(path + " was " + was.name() + ", is " + now.typeName());
    return now.widened(element);
  }

  static String element(String array) {
    return array.substring(0, array.length() - 2);
  }

  /** What Kryo wrote it reads only as long as nothing has changed. */
  private Reading kryo(int node, KryoSerializer<?> now, String path) {
    var found = new ArrayList<String>();
    var gone = new ArrayList<String>();
    written.compare(node, Shape.of(now), path, found, gone);
    found.forEach(this::refused);
    gone.forEach(this::lost);
    return now::read;
  }
}
