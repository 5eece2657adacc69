package dev.tenon.hub;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model in a folder that MLflow saved: which file it is, and its signature. No code of the folder runs, and nothing of it is unpickled.
 *
 * @param flavor {@code onnx}, {@code xgboost}, {@code lightgbm} or {@code catboost}
 * @param path the file of the model
 * @param inputs those of the signature; empty if there is none
 * @param outputs those of the signature; empty if there is none
 * @param runId the run that logged it
 * @see <a href="https://mlflow.org/docs/latest/ml/model/">MLflow Models</a>, where the format is described
 */
public record MlflowModel(
        String flavor, Path path, List<MlflowColumn> inputs, List<MlflowColumn> outputs, Optional<String> runId) {
    private static final String FILE = "MLmodel";
    private static final List<String> FLAVORS = List.of("onnx", "xgboost", "lightgbm", "catboost");
    private static final long LARGEST_FILE = 1 << 20;

    /** Copies the lists. */
    public MlflowModel {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * Loads the model.
     *
     * @return the model
     */
    public Model load() {
        return load(LoadOptions.standard());
    }

    /**
     * Loads the model.
     *
     * @param options how
     * @return the model
     */
    public Model load(LoadOptions options) {
        return Model.load(path, options);
    }

    static MlflowModel read(Path folder) {
        Path file = folder.resolve(FILE);
        MlflowYaml yaml = new MlflowYaml(file.toString());
        Map<String, Object> top = yaml.document(text(file));
        Map<String, Object> flavors = yaml.map(top, "flavors");
        String flavor = FLAVORS.stream()
                .filter(flavors::containsKey)
                .findFirst()
                .orElseThrow(() -> new UnsupportedModelException(
                        file.toString(),
                        "the flavours " + String.join(", ", flavors.keySet()),
                        String.join(", ", FLAVORS),
                        "log the model with one of these flavours, or export it to ONNX"));
        String data = yaml.optional(yaml.map(flavors, flavor), "data")
                .or(() -> flavors.containsKey("python_function")
                        ? yaml.optional(yaml.map(flavors, "python_function"), "data")
                        : Optional.empty())
                .orElseThrow(() -> new MalformedModelException(
                        file.toString(),
                        "no 'data' of flavour " + flavor,
                        "the name of the model's file",
                        "log the model again"));
        Map<String, Object> signature = top.get("signature") == null ? Map.of() : yaml.map(top, "signature");
        return new MlflowModel(
                flavor,
                inside(folder, data, file),
                yaml.columns(signature, "inputs"),
                yaml.columns(signature, "outputs"),
                yaml.optional(top, "run_id"));
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new MalformedModelException(
                        file.toString(),
                        Files.size(file) + " bytes",
                        "at most " + LARGEST_FILE,
                        "check that it is of MLflow");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new ModelFileException(
                    file.toString(),
                    e.toString(),
                    "a text in UTF-8",
                    "name the folder that mlflow.MODEL.save_model made",
                    e);
        }
    }

    private static Path inside(Path folder, String data, Path file) {
        if (data.endsWith(".pkl") || data.endsWith(".pickle")) {
            throw new UnsupportedModelException(
                    file.toString(),
                    "'" + data + "', a pickle of Python, which is a program",
                    "files that XGBoost, LightGBM, CatBoost or ONNX write",
                    "log the booster itself: model.get_booster() of XGBoost, model.booster_ of LightGBM");
        }
        try {
            Path root = folder.toRealPath();
            boolean isSpelled = !data.contains("\\")
                    && !data.contains(":")
                    && !Path.of(data).isAbsolute();
            Path real = isSpelled ? root.resolve(data).toRealPath() : null;
            if (real == null || !real.startsWith(root) || real.equals(root)) {
                throw new ModelFileException(
                        file.toString(),
                        "'" + data + "', which leads out of the folder",
                        "a path in the folder",
                        "copy the file into the folder");
            }
            return folder.resolve(data).normalize();
        } catch (IOException | InvalidPathException e) {
            throw new ModelFileException(
                    file.toString(),
                    "'" + data + "': " + e,
                    "a path of a file in the folder",
                    "copy the whole folder",
                    e);
        }
    }
}
