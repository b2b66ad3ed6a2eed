package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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
 *       see that there is a folder of state files if the job has not ended, say where the claimer
 *       is, and look a last time: else a claimer that was sealed while it read would find nothing
 *       and take the job for a new one.
 * </ol>
 *
 * Nothing is created at or below {@code epochs/<e>} but by its owner, once, here: any other create
 * would bring a sealed folder back to life. The folder of state files is made inside the own one
 * and moved to its place, so that a claimer that was sealed cannot bring it back either once the
 * job is over and its files are deleted.
 */
public final class Claim<T> extends Steps<Claim.Result<T>> {
  private final Epoch mine;
  private final byte[] note;
  private final Optional<ControlAddress> address;
  private final Inheritance<T> inheritance;
  private final TreeMap<String, String> toMove = new TreeMap<>();

  /** What a claim comes to. */
  public sealed interface Result<T> {}

  public record Claimed<T>(T inherited) implements Result<T> {}

  /** Somebody else commands: this process has to end. */
  public record Superseded<T>(String by) implements Result<T> {}

  /**
   * Of a job.
   *
   * @param owner unique for each claim
   * @param address of the claimer, which is made known in its epoch
   */
  public static Claim<ClaimedJob> ofJob(
      Epoch mine, String owner, long wallMillis, Optional<ControlAddress> address) {
    return new Claim<>(mine, owner, wallMillis, address, new JobInheritance(true));
  }

  /**
   * Of a job that will not run again under this claim: where its tasks were need not be readable.
   *
   * @param owner unique for each claim
   */
  static Claim<ClaimedJob> ofEndedJob(Epoch mine, String owner, long wallMillis) {
    return new Claim<>(mine, owner, wallMillis, Optional.empty(), new JobInheritance(false));
  }

  /**
   * Of the jobs that a cluster was given.
   *
   * @param owner unique for each claim
   * @param address of the claimer, which is made known in its epoch
   */
  public static Claim<ClaimedDocket> ofDocket(
      Epoch mine, String owner, long wallMillis, Optional<ControlAddress> address) {
    return new Claim<>(mine, owner, wallMillis, address, new DocketInheritance());
  }

  private Claim(
      Epoch mine,
      String owner,
      long wallMillis,
      Optional<ControlAddress> address,
      Inheritance<T> inheritance) {
    this.mine = mine;
    this.address = address;
    this.inheritance = inheritance;
    this.note = Facts.encode(new ClaimNote(mine, owner, wallMillis));
  }

  @Override
  public Step<Result<T>> start() {
    return unlessSuperseded(epochs -> createClaim());
  }

  private Step<Result<T>> createClaim() {
    return once(
        new NameOp.CreateExclusive(JobDirectory.claim(mine), note),
        outcome ->
            outcome instanceof Outcome.Created created && created.created()
                ? unlessSuperseded(this::sealFirst)
                : lookAtClaim(0));
  }

  /** The file may be ours with its acknowledgement lost. */
  private Step<Result<T>> lookAtClaim(int retries) {
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

  private Step<Result<T>> insistOnClaim(int retries) {
    return once(
        new NameOp.CreateExclusive(JobDirectory.claim(mine), note),
        outcome ->
            outcome instanceof Outcome.Created created && created.created()
                ? unlessSuperseded(this::sealFirst)
                : lookAtClaim(retries));
  }

  private Step<Result<T>> sealFirst(List<DurableNames.Entry> epochs) {
    var lower = new ArrayList<Epoch>();
    for (DurableNames.Entry entry : epochs) {
      JobDirectory.openEpochOf(entry.name())
          .filter(epoch -> epoch.compareTo(mine) < 0)
          .ifPresent(lower::add);
    }
    return seal(lower, 0);
  }

  private Step<Result<T>> seal(List<Epoch> lower, int failures) {
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

  private Step<Result<T>> openOwn() {
    return once(
        new NameOp.Mkdir(inheritance.hasData() ? spareData() : JobDirectory.open(mine)),
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

  private Step<Result<T>> gatherFirst(List<DurableNames.Entry> epochs) {
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

  private Step<Result<T>> gather(List<String> sealed) {
    if (sealed.isEmpty()) {
      inheritance.thinOut(toMove.navigableKeySet());
      return moveNext();
    }
    String folder = sealed.get(0);
    return list(
        folder,
        facts -> {
          for (DurableNames.Entry fact : facts) {
            if (inheritance.keeps(fact.name())) {
              toMove.putIfAbsent(fact.name(), folder + "/" + fact.name());
            }
          }
          return gather(sealed.subList(1, sealed.size()));
        });
  }

  private Step<Result<T>> moveNext() {
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

  private Step<Result<T>> readFacts(List<DurableNames.Entry> facts) {
    return through(
        inheritance.read(
            mine, facts.stream().map(DurableNames.Entry::name).filter(inheritance::keeps).toList()),
        this::finish,
        // What a higher claimer takes away is missing here.
        reason -> unlessSuperseded(epochs -> new Step.Failed<>(reason)));
  }

  private Step<Result<T>> finish(T inherited) {
    // What was read may lack what a higher claimer has taken away meanwhile.
    Supplier<Step<Result<T>>> claimed =
        () -> announce(() -> unlessSuperseded(epochs -> new Step.Done<>(new Claimed<>(inherited))));
    return inheritance.needsData(inherited) ? openData(claimed) : claimed.get();
  }

  private String spareData() {
    return JobDirectory.inEpoch(mine, JobDirectory.DATA);
  }

  private Step<Result<T>> openData(Supplier<Step<Result<T>>> then) {
    return move(
        spareData(),
        JobDirectory.DATA,
        JobDirectory.open(mine),
        moved ->
            switch (moved) {
              case DONE -> then.get();
              case TARGET_PRESENT -> insist(new NameOp.Delete(spareData()), gone -> then.get());
              case FENCED -> superseded("whoever sealed epoch " + mine);
              case SOURCE_GONE ->
                  unlessSuperseded(epochs -> new Step.Failed<>(spareData() + " is gone"));
            });
  }

  private Step<Result<T>> announce(Supplier<Step<Result<T>>> then) {
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
  private Step<Result<T>> unlessSuperseded(
      Function<List<DurableNames.Entry>, Step<Result<T>>> then) {
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

  private Step<Result<T>> superseded(String by) {
    return new Step.Done<>(new Superseded<>(by));
  }
}
