package dev.tenon.serving.bulk;

import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.serving.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that holds how far a bulk run is. It is replaced as a whole. */
final class Checkpoint {
    private static final String HEAD = "tenon bulk, next item: ";
    private static final int LONGEST = 100;

    private final Path file;

    /** The path may be null: then nothing is kept. */
    Checkpoint(Path file) {
        this.file = file;
    }

    /** The item to start with, 0 if there is no file. */
    long read() {
        if (file == null) {
            return 0;
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            // A pipe would not end.
            throw new CheckpointException(
                    file.toString(), "not a regular file", "a checkpoint of Bulk", "name a file in a folder", null);
        }
        try {
            String text = Files.size(file) > LONGEST
                    ? "a file that is too long"
                    : Files.readString(file).strip();
            if (!text.startsWith(HEAD)) {
                throw damaged(text, null);
            }
            return Long.parseLong(text.substring(HEAD.length()));
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException | NumberFormatException e) {
            throw damaged(e.toString(), e);
        }
    }

    private CheckpointException damaged(String found, Exception cause) {
        return new CheckpointException(
                file.toString(), found, "a checkpoint of Bulk", "delete it to start from the first item", cause);
    }

    void write(long next) {
        if (file == null) {
            return;
        }
        try {
            AtomicFile.write(file, channel -> {
                ByteBuffer text = StandardCharsets.UTF_8.encode(HEAD + next + "\n");
                while (text.hasRemaining()) {
                    channel.write(text);
                }
                // Otherwise a machine that loses power may keep the new name, and not what the file holds.
                channel.force(true);
            });
        } catch (ModelFileException e) {
            throw new CheckpointException(
                    file.toString(), "it can't be written: " + e, null, "check the folder and its free space", e);
        }
    }
}
