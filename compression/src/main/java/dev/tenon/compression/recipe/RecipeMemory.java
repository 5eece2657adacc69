package dev.tenon.compression.recipe;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Evaluation;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.checkpoint.CheckpointFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Keeps the scores of a recipe of steps in the folder of a goal. */
final class RecipeMemory implements Compressor.Memory {
    private static final String KIND = "tenon recipe 2";
    private static final int NAME_DIGITS = 16;

    private final CheckpointFile lines;

    private RecipeMemory(CheckpointFile lines) {
        this.lines = lines;
    }

    /**
     * The memory of a recipe. The file belongs to a model, samples, metric, allowed loss, seed, and recipe.
     *
     * @param goal has the folder, which is made if it does not exist
     * @param compressor has all else
     * @param recipe a text that tells the steps and their options
     * @return the memory, which keeps nothing if no folder was given or nothing is judged
     */
    static Compressor.Memory of(Goal goal, Compressor compressor, String recipe) {
        if (goal.resume().isEmpty()
                || compressor.metric().isEmpty()
                || compressor.evaluation().isEmpty()) {
            return Compressor.Memory.none();
        }
        String key = key(compressor, recipe);
        Path folder = goal.resume().get();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CompressionException(
                    "folder " + folder, e.toString(), "a folder that can be made", "give another folder", e);
        }
        Path file = folder.resolve("recipe-" + key.substring(0, NAME_DIGITS) + ".txt");
        return new RecipeMemory(new CheckpointFile(file, KIND, "key " + key));
    }

    private static String key(Compressor compressor, String recipe) {
        Model model = compressor.model();
        Fingerprint key = new Fingerprint()
                .add(model)
                .add(compressor.seed())
                .add(recipe)
                .add(compressor.confidence().toString())
                .add(Double.doubleToLongBits(compressor.allowedLoss()));
        compressor.calibration().ifPresent(samples -> key.add(samples.bind(model.inputs())));
        return key.add(new Evaluation(
                        model,
                        compressor.evaluation().orElseThrow(),
                        compressor.metric().orElseThrow(),
                        compressor.confidence()))
                .hex();
    }

    @Override
    public Optional<String> get(String name) {
        return Optional.ofNullable(lines.get(name, Function.identity()));
    }

    @Override
    public void put(String name, String value) {
        lines.put(name, value);
    }
}
