package io.millrace.runtime.jobmanager;

import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The TaskManagers that are here: when each was heard last and what it last said it has. */
final class Roster {
  private final TreeMap<TaskManagerId, Member> members = new TreeMap<>();
  private final TreeSet<TaskManagerId> gone = new TreeSet<>();

  private static final class Member {
    long heardMillis;
    long digest;
    long reportsSeen;
    long losses;
    boolean connected = true;
    Optional<List<AttemptStatus>> attempts = Optional.empty();
  }

  /** Whether it is new. One that was given up does not come back. */
  boolean register(TaskManagerId id, long nowMillis) {
    Member member = members.get(id);
    if (member != null) {
      member.heardMillis = nowMillis;
      return false;
    }
    member = new Member();
    member.heardMillis = nowMillis;
    members.put(id, member);
    return true;
  }

  boolean isGone(TaskManagerId id) {
    return gone.contains(id);
  }

  boolean isHere(TaskManagerId id) {
    return members.containsKey(id);
  }

  List<TaskManagerId> all() {
    return List.copyOf(members.keySet());
  }

  void connected(TaskManagerId id) {
    if (isHere(id)) {
      members.get(id).connected = true;
    }
  }

  /** Number of the loss, with which to ask {@link #lacks} later; of a member. */
  long disconnected(TaskManagerId id) {
    Member member = members.get(id);
    member.connected = false;
    return ++member.losses;
  }

  /** Whether it has not come back since that loss of its connection. */
  boolean lacks(TaskManagerId id, long loss) {
    Member member = members.get(id);
    return member != null && !member.connected && member.losses == loss;
  }

  /** Whether it is a member that is not connected. */
  boolean lacks(TaskManagerId id) {
    Member member = members.get(id);
    return member != null && !member.connected;
  }

  void remove(TaskManagerId id) {
    members.remove(id);
    gone.add(id);
  }

  /** Those that have been silent for longer. */
  List<TaskManagerId> silentFor(long millis, long nowMillis) {
    var silent = new ArrayList<TaskManagerId>();
    members.forEach(
        (id, member) -> {
          if (nowMillis - member.heardMillis > millis) {
            silent.add(id);
          }
        });
    return silent;
  }

  /** Takes a heartbeat of a member; the reports in it that were not seen before. */
  List<Report> heard(ToJobManager.Heartbeat heartbeat, long nowMillis) {
    Member member = members.get(heartbeat.taskManager());
    member.heardMillis = nowMillis;
    if (heartbeat.attempts().isPresent()) {
      member.attempts = heartbeat.attempts();
      member.digest = heartbeat.digest();
    } else if (member.digest != heartbeat.digest()) {
      member.attempts = Optional.empty();
    }
    var fresh = new ArrayList<Report>();
    for (ToJobManager.NumberedReport numbered : heartbeat.reports()) {
      if (numbered.number() > member.reportsSeen) {
        member.reportsSeen = numbered.number();
        fresh.add(numbered.report());
      }
    }
    return fresh;
  }

  long reportsSeen(TaskManagerId id) {
    return members.get(id).reportsSeen;
  }

  /** Digest of the attempts that are known; 0 asks for all of them. */
  long digest(TaskManagerId id) {
    return members.get(id).attempts.isPresent() ? members.get(id).digest : 0;
  }

  /** All attempts that it has, if they are known. */
  Optional<List<AttemptStatus>> attempts(TaskManagerId id) {
    return members.get(id).attempts;
  }
}
