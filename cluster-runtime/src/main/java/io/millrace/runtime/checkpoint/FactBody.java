package io.millrace.runtime.checkpoint;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.type.CorruptDataException;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The bodies of facts, field by field: a format of its own, so that records may be renamed. */
final class FactBody {
  private static final short CLAIM_NOTE = 1;
  private static final short DEPLOYMENT_RECORD = 2;
  private static final short INTENT = 3;
  private static final short JOB_RESULT = 4;
  private static final short MANIFEST = 5;
  private static final short CRASH = 6;
  private static final short CONTROL_ADDRESS = 7;
  private static final short ROLLBACK = 8;
  private static final short SUBMISSION = 9;
  private static final short PROGRAM_END = 10;
  private static final short RESTARTS = 11;
  private static final short CHECKPOINTED = 12;

  /** Begin parts of a manifest that came later; no path of a savepoint. */
  private static final String CHANNELS = "\0channels";

  private static final String CONTENTS = "\0contents";

  static short kindOf(Class<? extends Fact> type) {
    if (type == ClaimNote.class) {
      return CLAIM_NOTE;
    } else if (type == DeploymentRecord.class) {
      return DEPLOYMENT_RECORD;
    } else if (type == Intent.class) {
      return INTENT;
    } else if (type == JobResult.class) {
      return JOB_RESULT;
    } else if (type == Manifest.class) {
      return MANIFEST;
    } else if (type == Crash.class) {
      return CRASH;
    } else if (type == ControlAddress.class) {
      return CONTROL_ADDRESS;
    } else if (type == Rollback.class) {
      return ROLLBACK;
    } else if (type == Submission.class) {
      return SUBMISSION;
    } else if (type == ProgramEnd.class) {
      return PROGRAM_END;
    } else if (type == Restarts.class) {
      return RESTARTS;
    } else if (type == Checkpointed.class) {
      return CHECKPOINTED;
    }
    throw new IllegalArgumentException("no fact: " + type);
  }

  static void write(Fact fact, DataOutputStream out) throws IOException {
    if (fact instanceof ClaimNote note) {
      epoch(note.epoch(), out);
      text(note.owner(), out);
      out.writeLong(note.wallMillis());
    } else if (fact instanceof DeploymentRecord record) {
      deployment(record, out);
    } else if (fact instanceof Intent intent) {
      text(intent.outcome().name(), out);
      failure(intent.failure(), out);
      out.writeLong(intent.wallMillis());
    } else if (fact instanceof JobResult result) {
      text(result.status().name(), out);
      failure(result.failure(), out);
      out.writeLong(result.wallMillis());
      text(result.savepoint().orElse(""), out);
      out.writeBoolean(result.settled());
      accumulators(result.accumulators(), out);
    } else if (fact instanceof Manifest manifest) {
      manifest(manifest, out);
    } else if (fact instanceof Crash crash) {
      out.writeInt(crash.attempt());
      out.writeLong(crash.checkpoint());
      failure(crash.cause(), out);
      out.writeLong(crash.wallMillis());
    } else if (fact instanceof ControlAddress address) {
      epoch(address.epoch(), out);
      text(address.host(), out);
      out.writeInt(address.port());
    } else if (fact instanceof Rollback rollback) {
      out.writeInt(rollback.number());
      out.writeBoolean(rollback.inherited());
      out.writeLong(rollback.to());
      out.writeLong(rollback.upTo());
      out.writeInt(rollback.generation());
    } else if (fact instanceof Submission submission) {
      byte[] spec = submission.specBytes();
      out.writeLong(submission.number());
      out.writeInt(spec.length);
      out.write(spec);
    } else if (fact instanceof ProgramEnd end) {
      text(end.status().name(), out);
      text(end.reason(), out);
      out.writeLong(end.wallMillis());
    } else if (fact instanceof Restarts restarts) {
      out.writeInt(restarts.count());
      times(restarts.failuresWallMillis(), out);
    } else if (fact instanceof Checkpointed checkpointed) {
      out.writeLong(checkpointed.first());
    }
  }

