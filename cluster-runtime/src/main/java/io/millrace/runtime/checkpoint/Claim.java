package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Takes command of a job: after it, nobody with a lower epoch can add anything to what the job
 * recovers from. At most one claimer gets an epoch; of several at once the highest wins and the
 * others notice.
 *
 * <ol>
 *   <li>Look for higher epochs.
 *   <li>Create the claim file: the only exclusive step.
 *   <li>Look for higher epochs again. Whoever came between either sees this claim or is seen.
 *   <li>Seal every lower epoch by renaming its folder: late renames into it fail from now on.
 *   <li>Make the own folder, look for a higher claim, move the retained facts into it, read them,
 *       make the folder of state files if the job has not ended, say where the claimer is, and look
 *       a last time: else a claimer that was sealed while it read would find nothing and take the
 *       job for a new one.
 * </ol>
 *
 * Nothing is created at or below {@code epochs/<e>} but by its owner, once, here: any other create
 * would bring a sealed folder back to life.
 */
public final class Claim extends Steps<Claim.Result> {
  private final Epoch mine;
  private final byte[] note;
  private final Optional<ControlAddress> address;
  private final TreeMap<String, String> toMove = new TreeMap<>();

  /** Of checkpoints that were given up: their ids are not used again. */
  private long highestDropped;

  /** What a claim comes to. */
  public sealed interface Result {}

  public record Claimed(ClaimedJob job) implements Result {}

  /** Somebody else commands the job: this process has to end. */
  public record Superseded(String by) implements Result {}

  /**
   * @param owner unique for each claim
   * @param address of the claimer, which is made known in its epoch
   */
  public Claim(Epoch mine, String owner, long wallMillis, Optional<ControlAddress> address) {
    this.mine = mine;
    this.address = address;
    this.note = Facts.encode(new ClaimNote(mine, owner, wallMillis));
  }

  @Override
  public Step<Result> start() {
    return unlessSuperseded(epochs -> createClaim());
  }

  private Step<Result> createClaim() {
    return once(
        new NameOp.CreateExclusive(JobDirectory.claim(mine), note),
        outcome ->
            outcome instanceof Outcome.Created created && created.created()
                ? unlessSuperseded(this::sealFirst)
                : lookAtClaim(0));
  }

  /** The file may be ours with its acknowledgement lost. */
  private Step<Result> lookAtClaim(int retries) {
    return read(
        JobDirectory.claim(mine),
        content -> {
          if (content.isEmpty()) {
            return retries == 3
                ? new Step.Failed<>("cannot create " + JobDirectory.claim(mine))
                : insistOnClaim(retries + 1);
          } else if (Arrays.equals(content.get(), note)) {
            return unlessSuperseded(this::sealFirst);
          }
          try {
            ClaimNote other = Facts.decode(ClaimNote.class, content.get());
            return superseded("epoch " + mine + " of " + other.owner());
          } catch (DamagedFactException e) {
            // Most likely our own half-written file: this epoch is burnt, the next one is free.
            return new Step.Failed<>(JobDirectory.claim(mine) + " " + e.getMessage());
          }
        });
  }

  private Step<Result> insistOnClaim(int retries) {
    return once(
        new NameOp.CreateExclusive(JobDirectory.claim(mine), note),
        outcome ->
            outcome instanceof Outcome.Created created && created.created()
                ? unlessSuperseded(this::sealFirst)
                : lookAtClaim(retries));
  }

  private Step<Result> sealFirst(List<DurableNames.Entry> epochs) {
    var lower = new ArrayList<Epoch>();
    for (DurableNames.Entry entry : epochs) {
      JobDirectory.openEpochOf(entry.name())
          .filter(epoch -> epoch.compareTo(mine) < 0)
          .ifPresent(lower::add);
    }
    return seal(lower, 0);
  }

  private Step<Result> seal(List<Epoch> lower, int failures) {
    if (lower.isEmpty()) {
      return openOwn();
    }
    Epoch epoch = lower.get(0);
    List<Epoch> rest = lower.subList(1, lower.size());
    return once(
        new NameOp.Rename(JobDirectory.open(epoch), JobDirectory.sealed(epoch, mine)),
        outcome -> {
          if (!(outcome instanceof Outcome.Failed failed)) {
            return seal(rest, 0);
          }
          return list(
              JobDirectory.EPOCHS,
              now -> {
                // Sealed is sealed, whether by us, with the acknowledgement lost, or by another.
                if (!JobDirectory.contains(now, JobDirectory.open(epoch))) {
                  return seal(rest, 0);
                }
                return failures == 8
                    ? new Step.Failed<>("sealing epoch " + epoch + ": " + failed.reason())
                    : seal(lower, failures + 1);
              });
        });
  }

