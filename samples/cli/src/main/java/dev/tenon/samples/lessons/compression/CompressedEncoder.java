package dev.tenon.samples.lessons.compression;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.samples.embeddings.MiniLmFiles;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The sentence encoder all-MiniLM-L6-v2, with sentences for calibration, and others that judge a result. */
final class CompressedEncoder {
    /** The first layers of the six feed-forward networks, as a selector. */
    static final String WIDE_PRODUCTS = "/.*intermediate/dense/MatMul/";

    /** Those of the first two networks. */
    static final String FIRST_WIDE_PRODUCTS = "//encoder/layer.[01]/intermediate/dense/MatMul/";

    /** That of the first network. */
    static final String FIRST_WIDE_PRODUCT = "/encoder/layer.0/intermediate/dense/MatMul";

    /** Those of three networks. */
    static final String THREE_PRODUCTS = "//encoder/layer.[024]/intermediate/dense/MatMul/";

    /** All products of the last layer. */
    static final String LAST_PRODUCTS = "//encoder/layer.5/.*/";

    private static final List<String> INPUTS = List.of("input_ids", "attention_mask", "token_type_ids");
    private static final String OUTPUT = "last_hidden_state";

    private static final List<String> CALIBRATION = List.of(
            "The train to the coast leaves at a quarter past nine.",
            "She planted three rows of beans behind the old barn.",
            "Prices of copper fell for the third week in a row.",
            "Please restart the service after you have changed its settings.",
            "How many litres of water does a tree drink in a day?",
            "The court will decide in spring whether the law may stay.",
            "A small boat drifted slowly towards the harbour.",
            "Sort the list first, then remove the duplicates.");

    private static final List<String> JUDGES = List.of(
            "A cat is sleeping on the warm windowsill.",
            "Interest rates rose by half a percentage point.",
            "How do I load an ONNX model in Java?",
            "The museum opens its new wing on Saturday morning.",
            "Heavy rain has flooded the lower part of the town.",
            "Twelve bridges cross the river between here and the sea.");

    private final Model model;
    private final Samples calibration;
    private final Samples judges;

    private CompressedEncoder(Model model, Samples calibration, Samples judges) {
        this.model = model;
        this.calibration = calibration;
        this.judges = judges;
    }

    /** Loads the model that the build has fetched. */
    static CompressedEncoder load() throws IOException {
        MiniLmFiles files = MiniLmFiles.of(MiniLmFiles.NAME);
        if (!Files.exists(files.model())) {
            throw new IOException("the lesson needs " + files.model()
                    + ", which samples/run fetches; -Dtenon.models names another folder");
        }
        Tokenizer tokenizer = files.loadTokenizer();
        Model model = Model.load(files.model());
        return new CompressedEncoder(model, samples(tokenizer, CALIBRATION), samples(tokenizer, JUDGES));
    }

    private static Samples samples(Tokenizer tokenizer, List<String> sentences) {
        return Samples.of(sentences.stream()
                .map(sentence -> tokenizer.encodeBatch(List.of(sentence)).tensors(INPUTS))
                .toList());
    }

    /** The model before compression. */
    Model model() {
        return model;
    }

    /** The cosine between the outputs of the encoder and of another model, for one sentence. */
    double cosineOfOne(Model other) {
        Map<String, Tensor> inputs =
                judges.bind(model.inputs()).first().orElseThrow().inputs();
        float[] x = model.predict(inputs).tensor(OUTPUT).toFloatArray();
        float[] y = other.predict(inputs).tensor(OUTPUT).toFloatArray();
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < x.length; i++) {
            xx += (double) x[i] * x[i];
            yy += (double) y[i] * y[i];
            xy += (double) x[i] * y[i];
        }
        return xy / Math.sqrt(xx * yy);
    }

    /** Whether a result can be saved: the file is loaded again and compared, and no file is left. */
    boolean isSavedAndLoaded(Compression result) {
        try {
            Path file = Files.createTempFile("compressed", ".onnx");
            try {
                Compression.saveChecked(result.model(), file, Optional.of(judges));
                return Files.size(file) == result.report().sizeBytes().after();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A compressor that calibrates with some sentences, and judges by the cosine of the outputs for others. It allows any loss,
     * so that a step changes all layers.
     */
    Compressor compressor() {
        return Compressor.of(model)
                .calibrate(calibration)
                .evaluate(judges, Metric.cosine())
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
    }

    /** Compresses the model by some steps, and prints a line about the result. */
    Compression compress(PrintStream out, Step... steps) {
        Compression result = compressor().apply(steps).run();
        print(result.report(), out);
        return result;
    }

    /** Prints a line about a result. */
    static void print(CompressionReport report, PrintStream out) {
        print(report, cosine(report), out);
    }

    /** Prints a line about a result, with a cosine that was measured apart. */
    static void print(CompressionReport report, double cosine, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "   %-30s %5.1f %% of the bytes, cosine %.4f%n",
                report.recipe(),
                100 * report.sizeBytes().ratio(),
                cosine);
    }

    /** The mean cosine between the outputs before and after. */
    static double cosine(CompressionReport report) {
        return report.score().map(Score::after).orElse(Double.NaN);
    }

    /** Prints whether a claim of a lesson holds, and returns it. */
    static boolean check(PrintStream out, String claim, boolean holds) {
        out.println("   " + (holds ? "right: " : "WRONG: ") + claim);
        return holds;
    }
}
