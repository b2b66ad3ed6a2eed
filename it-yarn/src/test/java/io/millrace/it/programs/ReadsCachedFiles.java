package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Numbers with what stands in two files that came with the job; fails once. Arguments: the two
 * files, where to write.
 */
public final class ReadsCachedFiles {
  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.registerCachedFile(words[0], "travels", true).registerCachedFile(words[1], "stays");
    env.fromSequence(1, 3).map(new Read()).writeAsText(words[2]);
    env.execute("Cached files");
  }

  private static final class Read extends RichMapFunction<Long, String> {
    private transient String content;

    @Override
    public void open(OpenContext context) throws IOException {
      content = describe("travels") + ", " + describe("stays");
    }

    private String describe(String name) throws IOException {
      Path file = getRuntimeContext().getDistributedCache().getFile(name).toPath();
      String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
      return file.getFileName() + " " + permissions + " " + Files.readString(file);
    }

    @Override
    public String map(Long number) {
      int attempt = getRuntimeContext().getAttemptNumber();
      if (attempt == 0 && number == 2) {
        throw new IllegalStateException("at the first attempt");
      }
      return number + ": " + content + ", attempt " + attempt;
    }
  }

  private ReadsCachedFiles() {}
}
