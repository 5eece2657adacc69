package dev.tenon.samples.serve;

import dev.tenon.serving.versions.Trial;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The folder from which clients may load models: {@code NAME/VERSION/model.onnx}. The calls that a version must answer before it
 * is ready are in {@code trial.json} beside it, or one folder up for all versions of a model; {@link TrialReader} tells what it
 * has. Names come from clients, so they are letters, digits, dots, dashes and underscores, and no link may lead out of the folder.
 * Safe for any number of threads.
 */
final class Repository {
    /** No name is hidden, and none leads upwards. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    /** The bytes of a model tell its format; the ending is for people. */
    private static final List<String> FILES =
            List.of("model.onnx", "model.tenon", "model.json", "model.ubj", "model.txt");

    private static final String TRIAL = "trial.json";
    private static final String VERSION = "version";

    private final Path root;

    /**
     * A version in the folder.
     *
     * @param name the name of the model
     * @param version the version
     */
    record Version(String name, String version) {}

    /** The models in a folder. */
    Repository(Path root) {
        this.root = root;
    }

    /**
     * The version that a client asks for.
     *
     * @param parameters the parameters of its request
     * @param ignored the names of parameters that change nothing here
     * @return the version, empty if it names none
     */
    static Optional<String> version(Map<String, Object> parameters, Set<String> ignored) {
        for (String name : parameters.keySet()) {
            if (!name.equals(VERSION) && !ignored.contains(name)) {
                throw RequestException.bad("there is no parameter '" + name + "'; allowed is " + VERSION
                        + ". What a model is made of comes from the folder of the server alone");
            }
        }
        Object version = parameters.get(VERSION);
        if (version != null && !(version instanceof String) && !(version instanceof Long)) {
            throw RequestException.bad(
                    "the parameter version is " + version + "; allowed are strings and whole numbers");
        }
        return Optional.ofNullable(version).map(String::valueOf);
    }

    /** All versions in the folder that can be loaded: models by name, and versions by number or name. */
    List<Version> versions() {
        List<Version> all = new ArrayList<>();
        for (String name : names(root)) {
            if (!isInside(root.resolve(name))) {
                continue;
            }
            for (String version : names(root.resolve(name))) {
                if (FILES.stream().anyMatch(file -> isInside(root.resolve(name, version, file)))) {
                    all.add(new Version(name, version));
                }
            }
        }
        return all;
    }

    /** The version that a client asks for, or the one with the largest number. */
    Version find(String name, Optional<String> version) {
        check("model", name);
        version.ifPresent(v -> check(VERSION, v));
        Path folder = root.resolve(name);
        if (!Files.isDirectory(folder)) {
            throw new RequestException(Failure.NOT_FOUND, "the repository has no model '" + name + "'");
        }
        List<String> found = names(folder);
        String wanted = version.orElseGet(() -> found.stream()
                .filter(v -> NUMBER.matcher(v).matches())
                .reduce((a, b) -> b)
                .orElse(""));
        if (!found.contains(wanted)) {
            String missing = wanted.isEmpty() ? "version that is a number" : "version '" + wanted + "'";
            throw new RequestException(
                    Failure.NOT_FOUND,
                    "the repository has no " + missing + " of model '" + name + "'; it has " + found);
        }
        return new Version(name, wanted);
    }

    /** The file of a version. */
    Path file(Version version) {
        Path folder = root.resolve(version.name(), version.version());
        for (String file : FILES) {
            if (Files.exists(folder.resolve(file))) {
                return inside(folder.resolve(file));
            }
        }
        throw new RequestException(
                Failure.NOT_FOUND,
                "version '" + version.version() + "' of model '" + version.name() + "' has no file; allowed is one of "
                        + FILES);
    }

    /** The calls that a version must answer. */
    Trial trial(Version version) {
        for (Path folder : List.of(root.resolve(version.name(), version.version()), root.resolve(version.name()))) {
            if (Files.exists(folder.resolve(TRIAL))) {
                return TrialReader.read(inside(folder.resolve(TRIAL)));
            }
        }
        return Trial.none();
    }

    /** A message about a file in the folder, without the place of the folder, which is no concern of clients. */
    String withoutRoot(String message) {
        Set<String> places = new LinkedHashSet<>();
        try {
            places.add(root.toRealPath().toString());
        } catch (IOException e) {
            // A folder that is gone has no real path.
        }
        places.add(root.toAbsolutePath().toString());
        places.add(root.toAbsolutePath().normalize().toString());
        String text = message;
        for (String place : places) {
            text = text.replace(place + root.getFileSystem().getSeparator(), "").replace(place, "the repository");
        }
        return text;
    }

    private static void check(String thing, String name) {
        if (!NAME.matcher(name).matches() || name.equals(ServedModels.LATEST)) {
            throw RequestException.bad("the name of a " + thing + " is '" + name
                    + "'; allowed are up to 128 letters, digits, dots, dashes and underscores that begin with a letter"
                    + " or a digit, and are not " + ServedModels.LATEST);
        }
    }

    /** Whether there is a file, in the folder. */
    private boolean isInside(Path file) {
        try {
            return file.toRealPath().startsWith(root.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /** The real place of a file, which is in the folder. */
    private Path inside(Path file) {
        try {
            Path real = file.toRealPath();
            if (!real.startsWith(root.toRealPath())) {
                throw new RequestException(
                        Failure.FORBIDDEN,
                        "'" + root.relativize(file) + "' links to a place outside of the repository");
            }
            return real;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The names of folders in a folder that a client may ask for, numbers in their order before others. */
    private List<String> names(Path folder) {
        Set<String> names = new TreeSet<>(
                Comparator.comparingLong((String n) -> NUMBER.matcher(n).matches() ? Long.parseLong(n) : Long.MAX_VALUE)
                        .thenComparing(Comparator.naturalOrder()));
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(inside(folder), Files::isDirectory)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (NAME.matcher(name).matches() && !name.equals(ServedModels.LATEST)) {
                    names.add(name);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw unreadable(folder, e.getCause());
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
        return List.copyOf(names);
    }

    private RequestException unreadable(Path place, IOException e) {
        System.getLogger("dev.tenon.samples.serve")
                .log(System.Logger.Level.WARNING, "the repository can't be read: " + e);
        String thing = place.equals(root) ? "the repository" : "'" + root.relativize(place) + "' of the repository";
        return new RequestException(Failure.NOT_FOUND, thing + " can't be read; the log says why");
    }
}
