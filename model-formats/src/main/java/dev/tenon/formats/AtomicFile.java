package dev.tenon.formats;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes a file beside its final place and moves it there when it is complete. A failure leaves the old file as it was.
 * A reader of the old file goes on reading it, even if it is mapped, and even if it is the model that is written.
 *
 * <p>Only regular files are replaced. A device or a pipe stays: it gets the content when it is complete, and a pipe waits for its
 * reader. A folder is refused. A symbolic link stays, and the file that it leads to is replaced or made.
 */
public final class AtomicFile {
    /** More links than any system follows. */
    private static final int MOST_LINKS = 64;

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
         * @param part where to make it: a path that no other file has, beside the final place if that is a regular file
         * @throws IOException if it can't be made
         */
        void make(Path part) throws IOException;
    }

    /**
     * Makes or replaces a file. A symbolic link is followed.
     *
     * @param path the file; a device or a pipe is written to
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
     * Makes or replaces a file with a text in UTF-8. A symbolic link is followed.
     *
     * @param path the file; a device or a pipe is written to
     * @param text its new content
     * @throws ModelFileException if it can't be written
     */
    public static void writeText(Path path, String text) {
        write(path, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    /**
     * Makes or replaces a file by a maker that wants a path. A symbolic link is followed.
     *
     * @param path the file; a device or a pipe is written to
     * @param ending the end of the name under which it is made, such as {@code .onnx}
     * @param maker makes it
     * @throws ModelFileException if it can't be written
     */
    public static void make(Path path, String ending, Maker maker) {
        try {
            if (Files.isDirectory(path)) {
                throw new ModelFileException(
                        path.toString(), "a folder", "a file, a device or a pipe", "name a file in it");
            }
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                pass(path, ending, maker);
            } else {
                replace(path, ending, maker);
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

    private static void replace(Path path, String ending, Maker maker) throws IOException {
        Path target = Files.exists(path) ? path.toRealPath() : target(path.toAbsolutePath());
        Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ending);
        try {
            maker.make(part);
            move(part, target);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** The place where a file does not exist yet, at the end of all links. */
    private static Path target(Path path) throws IOException {
        Path target = path;
        for (int i = 0; Files.isSymbolicLink(target); i++) {
            if (i == MOST_LINKS) {
                throw new IOException("links that lead to each other");
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        return target;
    }

    /** Makes a file elsewhere, and hands its bytes to what is not a regular file. */
    private static void pass(Path path, String ending, Maker maker) throws IOException {
        Path folder = Files.createTempDirectory("tenon");
        Path part = folder.resolve("file" + ending);
        try {
            maker.make(part);
            if (files(folder).size() > 1) {
                throw new ModelFileException(
                        path.toString(),
                        "not a regular file",
                        "a regular file, because the model has a second file beside it",
                        "name a file in a folder");
            }
            try (OutputStream out = Files.newOutputStream(path, StandardOpenOption.WRITE)) {
                Files.copy(part, out);
            }
        } finally {
            for (Path file : files(folder)) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
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