  static Fact read(short kind, DataInputStream in) throws IOException {
    return switch (kind) {
      case CLAIM_NOTE -> new ClaimNote(epoch(in), text(in), in.readLong());
      case DEPLOYMENT_RECORD -> deployment(in);
      case INTENT -> new Intent(JobStatus.valueOf(text(in)), failure(in), in.readLong());
      case JOB_RESULT ->
          new JobResult(
              JobStatus.valueOf(text(in)),
              failure(in),
              in.readLong(),
              Optional.of(in.available() > 0 ? text(in) : "").filter(path -> !path.isEmpty()),
              in.available() == 0 || in.readBoolean(),
              in.available() == 0 ? List.of() : accumulators(in));
      case MANIFEST -> manifest(in);
      case CONTROL_ADDRESS -> new ControlAddress(epoch(in), text(in), in.readInt());
      case CRASH -> new Crash(in.readInt(), in.readLong(), presentFailure(in), in.readLong());
      case ROLLBACK ->
          new Rollback(in.readInt(), in.readBoolean(), in.readLong(), in.readLong(), in.readInt());
      case SUBMISSION -> submission(in);
      case PROGRAM_END -> new ProgramEnd(JobStatus.valueOf(text(in)), text(in), in.readLong());
      case RESTARTS -> new Restarts(in.readInt(), times(in));
      case CHECKPOINTED -> new Checkpointed(in.readLong());
      default -> throw new IOException("unknown kind " + kind);
    };
  }

