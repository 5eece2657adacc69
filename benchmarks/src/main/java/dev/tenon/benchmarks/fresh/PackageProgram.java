package dev.tenon.benchmarks.fresh;

import dev.tenon.Model;
import dev.tenon.Session;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Saves a package of a model, planned for one sentence. It is a program of its own, so that the parent process stays
 * cold.
 */
public final class PackageProgram {
    private PackageProgram() {}

    /**
     * Saves a package.
     *
     * @param arguments the file of the model, the file of the package, and the tokens of the sentence
     */
    public static void main(String[] arguments) {
        long tokens = Long.parseLong(arguments[2]);
        Session session = Model.load(Path.of(arguments[0])).session();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        session.model().inputs().forEach(input -> shapes.put(input.name(), new long[] {1, tokens}));
        session.warmUp(shapes).save(Path.of(arguments[1]));
    }
}
