package dev.tenon.compression.checkpoint;

import dev.tenon.compression.CompressionException;
import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ModelBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A small text file of named values. Its first line tells its kind, its second line what the values belong to, and each further
 * line is a name, a tab, and a value. The file is replaced as a whole, so that it is complete at any time.
 */
public final class CheckpointFile {
    private final Path file;
    private final String kind;
    private final String owner;
    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * The lines of a file, or none if the file does not exist.
     *
     * @param file the file; null to keep lines in memory only
     * @param kind the kind of the file
     * @param owner what the values belong to
     * @throws CompressionException if the file can't be read, is no such file, or its values belong to something else
     */
    public CheckpointFile(Path file, String kind, String owner) {
        this.file = file;
        this.kind = kind;
        this.owner = owner;
        if (file != null && Files.exists(file)) {
            ModelBytes.guarded(file.toString(), () -> {
                read();
                return values;
            });
        }
    }

    /**
     * Makes a folder if it does not exist.
     *
     * @param folder the folder
     * @return the same folder
     * @throws CompressionException if it can't be made
     */
    public static Path folder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CompressionException(
                    "folder " + folder, e.toString(), "a folder that can be made", "give another folder", e);
        }
    }

    private void read() {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
        if (lines.size() < 2 || !lines.get(0).equals(kind)) {
            throw new CompressionException(
                    file.toString(),
                    "no line '" + kind + "'",
                    "a file that an earlier run has written",
                    "give another file");
        }
        if (!lines.get(1).equals(owner)) {
            throw new CompressionException(
                    file.toString(), "values of " + lines.get(1), "values of " + owner, "give another file");
        }
        for (String line : lines.subList(2, lines.size())) {
            int tab = line.indexOf('\t');
            if (tab < 0) {
                throw new CompressionException(
                        file.toString(), "the line '" + line + "'", "a name, a tab and a value", "remove the line");
            }
            values.put(line.substring(0, tab), line.substring(tab + 1));
        }
    }

    /**
     * The value of a name.
     *
     * @param name the name
     * @param parser makes the value of its text; it throws IllegalArgumentException if the text is damaged
     * @param <T> the type of the value
     * @return the value; null if there is none
     * @throws CompressionException if the text is damaged
     */
    public <T> T get(String name, Function<String, T> parser) {
        String value = values.get(name);
        try {
            return value == null ? null : parser.apply(value);
        } catch (IllegalArgumentException e) {
            throw new CompressionException(
                    (file == null ? kind : file.toString()) + ", line of " + name,
                    e.getMessage(),
                    "a line that an earlier run has written",
                    "remove the line",
                    e);
        }
    }

    /**
     * Sets a value, and writes the file if there is one; its folder is made if it does not exist.
     *
     * @param name the name, without tabs and line breaks
     * @param value the value, without line breaks
     * @throws dev.tenon.formats.ModelFileException if the file can't be written
     */
    public void put(String name, String value) {
        values.put(name, value);
        if (file == null) {
            return;
        }
        if (file.getParent() != null) {
            folder(file.getParent());
        }
        StringBuilder text = new StringBuilder();
        text.append(kind).append('\n').append(owner).append('\n');
        values.forEach((n, v) -> text.append(n).append('\t').append(v).append('\n'));
        AtomicFile.write(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }
}
