package io.millrace.runtime.checkpoint;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a manifest that describes it: names of operators, and what each state is made of.
 * Subtasks of one operator have states of the same shapes, so each shape stands here once.
 */
final class ManifestContents {
  private static final int NONE = 0;

  /** Empty if there is nothing to be told. */
  static byte[] write(Manifest manifest) throws IOException {
    var shapes = new LinkedHashMap<Shape, Integer>();
    var forms = new DataWriter();
    int count = 0;
    for (int at = 0; at < manifest.states().size(); at++) {
      List<StateInfo> contents = manifest.states().get(at).contents();
      for (int place = 0; place < contents.size(); place++) {
        if (contents.get(place).form().isPresent()) {
          count++;
          forms.writeVarInt(at);
          forms.writeVarInt(place);
          write(contents.get(place).form().get(), shapes, forms);
        }
      }
    }
    if (count == 0 && manifest.operators().isEmpty()) {
      return new byte[0];
    }
    var out = new DataWriter();
    out.writeVarInt(manifest.operators().size());
    for (NamedOperator operator : manifest.operators()) {
      out.writeString(operator.uid());
      out.writeString(operator.name());
    }
    out.writeVarInt(shapes.size());
    shapes.keySet().forEach(shape -> shape.write(out));
    out.writeVarInt(count);
    out.writeBytes(forms.array(), 0, forms.position());
    var framed = new DataWriter();
    framed.writeInt(out.position());
    framed.writeBytes(out.array(), 0, out.position());
    return framed.toByteArray();
  }

  private static void write(StateInfo.Form form, Map<Shape, Integer> shapes, DataWriter out) {
    out.writeVarInt(number(form.shape(), shapes));
    out.writeVarInt(form.keys().map(keys -> number(keys, shapes)).orElse(NONE));
    out.writeBoolean(form.expires());
    out.writeVarLong(form.bytes());
  }

  private static int number(Shape shape, Map<Shape, Integer> shapes) {
    return shapes.computeIfAbsent(shape, each -> shapes.size() + 1);
  }

  /**
   * Completes the states.
   *
   * @return the operators
   */
  static List<NamedOperator> read(List<SubtaskState> states, DataInputStream from)
      throws IOException {
    try {
      return read(states, new DataReader(FactBody.bytes(from)));
    } catch (CorruptDataException e) {
      throw new IOException("what it says of its contents: " + e.getMessage(), e);
    }
  }

  private static List<NamedOperator> read(List<SubtaskState> states, DataReader in) {
    var operators = new ArrayList<NamedOperator>();
    for (int left = in.readCount(2); left > 0; left--) {
      operators.add(new NamedOperator(in.readString(), in.readString()));
    }
    var shapes = new ArrayList<Shape>();
    for (int left = in.readCount(); left > 0; left--) {
      shapes.add(Shape.read(in));
    }
    var contents = new ArrayList<List<StateInfo>>();
    states.forEach(state -> contents.add(new ArrayList<>(state.contents())));
    for (int left = in.readCount(4); left > 0; left--) {
      List<StateInfo> of = contents.get(in.readVarInt());
      int place = in.readVarInt();
      StateInfo info = of.get(place);
      of.set(
          place,
          new StateInfo(
              info.name(),
              info.kind(),
              info.types(),
              info.entries(),
              Optional.of(form(shapes, in))));
    }
    for (int at = 0; at < states.size(); at++) {
      states.set(at, states.get(at).with(contents.get(at)));
    }
    return operators;
  }

  private static StateInfo.Form form(List<Shape> shapes, DataReader in) {
    Shape shape = shapes.get(in.readVarInt() - 1);
    int keys = in.readVarInt();
    return new StateInfo.Form(
        shape,
        keys == NONE ? Optional.empty() : Optional.of(shapes.get(keys - 1)),
        in.readBoolean(),
        in.readVarLong());
  }

  private ManifestContents() {}
}