  private Step<Result> openOwn() {
    return once(
        new NameOp.Mkdir(JobDirectory.open(mine)),
        outcome -> {
          if (!(outcome instanceof Outcome.Failed failed)) {
            return unlessSuperseded(this::gatherFirst);
          }
          // Never a second mkdir: it could re-open what somebody has sealed meanwhile.
          return list(
              JobDirectory.EPOCHS,
              epochs ->
                  JobDirectory.contains(epochs, JobDirectory.open(mine))
                      ? unlessSuperseded(this::gatherFirst)
                      : new Step.Failed<>("opening epoch " + mine + ": " + failed.reason()));
        });
  }

  private Step<Result> gatherFirst(List<DurableNames.Entry> epochs) {
    var sealed = new ArrayList<String>();
    for (DurableNames.Entry entry : epochs) {
      if (JobDirectory.sealerOf(entry.name()).isPresent()) {
        sealed.add(JobDirectory.EPOCHS + "/" + entry.name());
      }
    }
    // Names sort like epochs: of two facts with the same name the newer epoch's is met first.
    Collections.reverse(sealed);
    return gather(sealed);
  }

  private Step<Result> gather(List<String> sealed) {
    if (sealed.isEmpty()) {
      keepNewest(JobDirectory::generationOf, 1);
      keepNewest(JobDirectory::rollbackOf, 1);
      keepNewest(JobDirectory::crashOf, ClaimedJob.CRASHES_KEPT);
      return moveNext();
    }
    String folder = sealed.get(0);
    return list(
        folder,
        facts -> {
          for (DurableNames.Entry fact : facts) {
            highestDropped =
                Math.max(highestDropped, JobDirectory.droppedOf(fact.name()).orElse(0));
            if (isKept(fact.name())) {
              toMove.putIfAbsent(fact.name(), folder + "/" + fact.name());
            }
          }
          return gather(sealed.subList(1, sealed.size()));
        });
  }

  private static boolean isKept(String name) {
    return name.equals(JobDirectory.INTENT)
        || name.equals(JobDirectory.RESULT)
        || JobDirectory.checkpointOf(name).isPresent()
        || JobDirectory.generationOf(name).isPresent()
        || JobDirectory.rollbackOf(name).isPresent()
        || JobDirectory.crashOf(name).isPresent();
  }

  /** Of the facts whose names have such a number, those with the highest. */
  private void keepNewest(Function<String, OptionalLong> number, int count) {
    var names = new ArrayList<String>();
    for (String name : toMove.keySet()) {
      if (number.apply(name).isPresent()) {
        names.add(name); // names are padded, so the last one is the newest
      }
    }
    names.subList(0, Math.max(0, names.size() - count)).forEach(toMove::remove);
  }

  private Step<Result> moveNext() {
    if (toMove.isEmpty()) {
      return list(JobDirectory.open(mine), this::readFacts);
    }
    var fact = toMove.pollFirstEntry();
    return move(
        fact.getValue(),
        JobDirectory.inEpoch(mine, fact.getKey()),
        JobDirectory.open(mine),
        moved ->
            switch (moved) {
              case DONE, TARGET_PRESENT -> moveNext();
              case FENCED -> superseded("whoever sealed epoch " + mine);
              // Only a higher epoch takes facts from sealed folders; the next move will show.
              case SOURCE_GONE -> unlessSuperseded(epochs -> moveNext());
            });
  }

  private Step<Result> readFacts(List<DurableNames.Entry> facts) {
    var manifests = new ArrayList<String>();
    var crashes = new ArrayList<String>();
    String deployment = null;
    String rollback = null;
    boolean intent = false;
    boolean result = false;
    for (DurableNames.Entry fact : facts) {
      if (JobDirectory.checkpointOf(fact.name()).isPresent()) {
        manifests.add(JobDirectory.inEpoch(mine, fact.name()));
      } else if (JobDirectory.generationOf(fact.name()).isPresent()) {
        deployment = fact.name();
      } else if (JobDirectory.rollbackOf(fact.name()).isPresent()) {
        rollback = fact.name();
      } else if (JobDirectory.crashOf(fact.name()).isPresent()) {
        crashes.add(JobDirectory.inEpoch(mine, fact.name()));
      }
      intent |= fact.name().equals(JobDirectory.INTENT);
      result |= fact.name().equals(JobDirectory.RESULT);
    }
    String newestDeployment = deployment;
    String newestRollback = rollback;
    boolean hasIntent = intent;
    boolean hasResult = result;
    return through(
        new ReadManifests(manifests),
        found ->
            readFact(
                DeploymentRecord.class,
                newestDeployment,
                record ->
                    readFact(
                        Intent.class,
                        hasIntent ? JobDirectory.INTENT : null,
                        decided ->
                            readFact(
                                JobResult.class,
                                hasResult ? JobDirectory.RESULT : null,
                                ended ->
                                    readFact(
                                        Rollback.class,
                                        newestRollback,
                                        back ->
                                            readCrashes(
                                                crashes,
                                                List.of(),
                                                read ->
                                                    finish(
                                                        found, record, read, back, decided,
                                                        ended)))))));
  }

