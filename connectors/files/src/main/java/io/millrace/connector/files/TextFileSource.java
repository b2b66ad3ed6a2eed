package io.millrace.connector.files;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Lines of UTF-8 text files: one file, the files of a directory (not of those below it), or all
 * that a glob matches. Names that begin with {@code _} or {@code .} are skipped unless named in
 * full. Lines end with LF or CRLF. Large files are read in parts by several readers; files ending
 * in {@code .gz} by one each. Files must not change while a job reads them.
 */
public final class TextFileSource implements Source<String, FileSplit> {
  /** Size of a part unless told otherwise. */
  public static final long DEFAULT_SPLIT_BYTES = 64 << 20;

  /** No line may be longer than this. */
  public static final int MAX_LINE_BYTES = 64 << 20;

  private final String path;
  private final long splitBytes;

  public TextFileSource(String path) {
    this(path, DEFAULT_SPLIT_BYTES);
  }

  /**
   * @param path with or without scheme; relative to the user's home directory
   * @param splitBytes most bytes of a file that one reader takes at once
   */
  public TextFileSource(String path, long splitBytes) {
    if (splitBytes < 1) {
      throw new IllegalArgumentException("a split has at least one byte, not " + splitBytes);
    }
    this.path = Hadoop.qualified(path);
    this.splitBytes = splitBytes;
  }

  @Override
  public boolean bounded() {
    return true;
  }

  @Override
  public Class<FileSplit> splitType() {
    return FileSplit.class;
  }

  @Override
  public void validate() throws IOException {
    try (FileSystem files = Hadoop.open(new Path(path), Hadoop.impatient())) {
      InputFiles.find(files, path);
    }
  }

  @Override
  public SplitEnumerator<FileSplit> enumerator(EnumeratorContext context, Optional<byte[]> restored)
      throws IOException {
    if (restored.isPresent()) {
      return FileEnumerator.restored(restored.get());
    }
    FileSystem files = FileSystem.get(new Path(path).toUri(), Hadoop.configuration());
    return FileEnumerator.over(InputFiles.find(files, path), splitBytes, context.readers());
  }

  @Override
  public SourceReader<String, FileSplit> reader(ReaderContext context) {
    return new TextFileReader(Hadoop.configuration(), MAX_LINE_BYTES);
  }

  @Override
  public boolean blocking() {
    return true;
  }

  @Override
  public String toString() {
    return "lines of " + path;
  }
}
