package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.AtomicFile;
import dev.tenon.formats.ModelFileException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file beside a model that holds its large tensors.
 *
 * <p>A model and this file can't be replaced in one step. So the file gets a name that no file has yet, and the model
 * is replaced last. Until then, the old model finds its old tensors. After that, the old file is deleted. A reader that
 * opened the old model finds its old tensors or none, and never the new ones.
 *
 * <p>The names for {@code m.onnx} are {@code m.onnx.data}, {@code m.onnx.2.data} and so on. Files of such names belong
 * to the model. Two writers must not write one model at the same time.
 */
public final class ExternalDataFile {
    private final Path model;
    private final int number;

    private ExternalDataFile(Path model, int number) {
        this.model = model;
        this.number = number;
    }

    /**
     * A file beside a model that does not exist yet.
     *
     * @param model the path of the model
     * @return the file
     */
    public static ExternalDataFile beside(Path model) {
        int number = 1;
        while (Files.exists(path(model, number), LinkOption.NOFOLLOW_LINKS)) {
            number++;
        }
        return new ExternalDataFile(model, number);
    }

    private static Path path(Path model, int number) {
        return model.resolveSibling(model.getFileName() + (number == 1 ? "" : "." + number) + ".data");
    }

    /** {@return the path of the file, relative to the folder of the model} */
    public String location() {
        return String.valueOf(path(model, number).getFileName());
    }

    /**
     * Writes the file, then the model, and deletes older files of the model.
     *
     * @param tensors the content of the file
     * @param content the content of the model file
     * @throws ModelFileException if they can't be written; the old model is as it was
     */
    public void write(ExternalTensors tensors, AtomicFile.Content content) {
        Path path = path(model, number);
        if (Files.exists(model) && !Files.isRegularFile(model)) {
            throw new ModelFileException(
                    model.toString(),
                    "not a regular file",
                    "a regular file, because the model has a second file beside it",
                    "name a file in a folder");
        }
        try {
            Files.createFile(path);
        } catch (IOException e) {
            throw unwritable(path, e);
        }
        boolean complete = false;
        try {
            fill(path, tensors);
            AtomicFile.write(model, content);
            complete = true;
        } finally {
            if (complete) {
                deleteOthers();
            } else {
                delete(path);
            }
        }
    }

    private static void fill(Path path, ExternalTensors tensors) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            tensors.writeTo(channel);
        } catch (IOException e) {
            throw unwritable(path, e);
        }
    }

    private static ModelFileException unwritable(Path path, IOException e) {
        return new ModelFileException(
                path.toString(), e.toString(), "a file that can be written", "check folder, permissions and space", e);
    }

    private void deleteOthers() {
        for (int i = 1; i <= number || Files.exists(path(model, i), LinkOption.NOFOLLOW_LINKS); i++) {
            if (i != number) {
                delete(path(model, i));
            }
        }
    }

    /** A file that some systems keep, because it is mapped, is deleted by a later write. */
    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.getLogger("dev.tenon").log(System.Logger.Level.DEBUG, "old external data stays: " + path, e);
        }
    }
}
