package dev.tenon.formats;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file beside its final place and moves it there when it is complete. A failure leaves the old file as it was.
 * A reader of the old file goes on reading it, even if it is mapped, and even if it is the model that is written.
 */
public final class AtomicFile {
    private AtomicFile() {}

    /** Writes the content. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of the content.
         *
         * @param channel an empty file
         * @throws IOException if writing fails
         */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Makes a file. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Makes the whole file, and checks it where that is wanted. If this fails, the final file stays as it was.
         *
         * @param part where to make it: beside the final place, under a name that no other file has
         * @throws IOException if it can't be made
         */
        void make(Path part) throws IOException;
    }

    /**
     * Makes or replaces a file. A symbolic link is followed.
     *
     * @param path the file
     * @param content its new content
     * @throws ModelFileException if it can't be written
     */
    public static void write(Path path, Content content) {
        make(path, ".part", part -> {
            try (FileChannel channel =
                    FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
            }
        });
    }

    /**
     * Makes or replaces a file by a maker that wants a path. A symbolic link is followed.
     *
     * @param path the file
     * @param ending the end of the name under which it is made, such as {@code .onnx}
     * @param maker makes it
     * @throws ModelFileException if it can't be written
     */
    public static void make(Path path, String ending, Maker maker) {
        try {
            Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ending);
            try {
                maker.make(part);
                move(part, target);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new ModelFileException(
                    path.toString(),
                    e.toString(),
                    "a file that can be written",
                    "check folder, permissions and space",
                    e);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
