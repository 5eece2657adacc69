package dev.tenon.compression;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.formats.AtomicFile;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The result of a compression: a model and a report.
 *
 * @param model the compressed model
 * @param report what changed, and what it cost
 */
public record Compression(Model model, CompressionReport report) {
    /**
     * The largest difference of an output after loading, as a share of the largest value. Both graphs compute the same. They may
     * be optimised in another order, which rounds in another order.
     */
    private static final double MOST_DIFFERENCE = 1e-3;

    /**
     * Saves the model as ONNX, with the operator set of the model before compression, or the least one above it that expresses
     * the result. The file appears when all is written.
     *
     * @param path the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void save(Path path) {
        model.save(path, ModelSize.Saved.of(model).options());
    }

    /**
     * Saves a model as {@link #save}, and checks the file before it appears: it is loaded again, and computes on the first
     * sample the same as the model in memory. If it does not, no file appears.
     *
     * @param model a compressed model of standard operators
     * @param path the file, made or replaced
     * @param samples inputs; without them, zeros are taken if the shapes are known but for a first dimension, and otherwise the
     *     file is only loaded
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     * @throws CompressionException if the samples do not fit, or the file does not compute the same as the model
     */
    public static void saveChecked(Model model, Path path, Optional<Samples> samples) {
        AtomicFile.make(path, ".onnx", part -> {
            model.save(part, ModelSize.Saved.of(model).options());
            check(model, part, samples);
        });
    }

    private static void check(Model model, Path file, Optional<Samples> samples) {
        // A copy, since the file is moved while the model may still be alive.
        Model loaded = Model.load(file, LoadOptions.standard().copied());
        Optional<Samples.Call> sample =
                FirstSample.of(model, samples.map(s -> s.bind(model.inputs())).orElse(null));
        if (sample.isEmpty()) {
            return;
        }
        Outputs expected = model.session().predict(sample.get().inputs());
        Outputs found = loaded.session().predict(sample.get().inputs());
        expected.forEach((name, value) -> {
            if (!isSame(value, found.get(name))) {
                throw new CompressionException(
                        "output '" + name + "' of the written file",
                        "other values than those of the model in memory",
                        "a difference of at most " + MOST_DIFFERENCE + " of the largest value",
                        "report this as an error of Tenon, with the model");
            }
        });
    }

    /** Whether outputs are the same. Those that are no tensors are compared as texts. */
    private static boolean isSame(Datum expected, Datum found) {
        if (!(expected instanceof Tensor e && found instanceof Tensor f)) {
            return expected.toString().equals(String.valueOf(found));
        }
        if (!e.type().equals(f.type())) {
            return false;
        }
        if (!e.dtype().isFloating()) {
            return new Fingerprint()
                    .add(e)
                    .hex()
                    .equals(new Fingerprint().add(f).hex());
        }
        double largest = 0;
        for (long i = 0; i < e.size(); i++) {
            double x = e.getDouble(i);
            largest = Double.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
        }
        for (long i = 0; i < e.size(); i++) {
            double x = e.getDouble(i);
            double y = f.getDouble(i);
            if (Double.compare(x, y) != 0 && !(Math.abs(x - y) <= MOST_DIFFERENCE * largest)) {
                return false;
            }
        }
        return true;
    }
}
