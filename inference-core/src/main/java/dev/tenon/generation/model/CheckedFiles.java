package dev.tenon.generation.model;

import dev.tenon.LoadOptions;
import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;

/**
 * Opens the files with the tokenizer and the settings of a model. If {@link LoadOptions#sha256} has checksums, each is compared before
 * anything is read of it, and a file without one is refused. For one thread.
 */
final class CheckedFiles implements Function<Path, ModelBytes> {
    private static final String ONE_FILE = "";

    private final Path given;
    private final LoadOptions options;
    private final Map<Path, ModelBytes> opened = new HashMap<>();

    /** For the path that the caller gave. */
    CheckedFiles(Path given, LoadOptions options) {
        this.given = given;
        this.options = options;
    }

    /**
     * Opens a file, or takes it as it was opened before.
     *
     * @throws ModelFileException if it can't be read, or has no checksum where there are some
     * @throws dev.tenon.formats.ChecksumException if it has another checksum
     */
    @Override
    public ModelBytes apply(Path file) {
        ModelBytes bytes = opened.get(file);
        if (bytes == null) {
            bytes = options.isCopied()
                    ? ModelBytes.copy(file, options.limits())
                    : ModelBytes.map(file, options.limits());
            compare(file, bytes);
            opened.put(file, bytes);
        }
        return bytes;
    }

    private void compare(Path file, ModelBytes bytes) {
        Map<String, String> checksums = options.sha256();
        if (checksums.isEmpty()) {
            return;
        }
        boolean isWhole = checksums.containsKey(ONE_FILE) && file.equals(given);
        String name = name(file);
        String expected = checksums.get(isWhole ? ONE_FILE : name);
        if (expected == null) {
            throw new ModelFileException(
                    "file '" + name + "'",
                    "no checksum for it in LoadOptions.sha256",
                    checksums.containsKey(ONE_FILE) ? "a model in one file" : String.join(", ", checksums.keySet()),
                    "if the file belongs to the model, add its name and SHA-256 to LoadOptions.sha256 of a map");
        }
        WorkLimits limits = WorkLimits.of(
                options.timeLimit(), options.maxOperations(), "LoadOptions.timeLimit", "LoadOptions.maxOperations");
        WorkBudget.started("comparing checksums of " + name, limits).run(() -> {
            bytes.requireSha256(expected);
            return null;
        });
    }

    /** The name of a file among the checksums: its path relative to the folder that was given, or to that of the file that was. */
    private String name(Path file) {
        Path from = given.toAbsolutePath().normalize();
        Path folder = Files.isDirectory(given) ? from : from.getParent();
        StringJoiner name = new StringJoiner("/");
        folder.relativize(file.toAbsolutePath().normalize()).forEach(part -> name.add(part.toString()));
        return name.toString();
    }
}
