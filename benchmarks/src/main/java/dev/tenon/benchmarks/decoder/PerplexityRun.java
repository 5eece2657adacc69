package dev.tenon.benchmarks.decoder;

import dev.tenon.Precision;
import dev.tenon.benchmarks.engine.LlamaCpp;
import dev.tenon.formats.npy.Npy;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Compares the perplexity of a decoder in each form of GGUF with that by llama.cpp, which makes the files. Tenon runs each file
 * twice: with the activations of the model, and rounded to blocks of bytes, as llama.cpp rounds them. Keys and values are
 * float32 in both.
 */
public final class PerplexityRun {
    /** The name of the run. */
    public static final String NAME = "perplexity";

    /** The most that a perplexity may differ from llama.cpp's, as a share of it. */
    private static final double MOST = 0.003;

    private static final double PERCENT = 100;

    /** The forms, with llama.cpp's numbers for them. */
    private enum Form {
        F32(0),
        F16(1),
        BF16(32),
        Q8_0(7),
        Q6_K(18),
        Q5_K_M(17),
        Q5_1(9),
        Q5_0(8),
        Q4_K_M(15),
        Q4_1(3),
        Q4_0(2);

        private final int number;

        Form(int number) {
            this.number = number;
        }

        private boolean isRounded() {
            return number != F32.number && number != F16.number && number != BF16.number;
        }
    }

    /** An engine that gives the logits of all tokens of a sample. */
    @FunctionalInterface
    private interface Engine {
        float[] logits(int[] ids);
    }

    private PerplexityRun() {}

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "The perplexity of each form of GGUF, beside llama.cpp.")
                .spaced()
                .arguments(
                        "FOLDER [FORM...]",
                        "a folder with model.gguf in float32 and tokens.npy, int64 [samples, tokens]")
                .flag("fetches llama.cpp by npm", "--llama")
                .exit(1, "failure, or a perplexity differs by more than 0.3 %")
                .example("benchmarks/run " + NAME + " --llama target/models/decoders/bytes");
    }

    /**
     * Runs it.
     *
     * @param out receives the table
     * @param words the name of the run, a folder and perhaps forms
     * @return whether all perplexities are near
     * @throws IOException if a file can't be read or written
     * @throws IllegalArgumentException if the folder or a form is missing, or llama.cpp can't be called
     */
    public static boolean run(PrintStream out, String... words) throws IOException {
        if (words.length < 2) {
            throw new IllegalArgumentException(usage().synopsis());
        }
        String absence = LlamaCpp.absence(LlamaCpp.fetched());
        if (absence != null) {
            throw new IllegalArgumentException("llama.cpp cannot be called: " + absence);
        }
        List<Form> forms = words.length == 2
                ? List.of(Form.values())
                : Stream.of(words).skip(2).map(Form::valueOf).toList();
        Path model = Path.of(words[1], "model.gguf");
        Tensor tokens = Npy.read(Path.of(words[1], "tokens.npy"));
        LlamaCpp llama = new LlamaCpp(LlamaCpp.fetched());
        out.println(Machine.describe());
        out.println(llama);
        out.printf(Locale.ROOT, "%d samples of %d tokens%n", tokens.dim(0), tokens.dim(1));
        out.println("form    llama.cpp      Tenon  difference  Tenon, activations rounded  difference");
        boolean good = true;
        for (Form form : forms) {
            Path file = Files.createTempFile(form.name(), ".gguf");
            try {
                llama.quantize(model, file, form.number, false);
                good &= measure(out, llama, form, file, tokens);
            } finally {
                Files.deleteIfExists(file);
            }
        }
        return good;
    }

    private static boolean measure(PrintStream out, LlamaCpp llama, Form form, Path file, Tensor tokens) {
        int length = Math.toIntExact(tokens.dim(1));
        double expected;
        try (LlamaCpp.Decoder peer = llama.load(file, 1, length, 1, true)) {
            expected = perplexity(tokens, ids -> peer.step(ids, 0, true));
        }
        double exact = perplexity(file, tokens, Precision.FP32);
        double difference = exact / expected - 1;
        out.printf(Locale.ROOT, "%-7s %9.4f  %9.4f  %8.3f %%", form, expected, exact, PERCENT * difference);
        double most = Math.abs(difference);
        if (form.isRounded()) {
            double rounded = perplexity(file, tokens, Precision.INT8_DYNAMIC);
            out.printf(Locale.ROOT, "  %26.4f  %8.3f %%", rounded, PERCENT * (rounded / expected - 1));
            most = Math.max(most, Math.abs(rounded / expected - 1));
        }
        out.println(most <= MOST ? "" : "  more than " + PERCENT * MOST + " %");
        out.flush();
        return most <= MOST;
    }

    private static double perplexity(Path file, Tensor tokens, Precision precision) {
        int length = Math.toIntExact(tokens.dim(1));
        try (TenonDecoder decoder = new TenonDecoder(file, 1, length, DType.FLOAT32, precision)) {
            return perplexity(tokens, ids -> decoder.step(ids, 0, true));
        }
    }

    /** The perplexity of all tokens but the first of each sample. */
    private static double perplexity(Tensor tokens, Engine engine) {
        int length = Math.toIntExact(tokens.dim(1));
        double sum = 0;
        for (int sample = 0; sample < tokens.dim(0); sample++) {
            int[] ids = new int[length];
            for (int i = 0; i < length; i++) {
                ids[i] = (int) tokens.getLong((long) sample * length + i);
            }
            float[] logits = engine.logits(ids);
            int width = logits.length / length;
            for (int i = 0; i + 1 < length; i++) {
                sum += loss(Arrays.copyOfRange(logits, i * width, (i + 1) * width), ids[i + 1]);
            }
        }
        return Math.exp(sum / (tokens.dim(0) * (length - 1)));
    }

    private static double loss(float[] logits, int label) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - most);
        }
        return most + Math.log(sum) - logits[label];
    }
}
