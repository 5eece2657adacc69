package dev.tenon.compression.fuzz;

import dev.tenon.SaveOptions;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.recipe.Recipe;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.compression.search.Timings;
import dev.tenon.error.TenonException;
import dev.tenon.testkit.fuzz.Outcome;
import dev.tenon.testkit.fuzz.Outcome.Kind;
import dev.tenon.testkit.fuzz.Trial;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Judges recipes, checkpoints and archives by what they are for: they are refused, or do the same twice.
 *
 * @param folder for the files that are judged, which are written and removed
 */
record Oracles(Path folder) {
    private static final Samples.ArchiveLimits LIMITS = Samples.ArchiveLimits.standard()
            .maxBytes(1 << 22)
            .maxArrayBytes(1 << 21)
            .maxArrays(50);

    /** More steps would take longer than a file may. */
    private static final int MOST_STEPS = 6;

    /** Reads a recipe, and compresses a model if it has few steps, none of which measures times. */
    static Outcome recipe(byte[] file) {
        String text = new String(file, StandardCharsets.UTF_8);
        return Trial.twice(() -> {
            Recipe recipe;
            try {
                recipe = Recipes.standard().parse("fuzz", "fuzz.json", text);
            } catch (TenonException e) {
                return Trial.typed(Kind.REFUSED_AT_LOADING, e);
            }
            if (text.split("\"step\"", -1).length > MOST_STEPS + 1 || text.contains("lowrank")) {
                return new Outcome(Kind.WITHOUT_INPUTS, "", "");
            }
            try {
                Compression result = recipe.run(Inputs.compressor(), Goal.smallest(), Progress.ignored());
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                result.model().save(out, SaveOptions.standard());
                return new Outcome(Kind.RAN, "", Arrays.hashCode(out.toByteArray()) + "");
            } catch (TenonException e) {
                return Trial.typed(Kind.REFUSED_AT_RUN, e);
            }
        });
    }

    /** Scores that a recipe has kept, under the name that the file of a run has. */
    Outcome scores(String name, byte[] file) {
        return Trial.reading(() -> {
            Path state = emptied("scores");
            write(state.resolve(name), file);
            return Inputs.resumed(state);
        });
    }

    /** Decisions that low rank has kept. One that is missing is made without measuring. */
    Outcome times(String decision, byte[] file) {
        return Trial.reading(() -> {
            Path times = write(emptied("times").resolve("times.txt"), file);
            Timings.file(times).decision(Inputs.MODEL, decision, () -> "yes rank [1]: 2 -> 1 us");
            return Inputs.divided(times);
        });
    }

    /** Trials that a search has kept, under the name that the file of a run has. */
    Outcome search(String name, byte[] file) {
        return Trial.reading(() -> {
            Path state = emptied("search");
            write(state.resolve(name), file);
            return Inputs.searched(state);
        });
    }

    /** Calls of an archive of arrays. */
    Outcome archive(byte[] file) {
        return Trial.reading(() -> {
            Path path = write(emptied("archive").resolve("x.npz"), file);
            int[] hash = {0};
            Samples.npz(path, LIMITS)
                    .bind(Inputs.MODEL.inputs())
                    .forEach(call -> hash[0] = 31 * hash[0]
                            + Arrays.hashCode(call.inputs().get("x").toFloatArray()));
            return hash[0] + "";
        });
    }

    private Path emptied(String name) {
        try {
            Path part = Files.createDirectories(folder.resolve(name));
            try (var files = Files.list(part)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            return part;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(Path path, byte[] file) {
        try {
            return Files.write(path, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