  /** One that cannot be read is as good as none: nobody may be kept from recovery by it. */
  private Step<Result> readCrashes(
      List<String> names, List<Crash> before, Function<List<Crash>, Step<Result>> then) {
    if (names.isEmpty()) {
      return then.apply(before);
    }
    return read(
        names.get(0),
        content -> {
          var crashes = new ArrayList<Crash>(before);
          try {
            crashes.add(Facts.decode(Crash.class, content.orElse(new byte[0])));
          } catch (DamagedFactException e) {
            crashes.clear();
          }
          return readCrashes(names.subList(1, names.size()), crashes, then);
        });
  }

  private <F extends Fact> Step<Result> readFact(
      Class<F> type, String name, Function<Optional<F>, Step<Result>> then) {
    if (name == null) {
      return then.apply(Optional.empty());
    }
    String path = JobDirectory.inEpoch(mine, name);
    return read(
        path,
        content -> {
          if (content.isEmpty()) {
            return unlessSuperseded(epochs -> new Step.Failed<>(path + " is gone"));
          }
          try {
            return then.apply(Optional.of(Facts.decode(type, content.get())));
          } catch (DamagedFactException e) {
            return new Step.Failed<>(path + " " + e.getMessage());
          }
        });
  }

  private Step<Result> finish(
      ReadManifests.Found found,
      Optional<DeploymentRecord> deployment,
      List<Crash> crashes,
      Optional<Rollback> rollback,
      Optional<Intent> intent,
      Optional<JobResult> result) {
    long highest =
        Math.max(
            Math.max(
                Math.max(found.checkpoint(), highestDropped),
                rollback.map(Rollback::upTo).orElse(0L)),
            deployment.map(DeploymentRecord::highestCheckpoint).orElse(0L));
    var job =
        new ClaimedJob(
            mine,
            found.intact(),
            found.damaged(),
            deployment,
            crashes,
            rollback,
            intent,
            result,
            highest);
    // What was read may lack what a higher claimer has taken away meanwhile.
    Supplier<Step<Result>> claimed =
        () -> announce(() -> unlessSuperseded(epochs -> new Step.Done<>(new Claimed(job))));
    return result.isPresent()
        ? claimed.get()
        : insist(new NameOp.Mkdir(JobDirectory.DATA), made -> claimed.get());
  }

  private Step<Result> announce(Supplier<Step<Result>> then) {
    if (address.isEmpty()) {
      return then.get();
    }
    return through(
        WriteFact.address(address.get()),
        written ->
            switch (written.verdict()) {
              case DONE -> then.get();
              case FENCED -> superseded("whoever sealed epoch " + mine);
              case CONFLICT, SOURCE_GONE ->
                  unlessSuperseded(epochs -> new Step.Failed<>(written.detail()));
            });
  }

  /** Lists claims and epochs; goes on, with the epochs, if none is above the own. */
  private Step<Result> unlessSuperseded(Function<List<DurableNames.Entry>, Step<Result>> then) {
    return list(
        JobDirectory.CLAIMS,
        claims ->
            list(
                JobDirectory.EPOCHS,
                epochs -> {
                  Epoch highest = Epoch.NONE;
                  for (DurableNames.Entry entry : claims) {
                    highest = higher(highest, JobDirectory.epochOf(entry.name()));
                  }
                  for (DurableNames.Entry entry : epochs) {
                    highest = higher(highest, JobDirectory.epochOf(entry.name()));
                    highest = higher(highest, JobDirectory.sealerOf(entry.name()));
                  }
                  return highest.compareTo(mine) > 0
                      ? superseded("epoch " + highest)
                      : then.apply(epochs);
                }));
  }

  private static Epoch higher(Epoch one, Optional<Epoch> other) {
    return other.isPresent() && other.get().compareTo(one) > 0 ? other.get() : one;
  }

  private static Step<Result> superseded(String by) {
    return new Step.Done<>(new Superseded(by));
  }
}