  private static Submission submission(DataInputStream in) throws IOException {
    long number = in.readLong();
    try {
      return Submission.of(number, in.readNBytes(in.readInt()));
    } catch (CorruptDataException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void deployment(DeploymentRecord record, DataOutputStream out) throws IOException {
    epoch(record.epoch(), out);
    out.writeInt(record.generation());
    text(record.lineage(), out);
    out.writeInt(record.restarts());
    out.writeLong(record.startWallMillis());
    text(record.restoredManifest(), out);
    out.writeLong(record.highestCheckpoint());
    out.writeInt(record.operators().size());
    for (DeploymentRecord.Operator operator : record.operators()) {
      text(operator.uid(), out);
      out.writeInt(operator.parallelism());
      out.writeInt(operator.maxParallelism());
    }
    out.writeInt(record.tasks().size());
    for (DeploymentRecord.Placed task : record.tasks()) {
      out.writeInt(task.chain());
      out.writeInt(task.subtask());
      text(task.location().id().value(), out);
      text(task.location().host(), out);
      out.writeInt(task.location().dataPort());
      out.writeInt(task.slot());
    }
    times(record.failuresWallMillis(), out);
  }

  private static void times(List<Long> all, DataOutputStream out) throws IOException {
    out.writeInt(all.size());
    for (long each : all) {
      out.writeLong(each);
    }
  }

  private static List<Long> times(DataInputStream in) throws IOException {
    var times = new ArrayList<Long>();
    for (int left = in.readInt(); left > 0; left--) {
      times.add(in.readLong());
    }
    return times;
  }

  private static DeploymentRecord deployment(DataInputStream in) throws IOException {
    Epoch epoch = epoch(in);
    int generation = in.readInt();
    String lineage = text(in);
    int restarts = in.readInt();
    long start = in.readLong();
    String restored = text(in);
    long highest = in.readLong();
    var operators = new ArrayList<DeploymentRecord.Operator>();
    for (int left = in.readInt(); left > 0; left--) {
      operators.add(new DeploymentRecord.Operator(text(in), in.readInt(), in.readInt()));
    }
    var tasks = new ArrayList<DeploymentRecord.Placed>();
    for (int left = in.readInt(); left > 0; left--) {
      int chain = in.readInt();
      int subtask = in.readInt();
      var at = new TaskManagerLocation(new TaskManagerId(text(in)), text(in), in.readInt());
      tasks.add(new DeploymentRecord.Placed(chain, subtask, at, in.readInt()));
    }
    // Records did not have them at first.
    List<Long> failures = in.available() == 0 ? List.of() : times(in);
    return new DeploymentRecord(
        epoch, generation, lineage, restarts, failures, start, restored, highest, operators, tasks);
  }

  private static void manifest(Manifest manifest, DataOutputStream out) throws IOException {
    text(manifest.job().hex(), out);
    text(manifest.lineage(), out);
    epoch(manifest.epoch(), out);
    out.writeInt(manifest.generation());
    out.writeLong(manifest.checkpoint());
    out.writeLong(manifest.wallMillis());
    out.writeBoolean(manifest.last());
    out.writeInt(manifest.states().size());
    for (SubtaskState state : manifest.states()) {
      text(state.uid(), out);
      out.writeInt(state.subtask());
      out.writeInt(state.parallelism());
      out.writeInt(state.maxParallelism());
      stateBytes(state.own(), out);
      out.writeInt(state.committables().size());
      for (Committable committable : state.committables()) {
        out.writeLong(committable.checkpoint());
        bytes(committable.bytes(), out);
      }
      stateBytes(state.keyed(), out);
      out.writeInt(state.contents().size());
      for (StateInfo info : state.contents()) {
        text(info.name(), out);
        text(info.kind().name(), out);
        text(info.types(), out);
        out.writeLong(info.entries());
      }
      accumulators(state.accumulators(), out);
    }
    channels(manifest.states(), out);
    contents(manifest, out);
    if (manifest.stopped().isPresent()) { // else as before there were stops
      text(manifest.stopped().get().savepoint(), out);
      text(manifest.stopped().get().outcome().name(), out);
      out.writeBoolean(manifest.stopped().get().drained());
    }
  }

  private static Manifest manifest(DataInputStream in) throws IOException {
    var job = new JobId(text(in));
    String lineage = text(in);
    Epoch epoch = epoch(in);
    int generation = in.readInt();
    long checkpoint = in.readLong();
    long wallMillis = in.readLong();
    boolean last = in.readBoolean();
    var states = new ArrayList<SubtaskState>();
    for (int left = in.readInt(); left > 0; left--) {
      String uid = text(in);
      int subtask = in.readInt();
      int parallelism = in.readInt();
      int maxParallelism = in.readInt();
      Optional<StateBytes> own = stateBytes(in);
      List<Committable> committables = new ArrayList<>();
      for (int more = in.readInt(); more > 0; more--) {
        committables.add(new Committable(in.readLong(), bytes(in)));
      }
      Optional<StateBytes> keyed = stateBytes(in);
      var contents = new ArrayList<StateInfo>();
      for (int more = in.readInt(); more > 0; more--) {
        contents.add(
            new StateInfo(text(in), StateInfo.Kind.valueOf(text(in)), text(in), in.readLong()));
      }
      List<AccumulatorState> accumulators = accumulators(in);
      states.add(
          new SubtaskState(
              uid,
              subtask,
              parallelism,
              maxParallelism,
              own,
              committables,
              keyed,
              contents,
              List.of(),
              accumulators));
    }
    Optional<Stopped> stopped = Optional.empty();
    List<NamedOperator> operators = List.of();
    while (in.available() > 0) {
      String next = text(in);
      if (next.equals(CHANNELS)) {
        channels(states, in);
      } else if (next.equals(CONTENTS)) {
        operators = ManifestContents.read(states, in);
      } else {
        stopped = Optional.of(new Stopped(next, JobStatus.valueOf(text(in)), in.readBoolean()));
      }
    }
    return new Manifest(
        job, lineage, epoch, generation, checkpoint, wallMillis, last, states, stopped, operators);
  }

  private static void accumulators(List<AccumulatorState> all, DataOutputStream out)
      throws IOException {
    out.writeInt(all.size());
    for (AccumulatorState each : all) {
      text(each.name(), out);
      bytes(each.bytes(), out);
    }
  }

  private static List<AccumulatorState> accumulators(DataInputStream in) throws IOException {
    var accumulators = new ArrayList<AccumulatorState>();
    for (int more = in.readInt(); more > 0; more--) {
      accumulators.add(new AccumulatorState(text(in), bytes(in)));
    }
    return accumulators;
  }

  private static void contents(Manifest manifest, DataOutputStream out) throws IOException {
    byte[] contents = ManifestContents.write(manifest);
    if (contents.length > 0) {
      text(CONTENTS, out);
      out.write(contents);
    }
  }

  /** What was in flight, by the index of its subtask; nothing at all if nothing was. */
  private static void channels(List<SubtaskState> states, DataOutputStream out) throws IOException {
    int count = states.stream().mapToInt(state -> state.channels().size()).sum();
    if (count == 0) {
      return;
    }
    text(CHANNELS, out);
    out.writeInt(count);
    for (int index = 0; index < states.size(); index++) {
      for (ChannelState channel : states.get(index).channels()) {
        out.writeInt(index);
        text(channel.from(), out);
        text(channel.to(), out);
        out.writeInt(channel.nth());
        text(channel.partitioning(), out);
        out.writeBoolean(channel.queued());
        out.writeInt(channel.producer());
        out.writeInt(channel.producers());
        out.writeInt(channel.consumer());
        out.writeInt(channel.consumers());
        out.writeInt(channel.maxParallelism());
        stateBytes(Optional.of(channel.elements()), out);
      }
    }
  }

  private static void channels(List<SubtaskState> states, DataInputStream in) throws IOException {
    for (int left = in.readInt(); left > 0; left--) {
      int index = in.readInt();
      var channel =
          new ChannelState(
              text(in),
              text(in),
              in.readInt(),
              text(in),
              in.readBoolean(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              stateBytes(in).orElseThrow(() -> new IOException("a channel without its content")));
      if (index < 0 || index >= states.size()) {
        throw new IOException("a channel of state " + index + " of " + states.size());
      }
      states.set(index, states.get(index).with(channel));
    }
  }

  private static void stateBytes(Optional<StateBytes> state, DataOutputStream out)
      throws IOException {
    if (state.isEmpty()) {
      out.writeByte(0);
    } else if (state.get() instanceof StateBytes.Inline inline) {
      out.writeByte(1);
      bytes(inline.bytes(), out);
      out.writeInt(inline.crc32c());
    } else if (state.get() instanceof StateBytes.InFile range) {
      out.writeByte(2);
      text(range.file(), out);
      out.writeLong(range.offset());
      out.writeLong(range.length());
      out.writeInt(range.crc32c());
      if (range.sums().size() > 1) {
        for (int sum : range.sums()) {
          out.writeInt(sum);
        }
      }
    } else if (state.get() instanceof StateBytes.Files files) {
      out.writeByte(3);
      stateBytes(Optional.of(files.head()), out);
      out.writeInt(files.pieces().size());
      for (StateBytes.Piece piece : files.pieces()) {
        text(piece.name(), out);
        out.writeBoolean(piece.lasting());
        out.writeLong(piece.fileBytes());
        stateBytes(Optional.of(piece.bytes()), out);
      }
    }
  }

  private static Optional<StateBytes> stateBytes(DataInputStream in) throws IOException {
    int form = in.readByte();
    return switch (form) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(new StateBytes.Inline(bytes(in), in.readInt()));
      case 2 -> Optional.of(range(text(in), in.readLong(), in.readLong(), in.readInt(), in));
      case 3 -> Optional.of(files(in));
      default -> throw new IOException("unknown form of state " + form);
    };
  }

  private static StateBytes.InFile range(
      String file, long offset, long length, int crc32c, DataInputStream in) throws IOException {
    long count = Sums.count(length);
    if (count == 1) {
      return new StateBytes.InFile(file, offset, length, crc32c);
    }
    var sums = new ArrayList<Integer>();
    for (long left = count; left > 0; left--) {
      sums.add(in.readInt());
    }
    return new StateBytes.InFile(file, offset, length, crc32c, sums);
  }

  private static StateBytes.Files files(DataInputStream in) throws IOException {
    StateBytes head = leaf(in);
    var pieces = new ArrayList<StateBytes.Piece>();
    for (int left = in.readInt(); left > 0; left--) {
      pieces.add(new StateBytes.Piece(text(in), in.readBoolean(), in.readLong(), leaf(in)));
    }
    return new StateBytes.Files(head, pieces);
  }

  private static StateBytes leaf(DataInputStream in) throws IOException {
    return stateBytes(in)
        .filter(bytes -> !(bytes instanceof StateBytes.Files))
        .orElseThrow(() -> new IOException("files of state without their bytes"));
  }

  private static void failure(Optional<Failure> failure, DataOutputStream out) throws IOException {
    out.writeBoolean(failure.isPresent());
    if (failure.isPresent()) {
      failure(failure.get(), out);
    }
  }

  private static void failure(Failure failure, DataOutputStream out) throws IOException {
    text(failure.kind().name(), out);
    out.writeBoolean(failure.canHeal());
    text(failure.operator(), out);
    out.writeInt(failure.subtask());
    text(failure.rootType(), out);
    text(failure.message(), out);
    text(failure.trace(), out);
  }

  private static Optional<Failure> failure(DataInputStream in) throws IOException {
    return in.readBoolean() ? Optional.of(presentFailure(in)) : Optional.empty();
  }

  private static Failure presentFailure(DataInputStream in) throws IOException {
    return new Failure(
        Failure.Kind.valueOf(text(in)),
        in.readBoolean(),
        text(in),
        in.readInt(),
        text(in),
        text(in),
        text(in));
  }

  private static void epoch(Epoch epoch, DataOutputStream out) throws IOException {
    out.writeInt(epoch.attempt());
    out.writeInt(epoch.counter());
  }

  private static Epoch epoch(DataInputStream in) throws IOException {
    return new Epoch(in.readInt(), in.readInt());
  }

  static void text(String text, DataOutputStream out) throws IOException {
    bytes(text.getBytes(StandardCharsets.UTF_8), out);
  }

  static String text(DataInputStream in) throws IOException {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  static void bytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new EOFException(length + " bytes wanted, " + in.available() + " left");
    }
    return in.readNBytes(length);
  }

  private FactBody() {}
}
